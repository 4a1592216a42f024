"""What a raster file is: read off the file once, refused in words when it cannot be drawn."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import rasterio
from rasterio.enums import ColorInterp
from rasterio.warp import transform_bounds

from geoapp.errors import CrsError, FileError, GeoAppError
from geoapp.geometry.crs import GEOGRAPHIC, require_crs
from geoapp.i18n import Text, text
from geoapp.tiles.mercator import PLANE, TILE_PX, deepest_useful, pixel_m
from geoapp.tiles.raster_notes import RasterKind, RasterNote, find_date
from geoapp.values import Extent

# No network, nothing written beside the office's files, side files (.ovr) still found.
GDAL_OPTIONS: Final = {
    "CPL_VSIL_CURL_ALLOWED_FILENAME": "/none",
    "GDAL_DISABLE_READDIR_ON_OPEN": "TRUE",
    "GDAL_PAM_ENABLED": "NO",
    "GDAL_CACHEMAX": 256,
}
STYLES: Final[dict[RasterKind, tuple[str, ...]]] = {
    "dem": ("hillshade", "elevation", "slope"),
    "imagery": (),
}
_TIFF_BEGINS: Final = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_MOST_BLOCK_BYTES: Final = 256 * 2**20
_MOST_SOURCE_PX: Final = 2048**2  # read for one tile; more takes too long to wait for
_SMOOTH_ZOOMS: Final = 2  # relief stays smooth that much closer than the heights' own grid
_SLOPE_ZOOMS: Final = 2  # a slope belongs to its cell: it is never taken from averaged heights
_METRES: Final = frozenset({"", "m", "metre", "meter", "metres", "meters"})
_SAMPLE_MARK: Final = "sample data"


@dataclass(frozen=True, slots=True)
class Raster:
    """One file that can be drawn.

    Attributes:
        id: File name without extension.
        date: ``2021``, ``2021-07``, ``2021-07-01`` or ``""`` when it is not known.
        bounds: West, south, east, north, degrees CGCS2000.
        plane_bounds: The same rectangle in metres of the Web Mercator plane.
        pixel: Side of a pixel, metres of that plane.
        least_zoom: First zoom offered, by style; imagery has the style ``""``.
        most_zoom: Last zoom offered.
        bands: Bands that are drawn, counted from 1.
        overviews: Factors of the coarser copies within the file.
        version: Changes when the file or its note changes.
    """

    id: str
    path: Path
    kind: RasterKind
    title: Text
    date: str
    bounds: tuple[float, float, float, float]
    plane_bounds: tuple[float, float, float, float]
    pixel: float
    least_zoom: dict[str, int]
    most_zoom: int
    bands: tuple[int, ...]
    nodata: float | None
    overviews: tuple[int, ...]
    sample: bool
    version: str

    def overview_for(self, zoom: int) -> int | None:
        """Pick the coarsest copy that is still as fine as a zoom needs; ``None``: the file."""
        fitting = [n for n, f in enumerate(self.overviews) if f * self.pixel <= pixel_m(zoom)]
        return fitting[-1] if fitting else None


def describe(path: Path, note: RasterNote, version: str, extent: Extent) -> Raster:
    """Describe a file.

    Args:
        path: The file.
        note: What the office says about it.
        version: Taken over.
        extent: The city's rectangle, which the raster must touch.

    Raises:
        GeoAppError: It cannot be drawn, and why.
    """
    if not path.is_file():
        raise FileError("file-missing", file=path.name)
    try:
        _require_tiff(path)
        with rasterio.Env(**GDAL_OPTIONS), rasterio.open(path, driver="GTiff") as dataset:
            return _describe(dataset, path, note, version, extent)
    except GeoAppError:
        raise
    except Exception as error:  # GDAL raises many kinds; one file must not hide the others
        raise FileError("file-damaged", file=path.name, reason=_short(error, path)) from error


def _require_tiff(path: Path) -> None:
    with path.open("rb") as stream:
        if stream.read(4) not in _TIFF_BEGINS:  # a VRT in disguise could read any file
            raise FileError("file-not-what-it-says", file=path.name, kind="GeoTIFF")


def _describe(dataset: Any, path: Path, note: RasterNote, version: str, extent: Extent) -> Raster:
    _require_place(dataset, path)
    kind, bands = _kind(dataset, path, note)
    _require_readable(dataset, path, kind)
    bounds = transform_bounds(dataset.crs, GEOGRAPHIC, *dataset.bounds, densify_pts=21)
    if not _touches(bounds, extent):
        west, south, east, north = bounds
        raise CrsError(
            "raster-outside-city",
            file=path.name,
            longitude=round((west + east) / 2, 4),
            latitude=round((south + north) / 2, 4),
        )
    plane = transform_bounds(dataset.crs, PLANE, *dataset.bounds, densify_pts=21)
    pixel = math.sqrt(
        (plane[2] - plane[0]) * (plane[3] - plane[1]) / (dataset.width * dataset.height)
    )
    tags = dataset.tags()
    date = note.date or find_date(path.stem, tags.get("TIFFTAG_DATETIME", ""))
    overviews = tuple(dataset.overviews(1))
    native = deepest_useful(pixel)
    least = _least_zoom(dataset.width * dataset.height, pixel, overviews)
    zooms = dict.fromkeys(STYLES[kind] or ("",), least)
    if kind == "dem":
        zooms["slope"] = max(0, native - _SLOPE_ZOOMS)
    return Raster(
        id=path.stem,
        path=path,
        kind=kind,
        title=note.title or _title(kind, date, path.stem),
        date=date,
        bounds=bounds,
        plane_bounds=plane,
        pixel=pixel,
        least_zoom=zooms,
        most_zoom=native + (_SMOOTH_ZOOMS if kind == "dem" else 0),
        bands=bands,
        nodata=dataset.nodata if note.nodata is None else note.nodata,
        overviews=overviews,
        sample=_SAMPLE_MARK in tags.get("TIFFTAG_IMAGEDESCRIPTION", ""),
        version=version,
    )


def _require_place(dataset: Any, path: Path) -> None:
    if dataset.crs is None:
        raise CrsError("raster-without-crs", file=path.name)
    if dataset.transform.is_identity:
        raise CrsError("raster-without-place", file=path.name)
    try:
        require_crs(dataset.crs.to_wkt())
    except CrsError as error:
        label = error.facts.get("crs", "-")
        raise CrsError("raster-crs-refused", file=path.name, crs=label) from error


def _kind(dataset: Any, path: Path, note: RasterNote) -> tuple[RasterKind, tuple[int, ...]]:
    """Tell heights from imagery by the bands, unless a note says it."""
    meanings = dataset.colorinterp
    shown = [n for n in dataset.indexes if meanings[n - 1] != ColorInterp.alpha]
    kinds = {dataset.dtypes[n - 1] for n in shown}
    eight_bit = kinds == {"uint8"}
    palette = ColorInterp.palette in meanings
    real = not any(kind.startswith("complex") for kind in kinds)
    if note.kind == "dem" or (not note.kind and len(shown) == 1 and not eight_bit):
        if len(shown) == 1 and real and not palette:
            return "dem", (shown[0],)
    elif eight_bit and not palette and (len(shown) == 1 or len(shown) >= 3):
        colours = (ColorInterp.red, ColorInterp.green, ColorInterp.blue)
        if len(shown) >= 3 and all(colour in meanings for colour in colours):
            return "imagery", tuple(meanings.index(colour) + 1 for colour in colours)
        return "imagery", tuple(shown[:3])
    raise FileError(
        "raster-kind-unclear",
        file=path.name,
        bands=len(shown),
        values=", ".join(sorted(kinds)) + (", palette" if palette else ""),
    )


def _require_readable(dataset: Any, path: Path, kind: RasterKind) -> None:
    rows, columns = dataset.block_shapes[0]
    bytes_each = max(int(dataset.dtypes[0].lstrip("uintfloacmpex")) // 8, 1)
    if rows * columns * bytes_each * dataset.count > _MOST_BLOCK_BYTES:
        raise FileError("raster-block-too-large", file=path.name, rows=rows, columns=columns)
    if kind == "dem":
        if dataset.transform.b or dataset.transform.d:
            raise FileError("raster-rotated", file=path.name)
        unit = dataset.units[0] or ""
        if unit.lower() not in _METRES:
            raise FileError("raster-height-unit", file=path.name, unit=unit[:20])


def _least_zoom(pixels: int, pixel: float, overviews: tuple[int, ...]) -> int:
    """Find the first zoom at which one tile never needs too many pixels of the file."""
    for zoom in range(deepest_useful(pixel)):
        factor = max((f for f in overviews if f * pixel <= pixel_m(zoom)), default=1)
        side = TILE_PX * pixel_m(zoom) / (pixel * factor)
        if min(side**2, pixels / factor**2) <= _MOST_SOURCE_PX:
            return zoom
    return deepest_useful(pixel)


def _touches(bounds: tuple[float, ...], extent: Extent) -> bool:
    west, south, east, north = bounds
    return (
        all(map(math.isfinite, bounds))
        and west <= extent.east
        and east >= extent.west
        and south <= extent.north
        and north >= extent.south
    )


def _title(kind: RasterKind, date: str, stem: str) -> Text:
    suffix = f" {date}" if date else ("" if stem.lower() == kind else f" {stem}")
    return Text(zh=text("zh", f"raster.{kind}") + suffix, en=text("en", f"raster.{kind}") + suffix)


def _short(error: Exception, path: Path) -> str:
    """Say a reason without the folder of somebody's machine."""
    return str(error).replace(str(path), path.name).splitlines()[0][:120] if str(error) else "-"
