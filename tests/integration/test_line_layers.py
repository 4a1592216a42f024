"""A layer of lines from the file to the table: import, snapshot, JSON, workbook, map."""

import gzip
import io
import json
import shutil
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import geopandas as gpd
import jsonschema
import openpyxl
import pyogrio
import pyproj
import pytest
import shapely

from geoapp.bootstrap import Workspace
from geoapp.catalog.city import ReportedFigure
from geoapp.errors import FileError, GeometryError, InvariantError
from geoapp.i18n import LANGS, word_error
from geoapp.importers.measuring import measure_file
from geoapp.overlay import tabulate
from geoapp.overlay.reported import reconcile
from geoapp.overlay.result import StatsRequest
from geoapp.reports.content import Wording, stats_table
from geoapp.reports.spreadsheet import to_csv, to_parquet, to_xlsx
from geoapp.settings import Settings
from geoapp.tiles import building
from geoapp.tiles.drawn import drawn_folder
from geoapp.tiles.features import overview_features
from geoapp.ui.map_layers import map_layers
from geoapp.values import AreaUnit
from tests.building import LIBRARY, on_ground, place, publish, write_city
from tests.oracles.grid import rectangle

DAY = date(2024, 1, 1)
SCHEMAS = Path(__file__).parents[1] / "data" / "schemas"
GEOD = pyproj.Geod(a=6378137, rf=298.257222101)
EAST = shapely.LineString([(0.5, 0.5), (1.5, 1.5), (2.5, 0.5)])
ACROSS = shapely.MultiLineString([[(2.5, 2.5), (3.5, 2.5)], [(4.5, 3), (4.5, 3.5)]])


def length_of(*shapes):
    return sum(GEOD.geometry_length(shape) for shape in place(shapes))


@pytest.fixture
def workspace(tmp_path):
    city = write_city(tmp_path / "source")
    opened = Workspace.init(city, tmp_path / "ws", settings=Settings())
    units = [on_ground(rectangle(0, 0, 3, 4)), on_ground(rectangle(3, 0, 6, 4))]
    publish(opened.store, "district", units, code=["439901", "439902"], name=["东", "西"])
    yield opened
    opened.close()


def write(tmp_path, shapes, name="a.gpkg", crs=4490, **columns):
    columns = columns or {"LXMC": ["路"] * len(shapes), "XZDJ": ["X"] * len(shapes)}
    frame = gpd.GeoDataFrame(columns, geometry=list(shapes), crs=4490).to_crs(crs)
    path = tmp_path / name
    pyogrio.write_dataframe(frame, path)
    return path


@pytest.mark.parametrize("crs", [4490, 4546, 4525])
@pytest.mark.parametrize("form", ["gpkg", "geojson", "shp"])
def test_lines_are_imported_from_every_form_and_system(workspace, tmp_path, form, crs):
    path = write(tmp_path, place([EAST, ACROSS]), f"a.{form}", crs)
    report = workspace.import_file("road", path, as_of=DAY, covers=("all",))
    assert report.length_m == pytest.approx(length_of(EAST, ACROSS), abs=1e-3)
    assert report.area_m2 == 0
    jsonschema.validate(report.to_json(), json.loads((SCHEMAS / "import-1.json").read_text()))
    manifest = workspace.snapshot("road").manifest
    assert manifest.length_m == report.length_m
    assert manifest.coverage == {"439901": "complete", "439902": "complete"}
    assert workspace.layer("road")["dldj"].tolist() == ["X", "X"]


def test_importing_lines_again_gives_the_same_snapshot(workspace, tmp_path):
    path = write(tmp_path, place([EAST, ACROSS]))
    first = workspace.import_file("road", path, as_of=DAY)
    assert workspace.import_file("road", path, as_of=DAY).snapshot == first.snapshot


@pytest.mark.parametrize(
    ("shape", "code"),
    [
        (shapely.Point(1, 1), "geometry-wrong-kind"),
        (shapely.box(0, 0, 1, 1), "geometry-wrong-kind"),
        (shapely.GeometryCollection([EAST]), "geometry-wrong-kind"),
        (shapely.LineString([(1, 1), (1, 1)]), "geometry-without-length"),
        (shapely.MultiLineString([[(1, 1), (1, 1)], [(1, 1), (1, 1)]]), "geometry-without-length"),
    ],
)
def test_what_is_no_line_is_refused_with_its_row(workspace, tmp_path, shape, code):
    path = tmp_path / "a.parquet"  # holds all kinds together
    columns = {"LXMC": ["a", "b"], "XZDJ": ["X", "X"]}
    gpd.GeoDataFrame(columns, geometry=place([EAST, shape]), crs=4490).to_parquet(path)
    with pytest.raises(GeometryError) as caught:
        workspace.import_file("road", path, as_of=DAY)
    assert caught.value.code == code
    assert caught.value.facts["row"] == 2
    assert all("2" in word_error(caught.value, lang) for lang in LANGS)
    assert "road" not in workspace.store.current()


def test_lines_are_no_polygons(workspace, tmp_path):
    path = write(tmp_path, place([EAST]), DLBM=["0101"])
    with pytest.raises(GeometryError) as caught:
        workspace.import_file("landuse", path, as_of=DAY)
    assert caught.value.facts["found"] == "linestring"


@pytest.mark.parametrize("shapes", [[EAST, ACROSS], [ACROSS]])
def test_measuring_a_file_of_lines_gives_their_lengths(tmp_path, shapes):
    measured = measure_file(write(tmp_path, place(shapes)))
    lengths = [feature.length_m for feature in measured.features]
    assert lengths == pytest.approx([length_of(shape) for shape in shapes], abs=1e-4)
    jsonschema.validate(measured.to_json(), json.loads((SCHEMAS / "measure-1.json").read_text()))


def test_measuring_polygons_speaks_of_no_length(tmp_path):
    measured = measure_file(write(tmp_path, [on_ground(rectangle(0, 0, 1, 1))]))
    assert set(measured.to_json()["features"][0]) == {"id", "area_m2", "planar_m2", "declared_m2"}


def test_a_file_of_lines_and_areas_is_not_measured(tmp_path):
    path = tmp_path / "a.parquet"
    shapes = place([EAST, shapely.box(0, 0, 1, 1)])
    gpd.GeoDataFrame({"bsm": ["1", "2"]}, geometry=shapes, crs=4490).to_parquet(path)
    with pytest.raises(GeometryError):
        measure_file(path)


@pytest.fixture
def roads(workspace):
    lines = place([EAST, ACROSS, shapely.LineString([(5, 5), (5, 6)])])
    publish(workspace.store, "road", lines, dldj=["X", "C", "C"])
    return workspace


def test_the_document_of_lines_has_lengths_and_that_of_others_none(roads):
    schema = json.loads((SCHEMAS / "stats-1.json").read_text())
    lines = roads.stats("road", class_field="dldj").to_json()
    areas = roads.stats("district").to_json()
    for document in (lines, areas):
        jsonschema.validate(document, schema)
    assert {(r["unit_code"], r["class"]): r["count"] for r in lines["rows"]} == {
        ("439901", "X"): 1,
        ("439901", "C"): 1,
        ("439902", "C"): 1,
    }
    assert sum(r["length_m"] for r in lines["city"]) == pytest.approx(
        roads.snapshot("road").manifest.length_m
    )
    outside = shapely.LineString([(5, 5), (5, 6)])
    assert lines["outside_units_m"] == pytest.approx(length_of(outside), abs=1e-6)
    assert abs(lines["closure_m"]) < 1e-6
    assert "length_m" not in areas["rows"][0]
    assert not {"outside_units_m", "closure_m"} & areas.keys()


def test_where_nothing_is_known_the_length_is_none_never_zero(roads):
    publish(roads.store, "road", place([EAST]), coverage={"439901": "complete"})
    east, west = roads.stats("road").rows
    assert east.length_m == pytest.approx(length_of(EAST), abs=1e-4)
    assert (west.coverage, west.length_m, west.area_m2) == ("no_data", None, None)
    publish(roads.store, "road", place([EAST]))
    assert [row.length_m for row in roads.stats("road").rows][1] == 0.0


@pytest.fixture
def table(roads):
    def make(lang, **request):
        now = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
        words = Wording(lang, AreaUnit.HA, lambda code, name: name or code, lambda name: name, now)
        return stats_table(roads.stats("road", **request), LIBRARY.require("road"), words)

    return make


@pytest.mark.parametrize("lang", LANGS)
def test_the_workbook_shows_metres_and_kilometres(table, lang):
    content = table(lang, class_field="dldj")
    keys = [column.key for column in content.columns]
    expected = ["length_m", "length_km", "share_of_layer", "count", "coverage"]
    assert keys == ["unit_code", "unit_name", "class", "class_title", *expected]
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx(content, lang)))
    row = [cell.value for cell in book.worksheets[0][6]]
    metres, kilometres = row[keys.index("length_m")], row[keys.index("length_km")]
    assert metres == pytest.approx(length_of(EAST), abs=0.005)
    assert kilometres == pytest.approx(length_of(EAST) / 1000, abs=0.0005)
    assert content.columns[4].title in to_csv(content, lang).decode("utf-8-sig")
    assert b"length_km" in to_parquet(content, lang)


@pytest.mark.parametrize("lang", LANGS)
def test_the_closing_lines_of_lengths_add_up(table, lang):
    whole, units, outside, gap = (cell for _, cell in table(lang).closing)
    assert abs(whole - units - outside) <= Decimal("0.01")  # each is rounded on its own
    assert float(outside) == pytest.approx(57.4, abs=0.1)
    assert float(units) == pytest.approx(length_of(EAST, ACROSS), abs=0.006)
    assert gap == Decimal("0.0000")
    notes = " ".join(note for _, note in table(lang).notes)
    assert "666" not in notes
    assert "2000/3" not in notes


def test_what_nobody_knows_is_no_zero_in_the_table(roads, table):
    publish(roads.store, "road", place([EAST]), coverage={"439901": "complete"})
    content = table("zh")
    keys = [column.key for column in content.columns]
    assert content.rows[1][keys.index("length_m")] is None
    assert content.rows[1][keys.index("length_km")] is None


def test_lengths_that_do_not_close_stop_the_table(roads, monkeypatch):
    right = tabulate.outside_length
    monkeypatch.setattr(tabulate, "outside_length", lambda question: right(question) + 0.002)
    with pytest.raises(InvariantError) as caught:
        roads.stats("road")
    assert caught.value.code == "stats-lengths-not-closed"
    for lang in LANGS:
        assert "0.002" in word_error(caught.value, lang)


def test_a_reported_length_stands_beside_the_computed_one(roads):
    figure = ReportedFigure(
        id="a",
        title={"zh": "道路", "en": "Roads"},
        quote="-",
        line="1",
        value=100.0,
        unit="m",
        layer="road",
        measure="length",
        class_field="dldj",
        class_codes=("X",),
    )

    def answer(request: StatsRequest):
        return roads.stats(request.layer, by=request.by, class_field=request.class_field)

    found = reconcile(figure, answer)
    assert found.computed == pytest.approx(length_of(EAST), abs=1e-4)


@pytest.mark.parametrize("rebuild", [False, True])
def test_indexing_prepares_the_map_of_a_layer_too(workspace, tmp_path, rebuild):
    workspace.import_file("road", write(tmp_path, place([EAST, ACROSS])), as_of=DAY)
    folder = drawn_folder(workspace.snapshot("road"))
    (folder / "old").touch()
    if not rebuild:
        shutil.rmtree(folder)
    assert [s.layer for s in workspace.index(["road"], rebuild=rebuild)] == ["road"]
    assert not (folder / "old").exists()
    assert json.loads((folder / "meta.json").read_text())["kind"] == "line"


def test_a_map_that_cannot_be_written_is_said_and_the_old_snapshot_stays(
    workspace, tmp_path, monkeypatch
):
    path = write(tmp_path, place([EAST, ACROSS]))
    old = workspace.import_file("road", path, as_of=DAY).snapshot

    def full(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(building, "build_drawn", full)
    with pytest.raises(FileError) as caught:
        workspace.import_file("road", write(tmp_path, place([EAST]), "b.gpkg"), as_of=DAY)
    assert caught.value.code == "file-unwritable"
    assert workspace.snapshot("road").name == old


def test_lines_are_drawn_as_lines(roads):
    states = [state for state in roads.layers() if state.definition.id == "road"]
    [drawn] = map_layers(roads, states, "zh")
    assert (drawn.kind, drawn.class_source) == ("line", "dldj")
    assert {one.code for one in drawn.classes} == {"X", "C"}
    content = overview_features(roads.snapshot("road"), LIBRARY.require("road"), "EPSG:4546")
    features = json.loads(gzip.decompress(content))["features"]
    kinds = sorted(feature["geometry"]["type"] for feature in features)
    assert kinds == ["LineString", "LineString", "MultiLineString"]
    assert all(shapely.geometry.shape(f["geometry"]).length > 0 for f in features)
