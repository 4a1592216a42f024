"""The interface below /api: who may read what, limits, formats, caches, junk."""

import gzip
import json
import time
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path
from threading import Event

import jsonschema
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from geoapp.access.policy import Principal
from geoapp.bootstrap import Workspace
from geoapp.bootstrap import workspace as bootstrap
from geoapp.web.api import answering
from geoapp.web.routes import build_routes

SCHEMAS = Path(__file__).parents[1] / "data" / "schemas"
ITEMS = "/api/collections/landuse/items"


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


def problem(answer, status):
    assert answer.status_code == status, answer.text[:400]
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    body = answer.json()
    assert (body["status"], bool(body["detail"])) == (status, True)
    assert "/tmp" not in answer.text  # noqa: S108
    return body


# --- who may read ---------------------------------------------------------------------------


def test_the_public_is_told_of_no_layer_whose_coordinates_are_not_public(public_client):
    listed = public_client.get("/api/collections").json()["collections"]
    paths = public_client.get("/api/openapi.json").json()["paths"]
    shown = {layer["id"] for layer in listed}
    library = {d.id: d for d in Workspace.open().library}
    assert shown == {key for key, layer in library.items() if layer.access.public == "full"}
    assert {p.split("/")[2] for p in paths if p.startswith("/collections/")} == shown


@pytest.mark.parametrize("layer", ["landuse", "ecological_redline", "demolition", "district"])
@pytest.mark.parametrize("below", ["", "/items", "/items/1", "/schema", "/items?f=html"])
def test_stored_features_are_refused_to_the_public(public_client, layer, below):
    body = problem(public_client.get(f"/api/collections/{layer}{below}"), 403)
    assert body["code"] == "access-refused"
    known = {"if-none-match": "*"}
    problem(public_client.get(f"/api/collections/{layer}{below}", headers=known), 403)


@pytest.mark.parametrize("path", ["stats?layer=landuse", "stats?layer=district&inside=landuse",
                                  "collections/landuse/styles/qgis.qml"])  # fmt: skip
def test_what_the_role_may_not_see_is_refused(public_client, path):
    problem(public_client.get(f"/api/{path}"), 403)


# --- statistics and layers ------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    ["layer=landuse", "layer=landuse&by=city&class=dlyj", "layer=road&by=township&within=430811",
     "layer=landuse&inside=ecological_redline&by=district&as_of=2024-01-01"],
)  # fmt: skip
def test_statistics_are_those_of_the_python_interface(client, query, sample_workspace):
    answer = client.get(f"/api/stats?{query}")
    assert answer.status_code == 200, answer.text
    document = answer.json()
    jsonschema.validate(document, json.loads((SCHEMAS / "stats-1.json").read_text()))
    assert document["sample"] is True
    workspace = Workspace.open(sample_workspace)
    again = workspace.stats(
        document["layer"],
        by=document["by"],
        class_field=document["class"] or "",
        inside=document["inside"] or "",
        within=document["within"] or "",
    ).to_json()
    workspace.close()
    assert {k: v for k, v in document.items() if k != "as_of"} == {
        k: v for k, v in json.loads(json.dumps(again)).items() if k != "as_of"
    }
    tag = answer.headers["etag"]
    assert client.get(f"/api/stats?{query}", headers={"if-none-match": tag}).status_code == 304


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("layer=", 400),
        ("layer=nothing", 404),
        ("layer=landuse&by=street", 400),
        ("layer=landuse&class=nothing", 400),
        ("layer=landuse&within=999999", 400),
        ("layer=landuse&inside=nothing", 404),
        ("layer=landuse&as_of=soon", 400),
        ("layer=landuse&as_of=1999-01-01", 404),
        ("layer=landuse&f=html", 400),
        ("layer=landuse&layer=road", 400),
        ("layer=landuse&unit=mu", 400),
    ],
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_statistics_that_cannot_be_had_are_a_worded_problem(client, query, status, lang):
    body = problem(client.get(f"/api/stats?{query}&lang={lang}"), status)
    assert body["detail"].isascii() or lang == "zh" or "“" in body["detail"]


def test_the_layers_are_those_of_the_command_line(client):
    document = client.get("/api/layers").json()
    jsonschema.validate(document, json.loads((SCHEMAS / "layers-1.json").read_text()))
    assert len(document["layers"]) == 15
    english = client.get("/api/layers?lang=en").json()
    assert "Land-use parcels" in {layer["title"] for layer in english["layers"]}


# --- formats ---------------------------------------------------------------------------------


PAGES = ["", "/", "/conformance", "/collections", "/collections/landuse", "/openapi.json",
         "/collections/landuse/items", "/collections/road/items?limit=3"]  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_person_sees_a_page_with_the_sample_mark(client, path, lang):
    joint = "&" if "?" in path else "?"
    answer = client.get(f"/api{path}{joint}f=html&lang={lang}")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert f'<html lang="{lang}">' in answer.text
    assert ("演示数据" if lang == "zh" else "Sample data") in answer.text
    assert "<script" not in answer.text.lower()
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    asked = client.get(f"/api{path}", headers={"accept": "text/html,application/json;q=0.9"})
    assert asked.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("application/geo+json", "application/geo+json"),
        ("*/*", "application/geo+json"),
        ("", "application/geo+json"),
        ("text/html;q=0.5,application/geo+json", "application/geo+json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html"),
        ("text/html;q=viel", "application/geo+json"),
        ("application/xml", "application/geo+json"),
    ],
)
def test_the_form_is_the_one_that_is_preferred(client, accept, kind):
    answer = client.get(ITEMS, headers={"accept": accept})
    assert answer.headers["content-type"].split(";")[0] == kind


class _Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        if tag == "a":
            self.found.append(dict(attrs)["href"])


def test_pages_for_people_lead_on_and_stay_pages(client):
    seen, waiting = set(), ["/api?f=html&lang=en"]
    for _ in range(5):
        found = []
        for path in waiting:
            reader = _Links()
            reader.feed(client.get(path).text)
            found += [href.removeprefix("http://testserver") for href in reader.found]
        waiting = []
        for href in found:
            if href in seen or ("/collections/" in href and "/landuse" not in href):
                continue
            seen.add(href)
            answer = client.get(href)
            assert answer.status_code == 200, href
            assert "lang=en" in href
            if "html" in answer.headers["content-type"]:
                waiting.append(href)
    assert any("/items/" in href for href in seen)
    assert any("offset=" in href for href in seen)


@pytest.mark.parametrize("path", ["/api/collections/landuse/items?limit=1", "/api/collections",
                                  "/api/collections/landuse", "/api", "/api/layers",
                                  "/api/collections/landuse/schema"])  # fmt: skip
def test_every_document_says_that_data_are_a_sample(client, path):
    assert client.get(path).json()["sample"] is True


def test_a_single_feature_says_of_which_snapshot_it_is_and_that_it_is_a_sample(client):
    page = client.get(f"{ITEMS}?limit=1").json()
    one = client.get(f"{ITEMS}/{page['features'][0]['id']}?lang=en").json()
    assert one["sample"] is True
    assert one["notice"].startswith("Sample data")
    assert one["snapshot"] == page["snapshot"]
    assert set(page["coverage"]) == {"430802", "430811", "430821", "430822"}


def test_the_schema_tells_every_property_its_title_and_type(client):
    from geoapp.catalog.library import read_library
    from tests.building import LAYERS

    for definition in read_library(LAYERS):
        schema = client.get(f"/api/collections/{definition.id}/schema?lang=en").json()
        [feature] = client.get(f"/api/collections/{definition.id}/items?limit=1").json()["features"]
        described = schema["properties"].keys() - {"geometry"}
        assert described == feature["properties"].keys()
        assert all(schema["properties"][name]["title"] for name in described)
        values = {k: v for k, v in feature["properties"].items() if v is not None}
        jsonschema.validate(values, schema)


def test_markup_in_data_is_shown_as_text(client, monkeypatch):
    from geoapp.features.pages import Feature, FeaturePage

    real = Workspace.feature_page

    def poisoned(self, request):
        page = real(self, request)
        bad = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
        feature = Feature(bad, page.features[0].geometry, {"tbbh": bad, "bz": bad})
        return FeaturePage(page.definition, page.snapshot, page.reference, [feature], 1, None)

    monkeypatch.setattr(Workspace, "feature_page", poisoned)
    text = client.get(f"{ITEMS}?f=html").text
    assert "<script" not in text
    assert "<img" not in text
    assert "&lt;script&gt;" in text


# --- caches ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", [f"{ITEMS}?limit=2", f"{ITEMS}?limit=2&f=html", f"{ITEMS}?dlbm=0101"]
)
def test_unchanged_features_are_not_sent_again(client, path):
    first = client.get(path)
    tag = first.headers["etag"]
    assert tag.startswith('W/"')
    again = client.get(path, headers={"if-none-match": f'"other", {tag}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == tag
    other = client.get(f"{path}&lang=en", headers={"if-none-match": tag})
    assert other.status_code == 200
    assert first.headers["cache-control"] == "private, no-cache"
    assert "Accept" in first.headers["vary"]


def test_large_answers_are_compressed_for_those_who_take_it(client):
    plain = client.get(f"{ITEMS}?limit=50", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    with client.stream("GET", f"{ITEMS}?limit=50") as zipped:
        assert zipped.headers["content-encoding"] == "gzip"
        raw = b"".join(zipped.iter_raw())
    assert json.loads(gzip.decompress(raw))["features"] == plain.json()["features"]


# --- methods, limits, junk -------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/api", "/api/collections", f"{ITEMS}?limit=1", "/api/stats?layer=road"]
)
def test_head_has_the_headers_of_get_and_options_says_what_is_allowed(client, path):
    whole, head = client.get(path), client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-type", "etag", "content-crs", "cache-control"):
        assert head.headers.get(name) == whole.headers.get(name)
    options = client.options(path, headers={"origin": "http://evil.example"})
    assert (options.status_code, options.headers["allow"]) == (204, "GET, HEAD, OPTIONS")
    assert not [name for name in options.headers if name.startswith("access-control")]
    assert not [name for name in whole.headers if name.startswith("access-control")]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/api", "/api/collections/landuse", ITEMS, f"{ITEMS}/1"])
def test_nothing_can_be_written(client, method, path):
    answer = client.request(method, path, content=b"x" * 100_000)
    problem(answer, 405)
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize(
    "query",
    ["limit=" + "9" * 500, "bbox=" + "1," * 300 + "1", "dlbm=" + "x" * 401, "offset=../../x",
     "f=xml", "lang=fr", "limit=1&limit=2", "dlbm=", "tbmj=viel", "sjnf=1;DROP TABLE snapshot",
     "geometry=1", "__class__=1", "area_m2=1", "offset=2020-01-01-000000000000.0",
     "filter=a=1", "bbox=%00,1,2,3", "datetime=%E2%98%83", "sjnf=99999999999999999999999",
     "tbmj=1e999", "tbmj=nan"],
)  # fmt: skip
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_junk_is_a_bad_request_in_one_sentence(client, query, lang):
    joint = "" if "lang=" in query else f"&lang={lang}"
    body = problem(client.get(f"{ITEMS}?{query}{joint}"), 400)
    assert len(body["detail"]) < 800


def test_a_parameter_that_comes_twice_or_without_end_is_not_read(client):
    for query in ("dlbm=0101&dlbm=0102", f"dlbm={'1' * 500}"):
        problem(client.get(f"{ITEMS}?{query}"), 400)


def test_a_query_beyond_measure_is_not_read(client):
    problem(client.get(f"{ITEMS}?{'&'.join(f'a{n}=1' for n in range(2000))}"), 414)


@pytest.mark.parametrize("name", ["..%2f..%2fregister.db", "%00", "x" * 5000, "<script>", "@app"])
def test_names_that_are_no_layer_are_not_found(client, name):
    for below in ("", "/items", "/items/1", "/schema", "/styles/qgis.qml"):
        answer = client.get(f"/api/collections/{name}{below}")
        assert answer.status_code in {400, 404, 414}
        assert "script>" not in answer.text or "json" in answer.headers["content-type"]


def test_a_text_with_a_meaning_elsewhere_finds_nothing_and_harms_nothing(client):
    for value in ("'; DROP TABLE snapshot; --", "%", ".*", "' OR 1=1 --", "{{7*7}}"):
        page = client.get(ITEMS, params={"dlbm": value})
        assert (page.status_code, page.json()["numberMatched"]) == (200, 0)
        problem(client.get(f"{ITEMS}/{value.replace('%', '%25')}"), 404)


def test_a_fault_of_ours_is_a_reference_and_nothing_more(client, monkeypatch):
    def fail(*_):
        message = "secret in /tmp/somewhere"
        raise RuntimeError(message)

    monkeypatch.setattr(Workspace, "feature_page", fail)
    body = problem(client.get(ITEMS), 500)
    assert "secret" not in json.dumps(body)


def test_beyond_what_can_wait_callers_are_asked_to_come_again(client, monkeypatch):
    monkeypatch.setattr(answering, "MOST_WAITING", 1)
    hold, real = Event(), Workspace.feature_page

    def slow(self, request):
        hold.wait(20)
        return real(self, request)

    monkeypatch.setattr(Workspace, "feature_page", slow)
    with ThreadPoolExecutor(answering.AT_ONCE + 6) as threads:
        sent = [threads.submit(client.get, ITEMS) for _ in range(answering.AT_ONCE + 6)]
        while sum(future.done() for future in sent) < 4:
            time.sleep(0.01)
        hold.set()
        answers = [future.result() for future in sent]
    refused = [answer for answer in answers if answer.status_code == 503]
    assert len(refused) >= 4
    assert all(problem(a, 503) and a.headers["retry-after"] for a in refused)
    assert all(a.status_code == 200 for a in answers if a not in refused)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_style_is_a_file_to_load_in_qgis(client, lang):
    answer = client.get(f"/api/collections/landuse/styles/qgis.qml?lang={lang}")
    assert answer.headers["content-type"].startswith("application/xml")
    assert answer.headers["content-disposition"] == 'attachment; filename="landuse.qml"'
    assert answer.text.startswith("<!DOCTYPE qgis")
    assert ("耕地" if lang == "zh" else "Cultivated land") in answer.text
