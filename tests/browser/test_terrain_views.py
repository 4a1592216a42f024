"""Slope and rasters by unit as a person sees them: map, list, download, on desk and phone."""

from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from geoapp.i18n import Lang, text
from tests.browser.screen import PATIENCE_MS, Screen


@pytest.mark.parametrize(("lang", "width"), [("zh", 1440), ("en", 390)])
def test_steep_parcels_are_on_the_map_and_in_the_workbook(
    screen: Screen, page: Page, lang: Lang, width: int, tmp_path: Path
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    screen.open("/planning?view=slope", lang).map.wait_drawn()
    screen.wait_at_rest()
    note = page.get_by_text(text(lang, "terrain.steep_note"), exact=True)
    expect(note).to_be_visible(timeout=PATIENCE_MS)
    band = text(lang, "terrain.share_band", low=0, high=10)
    legend = screen.map.inside.get_by_text(band)
    expect(legend).to_be_attached(timeout=PATIENCE_MS)  # a phone folds it away
    wide = page.evaluate("document.scrollingElement.scrollWidth - window.innerWidth")
    assert wide <= 0
    book = openpyxl.load_workbook(screen.save_file("planning_page.form_xlsx", tmp_path))
    assert text(lang, "terrain.steep_list") in book.sheetnames


@pytest.mark.parametrize(("lang", "width"), [("en", 1440), ("zh", 390)])
def test_a_change_is_called_a_hint_and_parcels_are_shown_when_asked_for(
    screen: Screen, page: Page, lang: Lang, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    screen.open("/planning?view=zonal", lang)
    screen.wait_at_rest()
    expect(page.get_by_text(text(lang, "terrain.hint"), exact=True)).to_be_visible()
    choice = page.get_by_label(text(lang, "terrain.parcels_layer"))
    choice.click()
    parcels = "地类图斑" if lang == "zh" else "Land-use parcels"
    page.get_by_role("option", name=parcels, exact=True).click()
    screen.wait_at_rest()
    brighter = screen.map.inside.get_by_text(text(lang, "terrain.brighter"))
    expect(brighter).to_be_attached(timeout=PATIENCE_MS)  # a phone folds it away
    wide = page.evaluate("document.scrollingElement.scrollWidth - window.innerWidth")
    assert wide <= 0
