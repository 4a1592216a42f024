"""Arrays beside a snapshot: built once, never trusted when stale or damaged; pictures."""

import json
import os
import shutil
import warnings
from itertools import product

import numpy as np
import pytest
import rasterio
import shapely
from rasterio.errors import NotGeoreferencedWarning

from geoapp.errors import ChoiceError
from geoapp.overlay.kinds import Kinds
from geoapp.tiles import building, drawn, service
from geoapp.tiles.building import prepare_tiles
from geoapp.tiles.colouring import choose_colours
from geoapp.tiles.drawn import drawn_folder
from geoapp.tiles.grid import TileAddress
from geoapp.tiles.png import encode_png
from geoapp.tiles.rules import MAX_ZOOM, MIN_ZOOM, MOST_FEATURES, switch_zoom
from geoapp.tiles.service import TileService, edition, open_layer
from tests.building import LIBRARY, make_store, on_ground, publish
from tests.oracles.grid import rectangle

LANDUSE = LIBRARY.require("landuse")


@pytest.fixture
def snapshot(tmp_path):
    shapes = [on_ground(rectangle(30 * n, 0, 30 * n + 30, 30)) for n in range(4)]
    codes = ["0101", "0301", "0101", "9999"]
    return publish(make_store(tmp_path), "landuse", shapes, dlbm=codes)


@pytest.fixture
def builds(monkeypatch):
    """Count the builds."""
    done, real = [], building.build_drawn

    def counted(*arguments):
        done.append(1)
        return real(*arguments)

    monkeypatch.setattr(building, "build_drawn", counted)
    monkeypatch.setattr(service, "build_drawn", counted)
    return done


def a_tile(layer):
    west, north, east, south = layer.drawn.nodes[-1].astype(int)
    side = 1 << (30 - 14)
    return layer.vector_tile(
        TileAddress(14, (west + east) // 2 // side, (north + south) // 2 // side)
    )


def test_arrays_are_built_once_and_leave_nothing_else(snapshot, builds):
    first = a_tile(open_layer(snapshot, LANDUSE))
    assert first
    assert a_tile(open_layer(snapshot, LANDUSE)) == first
    prepare_tiles(snapshot, LANDUSE)
    assert builds == [1]
    assert [path.name for path in (snapshot.folder / "tiles").iterdir()] == ["drawn-1"]


@pytest.mark.parametrize(
    ("name", "harm"),
    [
        *product(
            ["meta.json", "placed.bin", "levels.npy", "rings.npy"], ["absent", "cut", "empty"]
        ),
        *product(["meta.json", "rings.npy"], ["flipped"]),  # elsewhere a bit moves a vertex
    ],
)
def test_what_is_damaged_is_built_again(snapshot, builds, name, harm):
    first = a_tile(open_layer(snapshot, LANDUSE))
    path = drawn_folder(snapshot) / name
    content = path.read_bytes()
    if harm == "flipped":
        content = content[:-9] + bytes([content[-9] ^ 64]) + content[-8:]
    path.unlink()  # mapped files must not change under those who have them open
    if harm != "absent":
        path.write_bytes({"cut": content[:-8], "empty": b"", "flipped": content}[harm])
    assert a_tile(open_layer(snapshot, LANDUSE)) == first
    assert builds == [1, 1]


@pytest.mark.parametrize("what", ["version", "rules", "features", "kind", "balanced"])
def test_what_is_stale_is_built_again(snapshot, builds, what):
    open_layer(snapshot, LANDUSE)
    path = drawn_folder(snapshot) / "meta.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {what: "other"}))
    open_layer(snapshot, LANDUSE)
    assert builds == [1, 1]


def test_a_constant_that_changes_makes_arrays_stale(snapshot, builds, monkeypatch):
    open_layer(snapshot, LANDUSE)
    monkeypatch.setattr(drawn.rules, "TOLERANCE_PX", 0.7)
    open_layer(snapshot, LANDUSE)
    assert builds == [1, 1]


def test_what_other_versions_and_killed_processes_left_is_swept(snapshot):
    folder = snapshot.folder / "tiles"
    for name in ("drawn-0", ".drawn-1-77-aa", ".drawn-1-78-bb", "other"):
        (folder / name).mkdir(parents=True)
    os.utime(folder / ".drawn-1-77-aa", (0, 0))
    prepare_tiles(snapshot, LANDUSE)
    names = {path.name for path in folder.iterdir()}
    assert names == {"drawn-1", ".drawn-1-78-bb", "other"}


def test_a_folder_that_cannot_be_written_only_costs_time(snapshot, builds):
    first = a_tile(open_layer(snapshot, LANDUSE))
    shutil.rmtree(snapshot.folder / "tiles")
    (snapshot.folder / "tiles").write_text("in the way")
    layer = open_layer(snapshot, LANDUSE)
    assert a_tile(layer) == first
    assert builds == [1, 1]


def test_a_layer_is_opened_once_and_again_after_a_failure(snapshot, builds, monkeypatch):
    tiles = TileService()
    monkeypatch.setattr(service, "prepare_tiles", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        tiles.layer(snapshot, LANDUSE).result(10)
    monkeypatch.setattr(service, "prepare_tiles", prepare_tiles)
    opened = [tiles.layer(snapshot, LANDUSE) for _ in range(10)]
    assert len({id(future.result(30)) for future in opened}) == 1
    assert builds == [1]


@pytest.mark.parametrize("layer", ["landuse", "hamlet", "demolition", "district", "road"])
def test_an_empty_layer_has_empty_tiles(tmp_path, layer):
    definition = LIBRARY.require(layer)
    opened = open_layer(publish(make_store(tmp_path), layer, []), definition)
    assert opened.vector_tile(TileAddress(MIN_ZOOM, 51, 26)) == b""
    assert list(opened.picture_zooms) == []
    assert opened.vector_zooms == range(MIN_ZOOM, MAX_ZOOM + 1)


@pytest.mark.parametrize(
    ("most", "zoom"),
    [([10] * 19, MIN_ZOOM), ([MOST_FEATURES + 1] * 19, MAX_ZOOM), ([9999] * 9 + [6000] * 10, 9)],
)
def test_features_are_drawn_from_the_zoom_at_which_no_tile_is_too_full(most, zoom):
    assert switch_zoom(np.array(most)) == zoom


def test_an_edition_changes_with_what_a_tile_shows():
    other = LANDUSE.model_copy(update={"class_field": "dldl"})
    assert edition(LANDUSE) == edition(LANDUSE.model_copy())
    assert edition(other) != edition(LANDUSE)


# --- pictures ------------------------------------------------------------------------------


@pytest.mark.parametrize("colours", [2, 16, 17, 256])
def test_a_png_reads_back(tmp_path, colours):
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, colours, (12, 8)).astype(np.uint8)
    palette = rng.integers(0, 256, (colours, 4)).astype(np.uint8)
    path = tmp_path / "tile.png"
    path.write_bytes(encode_png(pixels, palette))
    numbers, found = open_picture(path)
    assert (numbers == pixels).all()
    assert [found[n] for n in range(colours)] == [tuple(colour) for colour in palette.tolist()]


def open_picture(path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with rasterio.open(path) as read:
            return read.read(1), read.colormap(1)


def read_tile(content, tmp_path):
    path = tmp_path / "tile.png"
    path.write_bytes(content)
    numbers, colours = open_picture(path)
    return np.array([colours.get(n, (0, 0, 0, 0)) for n in range(256)])[numbers]


@pytest.fixture
def pictured(tmp_path, monkeypatch):
    """A layer whose tiles are pictures up to zoom 12, and one of them."""
    monkeypatch.setattr(building, "switch_zoom", lambda _: 13)
    shapes = [shapely.envelope(on_ground(rectangle(80 * n, 0, 80 * n + 80, 80))) for n in range(3)]
    snapshot = publish(make_store(tmp_path), "landuse", shapes, dlbm=["0101", "0301", "9999"])
    layer = open_layer(snapshot, LANDUSE)
    x, y = (layer.drawn.nodes[-1][:2] // (1 << 22)).astype(int)
    return layer, TileAddress(8, int(x), int(y))


def fill(field, code):
    table = LANDUSE.classes[LANDUSE.find_field(field).classes]
    value = next(value.fill for value in table if value.code == code)
    return (*(int(value[n : n + 2], 16) for n in (1, 3, 5)), 255)


def test_classes_have_their_colours_and_the_rest_is_clear(pictured, tmp_path):
    layer, address = pictured
    for field, codes in (("dlbm", ("0101", "0301")), ("dlyj", ("01", "03")), ("dldl", ())):
        pixels = read_tile(layer.picture_tile(address, field, frozenset()), tmp_path)
        assert pixels.shape == (256, 256, 4)
        shown = {tuple(pixel) for pixel in pixels.reshape(-1, 4).tolist()}
        assert (0, 0, 0, 0) in shown
        assert {fill(field, code) for code in codes} <= shown


def test_only_the_chosen_classes_are_drawn(pictured, tmp_path):
    layer, address = pictured
    whole = read_tile(layer.picture_tile(address, "dlyj", frozenset()), tmp_path)
    only = read_tile(layer.picture_tile(address, "dlyj", frozenset({"03"})), tmp_path)
    forest = (whole == fill("dlyj", "03")).all(axis=2)
    assert forest.any()
    assert (only[forest] == fill("dlyj", "03")).all()
    assert (only[~forest] == 0).all()


@pytest.mark.parametrize(
    ("field", "only"), [("nope", ""), ("tbmj", ""), ("../x", ""), ("dlyj", "zz"), ("dlbm", "01010")]
)
def test_what_is_not_offered_is_refused(pictured, field, only):
    layer, address = pictured
    with pytest.raises(ChoiceError):
        layer.picture_tile(address, field, frozenset({only} - {""}))


def test_more_colours_than_a_palette_holds_do_not_wrap_around():
    classes = tuple(
        LANDUSE.classes["landclass"][0].model_copy(update={"code": str(n), "fill": f"#{n:06x}"})
        for n in range(400)
    )
    definition = LANDUSE.model_copy(update={"classes": LANDUSE.classes | {"landclass": classes}})
    kinds = Kinds(np.arange(400, dtype=np.int32), tuple(map(str, range(400))), "k")
    colouring = choose_colours(definition, "dlbm", kinds, frozenset())
    assert len(colouring.colours) == 256
    for number, colour in enumerate(colouring.colours[colouring.numbers[1:]].tolist()):
        own = number.to_bytes(3) + b"\xff"
        other = bytes.fromhex(definition.style.fill[1:]) + b"\xff"
        assert bytes(colour) == (own if number < 254 else other)
