"""Sharing features out among zones by building every intersection with shapely."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import shapely

from geoapp.geometry.crs import Geometries
from geoapp.overlay.fragment import Rows, cut_into_fragments, polygon_parts
from geoapp.overlay.shares import Areas, Shares

OUTSIDE: Final = -1
_ROUNDING_M2: Final = 1e-6


@dataclass(frozen=True)
class Zones:
    """Polygons among which features are shared out, with what makes that fast.

    Attributes:
        geometries: ``(m,)`` valid polygons or multipolygons in the measure plane.
        overlap: They overlap each other somewhere: a feature inside one of them may lie in
            another as well, so none can be settled by its first zone.
    """

    geometries: Geometries
    overlap: bool = False

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Index of the whole zones."""
        return shapely.STRtree(self.geometries)

    @cached_property
    def fragments(self) -> tuple[Geometries, Rows]:
        """The zones in small parts, and the zone of each part."""
        return cut_into_fragments(self.geometries, np.arange(len(self.geometries)))

    @cached_property
    def fragment_tree(self) -> shapely.STRtree:
        """Index of the parts."""
        return shapely.STRtree(self.fragments[0])


def share_out(features: Geometries, zones: Zones, *, outside: bool) -> Shares:
    """Measure what each feature shares with each zone, and what it has outside all of them.

    Args:
        features: ``(n,)`` valid polygons or multipolygons.
        zones: The zones.
        outside: Also measure the rest outside every zone; it is computed by difference, not
            by subtraction, so that the closing check means something.

    Returns:
        Entries ordered by feature, then zone, outside first.
    """
    whole, whole_zone, open_rows = _find_covered(features, zones)
    areas = shapely.area(features)
    parts, part_row = cut_into_fragments(features[open_rows], open_rows)
    fragments, fragment_zone = zones.fragments
    pair_part, pair_fragment = zones.fragment_tree.query(parts)
    pieces = shapely.area(shapely.intersection(parts[pair_part], fragments[pair_fragment]))
    rows = [whole, part_row[pair_part]]
    zone_rows = [whole_zone, fragment_zone[pair_fragment]]
    measured = [areas[whole], pieces]
    if outside:
        rest = _rest_outside(parts, fragments, pair_part, pair_fragment)
        rows.append(part_row)
        zone_rows.append(np.full(len(part_row), OUTSIDE))
        measured.append(rest)
    return _add_up(np.concatenate(rows), np.concatenate(zone_rows), np.concatenate(measured))


def cut_out(features: Geometries, zones: Zones) -> tuple[Geometries, Rows]:
    """Give the parts of features inside the union of zones.

    Args:
        features: ``(n,)`` valid polygons or multipolygons.
        zones: Zones that do not overlap each other.

    Returns:
        ``(k,)`` polygons that do not overlap where the features do not, and the ``(k,)`` row
        of the feature that each is a part of.
    """
    whole, _, open_rows = _find_covered(features, zones)
    parts, part_row = cut_into_fragments(features[open_rows], open_rows)
    fragments, _ = zones.fragments
    pair_part, pair_fragment = zones.fragment_tree.query(parts)
    pieces = shapely.intersection(parts[pair_part], fragments[pair_fragment])
    pieces, piece_row = polygon_parts(pieces, part_row[pair_part])
    return np.concatenate([features[whole], pieces]), np.concatenate([whole, piece_row])


def _find_covered(features: Geometries, zones: Zones) -> tuple[Rows, Rows, Rows]:
    """Find features that lie wholly in one zone: their area needs no intersection.

    Returns:
        Rows of such features, the zone of each, and the rows of all other features.
    """
    nothing = np.array([], dtype=np.intp)
    whole, whole_zone = nothing, nothing
    if not zones.overlap:
        feature, zone = zones.tree.query(features, predicate="covered_by")
        whole, first = np.unique(feature, return_index=True)
        whole_zone = zone[first]
    others = ~shapely.is_empty(features)
    others[whole] = False
    return whole, whole_zone, np.flatnonzero(others)


def _rest_outside(
    parts: Geometries, fragments: Geometries, pair_part: Rows, pair_fragment: Rows
) -> Areas:
    rest = parts.copy()
    # Fragments are few per part; subtracting them one after another needs no union.
    order = np.argsort(pair_part, kind="stable")
    part, fragment = pair_part[order], pair_fragment[order]
    turn = np.arange(len(part)) - np.searchsorted(part, part)
    for step in range(int(turn.max()) + 1 if len(turn) else 0):
        now = turn == step
        rest[part[now]] = shapely.difference(rest[part[now]], fragments[fragment[now]])
    areas: Areas = shapely.area(rest)
    return areas


def _add_up(rows: Rows, zone_rows: Rows, areas: Areas) -> Shares:
    width = int(zone_rows.max(initial=OUTSIDE)) + 2
    keys, inverse = np.unique(rows * width + (zone_rows + 1), return_inverse=True)
    sums = np.bincount(inverse, weights=areas, minlength=len(keys)).astype(np.float64)
    keep = sums > 0
    return Shares(keys[keep] // width, keys[keep] % width - 1, sums[keep])


def find_overlaps(geometries: Geometries) -> tuple[Rows, Rows]:
    """Find the pairs of polygons that share area.

    A coverage check singles out the features that do not fit their neighbours edge to edge;
    only those can overlap, and only they are intersected.

    Args:
        geometries: ``(n,)`` valid polygons or multipolygons in one plane.

    Returns:
        Rows of the first and of the second feature of each pair, first < second.
    """
    nothing = np.array([], dtype=np.intp)
    if len(geometries) < 2:
        return nothing, nothing
    misfits = np.flatnonzero(~shapely.is_empty(shapely.coverage_invalid_edges(geometries)))
    if len(misfits) == 0:
        return nothing, nothing
    one, other = shapely.STRtree(geometries).query(geometries[misfits])
    one = misfits[one]
    first, second = np.minimum(one, other), np.maximum(one, other)
    pairs = np.unique(np.column_stack([first, second])[first != second], axis=0)
    if len(pairs) == 0:
        return nothing, nothing
    shared = shapely.area(shapely.intersection(geometries[pairs[:, 0]], geometries[pairs[:, 1]]))
    pairs = pairs[shared > _ROUNDING_M2]
    return pairs[:, 0], pairs[:, 1]
