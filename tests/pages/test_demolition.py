"""The demolition page without a browser: who sees what, and a step taken on it."""

import os
import shutil
import sys
from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from geoapp import Workspace, bootstrap
from geoapp.access.policy import Principal
from geoapp.cases.case import NewCase
from geoapp.i18n import LANGS, text
from geoapp.ui.case_state import TABS
from geoapp.ui.place import MAIN, PAGES

STAFF = ("inspector", "planner", "administrator")


@pytest.fixture(autouse=True)
def _own_workspace():
    bootstrap.workspace._open_shared.cache_clear()
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main
    bootstrap.workspace._open_shared.cache_clear()
    os.environ.pop("GEOAPP_LANG", None)


@pytest.fixture(scope="module")
def register(sample_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sample city with a case of its own."""
    folder = tmp_path_factory.mktemp("register") / "city"
    shutil.copytree(sample_workspace, folder)
    workspace = Workspace.open(folder)
    footprint = workspace.layer("demolition").geometry.iloc[0]
    workspace.cases.register.open(
        NewCase(footprint, date(2026, 1, 5), "patrol", cause="test"),
        reason="test",
        despite_doubts=True,
    )
    workspace.close()
    return folder


@pytest.fixture
def case_no(register: Path) -> str:
    workspace = Workspace.open(register)
    found = workspace.cases.register.select(sort="found_on").cases
    workspace.close()
    return next(case.case_no for case in found if case.cause == "test")


def run(folder, monkeypatch, lang="zh", role="administrator", unit="", **address) -> AppTest:
    monkeypatch.setenv("GEOAPP_WORKSPACE", str(folder))
    monkeypatch.setattr(
        bootstrap.workspace, "local_administrator", lambda: Principal("somebody", role, unit)
    )
    os.environ["GEOAPP_LANG"] = lang
    app = AppTest.from_file(str(MAIN), default_timeout=60)
    app.query_params["lang"] = lang
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    return app.switch_page(str(PAGES / "demolition.py")).run()


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("tab", [tab for tab in TABS if tab != "statement"])
@pytest.mark.parametrize("role", STAFF)
def test_every_view_is_drawn_for_staff(register, monkeypatch, role, tab, lang):
    app = run(register, monkeypatch, lang, role, tab=tab)
    assert not app.exception
    assert not app.error
    assert text(lang, "case_page.title") in [heading.value for heading in app.subheader]


@pytest.mark.parametrize("lang", LANGS)
def test_the_public_is_refused_and_sees_no_case(register, monkeypatch, case_no, lang):
    for address in ({}, {"case": case_no}):
        app = run(register, monkeypatch, lang, "public", **address)
        assert not app.exception
        assert len(app.error) == 1
        assert not app.dataframe
        assert case_no.replace("-", "\\-") not in "".join(one.value for one in app.markdown)


def test_a_township_does_not_see_a_case_of_another_unit(register, monkeypatch, case_no):
    app = run(register, monkeypatch, role="township", unit="430899001", case=case_no)
    assert [error.value for error in app.error] == [text("zh", "error.case-unknown", case=case_no)]


def test_a_round_has_as_many_stops_as_asked_though_most_cases_are_closed(register, monkeypatch):
    page = run(register, monkeypatch, tab="visits")
    assert not page.exception
    asked = next(one for one in page.number_input if one.label == text("zh", "case_page.stops"))
    said = [one.value for one in page.caption]
    assert any(words.startswith(f"{int(asked.value)} ") for words in said), said


def test_a_statement_is_refused_while_nothing_was_looked_at(register, monkeypatch):
    app = run(register, monkeypatch, tab="statement")
    assert not app.exception
    assert len(app.error) == 1


def test_a_step_is_taken_on_the_page_and_its_document_is_offered(register, monkeypatch, case_no):
    app = run(register, monkeypatch, case=case_no)
    assert not app.exception
    before = Workspace.open(register).cases.register.show(case_no)
    key = f"{before.id}-verify"
    app.button_group(key=f"move-{before.id}-{before.stage}").set_value("verify").run()
    app.text_area(key=f"reason-{key}").set_value("现场核查属实")
    [button] = [one for one in app.button if one.label.startswith("办理：")]
    button.click().run()
    assert not app.error
    workspace = Workspace.open(register)
    after = workspace.cases.register.show(case_no)
    assert after.stage == "verified"
    assert len(workspace.cases.mover.documents(after.id)) == 1
    assert text("zh", "case.stage_verified") in app.success[0].value


def test_what_somebody_else_wrote_meanwhile_is_found_not_overwritten(
    register, monkeypatch, case_no
):
    app = run(register, monkeypatch, case=case_no)
    workspace = Workspace.open(register)
    seen = workspace.cases.register.show(case_no)
    workspace.cases.editor.note(seen.id, seen.version, "已巡查", kind="visited")
    app.text_area(key=f"visit-{seen.id}-words").set_value("我也去了")
    label = text("zh", "case_page.do_visit")
    next(one for one in app.button if one.label == label).click().run()
    assert "请刷新后再操作" in app.error[0].value
