"""Checks over HTTP: the same answer as the command's, limits, worded problems, the small page."""

import json
from pathlib import Path

import jsonschema
import pytest
import shapely
from starlette.applications import Starlette
from starlette.testclient import TestClient

from geoapp.access.policy import Principal
from geoapp.bootstrap import workspace as opening
from geoapp.i18n import text
from geoapp.web import check_routes as routes
from geoapp.web.problems import HANDLERS
from geoapp.web.routes import build_routes
from tests.check_results import EXAMPLE, to_degrees

DATA = Path(__file__).parents[1] / "data"
SCHEMA = json.loads((DATA / "schemas" / "check-1.json").read_text())
PARCEL = json.loads(shapely.to_geojson(to_degrees(EXAMPLE)))
JSON = {"Content-Type": "application/geo+json"}


@pytest.fixture
def client(city, monkeypatch):
    monkeypatch.setenv("GEOAPP_WORKSPACE", str(city))
    opening._open_shared.cache_clear()
    routes._limiters.clear()
    with TestClient(Starlette(routes=build_routes(), exception_handlers=HANDLERS)) as client:
        yield client
    routes._limiters.clear()
    opening._open_shared.cache_clear()


def post(client, document, **query):
    return client.post("/api/check", params=query, content=json.dumps(document), headers=JSON)


def test_geojson_and_txt_give_the_same_answer(client):
    feature = {
        "type": "Feature", "geometry": PARCEL,
        "properties": {"id": "430802-0001", "name": "示例地块一", "declared_m2": 7060},
    }  # fmt: skip
    first = post(client, {"type": "FeatureCollection", "features": [feature]})
    body = (DATA / "example_hole.txt").read_bytes()
    second = client.post("/api/check", content=body, headers={"Content-Type": "text/plain"})
    answers = []
    for reply in (first, second):
        assert reply.status_code == 200, reply.text
        assert reply.headers["cache-control"] == "no-store"
        jsonschema.validate(reply.json(), SCHEMA)
        [parcel] = reply.json()["parcels"]
        assert parcel["area_m2"] == pytest.approx(7059.68, abs=0.01)
        answers.append((parcel["id"], parcel["name"], parcel["verdict"], len(parcel["findings"])))
    assert answers[0] == answers[1]


def test_nothing_is_stored_unless_asked_for(client):
    assert post(client, PARCEL).json()["serial"] == ""
    assert post(client, PARCEL, store="1").json()["serial"]


def test_words_come_in_the_language_asked_for(client):
    titles = [
        post(client, PARCEL, lang=lang).json()["parcels"][0]["findings"][0]["title"]
        for lang in ("zh", "en")
    ]
    assert titles[0] != titles[1]
    assert titles[1].isascii()


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 422, "check-body-wrong"),
        (b"{", 422, "check-body-wrong"),
        (b"[]", 422, "check-body-wrong"),
        (b'{"type": "Point", "coordinates": [110, 29]}', 422, "check-body-wrong"),
        (b'{"type": "FeatureCollection", "features": []}', 422, "check-body-wrong"),
        (b'{"type": "Polygon", "coordinates": [[[110, 29], [1]]]}', 422, "check-body-wrong"),
        (b"[" * 100_000, 422, "check-body-wrong"),
        (b" " * (routes.MOST_BYTES + 1), 422, "check-body-too-large"),
    ],
)
def test_what_is_no_parcel_is_a_worded_problem(client, body, status, code):
    reply = client.post("/api/check", content=body, headers=JSON)
    assert reply.status_code == status
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json()["code"] == code
    assert reply.json()["detail"]


def test_too_many_points_are_refused(client, monkeypatch):
    monkeypatch.setattr(routes, "MOST_POINTS", 9)
    assert post(client, PARCEL).json()["code"] == "check-too-many-points"


@pytest.mark.parametrize(
    ("query", "code"), [({"date": "soon"}, "date-wrong"), ({"purpose": "palace"}, "choice-unknown")]
)
def test_wrong_questions_are_named(client, query, code):
    reply = post(client, PARCEL, **query)
    assert reply.status_code == 422
    assert reply.json()["code"] == code


def test_other_kinds_of_content_are_not_taken(client):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert client.post("/api/check", content=b"a=b", headers=headers).status_code == 415
    assert client.get("/api/check").status_code in {404, 405}


def test_who_may_not_check_is_refused(client, monkeypatch):
    monkeypatch.setattr(opening, "local_administrator", lambda: Principal("x", "public"))
    opening._open_shared.cache_clear()
    reply = post(client, PARCEL)
    assert reply.status_code == 403
    serial = "XT-2026-000001-5"
    assert client.get(f"/verify/{serial}").status_code in {200, 404, 422}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_page_of_the_square_code_tells_whether_the_sheet_is_true(client, lang):
    serial = post(client, PARCEL, store="1").json()["serial"]
    reply = client.get(f"/verify/{serial}", params={"lang": lang})
    assert reply.status_code == 200
    assert text(lang, "check_page.state_same") in reply.text
    assert text(lang, "sample.banner") in reply.text
    assert serial in reply.text
    assert "{{" not in reply.text
    assert "default-src 'none'" in reply.headers["content-security-policy"]
    assert "示例" not in reply.text  # nobody's data


@pytest.mark.parametrize("serial", ["XT-2026-999999-9", "nonsense", "a/b", "%3Cscript%3E"])
def test_page_of_an_unknown_serial_says_so(client, serial):
    reply = client.get(f"/verify/{serial}")
    assert reply.status_code in {404, 422}
    assert reply.headers["content-type"].startswith("text/html")
    assert "<script" not in reply.text
