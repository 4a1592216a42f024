"""The statistics: the same figures on the screen, in both files and from the command line."""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import openpyxl
import pytest
from playwright.sync_api import expect

from geoapp import Workspace
from tests.browser.screen import Screen, eventually, number

# Written again here on purpose: the tests must not share the program's way of rounding.
M2_AND_PLACES: Final = {
    "m2": (Fraction(1), 2),
    "mu": (Fraction(2000, 3), 2),
    "ha": (Fraction(10_000), 4),
    "km2": (Fraction(1_000_000), 4),
}
WITHOUT_DATA: Final = ("430821", "430822")
AskCli = Callable[..., dict[str, Any]]


def half_up(value: Fraction, places: int) -> Decimal:
    scaled = abs(value) * 10**places
    whole, rest = divmod(scaled.numerator, scaled.denominator)
    whole += 2 * rest >= scaled.denominator
    return (Decimal(whole) if value >= 0 else -Decimal(whole)).scaleb(-places)


def in_unit(area_m2: float, unit: str) -> Decimal:
    m2, places = M2_AND_PLACES[unit]
    return half_up(Fraction(Decimal(repr(area_m2))) / m2, places)


@dataclass(frozen=True)
class Question:
    layer: str
    by: str = "district"
    class_field: str = ""
    inside: str = ""
    within: str = ""
    unit: str = "ha"

    def arguments(self) -> list[str]:
        options = {"class": self.class_field, "inside": self.inside, "within": self.within}
        given = [part for name, value in options.items() if value for part in (f"--{name}", value)]
        return [self.layer, "--by", self.by, *given]


QUESTIONS: Final = (
    Question("landuse"),
    Question("landuse", "district", "dlbm", "ecological_redline", unit="mu"),
    Question("permanent_farmland", "township", within="430821", unit="km2"),
    Question("ecological_redline", "village", within="430802", unit="m2"),
    Question("construction_land", "district", "zt"),
    Question("demolition", "district", "status"),
    Question("hamlet", "city"),
)


@pytest.fixture(scope="session")
def city(sample_workspace: Path) -> Workspace:
    return Workspace.open(sample_workspace)


@pytest.fixture
def statistics(screen: Screen) -> Screen:
    screen.open("/statistics", "en").wait_for_heading("statistics.title")
    screen.map.wait_drawn()
    screen.wait_for_table()
    screen.wait_at_rest()
    return screen


def put(screen: Screen, city: Workspace, question: Question) -> None:
    """Make the choices of a question, only those that differ from what stands there."""
    definition = city.library.require(question.layer)
    wanted = {
        "statistics.layer": definition.title["en"],
        "statistics.level": screen.say(f"level.{question.by}"),
    }
    if question.class_field:
        rule = definition.find_field(question.class_field)
        assert rule is not None
        wanted["statistics.class"] = rule.title["en"]
    if question.inside:
        wanted["statistics.inside"] = city.library.require(question.inside).title["en"]
    if question.within:
        wanted["statistics.within"] = city.name_unit(question.within, "en")
    wanted["unit.label"] = screen.say(f"unit.{question.unit}")
    for key, option in wanted.items():
        expect(screen.field(key).first).to_be_visible()
        if screen.field(key).first.input_value() != option:
            screen.choose(key, option)
            screen.wait_at_rest()


def read_csv(path: Path) -> tuple[list[str], list[dict[str, str]], list[list[str]]]:
    """Split a file into the lines above, the rows by heading and the lines below."""
    lines = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    head = next(at for at, line in enumerate(lines) if len(line) > 2)
    end = next(at for at, line in enumerate(lines) if at > head and not line)
    rows = [dict(zip(lines[head], line, strict=True)) for line in lines[head + 1 : end]]
    return [line[0] for line in lines[:head]], rows, lines[end + 1 :]


def read_xlsx(path: Path) -> list[dict[str, Any]]:
    sheet = openpyxl.load_workbook(path).worksheets[0]
    lines = [list(line) for line in sheet.iter_rows(values_only=True)]
    head = next(at for at, line in enumerate(lines) if line[1] and line[2])
    end = next(at for at, line in enumerate(lines) if at > head and not any(line))
    return [dict(zip(lines[head], line, strict=True)) for line in lines[head + 1 : end]]


def same(left: Any, right: Any) -> bool:
    """Equal as text or as number: 0.1 in one file is 0.1000 in the other."""
    try:
        return number(left) == number(right)
    except ArithmeticError:
        return str(left or "") == str(right or "")


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: f"{q.layer}-{q.by}-{q.unit}")
def test_screen_files_and_command_line_agree(
    statistics: Screen, city: Workspace, ask_cli: AskCli, tmp_path: Path, question: Question
) -> None:
    say = statistics.say
    put(statistics, city, question)
    answer = ask_cli(*question.arguments())
    shown_rows = min(len(answer["rows"]), 10)
    statistics.wait_for_table(lambda rows: len(rows) >= shown_rows)
    statistics.wait_at_rest()

    above, from_csv, below = read_csv(statistics.save_file("statistics.download_csv", tmp_path))
    from_xlsx = read_xlsx(statistics.save_file("statistics.download_xlsx", tmp_path))
    assert above == [say("sample.banner")]
    assert len(from_csv) == len(from_xlsx) == len(answer["rows"])
    for left, right in zip(from_csv, from_xlsx, strict=True):
        assert list(left) == list(right)
        assert all(same(left[head], right[head]) for head in left), (left, right)

    area = say("table.area", unit=say(f"unit.{question.unit}"))
    for row, asked in zip(from_csv, answer["rows"], strict=True):
        check_row(statistics, row, asked, question, area)
    for row, written in zip(statistics.table(), from_csv, strict=False):
        for head, cell in row.items():
            blank = written[head] == say("coverage.no_data") and cell == ""
            assert blank or same(cell, written[head]), (head, cell, written)
    closing = {line[0]: line[1] for line in below if len(line) == 2}
    if area in from_csv[0]:
        assert number(closing[say("closing.gap")]) == 0
        assert_adds_up(statistics, closing, question)


def check_row(
    screen: Screen, row: dict[str, str], asked: dict[str, Any], question: Question, area: str
) -> None:
    say = screen.say
    assert row[say("table.unit_code")] == asked["unit_code"]
    assert row[say("table.coverage")] == say(f"coverage.{asked['coverage']}")
    if area in row:
        if asked["area_m2"] is None:
            assert row[area] == say("coverage.no_data")
        else:
            assert number(row[area]) == in_unit(asked["area_m2"], question.unit)
            share = half_up(Fraction(Decimal(repr(asked["share_of_unit"]))) * 100, 2)
            assert number(row[say("table.share_of_unit")]) == share
    if asked["coverage"] != "no_data":
        assert int(row[say("table.count")]) == asked["count"]


def assert_adds_up(screen: Screen, closing: dict[str, str], question: Question) -> None:
    unit = screen.say(f"unit.{question.unit}")
    whole, units, outside = (
        number(closing[screen.say(f"closing.{key}", unit=unit)])
        for key in ("whole", "units", "outside")
    )
    last_digit = Decimal(1).scaleb(-M2_AND_PLACES[question.unit][1])
    assert abs(whole - units - outside) <= 2 * last_digit


def test_files_are_named_after_what_is_in_them(
    statistics: Screen, city: Workspace, tmp_path: Path
) -> None:
    put(statistics, city, Question("permanent_farmland", "township", within="430821"))
    for key, suffix in (("download_csv", ".csv"), ("download_xlsx", ".xlsx")):
        name = statistics.save_file(f"statistics.{key}", tmp_path).name
        assert name.endswith(suffix)
        assert not set('/\\:*?"<>| ') & set(name)
        assert city.library.require("permanent_farmland").title["en"].replace(" ", "") in name


def point_in(frame: gpd.GeoDataFrame, code: str) -> tuple[float, float]:
    point = frame[frame["code"] == code].geometry.iloc[0].representative_point()
    return point.x, point.y


def test_click_leads_down_to_townships_and_villages_and_the_path_back(
    statistics: Screen, city: Workspace
) -> None:
    say = statistics.say
    code_head = say("table.unit_code")
    townships = city.layer("township")
    district = "430821"
    township = min(code for code in townships["code"] if code.startswith(district))

    statistics.map.click(*point_in(city.layer("district"), district))
    rows = statistics.wait_for_table(lambda rows: bool(rows) and len(rows[0][code_head]) == 9)
    assert all(row[code_head].startswith(district) for row in rows)
    expect(statistics.field("statistics.level")).to_have_value(say("level.township"))
    expect(statistics.field("statistics.within")).to_have_value(city.name_unit(district, "en"))

    statistics.wait_at_rest()
    statistics.map.wait_drawn()
    statistics.map.settled_picture()
    statistics.map.click(*point_in(townships, township))
    rows = statistics.wait_for_table(lambda rows: bool(rows) and len(rows[0][code_head]) == 12)
    assert all(row[code_head].startswith(township) for row in rows)

    step = statistics.page.get_by_role("button", name=city.name_unit(district, "en"))
    step.click()
    statistics.wait_for_table(lambda rows: bool(rows) and len(rows[0][code_head]) == 9)
    statistics.page.get_by_role("button", name=city.city.name["en"]).click()
    rows = statistics.wait_for_table(lambda rows: bool(rows) and len(rows[0][code_head]) == 6)
    assert len(rows) == 4


def test_closing_line_is_nought(statistics: Screen) -> None:
    gap = statistics.page.get_by_test_id("stMetric").filter(
        has_text=statistics.say("statistics.closure")
    )
    expect(gap).to_contain_text("0.00")
    label = statistics.say("closing.gap")
    line = statistics.page.get_by_test_id("stMarkdownContainer").filter(has_text=label)
    expect(line).to_contain_text("0.00")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_district_without_data_is_unknown_and_never_nought(
    screen: Screen, city: Workspace, tmp_path: Path, lang: Any
) -> None:
    screen.open("/statistics", lang).wait_for_heading("statistics.title")
    screen.map.wait_drawn()
    title = city.library.require("construction_land").title[lang]
    with screen.map.staying():
        screen.choose("statistics.layer", title)
        expect(
            screen.page.get_by_text(screen.say("statistics.no_data_units", count=2))
        ).to_be_visible()
        screen.wait_at_rest()
    area = screen.say("table.area", unit=screen.say("unit.ha"))
    coverage, code_head = screen.say("table.coverage"), screen.say("table.unit_code")
    no_data = screen.say("coverage.no_data")

    def unknown(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        return [row for row in rows if row.get(coverage) == no_data]

    rows = unknown(screen.wait_for_table(lambda rows: bool(unknown(rows))))
    assert {row[code_head] for row in rows} == set(WITHOUT_DATA)
    for row in rows:
        assert row[area] in {"", no_data}
    _, rows, _ = read_csv(screen.save_file("statistics.download_csv", tmp_path))
    for row in rows:
        if row[code_head] in WITHOUT_DATA:
            assert row[area] == no_data
            assert row[screen.say("table.count")] == no_data
    metric = screen.page.get_by_test_id("stMetric").filter(
        has_text=screen.say("statistics.coverage")
    )
    expect(metric).to_contain_text(screen.say("coverage.partial"))
    told = screen.map.hover(*point_in(city.layer("district"), WITHOUT_DATA[0]))
    assert no_data in told


def test_filter_repaints_the_map_and_does_not_rebuild_it(
    statistics: Screen, city: Workspace
) -> None:
    with statistics.map.staying():
        before, picture = statistics.map.key(), statistics.map.settled_picture()
        statistics.choose("statistics.layer", city.library.require("demolition").title["en"])
        before = changed(statistics, before)
        eventually(statistics.map.picture, lambda now: now != picture, "the same picture")
        statistics.choose(
            "statistics.layer", city.library.require("ecological_redline").title["en"]
        )
        before = changed(statistics, before)
        statistics.choose("statistics.inside", city.library.require("scenic_area").title["en"])
        before = changed(statistics, before)
        statistics.choose("unit.label", statistics.say("unit.mu"))
        head = statistics.say("table.area", unit=statistics.say("unit.mu"))
        statistics.wait_for_table(lambda rows: bool(rows) and head in rows[0])
        statistics.choose("statistics.measured", statistics.say("statistics.measure_count"))
        expect(statistics.map.inside.locator(".xt-sheet h3")).to_have_text(
            statistics.say("statistics.measure_count")
        )


def changed(screen: Screen, before: str) -> str:
    return eventually(screen.map.key, lambda now: now != before, "the legend stayed as it was")


def test_column_sorts_by_its_figures(statistics: Screen) -> None:
    head = statistics.say("table.area", unit=statistics.say("unit.ha"))
    canvas = statistics.page.get_by_test_id("stDataFrame").locator("canvas").first
    column = list(statistics.table()[0]).index(head)
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    middle = (column + 0.5) / len(statistics.table()[0])  # columns are of about one width
    head_line = (box["x"] + box["width"] * middle, box["y"] + 15)
    statistics.page.mouse.click(*head_line)

    def figures() -> list[Decimal]:
        # By place: the heading of a sorted column carries an arrow.
        return [number(list(row.values())[column]) for row in statistics.table()]

    rising = eventually(figures, lambda found: found == sorted(found), "rising")
    statistics.page.mouse.click(*head_line)
    falling = eventually(figures, lambda found: found == sorted(found, reverse=True), "falling")
    assert rising == falling[::-1]


def test_choices_outlive_a_visit_to_the_other_page(statistics: Screen, city: Workspace) -> None:
    title = city.library.require("scenic_area").title["en"]
    statistics.choose("statistics.layer", title)
    statistics.choose("unit.label", statistics.say("unit.km2"))
    statistics.wait_at_rest()
    statistics.turn_to("nav.overview")
    statistics.wait_for_heading("overview.title")
    expect(statistics.field("unit.label")).to_have_value(statistics.say("unit.km2"))
    statistics.turn_to("nav.statistics")
    statistics.wait_for_heading("statistics.title")
    expect(statistics.field("statistics.layer")).to_have_value(title)
