"""People, paragraphs, trackers, targets and quality on their pages, without a browser."""

import re
import shutil
from decimal import Decimal

import pytest
from streamlit.testing.v1 import AppTest

from geoapp import Workspace, bootstrap
from geoapp.access.policy import Principal
from geoapp.i18n import LANGS, text
from geoapp.planning.target import Target
from geoapp.ui.place import MAIN, PAGES


@pytest.fixture(scope="module")
def city(sample_workspace, tmp_path_factory):
    """A copy of the sample city with a field chief in one district, and targets."""
    folder = tmp_path_factory.mktemp("lists") / "city"
    shutil.copytree(sample_workspace, folder)
    workspace = Workspace.open(folder)
    table = folder.parent / "people.csv"
    table.write_text("theme,unit_code,name\nfield,430802,chief of fields\n", encoding="utf-8")
    workspace.contacts.take(table)
    for code, due in (("430802", "2035-12-31"), ("430811", None)):
        target = Target(indicator="cultivated_land", unit_code=code, value=Decimal(1),
                        unit="wan_mu", document="test", due=due)  # fmt: skip
        workspace.targets.enter(target, seen=0, reason="test")
    workspace.close()
    return folder


def draw(folder, monkeypatch, page, lang="zh", role="planner", unit="", **address):
    monkeypatch.setenv("GEOAPP_WORKSPACE", str(folder))
    monkeypatch.setenv("GEOAPP_LANG", lang)
    monkeypatch.setattr(
        bootstrap.workspace, "local_administrator", lambda: Principal("somebody", role, unit)
    )
    app = AppTest.from_file(str(MAIN), default_timeout=60)
    for name, value in {"lang": lang, **address}.items():
        app.query_params[name] = value
    app.run()
    return app.switch_page(str(PAGES / page)).run()


def said(app):
    return "\n".join(one.value for one in (*app.markdown, *app.caption))


def columns(app, key):
    return [frame.value[key].tolist() for frame in app.dataframe if key in frame.value.columns]


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("role", ["inspector", "planner"])
def test_the_list_of_imagery_patches_says_who_answers(city, monkeypatch, role, lang):
    app = draw(city, monkeypatch, "demolition.py", lang, role, tab="patches")
    assert not app.exception
    [answers] = columns(app, "answers")
    level = text(lang, "answers.level_district")
    assert any("chief of fields" in one and level in one for one in answers)
    assert text(lang, "answers.none") in answers  # in the other districts nobody was entered


def case_in(folder, district):
    workspace = Workspace.open(folder)
    page = workspace.cases.register.select_all()
    workspace.close()
    return next(one for one in page.cases if one.units.district == district)


@pytest.mark.parametrize("lang", LANGS)
def test_a_case_says_who_answers_and_for_what_nobody_was_entered(city, monkeypatch, lang):
    case = case_in(city, "430802")
    app = draw(city, monkeypatch, "demolition.py", lang, case=case.case_no)
    assert not app.exception
    assert "chief of fields" in said(app)
    assert text(lang, "contacts.theme_river") in said(app)
    assert text(lang, "answers.none") in said(app)


def test_a_township_sees_who_is_above_it_on_its_own_case(city, monkeypatch):
    case = case_in(city, "430802")
    unit = case.units.township
    app = draw(city, monkeypatch, "demolition.py", "zh", "township", unit, case=case.case_no)
    assert not app.exception
    assert "chief of fields" in said(app)


def test_items_of_a_tracker_lead_to_the_map_at_their_parcel(city, monkeypatch):
    app = draw(city, monkeypatch, "planning.py", view="trackers", tracker="stock_land")
    assert not app.exception
    [links] = columns(app, "link")
    assert links
    assert all(re.fullmatch(r"/planning\?view=trackers&tracker=stock_land&item=\S+", one)
               for one in links)  # fmt: skip
    workspace = Workspace.open(city)
    state = workspace.trackers.show("stock_land")
    workspace.close()
    assert len(links) == len(state.left)
    done = state.done[0].entry.key  # a link to one that is done opens the list that it stands on
    app = draw(city, monkeypatch, "planning.py", view="trackers", tracker="stock_land", item=done)
    [links] = columns(app, "link")
    assert len(links) == len(state.items)
    assert any(f"item={done}&" in one for one in links)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(
    ("page", "view"),
    [("statistics.py", ""), ("planning.py", "farmland"), ("planning.py", "report")],
)
def test_a_paragraph_is_written_when_it_is_unfolded(city, monkeypatch, page, view, lang):
    app = draw(city, monkeypatch, page, lang, **({"view": view} if view else {}))
    assert not app.exception
    assert not app.code  # nothing is computed before
    key = {"": "statistics", "farmland": "ledger", "report": "report"}[view] + "-prose"
    app.session_state[key] = True
    app.run()
    assert not app.exception
    [block] = app.code
    assert block.value.startswith(text(lang, "sample.banner"))
    marks = {int(found) for found in re.findall(r"\[(\d+)\]", block.value)}
    [listed] = columns(app, "mark")
    assert [f"[{number}]" for number in sorted(marks)] == listed
    [shown] = columns(app, "shown")
    numbers = [re.match(r"[-+]?[\d,.]+", one) for one in shown]
    assert all(one is not None and one[0] in block.value for one in numbers)


def test_quality_says_what_was_not_inspected_and_inspects_all(city, monkeypatch):
    app = draw(city, monkeypatch, "planning.py", view="quality")
    unseen = text("zh", "quality.not_inspected")
    assert unseen in columns(app, "total")[0]
    button = next(one for one in app.button if one.label == text("zh", "quality.all"))
    app = button.click().run(timeout=120)
    assert not app.exception
    assert unseen not in columns(app, "total")[0]
    workspace = Workspace.open(city)
    known = {one.layer for one in workspace.quality()}
    titles = {workspace.library.require(name).title["zh"] for name in known}
    workspace.close()
    assert set(columns(app, "layer")[0]) == titles


@pytest.mark.parametrize("lang", LANGS)
def test_a_target_shows_its_trend_and_one_that_is_missing_says_so(city, monkeypatch, lang):
    app = draw(city, monkeypatch, "planning.py", lang, view="targets")
    assert not app.exception
    frame = app.dataframe[0].value
    mine = frame[frame["indicator"] == frame["indicator"].iloc[0]].set_index("unit_code")
    assert "2035-12-31" in mine.loc["430802", "trend_word"]
    assert mine.loc["430811", "trend_word"] == text(lang, "target.trend_no_due")
    assert mine.loc["430821", "target"] == text(lang, "target.none_entered")
    app.multiselect(key="targets-indicators").set_value(["urban_boundary"]).run()
    frame = app.dataframe[0].value
    assert len(frame) == 5
    assert set(frame["target"]) == {text(lang, "target.none_entered")}
