"""Polygons with corners on a lattice, drawn by chance, and a city in which they lie.

Corners fall together, edges run along each other and through corners of others, rings touch
themselves: what overlays get wrong. Every corner is a pair of whole numbers, so that areas are
known in exact fractions; no edge is so long that it is cut when it is measured.
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
import shapely
from hypothesis import strategies as st

from geoapp.overlay.tabulate import Tabulator
from tests.building import LIBRARY, SIDE_M, make_city, make_store, place, publish
from tests.oracles.rational import Ring

SIZE: Final = 12
STEP_M: Final = 4.0
STEP_M2: Final = STEP_M**2
_BLOCK: Final = 3
_BLOCKS: Final = SIZE // _BLOCK
_CORNER = st.tuples(st.integers(0, SIZE), st.integers(0, SIZE))
_CORNERS = st.lists(_CORNER, min_size=3, max_size=7, unique=True)
VILLAGES: Final = ("439901001001", "439901001002", "439901002001", "439902001001")
_OWNERS = st.lists(
    st.sampled_from([*VILLAGES, ""]), min_size=_BLOCKS * _BLOCKS, max_size=_BLOCKS * _BLOCKS
)
LENGTHS: Final = {"district": 6, "township": 9, "village": 12}


def _star(corners: Sequence[tuple[int, int]]) -> shapely.Geometry:
    """Draw a ring around the middle of corners, or their hull where it would cross itself."""
    xy = np.array(corners, dtype=float)
    away = xy - xy.mean(axis=0)
    ring = shapely.Polygon(xy[np.argsort(np.arctan2(away[:, 1], away[:, 0]), kind="stable")])
    return ring if ring.is_valid else shapely.MultiPoint(xy).convex_hull


def blocks(numbers: Sequence[int], side: int = _BLOCK) -> shapely.Geometry:
    """Unite squares of the lattice; those that meet in a corner are parts of one polygon."""
    boxes = [
        shapely.box(side * x, side * y, side * (x + 1), side * (y + 1))
        for x, y in (divmod(number, SIZE // side) for number in sorted(numbers))
    ]
    return shapely.union_all(boxes)


@st.composite
def polygons(draw: st.DrawFn) -> shapely.Geometry:
    """Draw a polygon: any ring, a sliver, squares, with a hole, or of two parts."""
    kind = draw(st.sampled_from(["ring", "ring", "sliver", "squares", "hole", "parts"]))
    if kind == "squares":
        return blocks(sorted(draw(st.sets(st.integers(0, 35), min_size=1, max_size=9))), 2)
    if kind == "sliver":
        (x, y), (u, v) = draw(_CORNER), draw(_CORNER)
        thin = shapely.Polygon([(x, y), (u, v), (u, v + 1 if v < SIZE else v - 1)])
        return thin if thin.area > 0 else shapely.box(0, 0, 1, 1)
    one = _star(draw(_CORNERS))
    if one.area == 0:
        one = shapely.box(3, 3, 9, 9)
    if kind == "ring":
        return one
    other = _star(draw(_CORNERS))
    if other.area == 0:
        return one
    rings = [shapely.get_exterior_ring(part) for part in (one, other)]
    made = (
        shapely.Polygon(rings[0], [rings[1]])
        if kind == "hole"
        else shapely.MultiPolygon([one, other])
    )
    return made if made.is_valid else one


@st.composite
def cities(draw: st.DrawFn) -> dict[str, shapely.Geometry]:
    """Draw villages that share out the ground, or part of it."""
    owners = draw(_OWNERS)
    found = {
        code: blocks([n for n, owner in enumerate(owners) if owner == code])
        for code in VILLAGES
        if code in owners
    }
    return found or {VILLAGES[0]: blocks([0])}


def rings_of(shape: shapely.Geometry) -> list[Ring]:
    """List the closed rings of a polygon, with whole numbers where it has them."""
    return [
        [(Fraction(x), Fraction(y)) for x, y in shapely.get_coordinates(ring)]
        for part in shapely.get_parts(shape)
        for ring in shapely.get_rings(part)
    ]


def on_ellipsoid(shapes: Sequence[shapely.Geometry]) -> list[shapely.Geometry]:
    """Put drawings onto the ground, EPSG:4490."""
    scaled = [shapely.transform(shape, lambda xy: xy * (STEP_M / SIDE_M)) for shape in shapes]
    return place(scaled)


class LatticeCity:
    """A city with layers on the lattice."""

    def __init__(self, folder: Path, villages: Mapping[str, shapely.Geometry]) -> None:
        self.city = make_city()
        self.store = make_store(folder)
        self.villages = villages
        for level in LENGTHS:
            units = dict(self.units_at(level))
            self.publish(level, list(units.values()), code=list(units), name=list(units))
        self.tabulator = Tabulator(self.city, LIBRARY, self.store)

    def units_at(self, level: str) -> Iterator[tuple[str, shapely.Geometry]]:
        length = LENGTHS[level]
        for code in sorted({village[:length] for village in self.villages}):
            yield (
                code,
                shapely.union_all([s for v, s in self.villages.items() if v.startswith(code)]),
            )

    def publish(
        self, layer: str, shapes: Sequence[shapely.Geometry], **columns: object
    ) -> list[shapely.Geometry]:
        """Publish drawings; give them in the order in which they are stored."""
        definition = LIBRARY.require(layer)
        keys = columns.setdefault(definition.key, [str(n) for n in range(len(shapes))])
        snapshot = publish(self.store, layer, on_ellipsoid(shapes), **columns)  # type: ignore[arg-type]
        drawn = dict(zip(keys, shapes, strict=True))  # type: ignore[call-overload]
        return [drawn[key] for key in snapshot.read_attributes([definition.key])[definition.key]]
