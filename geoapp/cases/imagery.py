"""What two images show of a footprint: still standing, demolished, or not to be told.

Three measures are taken inside the footprint and in a ring around it: how much the pixels
changed, how much they stand out from the ring, and how sharp the outline is. They are set
beside the ring's, so that haze, season and another camera count for both. The bounds below
are a cautious first choice, not calibrated on real imagery: between them the answer is that
it cannot be told, and a person looks at the pictures.
"""

import math
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import rasterio
import shapely
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.features import rasterize
from rasterio.transform import Affine
from rasterio.vrt import WarpedVRT

from geoapp.errors import FileError
from geoapp.geometry.crs import GEOGRAPHIC, transform

Answer = Literal["demolished", "standing", "unclear"]
Why = Literal["too_coarse", "outside", "wrong_dates", "measures", "between"]
LEAST_PIXELS: Final = 30  # of the footprint in the coarser image
CHANGED: Final = 2.0  # times the ring's change
UNCHANGED: Final = 1.3
VISIBLE: Final = 1.5  # outline sharper than the ring's texture by this factor: it is seen
_GONE: Final = 0.6  # of the sharpness before
_MOST_PIXELS: Final = 1500  # a side
_GDAL: Final = {"CPL_VSIL_CURL_ALLOWED_FILENAME": "/none", "GDAL_PAM_ENABLED": "NO"}


@dataclass(frozen=True, slots=True)
class Image:
    """An image of the workspace.

    Attributes:
        bands: Counted from 1.
        taken_on: Day or first day of the span it may be from, ``None`` when not known.
    """

    name: str
    path: Path
    bands: tuple[int, ...]
    taken_on: date | None


@dataclass(frozen=True, slots=True)
class ImageComparison:
    """The answer with its measures.

    Attributes:
        why: What the answer rests on, or why there is none.
        pixels: Pixels of the footprint in the coarser image, fractions too.
        pixel_m: Side of such a pixel.
        change: Mean change inside, as a multiple of the ring's.
        contrast_before: How far the inside's mean lies from the ring's, in its deviations.
        edge_before: Sharpness of the outline, as a multiple of the ring's texture.
    """

    answer: Answer
    why: Why
    pixels: float
    pixel_m: float
    change: float | None = None
    contrast_before: float | None = None
    contrast_after: float | None = None
    edge_before: float | None = None
    edge_after: float | None = None


def compare_images(
    footprint: shapely.Geometry,
    before: Image,
    after: Image,
    gauss: str,
    *,
    torn_on: date | None = None,
) -> ImageComparison:
    """Compare two images at a footprint.

    Args:
        footprint: EPSG:4490.
        before: The earlier image.
        after: The later image.
        gauss: The city's Gauss plane, in whose pixels both are read.
        torn_on: Day of the demolition; images that do not lie on both sides of it prove
            nothing about it.

    Raises:
        FileError: An image cannot be read.
    """
    [ground] = transform(np.array([footprint], dtype=object), GEOGRAPHIC, gauss)
    pixel = max(_pixel_m(before, gauss), _pixel_m(after, gauss))
    pixels = float(shapely.area(ground)) / pixel**2
    if pixels < LEAST_PIXELS:
        return ImageComparison("unclear", "too_coarse", pixels, pixel)
    if _wrong_dates(before, after, torn_on):
        return ImageComparison("unclear", "wrong_dates", pixels, pixel)
    place, shape = _frame(ground, pixel)
    pictures = [_read(image, gauss, place, shape) for image in (before, after)]
    inside, ring, edge = _masks(ground, place, shape)
    if any(np.ma.getmaskarray(p)[:, inside | ring].any() for p in pictures):
        return ImageComparison("unclear", "outside", pixels, pixel)
    first, second = (np.asarray(p, dtype=np.float64) for p in pictures)
    return _judge(first, second, (inside, ring, edge), pixels, pixel)


def _judge(
    first: NDArray[np.float64],
    second: NDArray[np.float64],
    masks: tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]],
    pixels: float,
    pixel: float,
) -> ImageComparison:
    inside, ring, edge = masks
    moved = np.abs(second - first).mean(axis=0)
    change = float(moved[inside].mean() / (moved[ring].mean() + 1.0))
    contrasts = [_contrast(picture, inside, ring) for picture in (first, second)]
    edges = [_sharpness(picture, edge, ring) for picture in (first, second)]
    measures = {
        "change": round(change, 3),
        "contrast_before": round(contrasts[0], 3),
        "contrast_after": round(contrasts[1], 3),
        "edge_before": round(edges[0], 3),
        "edge_after": round(edges[1], 3),
    }
    seen_before = edges[0] >= VISIBLE
    if seen_before and change >= CHANGED and edges[1] <= edges[0] * _GONE:
        return ImageComparison("demolished", "measures", pixels, pixel, **measures)
    if seen_before and change <= UNCHANGED and edges[1] >= VISIBLE:
        return ImageComparison("standing", "measures", pixels, pixel, **measures)
    return ImageComparison("unclear", "between", pixels, pixel, **measures)


def _contrast(
    picture: NDArray[np.float64], inside: NDArray[np.bool_], ring: NDArray[np.bool_]
) -> float:
    apart = np.abs(picture[:, inside].mean(axis=1) - picture[:, ring].mean(axis=1))
    return float((apart / (picture[:, ring].std(axis=1) + 1.0)).mean())


def _sharpness(
    picture: NDArray[np.float64], edge: NDArray[np.bool_], ring: NDArray[np.bool_]
) -> float:
    down, across = np.gradient(picture.mean(axis=0))
    steep = np.hypot(down, across)
    return float(steep[edge].mean() / (steep[ring].mean() + 1.0))


def _wrong_dates(before: Image, after: Image, torn_on: date | None) -> bool:
    if before.taken_on is None or after.taken_on is None:
        return torn_on is not None
    if before.taken_on >= after.taken_on:
        return True
    return torn_on is not None and not before.taken_on < torn_on <= after.taken_on


def _frame(ground: shapely.Geometry, pixel: float) -> tuple[Affine, tuple[int, int]]:
    """Lay pixels over the footprint and as much around it as it is wide."""
    west, south, east, north = (float(value) for value in shapely.bounds(ground))
    around = max(east - west, north - south, 6 * pixel)
    columns = min(int((east - west + 2 * around) / pixel) + 1, _MOST_PIXELS)
    rows = min(int((north - south + 2 * around) / pixel) + 1, _MOST_PIXELS)
    return Affine(pixel, 0, west - around, 0, -pixel, north + around), (rows, columns)


def _masks(
    ground: shapely.Geometry, place: Affine, shape: tuple[int, int]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Give the pixels inside, those of the ring around, and those of the outline."""
    pixel = place.a

    def burn(shape_: shapely.Geometry) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = rasterize([(shape_, 1)], shape, transform=place) > 0
        return found

    inside = burn(ground)
    edge = burn(shapely.buffer(shapely.boundary(ground), pixel))
    near = burn(shapely.buffer(ground, 2.5 * pixel))
    return inside, ~near, edge


def _pixel_m(image: Image, gauss: str) -> float:
    """Give the side of the image's pixels, metres of the Gauss plane."""
    with _opened(image, gauss) as picture:
        return float(math.sqrt(abs(picture.transform.determinant)))


def _read(
    image: Image, gauss: str, place: Affine, shape: tuple[int, int]
) -> np.ma.MaskedArray[Any, Any]:
    with _opened(image, gauss, (place, shape)) as picture:
        found: np.ma.MaskedArray[Any, Any] = picture.read(list(image.bands), masked=True)
        return found


@contextmanager
def _opened(
    image: Image, gauss: str, frame: tuple[Affine, tuple[int, int]] | None = None
) -> Iterator[WarpedVRT]:
    """Open an image through pixels of the Gauss plane, by default as many as it has itself."""
    with ExitStack() as stack:
        stack.enter_context(rasterio.Env(**_GDAL))
        try:
            source = stack.enter_context(rasterio.open(image.path, driver="GTiff"))
            more: dict[str, Any] = {}
            if frame is not None:
                place, (rows, columns) = frame
                more = {"transform": place, "width": columns, "height": rows}
            if source.nodata is None:
                more["add_alpha"] = True
            resampling = Resampling.bilinear
            view = WarpedVRT(source, crs=gauss, resampling=resampling, **more)
            picture = stack.enter_context(view)
        except Exception as error:  # GDAL raises many kinds
            raise FileError("file-damaged", file=image.name, reason="image") from error
        yield picture
