"""Routes of rasters and basemaps: contract, caching, access, what is refused."""

import shutil

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from geoapp.access.policy import Principal
from geoapp.bootstrap import Workspace
from geoapp.tiles.mercator import HALF_M, TILE_PX, pixel_m
from geoapp.web.guard import caller
from geoapp.web.raster_routes import CLEAR_PNG
from geoapp.web.routes import build_routes
from tests.unit.tiles.test_basemaps import PNG, write_mbtiles

BASEMAPS = """
[[basemap]]
id = "local"
title = { zh = "本地", en = "Local" }
source = "basemaps/a.mbtiles"
attribution = "bureau"
review_number = "审图号 XS(2024)1"
datum = "CGCS2000"

[[basemap]]
id = "shifted"
title = { zh = "偏移", en = "Shifted" }
url = "https://m.example/{z}/{x}/{y}"
attribution = "m"
datum = "GCJ-02"
"""


@pytest.fixture(scope="module")
def folder(sample_workspace, tmp_path_factory):
    copy = tmp_path_factory.mktemp("rasters") / "workspace"
    shutil.copytree(sample_workspace, copy, ignore=shutil.ignore_patterns("layers"))
    (copy / "layers").mkdir()
    (copy / "basemaps").mkdir()
    write_mbtiles(copy / "basemaps" / "a.mbtiles", {(1, 0, 0): PNG + b"x"}, bounds="109,28,112,30")
    city = copy / "city.toml"
    city.write_text(city.read_text(encoding="utf-8") + BASEMAPS, encoding="utf-8")
    (copy / "rasters" / "broken.tif").write_bytes(b"II*\0broken")
    return copy


@pytest.fixture
def client(folder, monkeypatch):
    monkeypatch.setenv("GEOAPP_WORKSPACE", str(folder))
    with TestClient(Starlette(routes=build_routes()), raise_server_exceptions=False) as opened:
        yield opened


def rasters(client):
    return {entry["id"]: entry for entry in client.get("/map/rasters.json").json()["rasters"]}


def address(entry, zoom=None):
    """Fill in the tile in the middle of a raster."""
    import math

    west, south, east, north = entry["bounds"]
    zoom = entry["maxzoom"] if zoom is None else zoom
    side = TILE_PX * pixel_m(zoom)
    x = math.radians((west + east) / 2) * 6378137 + HALF_M
    y = HALF_M - math.asinh(math.tan(math.radians((south + north) / 2))) * 6378137
    return entry["url"].format(z=zoom, x=int(x / side), y=int(y / side))


def test_the_sample_rasters_are_listed(client):
    found = rasters(client)
    assert found.keys() == {"dem", "imagery-2021", "imagery-2023"}
    for entry in found.values():
        assert {"id", "kind", "title", "date", "bounds", "minzoom", "maxzoom", "styles", "url",
                "sample"} <= entry.keys()  # fmt: skip
        assert entry["title"].keys() == {"zh", "en"}
        assert entry["sample"] is True
        assert 109 < entry["bounds"][0] < entry["bounds"][2] < 112
    assert found["dem"]["date"] is None
    assert found["imagery-2021"]["date"].startswith("2021")
    assert "style=hillshade&v=" in found["dem"]["url"]


@pytest.mark.parametrize(("lang", "word"), [("zh", "损坏"), ("en", "damaged")])
def test_a_broken_raster_is_named_and_its_tiles_are_a_problem(client, lang, word):
    [entry] = client.get(f"/map/rasters.json?lang={lang}").json()["unusable"]
    assert entry["file"] == "broken.tif"
    assert word in entry["reason"]
    assert "/tmp" not in entry["reason"]  # noqa: S108
    assert client.get("/rasters/broken/1/0/0.png").status_code == 422


@pytest.mark.parametrize("name", ["dem", "imagery-2021"])
def test_a_tile_is_a_picture_kept_for_ever_under_its_version(client, name):
    url = address(rasters(client)[name])
    answer = client.get(url)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/png"
    assert answer.content.startswith(PNG)
    assert answer.content != CLEAR_PNG
    assert "immutable" in answer.headers["cache-control"]
    stale = client.get(url.partition("v=")[0] + "v=old")
    assert "immutable" not in stale.headers["cache-control"]
    again = client.get(url, headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    webp = client.get(url.replace(".png", ".webp"))
    assert webp.headers["content-type"] == "image/webp"
    assert webp.headers["etag"] != answer.headers["etag"]


def test_outside_a_raster_all_is_clear(client):
    answer = client.get("/rasters/dem/10/0/0.png")
    assert (answer.status_code, answer.content) == (200, CLEAR_PNG)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/rasters/dem/10/1/1.jpg", 422), ("/rasters/dem/10/1/1", 422),
        ("/rasters/dem/10/1024/1.png", 422), ("/rasters/dem/x/1/1.png", 422),
        ("/rasters/dem/-1/0/0.png", 422), ("/rasters/dem/24/0/0.png", 422),
        ("/rasters/dem/10/1/1.png?style=rainbow", 422), ("/rasters/none/1/0/0.png", 404),
        ("/rasters/imagery-2021/10/1/1.png?style=hillshade", 422), ("/rasters/", 404),
        ("/rasters/..%2fcity/1/0/0.png", 404), ("/rasters/dem", 404),
        ("/basemaps/none/1/0/0", 404), ("/basemaps/local/1/2/0", 422),
        ("/basemaps/local/1/0/..%2f0", 404), ("/basemaps/shifted/1/0/0", 422),
        ("/basemaps/tianditu_vec/1/0/0", 404), ("/basemaps/", 404),
    ],
)  # fmt: skip
def test_a_wrong_request_is_a_worded_problem(client, path, status):
    answer = client.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


def test_the_public_gets_no_raster(client, folder, monkeypatch):
    url = address(rasters(client)["dem"])
    tag = client.get(url).headers["etag"]
    workspace = Workspace.open(folder, principal=Principal("visitor", "public"))
    monkeypatch.setattr(caller, "shared_workspace", lambda _who: workspace)
    assert client.get("/map/rasters.json").json() == {"rasters": [], "unusable": []}
    for headers in ({}, {"if-none-match": tag}):
        answer = client.get(url, headers=headers)
        assert answer.status_code == 403
        assert answer.json()["code"] == "access-refused"
    workspace.close()


def test_basemaps_are_listed_or_refused_with_a_reason(client):
    body = client.get("/map/basemaps.json?lang=en").json()
    [entry] = body["basemaps"]
    assert entry["url"].startswith("/basemaps/local/{z}/{x}/{y}?v=")
    del entry["url"]
    assert entry == {
        "id": "local", "title": "Local", "attribution": "bureau", "minzoom": 1, "maxzoom": 1,
        "bounds": [109.0, 28.0, 112.0, 30.0], "online": False,
        "review_number": "审图号 XS(2024)1",
    }  # fmt: skip
    [refused] = body["refused"]
    assert refused["id"] == "shifted"
    assert "GCJ-02" in refused["reason"]


def test_a_local_basemap_is_served(client):
    url = client.get("/map/basemaps.json").json()["basemaps"][0]["url"].format(z=1, x=0, y=0)
    answer = client.get(url)
    assert (answer.status_code, answer.content) == (200, PNG + b"x")
    assert answer.headers["content-type"] == "image/png"
    assert "immutable" in answer.headers["cache-control"]
    tag = answer.headers["etag"]
    assert client.get(url, headers={"if-none-match": tag}).status_code == 304
    assert client.get("/basemaps/local/1/1/1").content == CLEAR_PNG


def test_nothing_is_written_beside_the_rasters(client, folder):
    client.get(address(rasters(client)["dem"]))
    assert {path.suffix for path in (folder / "rasters").iterdir()} == {".tif"}
