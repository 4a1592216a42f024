"""Polygons as flat arrays: what a kernel can read without asking GEOS, vertex by vertex."""

from typing import Final, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from geoapp.errors import GeometryError
from geoapp.geometry.crs import Coordinates, Geometries

Offsets = NDArray[np.int64]

_POLYGON: Final = shapely.GeometryType.POLYGON.value
_MULTIPOLYGON: Final = shapely.GeometryType.MULTIPOLYGON.value


class FlatPolygons(NamedTuple):
    """Polygons and multipolygons, outer rings counter-clockwise and holes clockwise.

    The three offset arrays are those of a GeoArrow multipolygon.

    Attributes:
        xy: ``(m, 2)`` vertices of all rings; each ring closes on its first vertex.
        rings: ``(r + 1,)`` where each ring begins in ``xy``.
        parts: ``(p + 1,)`` where each polygon begins in ``rings``.
        features: ``(n + 1,)`` where each feature begins in ``parts``.
    """

    xy: Coordinates
    rings: Offsets
    parts: Offsets
    features: Offsets

    @property
    def first_rings(self) -> Offsets:
        """``(n + 1,)`` where each feature begins in ``rings``."""
        begins: Offsets = self.parts[self.features]
        return begins


def flatten(geometries: Geometries) -> FlatPolygons:
    """Take polygons apart into arrays; Z is ignored, ``None`` is empty.

    Args:
        geometries: ``(n,)`` polygons or multipolygons, rings in any direction.

    Raises:
        GeometryError: Something is no polygon, or a coordinate is not finite; rows are
            counted from 1.
    """
    kinds = shapely.get_type_id(geometries)
    wrong = (kinds != _POLYGON) & (kinds != _MULTIPOLYGON) & (kinds != -1)
    wrong &= ~shapely.is_empty(geometries)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise GeometryError("geometry-not-polygon", row=row + 1, kind=geometries[row].geom_type)
    require_finite(geometries)
    usable = geometries.copy()
    usable[shapely.is_empty(geometries)] = None  # an empty part has no rings, which GEOS dislikes
    oriented = np.asarray(shapely.orient_polygons(usable, exterior_cw=False), dtype=object)
    # A lone multipolygon makes GEOS give the three offset arrays of multipolygons, always.
    lone = np.array([shapely.MultiPolygon([shapely.box(0, 0, 1, 1)])], dtype=object)
    _, xy, (rings, parts, features) = shapely.to_ragged_array(
        np.concatenate([oriented, lone]), include_z=False
    )
    xy, rings, parts, features = xy[:-5], rings[:-1], parts[:-1], features[:-1]
    return FlatPolygons(
        np.ascontiguousarray(xy, dtype=np.float64),
        rings.astype(np.int64),
        parts.astype(np.int64),
        features.astype(np.int64),
    )


def unflatten(flat: FlatPolygons) -> Geometries:
    """Make ``(n,)`` multipolygons again."""
    made: Geometries = shapely.from_ragged_array(
        shapely.GeometryType.MULTIPOLYGON, flat.xy, (flat.rings, flat.parts, flat.features)
    )
    return made


def require_finite(geometries: Geometries) -> None:
    """Stop at the first coordinate that is not a number.

    Raises:
        GeometryError: It names the row, counted from 1.
    """
    coordinates, rows = shapely.get_coordinates(geometries, return_index=True)
    bad = ~np.isfinite(coordinates).all(axis=1)
    if bad.any():
        raise GeometryError("geometry-not-finite", row=int(rows[np.flatnonzero(bad)[0]]) + 1)
