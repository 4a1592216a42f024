"""Departures from the form of boundary texts: what leaves no doubt is read, and each is said."""

import pytest
import shapely

from geoapp.errors import FileError
from geoapp.i18n import LANGS, text
from geoapp.importers.vector import read_features

FACTS = "[属性描述]\n格式版本号=1.01版本\n坐标系=2000国家大地坐标系\n几度分带=3\n带号=37\n"
PARCEL = "5,1.0000,A-1,一号,面,,住宅,0701,@\n"
CORNERS = [(3223850, 37449395), (3223850, 37449495), (3223750, 37449495), (3223750, 37449395)]


def points(corners=CORNERS, *, ring=1, form="J{n},{ring},{x},{y}", close=True):
    rows = [*corners, corners[0]] if close else corners
    return "".join(
        form.format(n=n, ring=ring, x=x, y=y) + "\n" for n, (x, y) in enumerate(rows, start=1)
    )


def text_of(parcel=PARCEL, body=None, facts=FACTS):
    return f"{facts}[地块坐标]\n{parcel}{points() if body is None else body}"


def read(tmp_path, content):
    path = tmp_path / "a.txt"
    path.write_text(content, encoding="gb18030")
    return read_features(path)


def said(reading):
    """Every finding has its sentence in both languages."""
    for problem in reading.problems:
        for lang in LANGS:
            facts = {"row": problem.row, "line": problem.line} | problem.facts
            assert "{" not in text(lang, f"problem.{problem.code}", **facts)
    return {problem.code for problem in reading.problems}


@pytest.mark.parametrize(
    ("code", "content"),
    [
        ("text-other-point-number", text_of(body=points(form="{n},{ring},{x},{y}"))),
        ("text-ring-open", text_of(body=points(close=False))),
        ("text-closing-x-x", text_of(body=points(close=False) + "J1,1,3223850,3223850\n")),
        ("text-row-without-ring", text_of(body=points(form="J{n},{x},{y}"))),
        ("text-row-without-ring", text_of(body=points(form="{x},{y}"))),
        ("text-other-separator", text_of(body=points(form="J{n}\t{ring}\t{x}\t{y}"))),
        ("text-other-separator", text_of(body=points(form="J{n} {ring}  {x}  {y}"))),
        ("text-parcel-unmarked", text_of(PARCEL.replace(",@", ""))),
        ("text-parcel-longer", text_of(PARCEL.replace(",@", ",高标准,2020,一期,甲,@"))),
        ("text-area-unit", text_of(PARCEL.replace("1.0000", "10000平方米"))),
        ("text-area-unit", text_of(PARCEL.replace("1.0000", "15亩"))),
        ("text-area-other-unit", text_of(PARCEL.replace("1.0000", "10000.00"))),
        ("text-area-other-unit", text_of(PARCEL.replace("1.0000", "15.00"))),
        ("text-count-differs", text_of(PARCEL.replace("5,", "9,", 1))),
        ("text-section-ignored", "[项目信息]\n名称=甲\n" + text_of()),
        ("text-parameters-ignored", text_of(facts=FACTS + "转换参数=1,0,0,0,0,0,0\n")),
        ("text-unit-ignored", text_of(facts=FACTS + "计量单位=毫米\n")),
        ("text-zone-ignored", text_of(facts=FACTS.replace("带号=37", "带号=3"))),
        ("text-axes-turned", text_of(body=points([(y, x) for x, y in CORNERS]))),
        ("parcel-number-twice", text_of() + PARCEL + points()),
    ],
)
def test_a_departure_is_read_and_said(tmp_path, code, content):
    reading = read(tmp_path, content)
    assert code in said(reading)
    assert shapely.area(reading.geometries)[0] == 10_000
    assert reading.crs == "EPSG:4525"
    assert reading.frame["declared_m2"].iloc[0] == pytest.approx(10_000)


def test_the_plain_form_gives_no_finding(tmp_path):
    assert (
        said(read(tmp_path, text_of(facts=FACTS + "计量单位=米\n转换参数=0,0,0,0,0,0,0\n")))
        == set()
    )


@pytest.mark.parametrize(
    "facts",
    [
        FACTS.replace("几度分带=3", "分带=3度带"),
        FACTS.replace("带号=37", "带号="),
        FACTS.replace("1.01", "1．01"),
        FACTS.replace("2000国家大地坐标系", "CGCS2000"),
        " " + FACTS,
    ],
)
def test_other_writings_of_the_header_mean_the_same(tmp_path, facts):
    reading = read(tmp_path, text_of(facts=facts))
    assert said(reading) == set()
    assert reading.crs == "EPSG:4525"


def test_a_zone_that_contradicts_the_eastings_is_left_open(tmp_path):
    other = points([(x, y - 1_000_000) for x, y in CORNERS])
    reading = read(tmp_path, text_of(body=other))
    assert reading.crs == ""
    assert "text-zone-contradicts" in said(reading)


def test_six_degree_zones_are_told_by_their_prefix(tmp_path):
    facts = FACTS.replace("几度分带=3", "几度分带=6").replace("带号=37", "带号=19")
    body = points([(x, y - 18_000_000) for x, y in CORNERS])
    assert read(tmp_path, text_of(body=body, facts=facts)).crs == "EPSG:4497"
    plain = points([(x, y - 37_000_000) for x, y in CORNERS])
    assert read(tmp_path, text_of(body=plain, facts=facts)).crs == "EPSG:4508"


def test_eastings_with_and_without_prefix_in_one_file_leave_the_system_open(tmp_path):
    second = points([(x, y - 37_000_000) for x, y in CORNERS])
    reading = read(tmp_path, text_of() + PARCEL.replace("A-1", "A-2") + second)
    assert reading.crs == ""
    assert "text-prefix-mixed" in said(reading)


def test_a_number_with_a_digit_too_few_is_pointed_at(tmp_path):
    body = points([*CORNERS[:3], (322375, 37449395)])
    [odd] = [p for p in read(tmp_path, text_of(body=body)).problems if p.code == "text-point-odd"]
    assert (odd.row, odd.line) == (1, 11)


def test_rings_that_are_no_holes_are_reported_with_both_readings(tmp_path):
    apart = [(x, y + 500) for x, y in CORNERS]
    reading = read(tmp_path, text_of(body=points() + points(apart, ring=2)))
    [doubt] = [p for p in reading.problems if p.code == "text-rings-apart"]
    assert doubt.facts == {"parcel": "A-1", "parts": 2, "as_parts": 20_000.0, "as_holes": 0.0}
    assert said(reading)


def test_rings_that_cross_are_named(tmp_path):
    across = [(x - 50, y + 50) for x, y in CORNERS]
    reading = read(tmp_path, text_of(body=points() + points(across, ring=2)))
    assert "text-rings-cross" in said(reading)


def test_an_island_in_a_hole_is_land_again(tmp_path):
    def box(size: int) -> list[tuple[int, int]]:
        x, y = 3223800, 37449445
        return [
            (x + size, y - size),
            (x + size, y + size),
            (x - size, y + size),
            (x - size, y - size),
        ]

    body = points() + points(box(30), ring=2) + points(box(10), ring=3)
    reading = read(tmp_path, text_of(body=body))
    assert shapely.area(reading.geometries)[0] == 10_000 - 3_600 + 400


def test_rows_without_ring_part_rings_where_one_closes(tmp_path):
    hole = [(3223820, 37449425), (3223820, 37449445), (3223800, 37449445), (3223800, 37449425)]
    form = "{x},{y}"
    reading = read(tmp_path, text_of(body=points(form=form) + points(hole, form=form)))
    assert shapely.area(reading.geometries)[0] == 10_000 - 400


@pytest.mark.parametrize("form", ["{x} {y}", "{x},{y}", "J{n},{x},{y}", "J{n},{ring},{x},{y}"])
def test_a_text_without_sections_is_a_list_of_positions(tmp_path, form):
    reading = read(tmp_path, points(form=form))
    assert shapely.area(reading.geometries).tolist() == [10_000]
    assert reading.crs == ""
    assert "table-without-heading" in said(reading)


def test_the_six_columns_of_the_province_are_read(tmp_path):
    path = tmp_path / "a.csv"
    form = "{n},DK-1,{ring},J{n},{x},{y}"
    path.write_text(points(form=form) + points(form=form.replace("DK-1", "DK-2")), encoding="utf-8")
    reading = read_features(path)
    assert reading.frame["parcel_no"].tolist() == ["DK-1", "DK-2"]
    assert shapely.area(reading.geometries).tolist() == [10_000, 10_000]


def test_a_line_that_cannot_be_understood_refuses_the_file_with_its_number(tmp_path):
    with pytest.raises(FileError) as caught:
        read(tmp_path, text_of(body=points() + "J6,1,三百二十,37449395\n"))
    assert (caught.value.code, caught.value.facts["line"]) == ("text-line-wrong", 13)
