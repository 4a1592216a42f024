"""The view of scenarios on the planner's desk without a browser."""

import os
import shutil
import sys

import pytest
from streamlit.testing.v1 import AppTest

from geoapp import Workspace, bootstrap
from geoapp.access.policy import Principal
from geoapp.i18n import LANGS, text
from geoapp.ui.place import MAIN, PAGES


@pytest.fixture(autouse=True)
def _own_workspace():
    bootstrap.workspace._open_shared.cache_clear()
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main
    bootstrap.workspace._open_shared.cache_clear()
    os.environ.pop("GEOAPP_LANG", None)


@pytest.fixture(scope="module")
def city(sample_workspace, tmp_path_factory):
    folder = tmp_path_factory.mktemp("scenarios") / "city"
    shutil.copytree(sample_workspace, folder)
    workspace = Workspace.open(folder)
    workspace.scenarios.save("north", workspace.layer("demolition").geometry.iloc[0])
    workspace.close()
    return folder


def run(folder, monkeypatch, lang, role):
    monkeypatch.setenv("GEOAPP_WORKSPACE", str(folder))
    monkeypatch.setattr(
        bootstrap.workspace, "local_administrator", lambda: Principal("somebody", role, "")
    )
    os.environ["GEOAPP_LANG"] = lang
    app = AppTest.from_file(str(MAIN), default_timeout=60)
    app.query_params["lang"] = lang
    app.query_params["view"] = "scenarios"
    app.run()
    return app.switch_page(str(PAGES / "planning.py")).run()


@pytest.mark.parametrize("lang", LANGS)
def test_a_planner_sees_what_a_kept_scenario_holds(city, monkeypatch, lang):
    app = run(city, monkeypatch, lang, "planner")
    assert not app.exception
    assert not app.error
    assert len(app.dataframe) == 1
    assert app.multiselect(key="scenario-compare").value == ["north v1"]


def test_saving_without_a_drawing_says_so(city, monkeypatch):
    app = run(city, monkeypatch, "zh", "planner")
    app.text_input(key="scenario-name").set_value("x")
    [button] = [one for one in app.button if one.label == text("zh", "planning_page.scenario_save")]
    button.click().run()
    assert [one.value for one in app.error] == [text("zh", "error.scenario-not-drawn")]


def test_an_inspector_compares_but_cannot_save(city, monkeypatch):
    app = run(city, monkeypatch, "zh", "inspector")
    assert not app.exception
    assert len(app.dataframe) == 1
    assert not [one for one in app.text_input if one.key == "scenario-name"]
