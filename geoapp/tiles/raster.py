"""Height models and imagery of a workspace as tiles.

For every file and zoom there is one virtual grid of pixels over the whole file, and a tile
is a cut-out of it. So a pixel has one value whichever tile it is asked through, and relief
runs over the borders of tiles without a seam.
"""

import hashlib
import math
from copy import copy
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import rasterio
from numpy.typing import NDArray
from pyproj import Geod
from rasterio.enums import ColorInterp, Resampling
from rasterio.transform import Affine
from rasterio.vrt import WarpedVRT
from rasterio.warp import reproject, transform_bounds
from rasterio.warp import transform as transform_positions
from rasterio.windows import Window, from_bounds

from geoapp.access.policy import Principal, decide, require
from geoapp.errors import ChoiceError, FileError, GeoAppError, NotFoundError
from geoapp.geometry.crs import GEOGRAPHIC
from geoapp.tiles.colours import (
    Format,
    Pixels,
    height_picture,
    relief_picture,
    slope_picture,
    write_picture,
)
from geoapp.tiles.hillshade import gradients, relief, slope_classes, slope_degrees
from geoapp.tiles.mercator import HALF_M, PLANE, TILE_PX, TileAddress, ground_steps, pixel_m
from geoapp.tiles.raster_files import GDAL_OPTIONS, STYLES, Raster, describe
from geoapp.tiles.raster_notes import NOTES_FILE, RasterNote, read_notes
from geoapp.tiles.recent import Handles, Pictures
from geoapp.values import Extent

FOLDER: Final = "rasters"
_DRAWING: Final = 1  # changes when the same file is drawn differently
_EDGE: Final = 1  # pixels beside a tile that its gradients look at
_MOST_BYTES: Final = 64 * 2**20
_MOST_OPEN: Final = 24
_SAMPLED_ROWS: Final = 65
_ELLIPSOID: Final = Geod(ellps="GRS80")
_MISSING: Final = -1e30


@dataclass(frozen=True, slots=True)
class RasterCatalogue:
    """What is there: rasters by id, and files that cannot be drawn with the reason."""

    rasters: dict[str, Raster]
    unusable: tuple[tuple[str, GeoAppError], ...]


class Grid:
    """A raster seen through the pixels of one zoom; belongs to one thread at a time."""

    def __init__(self, raster: Raster, zoom: int) -> None:
        level = raster.overview_for(zoom)
        more = {} if level is None else {"overview_level": level}
        self._source = rasterio.open(raster.path, driver="GTiff", **more)
        side = pixel_m(zoom)
        west, south, east, north = raster.plane_bounds
        self._left = math.floor((west + HALF_M) / side / TILE_PX) * TILE_PX - _EDGE
        self._top = math.floor((HALF_M - north) / side / TILE_PX) * TILE_PX - _EDGE
        right = math.ceil((east + HALF_M) / side / TILE_PX) * TILE_PX + _EDGE
        bottom = math.ceil((HALF_M - south) / side / TILE_PX) * TILE_PX + _EDGE
        place = Affine(side, 0, self._left * side - HALF_M, 0, -side, HALF_M - self._top * side)
        closer = side < raster.pixel
        self._grid = WarpedVRT(
            self._source,
            crs=PLANE,
            transform=place,
            width=right - self._left,
            height=bottom - self._top,
            resampling=_resampling(raster, closer=closer),
            **_transparency(raster, self._source),
        )
        self._bands = raster.bands
        self._scale, self._offset = self._source.scales[0], self._source.offsets[0]

    def close(self) -> None:
        """Close the file."""
        self._grid.close()
        self._source.close()

    def cut(self, address: TileAddress, edge: int) -> np.ma.MaskedArray:
        """Cut a tile with some pixels around it, ``(bands, rows, columns)``."""
        window = Window(
            address.x * TILE_PX - edge - self._left,
            address.y * TILE_PX - edge - self._top,
            TILE_PX + 2 * edge,
            TILE_PX + 2 * edge,
        )
        found: np.ma.MaskedArray = self._grid.read(self._bands, window=window, masked=True)
        return found

    def heights(self, address: TileAddress, edge: int) -> NDArray[np.float64]:
        """Cut heights, metres, not a number where there are none."""
        band = self.cut(address, edge)[0].astype(np.float64)
        return np.ma.filled(band * self._scale + self._offset, np.nan)


class Cells:
    """A height model in its own grid, for slopes; belongs to one thread at a time."""

    def __init__(self, raster: Raster) -> None:
        self._source = rasterio.open(raster.path, driver="GTiff")
        self._band, self._nodata = raster.bands[0], raster.nodata
        self._steps = cell_steps(self._source)

    def close(self) -> None:
        """Close the file."""
        self._source.close()

    def grades(self, address: TileAddress) -> NDArray[np.uint8]:
        """Give the slope grade under every pixel of a tile, 0 where it is not known."""
        source, side = self._source, pixel_m(address.z)
        west = address.x * TILE_PX * side - HALF_M
        north = HALF_M - address.y * TILE_PX * side
        box = (west, north - TILE_PX * side, west + TILE_PX * side, north)
        around = from_bounds(
            *transform_bounds(PLANE, source.crs, *box, densify_pts=21), source.transform
        )
        left, top = math.floor(around.col_off) - 2, math.floor(around.row_off) - 2
        right = math.ceil(around.col_off + around.width) + 2
        bottom = math.ceil(around.row_off + around.height) + 2
        left, top = max(left, 0), max(top, 0)
        right, bottom = min(right, source.width), min(bottom, source.height)
        grades = np.zeros((TILE_PX, TILE_PX), np.uint8)
        if right - left < 3 or bottom - top < 3:
            return grades
        window = Window(left, top, right - left, bottom - top)
        band = source.read(self._band, window=window, masked=True)
        if self._nodata is not None:
            band = np.ma.masked_where(band.data == self._nodata, band)
        scaled = band.astype(np.float64) * source.scales[0] + source.offsets[0]
        inner = slice(top + 1, bottom - 1)
        steps = (self._steps[0][inner, None], self._steps[1][inner, None])
        rises = gradients(np.ma.filled(scaled, np.nan), *steps)
        reproject(
            slope_classes(slope_degrees(*rises)),
            grades,
            src_transform=source.transform @ Affine.translation(left + 1, top + 1),
            src_crs=source.crs,
            dst_transform=Affine(side, 0, west, 0, -side, north),
            dst_crs=PLANE,
            resampling=Resampling.nearest,
        )
        return grades


class Rasters:
    """The rasters of a workspace, for one acting principal."""

    def __init__(self, folder: Path, extent: Extent, principal: Principal) -> None:
        self._folder = folder
        self._extent = extent
        self._principal = principal
        self._described: dict[tuple[str, str], Raster | GeoAppError] = {}
        self._pictures = Pictures(_MOST_BYTES)
        self._handles: Handles[Grid | Cells] = Handles(_MOST_OPEN)

    def acting_as(self, principal: Principal) -> "Rasters":
        """Give the same rasters for another principal; what is kept open is shared."""
        other = copy(self)
        other._principal = principal  # noqa: SLF001  its own kind
        return other

    def close(self) -> None:
        """Close the files that are kept open."""
        self._handles.close()

    def catalogue(self) -> RasterCatalogue:
        """List what the principal may see: nothing for the public. Never raises for a file."""
        if not decide(self._principal, "view_rasters").allowed:
            return RasterCatalogue({}, ())
        unusable: list[tuple[str, GeoAppError]] = []
        notes: dict[str, RasterNote] = {}
        try:
            notes = read_notes(self._folder)
        except GeoAppError as error:
            unusable.append((NOTES_FILE, error))
        rasters: dict[str, Raster] = {}
        paths = self._paths()
        absent = sorted(set(notes) - {path.name for path in paths})
        unusable += [(name, FileError("file-missing", file=name)) for name in absent]
        for path in paths:
            found = self._describe(path, notes.get(path.name, RasterNote(file=path.name)))
            if isinstance(found, Raster) and found.id in rasters:
                found = FileError("raster-id-twice", file=path.name, id=found.id)
            if isinstance(found, Raster):
                rasters[found.id] = found
            else:
                unusable.append((path.name, found))
        return RasterCatalogue(rasters, tuple(unusable))

    def raster(self, name: str) -> Raster:
        """Find a raster.

        Raises:
            AccessError: The principal may not see rasters.
            NotFoundError: There is none of this name.
            FileError: There is a file, but it cannot be drawn.
        """
        require(self._principal, "view_rasters")
        catalogue = self.catalogue()
        if name in catalogue.rasters:
            return catalogue.rasters[name]
        for file, error in catalogue.unusable:
            if Path(file).stem == name:
                raise error
        raise NotFoundError(
            "raster-unknown", raster=name[:40], offered=", ".join(catalogue.rasters) or "-"
        )

    def tile(self, raster: Raster, address: TileAddress, style: str, kind: Format) -> bytes | None:
        """Draw a tile, 256 pixels a side; ``None`` wholly outside the raster.

        Raises:
            ChoiceError: The style or zoom is not offered.
            FileError: The file cannot be read.
        """
        style = require_style(raster, style)
        least, most = raster.least_zoom[style], raster.most_zoom
        if not least <= address.z <= most:
            raise ChoiceError(
                "raster-zoom-not-offered",
                raster=raster.id,
                zoom=address.z,
                least=least,
                most=most,
            )
        if not _meets(raster, address):
            return None
        key = (raster.id, raster.version, style, kind, address)
        return self._pictures.get(key, partial(self._draw, raster, address, style, kind))

    def _draw(self, raster: Raster, address: TileAddress, style: str, kind: Format) -> bytes:
        try:
            with rasterio.Env(**GDAL_OPTIONS):
                return write_picture(self._pixels(raster, address, style), kind)
        except Exception as error:  # GDAL raises many kinds
            raise FileError("file-damaged", file=raster.path.name, reason="tile") from error

    def _pixels(self, raster: Raster, address: TileAddress, style: str) -> Pixels:
        key = (raster.id, raster.version, "slope" if style == "slope" else address.z)
        make = partial(Cells, raster) if style == "slope" else partial(Grid, raster, address.z)
        with self._handles.lend(key, make) as handle:
            if isinstance(handle, Cells):
                return slope_picture(handle.grades(address))
            if style == "hillshade":
                heights = handle.heights(address, _EDGE)
                steps = ground_steps(address.z, address.y * TILE_PX, TILE_PX)
                return relief_picture(relief(*gradients(heights, *steps)))
            if style == "elevation":
                return height_picture(handle.heights(address, 0))
            return _natural(handle.cut(address, 0))

    def _paths(self) -> list[Path]:
        try:
            found = sorted(self._folder.iterdir())
        except OSError:  # a workspace without rasters
            return []
        return [
            path
            for path in found
            if path.suffix.lower() in {".tif", ".tiff"} and not path.name.startswith(".")
        ]

    def _describe(self, path: Path, note: RasterNote) -> Raster | GeoAppError:
        try:
            stat = path.stat()
        except OSError:
            return FileError("file-missing", file=path.name)
        facts = f"{_DRAWING} {path.name} {stat.st_mtime_ns} {stat.st_size} {stat.st_ino} {note!r}"
        version = hashlib.sha256(facts.encode()).hexdigest()[:12]
        key = (path.name, version)
        if key not in self._described:
            for old in [kept for kept in self._described if kept[0] == path.name]:
                self._described.pop(old, None)
            try:
                self._described[key] = describe(path, note, version, self._extent)
            except GeoAppError as error:
                self._described[key] = error.with_traceback(None)
        return self._described[key]


def require_style(raster: Raster, style: str) -> str:
    """Check a style; the first one when none is named.

    Raises:
        ChoiceError: It is not offered for this kind of raster.
    """
    offered = STYLES[raster.kind]
    if not style:
        return offered[0] if offered else ""
    if style not in offered:
        raise ChoiceError(
            "choice-unknown", option="style", value=style[:40], offered=", ".join(offered) or "-"
        )
    return style


def _meets(raster: Raster, address: TileAddress) -> bool:
    side = TILE_PX * pixel_m(address.z)
    west, north = address.x * side - HALF_M, HALF_M - address.y * side
    left, bottom, right, top = raster.plane_bounds
    return west < right and west + side > left and north > bottom and north - side < top


def _resampling(raster: Raster, *, closer: bool) -> Resampling:
    if not closer:
        return Resampling.average
    return Resampling.cubic_spline if raster.kind == "dem" else Resampling.bilinear


def _transparency(raster: Raster, source: Any) -> dict[str, object]:
    """Say to the warper how pixels without data are told, and how they come out."""
    if raster.kind == "dem":
        absent = _MISSING if raster.nodata is None else raster.nodata
        return {"src_nodata": absent, "nodata": _MISSING, "dtype": "float32"}
    options: dict[str, object] = {"nodata": None, "src_nodata": raster.nodata}
    if raster.nodata is not None:
        options["UNIFIED_SRC_NODATA"] = "YES"  # black in one band alone is a colour
    return options | {"add_alpha": ColorInterp.alpha not in source.colorinterp}


def _natural(bands: np.ma.MaskedArray) -> Pixels:
    clear = np.ma.getmaskarray(bands).all(axis=0)
    colours = np.where(clear, 0, np.ma.getdata(bands))
    return np.concatenate([colours, np.where(clear, 0, 255)[None]]).astype(np.uint8)


def cell_steps(source: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Measure the cells of every row on the ellipsoid, metres east and south."""
    rows = np.linspace(0, source.height, _SAMPLED_ROWS)
    column = source.width / 2
    corners = [
        (column - 0.5, rows),
        (column + 0.5, rows),
        (column, rows - 0.5),
        (column, rows + 0.5),
    ]
    places = []
    for across, down in corners:
        x, y = source.transform @ (np.broadcast_to(across, rows.shape), np.asarray(down))
        places.append(transform_positions(source.crs, GEOGRAPHIC, x, y))
    east = _ELLIPSOID.inv(*places[0], *places[1])[2]
    south = _ELLIPSOID.inv(*places[2], *places[3])[2]
    centres = np.arange(source.height) + 0.5
    return np.interp(centres, rows, east), np.interp(centres, rows, south)
