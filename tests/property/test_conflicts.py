"""Overlaps of layers against ground that is measured in exact fractions, and their laws."""

import os
import tempfile
from collections import defaultdict
from functools import partial
from pathlib import Path

import hypothesis
import numpy as np
import pytest
import shapely
from hypothesis import example, given
from hypothesis import strategies as st

from geoapp.geometry.crs import GEOGRAPHIC, transform
from geoapp.geometry.measure import measure_plane, official_areas
from geoapp.overlay.result import CLOSURE_TOLERANCE_M2, StatsRequest
from geoapp.overlay.tally import COUNTED_FROM_M2
from geoapp.planning.conflict_result import ConflictRequest
from geoapp.planning.conflicts import ConflictFinder
from geoapp.planning.venn import NOTHING
from tests.building import LIBRARY
from tests.lattice import STEP_M2, LatticeCity, cities, on_ellipsoid, polygons, rings_of
from tests.oracles.covering import areas_by_cover
from tests.oracles.rational import shared_area

_SHM = "/dev/shm"  # noqa: S108
_MEMORY = _SHM if os.access(_SHM, os.W_OK) else None  # no waiting for disks
NAMES = ("ecological_redline", "permanent_farmland", "urban_boundary", "scenic_area",
         "nature_reserve")  # fmt: skip
LAYERS = st.lists(st.lists(polygons(), max_size=3), min_size=2, max_size=5)
LEVEL = st.sampled_from(["district", "township", "village"])
FEW = hypothesis.settings(max_examples=int(os.environ.get("CONFLICT_EXAMPLES", "16")))
SOME = hypothesis.settings(max_examples=8)
near = partial(pytest.approx, rel=1e-9, abs=COUNTED_FROM_M2)
BOX = shapely.box(2, 2, 8, 8)


class Asked:
    """Layers in a city, and what is found of them."""

    def __init__(self, folder, villages, layers):
        self.ground = LatticeCity(Path(folder), villages)
        self.names = NAMES[: len(layers)]
        self.layers = {
            name: self.ground.publish(name, shapes)
            for name, shapes in zip(self.names, layers, strict=True)
        }

    def find(self, names=None, level="village", within=""):
        ground = self.ground
        finder = ConflictFinder(ground.city, LIBRARY, ground.store, ground.tabulator)
        return finder.find(ConflictRequest(tuple(names or self.names), level, within))

    def expected(self, level):
        """Measure, exactly: unit, first feature of each layer → m²; ``*`` for the whole city."""
        units = list(self.ground.units_at(level))
        features = [(name, row) for name in self.names for row in range(len(self.layers[name]))]
        shapes = [shape for _, shape in units] + [self.layers[n][row] for n, row in features]
        found = defaultdict(float)
        for cover, area in areas_by_cover([rings_of(shape) for shape in shapes]).items():
            there = [features[number - len(units)] for number in cover if number >= len(units)]
            rows = tuple(
                min((row for other, row in there if other == name), default=NOTHING)
                for name in self.names
            )
            if there:
                for code in [units[n][0] for n in cover if n < len(units)] or [""]:
                    found[code, rows] += float(area) * STEP_M2
                found["*", rows] += float(area) * STEP_M2
        return found


def bits_of(rows):
    return sum(1 << number for number, row in enumerate(rows) if row != NOTHING)


def by_bits(expected):
    found = defaultdict(float)
    for (code, rows), area in expected.items():
        found[code, bits_of(rows)] += area
    return found


def listed(result):
    """Read the list of overlaps: unit, row of each layer → m²."""
    columns = [f"row_{name}" for name in result.request.layers]
    keys = zip(result.patches["unit_code"], result.patches[columns].to_numpy(), strict=True)
    areas = result.patches["area_m2"]
    return {
        (code, tuple(int(row) for row in rows)): area
        for (code, rows), area in zip(keys, areas, strict=True)
    }


def require_counted(result, expected):
    parts = by_bits(expected)
    places = {place.unit_code: place for place in (*result.places, result.outside)}
    places["*"] = result.whole
    for code, place in places.items():
        for bits in result.request.sets(least=1):
            assert place.exact_m2.get(bits, 0.0) == near(parts.get((code, bits), 0.0))
    found = listed(result)
    overlaps = {
        key: area
        for key, area in expected.items()
        if key[0] != "*" and bits_of(key[1]).bit_count() > 1
    }
    assert found.keys() <= overlaps.keys()
    for key, area in overlaps.items():
        assert found.get(key, 0.0) == near(area)
    assert [bits_of(key[1]) for key in found] == result.patches["bits"].to_list()


@FEW
@given(cities(), LAYERS, LEVEL)
@example({"439901001001": BOX}, [[BOX], [BOX, BOX]], "village")
def test_overlaps_are_what_exact_fractions_give(villages, layers, level):
    with tempfile.TemporaryDirectory(dir=_MEMORY) as folder:
        asked = Asked(folder, villages, layers)
        result = asked.find(level=level)
        require_counted(result, asked.expected(level))
        assert result.closure_m2 <= CLOSURE_TOLERANCE_M2


def net_m2(asked, name):
    """Measure a layer by itself: nothing is cut there, and no other layer is known."""
    return sum(
        row.area_m2 for row in asked.ground.tabulator.tabulate(StatsRequest(name, by="city")).totals
    )


def in_plane(shapes):
    """Put shapes from the ellipsoid into the plane in which their edges are straight."""
    return transform(np.array(shapes, dtype=object), GEOGRAPHIC, measure_plane("EPSG:4546"))


def common_m2(one, other):
    """Measure what two shapes share, exactly: an overlay is what is tested here."""
    return float(shared_area(rings_of(one), rings_of(other)))


def require_laws(asked, result):
    """Check that unions, sets, units and patches add up among themselves."""
    request = result.request
    places = [*result.places, result.outside]
    for place in (*places, result.whole):
        assert place.alternating_m2() == near(place.union_m2())
    one_by_one = [net_m2(asked, name) for name in request.layers]
    for one in range(len(request.layers)):
        assert result.whole.shared_m2(1 << one) == near(one_by_one[one])
        for other in range(one):
            both = result.whole.shared_m2(1 << one | 1 << other)
            either = sum(
                area
                for bits, area in result.whole.exact_m2.items()
                if bits & (1 << one | 1 << other)
            )
            assert either == near(one_by_one[one] + one_by_one[other] - both)
    found = listed(result)
    for bits in request.sets(least=1):
        exact = sum(place.exact_m2.get(bits, 0.0) for place in places)
        assert exact == near(result.whole.exact_m2.get(bits, 0.0))
        if bits.bit_count() > 1:
            for place in places:
                patches = [
                    m2
                    for (code, rows), m2 in found.items()
                    if code == place.unit_code and bits_of(rows) == bits
                ]
                assert sum(patches) == near(place.exact_m2.get(bits, 0.0))


@FEW
@given(cities(), LAYERS, st.randoms(use_true_random=False))
def test_parts_add_up_and_the_order_of_layers_does_not_matter(villages, layers, chance):
    with tempfile.TemporaryDirectory(dir=_MEMORY) as folder:
        asked = Asked(folder, villages, layers)
        result = asked.find()
        require_laws(asked, result)
        order = list(range(len(layers)))
        chance.shuffle(order)
        turned = asked.find([asked.names[number] for number in order])
        expected = {
            (code, tuple(rows[number] for number in order)): area
            for (code, rows), area in listed(result).items()
        }
        assert listed(turned) == near(expected)
        for place, other in zip(
            (*result.places, result.whole), (*turned.places, turned.whole), strict=True
        ):
            for bits in result.request.sets(least=1):
                moved = sum(1 << k for k, number in enumerate(order) if bits >> number & 1)
                assert other.shared_m2(moved) == near(place.shared_m2(bits))


@SOME
@given(cities(), LAYERS)
def test_a_patch_lies_in_the_features_that_it_names_and_in_no_other_layer(villages, layers):
    with tempfile.TemporaryDirectory(dir=_MEMORY) as folder:
        asked = Asked(folder, villages, layers)
        result = asked.find()
        patches = np.asarray(result.patches.geometry)
        areas = official_areas(patches, asked.ground.city.crs)
        assert areas == near(result.patches["area_m2"].to_numpy())
        placed = {name: in_plane(on_ellipsoid(shapes)) for name, shapes in asked.layers.items()}
        units = dict(zip(villages, in_plane(on_ellipsoid(list(villages.values()))), strict=True))
        for (code, rows), patch in zip(listed(result), in_plane(patches), strict=True):
            inside = [units[code]] if code else []
            around = [] if code else list(units.values())
            for name, row in zip(asked.names, rows, strict=True):
                inside += [] if row == NOTHING else [placed[name][row]]
                around += list(placed[name][: None if row == NOTHING else row])
            for shape in inside:
                assert common_m2(patch, shape) == near(patch.area)
            for shape in around:
                assert common_m2(patch, shape) == near(0.0)


@SOME
@given(cities(), st.lists(polygons(), min_size=1, max_size=4), st.lists(polygons(), max_size=2))
def test_a_layer_shares_with_itself_all_that_it_has(villages, shapes, others):
    with tempfile.TemporaryDirectory(dir=_MEMORY) as folder:
        asked = Asked(folder, villages, [shapes, shapes[::-1], others])
        result = asked.find()
        for place in (*result.places, result.outside, result.whole):
            assert place.shared_m2(0b011) == near(place.shared_m2(0b001))
            for alone in (0b001, 0b010, 0b101, 0b110):
                assert place.exact_m2.get(alone, 0.0) == near(0.0)


@SOME
@given(cities(), LAYERS, st.sampled_from(["439901", "439902", "439901001"]))
def test_looking_into_a_unit_gives_what_is_found_there(villages, layers, unit):
    if not any(code.startswith(unit) for code in villages):
        return
    with tempfile.TemporaryDirectory(dir=_MEMORY) as folder:
        asked = Asked(folder, villages, layers)
        city, inside = asked.find(), asked.find(within=unit)
        assert inside.outside is None
        assert [place.unit_code for place in inside.places] == [
            code for code in sorted(villages) if code.startswith(unit)
        ]
        for bits in inside.request.sets(least=1):
            parts = [place.exact_m2.get(bits, 0.0) for place in inside.places]
            assert sum(parts) == near(inside.whole.exact_m2.get(bits, 0.0))
        assert listed(inside) == {
            key: area for key, area in listed(city).items() if key[0].startswith(unit)
        }
