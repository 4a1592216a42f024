"""Files made to do harm: a clear refusal, nothing read that was not handed over, the app alive."""

import contextlib
import io
import json
import os
import sqlite3
import stat
import struct
import tempfile
import threading
import zipfile
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely

from geoapp.errors import ChoiceError, FileError, GeoAppError, GeometryError, InputError
from geoapp.i18n import word_error
from geoapp.importers import job as limits
from geoapp.importers.boundary_table import MOST_ROWS
from geoapp.importers.gdal import read_gdal
from geoapp.importers.job import Dataset, Job
from geoapp.importers.sandbox import _WORKER
from geoapp.importers.signature import require_signature
from geoapp.importers.vector import read_features

SECRET = "the secret of another file"
POINT = {"type": "Point", "coordinates": [110.9, 29.3]}


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "victim.csv"
    path.write_text(f"id,x,y\n1,110.9,29.3\n{SECRET},110.9,29.3\n", encoding="utf-8")
    return path


@pytest.fixture
def listener():
    """A server on this machine that notes whoever calls."""
    calls: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            calls.append(self.path)
            self.send_response(404)
            self.end_headers()

        do_HEAD = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", calls
    server.shutdown()
    server.server_close()


def refused(path, kind=InputError, code=None, **options) -> GeoAppError:
    with pytest.raises(kind) as caught:
        read_features(path, **options)
    if code:
        assert caught.value.code == code
    for lang in ("zh", "en"):
        sentence = word_error(caught.value, lang)
        assert SECRET not in sentence
        assert "Traceback" not in sentence
    return caught.value


def still_reads(tmp_path) -> None:
    path = tmp_path / "good.geojson"
    path.write_text(
        json.dumps({"type": "Feature", "geometry": POINT, "properties": {}}), encoding="utf-8"
    )
    assert len(read_features(path).frame) == 1


def vrt(source: str) -> str:
    return (
        '<OGRVRTDataSource><OGRVRTLayer name="victim"><SrcDataSource>'
        f"{source}</SrcDataSource><GeometryType>wkbPoint</GeometryType>"
        '<GeometryField encoding="PointFromColumns" x="x" y="y"/></OGRVRTLayer></OGRVRTDataSource>'
    )


@pytest.mark.parametrize("name", ["a.geojson", "a.json", "a.kml", "a.gpkg", "a.shp", "a.dxf"])
def test_a_virtual_data_set_under_another_name_opens_no_other_file(tmp_path, secret, name):
    path = tmp_path / name
    path.write_text(vrt(str(secret)), encoding="utf-8")
    bare = pyogrio.read_dataframe(path, read_geometry=False)
    assert SECRET in bare["id"].tolist()  # so it is where nobody stands before it
    refused(path, FileError)


@pytest.mark.parametrize("name", ["a.geojson", "a.gpkg", "a.shp"])
def test_the_first_bytes_alone_tell_a_virtual_data_set(tmp_path, secret, name):
    path = tmp_path / name
    path.write_text(vrt(str(secret)), encoding="utf-8")
    with pytest.raises(FileError) as caught:
        require_signature(path, path.suffix, name)
    assert caught.value.code == "file-not-what-it-says"


def test_a_reader_takes_no_other_format_than_its_own(tmp_path, secret):
    """Here GDAL has all its formats, and nobody looked at the first bytes."""
    path = tmp_path / "a.gpkg"
    path.write_text(vrt(str(secret)), encoding="utf-8")
    dataset = Dataset("geopackage", "a.gpkg", path, Job("read", (path,), tmp_path))
    with pytest.raises(FileError) as caught:
        read_gdal(dataset, "victim")
    assert caught.value.code == "file-not-what-it-says"


@pytest.mark.parametrize("name", ["a.geojson", "a.kml", "a.gpkg", "a.dxf", "a.txt", "a.csv"])
def test_nothing_calls_another_machine(tmp_path, listener, name):
    address, calls = listener
    for content in (
        vrt(f"/vsicurl/{address}/a.csv"),
        f"<OGRWFSDataSource><URL>{address}/wfs</URL></OGRWFSDataSource>",
        f"<kml><NetworkLink><Link><href>{address}/b.kml</href></Link></NetworkLink></kml>",
        json.dumps({"type": "GDALG", "command_line": f"gdal vector read {address}/c.json"}),
        json.dumps(
            {
                "type": "FeatureCollection",
                "features": [],
                "links": [{"href": address, "rel": "next"}],
            }
        ),
    ):
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        with contextlib.suppress(InputError):  # an empty collection may be read
            read_features(path)
    assert calls == []


@pytest.mark.parametrize(
    "name",
    [
        "/vsicurl/http://127.0.0.1:9/x.gpkg",
        "MEM:::DATAPOINTER=1",
        "PG:dbname=x",
        "zip://a.zip",
        "GPKG:/etc/passwd:x",
    ],
)
def test_a_name_is_never_an_address(tmp_path, name, monkeypatch):
    monkeypatch.chdir(tmp_path)
    refused(name, FileError, "file-missing")


@pytest.mark.parametrize("name", ["a.tif", "a.dwg", "a.rar", "a.mdb", "a.exe"])
def test_what_is_not_read_says_what_to_do(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"II*\x00" + b"\x00" * 50)
    refused(path, FileError)


def archive(path, members, *, compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compression) as out:
        for info, content in members:
            out.writestr(info, content)
    return path


def linked(name: str, target: str) -> tuple[zipfile.ZipInfo, str]:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info, target


def test_an_archive_that_expands_without_end_is_not_unpacked(tmp_path):
    path = archive(tmp_path / "a.zip", [("a.geojson", b"0" * (64 << 20))])
    refused(path, FileError, "archive-expands-too-much")


def test_an_archive_that_lies_about_sizes_stops_while_unpacking(tmp_path):
    path = archive(tmp_path / "a.zip", [("a.geojson", b"[" * 5000)])
    content = bytearray(path.read_bytes())
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):
        at = content.find(mark) + (22 if mark == b"PK\x03\x04" else 24)
        content[at : at + 4] = struct.pack("<I", 10)
    path.write_bytes(bytes(content))
    refused(path, FileError)


def test_members_of_an_archive_write_nothing_elsewhere(tmp_path, monkeypatch):
    deep = tmp_path / "one" / "two" / "three"
    deep.mkdir(parents=True)
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    monkeypatch.setenv("TMPDIR", str(deep))
    inside = json.dumps({"type": "Feature", "geometry": POINT, "properties": {}})
    for name in ("../../out.geojson", f"{tmp_path}/abs/out.geojson", "C:\\out.geojson"):
        path = archive(deep / "a.zip", [(name, inside)])
        before = set(tmp_path.rglob("*"))
        read_features(path)
        assert set(tmp_path.rglob("*")) == before


def test_links_twins_secrets_and_archives_in_archives_are_refused(tmp_path):
    path = tmp_path / "a.zip"
    archive(path, [linked("a.geojson", "/etc/passwd")])
    refused(path, FileError, "archive-member-refused")
    with pytest.warns(UserWarning, match="Duplicate"):
        archive(path, [("a.geojson", "1"), ("a.geojson", "2")])
    refused(path, FileError, "archive-member-twice")
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as out:
        out.writestr("a.geojson", "1")
    archive(path, [("inner.zip", inner.getvalue())])
    refused(path, FileError, "archive-nested")
    archive(path, [(f"{number}.txt", "") for number in range(20_001)])
    refused(path, FileError, "archive-too-many-files")


def test_xml_with_entities_is_refused(tmp_path):
    laughs = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
    for body in (
        '<!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]><kml><name>&x;</name></kml>',
        f'<!DOCTYPE kml [<!ENTITY l0 "ha">{laughs}]><kml><name>&l9;</name></kml>',
    ):
        path = tmp_path / "a.kml"
        path.write_text(body, encoding="utf-8")
        refused(path, FileError, "xml-with-entities")


def geopackage(tmp_path) -> str:
    path = tmp_path / "a.gpkg"
    frame = gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.Point(110.9, 29.3)], crs="EPSG:4490")
    pyogrio.write_dataframe(frame, path, layer="features")
    return path


def test_a_view_of_a_geopackage_is_never_run(tmp_path):
    path = geopackage(tmp_path)
    endless = (
        "CREATE VIEW endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
        "SELECT i AS fid, NULL AS geom FROM n"
    )
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(endless)
        connection.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) "
            "VALUES ('endless', 'features', 'endless', 4490)"
        )
        connection.execute(
            "INSERT INTO gpkg_geometry_columns VALUES ('endless', 'geom', 'POINT', 4490, 0, 0)"
        )
        connection.commit()
    reading = read_features(path)
    assert len(reading.frame) == 1
    assert "view-left-out" in {problem.code for problem in reading.problems}
    refused(path, ChoiceError, sublayer="endless")


def test_a_geometry_nested_without_end_ends_only_the_worker(tmp_path):
    inner = shapely.to_wkb(shapely.Point(110.9, 29.3))
    for _ in range(20_000):
        inner = b"\x01" + struct.pack("<II", 7, 1) + inner
    table = pa.table({"geometry": pa.array([inner], pa.binary())})
    note = {
        "version": "1.1.0",
        "primary_column": "geometry",
        "columns": {"geometry": {"encoding": "WKB", "geometry_types": []}},
    }
    path = tmp_path / "a.parquet"
    pq.write_table(table.replace_schema_metadata({b"geo": json.dumps(note).encode()}), path)
    refused(path, GeometryError, "geometry-nested-too-deep")
    deep = tmp_path / "b.geojson"
    nested = '{"type":"GeometryCollection","geometries":[' * 3000 + json.dumps(POINT) + "]}" * 3000
    deep.write_text(
        '{"type":"Feature","properties":{},"geometry":' + nested + "}", encoding="utf-8"
    )
    refused(deep)
    still_reads(tmp_path)


def test_a_worker_that_is_killed_is_one_sentence_and_the_next_file_is_read(tmp_path):
    still_reads(tmp_path)
    process = _WORKER._process
    assert process is not None
    os.kill(process.pid, 9)
    process.wait(10)
    still_reads(tmp_path)
    assert _WORKER._process is not process


def test_more_rows_than_are_taken_are_refused_before_they_are_unpacked(tmp_path):
    count = limits.MOST_FEATURES + 1
    zero = pa.array(np.zeros(count, dtype=np.int8))
    column = pa.DictionaryArray.from_arrays(zero, pa.array([shapely.to_wkb(shapely.Point(1, 1))]))
    table = pa.table({"geometry": column.cast(pa.binary())})
    note = {
        "version": "1.1.0",
        "primary_column": "geometry",
        "columns": {"geometry": {"encoding": "WKB", "geometry_types": []}},
    }
    path = tmp_path / "a.parquet"
    pq.write_table(table.replace_schema_metadata({b"geo": json.dumps(note).encode()}), path)
    assert path.stat().st_size < 5_000_000
    refused(path, FileError, "file-too-many-features")


def test_a_ring_of_too_many_vertices_is_refused(tmp_path):
    angles = np.linspace(0, 2 * np.pi, limits.MOST_VERTICES + 10)
    ring = shapely.Polygon(np.column_stack([110.9 + np.cos(angles), 29.3 + np.sin(angles)]))
    path = tmp_path / "a.gpkg"
    pyogrio.write_dataframe(gpd.GeoDataFrame(geometry=[ring], crs="EPSG:4490"), path)
    refused(path, GeometryError, "geometry-too-many-vertices")


@pytest.mark.parametrize("value", ["1e400", "NaN", "Infinity"])
def test_numbers_that_are_none_are_refused_or_listed(tmp_path, value):
    path = tmp_path / "a.geojson"
    path.write_text(
        '{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":['
        f"{value},29.3]}}}}",
        encoding="utf-8",
    )
    try:
        reading = read_features(path)
    except InputError:
        return
    positions = shapely.get_coordinates(reading.geometries)  # what is empty is found later
    assert len(positions) == 0 or not np.isfinite(positions).all()


def test_a_sheet_with_too_many_columns_or_rows_is_refused(tmp_path):
    wide, long = tmp_path / "wide.xlsx", tmp_path / "long.xlsx"
    pd.DataFrame([[1] * 600], columns=[f"c{n}" for n in range(600)]).to_excel(wide, index=False)
    refused(wide, FileError, "file-too-many-fields")
    sheet = openpyxl.Workbook()
    assert sheet.active is not None
    sheet.active["A1"], sheet.active[f"B{MOST_ROWS + 1}"] = "X", 1
    sheet.save(long)
    refused(long, FileError, "table-too-long")
    text = tmp_path / "long.csv"
    text.write_text("X,Y\n" * (MOST_ROWS + 1), encoding="utf-8")
    refused(text, FileError, "table-too-long")
    still_reads(tmp_path)


@pytest.mark.parametrize("name", ["bomb.xlsx", "bomb.kmz"])
def test_a_workbook_or_kmz_that_expands_without_end_is_not_unpacked(tmp_path, name):
    inside = "xl/worksheets/sheet1.xml" if name.endswith("xlsx") else "doc.kml"
    bomb = archive(tmp_path / name, [(inside, b"<a>" + b" " * (64 << 20) + b"</a>")])
    refused(bomb, FileError, "archive-expands-too-much")
    still_reads(tmp_path)


def test_an_archive_with_a_password_is_refused_before_it_is_unpacked(tmp_path):
    path = archive(tmp_path / "a.zip", [("a.geojson", "1")])
    content = bytearray(path.read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.find(mark) + place] |= 1
    path.write_bytes(bytes(content))
    refused(path, FileError, "archive-encrypted")


def test_members_that_share_their_bytes_are_refused(tmp_path):
    """Many entries of one list may point to the same packed bytes: each unpacks them again."""
    path = archive(tmp_path / "a.zip", [("a.geojson", "1" * 900), ("b.geojson", "2" * 900)])
    content = bytearray(path.read_bytes())
    first = content.find(b"PK\x01\x02")
    second = content.find(b"PK\x01\x02", first + 4)
    content[second + 42 : second + 46] = content[first + 42 : first + 46]
    path.write_bytes(bytes(content))
    refused(path, FileError, "archive-expands-too-much")
