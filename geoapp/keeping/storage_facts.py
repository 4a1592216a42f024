"""What a register says about files and about itself, read without changing anything."""

from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from geoapp.cases.event import FIRST_HASH, ChainFault
from geoapp.cases.storage_event import find_chain_fault, find_head, find_unequal_cases
from geoapp.cases.storage_tables import DOCUMENT, EVIDENCE
from geoapp.cases.storage_tip import TIP
from geoapp.catalog.audit import AuditState, check_chain
from geoapp.catalog.storage import CURRENT, SNAPSHOT
from geoapp.catalog.storage_audit import iter_entries
from geoapp.compliance.storage import SAVED
from geoapp.database.engine import reading
from geoapp.errors import ConflictError

Engine = sa.Engine
REGISTER_FAULTS: Final = (ConflictError, SQLAlchemyError)
_HASH: Final = "sha256"


@dataclass(frozen=True, slots=True)
class CasesState:
    """The chain of the cases, and cases that are not what their events make of them."""

    head: str
    fault: ChainFault | None
    unequal: tuple[int, ...]


def read_digests(engine: sa.Engine) -> dict[tuple[str, str], str]:
    """Map every recorded snapshot, as layer and name, to the hash of its features."""
    with reading(engine) as connection:
        rows = connection.execute(sa.select(SNAPSHOT.c.layer, SNAPSHOT.c.name, SNAPSHOT.c.digest))
        return {(row.layer, row.name): row.digest for row in rows}


def read_current(engine: sa.Engine) -> dict[str, str]:
    """Map layers to their current snapshots."""
    with reading(engine) as connection:
        rows = connection.execute(sa.select(CURRENT.c.layer, CURRENT.c.name))
        return {row.layer: row.name for row in rows}


def read_attached(engine: sa.Engine) -> dict[str, str]:
    """Map the hash of every photo and document of a case or tip to what it belongs to."""
    with reading(engine) as connection:
        found = {}
        for table in (EVIDENCE, DOCUMENT):
            for row in connection.execute(sa.select(table.c.sha256, table.c.case)):
                found[row.sha256] = f"case/{row.case}"
        for row in connection.execute(sa.select(TIP.c.sha256, TIP.c.id).where(TIP.c.sha256 != "")):
            found.setdefault(row.sha256, f"tip/{row.id}")
        return found


def read_named_hashes(engine: sa.Engine) -> set[str]:
    """Give every hash that stands in any table: what one of them names is no orphan."""
    with reading(engine) as connection:
        tables = sa.MetaData()
        tables.reflect(connection)
        found: set[str] = set()
        for table in tables.sorted_tables:
            for column in table.columns:
                if column.name.endswith(_HASH):
                    found.update(connection.execute(sa.select(column)).scalars())
        return found


def check_audit(engine: sa.Engine) -> AuditState:
    """Check the chain of the audit trail."""
    with reading(engine) as connection:
        return check_chain(iter_entries(connection))


def check_cases(engine: sa.Engine) -> CasesState:
    """Check the chain of the cases, and every case against its own events."""
    with reading(engine) as connection:
        _, head = find_head(connection)
        fault = find_chain_fault(connection)
        return CasesState(head, fault, tuple(find_unequal_cases(connection)))


def read_case_head(engine: sa.Engine) -> str:
    """Give the hash of the newest event of the cases; zeros where there is none."""
    with reading(engine) as connection:
        return find_head(connection)[1] or FIRST_HASH


def list_serials(engine: sa.Engine) -> list[str]:
    """List the serials of all stored checks."""
    with reading(engine) as connection:
        query = sa.select(SAVED.c.serial).order_by(SAVED.c.year, SAVED.c.number)
        return list(connection.execute(query).scalars())


def find_page_faults(engine: sa.Engine) -> list[str]:
    """Ask SQLite whether its file is whole; the server of PostgreSQL answers for its own."""
    if engine.dialect.name != "sqlite":
        return []
    with reading(engine) as connection:
        said = connection.exec_driver_sql("PRAGMA integrity_check(20)").scalars().all()
        lost = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    faults = [str(line) for line in said if line != "ok"]
    return faults + [f"{row[0]} {row[1]} → {row[2]}" for row in lost[:20]]
