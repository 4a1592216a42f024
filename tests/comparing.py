"""Two dates of one layer on squares: published, compared, and checked against counting."""

import os
import tempfile
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from geoapp.catalog.snapshot import SnapshotStore
from geoapp.overlay.change import Comparer
from geoapp.overlay.change_result import ChangeRequest, ChangeResult
from geoapp.overlay.tabulate import Tabulator
from tests.building import (
    CELL_M2,
    LIBRARY,
    cells_to_plane,
    make_city,
    make_store,
    place,
    publish,
)
from tests.oracles.grid import Cells
from tests.oracles.transition import WHOLE, Layer, counts, transition

TOLERANCE_M2 = 1e-3
_SHM = "/dev/shm"  # noqa: S108
_MEMORY = _SHM if os.access(_SHM, os.W_OK) else None  # no waiting for disks
LAYER, FIELD = "ecological_redline", "lhlx"
EARLIER, LATER = date(2020, 12, 31), date(2021, 12, 31)
LENGTHS = {"city": 0, "district": 6, "township": 9, "village": 12}


def grouped(villages: list[tuple[str, Cells]], length: int) -> list[tuple[str, Cells]]:
    units: dict[str, Cells] = {}
    for code, cells in villages:
        units[code[:length]] = units.get(code[:length], frozenset()) | cells
    return sorted(units.items())


class TwoDates:
    """A city on squares with two dates of one layer."""

    def __init__(self, folder: Path, villages: list[tuple[str, Cells]]) -> None:
        self.store: SnapshotStore = make_store(folder)
        self.villages = villages
        for level, length in list(LENGTHS.items())[1:]:
            named = grouped(villages, length)
            codes = [code for code, _ in named]
            shapes = place([cells_to_plane(cells) for _, cells in named])
            publish(self.store, level, shapes, code=codes, name=codes)
        tabulator = Tabulator(make_city(), LIBRARY, self.store)
        self.comparer = Comparer(make_city(), LIBRARY, self.store, tabulator)

    def publish(self, layer: Layer, as_of: date) -> Layer:
        """Publish one date; give the features in stored order."""
        shapes = place([cells_to_plane(cells) for cells, _ in layer])
        names = [name for _, name in layer]
        publish(self.store, LAYER, shapes, as_of=as_of, lhlx=names, bz=numbered(layer))
        return self.stored(layer)

    def stored(self, layer: Layer) -> Layer:
        frame = self.store.require_current(LAYER).read_attributes(["bz"])
        return [layer[int(number)] for number in frame["bz"]]

    def ask(self, level: str = "village", **options: object) -> ChangeResult:
        asked = {"class_field": FIELD, "before": EARLIER, "after": LATER} | options
        return self.comparer.compare(ChangeRequest(LAYER, by=level, **asked))  # type: ignore[arg-type]

    def units_at(self, level: str) -> list[tuple[str, Cells]]:
        named = grouped(self.villages, LENGTHS[level])
        return [("439900", cells) for _, cells in named] if level == "city" else named


def numbered(layer: Layer) -> list[str]:
    return [str(number) for number in range(len(layer))]


def require_same(result: ChangeResult, before: Layer, after: Layer, ground: TwoDates) -> None:
    """Compare a result with the counted squares."""
    near = partial(pytest.approx, rel=2e-9, abs=TOLERANCE_M2)
    counted = transition(before, after, ground.units_at(result.request.by))
    expected = {key: n * CELL_M2 for key, n in counted.items()}
    found = {(r.unit_code, r.class_before, r.class_after): r.area_m2 for r in result.rows}
    found |= {(r.unit_code, r.class_before, r.class_after): r.area_m2 for r in result.outside}
    found |= {(WHOLE, r.class_before, r.class_after): r.area_m2 for r in result.whole}
    assert found == near(expected)
    assert abs(result.closure_m2) <= TOLERANCE_M2
    for entry in result.balance:
        unit = WHOLE if entry.unit_code == "439900" else entry.unit_code
        kind = entry.class_code
        was = sum(m2 for (u, b, _), m2 in expected.items() if (u, b) == (unit, kind))
        is_ = sum(m2 for (u, _, a), m2 in expected.items() if (u, a) == (unit, kind))
        same = expected.get((unit, kind, kind), 0.0)
        assert (entry.before_m2, entry.after_m2, entry.unchanged_m2) == near((was, is_, same))
        assert entry.gain_m2 - entry.loss_m2 == near(entry.net_m2)
    features = result.features
    assert counts(before, after) == (
        features.unchanged,
        features.reclassified,
        features.before_only,
        features.after_only,
    )


def compare(
    villages: list[tuple[str, Cells]], before: Layer, after: Layer, level: str = "village"
) -> ChangeResult:
    with tempfile.TemporaryDirectory(dir=_MEMORY) as folder:
        ground = TwoDates(Path(folder), villages)
        before, after = ground.publish(before, EARLIER), ground.publish(after, LATER)
        result = ground.ask(level)
        require_same(result, before, after, ground)
        return result
