"""The planner's desk as a person uses it: drawing with figures that follow, lists, the report."""

import re
from pathlib import Path
from typing import Final

import numpy as np
import openpyxl
import pytest
import shapely
from playwright.sync_api import Page, expect

from geoapp import Workspace
from geoapp.i18n import Lang, text
from geoapp.ui.planning.desk import VIEWS
from tests.browser.conftest import Witness
from tests.browser.screen import PATIENCE_MS, Screen, eventually

HALF: Final = (0.0006, 0.0004)  # degrees around the middle of a drawn boundary


@pytest.fixture
def screen(page: Page, address: str) -> Screen:
    return Screen(page, address)


@pytest.fixture(scope="module")
def redline(city: Path) -> tuple[float, float]:
    """A position in an ecological redline, well inside."""
    workspace = Workspace.open(city)
    shapes = workspace.layer("ecological_redline").geometry.to_numpy()
    largest = shapes[int(np.argmax(shapely.area(shapes)))]
    point = shapely.maximum_inscribed_circle(largest, tolerance=1e-4)
    workspace.close()
    x, y = shapely.get_coordinates(point)[0].tolist()
    return x, y


def tool(screen: Screen, word: str) -> None:
    name = screen.say(f"check_page.{word}")
    screen.map.inside.get_by_role("button", name=name, exact=True).click()


def panel(screen: Screen) -> str:
    live = screen.map.inside.locator(".xt-live:not(.xt-stale)")
    expect(live).to_be_visible(timeout=PATIENCE_MS)
    return live.inner_text()


def area_of(words: str) -> float:
    found = re.search(r"([\d,]+\.\d\d) (?:平方米|m²)", words)
    assert found is not None, words
    return float(found[1].replace(",", ""))


def settled(screen: Screen, than: float) -> float:
    return eventually(lambda: area_of(panel(screen)), lambda found: found != than, "area")


def test_figures_follow_a_boundary_that_is_drawn_and_dragged_and_it_is_kept_and_compared(
    screen: Screen, redline: tuple[float, float], city: Path
) -> None:
    screen.open("/planning?view=scenarios", "zh").map.wait_drawn()
    screen.wait_at_rest()
    (x, y), (wide, high) = redline, HALF
    screen.map.frame().evaluate(
        f"() => void window.map.setView([{y}, {x}], 17, {{ animate: false }})"
    )
    tool(screen, "draw_parcel")
    corners = [
        (x - wide, y + high),
        (x + wide, y + high),
        (x + wide, y - high),
        (x - wide, y - high),
    ]
    for number, place in enumerate(corners):
        screen.map.container.click(position=screen.map.position(*place), force=True)
        if number == 2:  # of three corners there is ground already
            half = area_of(panel(screen))
    whole = settled(screen, half)
    assert whole == pytest.approx(2 * half, rel=0.01)
    words = panel(screen)
    redlines = screen.map.inside.locator(".xt-live .xt-occupied th").first
    assert redlines.inner_text() in words
    tool(screen, "draw_finish")
    screen.wait_at_rest()
    save(screen, "原方案")
    tool(screen, "draw_edit")
    handle = screen.map.inside.locator(".xt-handle:not(.xt-fresh)").first
    box = handle.bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    screen.page.mouse.move(*middle)
    screen.page.mouse.down()
    screen.page.mouse.move(middle[0] - 60, middle[1] - 40, steps=6)
    dragged = settled(screen, whole)  # while the corner is still held
    assert dragged > whole
    screen.page.mouse.up()
    tool(screen, "draw_finish")
    screen.wait_at_rest()
    save(screen, "扩大方案")
    workspace = Workspace.open(city)
    kept = {one.name: one.area_m2 for one in workspace.scenarios.all()}
    workspace.close()
    assert kept["原方案"] == pytest.approx(whole, abs=0.02)
    assert kept["扩大方案"] == pytest.approx(area_of(panel(screen)), abs=0.02)
    assert screen.page.get_by_text("扩大方案 v1").first.is_visible()


def save(screen: Screen, name: str) -> None:
    screen.page.get_by_label(screen.say("scenario.name"), exact=True).fill(name)
    screen.page.get_by_role("button", name=screen.say("planning_page.scenario_save")).click()
    said = screen.say("scenario.saved", scenario=f"{name} v1")
    expect(screen.page.get_by_text(said)).to_be_visible(timeout=PATIENCE_MS)
    screen.wait_at_rest()


def test_a_ring_that_crosses_itself_is_a_sentence_and_no_figure(
    screen: Screen, redline: tuple[float, float], witness: Witness
) -> None:
    witness.expected += ("the server responded with a status of 422",)
    screen.open("/planning?view=scenarios", "en").map.wait_drawn()
    screen.wait_at_rest()
    (x, y), (wide, high) = redline, HALF
    screen.map.frame().evaluate(
        f"() => void window.map.setView([{y}, {x}], 17, {{ animate: false }})"
    )
    tool(screen, "draw_parcel")
    for place in [
        (x - wide, y + high),
        (x + wide, y - high),
        (x + wide, y + high),
        (x - wide, y - high),
    ]:
        screen.map.container.click(position=screen.map.position(*place), force=True)
    sentence = text("en", "error.drawing-crosses")
    live = screen.map.inside.locator(".xt-live")
    expect(live).to_contain_text(sentence[:30], timeout=PATIENCE_MS)
    assert "m²" not in live.inner_text()


def test_every_figure_of_the_report_stands_beside_the_computed_one(
    screen: Screen, city: Path, tmp_path: Path
) -> None:
    workspace = Workspace.open(city)
    result = workspace.reconcile()
    workspace.close()
    screen.open("/planning?view=report", "zh")
    screen.wait_at_rest()
    on_screen = screen.wait_for_table()
    book = openpyxl.load_workbook(screen.save_file("planning_page.form_xlsx", tmp_path, which=0))
    cells = [[str(cell) for cell in row if cell is not None] for row in book.worksheets[0].values]
    for figure in result.figures():
        written = next((row for row in cells if figure.figure.title.zh in row), None)
        assert written is not None, figure.figure.title.zh
    for number in range(1, 33):
        assert any(row and re.match(rf"S{number}\b", row[0]) for row in cells), number
    flat = {cell for row in cells for cell in row}
    assert on_screen
    for row in on_screen:  # as much of it as shows without scrolling
        first = next(iter(row.values()))
        assert any(first in cell for cell in flat), row


def test_a_figure_leads_to_what_it_counts(screen: Screen, page: Page, city: Path) -> None:
    workspace = Workspace.open(city)
    found = workspace.behind("S1-households", unit="430802")
    workspace.close()
    screen.open("/planning?view=report&figure=S1-households&within=430802", "zh")
    screen.wait_at_rest()
    expect(page.get_by_text(f"由 {found.listed.count:,} 项组成")).to_be_visible()
    screen.map.wait_drawn()
    listed = screen.wait_for_table(index=1)  # the first is the report itself
    things = found.listed.things
    assert [row["编号"] for row in listed[:5]] == [one.number for one in things[:5]]
    assert float(listed[0]["计入（户）"]) == things[0].value
    page.goto(f"{screen.base_url}/demolition?case={things[0].number}&lang=zh")
    expect(page.get_by_text(things[0].number).first).to_be_visible(timeout=PATIENCE_MS)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_fits_the_screen_in_its_language(
    screen: Screen, page: Page, view: str, lang: Lang
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    screen.open(f"/planning?view={view}", lang)
    screen.wait_at_rest()
    expect(page.get_by_test_id("stException")).to_have_count(0)
    expect(page.get_by_role("alert").filter(has_text="Error")).to_have_count(0)
    wide = page.evaluate("document.scrollingElement.scrollWidth - window.innerWidth")
    assert wide <= 0
