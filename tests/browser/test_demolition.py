"""A case of illegal building on its page: from first lead to closure, with a photo, step by step."""

import io
from pathlib import Path
from typing import Final

import docx
import pytest
import shapely
from playwright.sync_api import Locator, Page, ViewportSize, expect

from geoapp import Workspace
from geoapp.cases.case import Case
from geoapp.cases.track import read_tracks
from geoapp.i18n import Lang
from tests.browser.screen import PATIENCE_MS, Screen
from tests.photos import photo

PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
REASON: Final = "现场核查属实"
# Days by which the law's periods are kept; the decision is served with a term of a month.
STEPS: Final = (
    ("verify", "2026/03/03", ""),
    ("file", "2026/03/10", ""),
    ("notify", "2026/03/20", ""),
    ("decide", "2026/04/10", ""),
    ("serve", "2026/04/15", "2026/05/15"),
)


@pytest.fixture(scope="module")
def free_ground(city: Path) -> str:
    """A house-sized square on which the register has no case, as WKT."""
    workspace = Workspace.open(city)
    village = workspace.layer("village").geometry.iloc[0]
    taken = shapely.union_all([p.footprint for p in workspace.cases.register.select_all().cases])
    inner = shapely.point_on_surface(village - taken.buffer(0.001))
    workspace.close()
    return str(shapely.to_wkt(inner.buffer(0.0001, cap_style="square"), rounding_precision=7))


@pytest.fixture
def screen(page: Page, address: str) -> Screen:
    return Screen(page, address)


def show(screen: Screen, lang: Lang, **query: str) -> None:
    words = "&".join(f"{key}={value}" for key, value in ({"lang": lang} | query).items())
    screen.page.goto(f"{screen.base_url}/demolition?{words}")
    screen.wait_at_rest()


def told(screen: Screen, key: str, **facts: object) -> None:
    """Wait for the outcome of a step."""
    words = screen.say(f"case_page.{key}", **facts)
    alert = screen.page.get_by_test_id("stAlertContainer").filter(has_text=words)
    expect(alert.first).to_be_visible(timeout=PATIENCE_MS)
    screen.wait_at_rest()


def fill_day(form: Locator, label: str, day: str) -> None:
    parts = form.get_by_role("group", name=label, exact=True).first.get_by_role("spinbutton")
    for part, digits in zip((parts.nth(n) for n in range(3)), day.split("/"), strict=True):
        part.focus()
        part.press_sequentially(digits)


def form_with(screen: Screen, button: str) -> Locator:
    found = screen.page.get_by_test_id("stForm").filter(
        has=screen.page.get_by_role("button", name=button, exact=True)
    )
    expect(found).to_be_visible(timeout=PATIENCE_MS)
    return found


def step(screen: Screen, case_no: str, move: str, day: str, term: str = "") -> None:
    """Take a step of the planning law; its document is written where the register can."""
    title = read_tracks()["planning"].move(move).title[screen.lang]
    pill = screen.page.get_by_test_id("stButtonGroup").get_by_text(title, exact=True)
    button = screen.say("case_page.do_move", move=title)
    expect(pill).to_be_visible(timeout=PATIENCE_MS)
    if not screen.page.get_by_role("button", name=button, exact=True).is_visible():
        pill.click()
    screen.wait_at_rest()
    form = form_with(screen, button)
    fill_day(form, screen.say("case_page.day"), day)
    if term:
        fill_day(form, screen.say("case_page.term"), term)
    form.get_by_label(screen.say("case.reason"), exact=True).fill(REASON)
    if form.get_by_test_id("stCheckbox").count() == 0:
        form.get_by_test_id("stTextInput").locator("input").first.fill(f"文〔2026〕{move}")
    form.get_by_role("button", name=button, exact=True).click()
    expect(
        screen.page.get_by_test_id("stAlertContainer").filter(has_text=case_no).first
    ).to_be_visible(timeout=PATIENCE_MS)
    screen.wait_at_rest()


def open_new(screen: Screen, lang: Lang, ground: str) -> str:
    show(screen, lang, tab="new")
    form = form_with(screen, screen.say("case_page.do_open"))
    form.get_by_label(screen.say("case_page.footprint_wkt")).fill(ground)
    fill_day(form, screen.say("case_page.found_on"), "2026/03/02")
    form.get_by_role("textbox", name=screen.say("case.households")).fill("2")
    form.get_by_role("textbox", name=screen.say("case_page.floor_m2")).fill("500")
    form.get_by_role("button", name=screen.say("case_page.do_open"), exact=True).click()
    heading = screen.page.get_by_role("heading", level=4).filter(
        has_text=screen.say("case.stage_lead")
    )
    expect(heading).to_be_visible(timeout=PATIENCE_MS)
    screen.wait_at_rest()
    return heading.inner_text().split()[0]


def read_case(city: Path, number: str) -> Case:
    workspace = Workspace.open(city)
    try:
        return workspace.cases.register.show(number)
    finally:
        workspace.close()


@pytest.mark.parametrize("lang", ["zh"])
def test_a_case_goes_from_lead_to_closure_with_a_photo(
    screen: Screen, city: Path, lang: Lang, free_ground: str
) -> None:
    screen.lang = lang
    number = open_new(screen, lang, free_ground)
    for move, day, term in STEPS:
        step(screen, number, move, day, term)
    case = read_case(city, number)
    assert (case.stage, str(case.due_on)) == ("performing", "2026-05-15")
    tear_down(screen, case)
    step(screen, number, "confirm_demolished", "2026/05/11")
    # without a photo of the place afterwards nothing is accepted
    blocked = screen.page.get_by_test_id("stExpander").filter(
        has_text=screen.say("case_page.blocked", count=1)
    )
    blocked.locator("summary").click()
    expect(blocked).to_contain_text(screen.say("error.case-photo-missing"))
    add_photo(screen, case)
    step(screen, number, "recheck", "2026/05/20")
    step(screen, number, "close", "2026/06/01")
    case = read_case(city, number)
    assert (case.stage, case.remaining.nothing) == ("closed", True)
    workspace = Workspace.open(city)
    assert workspace.cases.register.verify().whole
    papers = workspace.cases.mover.documents(number)
    assert len(papers) >= 4
    for paper in papers:
        document = docx.Document(io.BytesIO(workspace.cases.mover.read_document(paper)))
        cells = [cell.text for t in document.tables for row in t.rows for cell in row.cells]
        whole = "\n".join([*(p.text for p in document.paragraphs), *cells])
        assert paper.number in whole
        assert "{{" not in whole
    workspace.close()
    with screen.page.expect_download() as got:
        screen.page.get_by_role("button", name=papers[0].number).click()
    assert Path(got.value.path()).read_bytes()[:2] == b"PK"


def tear_down(screen: Screen, case: Case) -> None:
    expander = screen.page.get_by_test_id("stExpander").filter(
        has_text=screen.say("case_page.record_demolition")
    )
    expander.locator("summary").click()
    fill_day(expander, screen.say("case_page.day"), "2026/05/10")
    registered = case.registered
    for value, name in (
        (registered.households, "households"),
        (registered.land_area_m2, "land_m2"),
        (registered.floor_area_m2, "floor_m2"),
    ):
        expander.get_by_label(screen.say(f"case_page.torn_{name}", left=value)).fill(str(value))
    expander.get_by_label(screen.say("case.reason"), exact=True).fill(REASON)
    expander.get_by_role("button", name=screen.say("case_page.do_record"), exact=True).click()
    told(screen, "recorded", households=0, land="0.00", floor="0.00")


def add_photo(screen: Screen, case: Case) -> None:
    box = screen.page.get_by_test_id("stExpander").filter(
        has_text=screen.say("case_page.add_evidence")
    )
    box.locator("summary").click()
    box.get_by_text(screen.say("case_page.role_after"), exact=True).click()
    taken = photo(at=(case.longitude, case.latitude))
    box.locator("input[type=file]").set_input_files(
        {"name": "after.jpg", "mimeType": "image/jpeg", "buffer": taken}
    )
    expect(box.get_by_text("after.jpg")).to_be_visible(timeout=PATIENCE_MS)
    screen.wait_at_rest()
    box.get_by_role("button", name=screen.say("case_page.do_add"), exact=True).click()
    told(screen, "added", count=1)


@pytest.mark.parametrize(("lang", "size"), [("zh", None), ("en", PHONE)])
def test_the_map_counts_every_case_where_they_are_too_many_to_draw(
    screen: Screen, page: Page, city: Path, lang: Lang, size: ViewportSize | None
) -> None:
    workspace = Workspace.open(city)
    total = workspace.cases.register.select(limit=1).total
    workspace.close()
    assert total > 500
    if size:
        page.set_viewport_size(size)
    show(screen, lang, tab="map")
    screen.map.wait_drawn()
    rings = screen.map.inside.locator(".xt-count")
    expect(rings.first).to_be_visible(timeout=PATIENCE_MS)
    counts = [int(told.replace(",", "")) for told in rings.all_inner_texts()]
    assert len(counts) > 1
    assert sum(counts) == total
