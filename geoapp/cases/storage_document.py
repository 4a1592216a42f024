"""Documents of cases in the register: numbered by kind, district and year."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from geoapp.cases.storage import Connection, next_id
from geoapp.cases.storage_tables import DOCUMENT


@dataclass(frozen=True, slots=True)
class CaseDocument:
    """A document of a case.

    Attributes:
        event: Place of the event that it belongs to.
        kind: As the tracks name it, such as ``urging_notice``.
        number: As it stands on the paper.
        sha256: Where its bytes lie among the attachments.
    """

    id: int
    case: int
    event: int
    kind: str
    number: str
    no_unit: str
    no_year: int
    no_serial: int
    sha256: str
    name: str
    media: str
    size: int


def next_document_serial(connection: Connection, kind: str, unit: str, year: int) -> int:
    """Give the next running number of a kind of document in a district and year."""
    query = sa.select(sa.func.coalesce(sa.func.max(DOCUMENT.c.no_serial), 0)).where(
        DOCUMENT.c.kind == kind, DOCUMENT.c.no_unit == unit, DOCUMENT.c.no_year == year
    )
    return int(connection.scalar(query) or 0) + 1


def insert_document(connection: Connection, document: dict[str, Any]) -> CaseDocument:
    """Add a document; everything but its id is given."""
    row = {"id": next_id(connection, DOCUMENT), **document}
    connection.execute(sa.insert(DOCUMENT).values(row))
    return CaseDocument(**row)


def read_documents(connection: Connection, case: int) -> list[CaseDocument]:
    """Read the documents of a case, oldest first."""
    query = sa.select(DOCUMENT).where(DOCUMENT.c.case == case).order_by(DOCUMENT.c.id)
    return [CaseDocument(**row) for row in connection.execute(query).mappings()]
