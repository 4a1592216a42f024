"""A zip of several files: its files one after the other, and nothing outside of a folder."""

import zipfile

import pytest

from geoapp.errors import FileError
from geoapp.importers import bundle
from geoapp.importers.bundle import unbundled


def write(path, **members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return path


def test_files_come_in_the_order_of_the_zip(tmp_path):
    path = write(
        tmp_path / "a.zip", **{"b.txt": "1", "sub__b.txt": "2", "sub__.hidden": "", "c.kml": "3"}
    )
    other = tmp_path / "z.txt"
    with unbundled([path, other]) as found:
        assert [file.name for file in found] == ["b.txt", "b.txt", "c.kml", "z.txt"]
        assert [file.read_text() for file in found[:-1]] == ["1", "2", "3"]
    assert not found[0].exists()


@pytest.mark.parametrize("name", ["x.shp", "deep__X.SHP", "city.gdb__a00000001.gdbtable"])
def test_zip_of_a_shapefile_or_geodatabase_stays_whole(tmp_path, name):
    path = write(tmp_path / "a.zip", **{name: "", "readme.txt": ""})
    with unbundled([path]) as found:
        assert found == [path]


def test_no_name_leads_out_of_the_folder(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("../../out.txt", "/abs.txt", "..\\..\\win.txt"):
            archive.writestr(name, "x")
    with unbundled([path]) as found:
        assert all("geoapp-bundle-" in str(file.resolve()) for file in found)
        assert {file.name for file in found} == {"out.txt", "abs.txt", "win.txt"}


@pytest.mark.parametrize(
    ("limit", "value", "code"),
    [("MOST_FILES", 1, "archive-expands-too-much"), ("MOST_BYTES", 10, "archive-expands-too-much")],
)
def test_too_much_is_refused(tmp_path, monkeypatch, limit, value, code):
    monkeypatch.setattr(bundle, limit, value)
    path = write(tmp_path / "a.zip", **{"a.txt": "123456", "b.txt": "123456"})
    with pytest.raises(FileError) as caught, unbundled([path]):
        pass
    assert caught.value.code == code


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip", b"PK\x05\x06" + b"\0" * 18])
def test_what_is_no_zip_or_empty_is_named(tmp_path, content):
    path = tmp_path / "a.zip"
    path.write_bytes(content)
    with pytest.raises(FileError) as caught, unbundled([path]):
        pass
    assert caught.value.facts["file"] == "a.zip"


def test_a_damaged_member_is_named(tmp_path):
    path = write(tmp_path / "a.zip", **{"a.txt": "1234567890" * 100})
    raw = bytearray(path.read_bytes())
    raw[40] ^= 0xFF
    path.write_bytes(raw)
    with pytest.raises(FileError), unbundled([path]):
        pass
