"""Reference systems: what is accepted, how it becomes CGCS2000 longitude and latitude.

Coordinates are always x before y, east before north, longitude before latitude, whatever
the axis order of the EPSG register says.

Source: EPSG register through PROJ; zones by GB/T 17798-2007 (3-degree zones 25 to 45).
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from pyproj.exceptions import CRSError as ProjError

from geoapp.errors import CrsError
from geoapp.geometry import shifted
from geoapp.geometry.workers import in_threads, portions
from geoapp.values import Extent

Geometries = NDArray[np.object_]
Coordinates = NDArray[np.float64]

GEOGRAPHIC: Final = "EPSG:4490"
ZONES: Final = range(25, 46)
_PREFIXED: Final = 4488  # + zone: false easting zone * 1 000 000 + 500 000
_PLAIN: Final = 4509  # + zone: false easting 500 000
_SIX_DEGREE_PREFIXED: Final = 4478  # + 6-degree zone 13..23
_SIX_DEGREE_PLAIN: Final = 4489
_PORTION: Final = 20_000

# Frames whose coordinates agree with CGCS2000 to within decimetres: a null shift is right.
_EQUAL_DATUMS: Final = frozenset(
    {"China 2000", "World Geodetic System 1984", "World Geodetic System 1984 ensemble"}
)
_OLD_DATUMS: Final = {
    "Xian 1980": "xian80",
    "Beijing 1954": "beijing54",
    "New Beijing": "beijing54",
}
_OLD_ELLIPSOIDS: Final = {"xian80": "+a=6378140 +rf=298.257", "beijing54": "+ellps=krass"}


@dataclass(frozen=True, slots=True)
class DatumShift:
    """Seven parameters from an old datum to CGCS2000, position-vector rotation.

    They are classified in China: supplied locally, kept out of every repository.

    Attributes:
        datum: ``xian80`` or ``beijing54``.
        dx_m: Shift along X; ``dy_m`` and ``dz_m`` likewise.
        rx_arcsec: Rotation about X, arc-seconds; ``ry`` and ``rz`` likewise.
        scale_ppm: Scale difference, parts per million.
    """

    datum: Literal["xian80", "beijing54"]
    dx_m: float
    dy_m: float
    dz_m: float
    rx_arcsec: float
    ry_arcsec: float
    rz_arcsec: float
    scale_ppm: float


def gauss_crs(zone: int, *, prefixed: bool = False) -> str:
    """Name the CGCS2000 3-degree Gauss plane of a zone.

    >>> gauss_crs(37), gauss_crs(37, prefixed=True)
    ('EPSG:4546', 'EPSG:4525')
    """
    if zone not in ZONES:
        raise CrsError("crs-zone-unknown", zone=zone)
    return f"EPSG:{(_PREFIXED if prefixed else _PLAIN) + zone}"


def gauss_zone(crs: str) -> int | None:
    """Give the zone of an unprefixed CGCS2000 3-degree plane, ``None`` for anything else.

    >>> gauss_zone("EPSG:4546"), gauss_zone("EPSG:4525")
    (37, None)
    """
    matched = re.fullmatch(r"EPSG:(\d+)", crs)
    zone = int(matched[1]) - _PLAIN if matched else 0
    return zone if zone in ZONES else None


def central_meridian(zone: int) -> int:
    """Give the central meridian of a 3-degree zone, degrees east."""
    return 3 * zone


def require_crs(name: str, shift: DatumShift | None = None) -> str:
    """Check that data in this system can become CGCS2000, and name it in one form.

    Args:
        name: ``EPSG:4546``, ``4546``, WKT, or ``GCJ-02`` / ``BD-09``.
        shift: Local parameters, needed for Xi'an 80 and Beijing 54.

    Returns:
        ``EPSG:n`` where the register knows the system, else the WKT or the given name.

    Raises:
        CrsError: Unknown, not horizontal, or on a datum whose relation is not known: PROJ
            would quietly use a zero shift there, some 100 m off.
    """
    cleaned = name.strip()
    web_map = shifted.find_system(cleaned)
    if web_map:
        return web_map
    parsed = _parse(cleaned)
    old = _old_datum(parsed)
    if old and (shift is None or shift.datum != old):
        raise CrsError("crs-datum-refused", crs=_label(parsed), datum=old)
    if not old and _datum_name(parsed) not in _EQUAL_DATUMS:
        raise CrsError("crs-datum-unknown", crs=_label(parsed), datum=_datum_name(parsed))
    authority = parsed.to_authority(min_confidence=70)
    return f"{authority[0]}:{authority[1]}" if authority else parsed.to_wkt()


def to_geographic(
    geometries: Geometries, crs: str, *, shift: DatumShift | None = None
) -> Geometries:
    """Bring geometries to CGCS2000 longitude and latitude.

    Args:
        geometries: ``(n,)`` shapely geometries; Z is kept out of the result.
        crs: System of the coordinates, x (east) before y (north).
        shift: Local parameters for Xi'an 80 and Beijing 54.

    Returns:
        ``(n,)`` geometries in EPSG:4490 degrees; equal input points stay equal.

    Raises:
        CrsError: See ``require_crs``; or the coordinates do not fit the system (a zone prefix
            too many or too few gives infinite values, never an error, in PROJ).
    """
    name = require_crs(crs, shift)

    def move(rows: slice) -> Geometries:
        flat = shapely.force_2d(geometries[rows])
        if name == GEOGRAPHIC:
            return flat
        if shifted.find_system(name):
            return shapely.transform(flat, lambda xy: shifted.to_cgcs2000(xy, name))
        return transform(flat, _source_crs(name, shift), GEOGRAPHIC)

    moved = np.empty(len(geometries), dtype=object)
    parts = portions(len(geometries), _PORTION)
    for rows, part in zip(parts, in_threads(move, parts), strict=True):
        moved[rows] = part
    return moved


def transform(geometries: Geometries, source: str, target: str) -> Geometries:
    """Transform between two systems of one datum; Z is dropped.

    Raises:
        CrsError: A coordinate is outside the area of use of a system.
    """
    return shapely.transform(geometries, lambda xy: transform_points(xy, source, target))


def transform_points(points: Coordinates, source: str, target: str) -> Coordinates:
    """Transform ``(n, 2)`` positions between two systems of one datum.

    Raises:
        CrsError: A coordinate is outside the area of use of a system.
    """
    moved = np.column_stack(_transformer(source, target).transform(points[:, 0], points[:, 1]))
    fits = np.isfinite(moved).all(axis=1)
    if not fits.all():
        east, north = points[int(np.flatnonzero(~fits)[0])]
        raise CrsError("crs-does-not-fit", crs=source, x=float(east), y=float(north))
    return moved


def require_inside(geometries: Geometries, crs: str, extent: Extent, zone: int) -> None:
    """Stop unless at least one geometry touches the city's rectangle.

    Args:
        geometries: Geographic geometries, EPSG:4490, as they came out of ``crs``.
        crs: The system that was assumed; named in the error.
        extent: The city's rectangle.
        zone: The city's 3-degree zone.

    Raises:
        CrsError: Everything lies elsewhere. The error says where, and which system would
            put the data into the city, if one does.
    """
    bounds = shapely.bounds(geometries)
    hit = (
        (bounds[:, 0] <= extent.east)
        & (bounds[:, 2] >= extent.west)
        & (bounds[:, 1] <= extent.north)
        & (bounds[:, 3] >= extent.south)
    )
    if hit.any() or len(bounds) == 0:
        return
    longitude, latitude = np.nanmean(bounds[:, [0, 2]]), np.nanmean(bounds[:, [1, 3]])
    swapped = extent.contains(float(latitude), float(longitude))
    raise CrsError(
        "crs-swapped" if swapped else "crs-outside-city",
        crs=crs,
        longitude=round(float(longitude), 4),
        latitude=round(float(latitude), 4),
        zone=zone,
    )


def suggest_crs(x: float, y: float, zone: int) -> tuple[str, bool] | None:
    """Read a system off the size of the numbers; the datum can not be read off.

    Args:
        x: First number of a position as it stands in the file.
        y: Second number.
        zone: The city's 3-degree zone.

    Returns:
        The CGCS2000 system that the numbers look like, and whether x and y are swapped;
        ``None`` when they look like nothing known.

    >>> suggest_crs(449394.9, 3223789.9, 37), suggest_crs(3223789.9, 37449394.9, 37)
    (('EPSG:4546', False), ('EPSG:4525', True))
    """
    for east, north, swapped in ((x, y, False), (y, x, True)):
        if 70 <= east <= 140 and 0 <= north <= 56:
            return GEOGRAPHIC, swapped
        if not 0 < north < 6_300_000:
            continue
        if 100_000 <= east < 900_000 and north > 1_000_000:
            return gauss_crs(zone), swapped
        prefix = int(east // 1_000_000)
        if prefix in ZONES:
            return gauss_crs(prefix, prefixed=True), swapped
        if 13 <= prefix <= 23:
            return f"EPSG:{_SIX_DEGREE_PREFIXED + prefix}", swapped
    return None


def _parse(name: str) -> pyproj.CRS:
    try:
        parsed = pyproj.CRS.from_user_input(int(name) if name.isdigit() else name)
    except (ProjError, ValueError, TypeError) as error:
        raise CrsError("crs-unknown", crs=name[:80]) from error
    horizontal = parsed.sub_crs_list[0] if parsed.is_compound else parsed
    if not (horizontal.is_geographic or horizontal.is_projected):
        raise CrsError("crs-unknown", crs=name[:80])
    return horizontal


def _label(parsed: pyproj.CRS) -> str:
    authority = parsed.to_authority(min_confidence=70)
    return f"{authority[0]}:{authority[1]}" if authority else str(parsed.name)


def _datum_name(parsed: pyproj.CRS) -> str:
    datum = parsed.geodetic_crs.datum if parsed.geodetic_crs else None
    name = str(datum.name) if datum else ""
    # ESRI .prj files write the frame in their own words.
    aliases = {
        "D_China_2000": "China 2000",
        "China_2000": "China 2000",
        "CGCS2000": "China 2000",
        "D_CGCS_2000": "China 2000",
        "WGS_1984": "World Geodetic System 1984",
        "D_WGS_1984": "World Geodetic System 1984",
        "D_Xian_1980": "Xian 1980",
        "Xian_1980": "Xian 1980",
        "D_Beijing_1954": "Beijing 1954",
    }
    return aliases.get(name, name)


def _old_datum(parsed: pyproj.CRS) -> str | None:
    name = _datum_name(parsed)
    return next((key for old, key in _OLD_DATUMS.items() if old.lower() == name.lower()), None)


def _source_crs(name: str, shift: DatumShift | None) -> str:
    """Give PROJ the local parameters of an old datum; other systems stay as they are."""
    parsed = _parse(name)
    old = _old_datum(parsed)
    if old is None or shift is None:
        return name
    plane = "+proj=longlat"
    if parsed.is_projected and parsed.coordinate_operation is not None:
        facts = {p.name: p.value for p in parsed.coordinate_operation.params}
        plane = (
            f"+proj=tmerc +lat_0=0 +lon_0={facts['Longitude of natural origin']} +k=1 "
            f"+x_0={facts['False easting']} +y_0=0 +units=m"
        )
    values = (
        shift.dx_m,
        shift.dy_m,
        shift.dz_m,
        shift.rx_arcsec,
        shift.ry_arcsec,
        shift.rz_arcsec,
        shift.scale_ppm,
    )
    towgs84 = ",".join(repr(value) for value in values)
    return f"{plane} {_OLD_ELLIPSOIDS[old]} +towgs84={towgs84} +type=crs"


@lru_cache(maxsize=64)
def _transformer(source: str, target: str) -> pyproj.Transformer:
    if "+towgs84" in source and target == GEOGRAPHIC:
        # PROJ's null step WGS 84 -> CGCS2000 would lose the parameters; the frames agree.
        target = "+proj=longlat +datum=WGS84 +type=crs"
    return pyproj.Transformer.from_crs(source, target, always_xy=True)
