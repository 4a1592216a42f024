"""Time every view of the demolition register, with many cases in it.

``python benchmarks/cases.py COPY [CASES]`` fills the register of a workspace (give it a copy)
with cases that have a past, 100 000 by default, and patches, as far as they are not there, and
asks what the page asks: the middle of five runs in milliseconds, the slowest beside it.
``GEOAPP_DATABASE_URL`` takes the register to PostgreSQL.
"""

import resource
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from statistics import median
from typing import Any

import numpy as np
import shapely

from geoapp.bootstrap import Workspace
from geoapp.cases.case import Amounts, CaseFilter, NewCase
from geoapp.cases.loading import PastAct, PastCase
from geoapp.cases.patch_reading import ReadPatches
from geoapp.errors import ConflictError
from geoapp.geometry.measure import official_areas
from geoapp.reports.case_content import ledger_table
from geoapp.reports.content import Wording
from geoapp.values import AreaUnit

_RUNS = 5
_PATCHES = 5_000
_SIDE_DEG = 0.00012
_PATH = (
    ("verify", "verified", 3), ("file", "filed", 10), ("notify", "notified", 20),
    ("decide", "decided", 30), ("serve", "performing", 7),
)  # fmt: skip
_END = (("confirm_demolished", "demolished"), ("recheck", "rechecked"), ("close", "closed"))
_MODES = ("self", "assisted", "forced")


def draw_footprints(workspace: Workspace, count: int, seed: int) -> np.ndarray:
    """Draw houses of some 10 by 13 m all over the city."""
    rng = np.random.default_rng(seed)
    city = shapely.union_all(np.asarray(workspace.layer("district").geometry))
    shapely.prepare(city)
    west, south, east, north = shapely.bounds(city)
    found: list[np.ndarray] = []
    while sum(map(len, found)) < count:
        x, y = rng.uniform(west, east, count), rng.uniform(south, north, count)
        boxes = shapely.box(x, y, x + _SIDE_DEG, y + _SIDE_DEG)
        found.append(boxes[shapely.contains(city, boxes)])
    return np.concatenate(found)[:count]


def draft_past(footprints: np.ndarray, first: int) -> list[PastCase]:
    """Give cases a past: six in ten are closed, the others stand somewhere on the way."""
    rng = np.random.default_rng(first)
    past = []
    for row, shape in enumerate(footprints):
        day = date(2021, 1, 4) + timedelta(int(rng.integers(0, 1900)))
        far = len(_PATH) if rng.random() < 0.7 else int(rng.integers(0, len(_PATH)))
        floor = Decimal(int(rng.integers(5_000, 60_000))) / 100
        new = NewCase(
            shape, day, "patrol", households=1, floor_area_m2=floor,
            household_keys=(f"h{first + row}",), cause=f"cause {row % 9}",
            office=f"office {row % 80}", inspector=f"inspector {row % 300}",
        )  # fmt: skip
        acts = []
        for move, to, days in _PATH[:far]:
            day += timedelta(days)
            facts = {"term": (day + timedelta(30)).isoformat()} if move == "serve" else {}
            acts.append(PastAct("moved", day, "-", move, to, ("letter", f"{row}"), facts=facts))
        if far == len(_PATH) and rng.random() < 0.9:
            day += timedelta(40)
            torn = Amounts(1, Decimal("50.00"), floor)
            acts.append(PastAct("demolished", day, "-", mode=_MODES[row % 3], amounts=torn))
            for _, to in _END:
                acts.append(PastAct("moved", day, "-", "", to, ("letter", f"{row}")))
        past.append(PastCase(new, acts=tuple(acts)))
    return past


def fill(workspace: Workspace, count: int) -> None:
    """Enter cases and patches until there are enough."""
    desk = workspace.cases
    known = desk.register.select(limit=1).total
    portion = 20_000
    for low in range(known, count, portion):
        footprints = draw_footprints(workspace, min(portion, count - low), low)
        start = time.perf_counter()
        desk.load(draft_past(footprints, low), "benchmark", "benchmark")
        print(f"{len(footprints)} cases entered: {time.perf_counter() - start:.1f} s", flush=True)
    if not desk.patches.select(limit=1).total:
        shapes = draw_footprints(workspace, _PATCHES, 1)
        areas = official_areas(shapes, workspace.city.crs)
        n, none = len(shapes), (None,) * len(shapes)
        start = time.perf_counter()
        read = ReadPatches(
            "p.gpkg", "0" * 64, "EPSG:4490", {}, (), tuple(map(str, range(n))), ("20",) * n,
            none, (date(2026, 6, 1),) * n, none, ({},) * n, shapes,
            tuple(Decimal(f"{area:.2f}") for area in areas), (),
        )  # fmt: skip
        desk.patches.add(read, "benchmark")
        print(f"{n} patches entered: {time.perf_counter() - start:.1f} s", flush=True)


def list_views(workspace: Workspace, count: int) -> dict[str, Callable[[], Any]]:
    """Name everything that the page asks of the register."""
    desk = workspace.cases
    register, progress = desk.register, desk.progress
    unit = register.select(limit=1).cases[0].units
    last = count // 50 * 50 - 50
    box = (110.45, 29.10, 110.50, 29.15)
    words = Wording(
        "zh",
        AreaUnit.M2,
        lambda code, name: workspace.name_unit(code, "zh", fallback=name),
        lambda layer: workspace.library.require(layer).title["zh"],
        datetime.now().astimezone(),
    )
    sorts = ("due_on", "priority", "found_on", "stage_since", "case_no")
    views: dict[str, Callable[[], Any]] = {
        f"list by {sort}, first page": partial(register.select, sort=sort, limit=50)
        for sort in sorts
    }
    views |= {
        f"list by {sort}, last page": partial(register.select, sort=sort, offset=last, limit=50)
        for sort in sorts
    }
    filters = {
        "number": CaseFilter(text=f"{unit.district}-2023-00"),
        "word": CaseFilter(text="cause 7"),
        "mode": CaseFilter(modes=("forced",)),
        "stage": CaseFilter(stages=("performing", "urged")),
        "township": CaseFilter(unit=unit.township),
        "village": CaseFilter(unit=unit.village),
        "inspector": CaseFilter(inspector="inspector 7"),
        "year": CaseFilter(found_from=date(2023, 1, 1), found_to=date(2023, 12, 31)),
        "overdue": CaseFilter(overdue_on=desk.office.today),
        "window": CaseFilter(bounds=box),
    }
    for name, wanted in filters.items():
        views[f"list filtered by {name}"] = partial(register.select, wanted, limit=50)
        views[f"board filtered by {name}"] = partial(progress.cases, "stage", wanted)
    for by in ("city", "district", "township", "stage", "office", "inspector", "cause"):
        views[f"figures by {by}"] = partial(progress.cases, by)
    for by in ("month", "mode", "township"):
        views[f"demolitions by {by}"] = partial(progress.demolitions, (by,))
    top = register.select(sort="priority", limit=500).cases
    views |= {
        "beside the report": progress.reported,
        "map, most urgent": partial(register.select, sort="priority", limit=500),
        "map, cells of the city": partial(register.map_cells, (109.5, 28.5, 111.5, 30.0), 9),
        "map, cells of a window": partial(register.map_cells, box, 13),
        "round of 60": partial(
            desk.plan_round, CaseFilter(ids=tuple(case.id for case in top[:60])), (110.48, 29.13)
        ),
        "ledger of 500": lambda: ledger_table(
            register.select(limit=500).cases, count, words, sample=True
        ),
        "one case": partial(register.show, top[0].id),
        "its history": partial(register.events, top[0].id),
        "its moves": partial(desk.mover.offered, top[0].id),
        "patch batches": desk.patches.progress,
        "patches, first page": partial(desk.patches.select, limit=100),
        "zero new": partial(_try_zero_new, workspace),
        "rebuilt": desk.conflicts.rebuilt,
        "households twice": desk.conflicts.households,
        "overlapping": desk.conflicts.overlapping,
        "check of the chain": register.verify,
    }
    return views


def _try_zero_new(workspace: Workspace) -> None:
    """Ask for the statement; the patches are not judged, so it is refused at the end."""
    with suppress(ConflictError):
        workspace.cases.state_zero_new(date(2026, 1, 1), date(2026, 6, 30))


def main() -> None:
    """Fill the register and time its views."""
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    with_city = Workspace.open(sys.argv[1])
    fill(with_city, count)
    slow = 0
    for name, ask in list_views(with_city, count).items():
        times = []
        for _ in range(_RUNS):
            start = time.perf_counter()
            ask()
            times.append((time.perf_counter() - start) * 1e3)
            if times[-1] > 3_000:
                break
        mark = "  > 1 s" if median(times) > 1_000 else ""
        slow += bool(mark)
        print(f"{name:34} {median(times):8.0f} {max(times):8.0f}{mark}", flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{slow} slower than a second; resident at most: {peak:.0f} MB")


if __name__ == "__main__":
    main()
