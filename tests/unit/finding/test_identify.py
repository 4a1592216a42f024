"""What lies at a point: exactly, in the map's order, worded, and never more than allowed."""

import json
import tempfile
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geoapp.errors import AccessError, ChoiceError, NotFoundError
from geoapp.finding.drawing import MOST_BYTES
from geoapp.finding.identify import ObjectRequest, PointRequest, describe_object, identify
from geoapp.finding.rows import RowReader
from geoapp.finding.shapes import MOST_PER_LAYER
from geoapp.values import AreaUnit, convert_area
from tests.building import CELL_M2, LIBRARY, SIDE_M, cells_to_plane, on_ground, place, publish
from tests.unit.finding.grounds import EAST, WEST, make_ground, position, publish_units

cells = st.tuples(st.integers(0, 5), st.integers(0, 5))
shapes = st.lists(st.frozensets(cells, min_size=1, max_size=14), min_size=1, max_size=6)


def ask(ground, x, y, **more):
    longitude, latitude = position(x, y)
    return identify(ground, PointRequest(longitude, latitude, **more))


def found(document, layer):
    return [f["key"] for f in document["features"] if f["layer"] == layer]


@given(shapes, st.integers(0, 12), st.integers(0, 12))
def test_a_point_belongs_to_all_that_hold_or_touch_it(parcels, twice_x, twice_y):
    """Points on corners, borders and in middles of squares, with overlaps and holes."""
    x, y = twice_x / 2, twice_y / 2
    around = {
        (int(np.floor(x + dx)), int(np.floor(y + dy))) for dx in (-0.1, 0.1) for dy in (-0.1, 0.1)
    }
    with tempfile.TemporaryDirectory() as folder:
        ground = make_ground(Path(folder))
        keys = [str(number) for number in range(len(parcels))]
        publish(
            ground.store,
            "landuse",
            [on_ground(p) for p in parcels],
            bsm=keys,
            dlbm=["0101"] * len(keys),
        )
        document = ask(ground, x, y)
        expected = {key for key, parcel in zip(keys, parcels, strict=True) if parcel & around}
        assert set(found(document, "landuse")) == expected
        for feature in document["features"]:
            cells_there = len(parcels[int(feature["key"])])
            assert feature["area_m2"] == pytest.approx(cells_there * CELL_M2, abs=1e-3)


def test_the_area_is_the_one_of_the_index_in_the_unit_asked_for(tmp_path):
    ground = make_ground(tmp_path)
    ragged = place([shapely.Point(3, 3).buffer(2.7)])[0]
    snapshot = publish(ground.store, "landuse", [ragged], bsm=["1"], dlbm=["0101"])
    official = float(ground.measure(snapshot).areas_m2[0])
    for unit in AreaUnit:
        feature = ask(ground, 3, 3, unit=unit, lang="en")["features"][0]
        assert feature["area_m2"] == official
        assert feature["measure_text"].split(" ")[0] == f"{convert_area(official, unit):,}"


def test_a_hole_is_not_inside(tmp_path):
    ground = make_ground(tmp_path)
    ring = frozenset((x, y) for x in range(3) for y in range(3)) - {(1, 1)}
    publish(ground.store, "landuse", [on_ground(ring)], bsm=["ring"], dlbm=["0101"])
    assert found(ask(ground, 1.5, 1.5), "landuse") == []
    assert found(ask(ground, 0.5, 1.5), "landuse") == ["ring"]
    assert found(ask(ground, 1.0, 1.5), "landuse") == ["ring"]


@pytest.mark.parametrize("zoom", [8.0, 12.5, 17.0])
@pytest.mark.parametrize("bearing", [0, 45, 90, 200])
def test_marks_are_found_within_eight_pixels_in_every_direction(tmp_path, zoom, bearing):
    import pyproj

    ground = make_ground(tmp_path)
    longitude, latitude = position(5, 5)
    publish(ground.store, "hamlet", [shapely.Point(longitude, latitude)], bsm=["h"], mc=["屋场"])
    pixel_m = 2 * np.pi * 6378137 * np.cos(np.radians(latitude)) / 256 / 2**zoom
    for pixels, expected in ((7.8, ["h"]), (8.2, [])):
        lon, lat, _ = pyproj.Geod(ellps="GRS80").fwd(longitude, latitude, bearing, pixels * pixel_m)
        document = identify(ground, PointRequest(lon, lat, zoom))
        assert found(document, "hamlet") == expected, (pixels, zoom)


def test_a_polygon_drawn_as_a_mark_is_found_by_its_mark_and_an_area_only_by_its_ground(tmp_path):
    ground = make_ground(tmp_path)
    square = on_ground(frozenset({(5, 5)}))
    publish(ground.store, "demolition", [square], case_no=["c1"])
    publish(ground.store, "landuse", [square], bsm=["p"], dlbm=["0101"])
    document = ask(ground, 6.5, 5.5, zoom=14.0)
    assert found(document, "demolition") == ["c1"]
    assert found(document, "landuse") == []


def test_more_marks_than_a_person_can_read_are_cut_and_said(tmp_path):
    ground = make_ground(tmp_path)
    many = place([shapely.Point(x / 10, 0) for x in range(MOST_PER_LAYER + 5)])
    keys = [str(n) for n in range(len(many))]
    publish(ground.store, "hamlet", many, bsm=keys, mc=keys)
    document = ask(ground, 0, 0, zoom=10.0)
    assert document["truncated"] is True
    assert found(document, "hamlet") == keys[:MOST_PER_LAYER], "the nearest first"
    assert ask(ground, 0, 0, zoom=24.0)["truncated"] is False


def test_control_lines_come_first_then_what_the_map_draws_on_top(tmp_path):
    ground = make_ground(tmp_path)
    publish_units(ground)
    square = [on_ground(frozenset({(12, 3)}))]
    for layer in ("landuse", "scenic_area", "urban_boundary", "ecological_redline"):
        publish(ground.store, layer, square, bsm=[layer])
    document = ask(ground, 12.5, 3.5)
    layers = [feature["layer"] for feature in document["features"]]
    assert layers == ["urban_boundary", "ecological_redline", "scenic_area", "landuse"]
    named = ask(ground, 12.5, 3.5, layers=("landuse", "district"))
    assert [feature["layer"] for feature in named["features"]] == ["landuse", "district"]


def test_units_come_down_from_the_largest_and_both_sides_of_a_border_are_named(tmp_path):
    ground = make_ground(tmp_path)
    publish_units(ground)
    document = ask(ground, 15, 5, lang="en")
    assert document["units"] == [
        {"level": "district", "code": "439901", "name": "East"},
        {"level": "township", "code": "439901001", "name": "East One"},
    ]
    border = ask(ground, 10, 5)
    assert {unit["code"] for unit in border["units"] if unit["level"] == "district"} == {
        "439901",
        "439902",
    }


def test_what_is_not_known_here_is_said_and_not_passed_over(tmp_path):
    ground = make_ground(tmp_path)
    publish_units(ground)
    square = [on_ground(frozenset({(1, 1)}))]
    publish(ground.store, "landuse", square, bsm=["p"], dlbm=["0101"])
    publish(ground.store, "ecological_redline", square, bsm=["r"], coverage={"439902": "complete"})
    publish(ground.store, "scenic_area", square, bsm=["s"], coverage={"439902": "partial"})
    publish(ground.store, "nature_reserve", square, bsm=["n"], coverage={})

    def unknown(x, y):
        return {entry["layer"]: entry["coverage"] for entry in ask(ground, x, y)["no_data"]}

    west = unknown(1.5, 1.5)
    assert "landuse" not in west
    assert "ecological_redline" not in west
    assert west["scenic_area"] == "partial"
    assert west["nature_reserve"] == "partial", "something lies here that nobody declared"
    assert west["hamlet"] == "no_data"
    bare = unknown(5.5, 5.5)
    assert bare["landuse"] == "no_data", "a tiling layer that leaves a point uncovered"
    assert "ecological_redline" not in bare, "declared complete: there is none here"
    assert bare["nature_reserve"] == "no_data"
    east = unknown(15.5, 5.5)
    assert east["ecological_redline"] == "no_data"
    assert unknown(10, 5)["ecological_redline"] == "no_data", "the worse side of a border counts"


def test_outside_of_the_city_is_said(tmp_path):
    ground = make_ground(tmp_path)
    publish_units(ground)
    document = ask(ground, -50, -50)
    assert document["outside"] is True
    assert document["units"] == document["features"] == document["no_data"] == []
    assert ask(ground, 5, 5)["outside"] is False


def test_only_what_the_principal_may_see(tmp_path):
    planner, public = make_ground(tmp_path), make_ground(tmp_path, "public")
    public.store = planner.store
    publish_units(planner)
    square = [on_ground(frozenset({(1, 1)}))]
    publish(planner.store, "landuse", square, bsm=["p"], dlbm=["0101"])
    publish(planner.store, "scenic_area", square, bsm=["s"])
    document = ask(public, 1.5, 1.5)
    assert [f["layer"] for f in document["features"]] == ["scenic_area"]
    assert "landuse" not in json.dumps(document)
    with pytest.raises(AccessError):
        ask(public, 1.5, 1.5, layers=("scenic_area", "landuse"))
    with pytest.raises(AccessError):
        describe_object(public, ObjectRequest("landuse", 0))
    with pytest.raises(NotFoundError):
        ask(public, 1.5, 1.5, layers=("nothing",))


@pytest.mark.parametrize(
    ("longitude", "latitude", "zoom"),
    [
        (181, 0, 5),
        (0, 91, 5),
        (float("nan"), 0, 5),
        (0, float("inf"), 5),
        (110, 29, 25),
        (110, 29, -1),
    ],
)
def test_numbers_out_of_range_are_refused(tmp_path, longitude, latitude, zoom):
    with pytest.raises(ChoiceError):
        identify(make_ground(tmp_path), PointRequest(longitude, latitude, zoom))


@given(st.floats(-180, 180), st.floats(-90, 90), st.floats(0, 24))
def test_every_place_on_earth_has_an_answer(longitude, latitude, zoom):
    with tempfile.TemporaryDirectory() as folder:
        ground = make_ground(Path(folder))
        assert identify(ground, PointRequest(longitude, latitude, zoom))["features"] == []


def test_values_are_worded_and_markup_stays_text(tmp_path):
    ground = make_ground(tmp_path)
    publish_units(ground)
    publish(
        ground.store,
        "landuse",
        [on_ground(frozenset({(12, 3)}))],
        bsm=["<b>1</b>"],
        tbbh=["<script>alert(1)</script>"],
        dlbm=["0101"],
        tbmj=[1234.5],
        sjnf=[2023],
        kcxs=[np.nan],
        bz=["  "],
    )
    feature = ask(ground, 12.5, 3.5)["features"][0]
    values = {entry["name"]: entry["value"] for entry in feature["attributes"]}
    assert feature["title"] == values["tbbh"] == "<script>alert(1)</script>"
    assert values["dlbm"] == "0101 水田"
    assert values["dlyj"] == "01 耕地"
    assert values["dldl"] == "农用地"
    assert values["tbmj"] == "1,234.5 平方米"
    assert values["sjnf"] == "2023"
    assert not {"kcxs", "bz", "zzsxdm"} & values.keys()
    assert feature["class"] == {"code": "0101", "title": "水田", "fill": "#f2d675"}
    link = next(link for link in feature["links"] if link["kind"] == "statistics")
    assert link["href"] == "/statistics?layer=landuse&by=township&within=439901&unit=ha&lang=zh"


def test_a_class_that_no_table_knows_is_shown_as_it_stands(tmp_path):
    ground = make_ground(tmp_path)
    publish(ground.store, "landuse", [on_ground(frozenset({(0, 0)}))], bsm=["1"], dlbm=["9<9"])
    feature = ask(ground, 0.5, 0.5)["features"][0]
    assert feature["class"]["code"] == feature["class"]["title"] == "9<9"


def test_a_feature_without_name_and_key_is_called_by_its_place(tmp_path):
    ground = make_ground(tmp_path)
    publish(ground.store, "landuse", [on_ground(frozenset({(0, 0)}))], dlbm=["0101"])
    assert ask(ground, 0.5, 0.5, lang="en")["features"][0]["title"] == "Land-use parcels, no. 1"


@pytest.mark.parametrize("zoom", [0.0, 9.0, 24.0])
@pytest.mark.parametrize("parts", [1, 900])
def test_shapes_are_never_large_and_always_drawn(tmp_path, zoom, parts):
    ground = make_ground(tmp_path)
    if parts == 1:
        turn = np.linspace(0, 2 * np.pi, 20001)[:-1]
        far = 40 + 15 * np.sin(turn * 900) + 3 * np.sin(turn * 5003)
        shape = shapely.Polygon(np.column_stack([far * np.cos(turn), far * np.sin(turn)]))
    else:
        shape = cells_to_plane(frozenset((2 * (k % 30), 2 * (k // 30)) for k in range(parts)))
    publish(ground.store, "landuse", place([shape]), bsm=["1"], dlbm=["0101"])
    drawn = ask(ground, 0.5, 0.5, zoom=zoom)["features"][0]["geometry"]
    assert len(json.dumps(drawn)) <= MOST_BYTES * 1.1
    outline = shapely.geometry.shape(drawn)
    assert not outline.is_empty
    whole = place([shape])[0]
    assert shapely.box(*outline.bounds).intersects(whole)


def test_one_object_with_its_bounds_in_any_snapshot(tmp_path):
    ground = make_ground(tmp_path)
    publish_units(ground)
    first = publish(
        ground.store,
        "landuse",
        [on_ground(frozenset({(1, 1)})), on_ground(frozenset({(12, 3)}))],
        bsm=["a", "b"],
        dlbm=["0101", "0301"],
    )
    rows = {str(first.read(["bsm"])["bsm"][row]): row for row in range(2)}
    document = describe_object(ground, ObjectRequest("landuse", rows["b"], first.name))
    assert document["key"] == "b"
    assert document["current"] is True
    west, south, east, north = document["bounds"]
    assert west < document["lon"] < east
    assert south < document["lat"] < north
    assert (west, south) == pytest.approx(position(12, 3), abs=2e-8)
    assert (east, north) == pytest.approx(position(13, 4), abs=2e-8)
    assert document["units"][0]["code"] == "439901"
    publish(ground.store, "landuse", [on_ground(frozenset({(1, 1)}))], bsm=["new"], dlbm=["0101"])
    old = describe_object(ground, ObjectRequest("landuse", rows["b"], first.name))
    assert (old["key"], old["current"]) == ("b", False)
    with pytest.raises(NotFoundError):
        describe_object(ground, ObjectRequest("landuse", 1))
    with pytest.raises(NotFoundError):
        describe_object(ground, ObjectRequest("landuse", 0, "../../etc"))
    with pytest.raises(NotFoundError):
        describe_object(ground, ObjectRequest("hamlet", 0))


@given(st.lists(st.integers(0, 44_999), min_size=1, max_size=30))
def test_rows_are_read_right_whatever_is_kept(rows):
    import pyarrow as pa
    import pyarrow.parquet as pq

    from geoapp.catalog.snapshot import FEATURES, Snapshot

    with tempfile.TemporaryDirectory() as folder:
        names = [f"n{row}" if row % 7 else None for row in range(45_000)]
        table = pa.table({"mc": names, "nd": list(range(45_000)), "geometry": [b""] * 45_000})
        pq.write_table(table, Path(folder) / FEATURES, row_group_size=20_000)
        reader = RowReader(most_bytes=1)
        for row in rows:
            values = reader.read(Snapshot("hamlet", "x", Path(folder)), row)
            assert values == {"mc": names[row], "nd": row}


def test_units_are_squares_of_known_size():
    assert len(EAST) == len(WEST) == 100
    assert SIDE_M**2 == CELL_M2
    assert LIBRARY.require("landuse").geometry == "polygon"


def test_a_unit_leads_to_the_statistics_of_what_fills_it(tmp_path):
    ground = make_ground(tmp_path)
    publish_units(ground)
    publish(ground.store, "landuse", [on_ground(frozenset({(12, 3)}))], bsm=["1"], dlbm=["0101"])
    found = ask(ground, 12.5, 3.5, also=("district", "township"))["features"]
    links = {
        f["layer"]: [k["href"] for k in f["links"] if k["kind"] == "statistics"] for f in found
    }
    expected = "/statistics?layer=landuse&by=township&within=439901&unit=ha&lang=zh"
    assert links["district"] == [expected]
    assert links["township"] == []  # there is no outline of a village to divide it by
