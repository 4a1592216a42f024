"""Places and reporting without a browser, for whoever may come."""

import os
import shutil
from pathlib import Path
from typing import get_args

import pytest
from streamlit.testing.v1 import AppTest

from geoapp import Workspace
from geoapp.access.policy import Principal
from geoapp.bootstrap import workspace as bootstrap
from geoapp.cases.tip import NewTip
from geoapp.catalog.definition import Role
from geoapp.i18n import LANGS, text
from geoapp.ui.place import MAIN, PAGES

PUBLIC = Principal("public", "public")


@pytest.fixture(scope="module")
def city(sample_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sample city, to which tips may be sent."""
    folder = tmp_path_factory.mktemp("tips") / "city"
    return Path(shutil.copytree(sample_workspace, folder))


def run(folder, monkeypatch, name, *, lang="zh", role="public", **address) -> AppTest:
    monkeypatch.setenv("GEOAPP_WORKSPACE", str(folder))
    bootstrap._open_shared.cache_clear()  # whoever acts is bound to what is open
    monkeypatch.setattr(bootstrap, "local_administrator", lambda: Principal("somebody", role))
    os.environ["GEOAPP_LANG"] = lang
    app = AppTest.from_file(str(MAIN), default_timeout=60)
    app.query_params["lang"] = lang
    for key, value in address.items():
        app.query_params[key] = value
    app.run()
    return app.switch_page(str(PAGES / f"{name}.py")).run()


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("role", get_args(Role))
@pytest.mark.parametrize("name", ["places", "report"])
def test_the_pages_run_for_every_role(city, monkeypatch, name, role, lang):
    app = run(city, monkeypatch, name, role=role, lang=lang)
    assert not app.exception
    assert not app.error
    assert text(lang, f"{name}.title") in [heading.value for heading in app.subheader]


def test_an_address_looks_a_place_up(city, monkeypatch):
    app = run(city, monkeypatch, "places", q="dingjiazhuang")
    assert app.dataframe[0].value["name"].tolist() == ["丁家庄下屋场"]
    assert any("永定区" in one.value for one in app.markdown)


def test_a_tip_is_sent_by_coordinates_and_followed(city, monkeypatch):
    app = run(city, monkeypatch, "report")
    place, receipt = app.text_input[0], app.text_input[-1]
    assert place.label == text("zh", "report.place_label")
    place.set_value("110.48, 29.12")
    app.text_area[0].set_value("河边农田里正在建房")
    app.button[0].click().run()
    assert not app.exception
    [said] = [one.value for one in app.success if "回执号" in one.value]
    number = said.split("：")[1].split("。")[0].strip()
    receipt = app.text_input[-1].set_value(number)
    app.button[-1].click().run()
    assert receipt.label == text("zh", "report.receipt")
    assert any(text("zh", "report.state_received") in one.value for one in app.info)


def test_a_tip_without_a_place_or_text_is_refused_in_one_sentence(city, monkeypatch):
    app = run(city, monkeypatch, "report")
    app.text_area[0].set_value("河边农田里正在建房")
    app.button[0].click().run()
    assert [one.value for one in app.error] == [text("zh", "error.tip-no-place")]


def test_only_the_office_sees_what_others_reported(city, monkeypatch):
    sent = Workspace.open(city, principal=PUBLIC)
    sent.tips.send(NewTip(110.2, 29.4, "只有办公室能看到的话"), "10.1.1.1")
    sent.close()
    public = run(city, monkeypatch, "report")
    assert text("zh", "tips.title") not in "".join(one.value for one in public.markdown)
    office = run(city, monkeypatch, "report", role="inspector")
    tips = next(box for box in office.selectbox if box.label == text("zh", "tips.title"))
    tips.select_index(len(tips.options) - 1).run()
    assert any("只有办公室能看到的话" in one.value for one in office.markdown)


def test_the_public_overview_says_what_its_figures_are_worth(city, monkeypatch):
    monkeypatch.setenv("GEOAPP_WORKSPACE", str(city))
    monkeypatch.setattr(bootstrap, "local_administrator", lambda: PUBLIC)
    app = AppTest.from_file(str(MAIN), default_timeout=60).run()
    assert text("zh", "public.coarse") in [one.value for one in app.caption]
    figures = next(one.value for one in app.dataframe if "as_of" in one.value)
    assert "永久基本农田" in figures["layer"].tolist()
