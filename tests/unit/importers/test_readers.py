"""What each reader decides, doubts or leaves out is said; what was handed over stays as it is."""

import sqlite3
import struct
import zipfile
from contextlib import closing
from pathlib import Path

import ezdxf
import geopandas as gpd
import numpy as np
import openpyxl
import pyogrio
import pytest
import shapely

from geoapp.errors import ChoiceError, FileError
from geoapp.importers.vector import list_sublayers, read_features
from tests.unit.importers.corpus import boundary_text, frame, shapefile

DATA = Path(__file__).parents[2] / "data"


def codes(reading) -> set[str]:
    return {problem.code for problem in reading.problems}


def facts(reading, code: str) -> dict[str, object]:
    return next(problem.facts for problem in reading.problems if problem.code == code)


# --- shapefiles ------------------------------------------------------------------------------


def test_a_missing_index_is_made_again_on_a_copy_and_only_when_asked(tmp_path):
    path = shapefile(tmp_path)
    path.with_suffix(".shx").unlink()
    before = {part.name: part.read_bytes() for part in tmp_path.iterdir()}
    with pytest.raises(FileError) as caught:
        read_features(path)
    assert caught.value.code == "shapefile-index-missing"
    reading = read_features(path, rebuild_index=True)
    assert len(reading.frame) == 1
    assert "shapefile-index-rebuilt" in codes(reading)
    assert {part.name: part.read_bytes() for part in tmp_path.iterdir()} == before


def test_a_missing_table_leaves_shapes_without_attributes(tmp_path):
    path = shapefile(tmp_path)
    path.with_suffix(".dbf").unlink()
    reading = read_features(path)
    assert len(reading.frame) == 1
    assert "shapefile-without-table" in codes(reading)


def test_a_table_of_another_length_is_a_warning(tmp_path):
    path = shapefile(tmp_path)
    content = bytearray(path.with_suffix(".dbf").read_bytes())
    content[4:8] = (7).to_bytes(4, "little")
    path.with_suffix(".dbf").write_bytes(bytes(content))
    assert facts(read_features(path), "shapefile-rows-differ") == {"shapes": 1, "rows": 7}


def test_a_part_of_a_shapefile_alone_says_which_part_is_missing(tmp_path):
    path = shapefile(tmp_path)
    with pytest.raises(FileError) as caught:
        read_features(path.with_suffix(".dbf"))
    assert caught.value.code == "shapefile-without-shp"


def test_remarks_beside_data_are_named_and_not_read(tmp_path):
    shapefile(tmp_path)
    (tmp_path / "说明.txt").write_text("quite another thing", encoding="utf-8")
    reading = read_features(tmp_path)
    assert len(reading.frame) == 1
    assert "说明.txt" in str(facts(reading, "files-left-out")["files"])


# --- geodatabases and geopackages ------------------------------------------------------------


def test_codes_of_a_geodatabase_keep_what_they_mean_beside_them():
    reading = read_features(DATA / "domains.gdb.zip")
    assert reading.frame["QSXZ"].tolist() == ["30", "20", "99"]
    assert reading.frame["QSXZ_text"].fillna("?").tolist() == [
        "集体土地所有权",
        "国有土地使用权",
        "?",
    ]
    assert facts(reading, "domain-decoded") == {"field": "QSXZ", "name": "QSXZ_text"}
    assert facts(reading, "domain-code-unknown")["codes"] == "99"


def test_of_two_geodatabases_in_one_archive_one_must_be_named(tmp_path):
    for name, crs in (("甲", "EPSG:4525"), ("乙", "EPSG:4546")):
        pyogrio.write_dataframe(
            frame(crs), tmp_path / f"{name}.gdb", driver="OpenFileGDB", layer="DK"
        )
    path = tmp_path / "two.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for part in sorted(tmp_path.rglob("*.gdb/*")):
            archive.write(part, f"a/b/c/{part.parent.name}/{part.name}")
    with pytest.raises(ChoiceError) as caught:
        read_features(path)
    assert caught.value.code == "file-many-layers"
    assert {one.name for one in list_sublayers(path)} == {"甲/DK", "乙/DK"}
    reading = read_features(path, sublayer="乙/DK")
    assert reading.sublayer == "乙/DK"
    assert reading.crs == "EPSG:4546"


def curved_geopackage(path: Path, radius: float) -> Path:
    """A circle of two arcs, written byte by byte: a curve polygon of one circular string."""
    x, y = 449395.0, 3223850.0
    pyogrio.write_dataframe(frame("EPSG:4546"), path, layer="dk")
    points = [(x - radius, y), (x, y + radius), (x + radius, y), (x, y - radius), (x - radius, y)]
    ring = struct.pack("<BII", 1, 8, len(points)) + b"".join(struct.pack("<dd", *p) for p in points)
    blob = b"GP\x00\x01" + struct.pack("<i", 4546) + struct.pack("<BII", 1, 10, 1) + ring
    with closing(sqlite3.connect(path)) as connection:
        for (trigger,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            connection.execute(f'DROP TRIGGER "{trigger}"')
        connection.execute("UPDATE gpkg_geometry_columns SET geometry_type_name = 'CURVEPOLYGON'")
        connection.execute("UPDATE dk SET geom = ?", (blob,))
        connection.commit()
    return path


def test_arcs_become_chords_so_fine_that_the_area_stays(tmp_path):
    reading = read_features(curved_geopackage(tmp_path / "a.gpkg", 50.0))
    assert facts(reading, "curves-to-chords") == {"count": 1}
    assert shapely.area(reading.geometries)[0] == pytest.approx(np.pi * 2500, abs=0.01)


def test_true_curves_of_a_geodatabase_are_read():
    reading = read_features(DATA / "curves.gdb.zip")
    assert facts(reading, "curves-to-chords") == {"count": 1}
    assert shapely.area(reading.geometries)[0] == pytest.approx(np.pi * 2500, abs=0.01)


def test_a_geopackage_is_not_touched_by_reading_it(tmp_path):
    path = tmp_path / "a.gpkg"
    pyogrio.write_dataframe(frame(), path, layer="dk")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE t (a)")
        connection.commit()
    before = {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in tmp_path.iterdir()}
    reading = read_features(path)
    assert len(reading.frame) == 1
    assert "geopackage-journal" in codes(reading)
    after = {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in tmp_path.iterdir()}
    assert after == before


def test_a_geopackage_of_endless_layers_is_refused(tmp_path):
    path = tmp_path / "a.gpkg"
    pyogrio.write_dataframe(frame(), path, layer="dk")
    with closing(sqlite3.connect(path)) as connection:
        rows = [(f"t{n}", "geom", "POINT", 4490, 0, 0) for n in range(1001)]
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.executemany("INSERT INTO gpkg_geometry_columns VALUES (?, ?, ?, ?, ?, ?)", rows)
        connection.commit()
    with pytest.raises(FileError) as caught:
        read_features(path)
    assert caught.value.code == "file-too-many-layers"


def test_a_ring_that_is_none_is_that_rows_problem_only(tmp_path):
    path = tmp_path / "a.gpkg"
    shapes = [shapely.box(110, 29, 110.1, 29.1)] * 3
    pyogrio.write_dataframe(gpd.GeoDataFrame(geometry=shapes, crs=4490), path, layer="dk")
    ring = struct.pack("<BII", 1, 3, 1) + struct.pack("<I", 2) + struct.pack("<4d", 1, 2, 3, 4)
    with closing(sqlite3.connect(path)) as connection:
        for (trigger,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            connection.execute(f'DROP TRIGGER "{trigger}"')
        blob = b"GP\x00\x01" + struct.pack("<i", 4490) + ring
        connection.execute("UPDATE dk SET geom = ? WHERE fid = 2", (blob,))
        connection.commit()
    reading = read_features(path)
    assert [problem.row for problem in reading.problems] == [2]
    assert codes(reading) == {"geometry-unreadable"}
    assert shapely.is_missing(reading.geometries).tolist() == [False, True, False]


# --- drawings --------------------------------------------------------------------------------


def drawn(tmp_path, draw, unit: int = 6) -> Path:
    document = ezdxf.new("R2010")
    document.header["$INSUNITS"] = unit
    draw(document, document.modelspace())
    path = tmp_path / "a.dxf"
    document.saveas(path)
    return path


CORNERS = [(449395.0, 3223750.0), (449495.0, 3223750.0), (449495.0, 3223850.0), (449395, 3223850)]


def test_open_lines_are_listed_and_never_closed(tmp_path):
    def draw(_document, space):
        space.add_lwpolyline(CORNERS, close=True, dxfattribs={"layer": "宗地"})
        space.add_lwpolyline(CORNERS, dxfattribs={"layer": "围墙"})
        space.add_lwpolyline([*CORNERS, (449395.0, 3223750.02)], dxfattribs={"layer": "宗地"})
        space.add_line(*CORNERS[:2], dxfattribs={"layer": "路"})
        space.add_text("甲地块", dxfattribs={"insert": (449440, 3223800)})

    reading = read_features(drawn(tmp_path, draw))
    assert reading.frame["layer"].tolist() == ["宗地"]
    assert reading.frame["name"].tolist() == ["甲地块"]
    assert facts(reading, "dxf-line-open")["layer"] == "围墙"
    assert facts(reading, "dxf-almost-closed")["gap"] == pytest.approx(0.02)
    assert facts(reading, "dxf-lines-apart") == {"entity": "LINE", "layer": "路", "count": 1}


def test_more_open_lines_than_are_listed_are_counted(tmp_path):
    def draw(_document, space):
        space.add_lwpolyline(CORNERS, close=True)
        for _ in range(205):
            space.add_lwpolyline(CORNERS)

    assert facts(read_features(drawn(tmp_path, draw)), "dxf-lines-more") == {"count": 5}


def test_a_bulge_is_an_arc_and_a_mirrored_one_too(tmp_path):
    radius = 30.0

    def draw(_document, space):
        x, y = 449395.0, 3223750.0
        circle = [(x - radius, y, 1.0), (x + radius, y, 1.0)]
        space.add_lwpolyline(circle, format="xyb", close=True)
        mirrored = [(-x - radius, y, 1.0), (-x + radius, y, 1.0)]
        space.add_lwpolyline(
            mirrored, format="xyb", close=True, dxfattribs={"extrusion": (0, 0, -1)}
        )

    shapes = read_features(drawn(tmp_path, draw)).geometries
    assert shapely.area(shapes).tolist() == pytest.approx([np.pi * radius**2] * 2, abs=0.01)
    assert shapely.bounds(shapes)[1].tolist() == pytest.approx(shapely.bounds(shapes)[0].tolist())


def test_a_hatch_that_only_fills_an_outline_is_not_a_second_parcel(tmp_path):
    def draw(_document, space):
        space.add_lwpolyline(CORNERS, close=True)
        space.add_hatch().paths.add_polyline_path(CORNERS, is_closed=True)

    reading = read_features(drawn(tmp_path, draw))
    assert len(reading.frame) == 1
    assert facts(reading, "dxf-hatch-of-outline") == {"count": 1}


def test_a_block_that_holds_itself_ends(tmp_path):
    def draw(document, space):
        space.add_lwpolyline(CORNERS, close=True)
        block = document.blocks.new("B")
        block.add_lwpolyline(CORNERS, close=True)
        block.add_blockref("B", (0, 0))
        space.add_blockref("B", (0, 0))

    reading = read_features(drawn(tmp_path, draw))
    assert "dxf-blocks-too-deep" in codes(reading)


def test_a_block_that_is_repeated_beyond_measure_is_not_taken_apart(tmp_path):
    def draw(document, space):
        document.blocks.new("B").add_lwpolyline(CORNERS, close=True)
        grid = {"column_count": 1001, "row_count": 1000, "column_spacing": 9, "row_spacing": 9}
        space.add_blockref("B", (0, 0), grid)

    with pytest.raises(FileError) as caught:
        read_features(drawn(tmp_path, draw))
    assert caught.value.code == "dxf-too-large"


def test_layers_that_are_off_are_read_and_named_and_one_can_be_chosen(tmp_path):
    def draw(document, space):
        document.layers.add("隐藏").off()
        space.add_lwpolyline(CORNERS, close=True, dxfattribs={"layer": "隐藏"})
        space.add_lwpolyline(CORNERS, close=True, dxfattribs={"layer": "宗地"})

    path = drawn(tmp_path, draw)
    assert facts(read_features(path), "dxf-layer-hidden") == {"layers": "隐藏"}
    assert [(one.name, one.count) for one in list_sublayers(path)] == [("宗地", 1), ("隐藏", 1)]
    assert read_features(path, sublayer="宗地").frame["layer"].tolist() == ["宗地"]


@pytest.mark.parametrize(("unit", "scale"), [(4, 1000.0), (6, 1000.0), (5, 100.0), (4, 1.0)])
def test_the_unit_of_a_drawing_is_told_by_its_numbers(tmp_path, unit, scale):
    corners = [(x * scale, y * scale) for x, y in CORNERS]
    path = drawn(tmp_path, lambda _d, space: space.add_lwpolyline(corners, close=True), unit)
    reading = read_features(path)
    assert shapely.area(reading.geometries).tolist() == pytest.approx([10_000])
    assert "dxf-unit-by-size" in codes(reading)


def test_a_drawing_without_outlines_says_how_many_lines_are_open(tmp_path):
    path = drawn(tmp_path, lambda _d, space: space.add_lwpolyline(CORNERS))
    with pytest.raises(FileError) as caught:
        read_features(path)
    assert (caught.value.code, caught.value.facts["open"]) == ("dxf-without-outline", 1)


# --- tables and stated order -----------------------------------------------------------------


def book(tmp_path, *rows) -> Path:
    sheet = openpyxl.Workbook()
    assert sheet.active is not None
    for row in rows:
        sheet.active.append(row)
    path = tmp_path / "a.xlsx"
    sheet.save(path)
    return path


def test_degrees_minutes_and_seconds_of_a_table_are_read(tmp_path):
    path = book(
        tmp_path,
        ["点号", "经度", "纬度"],
        ["J1", "110°30′00″", "29°30′00″"],
        ["J2", "110°30'03.6\"", "29°30'00\""],
        ["J3", "110度30分3.6秒", "29度30分3.6秒"],
    )
    reading = read_features(path)
    west, south, east, north = shapely.total_bounds(reading.geometries).tolist()
    assert (west, south) == (110.5, 29.5)
    assert (east, north) == (pytest.approx(110.501), pytest.approx(29.501))
    assert reading.crs == ""


def test_a_table_parts_parcels_by_number_and_rings_by_their_closing_point(tmp_path):
    def ring(east: float, size: float) -> list[tuple[float, float]]:
        north = 3223750.0
        corners = [(0, 0), (0, size), (size, size), (size, 0), (0, 0)]
        return [(north + a, east + b) for a, b in corners]

    rows = [["一号", *p] for p in ring(449395.0, 100)] + [["二号", *p] for p in ring(449595.0, 50)]
    rows += [["二号", north + 10, east] for north, east in ring(449605.0, 10)]
    reading = read_features(book(tmp_path, ["宗地号", "纵坐标(X)", "横坐标(Y)"], *rows))
    assert reading.frame["parcel_no"].tolist() == ["一号", "二号"]
    assert shapely.area(reading.geometries).tolist() == [10_000, 2_500 - 100]
    assert reading.lines == (2, 7)


def test_a_sheet_that_claims_the_last_cell_there_is_ends_only_the_worker(tmp_path):
    sheet = openpyxl.Workbook()
    assert sheet.active is not None
    sheet.active["A1"] = "X"
    sheet.active["XFD1048576"] = 1
    path = tmp_path / "a.xlsx"
    sheet.save(path)
    with pytest.raises(FileError):
        read_features(path)


def test_a_stated_order_turns_the_axes_and_says_so(tmp_path):
    path = tmp_path / "a.gpkg"
    turned = shapely.transform(frame("EPSG:4546").geometry, lambda xy: xy[:, ::-1])
    pyogrio.write_dataframe(gpd.GeoDataFrame(geometry=turned, crs="EPSG:4546"), path)
    reading = read_features(path, crs="EPSG:4546 (y, x)")
    straight = frame("EPSG:4546").geometry
    assert shapely.equals(reading.geometries, np.asarray(straight)).all()
    assert (reading.crs, reading.stated) == ("EPSG:4546", True)
    assert "axes-turned" in codes(reading)


def test_several_texts_in_one_archive_are_offered_by_name(tmp_path):
    source, _ = boundary_text()(tmp_path)
    path = tmp_path / "two.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(source, "一号.txt")
        archive.write(source, "二号.txt")
    assert {one.name for one in list_sublayers(path)} == {"一号", "二号"}
    reading = read_features(path, sublayer="二号")
    assert "一号" in str(facts(reading, "files-left-out")["files"])
