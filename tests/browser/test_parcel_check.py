"""The parcel check as a person does it: draw, read the verdict, store, download, verify."""

import io
import re
import zipfile
from pathlib import Path
from typing import Any, Final

import numpy as np
import openpyxl
import pytest
import shapely
from playwright.sync_api import BrowserContext, Page, expect
from pypdf import PdfReader

from geoapp import Workspace
from geoapp.i18n import Lang, text
from tests.browser.conftest import Witness
from tests.browser.screen import PATIENCE_MS, Screen, eventually

DATA: Final = Path(__file__).parents[1] / "data"
HALF: Final = (0.0006, 0.0004)  # degrees around the middle of a drawn parcel
SERIAL: Final = re.compile(r"[A-Z]{2}-\d{4}-\d{6}-[0-9X]")


@pytest.fixture(scope="session")
def farmland(sample_workspace: Path) -> tuple[float, float]:
    """A position in permanent farmland, somewhere inside."""
    workspace = Workspace.open(sample_workspace)
    shapes = workspace.layer("permanent_farmland").geometry.to_numpy()
    largest = shapes[int(np.argmax(shapely.area(shapes)))]
    point = shapely.maximum_inscribed_circle(largest, tolerance=1e-5)
    workspace.close()
    longitude, latitude = shapely.get_coordinates(point)[0].tolist()
    return longitude, latitude


def corners(middle: tuple[float, float]) -> list[tuple[float, float]]:
    (x, y), (wide, high) = middle, HALF
    return [(x - wide, y + high), (x + wide, y + high), (x + wide, y - high), (x - wide, y - high)]


def go(screen: Screen, middle: tuple[float, float], zoom: int = 17) -> None:
    x, y = middle
    screen.map.frame().evaluate(
        f"() => void window.map.setView([{y}, {x}], {zoom}, {{ animate: false }})"
    )


def tool(screen: Screen, word: str) -> Any:
    return screen.map.inside.get_by_role(
        "button", name=screen.say(f"check_page.{word}"), exact=True
    )


def draw(screen: Screen, middle: tuple[float, float]) -> None:
    go(screen, middle)
    tool(screen, "draw_parcel").click()
    for place in corners(middle):
        screen.map.container.click(position=screen.map.position(*place), force=True)
    tool(screen, "draw_finish").click()


def banner(screen: Screen) -> str:
    found = screen.page.get_by_test_id("stAlertContainer").first
    expect(found).to_be_visible(timeout=PATIENCE_MS)
    return found.inner_text()


def wait_for_verdict(screen: Screen, verdict: str) -> None:
    wanted = screen.say(f"check_sheet.verdict_{verdict}")
    eventually(lambda: banner(screen), lambda words: wanted in words, "verdict")
    screen.wait_at_rest()


def area(screen: Screen) -> str:
    label = screen.say("check_page.area")
    metric = screen.page.get_by_test_id("stMetric").filter(has_text=label)
    return metric.get_by_test_id("stMetricValue").inner_text()


@pytest.fixture
def opened(screen: Screen) -> Screen:
    screen.open("/parcel_check", "zh").map.wait_drawn()
    screen.wait_at_rest()
    return screen


def test_whole_path_draw_check_store_download_verify(
    opened: Screen, farmland: tuple[float, float], tmp_path: Path
) -> None:
    screen = opened
    draw(screen, farmland)
    wait_for_verdict(screen, "prohibited")
    shown = area(screen)
    screen.page.get_by_role("button", name=screen.say("check_page.store")).click()
    found = screen.page.get_by_text(SERIAL).first
    expect(found).to_be_visible(timeout=PATIENCE_MS)
    matched = SERIAL.search(found.inner_text())
    assert matched is not None
    serial = matched[0]
    screen.wait_at_rest()
    pdf = screen.save_file("check_page.form_pdf", tmp_path)
    words = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf.read_bytes())).pages)
    assert serial in pdf.name
    assert serial in words
    assert shown in words
    assert screen.say("check_sheet.verdict_prohibited") in words
    for form in ("docx", "xlsx", "gpkg"):
        file = screen.save_file(f"check_page.form_{form}", tmp_path)
        assert file.suffix == f".{form}"
        assert file.stat().st_size > 3000
    screen.page.goto(f"{screen.base_url}/parcel_check?lang=zh&serial={serial}")
    eventually(
        lambda: banner(screen), lambda said: screen.say("check_page.state_same") in said, "same"
    )
    screen.page.goto(f"{screen.base_url}/verify/{serial}")
    expect(screen.page.locator(".answer")).to_have_text(screen.say("check_page.state_same"))


def test_drawing_survives_reruns_and_a_reload(
    opened: Screen, farmland: tuple[float, float]
) -> None:
    screen = opened
    draw(screen, farmland)
    wait_for_verdict(screen, "prohibited")
    before = area(screen)
    with screen.map.staying():
        screen.choose("check_page.purpose", "农村宅基地")
        wait_for_verdict(screen, "prohibited")
    assert area(screen) == before
    screen.page.reload()
    screen.map.wait_drawn()
    wait_for_verdict(screen, "prohibited")
    assert area(screen) == before


def test_points_can_be_dragged_added_and_deleted(
    opened: Screen, farmland: tuple[float, float]
) -> None:
    screen = opened
    draw(screen, farmland)
    wait_for_verdict(screen, "prohibited")
    sizes = [float(area(screen).replace(",", ""))]
    tool(screen, "draw_edit").click()
    handles = screen.map.inside.locator(".xt-handle:not(.xt-fresh)")
    expect(handles).to_have_count(4)
    drag(screen, handles.first, -30, -30)
    drag(screen, screen.map.inside.locator(".xt-fresh").nth(1), 40, 0)  # apart from others
    expect(handles).to_have_count(5)
    tool(screen, "draw_finish").click()
    eventually(
        lambda: area(screen), lambda now: float(now.replace(",", "")) > sizes[0], "area grows"
    )
    screen.wait_at_rest()
    tool(screen, "draw_edit").click()
    handles.nth(2).click()
    tool(screen, "draw_drop").click()
    expect(handles).to_have_count(4)
    tool(screen, "draw_cancel").click()
    tool(screen, "draw_edit").click()
    expect(handles).to_have_count(5)
    tool(screen, "draw_cancel").click()
    tool(screen, "draw_clear").click()
    nothing = screen.say("check_page.nothing_yet")
    eventually(lambda: banner(screen), lambda said: nothing in said, "cleared")


def drag(screen: Screen, handle: Any, dx: int, dy: int) -> None:
    box = handle.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    screen.page.mouse.move(x, y)
    screen.page.mouse.down()
    screen.page.mouse.move(x + dx / 2, y + dy / 2)
    screen.page.mouse.move(x + dx, y + dy)
    screen.page.mouse.up()


def test_a_drawing_can_be_taken_back_and_a_crossing_outline_mended(
    opened: Screen, farmland: tuple[float, float]
) -> None:
    screen = opened
    go(screen, farmland)
    tool(screen, "draw_parcel").click()
    screen.map.container.click(position=screen.map.position(*farmland), force=True)
    screen.page.keyboard.press("Escape")
    assert screen.say("check_page.nothing_yet") in banner(screen)
    tool(screen, "draw_parcel").click()
    first, second, third, fourth = corners(farmland)
    for place in (first, third, second, fourth):
        screen.map.container.click(position=screen.map.position(*place), force=True)
    tool(screen, "draw_finish").click()
    eventually(lambda: banner(screen), lambda said: "未作任何修复" in said, "fault")
    tool(screen, "draw_edit").click()
    expect(screen.map.inside.locator(".xt-handle:not(.xt-fresh)")).to_have_count(4)
    tool(screen, "draw_cancel").click()


def test_a_line_becomes_a_corridor_with_chainage(
    opened: Screen, farmland: tuple[float, float]
) -> None:
    screen = opened
    go(screen, farmland)
    tool(screen, "draw_line").click()
    first, _, third, _ = corners(farmland)
    for place in (first, third):
        screen.map.container.click(position=screen.map.position(*place), force=True)
    tool(screen, "draw_finish").click()
    expect(screen.page.get_by_text(screen.say("check_page.chainage"), exact=True)).to_be_visible(
        timeout=PATIENCE_MS
    )
    rows = eventually(
        lambda: [row for at in range(screen.tables()) for row in screen.table(at)],
        lambda found: any(row.get("起") == "K0+000.00" for row in found),
        "chainage",
    )
    assert rows


def test_a_link_from_the_map_checks_its_feature(screen: Screen, sample_workspace: Path) -> None:
    workspace = Workspace.open(sample_workspace)
    snapshot = workspace.snapshot("permanent_farmland").name
    wanted = workspace.find_parcel("permanent_farmland", 3)
    workspace.close()
    query = f"layer=permanent_farmland&row=3&v={snapshot}&lang=zh"
    screen.page.goto(f"{screen.base_url}/parcel_check?{query}")
    wait_for_verdict(screen, "prohibited")
    screen.page.get_by_text(screen.say("check_page.particulars")).click()
    number = screen.page.get_by_label(screen.say("check_page.number"))
    expect(number).to_have_value(wanted.id)


def test_batch_of_a_zip_becomes_a_table_and_the_history_keeps_it(
    opened: Screen, tmp_path: Path
) -> None:
    screen = opened
    bundle = tmp_path / "parcels.zip"
    with zipfile.ZipFile(bundle, "w") as archive:
        for name in ("example_two.txt", "example_hole.txt"):
            archive.write(DATA / name, name)
    screen.page.get_by_text(screen.say("check_page.tab_batch"), exact=True).click()
    screen.wait_at_rest()
    screen.page.locator("input[type=file]").set_input_files(bundle)
    expect(screen.page.get_by_text("parcels.zip")).to_be_visible(timeout=PATIENCE_MS)
    screen.page.get_by_role("button", name=screen.say("check_page.batch_start")).click()
    rows = screen.wait_for_table(lambda found: len(found) == 3)
    numbers = [row[screen.say("check_sheet.batch_id")] for row in rows]
    assert numbers == ["430802-0002", "430802-0003", "430802-0001"]
    file = screen.save_file("check_page.batch_xlsx", tmp_path)
    sheet = openpyxl.load_workbook(file).worksheets[0]
    assert [row[1] for row in sheet.values if isinstance(row[0], int)] == numbers
    screen.page.get_by_text(screen.say("check_page.tab_history"), exact=True).click()
    kept = screen.wait_for_table(lambda found: any("parcels.zip" in row.values() for row in found))
    assert any(row[screen.say("check_page.parcels")] == "3" for row in kept)


@pytest.mark.parametrize(("lang", "width"), [("zh", 1440), ("en", 390)])
def test_page_looks_right_and_says_everything(
    new_context: Any,
    base_url: str,
    farmland: tuple[float, float],
    pictures: Path,
    lang: Lang,
    width: int,
) -> None:
    phone = width < 600
    context: BrowserContext = new_context(
        viewport={"width": width, "height": 844 if phone else 900}, has_touch=phone
    )
    page: Page = context.new_page()
    screen = Screen(page, base_url).open("/parcel_check", lang)
    screen.map.wait_drawn()
    draw(screen, farmland)
    wait_for_verdict(screen, "prohibited")
    page.screenshot(path=pictures / f"parcel_check_{lang}_{width}.png", full_page=True)
    if phone:  # the map and below it the verdict, before anything else
        map_top = screen.map.iframe.bounding_box()
        verdict = page.get_by_test_id("stAlertContainer").first.bounding_box()
        ways = page.get_by_text(text(lang, "check_page.way"), exact=True).bounding_box()
        assert map_top
        assert verdict
        assert ways
        assert map_top["y"] < verdict["y"] < ways["y"]
        assert map_top["x"] >= 0
        assert map_top["x"] + map_top["width"] <= width
    context.close()


def test_page_of_the_square_code_words_what_it_does_not_know(
    screen: Screen, witness: Witness
) -> None:
    witness.expected.append("404")
    witness.expected.append("422")
    for serial in ("XT-2026-999999-0", "nonsense", "<script>alert(1)</script>"):
        screen.page.goto(f"{screen.base_url}/verify/{serial}")
        expect(screen.page.locator(".answer")).to_be_visible()
        expect(screen.page.locator("script")).to_have_count(0)
