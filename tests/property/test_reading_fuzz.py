"""Whatever bytes a file holds: features or one of our errors, and a worker that goes on."""

import io
from pathlib import Path

import ezdxf
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from geoapp.errors import InputError
from geoapp.i18n import word_error
from geoapp.importers.vector import read_features
from tests.unit.importers.corpus import FORMS, HEAD, PARCEL, rows

SQUARE = [(37449395.0, 3223850.0), (37449495.0, 3223850.0), (37449495.0, 3223750.0)]
GOOD = HEAD + PARCEL + rows(SQUARE, 1, 1)
PIECES = st.sampled_from(
    ["J1,1,3223850.0,37449395.0", "J2,1,3223850.0", "1,2,3", "@", ",,,,", "[地块坐标]", "[属性描述]",
     "带号=37", "带号=", "坐标系=80", "5,1.0,A,B,面,,C,0701,@", "J1,1,1e400,2", "J1,x,1,2", "，，",
     "纵坐标,横坐标", "X,Y", "110.48,29.1", "29°08′24″,110°28′48″", "\x00", "J1;1;3223850;37449395"]
)  # fmt: skip
EXAMPLES = 40


def read(path: Path) -> None:
    try:
        reading = read_features(path)
    except InputError as error:
        assert all([word_error(error, "zh"), word_error(error, "en")])  # noqa: PT017
    else:
        assert len(reading.frame) >= 0


@settings(max_examples=EXAMPLES)
@given(lines=st.lists(st.one_of(PIECES, st.text(max_size=40)), max_size=12))
@example(lines=[])
@pytest.mark.parametrize("name", ["a.txt", "a.csv"])
def test_any_lines_are_read_or_refused(tmp_path_factory, name, lines):
    path = tmp_path_factory.mktemp("fuzz") / name
    path.write_bytes("\n".join(lines).encode("utf-8", "surrogatepass") or b" ")
    read(path)


@settings(max_examples=EXAMPLES)
@given(at=st.integers(0, len(GOOD.encode("gb18030")) - 1), to=st.integers(0, 255))
def test_one_changed_byte_of_a_text_is_read_or_refused(tmp_path_factory, at, to):
    content = bytearray(GOOD.encode("gb18030"))
    content[at] = to
    path = tmp_path_factory.mktemp("fuzz") / "a.txt"
    path.write_bytes(bytes(content))
    read(path)


def drawing() -> bytes:
    document = ezdxf.new("R2000")
    document.modelspace().add_lwpolyline(SQUARE, close=True)
    out = io.StringIO()
    document.write(out)
    return out.getvalue().encode()


DRAWING = drawing()


@settings(max_examples=EXAMPLES)
@given(at=st.integers(0, len(DRAWING) - 1), cut=st.booleans(), to=st.integers(0, 255))
def test_a_changed_or_cut_drawing_is_read_or_refused(tmp_path_factory, at, cut, to):
    content = bytearray(DRAWING)
    content[at] = to
    path = tmp_path_factory.mktemp("fuzz") / "a.dxf"
    path.write_bytes(bytes(content[:at] if cut else content) or b" ")
    read(path)


@pytest.mark.parametrize(
    "form",
    ["gpkg 4490", "shapefile gbk", "parquet", "geojson", "kml", "gdb zip", "shapefile zip", "xlsx"],
)
def test_files_cut_short_are_read_or_refused(form, tmp_path):
    source, _ = FORMS[form](tmp_path)
    assert isinstance(source, Path)
    content = source.read_bytes()
    for share in (0.0, 0.01, 0.5, 0.9, 0.999):
        source.write_bytes(content[: int(len(content) * share)] or b"\x00")
        read(source)
    for at in range(0, len(content), max(1, len(content) // 12)):
        flipped = bytearray(content)
        flipped[at] ^= 0x55
        source.write_bytes(bytes(flipped))
        read(source)
    source.write_bytes(content)
    assert len(read_features(source, crs="EPSG:4525").frame) == 1
