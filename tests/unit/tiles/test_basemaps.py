"""Local basemaps: the right tile, nothing from outside, no file that ends the server."""

import contextlib
import random
import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer
from pydantic import ValidationError

from geoapp.catalog.city import Basemap
from geoapp.errors import FileError, GeoAppError, NotFoundError
from geoapp.tiles.archives import open_archive, picture_type
from geoapp.tiles.basemap import BasemapSources
from geoapp.tiles.mercator import TileAddress

PNG, JPEG, WEBP = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"RIFF\x10\0\0\0WEBPVP8 "


def tile(z, x, y, begin=PNG):
    return begin + f"{z}/{x}/{y}".encode()


def every(zoom):
    return [(z, x, y) for z in range(zoom + 1) for x in range(2**z) for y in range(2**z)]


def write_mbtiles(path, tiles, **metadata):
    facts = {"format": "png"} | metadata
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE metadata (name TEXT, value TEXT)")
        database.execute(
            "CREATE TABLE tiles (zoom_level INT, tile_column INT, tile_row INT, tile_data BLOB)"
        )
        database.executemany("INSERT INTO metadata VALUES (?, ?)", facts.items())
        rows = [(z, x, 2**z - 1 - y, content) for (z, x, y), content in tiles.items()]
        database.executemany("INSERT INTO tiles VALUES (?, ?, ?, ?)", rows)
    database.close()
    return path


def write_pmtiles(path, tiles, kind=TileType.PNG, compression=Compression.NONE):
    with path.open("wb") as stream:
        writer = Writer(stream)
        for (z, x, y), content in sorted(tiles.items(), key=lambda t: zxy_to_tileid(*t[0])):
            writer.write_tile(zxy_to_tileid(z, x, y), content)
        header = {"tile_type": kind, "tile_compression": compression,
                  "min_lon_e7": 1090000000, "min_lat_e7": 280000000,
                  "max_lon_e7": 1120000000, "max_lat_e7": 300000000}  # fmt: skip
        writer.finalize(header, {})
    return path


def write_folder(path, tiles, suffix=".png"):
    for (z, x, y), content in tiles.items():
        file = path / str(z) / str(x) / f"{y}{suffix}"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return path


WRITERS = {"a.mbtiles": write_mbtiles, "a.pmtiles": write_pmtiles, "a": write_folder}


def basemap(source="", **more):
    facts = {
        "id": "local",
        "title": {"zh": "图", "en": "Map"},
        "attribution": "x",
        "datum": "CGCS2000",
    }
    return Basemap.model_validate(facts | ({"source": source} if source else {}) | more)


def sources(folder, *configured, key=""):
    return BasemapSources(folder, configured, key)


@pytest.mark.parametrize("name", WRITERS)
def test_every_tile_is_the_one_of_its_address(tmp_path, name):
    tiles = {at: tile(*at) for at in every(3) if at != (3, 5, 1)}
    archive = open_archive(WRITERS[name](tmp_path / name, tiles))
    assert archive.zooms == (0, 3)
    for at in every(3):
        assert archive.read(TileAddress(*at)) == tiles.get(at)
    assert archive.read(TileAddress(4, 0, 0)) is None


@pytest.mark.parametrize("name", WRITERS)
def test_threads_at_once_get_their_own_tiles(tmp_path, name):
    archive = open_archive(WRITERS[name](tmp_path / name, {at: tile(*at) for at in every(5)}))
    asked = every(5) * 3
    with ThreadPoolExecutor(4) as pool:
        given_ = list(pool.map(lambda at: archive.read(TileAddress(*at)), asked))
    assert given_ == [tile(*at) for at in asked]


def test_leaf_directories_are_followed(tmp_path):
    rng = random.Random(1)
    tiles = {at: tile(*at) + bytes(rng.randrange(300)) for at in every(7)}
    archive = open_archive(write_pmtiles(tmp_path / "a.pmtiles", tiles))
    assert archive._header["leaf_directory_length"] > 0
    assert all(archive.read(TileAddress(*at)) == tiles[at] for at in every(7)[::17])


@pytest.mark.parametrize(
    ("begin", "media_type"), [(PNG, "image/png"), (JPEG, "image/jpeg"), (WEBP, "image/webp")]
)
def test_the_type_is_read_off_the_content(tmp_path, begin, media_type):
    write_folder(tmp_path / "a", {(0, 0, 0): begin + b"x"})  # always named .png
    found = sources(tmp_path, basemap("a")).tile("local", TileAddress(0, 0, 0))
    assert found.media_type == media_type
    assert picture_type(b"<svg onload=x>") is None


def test_a_tile_that_is_no_picture_is_refused(tmp_path):
    write_mbtiles(tmp_path / "a.mbtiles", {(0, 0, 0): b"<html>"})
    with pytest.raises(FileError) as caught:
        sources(tmp_path, basemap("a.mbtiles")).tile("local", TileAddress(0, 0, 0))
    assert caught.value.code == "basemap-tile-wrong"


def refusal(folder, source, **more):
    [(name, error)] = sources(folder, basemap(source, **more)).catalogue().refused
    assert name == "local"
    with pytest.raises(GeoAppError) as caught:
        sources(folder, basemap(source, **more)).tile("local", TileAddress(0, 0, 0))
    assert caught.value.code == error.code
    return error.code


def test_vector_tiles_are_refused(tmp_path):
    one = {(0, 0, 0): b"\x1f\x8b"}
    write_mbtiles(tmp_path / "v.mbtiles", one, format="pbf")
    write_pmtiles(tmp_path / "v.pmtiles", one, TileType.MVT)
    write_folder(tmp_path / "v", one, ".pbf")
    for name in ("v.mbtiles", "v.pmtiles", "v"):
        assert refusal(tmp_path, name) == "basemap-vector"


def test_what_cannot_be_read_is_refused_with_the_reason(tmp_path):
    (tmp_path / "text.mbtiles").write_text("hello")
    (tmp_path / "nothing").mkdir()
    (tmp_path / "zero.pmtiles").write_bytes(b"")
    write_mbtiles(tmp_path / "none.mbtiles", {})
    whole = write_mbtiles(tmp_path / "whole.mbtiles", {(0, 0, 0): PNG}).read_bytes()
    (tmp_path / "cut.mbtiles").write_bytes(whole[:1500])
    whole = write_pmtiles(tmp_path / "whole.pmtiles", {(0, 0, 0): PNG}).read_bytes()
    (tmp_path / "cut.pmtiles").write_bytes(whole[:60])
    with sqlite3.connect(tmp_path / "other.mbtiles") as database:
        database.execute("CREATE TABLE t (a)")
    database.close()
    assert {
        name: refusal(tmp_path, name)
        for name in ("text.mbtiles", "nothing", "zero.pmtiles", "none.mbtiles", "cut.mbtiles",
                     "cut.pmtiles", "other.mbtiles", "absent.mbtiles")
    } == {
        "text.mbtiles": "basemap-kind-unknown", "nothing": "basemap-empty",
        "zero.pmtiles": "file-empty", "none.mbtiles": "basemap-empty",
        "cut.mbtiles": "file-damaged", "cut.pmtiles": "file-damaged",
        "other.mbtiles": "file-damaged", "absent.mbtiles": "file-missing",
    }  # fmt: skip


def test_a_view_without_an_end_is_given_up(tmp_path):
    with sqlite3.connect(tmp_path / "a.mbtiles") as database:
        database.execute("CREATE TABLE metadata (name, value)")
        database.execute(
            "CREATE VIEW tiles AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
            " SELECT i AS zoom_level, 0 AS tile_column, 0 AS tile_row, x'00' AS tile_data FROM n"
        )
    database.close()
    assert refusal(tmp_path, "a.mbtiles") == "file-damaged"


@given(st.data())
def test_flipped_bytes_are_an_error_or_a_tile_never_a_crash(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("flips")
    name = data.draw(st.sampled_from(["a.mbtiles", "a.pmtiles"]))
    path = WRITERS[name](folder / name, {at: tile(*at) for at in every(2)})
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(bytes(content))
    found = sources(folder, basemap(name))
    catalogue = found.catalogue()
    assert len(catalogue.offered) + len(catalogue.refused) == 1
    for at in every(2):
        with contextlib.suppress(GeoAppError):
            found.tile("local", TileAddress(*at))


def test_links_that_lead_outside_are_refused(tmp_path):
    outside = tmp_path / "outside"
    write_folder(outside, {(0, 0, 0): PNG, (1, 0, 0): PNG})
    inside = tmp_path / "workspace"
    write_folder(inside / "a", {(0, 0, 0): PNG})
    (inside / "a" / "1").symlink_to(outside / "1")
    found = sources(inside, basemap("a"))
    assert found.tile("local", TileAddress(0, 0, 0)).content == PNG
    with pytest.raises(FileError) as caught:
        found.tile("local", TileAddress(1, 0, 0))
    assert caught.value.code == "basemap-outside"
    (inside / "b").symlink_to(outside)
    assert refusal(inside, "b") == "basemap-outside"


@pytest.mark.parametrize("datum", ["GCJ-02", "BD-09"])
def test_a_shifted_basemap_is_refused(tmp_path, datum):
    write_folder(tmp_path / "a", {(0, 0, 0): PNG})
    assert refusal(tmp_path, "a", datum=datum) == "basemap-shifted"
    online = basemap(url="https://m/{z}/{x}/{y}", datum=datum)
    assert [e.code for _, e in sources(tmp_path, online).catalogue().refused] == ["basemap-shifted"]


def test_an_online_map_is_offered_when_its_key_is_there(tmp_path):
    keyed = basemap(url="https://m/{z}/{x}/{y}?tk={key}", key_setting="tianditu_key")
    assert sources(tmp_path, keyed).catalogue().offered == ()
    [offered] = sources(tmp_path, keyed, key="abc").catalogue().offered
    assert (offered.online, offered.url) == (True, "https://m/{z}/{x}/{y}?tk=abc")
    with pytest.raises(NotFoundError):
        sources(tmp_path, keyed, key="abc").tile("local", TileAddress(0, 0, 0))


def test_a_replaced_file_is_read_anew(tmp_path):
    path = write_mbtiles(tmp_path / "a.mbtiles", {(0, 0, 0): PNG + b"1"})
    found = sources(tmp_path, basemap("a.mbtiles"))
    first = found.tile("local", TileAddress(0, 0, 0))
    path.unlink()
    write_mbtiles(path, {(0, 0, 0): PNG + b"22", (1, 0, 0): PNG})
    second = found.tile("local", TileAddress(0, 0, 0))
    assert (first.content, second.content) == (PNG + b"1", PNG + b"22")
    assert first.version != second.version


@pytest.mark.parametrize(
    "wrong",
    [
        {"source": "../x.mbtiles"}, {"source": "/etc/passwd"}, {"source": "C:/x"},
        {"source": "a\\b"}, {"source": "a", "url": "https://m/{z}/{x}/{y}"}, {},
        {"url": "https://m/{z}/{x}"}, {"url": "ftp://m/{z}/{x}/{y}"},
        {"url": "https://{s}.m/{z}/{x}/{y}"}, {"url": "https://m/{z}/{x}/{y}?tk={key}"},
        {"url": "https://m/{z}/{x}/{y}", "key_setting": "tianditu_key"},
        {"source": "a", "min_zoom": 9, "max_zoom": 3}, {"source": "a", "datum": "Mars"},
        {"source": "a", "id": "a/b"}, {"source": "a", "id": ""},
    ],
)  # fmt: skip
def test_a_wrong_description_is_caught_on_load(wrong):
    with pytest.raises(ValidationError):
        basemap(**wrong)
