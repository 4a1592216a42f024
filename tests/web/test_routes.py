"""The routes beside the pages: features, pictures, assets, problems."""

import gzip
import json

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from geoapp.access.policy import Principal
from geoapp.bootstrap import Workspace
from geoapp.web import routes
from geoapp.web.guard import caller
from geoapp.web.problems import STATUS, status_of
from geoapp.web.routes import build_routes


@pytest.fixture
def client(sample_workspace, monkeypatch):
    monkeypatch.setenv("GEOAPP_WORKSPACE", str(sample_workspace))
    with TestClient(Starlette(routes=build_routes()), raise_server_exceptions=False) as opened:
        yield opened


def current(folder, layer):
    workspace = Workspace.open(folder)
    name = workspace.snapshot(layer).name
    workspace.close()
    return name


def problem(response, status):
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert {"type", "title", "status", "code", "detail"} <= body.keys()
    assert body["status"] == status
    assert "/tmp" not in response.text  # noqa: S108
    return body


def test_health_names_the_city(client):
    assert client.get("/healthz").json() == {"status": "ok", "city": "430800"}


def test_health_without_a_workspace_is_not_ok(client, monkeypatch, tmp_path):
    monkeypatch.setenv("GEOAPP_WORKSPACE", str(tmp_path))
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["status"] == "no-workspace"


@pytest.mark.parametrize(
    "layer", ["district", "township", "ecological_redline", "hamlet", "demolition"]
)
def test_features_are_geojson_compressed(client, layer):
    answer = client.get(f"/map/features/{layer}.geojson")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/geo+json"
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["x-content-type-options"] == "nosniff"
    features = answer.json()["features"]
    assert features
    assert len({feature["id"] for feature in features}) == len(features)


def test_a_caller_that_does_not_take_gzip_gets_plain_text(client):
    answer = client.get("/map/features/district.geojson", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in answer.headers
    assert len(answer.json()["features"]) == 4


def test_unchanged_features_are_not_sent_again(client):
    first = client.get("/map/features/district.geojson")
    again = client.get(
        "/map/features/district.geojson", headers={"if-none-match": first.headers["etag"]}
    )
    assert again.status_code == 304
    assert again.content == b""
    other = client.get(
        "/map/features/township.geojson", headers={"if-none-match": first.headers["etag"]}
    )
    assert other.status_code == 200


def test_features_are_kept_for_ever_only_under_their_version(client, sample_workspace):
    version = current(sample_workspace, "district")
    fresh = client.get(f"/map/features/district.geojson?v={version}")
    assert "immutable" in fresh.headers["cache-control"]
    for query in ("", "?v=", "?v=2020-01-01-000000000000"):
        answer = client.get(f"/map/features/district.geojson{query}")
        assert "immutable" not in answer.headers["cache-control"]
        assert "no-cache" in answer.headers["cache-control"]


def test_only_the_units_inside_one_are_given(client):
    answer = client.get("/map/features/township.geojson?within=430811")
    codes = [feature["properties"]["code"] for feature in answer.json()["features"]]
    assert codes
    assert all(code.startswith("430811") for code in codes)
    plain = client.get("/map/features/township.geojson")
    assert plain.headers["etag"] != answer.headers["etag"]
    assert client.get("/map/features/township.geojson?within=999999").json()["features"] == []


@pytest.mark.parametrize("within", ["永定区", "a\r\nX-Evil: 1", '"', "4308 02", "x" * 5000, "％"])
def test_a_unit_that_is_no_code_is_a_problem_not_a_fault(client, within):
    answer = client.get("/map/features/township.geojson", params={"within": within})
    assert 400 <= answer.status_code < 500
    problem(answer, answer.status_code)
    assert "x-evil" not in answer.headers


def test_a_layer_drawn_as_tiles_only_has_no_features_in_one_piece(client):
    problem(client.get("/map/features/landuse.geojson"), 404)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_unknown_layer_is_a_worded_problem(client, lang):
    body = problem(client.get(f"/map/features/roads.geojson?lang={lang}"), 404)
    assert body["code"] == "layer-unknown"
    assert "roads" in body["detail"]
    assert ("There is no layer" in body["detail"]) == (lang == "en")


@pytest.mark.parametrize(
    "path",
    [
        "/map",
        "/map/",
        "/map/xyz",
        "/map/features/",
        "/map/features/district.json",
        "/map/features/a/b.geojson",
        "/map/../../etc/passwd",
        "/map/features/..%2f..%2fetc.geojson",
        "/map/features/@app.geojson",
    ],
)
def test_a_path_that_does_not_exist_is_never_a_page(client, path):
    answer = client.get(path, follow_redirects=True)
    assert answer.status_code == 404
    assert "html" not in answer.headers["content-type"]


@pytest.mark.parametrize("folder", ["app", "vendor"])
@pytest.mark.parametrize("climb", ["../", "..%2f", "%2e%2e/", "..%5c", "%2e%2e%2f", "/", "%00"])
def test_assets_give_nothing_outside_their_folder(client, folder, climb):
    for target in ("routes.py", "web/routes.py", "etc/passwd", "install.py", "elements.py"):
        for depth in (1, 2, 3, 8):
            answer = client.get(f"/assets/{folder}/{climb * depth}{target}")
            assert answer.status_code in {404, 405}
            assert b"import" not in answer.content


def test_an_asset_is_served_with_its_type(client):
    answer = client.get("/assets/app/panel.js")
    assert answer.status_code == 200
    assert "javascript" in answer.headers["content-type"]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_nothing_is_given_of_a_layer_that_the_principal_may_not_see(
    client, sample_workspace, monkeypatch
):
    tag = client.get("/map/features/ecological_redline.geojson").headers["etag"]
    workspace = Workspace.open(sample_workspace, principal=Principal("visitor", "public"))
    monkeypatch.setattr(caller, "shared_workspace", lambda _who: workspace)
    for headers in ({}, {"if-none-match": tag}):
        answer = client.get("/map/features/ecological_redline.geojson", headers=headers)
        assert problem(answer, 403)["code"] == "access-refused"
    problem(client.get("/map/features/landuse.geojson"), 403)
    assert client.get("/map/features/district.geojson").status_code == 200
    workspace.close()


def test_a_fault_of_ours_says_a_reference_and_nothing_else(client, monkeypatch):
    from geoapp.errors import InvariantError

    def broken(*_arguments):
        raise InvariantError("stats-not-closed", layer="/secret/path")

    monkeypatch.setattr(routes, "overview_features", broken)
    body = problem(client.get("/map/features/district.geojson"), 500)
    assert body["code"] == "internal"
    assert "secret" not in json.dumps(body)


def test_every_error_has_a_status():
    import geoapp.errors as tree

    kinds = [
        k for k in vars(tree).values() if isinstance(k, type) and issubclass(k, tree.GeoAppError)
    ]
    for kind in kinds:
        assert status_of(kind("x")) in STATUS.values()


def test_the_stored_overview_is_valid_gzip(client, sample_workspace):
    client.get("/map/features/district.geojson")
    workspace = Workspace.open(sample_workspace)
    folder = workspace.snapshot("district").folder / "tiles"
    [path] = [p for p in folder.iterdir() if p.name.endswith(".gz")]
    assert json.loads(gzip.decompress(path.read_bytes()))["type"] == "FeatureCollection"
    workspace.close()


def test_the_first_page_is_found_under_its_name(client):
    answer = client.get("/overview?lang=en&map=x", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, "/?lang=en&map=x")
