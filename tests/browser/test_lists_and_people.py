"""Lists, people and paragraphs as a person uses them: who answers, where a parcel lies, the text."""

from decimal import Decimal
from pathlib import Path

import docx
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from geoapp import Workspace
from geoapp.geometry.measure import official_areas
from geoapp.i18n import Lang, text
from geoapp.planning.places import read_shape
from tests.browser.screen import PATIENCE_MS, Screen, eventually, number

TRACKER = "idle_land"


@pytest.fixture(scope="module")
def city(city: Path) -> Path:
    workspace = Workspace.open(city)
    table = city.parent / "people.csv"
    rows = "".join(
        f"field,{unit.code},chief{number}\n"
        for number, unit in enumerate(workspace.unit_names)
        if unit.level == "district"
    )
    table.write_text(f"theme,unit_code,name\n{rows}", encoding="utf-8")
    workspace.contacts.take(table)
    workspace.close()
    return city


@pytest.fixture
def screen(page: Page, address: str) -> Screen:
    return Screen(page, address)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_patch_and_its_list_say_who_answers(screen: Screen, lang: Lang) -> None:
    screen.open("/demolition?tab=patches", lang)
    screen.wait_at_rest()
    rows = screen.wait_for_table(index=1)
    answers = [row[text(lang, "answers.column")] for row in rows]
    assert answers
    assert all(one.startswith("chief") for one in answers)
    assert all(text(lang, "answers.level_district") in one for one in answers)


def test_a_link_of_the_list_shows_the_map_at_its_parcel(screen: Screen, city: Path) -> None:
    workspace = Workspace.open(city)
    one = workspace.trackers.show(TRACKER).left[-1]
    shape = read_shape(one.entry.geometry)
    assert shape is not None
    [area] = official_areas(np.array([shape], dtype=object), workspace.city.crs)
    workspace.close()
    screen.open(f"/planning?view=trackers&tracker={TRACKER}", "zh").map.wait_drawn()
    screen.wait_at_rest()
    rows = screen.wait_for_table(index=1)
    row = next(row for row in rows if row["编号"] == one.entry.key)
    assert row["地图"]
    assert number(row["面积（平方米）"]) == Decimal(f"{area:.2f}")
    screen.open(f"/planning?view=trackers&tracker={TRACKER}&item={one.entry.key}", "zh")
    screen.map.wait_drawn()
    screen.wait_at_rest()
    seen = "() => [window.map.getBounds().toBBoxString(), window.map.getZoom()]"
    west, south, east, north = shape.bounds

    def shows(found: list[object]) -> bool:
        box = [float(part) for part in str(found[0]).split(",")]
        holds = box[0] <= west and box[1] <= south and box[2] >= east and box[3] >= north
        return holds and box[2] - box[0] < 20 * (east - west)

    eventually(lambda: screen.map.frame().evaluate(seen), shows, "bounds")
    expect(screen.map.inside.locator(".xt-checklegend")).to_contain_text("所选一项")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_paragraph_is_copied_and_downloaded_as_it_stands(
    screen: Screen, page: Page, tmp_path: Path, lang: Lang
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    screen.open("/statistics", lang).wait_for_heading("statistics.title")
    screen.wait_at_rest()
    page.get_by_text(screen.say("prose.block"), exact=True).click()
    code = page.get_by_test_id("stCode")
    expect(code).to_be_visible(timeout=PATIENCE_MS)
    screen.wait_at_rest()
    shown = code.locator("code").inner_text()
    assert "[1]" in shown
    code.hover()
    code.get_by_role("button").click()
    copied = eventually(
        lambda: page.evaluate("() => navigator.clipboard.readText()"), bool, "clipboard"
    )
    assert copied.split() == shown.split()
    paper = docx.Document(str(screen.save_file("prose.download", tmp_path)))
    words = "".join(paragraph.text for paragraph in paper.paragraphs)
    paragraph = copied.split("\n", 1)[1]
    assert paragraph in words
    assert copied.split("\n", 1)[0] in words  # the mark of synthetic data


def test_quality_of_all_layers_stands_on_one_screen(screen: Screen, page: Page) -> None:
    screen.open("/planning?view=quality", "zh")
    screen.wait_at_rest()
    rows = screen.wait_for_table()
    assert {row["问题合计"] for row in rows} <= {"未检查", "检查的基准"}
    page.get_by_role("button", name=screen.say("quality.all")).click()
    found = screen.wait_for_table(lambda rows: any(row["问题合计"].isdigit() for row in rows))
    assert "未检查" not in {row["问题合计"] for row in found}
