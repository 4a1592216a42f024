"""Measuring what was drawn: official figures, and one worded problem for everything else."""

import json
import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient

from geoapp.errors import GeoAppError
from geoapp.geometry.measure import official_areas, total_length
from geoapp.web import drawing
from geoapp.web.routes import build_routes

SQUARE = [[110.4, 29.1], [110.5, 29.1], [110.5, 29.2], [110.4, 29.2], [110.4, 29.1]]
HOLE = [[110.42, 29.12], [110.42, 29.14], [110.44, 29.14], [110.44, 29.12], [110.42, 29.12]]


@pytest.fixture
def client(sample_workspace, monkeypatch):
    monkeypatch.setenv("GEOAPP_WORKSPACE", str(sample_workspace))
    with TestClient(Starlette(routes=build_routes()), raise_server_exceptions=False) as opened:
        yield opened


def ask(client, kind, coordinates, **rest):
    geometry = {"type": kind, "coordinates": coordinates}
    return client.post("/map/measure", content=json.dumps({"geometry": geometry, **rest}))


@pytest.mark.parametrize("rings", [[SQUARE], [SQUARE, HOLE]])
def test_area_is_the_official_one(client, rings):
    answer = ask(client, "Polygon", rings, unit="ha").json()
    shape = shapely.Polygon(rings[0], rings[1:])
    area = float(official_areas(np.array([shape]), "EPSG:4546")[0])
    assert answer["area_m2"] == area
    assert answer["length_m"] == total_length(np.array([shape.boundary]), "EPSG:4546")
    for part in (f"{area:,.2f} 平方米", f"{area * 3 / 2000:,.2f} 亩", f"{area / 1e4:,.4f} 公顷"):
        assert part in answer["text"]


def test_length_is_that_of_the_geodesics(client):
    line = SQUARE[:3]
    answer = client.post(
        "/map/measure?lang=en",
        content=json.dumps({"geometry": {"type": "LineString", "coordinates": line}}),
    ).json()
    assert answer["area_m2"] is None
    assert answer["length_m"] == total_length(np.array([shapely.LineString(line)]), "EPSG:4546")
    assert answer["text"] == f"{answer['length_m'] / 1000:,.3f} km"


WRONG = {
    "no JSON": (b"{", "drawing-wrong"),
    "a list": (b"[]", "drawing-wrong"),
    "deep": (b"[" * 100_000, "drawing-wrong"),
    "a point": (b'{"geometry":{"type":"Point","coordinates":[110,29]}}', "drawing-wrong"),
    "no number": (
        b'{"geometry":{"type":"LineString","coordinates":[["a",1],[1,2]]}}',
        "drawing-wrong",
    ),
    "not finite": (
        b'{"geometry":{"type":"LineString","coordinates":[[NaN,1],[Infinity,2]]}}',
        "drawing-wrong",
    ),
    "one point": (b'{"geometry":{"type":"LineString","coordinates":[[110,29]]}}', "drawing-wrong"),
    "open": (
        b'{"geometry":{"type":"Polygon","coordinates":[[[110,29],[111,29],[111,30],[110,30]]]}}',
        "drawing-wrong",
    ),
    "crossing": (
        b'{"geometry":{"type":"Polygon","coordinates":[[[110,29],[111,30],[111,29],[110,30],[110,29]]]}}',
        "drawing-crosses",
    ),
    "far away": (
        b'{"geometry":{"type":"LineString","coordinates":[[0,0],[1,1]]}}',
        "drawing-outside",
    ),
    "huge numbers": (
        b'{"geometry":{"type":"LineString","coordinates":[[1e400,0],[1,1]]}}',
        "drawing-wrong",
    ),
    "huge integer": (
        b'{"geometry":{"type":"LineString","coordinates":[[1' + b"0" * 400 + b",0],[1,1]]}}",
        "drawing-wrong",
    ),
    "unit": (
        b'{"unit":["x"],"geometry":{"type":"LineString","coordinates":[[110,29],[111,29]]}}',
        "unit-of-area-unknown",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_junk_is_a_worded_problem(client, name):
    content, code = WRONG[name]
    for lang in ("zh", "en"):
        answer = client.post(f"/map/measure?lang={lang}", content=content)
        assert answer.status_code == 422
        body = answer.json()
        assert body["code"] == code
        assert code not in body["detail"]


def test_a_drawing_that_is_too_large_is_refused(client):
    many = [[110 + i * 1e-6, 29.0] for i in range(drawing.MOST_VERTICES + 1)]
    assert ask(client, "LineString", many).json()["code"] == "drawing-too-large"
    answer = client.post("/map/measure", content=b" " * (drawing.MOST_BYTES + 1))
    assert answer.json()["code"] == "drawing-too-large"
    assert ask(client, "LineString", many[:-1]).status_code == 200


def test_other_methods_are_not_answered(client):
    assert client.get("/map/measure").status_code in {404, 405}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=12,
)
SHAPES = st.builds(
    lambda kind, paths: {"geometry": {"type": kind, "coordinates": paths}},
    st.sampled_from(["Polygon", "LineString", "x"]),
    JSON | st.lists(st.lists(st.floats(), max_size=3), max_size=5),
)


@given(JSON | SHAPES)
def test_reading_any_json_ends_in_a_shape_or_an_error_of_ours(document):
    try:
        shape, _unit = drawing.read_drawing(json.dumps(document).encode())
    except GeoAppError:
        return
    assert len(shape) == 1
    assert not math.isnan(shapely.get_num_coordinates(shape[0]))
