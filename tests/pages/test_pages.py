"""The pages without a browser: every page for every role in both languages, and what may be wrong."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, get_args

import pytest
from streamlit.testing.v1 import AppTest

from geoapp import Workspace, bootstrap
from geoapp.access.policy import Principal
from geoapp.catalog.definition import Role
from geoapp.i18n import LANGS, Lang, text
from geoapp.settings import find_folder
from geoapp.ui.place import MAIN, PAGES

NAMES: Final = ("overview", "statistics")
ROLES: Final = get_args(Role)
SECONDS: Final = 60


@pytest.fixture(autouse=True)
def _own_workspace() -> Iterator[None]:
    """Pages and routes share one open workspace per process; no test may leave its own."""
    bootstrap.workspace._open_shared.cache_clear()
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main  # AppTest leaves the page's script there
    bootstrap.workspace._open_shared.cache_clear()
    os.environ.pop("GEOAPP_LANG", None)


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> object:
    def settings(**values: object) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"GEOAPP_{name.upper()}", str(value))

    return settings


@pytest.fixture(scope="session")
def empty_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city that was only founded: district outlines and nothing else."""
    folder = tmp_path_factory.mktemp("empty") / "city"
    Workspace.init(find_folder("data") / "geo" / "city.toml", folder).close()
    return folder


def run(name: str, lang: Lang) -> AppTest:
    # AppTest words the options again outside the session, where only the setting counts.
    os.environ["GEOAPP_LANG"] = lang
    app = AppTest.from_file(str(MAIN), default_timeout=SECONDS)
    app.query_params["lang"] = lang
    app.run()
    if name != "overview":
        app.switch_page(str(PAGES / f"{name}.py")).run()
    return app


def act_as(role: Role, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        bootstrap.workspace, "local_administrator", lambda: Principal("somebody", role)
    )


def errors(app: AppTest) -> list[str]:
    return [error.value for error in app.error]


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", NAMES)
def test_page_runs_for_each_role(
    sample_workspace: Path,
    use: object,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    role: Role,
    lang: Lang,
) -> None:
    use(workspace=sample_workspace)
    act_as(role, monkeypatch)
    app = run(name, lang)
    assert not app.exception
    assert not errors(app)
    assert text(lang, f"{name}.title") in [heading.value for heading in app.subheader]
    assert app.dataframe


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("role", ["public", "township"])
def test_layer_that_a_role_may_not_see_is_offered_nowhere(
    sample_workspace: Path, use: object, monkeypatch: pytest.MonkeyPatch, role: Role, lang: Lang
) -> None:
    use(workspace=sample_workspace)
    act_as(role, monkeypatch)
    app = run("statistics", lang)
    hidden = [
        definition.title[lang]
        for definition in Workspace.open(sample_workspace).library
        if role not in definition.access.view and definition.access.public != "full"
    ]
    offered = [option for box in app.selectbox for option in box.options]
    assert hidden or role != "public"
    assert not set(hidden) & set(offered)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", NAMES)
def test_missing_workspace_is_said_in_one_sentence(
    tmp_path: Path, use: object, name: str, lang: Lang
) -> None:
    folder = (tmp_path / "nowhere").resolve()
    use(workspace=folder)
    app = run(name, lang)
    assert not app.exception
    assert errors(app) == [text(lang, "error.workspace-none", folder=str(folder))]


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", NAMES)
def test_city_without_data_has_working_pages(
    empty_workspace: Path, use: object, name: str, lang: Lang
) -> None:
    use(workspace=empty_workspace)
    app = run(name, lang)
    assert not app.exception
    assert not errors(app)
    assert text(lang, f"{name}.title") in [heading.value for heading in app.subheader]
    assert app.dataframe


@pytest.mark.parametrize("lang", LANGS)
def test_figures_without_data_are_not_noughts(
    empty_workspace: Path, use: object, lang: Lang
) -> None:
    use(workspace=empty_workspace)
    reported = run("overview", lang).dataframe[-1].value
    assert set(reported["computed_value"]) == {text(lang, "overview.not_computed")}


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", NAMES)
def test_broken_definition_is_named_with_file_and_key(
    sample_workspace: Path, use: object, tmp_path: Path, name: str, lang: Lang
) -> None:
    layers = tmp_path / "layers"
    shutil.copytree(find_folder("layers"), layers)
    broken = layers / "hamlet.toml"
    broken.write_text(
        broken.read_text(encoding="utf-8").replace('geometry = "point"', 'geometry = "pint"'),
        encoding="utf-8",
    )
    use(workspace=sample_workspace, layers=layers)
    app = run(name, lang)
    assert not app.exception
    [sentence] = errors(app)
    assert "hamlet.toml" in sentence
    assert "geometry" in sentence
    lead = text(lang, "error.definition-wrong", file="hamlet.toml", key="geometry", reason="@")
    assert sentence.startswith(lead.partition("@")[0])


@pytest.mark.parametrize("lang", LANGS)
def test_fault_of_ours_shows_a_number_and_no_facts(
    sample_workspace: Path, use: object, monkeypatch: pytest.MonkeyPatch, lang: Lang
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("secret")

    use(workspace=sample_workspace)
    monkeypatch.setattr(bootstrap.Workspace, "stats", fail)
    app = run("statistics", lang)
    assert not app.exception
    [sentence] = errors(app)
    lead = text(lang, "page.failed", reference="@").partition("@")[0]
    assert sentence.startswith(lead)
    assert "secret" not in sentence


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("class_field", ["", "dldj"])
def test_lines_are_told_by_their_length(
    sample_workspace: Path, use: object, class_field: str, lang: Lang
) -> None:
    use(workspace=sample_workspace)
    app = run("statistics", lang)
    app.selectbox(key="stats_layer").select("road").run()
    app.selectbox(key="stats_class_road").select(class_field).run()
    assert not app.exception
    assert not errors(app)
    shown = {metric.label: metric.value for metric in app.metric}
    total = f"{text(lang, 'statistics.total_length')} ({text(lang, 'unit.km')})"
    manifest = Workspace.open(sample_workspace).snapshot("road").manifest
    assert float(shown[total].replace(",", "")) == pytest.approx(manifest.length_m / 1000, abs=1e-3)
    assert float(shown[text(lang, "statistics.closure_length")]) == 0.0
    assert f"{text(lang, 'statistics.total_area')} (ha)" not in shown
    assert "length_km" in app.dataframe[0].value.columns
    measures = app.selectbox(key="stats_measure_road").options
    assert measures == [text(lang, f"statistics.measure_{m}") for m in ("length", "count")]


@pytest.mark.parametrize("lang", LANGS)
def test_sample_data_is_called_so_on_every_page(
    sample_workspace: Path, use: object, lang: Lang
) -> None:
    use(workspace=sample_workspace)
    for name in NAMES:
        words = " ".join(part.value for part in run(name, lang).markdown)
        assert text(lang, "sample.banner") in words


def test_settings_choose_the_language_of_the_first_visit(
    sample_workspace: Path, use: object
) -> None:
    use(workspace=sample_workspace, lang="en")
    app = AppTest.from_file(str(MAIN), default_timeout=SECONDS).run()
    assert text("en", "overview.title") in [heading.value for heading in app.subheader]


def open_address(lang: Lang, **query: str) -> AppTest:
    os.environ["GEOAPP_LANG"] = lang
    app = AppTest.from_file(str(MAIN), default_timeout=SECONDS)
    app.switch_page(str(PAGES / "statistics.py"))
    app.query_params["lang"] = lang
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def written(app: AppTest) -> dict[str, str]:
    """The address: AppTest gives lists or texts, depending on who wrote it."""
    pairs = app.query_params.items()
    return {k: v if isinstance(v, str) else v[0] for k, v in pairs}


def chosen(app: AppTest, lang: Lang, key: str) -> object:
    return next(box.value for box in app.selectbox if box.label == text(lang, key))


def test_address_asks_the_question_and_is_kept_in_step(sample_workspace: Path, use: object) -> None:
    use(workspace=sample_workspace)
    asked = {
        "layer": "permanent_farmland",
        "by": "village",
        "class": "dlbm",
        "inside": "ecological_redline",
        "within": "430802102",
        "unit": "mu",
    }
    app = open_address("zh", **asked)
    assert not app.exception
    assert not app.warning or all("地址" not in warning.value for warning in app.warning)
    assert chosen(app, "zh", "statistics.layer") == asked["layer"]
    assert chosen(app, "zh", "statistics.level") == "village"
    assert chosen(app, "zh", "statistics.class") == "dlbm"
    assert chosen(app, "zh", "statistics.inside") == "ecological_redline"
    assert chosen(app, "zh", "statistics.within") == "430802102"
    assert chosen(app, "zh", "unit.label") == "mu"
    assert written(app) == asked | {"lang": "zh"}
    box = next(b for b in app.selectbox if b.label == text("zh", "statistics.inside"))
    box.set_value("").run()
    del asked["inside"]
    assert written(app) == asked | {"lang": "zh"}


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"layer": "<script>alert(1)</script>"}, "statistics.layer"),
        ({"by": "galaxy"}, "statistics.level"),
        ({"class": "nothing", "layer": "hamlet"}, "statistics.class"),
        ({"inside": "landuse"}, "statistics.inside"),
        ({"by": "village", "within": "999999"}, "statistics.within"),
        ({"within": "430802"}, "statistics.within"),
        ({"unit": "acre"}, "unit.label"),
    ],
)
def test_address_that_asks_for_what_is_not_offered_says_so(
    sample_workspace: Path, use: object, query: dict[str, str], named: str, lang: Lang
) -> None:
    use(workspace=sample_workspace)
    app = open_address(lang, **query)
    assert not app.exception
    assert not errors(app)
    said = text(lang, "statistics.address_ignored", names=text(lang, named))
    assert said in [warning.value for warning in app.warning]
    assert app.dataframe
    assert written(app).keys() <= {"layer", "by", "lang"}
    assert written(app).get("layer") in {None, "hamlet"}
    assert written(app).get("by") in {None, "village"}
    app.run()
    assert said in [warning.value for warning in app.warning], "it stays until something is chosen"
    box = next(b for b in app.selectbox if b.label == text(lang, "statistics.level"))
    box.set_value("city").run()
    assert said not in [warning.value for warning in app.warning]


def test_layer_in_the_address_that_the_role_may_not_see_is_not_shown(
    sample_workspace: Path, use: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(workspace=sample_workspace)
    act_as("public", monkeypatch)
    app = open_address("en", layer="demolition")
    assert not app.exception
    assert chosen(app, "en", "statistics.layer") != "demolition"
    assert any("ignored" in warning.value for warning in app.warning)
