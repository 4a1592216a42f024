"""Sharing lines out among units, inside another layer or not."""

from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from geoapp.errors import InvariantError
from geoapp.geometry.crs import Geometries
from geoapp.geometry.measure import Lengths
from geoapp.overlay.fragment import Rows
from geoapp.overlay.kinds import Kinds
from geoapp.overlay.line_cutting import OPEN, OUTSIDE, cut_edges, find_homes
from geoapp.overlay.measured import MeasuredLayer
from geoapp.overlay.result import CLOSURE_TOLERANCE_M, StatsResult, StatsRow
from geoapp.overlay.unit import Units

# Reaching into a unit with less than this (a tenth of a millimetre) is rounding, not presence.
COUNTED_FROM_M: Final = 1e-4
LINE_SHARES: Final = pa.schema(
    [("feature_row", pa.int64()), ("group", pa.int64()), ("length_m", pa.float64())]
)


@dataclass(frozen=True, slots=True)
class LineTally:
    """Sums by group and class.

    Attributes:
        length_m: ``(groups + 1, kinds)``; the last row is what lies in no unit.
        count: ``(groups + 1, kinds)`` lines that reach in.
    """

    length_m: Lengths
    count: NDArray[np.int64]


class _Stretches(NamedTuple):
    """Edges and parts of edges.

    Attributes:
        geometries: ``(k,)`` where they lie.
        edge: ``(k,)`` row of the edge of each.
        length_m: ``(k,)`` their lengths.
    """

    geometries: Geometries
    edge: Rows
    length_m: Lengths


def share_lines(
    layer: MeasuredLayer, inside: MeasuredLayer | None, units: Units | None
) -> pa.Table:
    """Measure what each line has in each unit.

    A stretch that runs along a border, or where units overlap, belongs to the first unit in
    the order of codes, and to none other.

    Args:
        layer: The lines.
        inside: Only what lies inside this layer or on its border, or ``None``.
        units: The units; ``None`` makes one group of everything.

    Returns:
        A table of ``LINE_SHARES``, one row for each line and group that meet: the group is
        the place in ``units.unique_codes``, one more for what lies in no unit.
    """
    edges = layer.edges.geometries
    stretches = _Stretches(edges, np.arange(len(edges)), layer.edge_lengths_m)
    if inside is not None:
        stretches, polygon = _cut_among(layer, stretches, inside.borders())
        stretches = _Stretches(*(part[polygon != OUTSIDE] for part in stretches))
    group, groups = np.zeros(len(stretches.edge), dtype=np.intp), 0
    if units is not None:
        groups = len(units.unique_codes)
        order = np.argsort(units.group_of_zone, kind="stable")
        stretches, polygon = _cut_among(layer, stretches, units.layer.geometries[order])
        group = np.append(units.group_of_zone[order], groups)[polygon]  # OUTSIDE is the last
    return _add_up(layer.edges.owner[stretches.edge], group, stretches.length_m, groups)


def tally_lines(shares: pa.Table, lengths: Lengths, kinds: Kinds, groups: int) -> LineTally:
    """Add shares up by group and class.

    Args:
        shares: From ``share_lines``.
        lengths: ``(n,)`` whole length of each line.
        kinds: Classes of the lines.
        groups: Number of groups, without the one for what lies in none.
    """
    feature, group, length = (shares.column(name).to_numpy() for name in LINE_SHARES.names)
    tally = LineTally(
        np.zeros((groups + 1, len(kinds.names))),
        np.zeros((groups + 1, len(kinds.names)), dtype=np.int64),
    )
    place = (group, kinds.numbers[feature])
    np.add.at(tally.length_m, place, length)
    reaches = length >= np.minimum(COUNTED_FROM_M, lengths[feature] / 2)
    np.add.at(tally.count, place, reaches.astype(np.int64))
    return tally


def close_lengths(result: StatsResult, outside_m: float) -> StatsResult:
    """Write into a result of a layer of lines how its lengths add up."""
    closure = _add(result.totals) - _add(result.rows) - outside_m
    return replace(result, outside_units_m=outside_m, closure_m=closure)


def require_lengths_closed(result: StatsResult) -> None:
    """Stop when lengths do not close; a line belongs to one unit, even where units overlap.

    Raises:
        InvariantError: They do not.
    """
    closure = result.closure_m or 0.0
    if abs(closure) <= CLOSURE_TOLERANCE_M or result.request.within:
        return
    raise InvariantError(
        "stats-lengths-not-closed",
        layer=result.request.layer,
        by=result.request.by,
        closure_m=f"{closure:.4f}",
    )


def _add(rows: list[StatsRow]) -> float:
    return float(np.sum([row.length_m or 0.0 for row in rows]))


def _cut_among(
    layer: MeasuredLayer, stretches: _Stretches, polygons: Geometries
) -> tuple[_Stretches, Rows]:
    """Cut stretches; those of an edge that one polygon has wholly go with the edge.

    The ends of a stretch are rounded, so it may leave by a hair the border that its edge runs
    along.

    Returns:
        The stretches and the row of the polygon that has each, ``OUTSIDE`` for none.
    """
    home = find_homes(layer.edges, polygons)[stretches.edge]
    crossed, whole = np.flatnonzero(home == OPEN), np.flatnonzero(home != OPEN)
    cut = cut_edges(stretches.geometries[crossed], polygons)
    found = _Stretches(
        np.concatenate([stretches.geometries[whole], cut.geometries]),
        np.concatenate([stretches.edge[whole], stretches.edge[crossed][cut.edge]]),
        np.concatenate([stretches.length_m[whole], layer.measure_lines(cut.geometries)]),
    )
    return found, np.concatenate([home[whole], cut.polygon])


def _add_up(feature: Rows, group: Rows, length: Lengths, groups: int) -> pa.Table:
    has = length > 0.0
    keys, place = np.unique(feature[has] * (groups + 1) + group[has], return_inverse=True)
    sums = np.bincount(place, weights=length[has], minlength=len(keys)).astype(np.float64)
    columns = [keys // (groups + 1), keys % (groups + 1), sums]
    return pa.table([pa.array(column) for column in columns], schema=LINE_SHARES)
