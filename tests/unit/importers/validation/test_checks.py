"""Every check finds what it is for, on the row where it is, and nothing where there is nothing."""

import struct
import time

import numpy as np
import pyarrow as pa
import pytest
import shapely

from geoapp.i18n import LANGS
from geoapp.importers.findings import MOST_LISTED, Findings
from geoapp.importers.problem import Problem
from geoapp.importers.validation import usable as usable_module
from geoapp.importers.validation.shape import Plan, check_shapes
from geoapp.importers.validation.topology import Overlaps, UnitGap, tell_gaps, tell_overlaps
from geoapp.importers.validation.usable import check_usable
from geoapp.importers.validation.values import check_classes, check_declared_areas, check_keys
from geoapp.importers.wording import word_place, word_problem
from geoapp.values import no_progress
from tests.building import LIBRARY, place

GAUSS = "EPSG:4546"
SQUARE = [(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)]  # 50 m wide


def ground(*rings: list[tuple[float, float]]) -> np.ndarray:
    return np.array(place([shapely.Polygon(ring) for ring in rings]), dtype=object)


def look(shapes: np.ndarray, *, kind: str = "polygon", repair: bool = True) -> Findings:
    findings = Findings(len(shapes))
    check_shapes(shapes, Plan(kind, GAUSS, repair), findings, no_progress)
    return findings


def only(findings: Findings, code: str) -> Problem:
    assert findings.counts == {code: 1}
    [problem] = findings.problems
    for lang in LANGS:
        assert "{" not in word_problem(problem, lang)
        assert word_place(problem, lang)
    return problem


def test_sound_squares_give_no_finding():
    shapes = ground(SQUARE, [(x + 3, y) for x, y in SQUARE])
    assert look(shapes).counts == {}


@pytest.mark.parametrize("size", [1, 30_000])
def test_rows_are_counted_across_portions(size):
    shapes = np.repeat(ground(SQUARE), size)
    shapes[-1] = ground([(0, 0), (1, 1), (1, 0), (0, 1), (0, 0)])[0]
    problem = only(look(shapes), "geometry-repaired-much")
    assert problem.row == size
    assert shapely.is_valid(shapes).all()


def test_a_bow_tie_is_repaired_and_its_area_told_before_and_after():
    shapes = ground([(0, 0), (1, 1), (1, 0), (0, 1), (0, 0)])
    problem = only(look(shapes), "geometry-repaired-much")
    assert problem.severity == "repaired"
    assert problem.before_m2 == pytest.approx(0, abs=1)
    assert problem.after_m2 == pytest.approx(2500 / 2, abs=0.1)


def test_a_repair_that_keeps_the_area_says_so_by_another_code():
    inner = [(0.2, 0.2), (0.4, 0.2), (0.4, 0.4), (0.2, 0.2)]
    touching = shapely.Polygon(SQUARE, [inner, [(0.4, 0.2), (0.6, 0.2), (0.4, 0.4), (0.4, 0.2)]])
    shapes = np.array(place([touching]), dtype=object)
    problem = only(look(shapes), "geometry-repaired")
    assert problem.after_m2 == pytest.approx(problem.before_m2, abs=0.01)


def test_without_leave_to_repair_the_invalid_is_an_error_and_stays():
    shapes = ground([(0, 0), (1, 1), (1, 0), (0, 1), (0, 0)])
    before = shapes[0]
    problem = only(look(shapes, repair=False), "geometry-invalid")
    assert problem.severity == "error"
    assert shapes[0] is before


def test_a_ring_that_crosses_itself_without_end_is_an_error_at_once():
    ring = np.random.default_rng(7).random((3_000, 2)) * 20
    shapes = ground(ring.tolist())
    began = time.perf_counter()
    findings = look(shapes)
    assert findings.counts["geometry-tangled"] == 1
    assert findings.error_rows.tolist() == [True]
    assert time.perf_counter() - began < 5


def test_a_long_boundary_with_one_crossing_is_repaired():
    angle = np.linspace(0, 2 * np.pi, 20_001)[:-1]
    ring = np.column_stack([20 + 20 * np.cos(angle), 20 + 20 * np.sin(angle)])
    ring[[5_000, 5_001]] = ring[[5_001, 5_000]]
    shapes = ground(ring.tolist())
    assert look(shapes).counts.keys() <= {"geometry-repaired", "geometry-repaired-much", "spike"}
    assert shapely.is_valid(shapes).all()


def test_a_polygon_without_ground_is_an_error():
    shapes = ground([(0, 0), (1, 1), (0, 0)])
    findings = look(shapes)
    assert findings.counts["geometry-without-area"] == 1
    assert findings.error_rows.tolist() == [True]


def test_repeated_vertices_are_dropped_and_told():
    shapes = ground([(0, 0), (1, 0), (1, 0), (1, 0), (1, 1), (0, 1), (0, 0)])
    problem = only(look(shapes), "vertices-repeated")
    assert problem.facts == {"vertices": 2}
    assert shapely.get_num_coordinates(shapes[0]) == 5


def test_repeated_vertices_of_a_line_are_dropped_too():
    [line] = place([shapely.LineString([(0, 0), (1, 0), (1, 0), (2, 0)])])
    shapes = np.array([line], dtype=object)
    assert only(look(shapes, kind="line"), "vertices-repeated").facts == {"vertices": 1}
    assert shapely.get_num_coordinates(shapes[0]) == 3


@pytest.mark.parametrize("tip", [(2, 0.5), (1.2, 0.5)])
@pytest.mark.parametrize("turn", range(6))
def test_a_spike_is_found_wherever_its_ring_begins(tip, turn):
    width = 0.005 / 50
    ring = [(0, 0), (1, 0), (1, 0.5 - width / 2), tip, (1, 0.5 + width / 2), (1, 1), (0, 1)]
    ring = ring[turn:] + ring[:turn]
    shapes = ground([*ring, ring[0]])
    problem = only(look(shapes), "spike")
    assert problem.severity == "warning"
    stretched = 0.005 / np.cos(np.radians(29.4))  # the plane of the drawing keeps areas only
    assert problem.facts["width_m"] == pytest.approx(stretched, abs=0.0002)
    [wanted] = place([shapely.Point(tip)])
    assert problem.facts["longitude"] == pytest.approx(wanted.x, abs=1e-6)
    assert problem.facts["latitude"] == pytest.approx(wanted.y, abs=1e-6)


def test_a_wider_corner_is_no_spike():
    ring = [(0, 0), (1, 0), (1, 0.5 - 0.0005), (2, 0.5), (1, 0.5 + 0.0005), (1, 1), (0, 1), (0, 0)]
    assert look(ground(ring)).counts == {}


@pytest.mark.parametrize(("width", "told"), [(0.1, True), (0.5, False)])
def test_a_polygon_narrower_than_anything_surveyed_is_told(width, told):
    shapes = ground([(0, 0), (2, 0), (2, width / 50), (0, width / 50), (0, 0)])
    findings = look(shapes)
    assert ("sliver" in findings.counts) is told
    if told:
        stretched = width / np.cos(np.radians(29.4))
        assert only(findings, "sliver").facts["width_m"] == pytest.approx(stretched, rel=0.02)


def test_what_cannot_be_stored_is_told_by_kind():
    good = shapely.box(110, 29, 111, 30)

    def moved(to: float) -> shapely.Geometry:
        ring = [(0.0, 0.0), (1.0, 0.0), (to, 1.0), (0.0, 0.0)]
        with np.errstate(invalid="ignore"):
            return shapely.from_wkb(struct.pack("<BIII8d", 1, 3, 1, 4, *np.ravel(ring)))

    bad = [None, shapely.Polygon(), shapely.Point(1, 1), moved(np.inf), moved(np.nan)]
    shapes = np.array([good, *bad, good], dtype=object)
    findings = Findings(len(shapes))
    usable = check_usable(shapes, "polygon", findings).rows
    assert usable.tolist() == [True, *[False] * 5, True]
    assert findings.counts == {
        "geometry-missing": 2,
        "geometry-wrong-kind": 1,
        "geometry-not-finite": 2,
    }
    assert (findings.error_rows == ~usable).all()


def test_too_many_vertices_are_an_error(monkeypatch):
    monkeypatch.setattr(usable_module, "MOST_VERTICES", 4)
    findings = Findings(1)
    assert not check_usable(ground(SQUARE), "polygon", findings).rows.any()
    assert only(findings, "geometry-vertices-exceeded").facts == {"vertices": 5, "most": 4}


def test_heights_are_told_once_for_the_file():
    shapes = shapely.force_3d(ground(SQUARE, SQUARE), 5.0)
    findings = Findings(2)
    assert check_usable(shapes, "polygon", findings).rows.all()
    assert only(findings, "heights-dropped").facts == {"count": 2}


def test_a_line_whose_vertices_coincide_is_an_error():
    findings = Findings(1)
    shapes = np.array([shapely.LineString([(1, 1), (1, 1)])], dtype=object)
    assert not check_usable(shapes, "line", findings).rows.any()
    assert findings.counts == {"geometry-without-length": 1}


def test_a_key_that_stands_twice_names_where_it_stood_first():
    definition = LIBRARY.require("landuse")
    findings = Findings(5)
    check_keys(definition, pa.table({"bsm": ["a", "", "b", "", "a"]}), findings)
    problem = only(findings, "key-twice")
    assert (problem.row, problem.facts) == (5, {"key": "a", "first": 1})


@pytest.mark.parametrize(
    ("code", "told", "facts"),
    [
        ("0101", None, {}),
        ("0201K", None, {}),
        ("", None, {}),
        ("0201k", "class-written-otherwise", {"meant": "0201K"}),
        ("01 01", "class-written-otherwise", {"meant": "0101"}),
        ("0101K", "class-suffix-unknown", {"base": "0101", "suffix": "K"}),
        ("1404", "class-unknown", {}),
        ("1403", "class-other-scheme", {}),
        ("水田", "class-unknown", {}),
    ],
)
def test_class_codes_are_judged_by_the_scheme_of_the_layer(code, told, facts):
    definition = LIBRARY.require("landuse")
    findings = Findings(2)
    table = pa.table({"dlbm": pa.array(["0103", code], pa.large_string())})
    counts = check_classes(definition, table, LIBRARY.schemes, findings)
    if told is None:
        assert (counts, findings.counts) == ({}, {})
        return
    assert counts == {f"dlbm={code}": 1}
    problem = only(findings, told)
    assert problem.row == 2
    assert facts.items() <= problem.facts.items()


def declared(*areas: float | None) -> Findings:
    definition = LIBRARY.require("landuse")
    findings = Findings(100)
    table = pa.table({"tbmj": pa.array(areas, pa.float64())})
    rows = np.arange(len(areas)) + 10
    check_declared_areas(
        definition.find_field("tbmj"), table, np.full(len(areas), 5000.0), rows, findings
    )
    return findings


def test_a_declared_area_may_be_off_by_a_thousandth():
    assert declared(5000.0, 5004.9, 4995.1, None, float("nan")).counts == {}
    findings = declared(5000.0, 5006.0)
    problem = only(findings, "area-differs")
    assert problem.row == 12
    assert problem.facts["gap_m2"] == 6.0


@pytest.mark.parametrize(("size", "unit"), [(10_000, "ha"), (2000 / 3, "mu"), (1e6, "km2")])
def test_areas_in_another_unit_are_told_once(size, unit):
    findings = declared(*[5000.0 / size] * 20)
    assert only(findings, "area-in-other-unit").facts["unit"] == f"@unit.{unit}"


def test_overlaps_are_told_at_the_later_row_above_a_tolerance():
    findings = Findings(9)
    pairs = (np.array([7, 2]), np.array([3, 1]), np.array([25.0, 0.9]))
    tell_overlaps(Overlaps(*pairs), findings)
    problem = only(findings, "features-overlap")
    assert (problem.row, problem.facts) == (8, {"other": 4, "area_m2": 25.0})


def test_units_that_are_reached_and_not_filled_are_told():
    units = [
        UnitGap("1", "full", 1e6, 1e6 - 0.5),
        UnitGap("2", "gap", 1e6, 9e5),
        UnitGap("3", "untouched", 1e6, 0.0),
    ]
    findings = Findings(0)
    tell_gaps(units, findings)
    assert only(findings, "unit-not-filled").facts == {
        "unit": "gap",
        "unit_code": "2",
        "gap_m2": 1e5,
    }


def test_of_a_kind_the_first_are_listed_and_all_are_counted():
    findings = Findings(MOST_LISTED + 7)
    findings.add("sliver", "warning", np.arange(MOST_LISTED + 7), {"area_m2": 1, "width_m": 1})
    assert len(findings.problems) == MOST_LISTED
    assert findings.counts == {"sliver": MOST_LISTED + 7}
