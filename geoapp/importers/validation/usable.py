"""Which geometries can be stored at all: there, of the right kind, finite, not endless."""

from typing import Any, Final, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from geoapp.catalog.definition import Geometry
from geoapp.geometry.crs import Geometries
from geoapp.geometry.repair import KINDS
from geoapp.geometry.workers import in_threads, portions
from geoapp.importers.findings import Findings

# GEOS takes seconds to check a ring of this many vertices, and minutes beyond.
MOST_VERTICES: Final = 500_000
_PORTION: Final = 50_000


class Usable(NamedTuple):
    """Which of ``(n,)`` geometries can be used.

    Attributes:
        rows: Whether each can be stored.
        finite: Whether each is there and all its coordinates are numbers.
    """

    rows: NDArray[np.bool_]
    finite: NDArray[np.bool_]


def check_usable(geometries: Geometries, kind: Geometry, findings: Findings) -> Usable:
    """Find the geometries that can be stored, and tell of the others.

    Args:
        geometries: ``(n,)`` geometries or ``None``, in any system.
        kind: What the layer holds.
        findings: Told of what is missing, empty, of another kind, with a coordinate that is no
            number, with more than ``MOST_VERTICES`` vertices, of heights, and of lines whose
            vertices all coincide.
    """
    types = shapely.get_type_id(geometries)
    missing = (types < 0) | shapely.is_empty(geometries)
    wrong = ~missing & ~np.isin(types, list(KINDS[kind]))
    usable = ~missing & ~wrong
    count = shapely.get_num_coordinates(geometries)
    endless = usable & (count > MOST_VERTICES)
    usable &= ~endless
    finite = ~missing & _finite(geometries)
    infinite = usable & ~finite
    usable &= finite
    findings.add("geometry-missing", "error", np.flatnonzero(missing))
    rows = np.flatnonzero(wrong)
    findings.add(
        "geometry-wrong-kind",
        "error",
        rows,
        lambda place: {"found": _word_kind(types[rows[place]]), "wanted": f"@problem.kind_{kind}"},
    )
    many = np.flatnonzero(endless)
    findings.add(
        "geometry-vertices-exceeded",
        "error",
        many,
        lambda place: {"vertices": int(count[many[place]]), "most": MOST_VERTICES},
    )
    findings.add("geometry-not-finite", "error", np.flatnonzero(infinite))
    if kind == "line":
        usable &= _check_length(geometries, usable, findings)
    heights = int((shapely.has_z(geometries) | shapely.has_m(geometries)).sum())
    if heights:
        findings.note("heights-dropped", count=heights)
    return Usable(usable, finite)


def _finite(geometries: Geometries) -> NDArray[np.bool_]:
    def check(rows: slice) -> NDArray[np.bool_]:
        xy, owner = shapely.get_coordinates(geometries[rows], return_index=True)
        finite = np.ones(rows.stop - rows.start, dtype=np.bool_)
        finite[owner[~np.isfinite(xy).all(axis=1)]] = False
        return finite

    found = list(in_threads(check, portions(len(geometries), _PORTION)))
    return np.concatenate(found) if found else np.zeros(0, dtype=np.bool_)


def _check_length(
    lines: Geometries, usable: NDArray[np.bool_], findings: Findings
) -> NDArray[np.bool_]:
    west, south, east, north = shapely.bounds(lines).T
    nothing = usable & (west == east) & (south == north)
    findings.add("geometry-without-length", "error", np.flatnonzero(nothing))
    return np.asarray(~nothing)


def _word_kind(kind: Any) -> str:
    return str(shapely.GeometryType(int(kind)).name.lower())
