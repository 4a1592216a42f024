"""The routes of tiles: who may have them, what is cached, what never goes wrong."""

import asyncio
import gzip
import shutil
import threading
from datetime import date

import httpx
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from geoapp.access.policy import Principal
from geoapp.bootstrap import Workspace
from geoapp.catalog.manifest import Source
from geoapp.catalog.snapshot import Provenance
from geoapp.tiles import service
from geoapp.tiles.drawn import drawn_folder
from geoapp.tiles.rules import MAX_ZOOM, MIN_ZOOM
from geoapp.tiles.service import TileService
from geoapp.web import tiles
from geoapp.web.guard import caller
from geoapp.web.routes import build_routes
from tests.oracles.mvt import decode

CITY = "8/206/106"  # a tile in the middle of the sample city
MVT = "application/vnd.mapbox-vector-tile"


@pytest.fixture(autouse=True)
def _own_service(monkeypatch):
    kept = TileService()
    monkeypatch.setattr(tiles, "tile_service", lambda: kept)


@pytest.fixture
def folder(sample_workspace, monkeypatch):
    monkeypatch.setenv("GEOAPP_WORKSPACE", str(sample_workspace))
    return sample_workspace


@pytest.fixture
def client(folder):
    del folder
    with TestClient(Starlette(routes=build_routes()), raise_server_exceptions=False) as opened:
        yield opened


def current(folder, layer):
    workspace = Workspace.open(folder)
    name = workspace.snapshot(layer).name
    workspace.close()
    return name


def problem(response, *statuses):
    assert response.status_code in statuses
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert {"type", "title", "status", "code", "detail"} <= body.keys()
    assert "/tmp" not in response.text  # noqa: S108
    return body


def zoomed(place, zoom):
    """Give the tile at another zoom around the middle of a tile."""
    z, x, y = map(int, place.split("/"))
    if zoom <= z:
        return f"{zoom}/{x >> (z - zoom)}/{y >> (z - zoom)}"
    half = 1 << (zoom - z - 1)
    return f"{zoom}/{(x << (zoom - z)) + half}/{(y << (zoom - z)) + half}"


def test_a_vector_tile_is_sent_compressed_with_a_tag(client):
    answer = client.get(f"/tiles/township/{CITY}.mvt")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == MVT
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert not answer.headers["etag"].startswith("W/")
    [layer] = decode(answer.content)
    assert layer.name == "township"
    assert all(f.properties.keys() == {"id", "code", "name"} for f in layer.features)


@pytest.mark.parametrize("accepts", ["identity", "", "br", "gzip;q=0", "gzip; q=0.0"])
def test_a_client_that_takes_no_gzip_gets_the_tile_plain(client, accepts):
    plain = client.get(f"/tiles/township/{CITY}.mvt", headers={"accept-encoding": accepts})
    zipped = client.get(f"/tiles/township/{CITY}.mvt", headers={"accept-encoding": "br, GZIP"})
    assert "content-encoding" not in plain.headers
    assert zipped.headers["content-encoding"] == "gzip"
    assert plain.content == zipped.content
    assert plain.headers["etag"] != zipped.headers["etag"]


@pytest.mark.parametrize("suffix", ["mvt", "png"])
def test_head_is_get_without_the_body(client, suffix):
    place = f"/tiles/landuse/{zoomed(CITY, 6 if suffix == 'png' else 14)}.{suffix}"
    if suffix == "png":
        place = "/tiles/township.json"
    get, head = client.get(place), client.head(place)
    assert head.status_code == get.status_code == 200
    assert head.content == b""
    same = {"etag", "cache-control", "content-type", "content-encoding", "content-length"}
    assert {k: v for k, v in head.headers.items() if k in same} == {
        k: v for k, v in get.headers.items() if k in same
    }


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', '"a",{} , "b"'])
def test_what_a_client_has_is_neither_made_nor_sent(client, monkeypatch, form):
    for path in (f"/tiles/township/{CITY}.mvt", "/tiles/township.json"):
        tag = client.get(path).headers["etag"]

        def broken(*_arguments):
            pytest.fail("made")

        with monkeypatch.context() as patch:
            patch.setattr(TileService, "layer", broken)
            again = client.get(path, headers={"if-none-match": form.format(tag)})
        assert again.status_code == 304
        assert again.content == b""
        assert again.headers["etag"] == tag
        assert client.get(path, headers={"if-none-match": '"other"'}).status_code == 200


def test_every_tile_has_a_tag_of_its_own(client, folder):
    name = current(folder, "township")
    paths = [
        f"/tiles/township/{CITY}.mvt",
        f"/tiles/township/{zoomed(CITY, 9)}.mvt",
        f"/tiles/district/{CITY}.mvt",
        "/tiles/township.json",
        "/tiles/township.json?lang=en",
    ]
    tags = [client.get(path).headers["etag"] for path in paths]
    assert len(set(tags)) == len(tags)
    assert client.get(f"/tiles/township/{CITY}.mvt?v={name}").headers["etag"] == tags[0]


def test_a_tile_is_kept_for_ever_only_under_its_version(client, folder):
    name = current(folder, "township")
    fixed = client.get(f"/tiles/township/{CITY}.mvt?v={name}")
    assert fixed.headers["cache-control"] == "private, max-age=31536000, immutable"
    loose = client.get(f"/tiles/township/{CITY}.mvt")
    assert loose.headers["cache-control"] == "private, no-cache"
    assert loose.content == fixed.content


def test_an_empty_tile_is_no_content(client):
    answer = client.get("/tiles/township/8/0/0.mvt")
    assert answer.status_code == 204
    assert answer.content == b""
    assert answer.headers["etag"]


@pytest.mark.parametrize("version", ["2020-01-01-000000000000", "..", "../district", "x" * 3000])
@pytest.mark.parametrize("path", [f"/tiles/township/{CITY}.mvt", "/tiles/township.json"])
def test_an_unknown_snapshot_is_not_found(client, version, path):
    body = problem(client.get(path, params={"v": version}), 404)
    assert body["code"] == "snapshot-unknown"


def test_a_past_snapshot_is_served_beside_the_current_one(sample_workspace, tmp_path, monkeypatch):
    folder = tmp_path / "city"
    shutil.copytree(sample_workspace, folder)
    monkeypatch.setenv("GEOAPP_WORKSPACE", str(folder))
    workspace = Workspace.open(folder)
    past = workspace.snapshot("district").name
    frame = workspace.layer("district").iloc[:1]
    workspace.publish(
        "district",
        frame.reset_index(drop=True),
        Provenance(date(2024, 12, 31), Source(file="x"), sample=True, coverage={}, importer="x"),
    )
    workspace.close()
    with TestClient(Starlette(routes=build_routes())) as client:
        count = {
            v: len(decode(client.get(f"/tiles/district/{zoomed(CITY, 7)}.mvt?v={v}").content)[0][3])
            for v in (past, "")
        }
        assert count == {past: 4, "": 1}
        assert client.get(f"/tiles/district.json?v={past}").json()["snapshot"] == past


def test_nothing_is_given_of_a_layer_that_the_principal_may_not_see(client, folder, monkeypatch):
    tags = {
        suffix: client.get(f"/tiles/ecological_redline{suffix}").headers["etag"]
        for suffix in (f"/{CITY}.mvt", ".json")
    }
    name = current(folder, "ecological_redline")
    workspace = Workspace.open(folder, principal=Principal("visitor", "public"))
    monkeypatch.setattr(caller, "shared_workspace", lambda _who: workspace)
    for suffix in (f"/{CITY}.mvt", f"/{CITY}.png", ".json"):
        for query in ("", f"?v={name}", "?v=none"):
            for headers in ({}, {"if-none-match": tags.get(suffix, "")}):
                answer = client.get(f"/tiles/ecological_redline{suffix}{query}", headers=headers)
                assert problem(answer, 403)["code"] == "access-refused"
    assert client.get(f"/tiles/district/{CITY}.mvt").status_code == 200
    workspace.close()


@pytest.mark.parametrize(
    "place",
    [
        "-1/0/0",
        "a/0/0",
        "8/x/0",
        "8/0/1.5",
        "8/0/ 1",
        "8/0/+1",
        "８/0/0",
        "8/0/1e3",
        "8/0/" + "9" * 50,
    ],
)
@pytest.mark.parametrize("suffix", ["mvt", "png"])
def test_junk_numbers_are_refused(client, place, suffix):
    body = problem(client.get(f"/tiles/township/{place}.{suffix}"), 400)
    assert body["code"] == "tile-address-wrong"


@pytest.mark.parametrize(
    "place",
    ["5/0/0", "19/0/0", "8/256/0", "8/0/256", "99/0/0", "31/2147483648/0", "8/9999999999/0"],
)
@pytest.mark.parametrize("suffix", ["mvt", "png"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_tile_that_is_not_offered_is_not_found(client, place, suffix, lang):
    body = problem(client.get(f"/tiles/township/{place}.{suffix}?lang={lang}"), 404)
    assert body["code"] == "tile-outside"


@pytest.mark.parametrize(
    "path",
    [
        "/tiles",
        "/tiles/",
        "/tiles/nothing.json",
        f"/tiles/nothing/{CITY}.mvt",
        f"/tiles/..%2f..%2fetc/{CITY}.mvt",
        f"/tiles/%00/{CITY}.png",
        f"/tiles/@x/{CITY}.mvt",
        "/tiles/..%2fregister.json",
        "/tiles/township/8/1.mvt",
        f"/tiles/township/{CITY}.geojson",
        f"/tiles/township/{CITY}",
        "/tiles/township.xml",
    ],
)
def test_what_does_not_exist_is_a_problem_and_never_a_page(client, path):
    problem(client.get(path, follow_redirects=True), 404)


@pytest.mark.parametrize("query", ["field=nope", "field=../x", "only=zz", "only=" + "a," * 300])
def test_a_colouring_that_is_not_offered_is_refused(client, monkeypatch, query):
    place = open_picture_at(client, monkeypatch)
    body = problem(client.get(f"{place}?{query}"), 422)
    assert body["code"] in {"tile-field-unknown", "tile-class-unknown"}


def open_picture_at(client, monkeypatch):
    """Make land use dense enough for pictures; give the address of one."""
    monkeypatch.setattr(service, "drawn_folder", lambda snapshot: snapshot.folder / "none")
    monkeypatch.setattr("geoapp.tiles.building.drawn_folder", service.drawn_folder)
    monkeypatch.setattr("geoapp.tiles.building.prepare_tiles", lambda *_: 1 / 0)
    monkeypatch.setattr("geoapp.tiles.service.prepare_tiles", refuse)
    monkeypatch.setattr("geoapp.tiles.building.switch_zoom", lambda _: 10)
    del client
    return f"/tiles/landuse/{CITY}.png"


def refuse(*_arguments):
    raise OSError(30, "read-only")


def test_a_picture_is_chosen_by_field_and_classes(client, monkeypatch):
    place = open_picture_at(client, monkeypatch)
    answers = [
        client.get(f"{place}{query}")
        for query in ("", "?field=dlbm", "?field=dldl", "?only=01,02", "?only=02,01&field=dlyj")
    ]
    for answer in answers:
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/png"
        assert answer.content.startswith(b"\x89PNG")
    tags = [answer.headers["etag"] for answer in answers]
    assert len(set(tags)) == 4
    assert tags[3] == tags[4]
    assert answers[3].content == answers[4].content != answers[0].content
    described = client.get("/tiles/landuse.json").json()
    assert described["minzoom"] == 10
    assert (described["picture"]["minzoom"], described["picture"]["maxzoom"]) == (6, 9)
    assert described["picture"]["fields"] == ["dlbm", "dlyj", "dldl"]
    for zoom, status in ((9, 200), (10, 404)):
        assert client.get(f"/tiles/landuse/{zoomed(CITY, zoom)}.png").status_code == status
    for zoom, status in ((9, 404), (10, 200)):
        assert client.get(f"/tiles/landuse/{zoomed(CITY, zoom)}.mvt").status_code == status
    assert client.get("/tiles/landuse/8/0/0.png").status_code == 200  # clear, not missing


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_layer_says_what_it_offers(client, folder, lang):
    answer = client.get(f"/tiles/township.json?lang={lang}")
    body = answer.json()
    name = current(folder, "township")
    assert len(answer.content) < 4000
    assert (body["minzoom"], body["maxzoom"]) == (MIN_ZOOM, MAX_ZOOM)
    assert body["picture"] is None
    assert (body["snapshot"], body["sample"], body["count"]) == (name, True, 74)
    assert [layer["id"] for layer in body["vector_layers"]] == ["township"]
    assert "name" in body["vector_layers"][0]["fields"]
    assert "://" not in body["attribution"]
    west, south, east, north = body["bounds"]
    assert 109 < west < east < 112
    assert 28 < south < north < 30
    address = body["tiles"][0]
    assert f"v={name}" in address
    z, x, y = CITY.split("/")
    tile = client.get(address.replace("{z}", z).replace("{x}", x).replace("{y}", y))
    assert tile.status_code == 200
    assert "immutable" in tile.headers["cache-control"]


@pytest.mark.parametrize(
    ("layer", "geometry", "kind"),
    [("township", "polygon", 3), ("road", "line", 2), ("hamlet", "point", 1)],
)
def test_a_layer_says_what_its_features_are(client, layer, geometry, kind):
    assert client.get(f"/tiles/{layer}.json").json()["geometry"] == geometry
    [decoded] = decode(client.get(f"/tiles/{layer}/{CITY}.mvt").content)
    assert {feature.kind for feature in decoded.features} == {kind}


def test_roads_have_the_code_of_their_class_and_no_picture(client):
    assert client.get("/tiles/road.json").json()["picture"] is None
    for zoom in (MIN_ZOOM, 9, 14, MAX_ZOOM):
        answer = client.get(f"/tiles/road/{zoomed(CITY, zoom)}.png")
        assert problem(answer, 404)["code"] == "tile-outside"
        assert client.get(f"/tiles/road/{zoomed(CITY, zoom)}.mvt").status_code in {200, 204}
    [decoded] = decode(client.get(f"/tiles/road/{CITY}.mvt").content)
    assert {feature.properties["c"] for feature in decoded.features} == {"X", "C"}
    assert all(feature.properties.keys() == {"id", "c"} for feature in decoded.features)


def test_the_demonstration_has_its_tiles_ready(folder):
    workspace = Workspace.open(folder)
    for state in workspace.layers():
        assert (drawn_folder(state.snapshot) / "meta.json").is_file(), state.definition.id
    workspace.close()


def test_a_layer_that_is_being_prepared_asks_to_come_again(client, monkeypatch):
    go = threading.Event()
    real = service.open_layer

    def slow(*arguments):
        go.wait(20)
        return real(*arguments)

    monkeypatch.setattr(service, "open_layer", slow)
    monkeypatch.setattr(tiles, "PATIENCE_S", 0.05)
    for path in (f"/tiles/township/{CITY}.mvt", "/tiles/township.json"):
        answer = client.get(path)
        assert problem(answer, 503)["code"] == "tiles-building"
        assert int(answer.headers["retry-after"]) > 0
        assert answer.headers["cache-control"] == "no-store"
    assert client.get("/healthz").status_code == 200
    go.set()
    monkeypatch.setattr(tiles, "PATIENCE_S", 20)
    assert client.get(f"/tiles/township/{CITY}.mvt").status_code == 200


def test_a_client_that_leaves_takes_the_tile_from_nobody(folder, monkeypatch):
    del folder
    begun, go, made = threading.Event(), threading.Event(), []
    real = service.TileLayer.vector_tile

    def slow(self, address, *within):
        made.append(address)
        begun.set()
        go.wait(20)
        return real(self, address, *within)

    async def visit():
        transport = httpx.ASGITransport(Starlette(routes=build_routes()))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            await client.get("/tiles/township.json")
            with monkeypatch.context() as patch:
                patch.setattr(service.TileLayer, "vector_tile", slow)
                asked = [
                    asyncio.create_task(client.get(f"/tiles/township/{CITY}.mvt"))
                    for _ in range(20)
                ]
                await asyncio.to_thread(begun.wait, 10)
                for task in asked[:10]:
                    task.cancel()
                other = await client.get("/healthz")
                go.set()
                answers = await asyncio.gather(*asked, return_exceptions=True)
        return other, answers

    other, answers = asyncio.run(visit())
    assert other.status_code == 200
    assert all(isinstance(answer, asyncio.CancelledError) for answer in answers[:10])
    assert [answer.status_code for answer in answers[10:]] == [200] * 10
    assert len(made) == 1


def test_a_fault_of_ours_says_a_reference_and_nothing_else(client, monkeypatch):
    def broken(*_arguments):
        message = "/secret/path"
        raise OSError(message)

    monkeypatch.setattr(service.TileLayer, "vector_tile", broken)
    body = problem(client.get(f"/tiles/township/{CITY}.mvt"), 500)
    assert body["code"] == "internal"
    assert "secret" not in str(body)
    monkeypatch.undo()


def test_the_stored_gzip_is_the_tile(client):
    raw = client.get(f"/tiles/township/{CITY}.mvt", headers={"accept-encoding": "identity"})
    with client.stream("GET", f"/tiles/township/{CITY}.mvt") as answer:
        sent = b"".join(answer.iter_raw())
    assert gzip.decompress(sent) == raw.content
