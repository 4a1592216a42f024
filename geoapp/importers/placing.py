"""Bringing the features of a file to longitude and latitude, row by row where some do not fit."""

from dataclasses import replace
from typing import Final

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from geoapp.errors import CrsError
from geoapp.geometry.crs import DatumShift, Geometries, require_crs
from geoapp.geometry.memory import give_back
from geoapp.geometry.workers import portions
from geoapp.importers.findings import Findings
from geoapp.importers.reading import Reading

_PORTION: Final = 100_000
_MOST_MISFITS: Final = 0.5  # more of them, and it is the system that is wrong


def place_features(
    geometries: Geometries,
    reading: Reading,
    zone: int,
    shift: DatumShift | None,
    findings: Findings,
) -> tuple[str, Geometries]:
    """Bring geometries to EPSG:4490, letting go of each as soon as it is there.

    Args:
        geometries: ``(n,)`` finite geometries or ``None``; all are ``None`` afterwards, so that
            a million parcels are not in memory twice.
        reading: How the file was read; its features are not looked at.
        zone: The city's 3-degree zone.
        shift: Local parameters of an old datum.
        findings: Told of rows whose coordinates do not fit the system.

    Returns:
        The system that was used, and ``(n,)`` geometries, ``None`` for rows that do not fit.

    Raises:
        CrsError: See ``Reading.located``; most rows do not fit.
    """
    placed = np.empty(len(geometries), dtype=object)
    misfits: list[int] = []
    first: CrsError | None = None
    name = ""
    for rows in portions(len(geometries), _PORTION) or [slice(0, 0)]:
        try:
            name, placed[rows] = _locate(reading, geometries[rows], zone, shift)
        except CrsError as error:
            if error.code != "crs-does-not-fit":
                raise
            first = first or error
            found, wrong = _place_singly(reading, geometries[rows], zone, shift)
            placed[rows] = found
            misfits += (np.flatnonzero(wrong) + rows.start).tolist()
        geometries[rows] = None
        if rows.stop - rows.start == _PORTION:
            give_back()
    known = np.count_nonzero(placed != None) + len(misfits)  # noqa: E711  of each element
    if first is not None and len(misfits) > _MOST_MISFITS * known:
        raise first
    name = name or require_crs(reading.crs, shift)
    findings.add("geometry-does-not-fit", "error", np.array(misfits, dtype=np.int64), {"crs": name})
    return name, placed


def _place_singly(
    reading: Reading, geometries: Geometries, zone: int, shift: DatumShift | None
) -> tuple[Geometries, NDArray[np.bool_]]:
    placed = np.empty(len(geometries), dtype=object)
    wrong = np.zeros(len(geometries), dtype=np.bool_)
    for row in range(len(geometries)):
        try:
            placed[row] = _locate(reading, geometries[row : row + 1], zone, shift)[1][0]
        except CrsError:
            wrong[row] = True
    return placed, wrong


def _locate(
    reading: Reading, geometries: Geometries, zone: int, shift: DatumShift | None
) -> tuple[str, Geometries]:
    frame = gpd.GeoDataFrame(geometry=gpd.array.GeometryArray(geometries))
    return replace(reading, frame=frame).located(zone, shift)
