"""Figures of the demolition register against plain SQL and against a ledger on paper."""

import hashlib
from collections import Counter
from decimal import Decimal

import numpy as np
import shapely
import sqlalchemy as sa

from geoapp.bootstrap import Workspace
from geoapp.cases.case import Amounts
from geoapp.cases.patch_reading import ReadPatches
from tests.oracles.demolition import VIOLATIONS, Ledger, ModelCase


def check_figures(workspace: Workspace, ledger: Ledger) -> None:
    """Figures of the pages = sums by plain SQL = sums of the ledger."""
    sql = (
        "SELECT stage, COUNT(*), SUM(COALESCE(households, 0)), SUM(land_area),"
        " SUM(done_households), SUM(done_land_area), SUM(done_floor_area)"
        " FROM demolition_case GROUP BY stage"
    )
    with workspace._engine.connect() as connection:
        plain = {row[0]: tuple(int(n) for n in row[1:]) for row in connection.execute(sa.text(sql))}
    models: dict[str, list[ModelCase]] = {}
    for model in ledger.cases:
        models.setdefault(model.stage, []).append(model)
    assert plain == {stage: _sum(cases) for stage, cases in models.items()}
    exits = {case.stage for case in ledger.cases if case.kind == "exit"}
    for group in workspace.cases.progress.cases("stage"):
        wanted = list(plain[group.key])
        if group.key in exits:
            wanted[1:3] = [0, 0]
        parts = (group.registered, group.demolished)
        counted = [group.cases, parts[0].households, int(parts[0].land_area_m2 * 100)]
        assert [*counted, *_cents(parts[1])] == wanted
    torn = Counter(a.mode for case in ledger.cases for a in case.acts if a.mode)
    for row in workspace.cases.progress.demolitions(("mode",)):
        parts = [case.torn(row.mode) for case in ledger.cases]
        assert _cents(row.amounts) == [int(sum(p[0] for p in parts)), *(
            int(sum(p[k] for p in parts) * 100) for k in (1, 2)
        )]  # fmt: skip
        assert torn.pop(row.mode)
    assert not torn
    _check_patches(workspace, ledger)


def _check_patches(workspace: Workspace, ledger: Ledger) -> None:
    by_id = {case.id: case for case in ledger.cases}
    for batch in workspace.cases.patches.progress():
        mine = [patch for patch in ledger.patches if patch.batch == batch.batch.id]
        assert batch.by_verdict == Counter(patch.verdict for patch in mine)
        against = [patch for patch in mine if VIOLATIONS.get(patch.verdict)]
        settled = [
            patch
            for patch in against
            if patch.case is not None
            and (
                by_id[patch.case].kind in {"closed", "exit"}
                or by_id[patch.case].stage == "rechecked"
            )
        ]
        assert (batch.violations, batch.settled) == (len(against), len(settled))


def _sum(cases: list[ModelCase]) -> tuple[int, ...]:
    done = [case.demolished for case in cases]
    return (
        len(cases),
        sum(case.households or 0 for case in cases),
        int(sum(case.land for case in cases) * 100),
        sum(part[0] for part in done),
        *(int(sum(part[k] for part in done) * 100) for k in (1, 2)),
    )


def _cents(amounts: Amounts) -> list[int]:
    areas = (amounts.land_area_m2, amounts.floor_area_m2)
    return [amounts.households, *(int(area * 100) for area in areas)]


def batch_of(grounds: list[tuple[shapely.Geometry, Decimal]], name: str) -> ReadPatches:
    """Give a batch of patches as its file would: ground and area of each."""
    count = len(grounds)
    nothing: tuple[None, ...] = (None,) * count
    return ReadPatches(
        file=f"{name}.gpkg",
        sha256=hashlib.sha256(name.encode()).hexdigest(),
        crs="EPSG:4490",
        fields={},
        unmapped=(),
        numbers=tuple(f"{name}-{row}" for row in range(count)),
        kinds=("20",) * count,
        seen_from=nothing,
        seen_on=nothing,
        declared=nothing,
        attributes=({},) * count,
        footprints=np.array([ground for ground, _ in grounds], dtype=object),
        areas=tuple(area for _, area in grounds),
        repairs=(),
    )
