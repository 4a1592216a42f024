"""Zones: polygons among which features are shared out, prepared for the kernel.

A prepared set of zones is a lattice, which settles what lies wholly in one zone, and small
fragments of all zones in a packed tree for the rest.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import shapely

from geoapp.geometry.crs import Geometries
from geoapp.geometry.flat import FlatPolygons, flatten, unflatten
from geoapp.overlay.compiling import read_only
from geoapp.overlay.fragment import Rows, cut_into_fragments
from geoapp.overlay.kernel import Floats, Integers
from geoapp.overlay.lattice import OUTSIDE, Lattice, build_lattice
from geoapp.overlay.tree import build_tree, pack_order

# The measure plane of a whole ellipsoid fits into this square.
_WORLD: Final = shapely.box(-3e7, -3e7, 3e7, 3e7)


class Zones(NamedTuple):
    """Prepared zones.

    Attributes:
        lattice: What is settled by a glance.
        nodes: Boxes of the tree over the fragments.
        begins: Where its levels begin.
        xy: ``(m, 2)`` vertices of the fragments.
        rings: Where their rings begin.
        firsts: ``(k + 1,)`` where the rings of each fragment begin.
        zone: ``(k,)`` zone of each fragment; ``OUTSIDE`` for fragments of the ground around.
    """

    lattice: Lattice
    nodes: Floats
    begins: Integers
    xy: Floats
    rings: Integers
    firsts: Integers
    zone: Integers

    def fragments(self) -> Geometries:
        """Give the fragments as ``(k,)`` geometries."""
        parts = np.arange(len(self.zone) + 1)
        return unflatten(FlatPolygons(self.xy, self.rings, self.firsts, parts))


def build_zones(
    geometries: Geometries,
    zone: Rows,
    *,
    around: bool = False,
    borders: Sequence[Geometries] | None = None,
) -> Zones:
    """Prepare zones.

    Args:
        geometries: ``(n,)`` valid polygons in one plane. Zones may overlap, and then each
            counts; polygons of the same zone may not.
        zone: ``(n,)`` the zone of each.
        around: Also make fragments of all that lies in no zone, so that what a feature has
            there is measured like the rest and not found by subtraction.
        borders: Polygons whose rings are the borders of zones; by default ``geometries``.
            They are given where ``geometries`` are already cut.
    """
    pieces, owner = cut_into_fragments(geometries, zone)
    if around:
        ground = shapely.difference(_WORLD, _unite(geometries))
        rest, rest_owner = cut_into_fragments(np.array([ground]), np.array([OUTSIDE]))
        fragments, owners = np.concatenate([pieces, rest]), np.concatenate([owner, rest_owner])
    else:
        fragments, owners = pieces, owner
    boxes = shapely.bounds(fragments)
    order = pack_order(boxes)
    fragments, owners, boxes = fragments[order], owners[order], boxes[order]
    nodes, begins = build_tree(boxes)
    drawn = [geometries] if borders is None else borders
    lattice = build_lattice(
        flatten(np.concatenate(drawn)), shapely.STRtree(pieces), owner.astype(np.int64)
    )
    flat = flatten(fragments)
    zones = owners.astype(np.int64)
    return read_only(Zones(lattice, nodes, begins, flat.xy, flat.rings, flat.first_rings, zones))


def _unite(geometries: Geometries) -> shapely.Geometry:
    """Unite polygons; many times faster where they meet edge to edge, as units should."""
    if len(geometries) and shapely.coverage_is_valid(geometries):
        return shapely.coverage_union_all(geometries)
    return shapely.union_all(geometries)
