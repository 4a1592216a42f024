"""The planner's desk without a browser: every view in both languages, and who is kept out."""

import os
import shutil
import sys

import pytest
from streamlit.testing.v1 import AppTest

from geoapp import bootstrap
from geoapp.access.policy import Principal
from geoapp.i18n import LANGS, text
from geoapp.ui.place import MAIN, PAGES
from geoapp.ui.planning.desk import VIEWS

# What a view says where the sample city holds nothing for it.
EMPTY = {"contacts": "no_contacts"}


@pytest.fixture(autouse=True)
def _own_workspace():
    bootstrap.workspace._open_shared.cache_clear()
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main
    bootstrap.workspace._open_shared.cache_clear()
    os.environ.pop("GEOAPP_LANG", None)


def draw(folder, monkeypatch, view, lang="zh", role="planner", unit=""):
    monkeypatch.setenv("GEOAPP_WORKSPACE", str(folder))
    monkeypatch.setattr(
        bootstrap.workspace, "local_administrator", lambda: Principal("somebody", role, unit)
    )
    os.environ["GEOAPP_LANG"] = lang
    app = AppTest.from_file(str(MAIN), default_timeout=60)
    app.query_params["lang"] = lang
    app.query_params["view"] = view
    app.run()
    return app.switch_page(str(PAGES / "planning.py")).run()


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_draws_and_says_where_nothing_was_entered(
    sample_workspace, monkeypatch, view, lang
):
    app = draw(sample_workspace, monkeypatch, view, lang)
    assert not app.exception
    assert not app.error
    said = [info.value for info in app.info]
    if view in EMPTY:
        assert text(lang, f"planning_page.{EMPTY[view]}") in said


def test_layers_that_are_chosen_are_inspected(sample_workspace, monkeypatch):
    app = draw(sample_workspace, monkeypatch, "quality")
    app.multiselect(key="quality-layers").set_value(["nature_reserve", "demolition"]).run()
    assert not app.exception
    assert not app.error
    assert "nature_reserve" in app.multiselect(key="quality-layers").value
    kinds = app.selectbox(key="quality-kind").options
    assert text("zh", "inspection.kind_area") in kinds or len(kinds) > 1


def test_the_report_shows_every_item_with_its_words(sample_workspace, monkeypatch):
    app = draw(sample_workspace, monkeypatch, "report")
    frame = app.dataframe[0].value
    words = " ".join(str(cell) for row in frame.to_numpy().tolist() for cell in row)
    for item in range(1, 33):
        assert f"S{item} " in f"{words} " or f"S{item}" in frame.iloc[:, 0].astype(str).tolist()
    assert "累计拆除违建3.03万户、277.8万平方米" in words


def test_a_township_is_kept_out(sample_workspace, tmp_path, monkeypatch):
    city = tmp_path / "city"  # a refusal is written down, and others count those of the sample
    shutil.copytree(sample_workspace, city)
    app = draw(city, monkeypatch, "conflicts", role="township", unit="430802001")
    assert not app.dataframe
    assert app.error


@pytest.mark.parametrize(("role", "offered"), [("planner", True), ("inspector", False)])
def test_files_with_exact_shapes_are_offered_to_who_may_have_them(
    sample_workspace, monkeypatch, role, offered
):
    app = draw(sample_workspace, monkeypatch, "conflicts", role=role)
    assert not app.exception
    labels = [one.proto.label for one in app.get("download_button")]
    assert text("zh", "planning_page.form_xlsx") in labels
    assert (text("zh", "planning_page.form_gpkg") in labels) == offered
