"""Patches and their batches in the register."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

import sqlalchemy as sa

from geoapp.cases.case import Units
from geoapp.cases.event import canonical_text
from geoapp.cases.patch import Batch, Patch, PatchFilter, PatchPage, read_verdicts
from geoapp.cases.storage import Connection, next_id, to_area, to_hundredths
from geoapp.cases.storage_tables import CASE, PATCH, PATCH_BATCH
from geoapp.cases.track import stages_of_kind

_UNIT_COLUMNS: Final = {6: PATCH.c.district, 9: PATCH.c.township, 12: PATCH.c.village}
_PLAIN: Final = (
    *("id", "batch", "number", "version", "seen_from", "seen_on", "kind", "verdict"),
    *("reason_code", "reviewed_on", "same_as_patch", "known_case", "case"),
)


def next_batch_id(connection: Connection) -> int:
    """Give the next free id of a batch."""
    return next_id(connection, PATCH_BATCH)


def next_patch_id(connection: Connection) -> int:
    """Give the next free id of a patch."""
    return next_id(connection, PATCH)


def find_batch(connection: Connection, *, sha256: str = "", name: str = "") -> Batch | None:
    """Find a batch by the hash of its file or by its name."""
    key = PATCH_BATCH.c.sha256 == sha256 if sha256 else PATCH_BATCH.c.name == name
    row = connection.execute(sa.select(PATCH_BATCH).where(key)).mappings().first()
    return None if row is None else Batch(**row)


def insert_batch(
    connection: Connection, batch: Batch, patches: Sequence[tuple[Patch, Sequence[float]]]
) -> None:
    """Add a batch and its patches, each with the box of its footprint."""
    connection.execute(sa.insert(PATCH_BATCH).values(asdict(batch)))
    rows = [_to_row(patch, bounds) for patch, bounds in patches]
    if rows:
        connection.execute(sa.insert(PATCH), rows)


def find_patch(connection: Connection, patch: int) -> Patch | None:
    """Find a patch by its id."""
    row = connection.execute(sa.select(PATCH).where(PATCH.c.id == patch)).mappings().first()
    return None if row is None else _to_patch(row)


def find_patches_near(connection: Connection, bounds: Sequence[float]) -> list[tuple[int, bytes]]:
    """Find id and footprint of the patches whose boxes meet a box."""
    west, south, east, north = (float(value) for value in bounds)
    query = sa.select(PATCH.c.id, PATCH.c.footprint).where(
        PATCH.c.west <= east, PATCH.c.east >= west, PATCH.c.south <= north, PATCH.c.north >= south
    )
    rows = connection.execute(query.order_by(PATCH.c.id))
    return [(row.id, bytes(row.footprint)) for row in rows]


def update_patch(connection: Connection, patch: Patch, seen: int) -> bool:
    """Write verdict and case of a patch over the version that was seen."""
    names = ("version", "verdict", "reason_code", "reviewed_on", "case")
    done = connection.execute(
        sa.update(PATCH)
        .where(PATCH.c.id == patch.id, PATCH.c.version == seen)
        .values({name: getattr(patch, name) for name in names})
    )
    return done.rowcount == 1


def list_patches(
    connection: Connection, wanted: PatchFilter, scope: str, *, offset: int, limit: int
) -> PatchPage:
    """List patches by batch and number; ``scope`` is the unit that the person is bound to."""
    conditions = find_conditions(wanted, scope)
    query = sa.select(PATCH).where(*conditions).order_by(PATCH.c.batch, PATCH.c.number)
    rows = connection.execute(query.offset(offset).limit(limit)).mappings()
    patches = tuple(_to_patch(row) for row in rows)
    total = connection.scalar(sa.select(sa.func.count()).select_from(PATCH).where(*conditions))
    return PatchPage(patches, int(total or 0))


def list_rebuilt_patches(
    connection: Connection, wanted: PatchFilter, scope: str, gone: Sequence[str]
) -> list[Patch]:
    """List the patches on ground where a case was torn down, unless judged no violation."""
    query = (
        sa.select(PATCH)
        .join(CASE, CASE.c.id == PATCH.c.known_case)
        .where(
            CASE.c.stage.in_(gone),
            PATCH.c.case.is_(None),
            PATCH.c.verdict.in_(("", *violation_verdicts())),
            *find_conditions(wanted, scope),
        )
        .order_by(PATCH.c.id)
    )
    return [_to_patch(row) for row in connection.execute(query).mappings()]


def list_batches(connection: Connection) -> list[Batch]:
    """List the batches, newest first."""
    query = sa.select(PATCH_BATCH).order_by(PATCH_BATCH.c.id.desc())
    return [Batch(**row) for row in connection.execute(query).mappings()]


def count_verdicts(
    connection: Connection, wanted: PatchFilter, scope: str
) -> list[tuple[int, str, int, int]]:
    """Count patches by batch and verdict, and those of them whose case is settled.

    Returns:
        Id of the batch, verdict, number of patches, number that are settled.
    """
    settled = sa.case((CASE.c.stage.in_(_settled_stages()), 1), else_=0)
    query = (
        sa.select(
            PATCH.c.batch,
            PATCH.c.verdict,
            sa.func.count().label("number"),
            sa.func.sum(settled).label("settled"),
        )
        .select_from(PATCH.outerjoin(CASE, PATCH.c.case == CASE.c.id))
        .where(*find_conditions(wanted, scope))
        .group_by(PATCH.c.batch, PATCH.c.verdict)
    )
    return [(r.batch, r.verdict, r.number, int(r.settled or 0)) for r in connection.execute(query)]


def _settled_stages() -> tuple[str, ...]:
    """Name the stages in which nothing is left to do about a violation."""
    return (*stages_of_kind("closed", "exit"), "rechecked")


def find_conditions(wanted: PatchFilter, scope: str) -> list[Any]:
    """Give the conditions of a filter; a unit of a strange length holds nothing."""
    found: list[Any] = [
        _UNIT_COLUMNS[len(code)] == code if len(code) in _UNIT_COLUMNS else sa.false()
        for code in (wanted.unit, scope)
        if code
    ]
    if wanted.batch is not None:
        found.append(PATCH.c.batch == wanted.batch)
    if wanted.verdict is not None:
        found.append(PATCH.c.verdict == wanted.verdict)
    if wanted.reviewed is not None:
        found.append(PATCH.c.verdict != "" if wanted.reviewed else PATCH.c.verdict == "")
    if wanted.closed_out is not None:
        settled = sa.select(CASE.c.id).where(CASE.c.stage.in_(_settled_stages()))
        closed = sa.and_(
            PATCH.c.verdict != "",
            sa.or_(
                PATCH.c.verdict.not_in(violation_verdicts()),
                sa.and_(PATCH.c.case.is_not(None), PATCH.c.case.in_(settled)),
            ),
        )
        found.append(closed if wanted.closed_out else sa.not_(closed))
    if wanted.seen_from:
        found.append(PATCH.c.seen_on >= wanted.seen_from)
    if wanted.seen_to:
        found.append(PATCH.c.seen_on <= wanted.seen_to)
    return found


def violation_verdicts() -> tuple[str, ...]:
    """Name the verdicts that stand for a violation."""
    return tuple(verdict.id for verdict in read_verdicts().verdict if verdict.violation)


def _to_row(patch: Patch, bounds: Sequence[float]) -> dict[str, Any]:
    declared = patch.declared_area_m2
    box = zip(("west", "south", "east", "north"), bounds, strict=True)
    return (
        {name: getattr(patch, name) for name in _PLAIN}
        | {name: float(value) for name, value in box}
        | {
            "footprint": patch.footprint_wkb,
            "area": to_hundredths(patch.area_m2),
            "declared_area": None if declared is None else to_hundredths(declared),
            "attributes": canonical_text(dict(patch.attributes)),
            "district": patch.units.district,
            "township": patch.units.township,
            "village": patch.units.village,
        }
    )


def _to_patch(row: Any) -> Patch:
    declared = row["declared_area"]
    return Patch(
        **{name: row[name] for name in _PLAIN},
        footprint_wkb=bytes(row["footprint"]),
        area_m2=to_area(row["area"]),
        declared_area_m2=None if declared is None else to_area(declared),
        units=Units(row["district"], row["township"], row["village"]),
        attributes=json.loads(row["attributes"]),
    )
