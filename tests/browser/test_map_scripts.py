"""The parts of the map's scripts that only compute: metres, links, tiles, classes."""

import random
from collections.abc import Iterator
from typing import Any, Final

import pyproj
import pytest
from playwright.sync_api import Browser, Page

from geoapp.ui.assets import ASSETS, VENDOR

SEED: Final = 7
FILES: Final = ("paint", "panel", "mvt", "gauss", "state", "tiles", "share", "card", "features")


@pytest.fixture(scope="module")
def scripts(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    page.add_script_tag(path=VENDOR / "leaflet" / "dist" / "leaflet.js")
    for name in FILES:
        page.add_script_tag(path=ASSETS / "app" / f"{name}.js")
    yield page
    page.close()


@pytest.mark.parametrize(("zone", "epsg"), [(37, 4546), (36, 4545), (25, 4534)])
def test_metres_are_those_of_the_projection_library(scripts: Page, zone: int, epsg: int) -> None:
    dice = random.Random(SEED)
    places = [(3 * zone + dice.uniform(-2.2, 2.2), dice.uniform(3, 54)) for _ in range(200)]
    project = pyproj.Transformer.from_crs("EPSG:4490", f"EPSG:{epsg}", always_xy=True)
    found = scripts.evaluate(
        "([places, m]) => places.map(([x, y]) => Object.values(xiangtu.gauss(x, y, m)))",
        [places, 3 * zone],
    )
    for (longitude, latitude), (east, north) in zip(places, found, strict=True):
        right = project.transform(longitude, latitude)
        assert (east, north) == pytest.approx(right, abs=1e-3)


STATES: Final[list[dict[str, Any]]] = [
    {},
    {"view": {"zoom": 13, "lat": 29.12345, "lng": 110.48123}},
    {"layers": []},
    {
        "view": {"zoom": 8.25, "lat": -29.1, "lng": -110.0},
        "layers": [
            {"id": "landuse", "strength": 0.6, "hidden": ["01", "0a-~*!"], "snapshot": ""},
            {
                "id": "raster:影像 1",
                "strength": 1,
                "hidden": ["农用地", ""],
                "snapshot": "2020-a_1",
            },
        ],
        "selected": {"layer": "demolition", "key": "违-(2020)*~第1号.'!"},
        "swipe": {
            "left": {"id": "landuse", "snapshot": "2020-12-31-ab"},
            "right": {"id": "landuse", "snapshot": ""},
            "at": 0.37,
        },
        "basemap": "grey",
    },
]


@pytest.mark.parametrize("state", STATES)
def test_link_says_again_what_it_was_told(scripts: Page, state: dict[str, Any]) -> None:
    text, read = scripts.evaluate(
        """(state) => {
          const text = xiangtu.encodeState(state);
          const url = new URL(xiangtu.linkTo(text, "http://host/page?lang=en&map=old#x"));
          if (url.searchParams.getAll("map").length !== 1) throw new Error(url.href);
          if (url.searchParams.get("lang") !== "en") throw new Error(url.href);
          return [text, xiangtu.decodeState(url.searchParams.get("map"))];
        }""",
        state,
    )
    expected = dict(state)
    if "layers" in expected:
        expected["layers"] = [
            layer | {"hidden": sorted(layer["hidden"])} for layer in expected["layers"]
        ]
    assert read == {"state": expected, "ignored": 0}, text


def test_no_link_breaks_the_reader(scripts: Page) -> None:
    dice = random.Random(SEED)
    alphabet = "1~vlswbdox*!@-_.%29abcXYZ /\\\"'<>{}[]\u0000\ud7ff乡😀"
    junk = ["".join(dice.choices(alphabet, k=dice.randrange(60))) for _ in range(3000)]
    junk += ["1~" + "".join(dice.choices(alphabet, k=dice.randrange(40))) for _ in range(3000)]
    whole = "1~v13_29.1_110.4~llanduse*o60*x01-03!district~slanduse*A~wa*b@c*50~bx"
    for _ in range(3000):
        cut = list(whole)
        for _ in range(dice.randrange(1, 5)):
            cut[dice.randrange(len(cut))] = dice.choice(alphabet)
        junk.append("".join(cut))
    junk += ["1~v99_0_0", "1~vNaN_1_1", "1~v1e3_1_1", "1~" + "l" * 100_000, "2~v1_1_1", "1~l%E0%A4"]
    read = scripts.evaluate("(texts) => texts.map((text) => xiangtu.decodeState(text))", junk)
    for text, one in zip(junk, read, strict=True):
        view = one["state"].get("view")
        if view:
            assert 0 <= view["zoom"] <= 24, text
            assert abs(view["lat"]) <= 85, text
            assert abs(view["lng"]) <= 180, text
        for layer in one["state"].get("layers", []):
            assert 0 <= layer["strength"] <= 1, text
            assert isinstance(layer["id"], str), text
    assert scripts.evaluate("[null, 3, {}].map((x) => xiangtu.decodeState(x).state)") == [{}] * 3


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def field(number: int, content: bytes | int) -> bytes:
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    return varint(number << 3 | 2) + varint(len(content)) + content


def test_tile_written_by_hand_is_read(scripts: Page) -> None:
    square = [9, 4, 6, 26, 20, 0, 0, 20, 19, 0, 15]
    packed = b"".join(map(varint, square))
    first = field(1, 2**40) + field(2, varint(0) + varint(0)) + field(3, 3) + field(4, packed)
    second = field(2, varint(1) + varint(1)) + field(3, 1) + field(4, bytes([9, 20, 19]))
    values = field(4, field(1, "农用地".encode())) + field(4, field(5, 12))
    keys = field(3, b"c") + field(3, b"n")
    body = field(15, 2) + field(1, b"landuse") + field(2, first) + field(2, second)
    tile = field(3, body + keys + values + field(5, 4096))
    read = scripts.evaluate(
        """(bytes) => {
          const { features, extent } = xiangtu.decodeTile(new Uint8Array(bytes).buffer);
          return features.map((feature) => {
            const steps = [extent, feature.id, feature.type, feature.properties];
            const path = {
              moveTo: (x, y) => steps.push(["M", x, y]),
              lineTo: (x, y) => steps.push(["L", x, y]),
              closePath: () => steps.push(["Z"]),
            };
            xiangtu.traceShape(feature, path, 1, (x, y) => steps.push(["P", x, y]));
            return steps;
          });
        }""",
        list(tile),
    )
    corners = [["M", 2, 3], ["L", 12, 3], ["L", 12, 13], ["L", 2, 13], ["Z"]]
    assert read[0] == [4096, 2**40, 3, {"c": "农用地"}, *corners]
    assert read[1] == [4096, None, 1, {"n": 12}, ["P", 10, -10]]


def test_damaged_tile_is_an_error_and_no_endless_loop(scripts: Page) -> None:
    dice = random.Random(SEED)
    tiles = [dice.randbytes(dice.randrange(1, 80)) for _ in range(500)]
    tiles += [bytes([0x1A]) + dice.randbytes(60) for _ in range(500)]
    said = scripts.evaluate(
        """(tiles) => tiles.map((bytes) => {
          try {
            const { features } = xiangtu.decodeTile(new Uint8Array(bytes).buffer);
            for (const feature of features) {
              xiangtu.traceShape(feature, new Path2D(), 1, () => {});
            }
            return "";
          } catch (fault) {
            return fault.name;
          }
        })""",
        [list(tile) for tile in tiles],
    )
    assert set(said) <= {"", "RangeError", "TypeError"}


def test_codes_lead_to_classes(scripts: Page) -> None:
    layer = {"classes": [{"code": "01", "fill": "#010203"}], "class_of": [["0101", "01"]]}
    found = scripts.evaluate(
        "(layer) => ['0101', '01', '99', null].map(xiangtu.classOf(layer))", layer
    )
    assert found == ["01", "01", "99", ""]
    plain = scripts.evaluate("['a', null].map(xiangtu.classOf({ classes: [] }))")
    assert plain == ["", ""]
