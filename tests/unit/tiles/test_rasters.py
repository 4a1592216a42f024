"""Rasters as tiles: right light, right grades, no seams, no file that hides the others."""

import math
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import MemoryFile
from rasterio.shutil import copy
from rasterio.transform import from_origin

from geoapp.access.policy import Principal
from geoapp.errors import AccessError, ChoiceError, FileError, NotFoundError
from geoapp.tiles import raster_files
from geoapp.tiles.hillshade import gradients, relief, slope_classes, slope_degrees
from geoapp.tiles.mercator import HALF_M, TILE_PX, TileAddress, ground_steps, pixel_m
from geoapp.tiles.raster import Cells, Grid, Rasters
from geoapp.tiles.recent import Pictures
from geoapp.values import Extent

EXTENT = Extent(109.0, 28.0, 112.0, 31.0)
PLANNER = Principal("a", "planner")
WEST, NORTH = 430_000.0, 3_230_000.0  # EPSG:4546, inside the extent


def write(path, bands, *, step=50.0, crs="EPSG:4546", west=WEST, north=NORTH, **profile):
    bands = np.asarray(bands)
    place = from_origin(west, north, step, step)
    with rasterio.open(
        path, "w", driver="GTiff", count=bands.shape[0], height=bands.shape[1],
        width=bands.shape[2], dtype=bands.dtype, crs=crs, transform=place, **profile
    ) as out:  # fmt: skip
        out.write(bands)
    return path


def rugged(seed, side=300):
    rng = np.random.default_rng(seed)
    return (rng.random((1, side, side)) * 400).astype(np.float32)


def open_rasters(folder, principal=PLANNER):
    return Rasters(Path(folder), EXTENT, principal)


def middle(raster, zoom):
    side = TILE_PX * pixel_m(zoom)
    west, south, east, north = raster.plane_bounds
    x, y = ((west + east) / 2 + HALF_M) / side, (HALF_M - (south + north) / 2) / side
    return TileAddress(zoom, int(x), int(y))


def pixels(content):
    with warnings.catch_warnings(), MemoryFile(content) as memory:
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with memory.open() as picture:
            return picture.read()


# --- light and slope -----------------------------------------------------------------------


def horn(heights, east, south):
    """The same by the definition, cell by cell."""
    rows, columns = heights.shape[0] - 2, heights.shape[1] - 2
    lit, slopes = np.empty((rows, columns)), np.empty((rows, columns))
    for r in range(rows):
        for c in range(columns):
            (a, b, k), (d, _, f), (g, h, i) = heights[r : r + 3, c : c + 3]
            dx = ((k + 2 * f + i) - (a + 2 * d + g)) / (8 * east)
            dy = ((g + 2 * h + i) - (a + 2 * b + k)) / (8 * south)
            steep = math.atan(math.hypot(dx, dy))
            aspect = math.atan2(dy, -dx)  # counter-clockwise from the east, downhill
            light = math.radians(360 - 315 + 90)
            lit[r, c] = max(
                0.0,
                math.cos(math.radians(45)) * math.cos(steep)
                + math.sin(math.radians(45)) * math.sin(steep) * math.cos(light - aspect),
            )
            slopes[r, c] = math.degrees(steep)
    return lit, slopes


@given(st.integers(0, 2**32 - 1), st.floats(1, 500), st.floats(1, 500))
def test_relief_and_slope_are_those_of_the_definition(seed, east, south):
    heights = np.random.default_rng(seed).random((6, 7)) * 200
    rises = gradients(heights, np.array(east), np.array(south))
    lit, slopes = horn(heights, east, south)
    assert relief(*rises) == pytest.approx(lit, abs=1e-9)
    assert slope_degrees(*rises) == pytest.approx(slopes, abs=1e-9)


def test_light_comes_from_the_north_west():
    falling = {  # rise to the east, rise to the north of ground that faces that way
        "nw": (0.5, -0.5), "se": (-0.5, 0.5), "ne": (-0.5, -0.5), "level": (0.0, 0.0),
    }  # fmt: skip
    lit = {key: float(relief(np.array(e), np.array(n))) for key, (e, n) in falling.items()}
    assert lit["nw"] > lit["level"] > lit["ne"] > lit["se"]
    assert lit["level"] == pytest.approx(math.sin(math.radians(45)))


def test_a_slope_on_a_bound_is_in_the_flatter_class():
    slopes = np.array([0, 2, 2.001, 6, 6.001, 15, 15.001, 25, 25.001, 89, math.nan])
    assert slope_classes(slopes).tolist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 0]


def test_pixels_shrink_towards_the_pole():
    east, south = ground_steps(0, 0, 256)
    assert east[0, 0] < east[100, 0] < east[127, 0]
    east, south = ground_steps(12, 0, 256 * 2**12)
    north = HALF_M - (np.arange(256 * 2**12) + 0.5) * pixel_m(12)
    row = int(np.abs(np.degrees(np.arctan(np.sinh(north / 6378137.0))) - 29).argmin())
    from pyproj import Geod, Transformer

    back = Transformer.from_crs("EPSG:3857", "EPSG:4326", always_xy=True)
    geod, side = Geod(ellps="GRS80"), pixel_m(12)
    x = 1.2e7
    places = [(x, north[row]), (x + side, north[row]), (x, north[row] - side)]
    here, right, below = (back.transform(*place) for place in places)
    assert east[row, 0] == pytest.approx(geod.inv(*here, *right)[2], rel=1e-5)
    assert south[row, 0] == pytest.approx(geod.inv(*here, *below)[2], rel=1e-4)


@pytest.mark.parametrize(("degrees", "grade"), [(1.9, 1), (4, 2), (10, 3), (20, 4), (30, 5)])
@pytest.mark.parametrize("crs", ["EPSG:4546", "EPSG:4490"])
def test_an_even_slope_has_its_grade_everywhere(tmp_path, degrees, grade, crs):
    down = np.arange(200)[:, None] * np.ones(200)
    step = 50.0 if crs == "EPSG:4546" else 0.0005
    metres = 50.0 if crs == "EPSG:4546" else 0.0005 * 110_830  # a degree of latitude at 29°N
    heights = (5000 - down * metres * math.tan(math.radians(degrees))).astype(np.float32)
    west, north = (WEST, NORTH) if crs == "EPSG:4546" else (110.3, 29.1)
    write(tmp_path / "dem.tif", heights[None], step=step, crs=crs, west=west, north=north)
    raster = open_rasters(tmp_path).raster("dem")
    for zoom in range(raster.least_zoom["slope"], raster.most_zoom + 1):
        grades = Cells(raster).grades(middle(raster, zoom))
        assert set(np.unique(grades)) <= {0, grade}
        assert (grades == grade).any()


# --- seams ---------------------------------------------------------------------------------


@settings(max_examples=12)
@given(st.integers(0, 2**32 - 1), st.integers(-1, 2), st.booleans())
def test_neighbouring_tiles_agree_along_their_border(tmp_path_factory, seed, deeper, gap):
    heights = rugged(seed, 700)
    if gap:
        heights[0, 320:380, 330:420] = -9999
    folder = tmp_path_factory.mktemp("seams")
    write(folder / "dem.tif", heights, nodata=-9999)
    raster = open_rasters(folder).raster("dem")
    zoom = max(raster.least_zoom["hillshade"], raster.most_zoom - 2 + deeper)
    first = middle(raster, zoom)
    for dx, dy in ((1, 0), (0, 1), (1, 1)):
        other = TileAddress(zoom, first.x + dx, first.y + dy)
        # Each from a grid of its own, as two threads would read them.
        left = Grid(raster, zoom).heights(first, 1)
        right = Grid(raster, zoom).heights(other, 1)
        assert np.array_equal(
            left[256 * dy :, 256 * dx :][: 2 if dy else None, : 2 if dx else None],
            right[: 2 if dy else None, : 2 if dx else None],
            equal_nan=True,
        )
    # The relief of both tiles is what one larger tile would show.
    west = Grid(raster, zoom).heights(first, 1)
    east = Grid(raster, zoom).heights(TileAddress(zoom, first.x + 1, first.y), 1)
    whole = np.hstack([west[:, :-1], east[:, 1:]])
    steps = ground_steps(zoom, first.y * TILE_PX, TILE_PX)
    lit = relief(*gradients(whole, *steps))
    parts = [relief(*gradients(part, *steps)) for part in (west, east)]
    assert np.array_equal(lit, np.hstack(parts), equal_nan=True)


def test_a_grid_of_a_plane_keeps_its_heights(tmp_path):
    across = np.arange(300) * np.ones((300, 1))
    write(tmp_path / "dem.tif", (across * 10)[None].astype(np.float32))
    raster = open_rasters(tmp_path).raster("dem")
    address = middle(raster, raster.most_zoom)
    heights = Grid(raster, address.z).heights(address, 0)
    assert np.isfinite(heights).all()
    assert 0 < heights.min() < heights.max() < 3000


# --- pictures ------------------------------------------------------------------------------


def test_imagery_is_shown_as_it_is_and_clear_where_there_is_none(tmp_path):
    bands = np.zeros((3, 300, 300), np.uint8)
    bands[0, :, 150:] = 200
    write(tmp_path / "dom_2022.tif", bands, nodata=0, photometric="rgb")
    raster = open_rasters(tmp_path).raster("dom_2022")
    assert (raster.kind, raster.date) == ("imagery", "2022")
    address = middle(raster, raster.most_zoom)
    shown = pixels(open_rasters(tmp_path).tile(raster, address, "", "png"))
    seen = shown[:, shown[3] == 255]
    assert seen.shape[1] > 1000
    assert (shown[3] == 0).any()
    assert (seen[:3] == np.array([[200], [0], [0]])).all()  # black in two bands is a colour


def test_relief_is_clear_outside_and_over_level_ground(tmp_path):
    write(tmp_path / "dem.tif", np.full((1, 300, 300), 500, np.int16))
    rasters = open_rasters(tmp_path)
    raster = rasters.raster("dem")
    for style in ("hillshade", "elevation", "slope"):
        content = rasters.tile(raster, middle(raster, raster.most_zoom), style, "png")
        opacity = pixels(content)[-1]
        assert (opacity.max() == 0) == (style == "hillshade")
    assert rasters.tile(raster, TileAddress(raster.most_zoom, 0, 0), "slope", "png") is None
    webp = rasters.tile(raster, middle(raster, raster.most_zoom), "slope", "webp")
    assert webp[:4] == b"RIFF"


def test_a_style_or_zoom_that_is_not_offered_is_refused(tmp_path):
    write(tmp_path / "dem.tif", rugged(1))
    rasters = open_rasters(tmp_path)
    raster = rasters.raster("dem")
    with pytest.raises(ChoiceError) as caught:
        rasters.tile(raster, middle(raster, 10), "rainbow", "png")
    assert caught.value.code == "choice-unknown"
    for zoom, style in (
        (raster.most_zoom + 1, "hillshade"),
        (raster.least_zoom["slope"] - 1, "slope"),
    ):
        with pytest.raises(ChoiceError) as caught:
            rasters.tile(raster, middle(raster, zoom), style, "png")
        assert caught.value.code == "raster-zoom-not-offered"


# rasterio's reproject silences this warning, which it can for one thread only.
@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_threads_at_once_get_what_one_alone_gets(tmp_path):
    write(tmp_path / "dem.tif", rugged(2))
    raster = open_rasters(tmp_path).raster("dem")
    at = middle(raster, raster.most_zoom)
    asked = [
        (TileAddress(at.z, at.x + dx, at.y + dy), style)
        for dx in (-1, 0, 1) for dy in (-1, 0, 1) for style in ("hillshade", "slope")
    ]  # fmt: skip
    alone = [open_rasters(tmp_path).tile(raster, a, s, "png") for a, s in asked]
    shared = open_rasters(tmp_path)
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda q: shared.tile(raster, q[0], q[1], "png"), asked))
    assert together == alone
    shared.close()


def test_pictures_are_kept_up_to_a_number_of_bytes():
    kept, made = Pictures(10_000), []
    for _ in range(3):
        for key in range(20):
            kept.get(key, lambda key=key: made.append(key) or bytes(1000))
            assert kept.held_bytes <= 10_000
    assert len(made) > 20
    kept.get(19, lambda: pytest.fail("made again"))


# --- the catalogue -------------------------------------------------------------------------


def reasons(folder):
    catalogue = open_rasters(folder).catalogue()
    return {file: error.code for file, error in catalogue.unusable}, set(catalogue.rasters)


def test_a_file_that_cannot_be_drawn_is_named_and_hides_no_other(tmp_path):
    good = write(tmp_path / "good.tif", rugged(3, 64))
    write(tmp_path / "nocrs.tif", rugged(3, 64), crs=None)
    write(tmp_path / "old.tif", rugged(3, 64), crs="EPSG:2383")
    write(tmp_path / "far.tif", rugged(3, 64), north=4_400_000.0)
    write(tmp_path / "deep.tif", np.zeros((3, 8, 8), np.uint16))
    write(tmp_path / "GOOD2.TIFF", rugged(3, 64))
    (tmp_path / "cut.tif").write_bytes(good.read_bytes()[:200])
    (tmp_path / "empty.tif").write_bytes(b"")
    (tmp_path / "vrt.tif").write_text("<VRTDataset rasterXSize='1' rasterYSize='1'/>")
    (tmp_path / ".hidden.tif").write_bytes(b"")
    (tmp_path / "good.tiff").write_bytes(good.read_bytes())
    found, usable = reasons(tmp_path)
    assert usable == {"good", "GOOD2"}
    assert found == {
        "nocrs.tif": "raster-without-crs",
        "old.tif": "raster-crs-refused",
        "far.tif": "raster-outside-city",
        "deep.tif": "raster-kind-unclear",
        "cut.tif": "file-damaged",
        "empty.tif": "file-not-what-it-says",
        "vrt.tif": "file-not-what-it-says",
        "good.tiff": "raster-id-twice",
    }
    assert not list(tmp_path.glob("*.xml"))
    with pytest.raises(FileError):
        open_rasters(tmp_path).raster("cut")
    with pytest.raises(NotFoundError):
        open_rasters(tmp_path).raster("absent")


@pytest.mark.parametrize("looked", [True, False])
def test_a_virtual_raster_shows_no_other_file(tmp_path, monkeypatch, looked):
    """The first bytes tell it; where nobody looked at them, it is opened as nothing else."""
    with MemoryFile() as memory, rasterio.open(write(tmp_path / "good.tif", rugged(3, 64))) as good:
        copy(good, memory.name, driver="VRT")
        (tmp_path / "vrt.tif").write_bytes(memory.read())
    with rasterio.open(tmp_path / "vrt.tif") as bare:
        assert bare.read().any()  # so it is where nobody stands before it
    if not looked:
        monkeypatch.setattr(raster_files, "_require_tiff", lambda _: None)
    found, usable = reasons(tmp_path)
    assert usable == {"good"}
    assert found == {"vrt.tif": "file-not-what-it-says" if looked else "file-damaged"}


def test_notes_say_what_a_file_does_not(tmp_path):
    write(tmp_path / "a.tif", np.full((1, 64, 64), 7, np.uint8))
    (tmp_path / "rasters.toml").write_text(
        '[[raster]]\nfile = "a.tif"\nkind = "dem"\ndate = "2020-05"\n'
        'title = { zh = "高程", en = "Heights" }\n[[raster]]\nfile = "gone.tif"\n'
    )
    found, _ = reasons(tmp_path)
    raster = open_rasters(tmp_path).raster("a")
    assert (raster.kind, raster.date, raster.title.en) == ("dem", "2020-05", "Heights")
    assert found == {"gone.tif": "file-missing"}
    (tmp_path / "rasters.toml").write_text('[[raster]]\nfile = "a.tif"\nkind = "photo"\n')
    found, usable = reasons(tmp_path)
    assert found == {"rasters.toml": "definition-wrong"}
    assert usable == {"a"}


def test_a_file_that_is_replaced_has_another_version(tmp_path):
    write(tmp_path / "dem.tif", rugged(4, 64))
    rasters = open_rasters(tmp_path)
    before = rasters.raster("dem")
    write(tmp_path / "dem.tif", rugged(5, 80))
    assert rasters.raster("dem").version != before.version


def test_a_file_cut_short_while_in_use_is_damaged_not_a_crash(tmp_path):
    path = write(tmp_path / "dem.tif", rugged(6))
    rasters = open_rasters(tmp_path)
    raster = rasters.raster("dem")
    path.write_bytes(path.read_bytes()[:4000])
    with pytest.raises(FileError) as caught:
        rasters.tile(raster, middle(raster, raster.most_zoom), "hillshade", "png")
    assert caught.value.code == "file-damaged"


def test_large_imagery_without_overviews_starts_closer(tmp_path):
    write(tmp_path / "a.tif", np.ones((1, 5000, 5000), np.uint8), step=1.0, tiled=True)
    raster = open_rasters(tmp_path).raster("a")
    assert raster.least_zoom[""] > 10
    with rasterio.open(tmp_path / "a.tif", "r+") as opened:
        opened.build_overviews([2, 4, 8], rasterio.enums.Resampling.average)
    assert open_rasters(tmp_path).raster("a").least_zoom[""] < raster.least_zoom[""]


@pytest.mark.parametrize(
    ("role", "seen"), [("public", False), ("township", True), ("inspector", True),
                       ("planner", True), ("administrator", True)]
)  # fmt: skip
def test_the_public_sees_no_raster(tmp_path, role, seen):
    write(tmp_path / "dem.tif", rugged(7, 64))
    (tmp_path / "bad.tif").write_bytes(b"")
    rasters = open_rasters(tmp_path, Principal("x", role))
    assert bool(rasters.catalogue().rasters) == seen
    assert bool(rasters.catalogue().unusable) == seen
    if not seen:
        with pytest.raises(AccessError):
            rasters.raster("dem")


@pytest.mark.parametrize(
    "address", [("1", "2", "0"), ("-1", "0", "0"), ("1", "0", "x"), ("99", "0", "0"),
                ("01", "0", "0"), ("1.0", "0", "0"), ("３", "0", "0"), ("5", "32", "1"), ("", "", "")]
)  # fmt: skip
def test_what_is_no_tile_address_is_refused(address):
    with pytest.raises(ChoiceError):
        TileAddress.parse(*address)
