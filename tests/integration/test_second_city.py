"""A made-up city in another zone: nothing about one city stands in code.

Areas come independently: pyproj alone, see ``tests/oracles``.
"""

import json
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
import shapely

from geoapp.bootstrap import Workspace
from geoapp.catalog.library import read_library
from geoapp.i18n import LANGS
from geoapp.reports.content import Wording, stats_table
from geoapp.settings import Settings
from geoapp.values import AreaUnit
from tests.building import LAYERS
from tests.oracles.ellipsoid import pyproj_area

DATA = Path(__file__).parents[1] / "data" / "second_city"


def box(west, south, east, north):
    return [(west, south), (east, south), (east, north), (west, north), (west, south)]


def shifted(ring, degrees):
    return [(x + degrees, y) for x, y in ring]


# Longitudes of the city in zone 38 (meridian 114); the variant in zone 36 lies 6 degrees west.
TOWNSHIPS = {
    "449901001": box(114.00, 32.00, 114.02, 32.03),
    "449901002": box(114.02, 32.00, 114.05, 32.03),
    "449902001": box(114.05, 32.00, 114.09, 32.03),
}
RED = {
    "水源涵养": box(114.01, 32.01, 114.06, 32.02),
    "水土保持": box(114.03, 32.005, 114.04, 32.015),
}
PARCELS = {"0101": box(114.00, 32.00, 114.05, 32.03), "0307": box(114.05, 32.00, 114.09, 32.03)}


def area(ring, zone):
    return pyproj_area([ring], 4509 + zone, 3 * zone)


def overlap(one, other):
    (w1, s1), (e1, n1) = one[0], one[2]
    (w2, s2), (e2, n2) = other[0], other[2]
    west, south, east, north = max(w1, w2), max(s1, s2), min(e1, e2), min(n1, n2)
    return box(west, south, east, north) if west < east and south < north else None


def densify(ring):
    """Give long edges corners every 1/5000 degree, so that every reading of them agrees."""
    return list(shapely.segmentize(shapely.Polygon(ring), 1 / 5000).exterior.coords)


@pytest.fixture(params=[38, 36])
def city(request, tmp_path):
    zone = request.param
    degrees = 3 * (zone - 38)
    source = tmp_path / "source"
    source.mkdir()
    for path in DATA.iterdir():
        (source / path.name).write_bytes(path.read_bytes())
    if zone == 36:
        text = (source / "city.toml").read_text(encoding="utf-8")
        for old, new in (
            ("EPSG:4547", "EPSG:4545"),
            ("zone = 38", "zone = 36"),
            ("west = 113.5", "west = 107.5"),
            ("east = 114.9", "east = 108.9"),
        ):
            assert old in text
            text = text.replace(old, new)
        (source / "city.toml").write_text(text, encoding="utf-8")
        outline = json.loads((source / "outline.geojson").read_text(encoding="utf-8"))
        for feature in outline["features"]:
            rings = feature["geometry"]["coordinates"]
            feature["geometry"]["coordinates"] = [shifted(ring, degrees) for ring in rings]
        (source / "outline.geojson").write_text(json.dumps(outline), encoding="utf-8")
    workspace = Workspace.init(source / "city.toml", tmp_path / "ws", settings=Settings())

    def put(layer, rings, **columns):
        shapes = [shapely.Polygon(densify(shifted(ring, degrees))) for ring in rings]
        frame = gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4490").to_crs(4509 + zone)
        path = tmp_path / f"{layer}.gpkg"
        pyogrio.write_dataframe(frame, path)
        workspace.import_file(layer, path, covers=("all",))

    put(
        "township",
        TOWNSHIPS.values(),
        XZQDM=[f"{code}000" for code in TOWNSHIPS],
        XZQMC=["甲", "乙", "丙"],
    )
    put("ecological_redline", RED.values(), LHLX=list(RED))
    put("landuse", PARCELS.values(), DLBM=list(PARCELS))
    yield workspace, zone, degrees
    workspace.close()


def measured(ring, zone, degrees):
    return area(densify(shifted(ring, degrees)), zone)


def test_areas_by_township_are_those_of_pyproj_alone(city):
    workspace, zone, degrees = city
    result = workspace.stats("ecological_redline", by="township", class_field="lhlx")
    rows = {(row.unit_code, row.class_code): row.area_m2 for row in result.rows}
    expected = {}
    for code, unit in TOWNSHIPS.items():
        for name, ring in RED.items():
            shared = overlap(unit, ring)
            if shared:
                expected[code, name] = measured(shared, zone, degrees)
    assert rows == pytest.approx(expected, abs=0.05)
    assert abs(result.closure_m2) <= 0.01


def test_districts_and_city_close(city):
    workspace, zone, degrees = city
    result = workspace.stats("landuse", by="district")
    assert [row.unit_code for row in result.rows] == ["449901", "449902"]
    assert [row.coverage for row in result.rows] == ["complete", "complete"]
    whole = sum(measured(ring, zone, degrees) for ring in PARCELS.values())
    assert sum(row.area_m2 for row in result.totals) == pytest.approx(whole, abs=0.05)
    assert abs(result.closure_m2) <= 0.01
    assert result.outside_units_m2 < 1.0


def test_inside_a_layer_only_the_common_ground_counts_once(city):
    workspace, zone, degrees = city
    result = workspace.stats("landuse", by="city", class_field="dlbm", inside="ecological_redline")
    union = shapely.union_all([shapely.Polygon(ring) for ring in RED.values()])
    for row in result.rows:
        part = shapely.intersection(union, shapely.Polygon(PARCELS[row.class_code]))
        rings = [list(p.exterior.coords) for p in shapely.get_parts(part)]
        expected = sum(measured(ring, zone, degrees) for ring in rings)
        assert row.area_m2 == pytest.approx(expected, abs=0.05)


def test_the_plane_is_that_of_the_city(city):
    workspace, zone, _ = city
    assert workspace.city.zone == zone
    assert workspace.snapshot("district").manifest.source.crs in {"EPSG:4326", "EPSG:4490"}


def test_nothing_mentions_another_city(city):
    workspace, _, _ = city
    library = read_library(LAYERS)
    from datetime import UTC, datetime

    for lang in LANGS:
        wording = Wording(
            lang,
            AreaUnit.HA,
            lambda code, name, lang=lang: workspace.name_unit(code, lang, fallback=name),
            lambda layer, lang=lang: library.require(layer).title[lang],
            datetime.now(UTC),
        )
        for layer in ("landuse", "ecological_redline", "district"):
            table = stats_table(workspace.stats(layer), library.require(layer), wording)
            words = repr(table)
            assert "Zhangjiajie" not in words
            assert "张家界" not in words
            assert "4308" not in words
            assert workspace.city.name[lang] in table.title
    assert not table.banner
