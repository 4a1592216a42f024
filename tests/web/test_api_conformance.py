"""What the standard asks, requirement by requirement: OGC API - Features, parts 1 and 2.

The tests follow the abstract test suites of OGC 17-069r4 (annex A) and 18-058r1.
"""

import math
from datetime import datetime
from urllib.parse import urlsplit

import pyproj
import pytest
import shapely
from starlette.applications import Starlette
from starlette.testclient import TestClient

from geoapp.web.routes import build_routes

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
OFFERED = [CRS84, f"{EPSG}4490", f"{EPSG}4546", f"{EPSG}4525"]
GEOJSON = {"accept": "application/geo+json"}
LAYERS = [
    "district", "township", "village", "landuse", "road", "ecological_redline",
    "permanent_farmland", "urban_boundary", "scenic_area", "nature_reserve",
    "traditional_village", "hamlet", "demolition", "construction_land", "fire_station",
]  # fmt: skip


@pytest.fixture
def client(sample_workspace, monkeypatch):
    monkeypatch.setenv("GEOAPP_WORKSPACE", str(sample_workspace))
    with TestClient(Starlette(routes=build_routes()), raise_server_exceptions=False) as opened:
        yield opened


def read(client, address, **headers):
    parts = urlsplit(address)
    answer = client.get(f"{parts.path}?{parts.query}", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer


def links_of(document, rel):
    return [link for link in document["links"] if link["rel"] == rel]


def check_links(document, own_type):
    """Req. 13, 15, 27 to 30: self and alternate, with relation and type."""
    for link in document["links"]:
        assert link["rel"]
        assert link["type"]
        assert link["href"].startswith("http://testserver/api")
    [own], [other] = links_of(document, "self"), links_of(document, "alternate")
    assert own["type"] == own_type
    assert other["type"] == "text/html"


# --- A.2.1 to A.2.5 ------------------------------------------------------------------------


@pytest.mark.parametrize("root", ["/api", "/api/"])
def test_landing_page(client, root):
    document = read(client, root, accept="application/json").json()
    check_links(document, "application/json")
    for rel in ("service-desc", "service-doc", "conformance", "data"):
        [link] = links_of(document, rel)
        assert link["type"] in read(client, link["href"]).headers["content-type"]
    assert document["title"]


def test_every_link_leads_somewhere_of_the_type_it_says(client):
    """The whole of what links reach from the landing page, three steps deep."""
    seen, waiting = set(), ["http://testserver/api"]
    for _ in range(3):
        found = []
        for address in waiting:
            document = read(client, address).json()
            for part in [document, *document.get("collections", [])]:
                found += part.get("links", [])
        waiting = []
        for link in found:
            if link["href"] in seen:
                continue
            seen.add(link["href"])
            answer = read(client, link["href"])
            assert answer.headers["content-type"].startswith(link["type"]), link
            if "json" in link["type"]:
                waiting.append(link["href"])
    assert len(seen) > 100


def test_conformance_names_the_parts_that_are_tested_here(client):
    document = read(client, "/api/conformance").json()
    kept = {name.rpartition("/spec/")[2] for name in document["conformsTo"]}
    assert kept == {
        "ogcapi-features-1/1.0/conf/core",
        "ogcapi-features-1/1.0/conf/oas30",
        "ogcapi-features-1/1.0/conf/geojson",
        "ogcapi-features-1/1.0/conf/html",
        "ogcapi-features-2/1.0/conf/crs",
    }


def test_api_definition_is_complete_openapi_3(client):
    answer = read(client, "/api/openapi.json")
    assert answer.headers["content-type"] == "application/vnd.oai.openapi+json;version=3.0"
    document = answer.json()
    assert document["openapi"].startswith("3.0.")
    assert document["servers"] == [{"url": "http://testserver/api"}]
    shared = document["components"]["parameters"]
    names = [operation["get"]["operationId"] for operation in document["paths"].values()]
    assert len(set(names)) == len(names)
    for path, item in document["paths"].items():
        given = [
            shared[p["$ref"].removeprefix("#/components/parameters/")] if "$ref" in p else p
            for p in item["get"]["parameters"]
        ]
        assert len({p["name"] for p in given}) == len(given)
        in_path = {p["name"] for p in given if p["in"] == "path"}
        assert in_path == {part[1:-1] for part in path.split("/") if part.startswith("{")}
        assert all(p["required"] for p in given if p["in"] == "path")
        assert all(p["description"] and p["schema"] for p in given)
        for response in item["get"]["responses"].values():
            assert response["description"]
            for content in response["content"].values():
                reference = content["schema"].get("$ref", "")
                if reference:
                    assert (
                        reference.removeprefix("#/components/schemas/")
                        in (document["components"]["schemas"])
                    )


def test_parameters_are_defined_as_the_standard_words_them(client):
    """Abstract tests 16, 14 and 18: limit, bbox, datetime; part 2: crs, bbox-crs."""
    shared = read(client, "/api/openapi.json").json()["components"]["parameters"]
    for name in ("limit", "bbox", "datetime", "crs", "bbox-crs"):
        parameter = shared[name]
        assert (parameter["name"], parameter["in"]) == (name, "query")
        assert (parameter["required"], parameter["style"]) == (False, "form")
        assert parameter["explode"] is False
    assert shared["limit"]["schema"] == {
        "type": "integer",
        "minimum": 1,
        "maximum": 10_000,
        "default": 10,
    }
    box = shared["bbox"]["schema"]
    assert (box["type"], box["items"]) == ("array", {"type": "number"})
    assert box["oneOf"] == [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}]
    assert shared["datetime"]["schema"] == {"type": "string"}
    for name in ("crs", "bbox-crs"):
        assert shared[name]["schema"]["enum"] == OFFERED
        assert shared[name]["schema"]["format"] == "uri"


def test_collections_describe_each_layer_as_it_describes_itself(client):
    document = read(client, "/api/collections").json()
    check_links(document, "application/json")
    assert document["crs"][0] == CRS84
    assert {one["id"] for one in document["collections"]} == set(LAYERS)
    for one in document["collections"]:
        alone = read(client, f"/api/collections/{one['id']}").json()
        check_links(alone, "application/json")
        assert {k: v for k, v in alone.items() if k != "links"} == {
            k: v for k, v in one.items() if k != "links"
        }
        assert (one["crs"], one["storageCrs"]) == (OFFERED, f"{EPSG}4490")
        assert one["itemType"] == "feature"
        [[west, south, east, north]] = one["extent"]["spatial"]["bbox"]
        assert 109 < west < east < 112
        assert 28 < south < north < 31
        [[begin, end]] = one["extent"]["temporal"]["interval"]
        assert datetime.fromisoformat(begin).tzinfo is not None
        assert end is None
        types = {link["type"] for link in links_of(one, "items")}
        assert types == {"application/geo+json", "text/html"}


# --- A.2.7 features ------------------------------------------------------------------------


def check_page(client, answer):
    """Abstract tests 22 to 25: type, links, numbers, time stamp; and all pages together."""
    assert answer.headers["content-type"] == "application/geo+json"
    document = answer.json()
    assert document["type"] == "FeatureCollection"
    check_links(document, "application/geo+json")
    assert datetime.fromisoformat(document["timeStamp"]).tzinfo is not None
    assert document["timeStamp"].endswith("Z")
    assert document["numberReturned"] == len(document["features"])
    ids = [feature["id"] for feature in document["features"]]
    page = document
    while links_of(page, "next"):
        [following] = links_of(page, "next")
        assert following["type"] == "application/geo+json"
        page = read(client, following["href"]).json()
        assert page["numberMatched"] == document["numberMatched"]
        ids += [feature["id"] for feature in page["features"]]
    assert len(ids) == len(set(ids)) == document["numberMatched"]
    return document


@pytest.mark.parametrize("layer", LAYERS)
def test_features_of_every_layer(client, layer):
    answer = client.get(f"/api/collections/{layer}/items", params={"limit": 4000}, headers=GEOJSON)
    document = check_page(client, answer)
    [layer_document] = [
        one for one in read(client, "/api/collections").json()["collections"] if one["id"] == layer
    ]
    assert document["numberMatched"] == layer_document["count"]
    bounds = shapely.box(*layer_document["extent"]["spatial"]["bbox"][0]).buffer(1e-9)
    assert answer.headers["content-crs"] == f"<{CRS84}>"
    for feature in document["features"][:50]:
        assert feature["type"] == "Feature"
        assert bounds.covers(shapely.from_geojson(repr(feature["geometry"]).replace("'", '"')))


def test_the_default_and_the_largest_limit(client):
    items = "/api/collections/landuse/items"
    assert len(read(client, items).json()["features"]) == 10
    for limit, count in ((1, 1), (37, 37), (10_000, 2000), (10_001, 2000), (10**11, 2000)):
        page = read(client, f"{items}?limit={limit}").json()
        assert page["numberReturned"] == count
        assert bool(links_of(page, "next")) == (count < 2000)


@pytest.mark.parametrize("limit", ["unlimited", "0", "-1", "1.5", "", "１", "1e3", "+5"])
def test_an_invalid_limit_is_a_bad_request(client, limit):
    answer = client.get("/api/collections/landuse/items", params={"limit": limit})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("layer", LAYERS)
def test_an_unknown_parameter_is_a_bad_request(client, layer):
    for path in (f"/api/collections/{layer}/items", f"/api/collections/{layer}", "/api"):
        answer = client.get(path, params={"unknownQueryParameter12345": 1})
        assert answer.status_code == 400
        assert "unknownQueryParameter12345" in answer.json()["detail"]


@pytest.mark.parametrize("layer", ["landuse", "road", "hamlet", "ecological_redline"])
def test_a_box_gives_exactly_what_meets_it(client, layer):
    base = f"/api/collections/{layer}/items"
    everything = read(client, f"{base}?limit=10000").json()["features"]
    shapes = {f["id"]: shapely.geometry.shape(f["geometry"]) for f in everything}
    for box in ((110.3, 29.0, 110.5, 29.2), (110.44, 29.1, 110.6, 29.25), (0, 0, 180, 90)):
        page = read(client, f"{base}?limit=10000&bbox={','.join(map(str, box))}").json()
        found = {feature["id"] for feature in page["features"]}
        window = shapely.box(*box)
        # Edges are straight in the city's plane: of long ones, degrees tell only so much.
        sure = {key for key, shape in shapes.items() if shape.intersects(window.buffer(-1e-5))}
        possible = {key for key, shape in shapes.items() if shape.intersects(window.buffer(1e-5))}
        assert sure <= found <= possible
    assert found == shapes.keys()  # the last box holds them all


@pytest.mark.parametrize(
    "box",
    ["-1.5,50,1.5,53", "-80,-5,-70,5", "177,65,-177,70", "-180,85,180,90", "-180,-90,180,-85"],
)
def test_boxes_across_meridian_equator_and_poles_are_answered(client, box):
    page = read(client, f"/api/collections/landuse/items?bbox={box}").json()
    assert (page["numberMatched"], page["features"]) == (0, [])


def test_a_box_across_the_180th_meridian_holds_what_lies_in_it(client):
    items = "/api/collections/landuse/items"
    assert read(client, f"{items}?bbox=110,20,-100,40").json()["numberMatched"] > 1000
    assert read(client, f"{items}?bbox=112,20,110,40").json()["numberMatched"] > 0


@pytest.mark.parametrize(
    "box",
    ["1,2,3", "1,2,3,4,5", "a,b,c,d", "nan,1,2,3", "110,30,111,29", "110,29,111,91", "1 2 3 4"],
)
def test_a_box_that_is_none_is_a_bad_request(client, box):
    answer = client.get("/api/collections/landuse/items", params={"bbox": box})
    assert answer.status_code == 400
    assert "bbox" in answer.json()["detail"]


@pytest.mark.parametrize(
    "when",
    ["2023-12-31T00:00:00+08:00", "2024-06-01T12:00:00Z", "2024-01-01T00:00:00Z/2024-02-01T00:00:00Z",
     "2024-01-01/P2D", "../2024-01-01T00:00:00Z", "2020-01-01T00:00:00Z/.."],
)  # fmt: skip
def test_a_time_within_the_extent_gives_the_snapshot_in_force(client, when):
    page = client.get("/api/collections/landuse/items", params={"datetime": when})
    assert page.status_code == 200
    assert page.json()["as_of"] == "2023-12-31"
    assert page.json()["numberMatched"] == 2000


def test_a_time_before_all_data_is_not_found_rather_than_empty(client):
    """Nobody knows what was there then; an empty answer would say that nothing was."""
    answer = client.get("/api/collections/landuse/items", params={"datetime": "2001-01-01"})
    assert answer.status_code == 404
    assert client.get(
        "/api/collections/landuse/items", params={"datetime": "soon"}
    ).status_code == 400  # fmt: skip


def test_a_property_filters(client):
    items = "/api/collections/landuse/items?limit=2000"
    everything = read(client, items).json()["features"]
    for name, value in (("dlbm", "0101"), ("dlyj", "01"), ("sjnf", "2023")):
        page = check_page(client, client.get(f"{items}&{name}={value}"))
        expected = {f["id"] for f in everything if str(f["properties"][name]) == value}
        assert {f["id"] for f in page["features"]} == expected
        assert expected


def test_a_feature_is_the_same_alone_and_in_its_page(client):
    """Abstract tests 26 and 27."""
    for layer in LAYERS:
        base = f"/api/collections/{layer}/items"
        [listed] = read(client, f"{base}?limit=1").json()["features"]
        answer = read(client, f"{base}/{listed['id']}")
        assert answer.headers["content-type"] == "application/geo+json"
        alone = answer.json()
        assert {k: alone[k] for k in listed} == listed
        check_links(alone, "application/geo+json")
        [above] = links_of(alone, "collection")
        assert read(client, above["href"]).json()["id"] == layer


@pytest.mark.parametrize(
    "path", ["/api/collections/nothing", "/api/collections/nothing/items", "/api/nothing",
             "/api/collections/landuse/items/nothing", "/api/collections/landuse/nothing"]
)  # fmt: skip
def test_what_does_not_exist_is_not_found(client, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


# --- part 2: reference systems -------------------------------------------------------------


@pytest.mark.parametrize("uri", OFFERED)
def test_geometries_come_in_the_system_asked_for_and_say_so(client, uri):
    items = "/api/collections/landuse/items?limit=3"
    plain = read(client, items).json()["features"]
    answer = read(client, f"{items}&crs={uri}")
    assert answer.headers["content-crs"] == f"<{uri}>"
    moved = answer.json()["features"]
    assert [f["id"] for f in moved] == [f["id"] for f in plain]
    x, y = plain[0]["geometry"]["coordinates"][0][0]
    expected = (x, y)
    if uri != CRS84:  # in the axis order of the register
        code = uri.rpartition("/")[2]
        expected = pyproj.Transformer.from_crs("EPSG:4490", f"EPSG:{code}").transform(y, x)
    assert moved[0]["geometry"]["coordinates"][0][0] == pytest.approx(expected, abs=1e-6)
    if uri.endswith("4525"):
        assert math.floor(expected[1] / 1e6) == 37
    one = read(client, f"/api/collections/landuse/items/{plain[0]['id']}?crs={uri}")
    assert one.headers["content-crs"] == f"<{uri}>"
    assert one.json()["geometry"] == moved[0]["geometry"]


def test_a_box_means_the_same_ground_in_every_system(client):
    items = "/api/collections/landuse/items?limit=10000"
    boxes = {
        CRS84: "110.4,29.1,110.5,29.2",
        f"{EPSG}4490": "29.1,110.4,29.2,110.5",
        f"{EPSG}4546": "3220411,441655,3231441,451424",
        f"{EPSG}4525": "3220411,37441655,3231441,37451424",
    }
    found = {
        uri: {
            f["id"] for f in read(client, f"{items}&bbox={box}&bbox-crs={uri}").json()["features"]
        }
        for uri, box in boxes.items()
    }
    assert found[CRS84] == found[f"{EPSG}4490"]
    assert found[f"{EPSG}4546"] == found[f"{EPSG}4525"]
    # A box of the plane leans by some tens of metres against one of degrees.
    different = found[CRS84] ^ found[f"{EPSG}4546"]
    assert len(different) <= 0.05 * len(found[CRS84])


@pytest.mark.parametrize("name", ["crs", "bbox-crs"])
@pytest.mark.parametrize(
    "uri", ["http://www.opengis.net/def/crs/0/unsupported", "EPSG:4546", f"{EPSG}4326", "4490"]
)
def test_a_system_that_is_not_offered_is_a_bad_request(client, name, uri):
    params = {name: uri, "bbox": "110,29,111,30"}
    answer = client.get("/api/collections/landuse/items", params=params)
    assert answer.status_code == 400
    assert name in answer.json()["detail"]
