"""The view of responsible people on the planner's desk without a browser."""

import shutil

import pytest
from streamlit.testing.v1 import AppTest

from geoapp import Workspace, bootstrap
from geoapp.access.policy import Principal
from geoapp.i18n import LANGS, text
from geoapp.ui.place import MAIN, PAGES


@pytest.fixture(scope="module")
def city(sample_workspace, tmp_path_factory):
    folder = tmp_path_factory.mktemp("contacts") / "city"
    shutil.copytree(sample_workspace, folder)
    workspace = Workspace.open(folder)
    villages = [unit.code for unit in workspace.unit_names if unit.level == "village"][:3]
    rows = "".join(f"field,{code},name{n}\n" for n, code in enumerate(villages))
    table = folder.parent / "people.csv"
    table.write_text(f"theme,unit_code,name\n{rows}", encoding="utf-8")
    workspace.contacts.take(table)
    workspace.close()
    return folder


def run(folder, monkeypatch, lang, role):
    monkeypatch.setenv("GEOAPP_WORKSPACE", str(folder))
    monkeypatch.setenv("GEOAPP_LANG", lang)
    monkeypatch.setattr(
        bootstrap.workspace, "local_administrator", lambda: Principal("somebody", role, "")
    )
    app = AppTest.from_file(str(MAIN), default_timeout=60)
    app.query_params["lang"] = lang
    app.query_params["view"] = "contacts"
    app.run()
    return app.switch_page(str(PAGES / "planning.py")).run()


@pytest.mark.parametrize("lang", LANGS)
def test_a_planner_sees_people_and_how_many_villages_have_nobody(city, monkeypatch, lang):
    app = run(city, monkeypatch, lang, "planner")
    assert not app.exception
    assert not app.error
    assert [one.value.split(" / ")[0] for one in app.metric] == ["3", "0", "0"]
    assert len(app.dataframe[0].value) == 3
    assert text(lang, "planning_page.contact_import") in [one.label for one in app.expander]


def test_an_inspector_sees_people_but_enters_none(city, monkeypatch):
    app = run(city, monkeypatch, "zh", "inspector")
    assert not app.exception
    assert not app.expander
    assert len(app.dataframe) == 1
