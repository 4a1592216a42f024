"""Photos that are bombs, something else, or more than a picture."""

import io
import struct
import zlib

import pytest
from PIL import Image

from geoapp.cases.evidence import _plain_name
from geoapp.cases.photo import draw_thumbnail, read_photo
from geoapp.errors import FileError
from tests.photos import photo

ZIP = b"PK\x03\x04 a whole archive <script>alert(1)</script>"


def png_of(width: int, height: int) -> bytes:
    """A PNG that says it is very large and holds next to nothing."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")]
    chunks = (
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize("size", [(30_000, 30_000), (100_000, 700), (2**31 - 1, 2)])
def test_a_photo_of_very_many_pixels_is_not_unpacked(size):
    bomb = png_of(*size)
    assert len(bomb) < 200
    for read in (read_photo, draw_thumbnail):
        with pytest.raises(FileError) as caught:
            read(bomb, "a.png")
        assert caught.value.code == "photo-too-large"


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<!doctype html><script>alert(1)</script>",
        b"GIF89a/*" + b"\0" * 30 + b"*/=1;alert(1)//",
        b"%PDF-1.4",
        b"II*\0" + b"\0" * 60,
        ZIP,
        b"",
    ],
)
def test_what_only_calls_itself_a_photo_is_refused(content):
    for read in (read_photo, draw_thumbnail):
        with pytest.raises(FileError) as caught:
            read(content, "a.jpg")
        assert caught.value.code == "file-not-what-it-says"


def test_what_is_shown_of_a_photo_holds_nothing_but_the_picture():
    hostile = photo(at=(111.1, 29.4)) + ZIP
    shown = draw_thumbnail(hostile, "a.jpg", 64)
    assert b"script" in hostile
    assert b"script" not in shown
    with Image.open(io.BytesIO(shown)) as picture:
        assert picture.format == "JPEG"
        assert not picture.getexif()
        assert "comment" not in picture.info


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "C:\\a\\b.jpg", "a\r\nX: y", "a\0b", "x" * 400, "\u202egpj.exe"]
)
def test_a_name_is_kept_as_words_only(name):
    """Nothing is ever written under it: a file lies under the hash of its content."""
    kept = _plain_name(name)
    assert 0 < len(kept) <= 200
    assert not set(kept) & set("/\\\r\n\0\u202e")
