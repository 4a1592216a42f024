"""The page Data in a browser: a file dropped in, seen, published, compared, taken back, taken out."""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyogrio
import pytest
import shapely
from playwright.sync_api import BrowserContext, Locator, Page, expect

from geoapp import Workspace
from geoapp.i18n import Lang
from tests.browser.screen import CJK, PATIENCE_MS, Screen, eventually

LAYER = "ecological_redline"
SIZES = {"desk": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
SAME_EVERYWHERE = {"中文", "English"}


@pytest.fixture(scope="module")
def handed_over(city: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The redline as an office hands it over: GBK, zone before the easting, no system stated."""
    workspace = Workspace.open(city)
    frame = workspace.layer(LAYER).iloc[3:].reset_index(drop=True)
    workspace.close()
    shapes = list(frame.geometry)
    shapes[0] = shapely.affinity.translate(shapes[0], 0.003, 0.001)
    frame = frame.set_geometry(shapes, crs=frame.crs).rename(columns={"mc": "名称"})
    folder = tmp_path_factory.mktemp("file")
    shapefile = folder / "红线.shp"
    pyogrio.write_dataframe(frame.to_crs("EPSG:4525"), shapefile, encoding="GBK")
    shapefile.with_suffix(".prj").unlink()
    shapefile.with_suffix(".cpg").unlink()
    with zipfile.ZipFile(folder / "生态保护红线.zip", "w") as archive:
        for part in folder.glob("红线.*"):
            archive.write(part, part.name)
    return folder / "生态保护红线.zip"


def keyed(page: Page, key: str) -> Locator:
    return page.locator(f"[class*='st-key-{key}']")


def open_data(screen: Screen, lang: Lang = "zh") -> None:
    screen.open("/data", lang)
    screen.wait_for_heading("data.title")
    screen.wait_at_rest()


def turn_tab(screen: Screen, key: str) -> None:
    screen.page.get_by_role("tab", name=screen.say(key), exact=True).click()
    screen.wait_at_rest()


def press(screen: Screen, key: str, **facts: Any) -> None:
    screen.page.get_by_role("button", name=screen.say(key, **facts)).first.click()
    screen.wait_at_rest()


def drop(screen: Screen, *files: Path) -> None:
    screen.page.locator("input[type=file]").set_input_files(list(files))
    screen.wait_at_rest()


def state_day(screen: Screen, day: str) -> None:
    """Type a day into the field of the date."""
    field = keyed(screen.page, "desk-as-of").get_by_role("spinbutton").first
    field.click()
    screen.page.keyboard.type(day.replace("-", ""))
    screen.page.keyboard.press("Escape")
    screen.page.get_by_role("heading", name=screen.say("data.title")).click()
    screen.wait_at_rest()


def see_what_is_understood(screen: Screen, file: Path) -> Locator:
    """Drop a file and correct what was understood; give the button that checks it."""
    page = screen.page
    drop(screen, file)
    expect(screen.field("desk.into_layer")).to_have_value("生态保护红线", timeout=PATIENCE_MS)
    expect(keyed(page, "desk-codec").get_by_text(re.compile("^GB")).first).to_be_visible()
    check = page.get_by_role("button", name=screen.say("desk.check"))
    expect(check).to_be_disabled()
    screen.field("data.crs").first.click()
    page.get_by_role("option", name=re.compile("^EPSG:4525 ")).first.click()
    screen.wait_at_rest()
    screen.map.wait_drawn(3)
    expect(check).to_be_disabled()  # the day is still missing
    state_day(screen, "2025-06-30")
    return check


def roll_back_to(screen: Screen, day: str) -> None:
    screen.field("data.version").first.click()
    screen.page.get_by_role("option", name=re.compile(f"^{day}")).first.click()
    screen.wait_at_rest()
    press(screen, "data.rollback")
    press(screen, "data.rollback_confirm")
    expect(screen.page.get_by_text(re.compile("的当前版本已改为")).first).to_be_visible()


def test_a_file_goes_the_whole_way_and_back(
    page: Page, address: str, city: Path, handed_over: Path, tmp_path: Path
) -> None:
    screen = Screen(page, address)
    open_data(screen)
    turn_tab(screen, "data.tab_import")
    before = current(city)
    see_what_is_understood(screen, handed_over).click()
    publish = page.get_by_role("button", name=screen.say("desk.publish"))
    expect(publish.first).to_be_visible(timeout=2 * PATIENCE_MS)
    screen.wait_at_rest()
    counts = page.get_by_test_id("stMetric").all_inner_texts()
    assert any(screen.say("data.change_removed") in words and "3" in words for words in counts)
    assert current(city) == before  # nothing has changed yet

    # It waits through a reload.
    open_data(screen)
    turn_tab(screen, "data.tab_import")
    press(screen, "desk.open")
    press(screen, "desk.publish")
    said = page.get_by_text(re.compile("已发布“生态保护红线”")).first
    expect(said).to_be_visible(timeout=2 * PATIENCE_MS)
    assert current(city).startswith("2025-06-30-")

    # Compared with the one before, and rolled back to it.
    turn_tab(screen, "data.tab_versions")
    screen.choose("statistics.layer", "生态保护红线")
    screen.wait_at_rest()
    press(screen, "data.compare_now")
    screen.map.wait_drawn(3)
    rows = screen.wait_for_table(lambda found: len(found) >= 4, index=1)
    assert {row[screen.say("level.district")] for row in rows} >= {"永定区", "桑植县"}
    roll_back_to(screen, "2023-12-31")
    assert current(city) == before

    # And out again.
    turn_tab(screen, "data.tab_layers")
    keyed(page, f"download-{LAYER}").get_by_role("button").click()
    screen.wait_at_rest()
    press(screen, "data.make_file")
    file = screen.save_file("data.take_file", tmp_path)
    assert file.suffix == ".gpkg"
    workspace = Workspace.open(city)
    assert len(pyogrio.read_dataframe(file, layer=LAYER)) == len(workspace.layer(LAYER))
    workspace.close()


def current(city: Path) -> str:
    workspace = Workspace.open(city)
    name = workspace.snapshot(LAYER).name
    workspace.close()
    return name


def test_a_wrong_file_is_refused_with_what_to_do_and_changes_nothing(
    page: Page, address: str, city: Path, tmp_path: Path
) -> None:
    wrong = tmp_path / "生态保护红线.gpkg"
    wrong.write_text("this is no database")
    screen = Screen(page, address)
    open_data(screen)
    turn_tab(screen, "data.tab_import")
    before = current(city)
    drop(screen, wrong)
    refusal = page.get_by_test_id("stAlert").first
    expect(refusal).to_contain_text("生态保护红线.gpkg", timeout=PATIENCE_MS)
    assert not page.get_by_role("button", name=screen.say("desk.check")).count()
    assert current(city) == before


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_tabs_are_in_one_language_and_fit_the_screen(
    new_context: Callable[..., BrowserContext],
    address: str,
    pictures: Path,
    lang: Lang,
    size: str,
) -> None:
    phone = size == "phone"
    page = new_context(viewport=SIZES[size], is_mobile=phone, has_touch=phone).new_page()
    screen = Screen(page, address)
    open_data(screen, lang)
    for tab in ("layers", "import", "versions"):
        turn_tab(screen, f"data.tab_{tab}")
        page.screenshot(path=pictures / f"data-{tab}-{lang}-{size}.png", full_page=True)
        wide = eventually(
            lambda: page.evaluate("document.documentElement.scrollWidth"), bool, "width"
        )
        assert wide <= SIZES[size]["width"]
        if lang == "en":
            words = page.get_by_test_id("stMain").inner_text()
            found = set(CJK.findall(words)) - SAME_EVERYWHERE
            assert not found, found
