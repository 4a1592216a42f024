"""The page Data without a browser: every tab for every role in both languages."""

import shutil
from datetime import date
from pathlib import Path
from typing import get_args

import pyogrio
import pytest
import shapely
from streamlit.testing.v1 import AppTest

from geoapp import Workspace
from geoapp.catalog.definition import Role
from geoapp.i18n import LANGS, Lang, text
from geoapp.settings import find_folder
from tests.pages.test_pages import act_as, errors, run

ROLES = get_args(Role)
PUBLISHERS = {"planner", "administrator"}
TABS = ("layers", "import", "versions")


@pytest.fixture
def city(sample_workspace: Path, tmp_path: Path) -> Path:
    """The sample city, to be changed."""
    shutil.copytree(sample_workspace, tmp_path / "city")
    return tmp_path / "city"


def open_tab(tab: str, lang: Lang) -> AppTest:
    app = run("data", lang)
    app.session_state["data-tab"] = text(lang, f"data.tab_{tab}")
    return app.run()


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("role", ROLES)
def test_each_role_sees_its_tabs_and_its_layers(
    sample_workspace: Path, use, monkeypatch: pytest.MonkeyPatch, role: Role, lang: Lang
) -> None:
    use(workspace=sample_workspace)
    act_as(role, monkeypatch)
    app = run("data", lang)
    assert not app.exception
    assert not errors(app)
    tabs = [tab.label for tab in app.tabs]
    assert (text(lang, "data.tab_import") in tabs) is (role in PUBLISHERS)
    assert (text(lang, "data.tab_versions") in tabs) is (role != "public")
    library = Workspace.open(sample_workspace).library
    seen = {layer.id for layer in library if role in layer.access.view}
    offered = {button.key for button in app.button if (button.key or "").startswith("download-")}
    wanted = set() if role == "public" else {f"download-{layer}" for layer in seen}
    assert offered == wanted
    shown = " ".join(element.value for element in app.markdown)
    hidden = [layer.title[lang] for layer in library if layer.id not in seen]
    assert not [title for title in hidden if f"**{title}**" in shown]


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(
    ("tab", "role"), [("import", "planner"), ("versions", "township"), ("versions", "planner")]
)
def test_each_tab_runs(
    sample_workspace: Path, use, monkeypatch: pytest.MonkeyPatch, tab: str, role: Role, lang: Lang
) -> None:
    use(workspace=sample_workspace)
    act_as(role, monkeypatch)
    app = open_tab(tab, lang)
    assert not app.exception
    assert not errors(app)
    if tab == "versions":
        assert app.dataframe
        rollback = [button for button in app.button if button.key == "desk-rollback-yes"]
        assert bool(rollback) is (role in PUBLISHERS)


def test_a_file_of_the_inbox_is_understood_checked_and_published(city: Path, use) -> None:
    workspace = Workspace.open(city)
    frame = workspace.layer("scenic_area").iloc[1:].reset_index(drop=True)
    west, south, east, north = frame.geometry[0].bounds
    frame.loc[0, "geometry"] = shapely.Polygon(
        [(west, south), (east, north), (east, south), (west, north)]  # crosses itself
    )
    before = workspace.snapshot("scenic_area").name
    workspace.close()
    (city / "inbox").mkdir()
    file = city / "inbox" / "scenic_area.gpkg"
    pyogrio.write_dataframe(frame.to_crs("EPSG:4546"), file)
    use(workspace=city)
    app = open_tab("import", "en")
    app.selectbox(key="desk-inbox").set_value(file).run()
    assert not app.exception
    assert not errors(app)
    layer = next(box for box in app.selectbox if (box.key or "").startswith("desk-layer-"))
    assert layer.value == "scenic_area"
    check = app.button(key="desk-check")
    assert check.disabled  # the day is missing
    day = next(field for field in app.date_input if (field.key or "").startswith("desk-as-of-"))
    day.set_value(date(2025, 1, 1)).run()
    app.button(key="desk-check").click().run()
    assert not app.exception
    assert not errors(app)
    metrics = {metric.label: metric.value for metric in app.metric}
    assert metrics[text("en", "data.change_removed")] == "1"
    assert metrics[text("en", "desk.count_taken")] == str(len(frame))
    assert metrics[text("en", "desk.count_repaired")] == "1"
    shown = next(toggle for toggle in app.toggle if (toggle.key or "").startswith("desk-map-"))
    shown.set_value(True).run()
    assert not app.exception
    assert not errors(app)
    workspace = Workspace.open(city)
    assert workspace.snapshot("scenic_area").name == before
    app.button(key="desk-publish").click().run()
    assert any("Published" in words.value for words in app.success)
    assert workspace.snapshot("scenic_area").manifest.feature_count == len(frame)
    workspace.close()


def test_a_file_that_is_none_says_so_and_offers_no_check(city: Path, use) -> None:
    (city / "inbox").mkdir()
    file = city / "inbox" / "landuse.gpkg"
    file.write_text("nothing of the kind")
    use(workspace=city)
    app = open_tab("import", "zh")
    app.selectbox(key="desk-inbox").set_value(file).run()
    assert not app.exception
    assert any("landuse.gpkg" in words.replace("\\", "") for words in errors(app))
    assert not [button for button in app.button if button.key == "desk-check"]


def test_a_city_without_data_has_a_page_of_data(tmp_path: Path, use) -> None:
    city = find_folder("data") / "geo" / "city.toml"
    Workspace.init(city, tmp_path / "new", outlines=False).close()
    use(workspace=tmp_path / "new")
    for tab in TABS:
        app = open_tab(tab, "en")
        assert not app.exception
        assert not errors(app)
