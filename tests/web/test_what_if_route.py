"""What a drawing holds, while it is drawn: the figures of the Python interface, for whom they are."""

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from geoapp.access.policy import Principal
from geoapp.bootstrap import Workspace
from geoapp.bootstrap import workspace as bootstrap
from geoapp.i18n import text
from geoapp.web.problems import HANDLERS
from geoapp.web.routes import build_routes


@pytest.fixture
def client(sample_workspace, monkeypatch):
    monkeypatch.setenv("GEOAPP_WORKSPACE", str(sample_workspace))
    bootstrap._open_shared.cache_clear()
    with TestClient(Starlette(routes=build_routes(), exception_handlers=HANDLERS)) as client:
        yield client
    bootstrap._open_shared.cache_clear()


@pytest.fixture(scope="module")
def unit(sample_workspace):
    """The outline of a district: ground of which much is known."""
    workspace = Workspace.open(sample_workspace)
    yield workspace.layer("district").geometry.iloc[1]
    workspace.close()


def square(x, y, size=0.01):
    ring = [[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]
    return {"type": "Polygon", "coordinates": [ring]}


def ask(client, geometry, unit="ha", lang="zh"):
    return client.post(f"/map/what-if?lang={lang}", json={"geometry": geometry, "unit": unit})


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_figures_are_those_of_the_python_interface(client, sample_workspace, unit, lang):
    import shapely

    place = unit.representative_point()
    answer = ask(client, square(place.x, place.y), lang=lang).json()
    workspace = Workspace.open(sample_workspace)
    expected = workspace.what_if(
        shapely.from_geojson(str(square(place.x, place.y)).replace("'", '"'))
    )
    assert answer["area_m2"] == expected.area_m2
    assert answer["sample"]
    titles = {row["title"]: row for row in answer["rows"]}
    for layer in expected.layers:
        definition = workspace.library.require(layer.layer)
        row = titles.get(definition.title[lang])
        if layer.coverage == "no_data":
            assert row["text"] == text(lang, "coverage.no_data")
            assert row["known"] == "no"
        elif layer.coverage == "complete":
            assert bool(row) == bool(layer.figures.count)
        if row and layer.figures.area_m2 and definition.geometry == "polygon":
            hectares = float(row["text"].split()[0].replace(",", ""))
            assert hectares == pytest.approx(layer.figures.area_m2 / 1e4, abs=6e-5)
    workspace.close()


def test_layers_to_be_kept_free_come_first(client, sample_workspace):
    workspace = Workspace.open(sample_workspace)
    inside = workspace.layer("ecological_redline").geometry.iloc[0].representative_point()
    workspace.close()
    rows = ask(client, square(inside.x, inside.y, 0.002)).json()["rows"]
    assert rows[0]["occupied"]
    flags = [row["occupied"] for row in rows]
    assert flags == sorted(flags, reverse=True)


@pytest.mark.parametrize(
    ("geometry", "code"),
    [
        ({"type": "LineString", "coordinates": [[110.5, 29.2], [110.6, 29.2]]}, "drawing-wrong"),
        ({"type": "Polygon", "coordinates": []}, "drawing-wrong"),
        ({"type": "Polygon", "coordinates": [[[1, 2], [3, 4], [1, 2]]]}, "drawing-wrong"),
        ({"type": "MultiPolygon", "coordinates": "x"}, "drawing-wrong"),
        ({"type": "MultiPolygon", "coordinates": [[]] * 200}, "drawing-wrong"),
        ({"type": "Polygon", "coordinates": [[[110, 29], [111, 30], [111, 29], [110, 30], [110, 29]]]},
         "drawing-crosses"),
        (square(120.0, 40.0), None),
    ],
)  # fmt: skip
def test_what_cannot_be_measured_is_one_sentence(client, geometry, code):
    answer = ask(client, geometry)
    assert 400 <= answer.status_code < 500
    body = answer.json()
    assert body["detail"]
    assert code in {None, body["code"]}


def test_a_boundary_of_several_parts_is_measured_whole(client, unit):
    place = unit.representative_point()
    one, other = square(place.x, place.y), square(place.x + 0.02, place.y)
    both = {"type": "MultiPolygon", "coordinates": [one["coordinates"], other["coordinates"]]}
    alone = [ask(client, shape).json()["area_m2"] for shape in (one, other)]
    assert ask(client, both).json()["area_m2"] == pytest.approx(sum(alone), abs=1e-3)


@pytest.mark.parametrize("role", ["public", "township"])
def test_who_may_not_see_scenarios_is_refused(client, monkeypatch, role):
    bootstrap._open_shared.cache_clear()
    monkeypatch.setattr(bootstrap, "local_administrator", lambda: Principal("x", role, ""))
    assert ask(client, square(110.5, 29.2)).status_code == 403
