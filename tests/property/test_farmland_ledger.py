"""The ledger of cultivated land against counting squares, and the laws it must keep."""

import os
import tempfile
from datetime import date
from functools import partial
from pathlib import Path

import hypothesis
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from geoapp.bootstrap import Workspace
from geoapp.catalog.manifest import Source
from geoapp.catalog.snapshot import Provenance
from geoapp.planning.farmland import BALANCES, CAUSES
from tests.building import CELL_M2, LIBRARY, cells_to_plane, frame_of, place, write_city
from tests.comparing import grouped
from tests.oracles.farmland import CLASSES, Sums, count
from tests.oracles.transition import WHOLE, transition

_SHM = "/dev/shm"  # noqa: S108
_MEMORY = _SHM if os.access(_SHM, os.W_OK) else None  # no waiting for disks
SIZE = 6
EVERYWHERE = [(x, y) for x in range(SIZE) for y in range(SIZE)]
EARLIER, LATER, MIRRORED = date(2020, 12, 31), date(2021, 12, 31), date(2022, 12, 31)
VILLAGES = ("439901001001", "439901001002", "439901002001", "439902001001")
LENGTHS = {"district": 6, "township": 9, "village": 12}
PARCELS = st.lists(st.integers(0, 7), min_size=SIZE**2, max_size=SIZE**2)
CODES = st.lists(st.sampled_from(CLASSES), min_size=8, max_size=8)
MOSAIC = st.tuples(PARCELS, CODES)
LEVEL = st.sampled_from(list(LENGTHS))
FEW = hypothesis.settings(max_examples=int(os.environ.get("LEDGER_EXAMPLES", "16")))
SOME = hypothesis.settings(max_examples=8)
near = partial(pytest.approx, rel=2e-9, abs=1e-3)
# The last column of squares lies in no unit.
UNITS = [
    (code, frozenset((x, y) for x, y in EVERYWHERE if y < SIZE - 1 and (x // 3, y // 3) == (a, b)))
    for code, (a, b) in zip(VILLAGES, [(0, 0), (0, 1), (1, 0), (1, 1)], strict=True)
]


def units_at(level):
    return grouped(UNITS, LENGTHS[level])


@pytest.fixture(scope="module")
def city():
    with tempfile.TemporaryDirectory(dir=_MEMORY) as folder:
        workspace = Workspace.init(write_city(Path(folder) / "city"), Path(folder) / "ws")
        for level in LENGTHS:
            units = units_at(level)
            codes = [code for code, _ in units]
            publish(workspace, level, [cells for _, cells in units], code=codes, name=codes)
        yield workspace
        workspace.close()


def publish(workspace, layer, cells, as_of=EARLIER, **columns):
    frame = frame_of(LIBRARY.require(layer), place([cells_to_plane(one) for one in cells]), columns)
    known = {"439901": "complete", "439902": "complete"}
    return workspace.publish(layer, frame, Provenance(as_of, Source(file="test"), False, known))


def parcels_of(mosaic):
    """Read a mosaic as parcels with their classes; they tile the ground."""
    labels, codes = mosaic
    parcels = {}
    for square, label in zip(EVERYWHERE, labels, strict=True):
        parcels.setdefault(label, set()).add(square)
    return [(frozenset(squares), codes[label]) for label, squares in sorted(parcels.items())]


def survey(city, parcels, as_of):
    """Publish a date of land use; give the parcels in the order in which they are stored."""
    numbers = [str(number) for number in range(len(parcels))]
    columns = {"dlbm": [code for _, code in parcels], "tbbh": numbers}
    snapshot = publish(city, "landuse", [cells for cells, _ in parcels], as_of, **columns)
    return [parcels[int(n)] for n in snapshot.read_attributes(["tbbh"])["tbbh"]], snapshot.name


def keep(city, before, after, level="village", **options):
    before, first = survey(city, before, EARLIER)
    after, last = survey(city, after, LATER)
    result = city.farmland_ledger(first, last, by=level, **options)
    return result, transition(before, after, units_at(level))


def squares(area_m2):
    return area_m2 / CELL_M2


def require_counted(unit, sums):
    assert squares(unit.before_m2) == near(sums.before)
    assert squares(unit.after_m2) == near(sums.after)
    assert squares(unit.internal_m2) == near(sums.internal)
    for way in ("in", "out"):
        assert squares(unit.total_m2(way)) == near(sums.went[way])
        for cause in CAUSES:
            assert squares(unit.total_m2(way, cause=cause)) == near(sums.causes[way, cause])
        for balance in BALANCES:
            assert squares(unit.total_m2(way, balance=balance)) == near(sums.balances[way, balance])


def listed(result):
    """Add patches up by unit, direction and classes."""
    found = {}
    for row in result.to_json()["patches"]:
        key = (row["unit_code"], row["direction"], row["class_before"], row["class_after"])
        found[key] = found.get(key, 0.0) + row["area_m2"]
    return found


def flows_of(units):
    return {
        (unit.unit_code, flow.direction, flow.class_before, flow.class_after): flow.area_m2
        for unit in units
        for flow in unit.flows
    }


@FEW
@given(MOSAIC, MOSAIC, LEVEL)
def test_the_ledger_is_what_counting_squares_gives(city, before, after, level):
    result, flows = keep(city, parcels_of(before), parcels_of(after), level)
    counted = count(flows)
    for unit in result.units:
        require_counted(unit, counted.get(unit.unit_code, Sums()))
    require_counted(result.whole, counted[WHOLE])
    inside = {key: m2 for key, m2 in listed(result).items() if key[0]}
    assert inside == near(flows_of(result.units))
    assert result.closure_m2 <= 0.01


@SOME
@given(PARCELS, CODES, CODES, LEVEL)
@example([0, 1] * 18, ["0101"] * 8, ["0702", "0101"] * 4, "district")
def test_parcels_that_change_their_class_alone_are_counted(city, parcels, before, after, level):
    result, flows = keep(city, parcels_of((parcels, before)), parcels_of((parcels, after)), level)
    counted = count(flows)
    for unit in result.units:
        require_counted(unit, counted.get(unit.unit_code, Sums()))
    assert {key: m2 for key, m2 in listed(result).items() if key[0]} == near(flows_of(result.units))


@FEW
@given(MOSAIC, MOSAIC, LEVEL)
def test_rows_are_date_one_columns_date_two_and_everything_adds_up(city, before, after, level):
    before, after = parcels_of(before), parcels_of(after)
    result, _ = keep(city, before, after, level)
    names = [result.snapshots["before"], result.snapshots["after"]]
    matrix = city.change(
        "landuse", before=names[0], after=names[1], by=level, class_field="dlbm"
    ).whole
    for side, parcels in (("class_before", before), ("class_after", after)):
        sums = {}
        for row in matrix:
            name = getattr(row, side)
            sums[name] = sums.get(name, 0.0) + squares(row.area_m2)
        expected = {}
        for cells, name in parcels:
            expected[name] = expected.get(name, 0) + len(cells)
        assert sums == near(expected)
    places = (*result.units, result.whole)
    for unit in places:
        assert unit.before_m2 + unit.total_m2("in") - unit.total_m2("out") == near(unit.after_m2)
        assert unit.net_m2() == near(unit.after_m2 - unit.before_m2)
        for way in ("in", "out"):
            assert sum(unit.total_m2(way, cause=one) for one in CAUSES) == near(unit.total_m2(way))
            parts = [unit.total_m2(way, balance=one) for one in BALANCES]
            assert sum(parts) == near(unit.total_m2(way))
        assert sum(unit.net_m2(one) for one in BALANCES) == near(unit.net_m2())
    patches = listed(result)
    for way in ("in", "out"):
        units = sum(unit.total_m2(way) for unit in result.units)
        outside = sum(m2 for key, m2 in patches.items() if key[0] == "" and key[1] == way)
        assert units + outside == near(result.whole.total_m2(way))


@SOME
@given(MOSAIC, MOSAIC, LEVEL)
def test_looking_back_from_the_later_date_turns_the_ledger_over(city, before, after, level):
    before, after = parcels_of(before), parcels_of(after)
    result, _ = keep(city, before, after, level)
    _, mirrored = survey(city, before, MIRRORED)
    back = city.farmland_ledger(result.snapshots["after"], mirrored, by=level)
    turned = {"in": "out", "out": "in"}
    for found, other in (
        (listed(result), listed(back)),
        (flows_of(result.units), flows_of(back.units)),
    ):
        assert other == near({(u, turned[way], b, a): m2 for (u, way, a, b), m2 in found.items()})
    for unit, other in zip((*result.units, result.whole), (*back.units, back.whole), strict=True):
        assert (other.before_m2, other.after_m2) == near((unit.after_m2, unit.before_m2))
        assert other.net_m2() == near(-unit.net_m2())
        for cause in CAUSES:
            assert other.total_m2("in", cause=cause) == near(unit.total_m2("out", cause=cause))


@SOME
@given(MOSAIC, LEVEL)
def test_nothing_moves_between_two_dates_that_are_equal(city, mosaic, level):
    parcels = parcels_of(mosaic)
    result, _ = keep(city, parcels, parcels[::-1], level)
    assert len(result.patches) == 0
    for unit in (*result.units, result.whole):
        assert unit.flows == ()
        assert unit.before_m2 == near(unit.after_m2)
        assert unit.internal_m2 == 0.0
