"""Files of every known form and system give the same areas; damaged ones change nothing."""

import json
import shutil
import sqlite3
import zipfile
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from geoapp.bootstrap import Workspace
from geoapp.errors import (
    AccessError,
    CatalogError,
    ChoiceError,
    CrsError,
    FileError,
    GeometryError,
    InputError,
)
from geoapp.i18n import word_error
from geoapp.importers.encoding import detect_dbf_encoding
from geoapp.importers.measuring import measure_file
from geoapp.importers.members import archive_members
from geoapp.importers.vector import read_features
from geoapp.settings import Settings
from tests.building import on_ground, write_city
from tests.oracles import ellipsoid
from tests.oracles.grid import rectangle

DAY = date(2024, 1, 1)
RING = [
    (110.95, 29.4),
    (110.9532, 29.4007),
    (110.9521, 29.4029),
    (110.9494, 29.4016),
    (110.95, 29.4),
]
AREA_M2 = ellipsoid.pyproj_area([RING], 4546, 111)


@pytest.fixture
def workspace(tmp_path):
    city = write_city(tmp_path / "source")
    opened = Workspace.init(city, tmp_path / "ws", settings=Settings())
    yield opened
    opened.close()


def parcels(**columns) -> gpd.GeoDataFrame:
    """One land-use parcel, with names as offices write them."""
    data = {"BSM": ["1"], "DLBM": ["0101"], "DLMC": ["水田"], "ZLDWMC": ["东一村"]} | columns
    count = len(next(iter(data.values())))
    shapes = [shapely.Polygon(RING)] * count
    return gpd.GeoDataFrame(data, geometry=shapes, crs="EPSG:4490")


def write(frame: gpd.GeoDataFrame, path: Path, **options) -> Path:
    if path.suffix == ".parquet":
        frame.to_parquet(path)
    else:
        pyogrio.write_dataframe(frame, path, **options)
    return path


def zipped(shapefile: Path, target: Path, *, names: str | None = None) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in sorted(shapefile.parent.glob(f"{shapefile.stem}.*")):
            archive.write(part, f"{names or shapefile.stem}{part.suffix}")
    return target


def state_of(workspace: Workspace) -> tuple[object, ...]:
    files = sorted(str(p) for p in (workspace.folder / "layers").rglob("*"))
    return files, workspace.store.current().keys()


def refuse(workspace, kind, path, *, code=None, layer="landuse", **options):
    """Import what cannot be imported: our error, worded, and nothing changed."""
    before = state_of(workspace)
    with pytest.raises(kind) as caught:
        workspace.import_file(layer, path, as_of=DAY, **options)
    assert state_of(workspace) == before
    if code:
        assert caught.value.code == code
    for lang in ("zh", "en"):
        assert len(word_error(caught.value, lang)) > 8
    return caught.value


@pytest.mark.parametrize("epsg", [4490, 4546, 4525, 3857, 4326])
@pytest.mark.parametrize("form", ["gpkg", "geojson", "parquet", "shp", "zip"])
def test_every_form_and_system_gives_the_same_area(workspace, tmp_path, form, epsg):
    frame = parcels().to_crs(epsg)
    suffix = "shp" if form == "zip" else form
    options = {"encoding": "UTF-8"} if suffix == "shp" else {}
    path = write(frame, tmp_path / f"a.{suffix}", **options)
    if form == "zip":
        path = zipped(path, tmp_path / "a.zip")
    report = workspace.import_file("landuse", path, as_of=DAY)
    assert report.area_m2 == pytest.approx(AREA_M2, abs=0.01)
    stored = workspace.layer("landuse")
    assert stored.crs.to_epsg() == 4490
    assert stored["dlmc"].tolist() == ["水田"]
    assert report.fields["dlbm"] == "DLBM"
    assert workspace.snapshot("landuse").manifest.area_m2 == pytest.approx(report.area_m2, abs=1e-6)


def boundary_text(rows: str, *, zone: str = "37", datum: str = "2000国家大地坐标系") -> str:
    return (
        f"[属性描述]\n格式版本号=1.01版本\n坐标系={datum}\n几度分带=3\n投影类型=高斯克吕格\n"
        f"计量单位=米\n带号={zone}\n精度=0.001\n转换参数=0,0,0,0,0,0,0\n[地块坐标]\n{rows}"
    )


def test_the_same_parcel_as_text_gives_the_same_area(tmp_path):
    frame = parcels().to_crs(4525)
    points = shapely.get_coordinates(frame.geometry)
    rows = "".join(f"J{n},1,{y:.4f},{x:.4f}\n" for n, (x, y) in enumerate(points, 1))
    path = tmp_path / "a.txt"
    path.write_text(boundary_text(f"5,9,A-1,名,面,,,,@\n{rows}"), encoding="gb18030")
    [feature] = measure_file(path).features
    assert feature.area_m2 == pytest.approx(AREA_M2, abs=0.01)


# --- attribute text ------------------------------------------------------------------------


def shapefile(tmp_path, encoding: str, *, cpg: str | None, text: str = "水田") -> Path:
    path = write(parcels(DLMC=[text]), tmp_path / "a.shp", encoding=encoding)
    page = path.with_suffix(".cpg")
    page.unlink(missing_ok=True)
    if cpg is not None:
        page.write_text(cpg)
    return path


@pytest.mark.parametrize(
    ("encoding", "cpg"),
    [
        ("GBK", None),
        ("GBK", "GBK"),
        ("GBK", "936"),
        ("GBK", "UTF-8"),
        ("GBK", "ISO-8859-1"),
        ("GBK", "1252"),
        ("GBK", "no such codec"),
        ("UTF-8", None),
        ("UTF-8", "UTF-8"),
        ("UTF-8", "ISO-8859-1"),
    ],
)
def test_attribute_text_is_read_whatever_the_cpg_says(tmp_path, encoding, cpg):
    path = shapefile(tmp_path, encoding, cpg=cpg)
    assert read_features(path).frame["DLMC"].tolist() == ["水田"]


@pytest.mark.parametrize("encoding", ["GBK", "UTF-8"])
@pytest.mark.parametrize("with_cpg", [True, False])
def test_wide_text_fields_do_not_confuse_the_encoding(tmp_path, encoding, with_cpg):
    """A field of 254 bytes puts the byte FE into the header of the table."""
    text = "张家界市永定区" * 11 + "水田"
    text += "x" * (254 - len(text.encode(encoding)))
    path = shapefile(tmp_path, encoding, cpg=encoding if with_cpg else None, text=text)
    assert detect_dbf_encoding(path) in {"gbk", "gb18030", "utf-8"}
    assert read_features(path).frame["DLMC"].tolist() == [text]


def test_chinese_field_names_in_gbk_are_understood(workspace, tmp_path):
    frame = parcels().rename(columns={"DLBM": "地类编码"})
    path = write(frame, tmp_path / "a.shp", encoding="GBK")
    path.with_suffix(".cpg").unlink()
    report = workspace.import_file("landuse", path, as_of=DAY)
    assert report.fields["dlbm"] == "地类编码"
    assert report.encoding == "gb18030"


def test_a_stated_encoding_that_does_not_exist_is_refused(workspace, tmp_path):
    path = shapefile(tmp_path, "GBK", cpg=None)
    refuse(workspace, FileError, path, encoding="klingon")


# --- archives ------------------------------------------------------------------------------


def test_member_names_in_gbk_are_read(tmp_path, monkeypatch):
    """As tools without UTF-8 write them: the bytes of GBK, and no flag."""
    shapefile(tmp_path, "GBK", cpg=None)
    target = tmp_path / "b.zip"
    monkeypatch.setattr(
        zipfile.ZipInfo, "_encodeFilenameFlags", lambda info: (info.filename.encode("gbk"), 0)
    )
    with zipfile.ZipFile(target, "w") as archive:
        for part in tmp_path.glob("a.*"):
            archive.writestr(f"图斑{part.suffix}", part.read_bytes())
    monkeypatch.undo()
    assert "图斑.shp".encode("gbk") in target.read_bytes()
    with archive_members(target, "b.zip") as members:
        assert {"图斑.shp", "图斑.dbf"} <= {str(member.name) for member in members}
    assert len(read_features(target).frame) == 1


def test_a_zip_bomb_is_not_opened(workspace, tmp_path):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.shp", b"\0" * 40_000_000)
    refuse(workspace, FileError, path, code="archive-expands-too-much")


def test_an_archive_without_data_says_so(workspace, tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.md", "nothing")
    refuse(workspace, FileError, path, code="archive-without-data")


def two_shapefiles(tmp_path, *, folders: bool = False) -> Path:
    path = tmp_path / "two.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, code in (("old", "0101"), ("new", "0307")):
            folder = tmp_path / name
            folder.mkdir()
            frame = parcels(DLBM=[code])
            source = write(frame, folder / "parcels.shp", encoding="UTF-8")
            for part in folder.glob("parcels.*"):
                inner = f"{name}/parcels{part.suffix}" if folders else f"{name}{part.suffix}"
                archive.write(part, inner)
            del source
    return path


def test_of_two_shapefiles_one_must_be_named(workspace, tmp_path):
    path = two_shapefiles(tmp_path)
    refuse(workspace, ChoiceError, path, code="file-many-layers")
    refuse(workspace, ChoiceError, path, code="choice-unknown", sublayer="third")
    workspace.import_file("landuse", path, as_of=DAY, sublayer="new")
    assert workspace.layer("landuse")["dlbm"].tolist() == ["0307"]


def test_two_shapefiles_of_one_name_in_two_folders_are_not_mixed_up(workspace, tmp_path):
    path = two_shapefiles(tmp_path, folders=True)
    refuse(workspace, ChoiceError, path, code="file-many-layers")
    workspace.import_file("landuse", path, as_of=DAY, sublayer="old/parcels")
    assert workspace.layer("landuse")["dlbm"].tolist() == ["0101"]


def test_bytes_changed_inside_an_archive_are_an_input_error(tmp_path):
    shapefile(tmp_path, "UTF-8", cpg=None, text="水" * 60)
    path = zipped(tmp_path / "a.shp", tmp_path / "a.zip")
    content = bytearray(path.read_bytes())
    for start in range(40, len(content) - 400, 37):
        damaged = content.copy()
        damaged[start : start + 12] = b"\xff" * 12
        path.write_bytes(damaged)
        try:
            read_features(path)
        except InputError:
            continue


@pytest.mark.parametrize("member", ["../evil.shp", "/etc/evil.shp", "a/../../evil.shp"])
def test_members_never_leave_the_temporary_folder(tmp_path, member):
    source = shapefile(tmp_path, "UTF-8", cpg="UTF-8")
    path = tmp_path / "slip.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for part in tmp_path.glob("a.*"):
            if part.suffix != ".zip":
                archive.write(part, member.replace(".shp", part.suffix))
    before = set(tmp_path.parent.iterdir())
    assert len(read_features(path).frame) == 1
    assert set(tmp_path.parent.iterdir()) == before
    del source


# --- files that are not what they say ------------------------------------------------------


def test_disguised_files_are_refused(workspace, tmp_path):
    vrt = b'<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
    cases = {
        "a.geojson": vrt,
        "b.json": b'{"type": "Topology"}',
        "c.geojson": b"[1, 2]",
        "d.gpkg": b"just some text that is long enough",
        "e.shp": vrt,
        "f.zip": b"PK nothing",
        "g.parquet": b"PAR1 but no more",
        "h.gpkg": b"",
        "i.geojson": b"",
        "j.exe": b"MZ",
        "k.geojson": b"[" * 100_000,
        "l.geojson": b"\xff\xfe\x00",
        "m.gpkg": b"SQLite format 3\x00" + b"\x00" * 200,
    }
    for name, content in cases.items():
        path = tmp_path / name
        path.write_bytes(content)
        refuse(workspace, FileError, path)
    refuse(workspace, FileError, tmp_path / "nothing.gpkg", code="file-missing")
    (tmp_path / "empty").mkdir()
    refuse(workspace, FileError, tmp_path / "empty", code="file-missing")


def test_a_database_without_maps_is_refused(workspace, tmp_path):
    path = tmp_path / "a.gpkg"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (a)")
    connection.close()
    refuse(workspace, FileError, path)


@pytest.mark.parametrize("share", [0, 10, 50, 90])
@pytest.mark.parametrize("form", ["gpkg", "geojson", "parquet", "shp", "zip"])
def test_a_file_that_was_cut_off_is_refused_and_nothing_changes(workspace, tmp_path, form, share):
    many = pd.concat([parcels()] * 400, ignore_index=True)
    many["BSM"] = [str(n) for n in range(400)]
    frame = gpd.GeoDataFrame(many, crs="EPSG:4490")
    path = write(frame, tmp_path / f"a.{'shp' if form == 'zip' else form}")
    if form == "zip":
        path = zipped(path, tmp_path / "a.zip")
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * share // 100])
    refuse(workspace, InputError, path)


# --- reference systems ---------------------------------------------------------------------


def test_a_missing_prj_is_a_sentence_with_a_hint(workspace, tmp_path):
    path = write(parcels().to_crs(4525), tmp_path / "a.shp", encoding="UTF-8")
    path.with_suffix(".prj").unlink()
    error = refuse(workspace, CrsError, path, code="crs-missing")
    assert "EPSG:4525" in word_error(error, "en")
    report = workspace.import_file("landuse", path, as_of=DAY, crs="EPSG:4525")
    assert report.area_m2 == pytest.approx(AREA_M2, abs=0.01)


def test_a_wrong_stated_system_puts_the_data_outside_the_city(workspace, tmp_path):
    path = write(parcels().to_crs(4546), tmp_path / "a.gpkg")
    refuse(workspace, CrsError, path, code="crs-outside-city", crs="EPSG:4545")
    refuse(workspace, CrsError, path, code="crs-does-not-fit", crs="EPSG:4525")
    refuse(workspace, CrsError, path, code="crs-datum-refused", crs="EPSG:2382")
    refuse(workspace, CrsError, path, code="crs-unknown", crs="wherever")


def test_plane_coordinates_in_geojson_without_a_system_are_refused(workspace, tmp_path):
    path = tmp_path / "a.geojson"
    document = json.loads(parcels().to_crs(4546).to_json())
    document.pop("crs", None)
    path.write_text(json.dumps(document))
    refuse(workspace, CrsError, path)
    report = workspace.import_file("landuse", path, as_of=DAY, crs="EPSG:4546")
    assert report.area_m2 == pytest.approx(AREA_M2, abs=0.01)


def test_swapped_longitude_and_latitude_are_named(workspace, tmp_path):
    frame = parcels()
    frame.geometry = frame.geometry.map(lambda g: shapely.transform(g, lambda xy: xy[:, ::-1]))
    path = write(frame, tmp_path / "a.gpkg")
    refuse(workspace, CrsError, path, code="crs-swapped")


# --- fields --------------------------------------------------------------------------------


def test_a_required_field_that_is_missing_is_named_with_what_is_there(workspace, tmp_path):
    path = write(parcels().drop(columns="DLBM"), tmp_path / "a.gpkg")
    error = refuse(workspace, CatalogError, path, code="field-missing")
    assert "dlbm" in word_error(error, "en")
    assert "DLMC" in word_error(error, "en")


@pytest.mark.parametrize("wrong", ["many", "1,5", "inf", "-inf", "nan"])
def test_a_number_that_is_none_is_named_with_its_row(workspace, tmp_path, wrong):
    frame = parcels(
        BSM=["1", "2"], DLBM=["0101"] * 2, DLMC=["", ""], ZLDWMC=["", ""], TBMJ=["5", wrong]
    )
    path = write(frame, tmp_path / "a.gpkg")
    error = refuse(workspace, CatalogError, path, code="field-value-wrong")
    assert error.facts["row"] == 2
    assert error.facts["field"] == "tbmj"


def test_an_infinite_number_in_a_number_field_is_refused(workspace, tmp_path):
    path = write(parcels(TBMJ=[float("inf")]), tmp_path / "a.parquet")
    refuse(workspace, CatalogError, path, code="field-value-wrong")


def test_a_year_that_is_no_whole_number_is_refused(workspace, tmp_path):
    path = write(parcels(SJNF=[2023.5]), tmp_path / "a.gpkg")
    refuse(workspace, CatalogError, path, code="field-value-wrong")


def test_an_empty_number_is_empty_not_the_number_above(workspace, tmp_path):
    frame = parcels(
        BSM=["1", "2"], DLBM=["0101"] * 2, DLMC=["", ""], ZLDWMC=["", ""], TBMJ=["5", ""]
    )
    workspace.import_file("landuse", write(frame, tmp_path / "a.gpkg"), as_of=DAY)
    stored = workspace.layer("landuse").set_index("bsm")["tbmj"]
    assert stored["1"] == 5
    assert np.isnan(stored["2"])


def test_an_empty_required_field_is_named_with_its_row(workspace, tmp_path):
    frame = parcels(BSM=["1", "2"], DLBM=["0101", None], DLMC=["", ""], ZLDWMC=["", ""])
    error = refuse(workspace, CatalogError, write(frame, tmp_path / "a.gpkg"), code="field-empty")
    assert error.facts["row"] == 2


def test_codes_keep_their_leading_zeros(workspace, tmp_path):
    frame = parcels(DLBM=["0101"], BSM=["000123"])
    workspace.import_file("landuse", write(frame, tmp_path / "a.gpkg"), as_of=DAY)
    assert workspace.layer("landuse")["bsm"].tolist() == ["000123"]


def test_unknown_classes_and_fields_are_listed(workspace, tmp_path):
    frame = parcels(DLBM=["9999"], EXTRA=[1])
    report = workspace.import_file("landuse", write(frame, tmp_path / "a.gpkg"), as_of=DAY)
    assert report.unknown_classes == {"dlbm=9999": 1}
    assert "EXTRA" in report.unmapped_fields
    assert "tbmj" in report.missing_fields
    manifest = workspace.snapshot("landuse").manifest
    assert manifest.unmapped_fields == report.unmapped_fields
    assert manifest.missing_fields == report.missing_fields


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("2024-03-05", "2024-03-05"),
        ("20240305", "2024-03-05"),
        ("2024/3/5", "2024-03-05"),
        ("2024.03.05", "2024-03-05"),
        ("2024年3月5日", "2024-03-05"),
        ("", ""),
        (pd.Timestamp("2024-03-05"), "2024-03-05"),
        (date(2024, 3, 5), "2024-03-05"),
    ],
)
def test_dates_are_stored_in_one_form(workspace, tmp_path, written, stored):
    frame = parcels().drop(columns=["BSM", "DLBM", "DLMC", "ZLDWMC"])
    frame = frame.assign(CASE_NO=["1"], FXRQ=[written])
    path = write(frame, tmp_path / ("a.parquet" if isinstance(written, date) else "a.gpkg"))
    workspace.import_file("demolition", path, as_of=DAY)
    assert workspace.layer("demolition")["found_on"].tolist() == [stored]


@pytest.mark.parametrize("wrong", ["yesterday", "2024-13-01", "20240230"])
def test_a_date_that_is_none_is_named_with_its_row(workspace, tmp_path, wrong):
    frame = parcels().drop(columns=["BSM", "DLBM", "DLMC", "ZLDWMC"])
    frame = frame.assign(CASE_NO=["1"], FXRQ=[wrong])
    path = write(frame, tmp_path / "a.gpkg")
    refuse(workspace, CatalogError, path, code="field-value-wrong", layer="demolition")


# --- geometries ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shape", "code"),
    [
        (None, "geometry-missing"),
        (shapely.Polygon(), "geometry-missing"),
        (shapely.Point(110.95, 29.4), "geometry-wrong-kind"),
    ],
)
def test_a_geometry_that_cannot_be_stored_is_named_with_its_row(workspace, tmp_path, shape, code):
    frame = parcels(BSM=["1", "2"], DLBM=["0101"] * 2, DLMC=["", ""], ZLDWMC=["", ""])
    frame.geometry = [shapely.Polygon(RING), shape]
    frame.to_parquet(tmp_path / "a.parquet")
    error = refuse(workspace, GeometryError, tmp_path / "a.parquet", code=code)
    assert error.facts["row"] == 2


def test_a_bow_tie_is_repaired_and_listed(workspace, tmp_path):
    frame = parcels()
    frame.geometry = [
        shapely.Polygon([(110.95, 29.4), (110.96, 29.41), (110.96, 29.4), (110.95, 29.41)])
    ]
    report = workspace.import_file("landuse", write(frame, tmp_path / "a.gpkg"), as_of=DAY)
    [repair] = report.repairs
    assert repair.row == 1
    assert repair.after_m2 == pytest.approx(report.area_m2, abs=1e-6)
    assert workspace.snapshot("landuse").manifest.repairs == report.repairs
    assert workspace.layer("landuse").geometry.is_valid.all()


def test_heights_are_left_out(workspace, tmp_path):
    frame = parcels()
    frame.geometry = [shapely.force_3d(shapely.Polygon(RING), 250.0)]
    workspace.import_file("landuse", write(frame, tmp_path / "a.gpkg"), as_of=DAY)
    assert not workspace.layer("landuse").geometry.has_z.any()


# --- units, coverage, dry run --------------------------------------------------------------


def districts(codes: list[str]) -> gpd.GeoDataFrame:
    shapes = [on_ground(rectangle(3 * n, 0, 3 * n + 3, 3)) for n in range(len(codes))]
    return gpd.GeoDataFrame(
        {"XZQDM": codes, "XZQMC": [f"区{n}" for n in range(len(codes))]},
        geometry=shapes,
        crs="EPSG:4490",
    )


@pytest.mark.parametrize(
    ("layer", "codes", "stored"),
    [
        ("district", ["439901", "439902"], ["439901", "439902"]),
        ("district", ["439901000000", "439902000"], ["439901", "439902"]),
        ("township", ["439901001000", "439902001"], ["439901001", "439902001"]),
        ("village", ["4399010010010000000", "439902001001"], ["439901001001", "439902001001"]),
    ],
)
def test_unit_codes_lose_their_padding_zeros(workspace, tmp_path, layer, codes, stored):
    path = write(districts(codes), tmp_path / "a.gpkg")
    workspace.import_file(layer, path, as_of=DAY)
    assert sorted(workspace.layer(layer)["code"]) == stored


@pytest.mark.parametrize(
    "codes",
    [["43990"], ["439901001"], ["43990X"], ["439901", "439901"], ["439901", "439901000000"]],
)
def test_unit_codes_that_do_not_fit_the_level_are_refused(workspace, tmp_path, codes):
    path = write(districts(codes), tmp_path / "a.gpkg")
    refuse(workspace, CatalogError, path, code="unit-code-wrong", layer="district")


def test_coverage_is_complete_only_where_it_was_declared(workspace, tmp_path):
    workspace.import_file(
        "district", write(districts(["439901", "439902"]), tmp_path / "d.gpkg"), as_of=DAY
    )
    red = gpd.GeoDataFrame(
        {"MC": ["a"]}, geometry=[on_ground(rectangle(0, 0, 1, 1))], crs="EPSG:4490"
    )
    path = write(red, tmp_path / "r.gpkg")
    plain = workspace.import_file("ecological_redline", path, as_of=DAY)
    assert plain.coverage == {"439901": "partial", "439902": "no_data"}
    [east, west] = workspace.stats("ecological_redline").rows
    assert (east.coverage, west.coverage, west.area_m2) == ("partial", "no_data", None)
    declared = workspace.import_file("ecological_redline", path, as_of=DAY, covers=("439902",))
    assert declared.coverage == {"439901": "partial", "439902": "complete"}
    refuse(workspace, ChoiceError, path, layer="ecological_redline", covers=("999999",))


def test_declaring_coverage_for_a_file_imported_before_takes_effect(workspace, tmp_path):
    path = write(parcels().rename(columns={"BSM": "MC"}), tmp_path / "r.gpkg")
    workspace.import_file("ecological_redline", path, as_of=DAY)
    report = workspace.import_file("ecological_redline", path, as_of=DAY, covers=("all",))
    assert set(report.coverage.values()) == {"complete"}
    assert workspace.snapshot("ecological_redline").manifest.coverage == report.coverage


def test_a_dry_run_reports_and_writes_nothing(workspace, tmp_path):
    path = write(parcels(), tmp_path / "a.gpkg")
    before = state_of(workspace)
    report = workspace.import_file("landuse", path, as_of=DAY, dry_run=True)
    assert report.feature_count == 1
    assert report.snapshot == ""
    assert state_of(workspace) == before


def test_a_file_without_features_can_say_that_there_is_nothing(workspace, tmp_path):
    path = write(parcels().iloc[:0], tmp_path / "a.gpkg", geometry_type="Polygon")
    report = workspace.import_file("landuse", path, as_of=DAY, covers=("all",))
    assert report.feature_count == 0
    assert workspace.snapshot("landuse").manifest.bounds is None


def test_only_planners_may_publish(workspace, tmp_path):
    from geoapp.access.policy import Principal

    path = write(parcels(), tmp_path / "a.gpkg")
    for role in ("public", "township", "inspector"):
        workspace.principal = Principal("somebody", role)
        refuse(workspace, AccessError, path)
    workspace.principal = Principal("somebody", "planner")
    workspace.import_file("landuse", path, as_of=DAY)


def test_old_data_with_local_parameters_is_taken(tmp_path):
    parameters = tmp_path / "shift.toml"
    parameters.write_text(
        'datum = "xian80"\ndx_m = 10.0\ndy_m = 20.0\ndz_m = 30.0\nrx_arcsec = 0.0\n'
        "ry_arcsec = 0.0\nrz_arcsec = 0.0\nscale_ppm = 0.0\n"
    )
    city = write_city(tmp_path / "source")
    settings = Settings(datum_parameters=parameters)
    workspace = Workspace.init(city, tmp_path / "ws", settings=settings)
    path = write(parcels().to_crs(4546).set_crs(2382, allow_override=True), tmp_path / "a.gpkg")
    report = workspace.import_file("landuse", path, as_of=DAY)
    assert report.crs == "EPSG:2382"
    assert report.area_m2 == pytest.approx(AREA_M2, rel=1e-4)
    for wrong in ('datum = "xian80"\n', parameters.read_text().replace("10.0", '"x"'), parameters.read_text().replace("xian80", "mars")):  # fmt: skip
        parameters.write_text(wrong)
        refuse(workspace, FileError, path, code="datum-parameters-wrong")
    workspace.close()


def test_importing_does_not_touch_the_file(workspace, tmp_path):
    path = write(parcels(), tmp_path / "a.gpkg")
    before = {p: p.read_bytes() for p in tmp_path.glob("a.*")}
    workspace.import_file("landuse", path, as_of=DAY)
    assert {p: p.read_bytes() for p in tmp_path.glob("a.*")} == before
    shutil.rmtree(tmp_path / "source")
