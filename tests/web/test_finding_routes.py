"""The routes of finding: documents, problems, headers; nothing but JSON ever leaves."""

import json

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from geoapp.access.policy import Principal
from geoapp.bootstrap import Workspace
from geoapp.bootstrap import workspace as bootstrap
from geoapp.web.finding_routes import finding_routes
from geoapp.web.routes import build_routes


@pytest.fixture
def client(sample_workspace, monkeypatch):
    monkeypatch.setenv("GEOAPP_WORKSPACE", str(sample_workspace))
    with TestClient(Starlette(routes=build_routes()), raise_server_exceptions=False) as opened:
        yield opened


@pytest.fixture
def public_client(client, monkeypatch):
    bootstrap._open_shared.cache_clear()
    monkeypatch.setattr(bootstrap, "local_administrator", lambda: Principal("x", "public"))
    yield client
    bootstrap._open_shared.cache_clear()


@pytest.fixture
def parcel(sample_workspace):
    planner = Principal("tester", "planner")  # whoever the process acts for
    workspace = Workspace.open(sample_workspace, principal=planner)
    frame = workspace.layer("landuse")
    point = frame.geometry.iloc[7].representative_point()
    yield {"lon": point.x, "lat": point.y, "key": frame["bsm"].iloc[7], "row": 7}
    workspace.close()


def problem(response, status):
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["x-content-type-options"] == "nosniff"
    body = response.json()
    assert body["status"] == status
    assert body["detail"]
    assert "/tmp" not in response.text  # noqa: S108
    return body


def test_what_lies_at_a_point(client, parcel):
    answer = client.get(
        f"/map/identify?lon={parcel['lon']}&lat={parcel['lat']}&z=15.3&layers=landuse&lang=en&unit=mu"
    )
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "no-cache" in answer.headers["cache-control"]
    body = answer.json()
    assert body["schema"] == "geoapp.identify/1"
    assert [unit["level"] for unit in body["units"]] == ["district", "township", "village"]
    feature = next(f for f in body["features"] if f["key"] == parcel["key"])
    assert feature.keys() == {
        *("layer", "layer_title", "snapshot", "row", "title", "key", "class", "area_m2"),
        *("length_m", "measure_text", "attributes", "geometry", "links"),
    }
    assert feature["measure_text"].endswith(" mu")
    assert feature["row"] == parcel["row"]
    again = client.get(
        f"/map/object?layer=landuse&row={feature['row']}&v={feature['snapshot']}&lang=en&unit=mu"
    ).json()
    same = feature.keys() - {"geometry"}
    assert {name: again[name] for name in same} == {name: feature[name] for name in same}
    assert len(again["bounds"]) == 4


def test_link_of_a_feature_leads_to_an_offered_question(client, parcel):
    body = client.get(f"/map/identify?lon={parcel['lon']}&lat={parcel['lat']}").json()
    links = [link["href"] for f in body["features"] for link in f["links"]]
    assert any(href.startswith("/statistics?layer=landuse&by=village&within=") for href in links)
    assert all(href.startswith("/") and not href.startswith("//") for href in links)


def test_search_answers(client, parcel):
    for query, key in (("zjj", "430800"), ("张家界", "430800"), (parcel["key"], parcel["key"])):
        answer = client.get("/map/search", params={"q": query, "limit": 5})
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"
        body = answer.json()
        assert (body["schema"], body["q"]) == ("geoapp.search/1", query)
        assert body["results"][0]["key"] == key
        assert len(body["results"]) <= 5
        assert body["results"][0].keys() == {
            *("kind", "layer", "row", "key", "title", "detail", "lon", "lat", "bounds", "score")
        }
    assert client.get("/map/search").json()["results"] == []


@pytest.mark.parametrize(
    "query",
    [
        "<script>alert(1)</script>",
        "'; DROP TABLE snapshot; --",
        "%",
        ".*",
        "(((((",
        "\\x00",
        "%00",
        "../../etc/passwd",
        "{{7*7}}",
        "1e999 1e999",
    ],
)
def test_queries_with_a_meaning_elsewhere_are_harmless(client, query):
    body = client.get("/map/search", params={"q": query}).json()
    assert (body["q"], body["results"]) == (query, [])


def test_raw_bytes_that_are_no_text_are_harmless(client):
    assert client.get("/map/search?q=%ff%fe%00").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "identify",
        "identify?lon=110",
        "identify?lon=110&lat=",
        "identify?lon=abc&lat=29",
        "identify?lon=nan&lat=29",
        "identify?lon=inf&lat=29",
        "identify?lon=1_1&lat=29",
        "identify?lon=1e999&lat=29",
        "identify?lon=１１０&lat=29",
        "identify?lon=999&lat=29",
        "identify?lon=110&lat=29&z=99",
        "identify?lon=110&lat=29&z=x",
        "identify?lon=110&lat=29&unit=acre",
        "identify?lon=110&lat=29&lang=fr",
        "identify?lon=" + "1" * 5000 + "&lat=29",
        "object?layer=landuse",
        "object?layer=landuse&row=-1",
        "object?layer=landuse&row=1.5",
        "object?layer=landuse&row=99999999999999999999",
        "search?q=a&limit=0",
        "search?q=a&limit=101",
        "search?q=a&limit=x",
        "search?q=" + "x" * 10_000,
    ],
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_junk_is_refused_in_one_sentence(client, path, lang):
    joint = "&" if "?" in path else "?"
    ask = path if "lang=" in path else f"{path}{joint}lang={lang}"
    body = problem(client.get(f"/map/{ask}"), 422)
    assert len(body["detail"]) < 300


@pytest.mark.parametrize(
    "path",
    [
        "identify?lon=110&lat=29&layers=nothing",
        "search?q=a&layers=nothing",
        "object?layer=nothing&row=1",
        "object?layer=landuse&row=999999999",
        "object?layer=landuse&row=1&v=2020-01-01-000000000000",
        "object?layer=landuse&row=1&v=../../register.db",
    ],
)
def test_what_does_not_exist_is_not_found(client, path):
    problem(client.get(f"/map/{path}"), 404)


@pytest.mark.parametrize(
    "path",
    [
        "identify?lon=110.4&lat=29.1&layers=scenic_area,landuse",
        "search?q=a&layers=demolition",
        "object?layer=landuse&row=1",
    ],
)
def test_a_layer_that_the_principal_may_not_see_is_refused(public_client, path):
    problem(public_client.get(f"/map/{path}"), 403)


def test_unnamed_layers_are_only_those_the_principal_may_see(public_client, parcel):
    body = public_client.get(f"/map/identify?lon={parcel['lon']}&lat={parcel['lat']}").json()
    assert parcel["key"] not in json.dumps(body)
    found = public_client.get("/map/search", params={"q": parcel["key"]}).json()
    assert found["results"] == []


def test_a_fault_of_ours_is_a_reference_and_nothing_more(client, monkeypatch):
    def fail(*_):
        message = "secret in /tmp/somewhere"
        raise RuntimeError(message)

    monkeypatch.setattr(Workspace, "search", fail)
    body = problem(client.get("/map/search?q=a"), 500)
    assert "secret" not in json.dumps(body)


def test_work_is_done_off_the_event_loop(client, monkeypatch):
    import threading

    seen = []

    def look(*_):
        seen.append(threading.current_thread().name)
        return {}

    monkeypatch.setattr(Workspace, "search", look)
    assert client.get("/map/search?q=a").status_code == 200
    assert seen
    assert all("AnyIO worker" in name for name in seen)
    assert len(finding_routes()) == 3


def test_a_road_is_found_beside_its_line_and_tells_its_length(client, sample_workspace):
    planner = Principal("tester", "planner")
    workspace = Workspace.open(sample_workspace, principal=planner)
    line = workspace.layer("road").geometry.iloc[3]
    lengths = workspace.stats("road", by="city").totals[0]
    workspace.close()
    x, y = line.interpolate(0.5, normalized=True).coords[0][:2]
    ask = f"/map/identify?lon={x}&lat={y + 2e-5}&z=16&layers=road"
    [road, *_] = client.get(ask).json()["features"]
    assert road["layer"] == "road"
    assert road["area_m2"] is None
    assert 0 < road["length_m"] < lengths.length_m
    assert "公里" in road["measure_text"]
    assert "LineString" in road["geometry"]["type"]
    far = client.get(f"/map/identify?lon={x}&lat={y + 2e-5}&z=22&layers=road").json()
    assert far["features"] == []


def test_every_layer_is_asked_and_units_only_where_they_are_wanted(client, parcel):
    here = f"/map/identify?lon={parcel['lon']}&lat={parcel['lat']}&z=15"
    plain = {f["layer"] for f in client.get(here).json()["features"]}
    assert "landuse" in plain
    assert plain.isdisjoint({"district", "township", "village"})
    with_units = {f["layer"] for f in client.get(f"{here}&also=township").json()["features"]}
    assert with_units == plain | {"township"}
