"""Tables of three: what of a layer lies inside another one and in a unit.

Few features lie both across a border of units and across the edge of the other layer, most of
all where the survey drew its parcels within villages. Only those are cut; for all others it
is enough to know what they have in the other layer and in which units they lie.
"""

from collections.abc import Sequence

import numpy as np

from geoapp.geometry.crs import Geometries
from geoapp.overlay.crossing import cut_among
from geoapp.overlay.fragment import Rows
from geoapp.overlay.index import make_batch
from geoapp.overlay.lattice import OUTSIDE
from geoapp.overlay.portions import Portion, share_portions
from geoapp.overlay.share import batch_geometries
from geoapp.overlay.shares import Shares
from geoapp.overlay.zones import Zones


def share_inside(
    portions: Sequence[Portion], units: Zones, in_units: Shares, ground: Zones, in_ground: Shares
) -> Shares:
    """Share out among units what features have inside another layer.

    Args:
        portions: The features.
        units: Units, with the ground around.
        in_units: Shares of the features in units and outside of them.
        ground: The ground of the other layer as one zone.
        in_ground: Shares of the features in it.

    Returns:
        Shares of units, ``OUTSIDE`` for what lies inside the other layer but in no unit.
    """
    areas = np.concatenate([np.zeros(0), *(portion.batch.area for portion in portions)])
    reaches_in = in_ground.zone_row != OUTSIDE
    feature, area = in_ground.feature_row[reaches_in], in_ground.area_m2[reaches_in]
    first = np.searchsorted(in_units.feature_row, feature)
    count = np.searchsorted(in_units.feature_row, feature, side="right") - first
    one = count == 1
    whole = (count > 1) & (area == areas[feature])
    none = count == 0  # too small to be listed
    rest = ~(one | whole | none)
    listed = np.flatnonzero(np.isin(in_units.feature_row, feature[whole]))
    cut = _share_cut(portions, units, ground, feature[rest])
    found = [
        (feature[one], in_units.zone_row[first[one]], area[one]),
        (feature[none], np.full(none.sum(), OUTSIDE, dtype=np.int32), area[none]),
        (in_units.feature_row[listed], in_units.zone_row[listed], in_units.area_m2[listed]),
        (cut.feature_row, cut.zone_row, cut.area_m2),
    ]
    rows, zones, shared = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.argsort(rows, kind="stable")
    return Shares(rows[order], zones[order], shared[order])


def _share_cut(
    portions: Sequence[Portion], units: Zones, ground: Zones, rows: np.ndarray
) -> Shares:
    """Cut features along the borders of units and measure their pieces."""
    if len(rows) == 0:
        nothing = np.zeros(0, dtype=np.int32)
        return Shares(nothing, nothing, np.zeros(0))
    pieces = cut_among(take(portions, rows), units)
    batch = make_batch(pieces.geometries)
    found = share_portions([Portion(batch, np.zeros(len(batch.area), np.int32))], ground)
    reaches_in = found.zone_row != OUTSIDE
    piece, area = found.feature_row[reaches_in], found.area_m2[reaches_in]
    keys = np.column_stack([rows[pieces.feature[piece]], pieces.zone[piece]])
    pairs, inverse = np.unique(keys, axis=0, return_inverse=True)
    sums = np.bincount(inverse.ravel(), area, len(pairs)).astype(np.float64)
    return Shares(pairs[:, 0].astype(np.int32), pairs[:, 1].astype(np.int32), sums)


def take(portions: Sequence[Portion], rows: Rows) -> Geometries:
    """Make the geometries of rising rows, which run on from one portion to the next."""
    starts = np.cumsum([0, *(len(portion.batch.area) for portion in portions)])
    made = [np.zeros(0, dtype=object)]
    for portion, first, end in zip(portions, starts[:-1], starts[1:], strict=True):
        low, high = np.searchsorted(rows, [first, end])
        if high > low:
            made.append(batch_geometries(portion.batch, rows[low:high] - first))
    return np.concatenate(made)
