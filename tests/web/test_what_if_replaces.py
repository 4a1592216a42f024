"""What a boundary gains and gives up while it is dragged: what saving it gives, for whom it is."""

import pytest
import shapely
from starlette.applications import Starlette
from starlette.testclient import TestClient

from geoapp.access.policy import Principal
from geoapp.bootstrap import Workspace
from geoapp.bootstrap import workspace as bootstrap
from geoapp.catalog.library import Library
from geoapp.i18n import text
from geoapp.overlay import what_if as engine
from geoapp.overlay.what_if_result import Existing
from geoapp.web.problems import HANDLERS
from geoapp.web.routes import build_routes

LAYER = "ecological_redline"


@pytest.fixture
def client(city, monkeypatch):
    monkeypatch.setenv("GEOAPP_WORKSPACE", str(city))
    bootstrap._open_shared.cache_clear()
    with TestClient(Starlette(routes=build_routes(), exception_handlers=HANDLERS)) as client:
        yield client
    bootstrap._open_shared.cache_clear()


@pytest.fixture
def workspace(city):
    opened = Workspace.open(city)
    yield opened
    opened.close()


@pytest.fixture
def line(workspace):
    """Key and boundary of a redline."""
    frame = workspace.layer(LAYER)
    row = int(shapely.area(frame.geometry).argmax())
    return str(frame[workspace.library.require(LAYER).key].iloc[row]), frame.geometry.iloc[row]


def dragged(shape, at=7, by=0.002):
    """One corner moved away from the middle, all others the very places that they were."""
    middle = shape.centroid
    parts = shapely.get_parts(shape)
    ring = shapely.get_coordinates(parts[0])
    out = ring[at] - [middle.x, middle.y]
    ring[at] += by * out / max(abs(out))
    return shapely.MultiPolygon([shapely.Polygon(ring), *parts[1:]])


def ask(client, geometry, replaces, lang="zh", unit="m2"):
    body = {"geometry": shapely.geometry.mapping(geometry), "unit": unit, "replaces": replaces}
    return client.post(f"/map/what-if?lang={lang}", json=body)


def number(words):
    return float(words.split()[0].replace(",", "").replace("\N{MINUS SIGN}", "-"))


def changes(answer):
    return {row["layer"]: (row["gained"], row["lost"], row["classes"]) for row in answer["rows"]}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_live_figures_are_those_that_saving_gives_afterwards(client, workspace, line, lang):
    key, stored = line
    new = dragged(stored)
    replaces = {"layer": LAYER, "feature": key}
    ask(client, stored, replaces)  # what the old one has is kept by now
    live = ask(client, new, replaces, lang).json()
    saved = workspace.scenarios.save("moved", new, replaces=Existing(LAYER, key)).figures
    assert live["area_m2"] == saved["area_m2"]
    moved = saved["replaces"]
    assert {name: live["moved"][name] for name in ("before_m2", "gained_m2", "lost_m2")} == {
        name: moved[name] for name in ("before_m2", "gained_m2", "lost_m2")
    }
    assert moved["gained_m2"] > 1000
    assert moved["lost_m2"] == 0.0
    assert key in live["moved"]["text"]
    rows = {row["layer"]: row for row in live["rows"]}
    compared = 0
    for layer in saved["layers"]:
        definition = workspace.library.require(layer["layer"])
        row = rows.get(layer["layer"])
        if row is None or row["known"] == "no" or definition.geometry != "polygon":
            continue
        change = layer["change"]
        assert number(row["text"]) == pytest.approx(layer["area_m2"], abs=0.0051)
        assert number(row["gained"]) == pytest.approx(change["gained"]["area_m2"], abs=0.0051)
        assert -number(row["lost"]) == pytest.approx(change["lost"]["area_m2"], abs=0.0051)
        if not layer["class_field"]:
            assert row["classes"] == []
            continue
        for name in ("gained", "lost"):
            listed = [abs(number(one[name])) for one in row["classes"] if number(one[name])]
            expected = [one["area_m2"] for one in change[name]["rows"] if one["area_m2"] > 0.005]
            assert sorted(listed) == pytest.approx(sorted(expected), abs=0.0051)
        compared += 1
    assert compared


def test_an_edited_scenario_is_held_against_the_one_it_began_from(client, workspace, line):
    _, stored = line
    workspace.scenarios.save("first", stored)
    new = dragged(stored)
    live = ask(client, new, {"scenario": "first"}).json()
    saved = workspace.scenarios.save("first", new)
    old, edited = workspace.scenarios.compare(
        [workspace.scenarios.require("first", 1), workspace.scenarios.require("first", 2)]
    )
    assert saved.version == 2
    assert "first v1" in live["moved"]["text"]
    assert live["area_m2"] == edited.result.area_m2
    assert live["moved"]["before_m2"] == pytest.approx(old.result.area_m2, abs=1e-5)
    before = {answer.layer: answer.figures.area_m2 for answer in old.result.layers}
    rows = {row["layer"]: row for row in live["rows"]}
    for answer in edited.result.layers:
        row = rows.get(answer.layer)
        if row and row["gained"] and workspace.library.require(answer.layer).geometry == "polygon":
            difference = number(row["gained"]) + number(row["lost"])
            expected = answer.figures.area_m2 - before[answer.layer]
            assert difference == pytest.approx(expected, abs=0.011)
    named = ask(client, new, {"scenario": "first", "version": 1}).json()
    assert changes(named) == changes(live)


def test_without_a_boundary_to_replace_the_answer_tells_of_no_change(client, line):
    answer = ask(client, line[1], None).json()
    assert answer["moved"] is None
    assert {(row["gained"], row["lost"]) for row in answer["rows"]} == {("", "")}


def test_what_the_replaced_boundary_has_is_measured_once(client, line, monkeypatch):
    key, stored = line
    made = []
    prepare = engine.prepare_ground

    def count(geometry):
        made.append(shapely.get_num_coordinates(geometry))
        return prepare(geometry)

    monkeypatch.setattr(engine, "prepare_ground", count)
    monkeypatch.setattr("geoapp.overlay.replaced.prepare_ground", count)
    many = shapely.get_num_coordinates(stored)
    for at in (5, 9, 12):
        assert ask(client, dragged(stored, at), {"layer": LAYER, "feature": key}).is_success
    assert sum(count >= many for count in made) == 1, made


@pytest.mark.parametrize(
    ("replaces", "status", "code"),
    [
        ({}, 422, "what-if-replaces-wrong"),
        ("first", 422, "what-if-replaces-wrong"),
        ({"layer": LAYER}, 422, "what-if-replaces-wrong"),
        ({"layer": LAYER, "feature": 3}, 422, "what-if-replaces-wrong"),
        ({"layer": LAYER, "feature": "9" * 1000}, 422, "what-if-replaces-wrong"),
        ({"scenario": "first", "version": "1"}, 422, "what-if-replaces-wrong"),
        ({"scenario": "never saved"}, 404, "scenario-unknown"),
        ({"layer": LAYER, "feature": "no such key"}, 404, "feature-unknown"),
        ({"layer": "no_such_layer", "feature": "1"}, 404, "layer-unknown"),
    ],
)
def test_a_boundary_that_is_not_there_is_named(client, line, replaces, status, code):
    answer = ask(client, line[1], replaces)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["detail"]


@pytest.mark.parametrize("role", ["public", "township"])
def test_who_may_not_see_scenarios_learns_of_no_change(client, line, monkeypatch, role):
    bootstrap._open_shared.cache_clear()
    monkeypatch.setattr(bootstrap, "local_administrator", lambda: Principal("x", role, ""))
    for replaces in ({"layer": LAYER, "feature": line[0]}, {"scenario": "first"}):
        answer = ask(client, line[1], replaces)
        assert answer.status_code == 403
        assert "_m2" not in answer.text


def test_a_layer_that_a_role_may_not_see_is_not_told_of_by_what_is_given_up(
    client, line, monkeypatch
):
    hidden, begin = "landuse", Library.__init__

    def begin_hidden(library, definitions, schemes=None):
        begin(library, [hide(one) if one.id == hidden else one for one in definitions], schemes)

    def hide(definition):
        access = definition.access.model_copy(update={"view": ("planner",), "public": "none"})
        return definition.model_copy(update={"access": access})

    bootstrap._open_shared.cache_clear()
    monkeypatch.setattr(bootstrap, "local_administrator", lambda: Principal("x", "inspector", ""))
    monkeypatch.setattr(Library, "__init__", begin_hidden)
    answer = ask(client, line[1], {"layer": hidden, "feature": "1"}, "en")
    assert answer.status_code == 403
    told = ask(client, dragged(line[1]), {"layer": LAYER, "feature": line[0]}, "en")
    assert hidden not in changes(told.json())
    assert text("en", "scenario.live_moved").split("{")[0] in told.json()["moved"]["text"]
