"""Photos and other evidence of cases in the register."""

from dataclasses import asdict, dataclass

import sqlalchemy as sa

from geoapp.cases.storage import Connection, next_id
from geoapp.cases.storage_tables import EVIDENCE


@dataclass(frozen=True, slots=True)
class Evidence:
    """One photo or document, as evidence of a case.

    Attributes:
        sha256: Where its bytes lie among the attachments.
        role: ``before``, ``after``, ``scene`` or ``document``.
        taken_at: Local time that the device wrote, ISO text; ``""`` where it wrote none.
        longitude: Where the device says it was, ``None`` where it does not.
        bearing: Direction of the lens, degrees from north.
    """

    id: int
    case: int
    sha256: str
    role: str
    media: str
    name: str
    size: int
    taken_at: str
    longitude: float | None
    latitude: float | None
    bearing: float | None
    device: str
    added_at: str
    added_by: str
    caption: str


def next_evidence_id(connection: Connection) -> int:
    """Give the next free id."""
    return next_id(connection, EVIDENCE)


def insert_evidence(connection: Connection, evidence: list[Evidence]) -> None:
    """Add evidence."""
    if evidence:
        connection.execute(sa.insert(EVIDENCE), [asdict(item) for item in evidence])


def read_evidence(connection: Connection, case: int) -> list[Evidence]:
    """Read the evidence of a case, oldest first."""
    query = sa.select(EVIDENCE).where(EVIDENCE.c.case == case).order_by(EVIDENCE.c.id)
    return [Evidence(**row) for row in connection.execute(query).mappings()]


def find_evidence(connection: Connection, evidence: int) -> Evidence | None:
    """Find one piece by its id."""
    query = sa.select(EVIDENCE).where(EVIDENCE.c.id == evidence)
    row = connection.execute(query).mappings().first()
    return None if row is None else Evidence(**row)


def find_uses(connection: Connection, sha256: str) -> list[int]:
    """Find the cases that hold the very same bytes."""
    query = sa.select(EVIDENCE.c.case).where(EVIDENCE.c.sha256 == sha256).order_by(EVIDENCE.c.case)
    return list(connection.execute(query).scalars())


def count_evidence(connection: Connection, case: int, role: str) -> int:
    """Count the pieces of a role that a case has."""
    query = sa.select(sa.func.count()).where(EVIDENCE.c.case == case, EVIDENCE.c.role == role)
    return int(connection.scalar(query) or 0)
