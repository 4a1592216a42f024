"""Laws of comparing snapshots: nothing from itself, mirrored when turned, equal to the grid."""

import tempfile
from datetime import date
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from geoapp.catalog.difference import SnapshotDifference
from geoapp.overlay.difference import Differ
from geoapp.overlay.tabulate import Tabulator
from tests.building import CELL_M2, LIBRARY, make_city, make_store, on_ground, publish
from tests.oracles.grid import rectangle

LANDUSE = LIBRARY.require("landuse")
# Each cell of a 4 × 2 board holds one parcel: none, or one of three classes.
BOARD = [(x, y) for y in range(2) for x in range(4)]
boards = st.lists(st.sampled_from([None, "0101", "0301", "0701"]), min_size=8, max_size=8)
keyed = st.booleans()


def compare(first, second, *, with_keys: bool) -> tuple[SnapshotDifference, SnapshotDifference]:
    with tempfile.TemporaryDirectory() as folder:
        store = make_store(Path(folder))
        units = [on_ground(rectangle(0, 0, 2, 2)), on_ground(rectangle(2, 0, 4, 2))]
        publish(store, "district", units, code=["439901", "439902"], name=["a", "b"])
        snapshots = [
            put(store, board, k, with_keys=with_keys) for k, board in enumerate((first, second))
        ]
        differ = Differ(store, Tabulator(make_city(), LIBRARY, store))
        forth = differ.compare(LANDUSE, snapshots[0], snapshots[1])
        back = differ.compare(LANDUSE, snapshots[1], snapshots[0])
        return forth, back


def put(store, board, number, *, with_keys):
    held = [(cell, code) for cell, code in zip(BOARD, board, strict=True) if code]
    shapes = [on_ground(rectangle(x, y, x + 1, y + 1)) for (x, y), _ in held]
    keys = [f"{x}-{y}" if with_keys else "" for (x, y), _ in held]
    return publish(
        store,
        "landuse",
        shapes,
        as_of=date(2024, 1, 1 + number),
        bsm=keys,
        dlbm=[c for _, c in held],
    )


@settings(max_examples=25)
@given(boards, boards, keyed)
def test_a_difference_is_what_the_board_says_and_mirrored_when_turned(first, second, with_keys):
    forth, back = compare(first, second, with_keys=with_keys)
    pairs = list(zip(BOARD, first, second, strict=True))
    assert forth.added == back.removed == sum(a is None and b is not None for _, a, b in pairs)
    assert forth.removed == back.added == sum(a is not None and b is None for _, a, b in pairs)
    edited = sum(a is not None and b is not None and a != b for _, a, b in pairs)
    assert forth.edited == back.edited == edited
    assert forth.reshaped == back.reshaped == 0
    assert forth.unchanged == sum(a is not None and a == b for _, a, b in pairs)
    top = {"0101": "01", "0301": "03", "0701": "07", None: None}
    for code, low in (("439901", 0), ("439902", 2)):
        here = [(top[a], top[b]) for (x, _), a, b in pairs if low <= x < low + 2]
        there = next(d for d in forth.districts if d.code == code)
        turned = next(d for d in back.districts if d.code == code)
        gained = CELL_M2 * sum(a is None and b is not None for a, b in here)
        lost = CELL_M2 * sum(a is not None and b is None for a, b in here)
        other = CELL_M2 * sum(None not in {a, b} and a != b for a, b in here)
        assert there.gained_m2 == pytest.approx(gained, abs=1e-3)
        assert there.lost_m2 == pytest.approx(lost, abs=1e-3)
        assert there.reclassified_m2 == pytest.approx(other, abs=1e-3)
        assert there.gained_m2 == pytest.approx(turned.lost_m2, abs=1e-6)
        assert there.lost_m2 == pytest.approx(turned.gained_m2, abs=1e-6)
        assert (there.before_m2, there.after_m2) == (turned.after_m2, turned.before_m2)


@settings(max_examples=10)
@given(boards, keyed)
def test_a_snapshot_does_not_differ_from_itself(board, with_keys):
    for difference in compare(board, board, with_keys=with_keys):
        assert difference.empty
        assert len(difference.features) == 0
        assert all(d.gained_m2 == d.lost_m2 == d.reclassified_m2 == 0 for d in difference.districts)
