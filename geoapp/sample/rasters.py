"""Height model and two dates of imagery, drawn from the sample city; GeoTIFF."""

from pathlib import Path

import numpy as np
import rasterio
import shapely
from numpy.typing import NDArray
from rasterio import Affine
from rasterio.enums import Resampling
from rasterio.features import rasterize

from geoapp.sample.build import SampleCity
from geoapp.sample.city import City
from geoapp.sample.grid import Flags, Grid
from geoapp.sample.noise import fractal
from geoapp.sample.randomness import generator

NO_HEIGHT = -32768
DEM_STEP_M = 100.0
SUN = (-0.6, 0.6, 0.55)  # from the north-west, as on maps

# Natural colours of ground cover as seen from above, red-green-blue.
COLOURS = {
    "cultivated": (148, 152, 92),
    "garden": (112, 128, 76),
    "forest": (58, 84, 52),
    "grass": (122, 136, 88),
    "built": (178, 170, 162),
    "road": (160, 156, 150),
    "water": (62, 88, 104),
    "bare": (172, 160, 138),
}


def write_rasters(city: SampleCity, folder: Path) -> list[Path]:
    """Write ``dem.tif`` and one ``imagery-<year>.tif`` for each of the plan's two years.

    Args:
        city: A finished city.
        folder: Where to write; made if missing.

    Returns:
        The three files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ground = city.city
    paths = [_write_dem(ground, folder / "dem.tif")]
    frame = _frame(ground, ground.plan.imagery.pixel_m)
    rng = generator(city.seed, "imagery")
    rows = _parcel_rows(ground, frame)
    shade = _hillshade(ground, frame)
    grain = fractal(frame.shape, rng, wavelength=4, roughness=1.2)
    before = _earlier_groups(ground, rng)
    for year, group in zip(ground.plan.imagery.years, (before, _groups(ground)), strict=True):
        picture = _picture(group[rows], rows >= 0, shade, grain)
        paths.append(_write_picture(ground, frame, picture, year, folder))
    return paths


def _frame(city: City, step: float) -> Grid:
    """Lay a grid over the city; rows are turned north-up only when written."""
    bounds = shapely.total_bounds(city.districts.geometry.to_numpy())
    return Grid.over(tuple(bounds.tolist()), step, 1)


def _profile(city: City, frame: Grid) -> dict[str, object]:
    top = frame.y0 + frame.rows * frame.step
    return {
        "driver": "GTiff",
        "height": frame.rows,
        "width": frame.columns,
        "crs": city.crs,
        "transform": Affine(frame.step, 0, frame.x0, 0, -frame.step, top),
        "compress": "deflate",
        "tiled": True,
        "blockxsize": 256,
        "blockysize": 256,
    }


def _parcel_rows(city: City, frame: Grid) -> NDArray[np.int32]:
    """Write the row of the parcel under every pixel, -1 where none lies even in a corner of it."""
    shapes = [(shape, row) for row, shape in enumerate(city.parcels.polygons)]

    def draw(*, corners: bool) -> NDArray[np.int32]:
        drawn: NDArray[np.int32] = rasterize(
            shapes,
            out_shape=frame.shape,
            transform=frame.affine,
            fill=-1,
            dtype="int32",
            all_touched=corners,
        )
        return drawn

    # A picture reaches over the border: what it shows of a unit is all of the unit.
    middles = draw(corners=False)
    return np.where(middles < 0, draw(corners=True), middles)


def _sampled(city: City, frame: Grid) -> NDArray[np.float32]:
    east, north = np.meshgrid(*frame.centres())
    return city.terrain.grid.sample(city.terrain.height, east, north)


def _write_dem(city: City, path: Path) -> Path:
    frame = _frame(city, DEM_STEP_M)
    outlines = [(shape, 1) for shape in city.districts.geometry]
    inside = rasterize(outlines, out_shape=frame.shape, transform=frame.affine) > 0
    height = np.where(inside, np.round(_sampled(city, frame)), NO_HEIGHT).astype(np.int16)
    profile = _profile(city, frame)
    with rasterio.open(
        path, "w", count=1, dtype="int16", nodata=NO_HEIGHT, predictor=2, **profile
    ) as out:
        out.write(height[::-1], 1)
        out.set_band_description(1, "height, m; synthetic sample data")
        out.update_tags(TIFFTAG_IMAGEDESCRIPTION=f"{city.plan.mark}: synthetic height model")
    return path


def _hillshade(city: City, frame: Grid) -> NDArray[np.float32]:
    """Light the terrain, 0 to 1.2 or so."""
    slope_y, slope_x = np.gradient(_sampled(city, frame), frame.step)
    steep = 2.0  # heights are doubled: at this scale true slopes look flat
    light = -slope_x * steep * SUN[0] - slope_y * steep * SUN[1] + SUN[2]
    shade: NDArray[np.float32] = light / np.sqrt(1 + (slope_x**2 + slope_y**2) * steep**2)
    return np.asarray(np.clip(0.35 + shade, 0.35, 1.25), np.float32)


def _groups(city: City) -> NDArray[np.int64]:
    """Number the ground cover of every parcel, in the order of ``COLOURS``."""
    names = list(COLOURS)
    group = np.array([names.index(c.group) for c in city.plan.landuse.classes])
    numbers: NDArray[np.int64] = group[city.chosen]
    return numbers


def _earlier_groups(city: City, rng: np.random.Generator) -> NDArray[np.int64]:
    """Turn the picture back: some buildings not yet there, some since demolished still there."""
    names = list(COLOURS)
    group = _groups(city)
    built = np.flatnonzero(city.in_group("built"))
    fresh = built[rng.random(built.size) < city.plan.imagery.change]
    group[fresh] = names.index("cultivated")
    tilled = np.flatnonzero(city.in_group("cultivated"))
    gone = tilled[rng.permutation(tilled.size)[: fresh.size // 3]]
    group[gone] = names.index("built")
    return group


def _picture(
    group: NDArray[np.int64],
    inside: Flags,
    shade: NDArray[np.float32],
    grain: NDArray[np.float32],
) -> NDArray[np.uint8]:
    """Colour ``(3, rows, columns)``; black outside the city."""
    colours = np.array(list(COLOURS.values()), np.float32)[group]
    lit = colours * (shade * (1 + 0.05 * grain))[..., None]
    lit[~inside] = 0
    return np.moveaxis(np.clip(lit, 0, 255), -1, 0).astype(np.uint8)


def _write_picture(
    city: City, frame: Grid, picture: NDArray[np.uint8], year: int, folder: Path
) -> Path:
    path = folder / f"imagery-{year}.tif"
    profile = _profile(city, frame)
    with rasterio.open(
        path, "w", count=3, dtype="uint8", photometric="rgb", predictor=2, **profile
    ) as out:
        out.write(picture[:, ::-1])
        out.update_tags(
            TIFFTAG_IMAGEDESCRIPTION=f"{city.plan.mark}: synthetic imagery of {year}",
            TIFFTAG_DATETIME=f"{year}:07:01 00:00:00",
        )
        out.build_overviews([2, 4, 8], Resampling.average)
    return path
