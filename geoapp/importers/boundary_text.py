"""Reading boundary-point TXT, the form in which land offices hand over parcels.

Two sections: ``[属性描述]`` with ``key=value`` lines, ``[地块坐标]`` with, per parcel, one row
that ends in ``@`` and the rows ``point,ring,X north,Y east``. Ring 1 is the outer one.

Source: the exchange format of 勘测定界界址点坐标; sample files in ``tests/data``.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from geoapp.errors import FileError
from geoapp.geometry.crs import ZONES, gauss_crs
from geoapp.importers.encoding import decode_text
from geoapp.importers.reading import AUTO, Reading

_CGCS2000: Final = "2000"
_OLD_DATUMS: Final = {"80": (2324, 2345), "54": (2376, 2397)}  # + zone: prefixed, unprefixed
_FEWEST_POINTS: Final = 3
_CLOSED_M: Final = 1e-4
_FULL_WIDTH: Final = str.maketrans("０１２３４５６７８９，．＝＠", "0123456789,.=@")


@dataclass(slots=True)
class _Parcel:
    line: int
    points_stated: str
    area_ha: str
    number: str
    name: str
    use: str
    land_class: str
    rings: dict[int, list[tuple[float, float]]] = field(default_factory=dict)


def read_boundary_text(path: Path, *, crs: str = AUTO, encoding: str = AUTO) -> Reading:
    """Read the parcels of a boundary-point TXT.

    Args:
        path: The file.
        crs: Stated system, or ``auto``: datum and zone from the header, zone prefix from the
            size of the eastings.
        encoding: Stated codec, or ``auto``.

    Returns:
        One row per parcel: parcel_no, parcel_name, use, land_class, declared_m2.

    Raises:
        FileError: A line cannot be understood; named with its number.
    """
    if encoding == AUTO:
        text, codec = decode_text(path.read_bytes(), path.name)
    else:
        try:
            text, codec = path.read_bytes().decode(encoding), encoding
        except (UnicodeDecodeError, LookupError) as error:
            raise FileError("encoding-unknown", file=path.name, tried=encoding) from error
    header, parcels = _parse(text, path.name)
    polygons = [_polygon(parcel, path.name) for parcel in parcels]
    frame = gpd.GeoDataFrame(
        {
            "parcel_no": [parcel.number for parcel in parcels],
            "parcel_name": [parcel.name for parcel in parcels],
            "use": [parcel.use for parcel in parcels],
            "land_class": [parcel.land_class for parcel in parcels],
            "declared_m2": [_declared_m2(parcel, path.name) for parcel in parcels],
        },
        geometry=polygons,
    )
    stated = _crs_of(header, frame) if crs == AUTO else crs
    return Reading(path, frame, stated, codec)


def _parse(text: str, file: str) -> tuple[dict[str, str], list[_Parcel]]:
    header: dict[str, str] = {}
    parcels: list[_Parcel] = []
    section = ""
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.translate(_FULL_WIDTH).strip()
        if not line:
            continue
        if line.startswith("["):
            section = line.strip("[]")
        elif section == "属性描述" and "=" in line:
            key, _, value = line.partition("=")
            header[key.strip()] = value.strip()
        elif section == "地块坐标":
            _read_row(line, number, parcels, file)
    if not parcels:
        raise FileError("text-without-parcels", file=file)
    return header, parcels


def _read_row(line: str, number: int, parcels: list[_Parcel], file: str) -> None:
    cells = [cell.strip() for cell in line.split(",")]
    if cells[-1] == "@" or line.endswith("@"):
        cells = [*cells, *[""] * 8][:9]
        parcels.append(
            _Parcel(number, cells[0], cells[1], cells[2], cells[3], cells[6], cells[7].strip("@"))
        )
        return
    if not parcels:
        raise FileError("text-line-wrong", file=file, line=number, content=line[:60])
    try:
        ring, north, east = int(cells[1]), float(cells[2]), float(cells[3])
    except (ValueError, IndexError) as error:
        raise FileError("text-line-wrong", file=file, line=number, content=line[:60]) from error
    if not np.isfinite([north, east]).all():
        raise FileError("text-line-wrong", file=file, line=number, content=line[:60])
    parcels[-1].rings.setdefault(ring, []).append((east, north))


def _polygon(parcel: _Parcel, file: str) -> shapely.Geometry:
    """Build the parcel: a ring inside an earlier one is a hole, any other a part of its own."""
    if not parcel.rings:
        raise FileError("text-parcel-empty", file=file, line=parcel.line, parcel=parcel.number)
    shells: list[shapely.Polygon] = []
    holes: list[list[shapely.Polygon]] = []
    for ring, points in sorted(parcel.rings.items()):
        closed = np.hypot(*np.subtract(points[0], points[-1])) <= _CLOSED_M
        corners = points[:-1] if closed and len(points) > 1 else points
        if len(corners) < _FEWEST_POINTS:
            raise FileError(
                "text-ring-too-short",
                file=file,
                line=parcel.line,
                parcel=parcel.number,
                ring=ring,
            )
        polygon = shapely.Polygon(corners)
        around = next((i for i, shell in enumerate(shells) if shell.contains(polygon)), None)
        if around is None:
            shells.append(polygon)
            holes.append([])
        else:
            holes[around].append(polygon)
    parts = [
        shapely.Polygon(shell.exterior, [hole.exterior for hole in inside])
        for shell, inside in zip(shells, holes, strict=True)
    ]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _declared_m2(parcel: _Parcel, file: str) -> float | None:
    number = re.fullmatch(r"([0-9.]*)(公顷)?", parcel.area_ha)
    if not parcel.area_ha:
        return None
    try:
        return float(number[1]) * 10_000 if number else float(parcel.area_ha)
    except ValueError as error:
        raise FileError(
            "text-line-wrong", file=file, line=parcel.line, content=parcel.area_ha
        ) from error


def _crs_of(header: dict[str, str], frame: gpd.GeoDataFrame) -> str:
    """Name the system that header and eastings agree on; ``""`` when they do not tell."""
    east = float(shapely.get_coordinates(np.asarray(frame.geometry))[0, 0])
    prefix = int(east // 1_000_000)
    stated = header.get("带号", "")
    zone = prefix if prefix in ZONES else int(stated) if stated.isdigit() else 0
    if zone not in ZONES or (stated.isdigit() and int(stated) in ZONES and int(stated) != zone):
        return ""
    datum = header.get("坐标系", "")
    if datum.startswith(_CGCS2000):
        return gauss_crs(zone, prefixed=prefix in ZONES)
    for name, (prefixed, plain) in _OLD_DATUMS.items():
        if datum.startswith(name):
            return f"EPSG:{(prefixed if prefix in ZONES else plain) + zone}"
    return ""
