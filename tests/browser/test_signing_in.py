"""Signing in as a person does: first administrator, wrong password, forced change, being put out."""

import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from geoapp.access.accounts import sample_password
from geoapp.bootstrap import Workspace
from geoapp.i18n import Lang, text
from tests.browser.conftest import Witness
from tests.browser.screen import PATIENCE_MS, Screen
from tests.serving import served

STRONG: Final = "quiet-river-71"
PHONE: Final = {"width": 390, "height": 844}
# Answers that a browser reports as errors and that are meant here.
MEANT: Final = ("status of 401", "status of 403", "status of 404", "status of 429")
HIDDEN: Final = "/map/features/ecological_redline.geojson"


@pytest.fixture(scope="module")
def guarded(city: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the sample city to people who sign in."""
    log = tmp_path_factory.mktemp("guarded-server") / "log.txt"
    with served(city, log, "--sign-in") as url:
        yield url


@pytest.fixture
def screen(page: Page, guarded: str) -> Screen:
    return Screen(page, guarded)


@pytest.fixture
def accounts(city: Path) -> Iterator[Workspace]:
    workspace = Workspace.open(city)
    yield workspace
    workspace.close()


def newcomer(workspace: Workspace, name: str) -> str:
    """Make an account while the browser looks on; not on its thread, which runs its own loop."""
    made: list[str] = []
    work = threading.Thread(
        target=lambda: made.append(workspace.accounts.create(name, "planner").password)
    )
    work.start()
    work.join()
    return made[0]


def fill_in(page: Page, name: str, password: str) -> None:
    page.locator("#name").fill(name)
    page.locator("#password").fill(password)
    page.locator("button").click()


def corner(page: Page) -> str:
    place = page.locator("a.geoapp-account")
    expect(place).to_be_visible(timeout=PATIENCE_MS)
    return place.inner_text()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_public_sees_its_pages_and_signs_in_from_there(
    screen: Screen, page: Page, guarded: str, lang: Lang, pictures: Path
) -> None:
    page.goto(f"{guarded}/?lang={lang}")
    screen.map.wait_drawn()
    assert corner(page) == text(lang, "sign_in.link")
    assert not page.get_by_text(text(lang, "nav.demolition"), exact=True).count()
    page.screenshot(path=pictures / f"public-{lang}.png")
    page.locator("a.geoapp-account").click()
    expect(page.get_by_role("heading", name=text(lang, "sign_in.samples"))).to_be_visible()
    page.screenshot(path=pictures / f"sign-in-{lang}.png")
    fill_in(page, "sample-planner", sample_password("planner"))
    screen.map.wait_drawn()
    assert "sample-planner" in corner(page)
    expect(page.get_by_text(text(lang, "nav.demolition"), exact=True)).to_be_visible()


@pytest.mark.parametrize("role", ["township", "inspector", "planner", "administrator"])
def test_every_role_has_its_first_page_on_a_telephone(
    new_context: Callable[..., BrowserContext], guarded: str, role: str, pictures: Path
) -> None:
    page = new_context(viewport=PHONE).new_page()
    page.goto(f"{guarded}/account/sign-in?lang=zh")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    fill_in(page, f"sample-{role}", sample_password(role))  # type: ignore[arg-type]
    Screen(page, guarded).map.wait_drawn()
    assert f"sample-{role}" in corner(page)
    page.screenshot(path=pictures / f"phone-{role}.png")


def test_a_deep_link_leads_to_sign_in_and_on_and_a_wrong_password_is_told(
    page: Page, guarded: str, witness: Witness
) -> None:
    witness.expected += MEANT
    page.goto(f"{guarded}/parcel_check?lang=en")
    fill_in(page, "sample-planner", "wrong-password")
    expect(page.get_by_role("alert")).to_have_text(text("en", "error.signin-wrong"))
    assert page.locator("#name").input_value() == "sample-planner"
    fill_in(page, "sample-planner", sample_password("planner"))
    page.wait_for_url(re.compile(r"/parcel_check\?lang=en"))
    title = page.get_by_role("heading", name=text("en", "check_page.title"))
    expect(title).to_be_visible(timeout=PATIENCE_MS)


def test_the_first_password_is_changed_before_anything_else(
    page: Page, guarded: str, accounts: Workspace, witness: Witness, pictures: Path
) -> None:
    witness.expected += MEANT
    first = newcomer(accounts, "newcomer")
    page.goto(f"{guarded}/account/sign-in?lang=zh&next=/statistics?lang=zh")
    fill_in(page, "newcomer", first)
    expect(page.get_by_role("heading", name=text("zh", "sign_in.password_title"))).to_be_visible()
    page.goto(f"{guarded}/demolition?lang=zh")
    expect(page.get_by_role("heading", name=text("zh", "sign_in.password_title"))).to_be_visible()
    page.screenshot(path=pictures / "password.png")
    for name, value in (("old", first), ("new", STRONG), ("again", STRONG)):
        page.locator(f"#{name}").fill(value)
    page.locator("button").click()
    title = page.get_by_role("heading", name=text("zh", "case_page.title"))
    expect(title).to_be_visible(timeout=PATIENCE_MS)
    assert "newcomer" in corner(page)


def test_an_open_page_of_somebody_put_out_says_so_at_the_next_touch(
    screen: Screen, page: Page, guarded: str, accounts: Workspace, witness: Witness,
    pictures: Path,
) -> None:  # fmt: skip
    witness.expected += MEANT
    first = newcomer(accounts, "leaver")
    page.goto(f"{guarded}/account/sign-in?lang=zh")
    fill_in(page, "leaver", first)
    for name, value in (("old", first), ("new", STRONG), ("again", STRONG)):
        page.locator(f"#{name}").fill(value)
    page.locator("button").click()
    screen.map.wait_drawn()
    accounts.accounts.disable("leaver")
    page.get_by_text("English", exact=True).first.click()
    over = page.get_by_text(text("en", "sign_in.ended"))
    expect(over).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator("iframe")).to_have_count(0)
    page.screenshot(path=pictures / "session-over.png")
    assert page.evaluate(f"fetch('{HIDDEN}').then(r => r.status)") == 403


def test_signing_out_leaves_nothing_in_the_browser_that_was_not_public(
    screen: Screen, page: Page, guarded: str, witness: Witness
) -> None:
    witness.expected += MEANT
    page.goto(f"{guarded}/account/sign-in?lang=zh")
    fill_in(page, "sample-planner", sample_password("planner"))
    screen.map.wait_drawn()
    kept = page.evaluate(
        "performance.getEntriesByType('resource').map(r => r.name)"
    ) + screen.map.frame().evaluate("performance.getEntriesByType('resource').map(r => r.name)")
    lines = [name for name in kept if "/map/features/ecological_redline" in name]
    assert lines
    assert page.evaluate("url => fetch(url).then(r => r.status)", lines[0]) == 200
    page.locator("a.geoapp-account").click()
    page.get_by_role("link", name=text("zh", "sign_in.sign_out")).click()
    page.locator("button").click()
    screen.map.wait_drawn()
    assert corner(page) == text("zh", "sign_in.link")
    assert page.evaluate("url => fetch(url).then(r => r.status)", lines[0]) == 403


def signed_in(make: Callable[..., BrowserContext], guarded: str, role: str, path: str) -> Page:
    page = make().new_page()
    page.goto(f"{guarded}/account/sign-in?lang=en&next={path}%3Flang%3Den")
    fill_in(page, f"sample-{role}", sample_password(role))  # type: ignore[arg-type]
    corner(page)
    return page


def test_a_download_belongs_to_who_had_it_made(
    new_context: Callable[..., BrowserContext], guarded: str, witness: Witness
) -> None:
    witness.expected += MEANT
    planner = signed_in(new_context, guarded, "planner", "/statistics")
    button = planner.get_by_role("button", name=text("en", "statistics.download_csv"))
    with planner.expect_download() as coming:
        button.click(timeout=PATIENCE_MS)
    place = coming.value.url
    assert "/media/" in place
    assert coming.value.path().stat().st_size > 100  # it arrived
    asked = f"fetch('{place}').then(r => r.status)"
    assert planner.evaluate(asked) == 200
    other = signed_in(new_context, guarded, "inspector", "/statistics")
    assert other.evaluate(asked) == 404
    assert new_context().request.get(place).status == 404


def test_an_upload_goes_into_ones_own_page_only(
    new_context: Callable[..., BrowserContext], guarded: str, witness: Witness, tmp_path: Path
) -> None:
    witness.expected += MEANT
    planner = signed_in(new_context, guarded, "planner", "/parcel_check")
    file = tmp_path / "parcel.txt"
    file.write_text("not a parcel", encoding="utf-8")
    planner.get_by_text(text("en", "check_page.way_upload"), exact=True).first.click()
    with planner.expect_request(re.compile("/_stcore/upload_file/")) as sent:
        planner.locator("input[type=file]").first.set_input_files(file)
    place = sent.value.url
    put = """place => { const form = new FormData(); form.append('file', new Blob(['x']), 'x.txt');
      return fetch(place, {method: 'PUT', body: form}).then(r => r.status); }"""
    response = sent.value.response()
    assert response is not None
    assert response.ok
    other = signed_in(new_context, guarded, "inspector", "/parcel_check")
    assert other.evaluate(put, place) == 403
    assert other.evaluate(put, place.rsplit("/", 2)[0] + "/made-up/1") == 403
    bare = new_context().request.put(place, data="x", headers={"origin": guarded})
    assert bare.status == 401
