"""The page of the parcel check without a browser: roles, languages, ways in, stored checks."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, get_args

import numpy as np
import pytest
import shapely
from streamlit.testing.v1 import AppTest

from geoapp import Workspace
from geoapp.access.policy import Principal
from geoapp.bootstrap import workspace as opening
from geoapp.catalog.definition import Role
from geoapp.geometry.boundary_points import number_boundary
from geoapp.i18n import LANGS, Lang, text
from geoapp.ui.place import MAIN, PAGES
from geoapp.ui.plain import plain

ROLES: Final = get_args(Role)
SECONDS: Final = 60


@pytest.fixture(autouse=True)
def _own_workspace() -> Iterator[None]:
    """Pages and routes share one open workspace per process; no test may leave its own."""
    opening._open_shared.cache_clear()
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main  # AppTest leaves the page's script there
    opening._open_shared.cache_clear()
    os.environ.pop("GEOAPP_LANG", None)


@pytest.fixture(scope="module")
def farmland(city: Path) -> shapely.Polygon:
    """A parcel in permanent farmland."""
    workspace = Workspace.open(city)
    shapes = workspace.layer("permanent_farmland").geometry.to_numpy()
    largest = shapes[int(np.argmax(shapely.area(shapes)))]
    workspace.close()
    x, y = shapely.get_coordinates(shapely.maximum_inscribed_circle(largest, tolerance=1e-5))[0]
    return shapely.box(x - 3e-4, y - 2e-4, x + 3e-4, y + 2e-4)


@pytest.fixture
def _at_city(city: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEOAPP_WORKSPACE", str(city))


def act_as(role: Role, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "local_administrator", lambda: Principal("somebody", role))


def run(lang: Lang, **query: str) -> AppTest:
    # AppTest words the options again outside the session, where only the setting counts.
    os.environ["GEOAPP_LANG"] = lang
    app = AppTest.from_file(str(MAIN), default_timeout=SECONDS)
    app.switch_page(str(PAGES / "parcel_check.py"))
    app.query_params["lang"] = lang
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def paste(app: AppTest, lang: Lang, words: str) -> AppTest:
    app.segmented_control(key="check_way").set_value("paste").run()
    box = next(b for b in app.text_area if b.label == text(lang, "check_page.paste"))
    box.input(words)
    press(app, text(lang, "check_page.paste_take"))
    return app


def press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click()
    return app.run()


def rows(parcel: shapely.Geometry) -> str:
    [ring] = number_boundary(parcel, 37)
    return "\n".join(f"{p.name}\t{p.ring}\t{p.north_m}\t{p.east_m}" for p in ring)


def said(app: AppTest) -> str:
    parts = (app.error, app.warning, app.info, app.success, app.markdown, app.caption)
    return "\n".join(str(part.value) for kind in parts for part in kind)


@pytest.mark.usefixtures("_at_city")
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("role", ROLES)
def test_every_role_gets_what_it_may_have(
    monkeypatch: pytest.MonkeyPatch, role: Role, lang: Lang
) -> None:
    act_as(role, monkeypatch)
    app = run(lang)
    assert not app.exception
    assert not app.error
    assert text(lang, "check_page.title") in [heading.value for heading in app.subheader]
    labels = [button.label for button in app.button]
    checks = [control for control in app.segmented_control if control.key == "check_tab"]
    assert bool(checks) == (role != "public")
    # What was handed over can be verified by anybody.
    assert (text(lang, "check_page.verify_start") in labels) == (role == "public")


@pytest.mark.usefixtures("_at_city")
@pytest.mark.parametrize("lang", LANGS)
def test_pasted_rows_give_verdict_reasons_and_documents(
    farmland: shapely.Polygon, lang: Lang
) -> None:
    app = paste(run(lang), lang, rows(farmland))
    assert not app.exception
    words = said(app)
    assert text(lang, "check_sheet.verdict_prohibited") in words
    assert text(lang, "check_page.not_stored") in words
    assert text(lang, "check_sheet.disclaimer") in words
    headings = " ".join(expander.label for expander in app.expander)
    assert text(lang, "check_sheet.short_prohibited") in headings
    assert app.dataframe


@pytest.mark.usefixtures("_at_city")
@pytest.mark.parametrize("lang", LANGS)
def test_storing_gives_a_serial_that_verifies(farmland: shapely.Polygon, lang: Lang) -> None:
    app = paste(run(lang), lang, rows(farmland))
    press(app, text(lang, "check_page.store"))
    assert not app.exception
    line = next(part.value for part in app.markdown if "**" in part.value and "-20" in part.value)
    serial = line.split("**")[1]
    found = run(lang, serial=serial)
    assert not found.exception
    assert text(lang, "check_page.state_same") in said(found)
    history = run(lang)
    history.segmented_control(key="check_tab").set_value("history").run()
    assert not history.exception
    assert serial in "".join(history.dataframe[0].value["serial"])


@pytest.mark.usefixtures("_at_city")
@pytest.mark.parametrize("lang", LANGS)
def test_another_conclusion_needs_a_reason_and_stands_beside(
    farmland: shapely.Polygon, lang: Lang
) -> None:
    app = paste(run(lang), lang, rows(farmland))
    press(app, text(lang, "check_page.store"))
    app.segmented_control(key="check_tab").set_value("history").run()
    press(app, text(lang, "check_page.override_set"))
    assert text(lang, "check_page.override_needs_reason") in said(app)
    box = next(b for b in app.text_area if b.label == text(lang, "check_page.override_reason"))
    box.input("because *of* it")
    press(app, text(lang, "check_page.override_set"))
    assert not app.exception
    words = said(app)
    assert r"because \*of\* it" in words
    assert text(lang, "check_sheet.verdict_prohibited") in words


@pytest.mark.usefixtures("_at_city")
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(
    ("words", "code", "facts"),
    [
        ("no coordinates", "pasted-nothing", {}),
        ("110.4 29.3\n1 2", "pasted-line-wrong", {"line": 2, "content": "1 2"}),
    ],
)
def test_wrong_text_is_told_in_one_sentence_and_loses_nothing(
    farmland: shapely.Polygon, lang: Lang, words: str, code: str, facts: dict[str, object]
) -> None:
    app = paste(run(lang), lang, rows(farmland))
    paste(app, lang, words)
    assert not app.exception
    assert plain(text(lang, f"error.{code}", **facts)) in [error.value for error in app.error]
    # The rest of the page stays, but for the verdict of the parcel before.
    assert text(lang, "check_page.purpose") in [box.label for box in app.selectbox]
    assert text(lang, "check_sheet.verdict_prohibited") not in said(app)
    app.segmented_control(key="check_way").set_value("draw").run()
    assert text(lang, "check_sheet.verdict_prohibited") in said(app)


@pytest.mark.usefixtures("_at_city")
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("tab", ["batch", "history", "verify"])
def test_every_tab_runs(lang: Lang, tab: str) -> None:
    app = run(lang)
    app.segmented_control(key="check_tab").set_value(tab).run()
    assert not app.exception
    verdict = text(lang, "check_sheet.verdict_prohibited")
    assert not [error for error in app.error if verdict not in error.value]


@pytest.mark.usefixtures("_at_city")
@pytest.mark.parametrize(
    "query",
    [
        {"layer": "permanent_farmland", "row": "99999999", "v": ""},
        {"layer": "permanent_farmland", "row": "x", "v": ""},
        {"layer": "nothing", "row": "1", "v": ""},
        {"layer": "hamlet", "row": "1", "v": ""},
        {"serial": "<b>nonsense</b>"},
        {"serial": "XT-2026-999999-0"},
    ],
)
@pytest.mark.parametrize("lang", LANGS)
def test_address_that_leads_nowhere_is_told_in_one_sentence(
    query: dict[str, str], lang: Lang
) -> None:
    app = run(lang, **query)
    assert not app.exception
    assert len(app.error) == 1


@pytest.mark.usefixtures("_at_city")
def test_who_may_not_check_gets_no_feature_through_a_link(monkeypatch: pytest.MonkeyPatch) -> None:
    act_as("public", monkeypatch)
    app = run("zh", layer="permanent_farmland", row="0", v="")
    assert not app.exception
    assert text("zh", "check_sheet.verdict_prohibited") not in said(app)
    assert not app.dataframe


@pytest.mark.usefixtures("_at_city")
def test_names_of_people_mean_nothing_to_the_page(farmland: shapely.Polygon) -> None:
    app = paste(run("zh"), "zh", rows(farmland))
    name = next(b for b in app.text_input if b.label == text("zh", "check_page.name"))
    name.input("![x](http://elsewhere.test/y) :red[z]").run()
    assert not app.exception
    assert "![x](http" not in said(app)
