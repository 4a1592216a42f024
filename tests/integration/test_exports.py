"""What goes out is what was in: every format is read again, by us and by other tools."""

import json
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as ET

import ezdxf
import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pyproj
import pytest
import shapely

from geoapp.access.policy import Principal
from geoapp.bootstrap import Workspace
from geoapp.catalog.manifest import Source
from geoapp.catalog.snapshot import Provenance
from geoapp.errors import AccessError, ChoiceError, FileError, NotFoundError
from geoapp.exporters.geoparquet import METADATA_KEY
from geoapp.exporters.request import FORMATS, SUFFIXES, ExportRequest, Origin
from geoapp.exporters.writing import write_features
from geoapp.geometry.crs import to_geographic
from geoapp.geometry.measure import official_areas
from geoapp.i18n import LANGS, Text
from geoapp.importers.measuring import measure_file
from geoapp.importers.vector import read_features
from geoapp.settings import Settings
from tests.building import LIBRARY, write_city
from tests.oracles import ellipsoid

GAUSS, PREFIXED = "EPSG:4546", "EPSG:4525"
ORIGIN = Origin(
    Text(zh="试验市", en="Testing"), 37, sample=True, actor="local:test", day="2026-01-02"
)
OUTER = [(110.95, 29.4), (110.9532, 29.4007), (110.9521, 29.4029), (110.9494, 29.4016)]
HOLE = [(110.951, 29.4011), (110.9514, 29.4012), (110.9513, 29.4016), (110.9509, 29.4015)]
FAR = [(110.96, 29.41), (110.9607, 29.4101), (110.9606, 29.4108), (110.9599, 29.4106)]
RINGED = ellipsoid.pyproj_area([[*OUTER, OUTER[0]], [*HOLE, HOLE[0]]], 4546, 111)
APART = ellipsoid.pyproj_area([[*FAR, FAR[0]]], 4546, 111)
AREAS = [RINGED, RINGED + APART, APART]
KEYS = ["430802-1", "430802-2", "430802-3"]
FORMULA = '=HYPERLINK("x")'
LONG = "界" * 200


def features(**columns) -> gpd.GeoDataFrame:
    """Three parcels: with a hole, of two parts with a hole, plain; the last has no values."""
    ringed, far = shapely.Polygon(OUTER, [HOLE]), shapely.Polygon(FAR)
    values = {rule.name: [""] * 3 for rule in LIBRARY.require("landuse").stored_fields}
    values |= {
        "bsm": KEYS,
        "dlbm": ["0101", "1107A", "0702"],
        "dlmc": ["水田", "干渠", "农村宅基地"],
        "zldwmc": ["东一村", "西,一村", ""],
        "tbmj": [7059.68, 0.1 + 0.2, np.nan],
        "kcxs": [0.1234, 0.0, np.nan],
        "sjnf": pd.array([2024, 0, None], dtype="Int64"),
        "bz": [FORMULA, "-1+1", ""],
    }
    for rule in LIBRARY.require("landuse").stored_fields:
        if rule.type == "number" and values[rule.name] == [""] * 3:
            values[rule.name] = [np.nan] * 3
    shapes = [ringed, shapely.MultiPolygon([ringed, far]), far]
    return gpd.GeoDataFrame(values | columns, geometry=shapes, crs="EPSG:4490")


def export(folder: Path, form: str, frame=None, layer: str = "landuse", **options):
    path = folder / f"out{SUFFIXES[form]}"
    request = ExportRequest(form, options.pop("lang", "zh"), **options)
    frame = features() if frame is None else frame
    return write_features(frame, LIBRARY.require(layer), path, request, ORIGIN)


def codes(report) -> set[str]:
    return {loss.code for loss in report.losses}


def areas_of(geometries, crs: str) -> np.ndarray:
    """Official areas of what a file holds, by our method on the coordinates as they stand."""
    return official_areas(to_geographic(np.asarray(geometries, dtype=object), crs), GAUSS)


def unzip(path: Path, folder: Path) -> Path:
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
    return next(folder.glob("*.shp"))


@pytest.mark.parametrize("crs", ["EPSG:4490", GAUSS, PREFIXED])
@pytest.mark.parametrize("form", ["geopackage", "shapefile", "geoparquet"])
def test_our_reader_gets_back_areas_counts_and_attributes(tmp_path, form, crs):
    report = export(tmp_path, form, crs=crs)
    reading = read_features(report.file)
    name, geometries = reading.located(37)
    assert name == report.crs == crs
    np.testing.assert_allclose(official_areas(geometries, GAUSS), AREAS, atol=0.005)
    np.testing.assert_allclose(areas_of(reading.geometries, crs), AREAS, atol=0.005)
    assert list(reading.frame["bsm"]) == KEYS
    assert list(reading.frame["zldwmc"].fillna("")) == ["东一村", "西,一村", ""]
    assert list(reading.frame["bz"].fillna("")) == [FORMULA, "-1+1", ""]
    assert (
        list(reading.frame["tbmj"][:2].astype(float)) == [7059.68, 0.1 + 0.2] or form == "shapefile"
    )
    assert pd.isna(reading.frame["tbmj"][2])
    assert [None if pd.isna(v) else int(v) for v in reading.frame["sjnf"]] == [2024, 0, None]
    assert report.feature_count == 3
    assert report.area_m2 == pytest.approx(sum(AREAS), abs=0.01)


def test_geojson_is_degrees_with_outer_rings_against_the_clock(tmp_path):
    report = export(tmp_path, "geojson")
    document = json.loads(report.file.read_text(encoding="utf-8"))
    assert document["sample"] is True
    assert any("演示数据" in words for _, words in document["notes"])
    assert "crs" not in document
    polygon = document["features"][0]["geometry"]["coordinates"]
    assert shapely.is_ccw(shapely.LinearRing(polygon[0]))
    assert not shapely.is_ccw(shapely.LinearRing(polygon[1]))
    read = pyogrio.read_dataframe(report.file)
    np.testing.assert_allclose(official_areas(np.asarray(read.geometry), GAUSS), AREAS, atol=0.005)
    assert document["features"][2]["properties"]["tbmj"] is None
    assert codes(report) == {"system_wgs84"}


def test_kml_opens_elsewhere_with_its_attributes(tmp_path):
    report = export(tmp_path, "kml", features(dlmc=["<b>&", "\x07", "水田"]))
    read = pyogrio.read_dataframe(report.file)
    np.testing.assert_allclose(official_areas(np.asarray(read.geometry), GAUSS), AREAS, atol=0.005)
    assert list(read["bsm"]) == KEYS
    assert read["dlmc"][0] == "<b>&"
    root = ET.fromstring(report.file.read_text(encoding="utf-8"))  # noqa: S314  our own file
    described = root.find(".//{*}Document/{*}description").text
    assert "演示数据" in described
    assert codes(report) == {"system_wgs84", "text_changed"}


def test_a_drawing_has_closed_rings_on_layers_of_their_class(tmp_path):
    report = export(tmp_path, "dxf")
    drawing = ezdxf.readfile(report.file)
    assert not drawing.audit().has_errors
    rings: dict[str, float] = {}
    for line in drawing.modelspace().query("LWPOLYLINE"):
        assert line.closed
        data = dict(text.split("=", 1) for _, text in line.get_xdata("XIANGTU")[1:])
        ring = shapely.Polygon(list(line.vertices()))
        sign = -1 if line.dxf.layer.endswith("_HOLE") else 1
        rings[data["bsm"]] = rings.get(data["bsm"], 0) + sign * float(areas_of([ring], PREFIXED)[0])
    assert list(rings) == KEYS
    np.testing.assert_allclose(list(rings.values()), AREAS, atol=0.005)
    assert "landuse_0101_水田" in drawing.layers
    assert any("演示数据" in text.dxf.text for text in drawing.modelspace().query("TEXT"))
    assert codes(report) == {"holes_apart", "parts_apart", "attributes_extended"}
    assert drawing.header["$INSUNITS"] == 6


def test_a_boundary_text_is_dialect_a_and_reads_again(tmp_path):
    report = export(tmp_path, "boundary_text")
    content = report.file.read_bytes()
    assert content.count(b"\r\n") == content.count(b"\n")
    lines = content.decode("gb18030").split("\r\n")
    assert lines[2] == "数据产生单位=乡图（演示数据）"
    first = lines.index("[地块坐标]") + 1
    assert lines[first] == f"10,{AREAS[0] / 10_000:.4f},430802-1,东一村,面,,,0101,@"
    assert [line.split(",")[0] for line in lines[first + 1 : first + 11]] == [
        *("J1", "J2", "J3", "J4", "J1"),
        *("J5", "J6", "J7", "J8", "J5"),
    ]
    assert {line.split(",")[1] for line in lines[first + 1 : first + 6]} == {"1"}
    north, east = map(float, lines[first + 1].split(",")[2:])
    assert 3_200_000 < north < 3_300_000
    assert 37_400_000 < east < 37_500_000
    measured = measure_file(report.file)
    np.testing.assert_allclose([f.area_m2 for f in measured.features], AREAS, atol=0.2)
    change = next(loss for loss in report.losses if loss.code == "vertices_rounded")
    off = np.abs([f.area_m2 - a for f, a in zip(measured.features, AREAS, strict=True)])
    assert off.max() <= float(change.facts["change"]) + 0.001
    assert [f.id for f in measured.features] == KEYS
    assert {"parts_as_rings", "text_changed", "fields_left_out"} < codes(report)


def test_our_reader_takes_a_boundary_text_without_a_doubt_but_that_of_its_parts(tmp_path):
    frame = features(bsm=["a,1", "b，2", "c@"], zldwmc=["东，一@村", "西,一村", ""])
    reading = read_features(export(tmp_path, "boundary_text", frame).file)
    assert list(reading.frame["parcel_no"]) == ["a、1", "b、2", "c﹫"]
    assert list(reading.frame["parcel_name"]) == ["东、一﹫村", "西、一村", ""]
    assert {problem.row for problem in reading.problems} == {2}  # of two parts


@pytest.mark.parametrize("form", ["geojson", "kml", "boundary_text"])
def test_our_reader_gets_back_what_degrees_and_texts_hold(tmp_path, form):
    report = export(tmp_path, form)
    _, geometries = read_features(report.file).located(37)
    near = 0.2 if form == "boundary_text" else 0.005  # millimetres, as the report says
    np.testing.assert_allclose(official_areas(geometries, GAUSS), AREAS, atol=near)


def test_our_reader_gets_back_a_drawing_ring_by_ring(tmp_path):
    reading = read_features(export(tmp_path, "dxf").file, crs=PREFIXED)
    areas = areas_of(reading.geometries, PREFIXED)
    holes = reading.frame["layer"].str.endswith("_HOLE").to_numpy()
    assert holes.sum() == 2
    assert areas[~holes].sum() - areas[holes].sum() == pytest.approx(sum(AREAS), abs=0.01)


def test_a_boundary_text_begins_each_ring_in_the_north_west_and_runs_clockwise(tmp_path):
    report = export(tmp_path, "boundary_text", crs=GAUSS)
    lines = report.file.read_bytes().decode("gb18030").split("\r\n")
    first = lines.index("[地块坐标]") + 2
    ring = np.array(
        [[float(v) for v in line.split(",")[:1:-1]] for line in lines[first : first + 5]]
    )
    assert not shapely.is_ccw(shapely.LinearRing(ring))
    assert np.argmax((ring[:, 1] - ring[:, 0])[:-1]) == 0
    assert "带号=" in lines
    hole = np.array(
        [[float(v) for v in line.split(",")[:1:-1]] for line in lines[first + 5 : first + 10]]
    )
    assert shapely.is_ccw(shapely.LinearRing(hole))


def test_a_workbook_has_areas_as_numbers_and_no_formulas(tmp_path):
    report = export(tmp_path, "workbook")
    book = openpyxl.load_workbook(report.file)
    sheet = book.worksheets[0]
    assert "演示数据" in sheet["A2"].value
    names = [cell.value for cell in sheet[4]]
    rows = [dict(zip(names, row, strict=True)) for row in sheet.iter_rows(5, values_only=True)]
    assert len(rows) == 3
    assert rows[0]["bz"] == FORMULA
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert [row["official_m2"] for row in rows] == [pytest.approx(round(a, 2)) for a in AREAS]
    assert rows[2]["tbmj"] is None
    assert any("演示数据" in str(row[1].value) for row in book.worksheets[1].iter_rows())
    assert codes(report) == {"geometry_left_out"}


def test_a_shapefile_says_its_encoding_and_what_it_lost(tmp_path):
    report = export(tmp_path, "shapefile", features(bz=[LONG, "", ""]))
    shapefile = unzip(report.file, tmp_path / "un")
    assert shapefile.with_suffix(".cpg").read_text() == "GBK"
    read = pyogrio.read_dataframe(shapefile)
    assert list(read["dlmc"]) == ["水田", "干渠", "农村宅基地"]
    assert read["bz"][0] == LONG[:127]
    losses = {loss.code: loss.facts for loss in report.losses}
    assert losses["text_cut"] == {"field": "bz", "count": 1, "bytes": 254, "row": 1}
    assert losses["numbers_rounded"]["field"] == "tbmj"
    assert read["tbmj"][1] == 0.3
    note = (shapefile.parent / "说明.txt").read_text(encoding="utf-8-sig")
    assert "演示数据" in note
    assert "254" in note


def test_what_gbk_cannot_write_is_refused_and_utf_8_writes_it(tmp_path):
    rare = features(zldwmc=["𠀀村", "", ""])
    with pytest.raises(FileError) as refusal:
        export(tmp_path, "shapefile", rare)
    assert refusal.value.code == "export-text-not-encodable"
    assert refusal.value.facts["row"] == 1
    assert refusal.value.facts["character"] == "𠀀"
    assert list(tmp_path.iterdir()) == []
    report = export(tmp_path, "shapefile", rare, encoding="utf-8")
    assert pyogrio.read_dataframe(unzip(report.file, tmp_path / "un"))["zldwmc"][0] == "𠀀村"


def test_official_names_have_the_widths_of_the_standard(tmp_path):
    report = export(tmp_path, "shapefile", official_names=True)
    assert report.fields["tbmj"] == "TBMJ"
    shapefile = unzip(report.file, tmp_path / "un")
    assert shapefile.stem == "DLTB"
    table = shapefile.with_suffix(".dbf").read_bytes()
    forms = {}
    for at in range(32, int.from_bytes(table[8:10], "little") - 1, 32):
        name = table[at : at + 11].split(b"\0")[0].decode("gbk")
        forms[name] = (chr(table[at + 11]), table[at + 16], table[at + 17])
    assert forms["TBMJ"] == ("N", 18, 2)
    assert forms["KCXS"] == ("N", 6, 4)
    assert forms["BSM"] == ("C", 18, 0)
    assert forms["ZLDWMC"] == ("C", 60, 0)
    assert forms["SJNF"] == ("N", 4, 0)
    assert read_features(report.file).frame["TBMJ"][0] == 7059.68


def test_texts_longer_than_the_standard_are_named_and_kept(tmp_path):
    frame = features(tbbh=["123456789", "1", ""])
    report = export(tmp_path, "geopackage", frame, official_names=True)
    losses = {loss.code: loss.facts for loss in report.losses}
    assert losses["longer_than_official"] == {"field": "TBBH", "count": 1, "length": 8}
    assert pyogrio.read_dataframe(report.file, layer="DLTB")["TBBH"][0] == "123456789"


def test_long_names_give_way_to_synonyms_that_map_again(tmp_path):
    definition = LIBRARY.require("demolition")
    values = {rule.name: [""] for rule in definition.stored_fields}
    values |= {"case_no": ["A1"], "households": [2], "floor_area_m2": [12.5], "land_area_m2": [8.0]}
    values |= {"found_on": ["2024-02-29"]}
    frame = gpd.GeoDataFrame(values, geometry=[shapely.Polygon(FAR)], crs="EPSG:4490")
    report = export(tmp_path, "shapefile", frame, "demolition")
    assert report.fields["floor_area_m2"] == "JZMJ"
    assert report.fields["demolished_on"] == "CCRQ"
    read = pyogrio.read_dataframe(unzip(report.file, tmp_path / "un"))
    assert str(read["found_on"][0])[:10] == "2024-02-29"
    assert read["JZMJ"][0] == 12.5
    assert pd.isna(read["CCRQ"][0])


def test_geopackage_and_parquet_say_where_they_come_from(tmp_path):
    notes = pyogrio.read_dataframe(export(tmp_path, "geopackage").file, layer="notes")
    assert any("演示数据" in words for words in notes["note"])
    import pyarrow.parquet as pq

    metadata = pq.read_schema(export(tmp_path, "geoparquet").file).metadata
    assert json.loads(metadata[METADATA_KEY])["sample"] is True
    assert b"geo" in metadata


@pytest.mark.parametrize("form", FORMATS)
def test_data_that_is_no_sample_is_not_marked(tmp_path, form):
    path = tmp_path / f"out{SUFFIXES[form]}"
    definition = LIBRARY.require("landuse")
    origin = replace(ORIGIN, sample=False)
    report = write_features(features(), definition, path, ExportRequest(form, "zh"), origin)
    content = report.file.read_bytes()
    if form in {"shapefile", "workbook"}:
        with zipfile.ZipFile(report.file) as archive:
            content = b"".join(archive.read(name) for name in archive.namelist())
    assert not report.sample
    for encoding in ("utf-8", "gb18030"):
        assert "演示数据".encode(encoding) not in content


@pytest.mark.parametrize(
    ("form", "crs"), [("geojson", GAUSS), ("dxf", "EPSG:4490"), ("geopackage", "EPSG:4524")]
)
def test_a_system_that_a_format_is_not_written_in_is_refused(tmp_path, form, crs):
    with pytest.raises(ChoiceError) as refusal:
        export(tmp_path, form, crs=crs)
    assert crs not in refusal.value.facts["offered"]
    assert list(tmp_path.iterdir()) == []


def test_lines_are_no_parcels(tmp_path):
    line = shapely.LineString(OUTER)
    values = {rule.name: [""] for rule in LIBRARY.require("road").stored_fields} | {"kd": [3.5]}
    frame = gpd.GeoDataFrame(values, geometry=[line], crs="EPSG:4490")
    with pytest.raises(ChoiceError):
        export(tmp_path, "boundary_text", frame, "road")
    for form in ("geopackage", "shapefile", "geojson", "kml", "dxf"):
        report = export(tmp_path, form, frame, "road")
        assert report.length_m == pytest.approx(
            pyproj.Geod(ellps="GRS80").geometry_length(shapely.segmentize(line, 0.0001)), abs=0.01
        )
        place = f"/vsizip/{report.file}/road.shp" if form == "shapefile" else report.file
        layer = pyogrio.list_layers(place)[0][0]
        assert len(pyogrio.read_dataframe(place, layer=layer)) >= 1


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "boundary_text"])
def test_points_and_an_empty_layer_can_be_written(tmp_path, form):
    values = {rule.name: ["甲"] for rule in LIBRARY.require("hamlet").stored_fields} | {
        "nd": pd.array([2024], dtype="Int64")
    }
    frame = gpd.GeoDataFrame(values, geometry=[shapely.Point(110.5, 29.3)], crs="EPSG:4490")
    assert export(tmp_path, form, frame, "hamlet").feature_count == 1
    assert export(tmp_path, form, frame.iloc[:0], "hamlet").feature_count == 0


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("form", FORMATS)
def test_every_loss_has_words_in_both_languages(tmp_path, form, lang):
    report = export(tmp_path, form, features(bz=[LONG * 200, "\x01", ""]), lang=lang)
    document = report.to_json(lang)
    assert all(loss["text"] for loss in document["losses"])
    assert not any("{" in loss["text"] for loss in document["losses"])


# From a workspace.


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exports")
    opened = Workspace.init(
        write_city(folder / "source", sample=True), folder / "ws", settings=Settings()
    )
    provenance = Provenance(date(2024, 1, 1), Source(file="a.shp"), sample=True, coverage={})
    box = shapely.box
    districts = gpd.GeoDataFrame(
        {
            "code": ["439901", "439902"],
            "name": ["东区", "西区"],
            "name_en": ["", ""],
            "dcmj": [np.nan] * 2,
            "bz": ["", ""],
        },
        geometry=[box(110.955, 29.3, 111.1, 29.5), box(110.8, 29.3, 110.955, 29.5)],
        crs="EPSG:4490",
    )
    opened.publish("district", districts, provenance)
    opened.publish("landuse", features(), provenance)
    opened.publish("landuse", features()[:2], replace(provenance, as_of=date(2025, 1, 1)))
    yield opened
    opened.close()


def as_role(workspace: Workspace, role: str) -> Workspace:
    return Workspace.open(workspace.folder, settings=Settings(), principal=Principal("p", role))


def test_a_unit_gives_its_features_whole_and_says_how_many_reach_beyond(workspace, tmp_path):
    east = workspace.export("landuse", tmp_path / "east.gpkg", within="439901")
    west = workspace.export("landuse", tmp_path / "west.gpkg", within="439902")
    assert (east.feature_count, east.reaching_out) == (1, 1)
    assert (west.feature_count, west.reaching_out) == (2, 1)
    notes = pyogrio.read_dataframe(east.file, layer="notes")
    assert any("东区" in words for words in notes["note"])
    with pytest.raises(NotFoundError):
        workspace.export("landuse", tmp_path / "none.gpkg", within="439909")
    assert not (tmp_path / "none.gpkg").exists()


def test_a_past_version_is_written_by_day_or_name(workspace, tmp_path):
    now = workspace.export("landuse", tmp_path / "a.gpkg")
    assert now.feature_count == 2
    then = workspace.export("landuse", tmp_path / "b.gpkg", version=date(2024, 6, 1))
    assert then.feature_count == 3
    named = workspace.export("landuse", tmp_path / "c.gpkg", version=then.snapshot)
    assert named.snapshot == then.snapshot != now.snapshot


def test_an_export_stands_in_the_audit_trail(workspace, tmp_path):
    report = workspace.export("landuse", tmp_path / "a.kml")
    event = workspace.audit.entries(most=1)[0]
    assert (event.action, event.subject) == ("export", f"landuse/{report.snapshot}")
    assert event.detail["count"] == 2


@pytest.mark.parametrize("role", ["public", "township", "inspector"])
def test_who_works_in_one_place_gets_no_whole_layer(workspace, tmp_path, role):
    mine = as_role(workspace, role)
    for within in ("", "439900", "439901"):
        with pytest.raises(AccessError):
            mine.export("landuse", tmp_path / "a.gpkg", within=within)
    # there is no outline of this one here; a township's official without a unit may have none
    with pytest.raises(NotFoundError if role == "inspector" else AccessError):
        mine.export("landuse", tmp_path / "a.gpkg", within="439901001")
    assert list(tmp_path.iterdir()) == []
    mine.close()


def test_what_stands_at_the_place_stays_when_the_export_fails(workspace, tmp_path):
    (tmp_path / "a.dxf").write_bytes(b"mine")
    with pytest.raises(ChoiceError):
        workspace.export("landuse", tmp_path / "a.dxf", crs="EPSG:4490")
    assert (tmp_path / "a.dxf").read_bytes() == b"mine"
    with pytest.raises(FileError):
        workspace.export("landuse", tmp_path / "nowhere" / "a.gpkg")
    with pytest.raises(ChoiceError):
        workspace.export("landuse", tmp_path / "a.docx")
