"""Boundary-point TXT in its dialects, and what is wrong in a file named by its line."""

from pathlib import Path

import pytest
import shapely

from geoapp.errors import CrsError, FileError, InputError
from geoapp.i18n import word_error
from geoapp.importers.measuring import measure_file
from geoapp.importers.vector import read_features

DATA = Path(__file__).parents[2] / "data"
HEAD = "[属性描述]\n坐标系=2000国家大地坐标系\n几度分带=3\n带号=37\n[地块坐标]\n"
SQUARE = [
    (3223850.0, 37449395.0),
    (3223850.0, 37449495.0),
    (3223750.0, 37449495.0),
    (3223750.0, 37449395.0),
]


def rows(points, *, ring=1, start=1, close="first"):
    lines = [f"J{start + n},{ring},{x:.3f},{y:.3f}" for n, (x, y) in enumerate(points)]
    if close == "first":
        lines.append(f"J{start},{ring},{points[0][0]:.3f},{points[0][1]:.3f}")
    if close == "next":
        lines.append(f"J{start + len(points)},{ring},{points[0][0]:.3f},{points[0][1]:.3f}")
    return "\n".join(lines) + "\n"


def read(tmp_path, text, written="gb18030", **options):
    path = tmp_path / "a.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode(written))
    return read_features(path, **options)


def areas(reading):
    return shapely.area(reading.geometries).tolist()


HOLE = [
    (3223820.0, 37449425.0),
    (3223800.0, 37449425.0),
    (3223800.0, 37449445.0),
    (3223820.0, 37449445.0),
]
PARCEL = "5,1.0000,A-1,一号,面,,住宅,0701,@\n"


@pytest.mark.parametrize(
    ("file", "expected"),
    [("example_hole.txt", [7059.68]), ("example_two.txt", [2033.36, 2573.16])],
)
def test_the_example_files_measure_as_published(file, expected):
    measured = measure_file(DATA / file)
    assert measured.crs == "EPSG:4525"
    assert [round(f.area_m2, 2) for f in measured.features] == expected
    assert measured.features[0].id.startswith("430802-000")
    assert measured.features[0].declared_m2 == pytest.approx(expected[0], abs=1)


def test_the_planar_area_is_that_of_the_digits_in_the_file():
    [feature] = measure_file(DATA / "example_hole.txt").features
    assert feature.planar_m2 == pytest.approx(7060.125, abs=1e-4)


@pytest.mark.parametrize("close", ["first", "next", "none"])
def test_both_numbering_dialects_and_open_rings_are_read(tmp_path, close):
    start = 5 if close == "first" else 1
    text = HEAD + PARCEL + rows(SQUARE, close=close) + rows(HOLE, ring=2, start=start, close=close)
    reading = read(tmp_path, text)
    assert areas(reading) == [10_000 - 400]
    assert reading.crs == "EPSG:4525"


def test_a_second_ring_outside_the_first_is_a_part_of_its_own(tmp_path):
    apart = [(x + 500, y) for x, y in HOLE]
    reading = read(tmp_path, HEAD + PARCEL + rows(SQUARE) + rows(apart, ring=2))
    assert areas(reading) == [10_000 + 400]


def test_several_parcels_keep_their_attributes(tmp_path):
    text = HEAD + PARCEL + rows(SQUARE) + PARCEL.replace("A-1", "A-2") + rows(HOLE)
    frame = read(tmp_path, text).frame
    assert frame["parcel_no"].tolist() == ["A-1", "A-2"]
    assert frame["land_class"].tolist() == ["0701", "0701"]
    assert frame["declared_m2"].tolist() == [10_000.0, 10_000.0]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_encoding_and_line_ending_is_read(tmp_path, encoding, ending):
    text = (" " + HEAD + "\n" + PARCEL + rows(SQUARE)).replace("\n", ending)
    reading = read(tmp_path, text, encoding)
    assert areas(reading) == [10_000]
    assert reading.frame["parcel_name"].tolist() == ["一号"]


def test_full_width_digits_and_commas_are_understood(tmp_path):
    wide = str.maketrans("0123456789,.", "０１２３４５６７８９，．")
    text = HEAD + PARCEL.translate(wide) + rows(SQUARE).translate(wide)
    assert areas(read(tmp_path, text)) == [10_000]


def test_an_area_with_its_unit_is_understood(tmp_path):
    text = HEAD + PARCEL.replace("1.0000", "0.7655公顷") + rows(SQUARE)
    assert read(tmp_path, text).frame["declared_m2"].tolist() == [pytest.approx(7655)]


def test_eastings_without_prefix_take_the_zone_of_the_header(tmp_path):
    plain = [(x, y - 37e6) for x, y in SQUARE]
    assert read(tmp_path, HEAD + PARCEL + rows(plain)).crs == "EPSG:4546"


@pytest.mark.parametrize(
    ("datum", "crs"), [("80国家大地坐标系", "EPSG:2361"), ("54北京坐标系", "EPSG:2413")]
)
def test_an_old_datum_is_named_and_then_refused(tmp_path, datum, crs):
    text = (HEAD + PARCEL + rows(SQUARE)).replace("2000国家大地坐标系", datum)
    assert read(tmp_path, text).crs == crs
    with pytest.raises(CrsError) as caught:
        measure_file(tmp_path / "a.txt")
    assert caught.value.code == "crs-datum-refused"


def test_a_prefix_that_contradicts_the_header_is_not_decided_for_the_user(tmp_path):
    other = [(x, y - 1e6) for x, y in SQUARE]
    assert read(tmp_path, HEAD + PARCEL + rows(other)).crs == ""
    with pytest.raises(CrsError) as caught:
        measure_file(tmp_path / "a.txt")
    assert caught.value.code == "crs-missing"
    assert "EPSG:4524" in word_error(caught.value, "en")


def test_swapped_columns_are_turned_and_it_is_said(tmp_path):
    right = read(tmp_path, HEAD + PARCEL + rows(SQUARE))
    swapped = read(tmp_path, HEAD + PARCEL + rows([(y, x) for x, y in SQUARE]))
    assert swapped.geometries[0].equals(right.geometries[0])
    assert swapped.crs == right.crs == "EPSG:4525"
    assert "text-axes-turned" in {problem.code for problem in swapped.problems}
    assert "text-axes-turned" not in {problem.code for problem in right.problems}


def test_degrees_instead_of_metres_are_read_as_such_and_it_is_said(tmp_path):
    degrees = [(29.13, 110.48), (29.13, 110.481), (29.129, 110.481), (29.129, 110.48)]
    reading = read(tmp_path, HEAD + PARCEL + rows(degrees))
    assert reading.crs == "EPSG:4490"
    assert "text-in-degrees" in {problem.code for problem in reading.problems}
    [feature] = measure_file(tmp_path / "a.txt").features
    assert feature.area_m2 == pytest.approx(10787, rel=0.001)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (HEAD + "J1,1,3223850,37449395\n", 6),
        (HEAD + PARCEL + rows(SQUARE) + "J9,1,abc,37449395\n", 12),
        (HEAD + PARCEL + rows(SQUARE) + "J9,1\n", 12),
        (HEAD + PARCEL + rows(SQUARE) + "J9,x,1,2\n", 12),
        (HEAD + PARCEL + rows(SQUARE) + "J9,1,nan,2\n", 12),
        (HEAD + PARCEL + rows(SQUARE) + "J9,1,inf,2\n", 12),
        (HEAD + PARCEL.replace("1.0000", "1..0") + rows(SQUARE), 6),
        (HEAD + PARCEL.replace("1.0000", "big") + rows(SQUARE), 6),
        (HEAD + PARCEL + rows(SQUARE[:2]), 6),
        (HEAD + PARCEL + PARCEL + rows(SQUARE), 6),
    ],
)
def test_a_wrong_line_is_named_with_its_number(tmp_path, text, line):
    with pytest.raises(FileError) as caught:
        read(tmp_path, text)
    assert caught.value.facts["line"] == line


@pytest.mark.parametrize(
    "text", ["", "\n", HEAD, "nothing at all", "[地块坐标]\n", b"\xff\xff\xff", b"\xff\xfe\x00"]
)
def test_a_file_without_parcels_is_refused(tmp_path, text):
    with pytest.raises(FileError):
        read(tmp_path, text)


def test_a_stated_encoding_that_does_not_fit_is_refused(tmp_path):
    with pytest.raises(FileError):
        read(tmp_path, (HEAD + PARCEL + rows(SQUARE)).encode("gb18030"), encoding="utf-8")


@pytest.mark.parametrize("share", [5, 20, 40, 60, 80, 95])
def test_a_text_that_was_cut_off_is_read_or_refused_but_never_crashes(tmp_path, share):
    content = (DATA / "example_two.txt").read_bytes()
    path = tmp_path / "a.txt"
    path.write_bytes(content[: len(content) * share // 100])
    try:
        assert measure_file(path).features
    except InputError as error:
        assert word_error(error, "zh")  # noqa: PT017
