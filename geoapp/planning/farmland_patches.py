"""Every patch that became cultivated land or ceased to be, with its geometry.

The areas come from geometry, those of the transition matrix from the kernel; the ledger sets
one against the other.
"""

from typing import Any, Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geoapp.catalog.definition import LayerDefinition
from geoapp.geometry.crs import GEOGRAPHIC, Geometries
from geoapp.geometry.measure import from_measure_plane
from geoapp.overlay.crossing import cut_among
from geoapp.overlay.fragment import polygon_parts
from geoapp.overlay.kernel import Integers
from geoapp.overlay.kinds import Kinds
from geoapp.overlay.lattice import OUTSIDE
from geoapp.overlay.layout import Layout, lay_out
from geoapp.overlay.matching import match
from geoapp.overlay.measured import MeasuredLayer
from geoapp.overlay.meeting import ROUNDING_M2, Pairs, meet
from geoapp.overlay.tally import COUNTED_FROM_M2
from geoapp.overlay.unit import Units
from geoapp.planning.cutting import intersect, subtract
from geoapp.planning.farmland import Farmland

NO_LAND: Final = -1
_COLUMNS: Final = (
    "unit_code",
    "direction",
    "class_before",
    "class_after",
    "feature_before",
    "feature_after",
    "group",
    "cause",
    "balance",
    "area_m2",
)


class Date(NamedTuple):
    """One of two dates: the layer, the classes of its features, and its net ground."""

    layer: MeasuredLayer
    kinds: Kinds
    ground: Layout

    @property
    def features(self) -> Integers:
        """``(n,)`` feature of each row of the ground; what gave ground up comes last again."""
        given_up = self.layer.net[0] if self.layer.overlap else np.zeros(0, np.int64)
        return np.concatenate([np.arange(len(self.kinds.numbers)), given_up]).astype(np.int64)


class Pieces(NamedTuple):
    """Ground with its row at both dates, ``NO_LAND`` where there is none."""

    shapes: Geometries
    before: Integers
    after: Integers


def open_date(layer: MeasuredLayer, kinds: Kinds, names: list[str]) -> Date:
    """Lay out one date, its classes numbered as ``names`` are."""
    numbers = np.array([names.index(name) for name in kinds.names], dtype=np.int32)
    return Date(layer, kinds, lay_out(layer, numbers[kinds.numbers], net=True))


def list_farmland_patches(
    before: Date, after: Date, names: list[str], farmland: Farmland, units: Units
) -> gpd.GeoDataFrame:
    """List the patches that changed between two dates, cut at the borders of units.

    Args:
        before: The earlier date.
        after: The later one.
        names: Codes of the classes, by their numbers in both grounds.
        farmland: Which of them is cultivated.
        units: The units.
    """
    is_field = np.array([farmland.is_cultivated(name) for name in names] or [False])
    pieces = _find(before.ground, after.ground, is_field)
    cut = cut_among(pieces.shapes, units.layer.zones)
    codes = np.where(cut.zone == OUTSIDE, "", units.codes[cut.zone]).astype(str)
    table = pd.DataFrame(
        {
            "unit_code": codes,
            "before": pieces.before[cut.feature],
            "after": pieces.after[cut.feature],
            "area_m2": shapely.area(cut.geometries),
            "geometry": cut.geometries,
        }
    )
    return _describe(table, before, after, farmland)


def name_patches(
    patches: gpd.GeoDataFrame, definition: LayerDefinition, before: Date, after: Date
) -> gpd.GeoDataFrame:
    """Replace rows of features by their numbers, ``""`` where there is no land."""
    named = patches.copy()
    for side, date in (("before", before), ("after", after)):
        field = definition.name_field
        words = date.layer.snapshot.read_attributes([field])[field].fillna("").astype(str)
        rows = patches[f"feature_{side}"].to_numpy(dtype=np.int64)
        found = np.full(len(rows), "", dtype=object)
        found[rows >= 0] = words.to_numpy()[rows[rows >= 0]]
        named[f"feature_{side}"] = found
    return named


def to_degrees(patches: gpd.GeoDataFrame, gauss: str) -> gpd.GeoDataFrame:
    """Bring patches from the measure plane to EPSG:4490."""
    shapes = from_measure_plane(np.asarray(patches.geometry), gauss)
    return gpd.GeoDataFrame(patches.drop(columns="geometry"), geometry=shapes, crs=GEOGRAPHIC)


def no_patches() -> gpd.GeoDataFrame:
    """Give an empty list."""
    columns: dict[str, pd.Series] = {name: pd.Series([], dtype=object) for name in _COLUMNS}
    return gpd.GeoDataFrame(columns, geometry=[], crs=GEOGRAPHIC)


def _find(before: Layout, after: Layout, is_field: NDArray[np.bool_]) -> Pieces:
    """Find all ground that was a field and is none, or the other way round."""
    matched = match(before, after)
    whole = is_field[before.kinds[matched.before]] != is_field[after.kinds[matched.after]]
    found = [
        Pieces(
            before.geometries(matched.before[whole]), matched.before[whole], matched.after[whole]
        )
    ]
    rest = (_others(before, matched.before), _others(after, matched.after))
    pairs = meet(before, rest[0], after, rest[1])
    turned = is_field[before.kinds[pairs.one]] != is_field[after.kinds[pairs.other]]
    found.append(_intersect(before, pairs.one[turned], after, pairs.other[turned]))
    for side, (ground, other) in enumerate(((before, after), (after, before))):
        fields = rest[side][is_field[ground.kinds[rest[side]]]]
        met = pairs if side == 0 else Pairs(pairs.other, pairs.one, pairs.area)
        shapes, rows = _left_alone(ground, fields, other, met)
        none = np.full(len(rows), NO_LAND, dtype=np.int64)
        found.append(Pieces(shapes, rows, none) if side == 0 else Pieces(shapes, none, rows))
    return Pieces(*(np.concatenate(column) for column in zip(*found, strict=True)))


def _others(ground: Layout, rows: Integers) -> Integers:
    left = ground.present.copy()
    left[rows] = False
    return np.flatnonzero(left)


def _take(ground: Layout, rows: Integers) -> Geometries:
    """Make the geometries of rows in any order; what rounding made invalid is valid again."""
    asked, place = np.unique(rows, return_inverse=True)
    shapes = ground.geometries(asked)
    wrong = ~shapely.is_valid(shapes)
    if wrong.any():
        shapes[wrong] = shapely.make_valid(shapes[wrong])
    taken: Geometries = shapes[place]
    return taken


def _intersect(one: Layout, rows: Integers, other: Layout, other_rows: Integers) -> Pieces:
    both = intersect(_take(one, rows), _take(other, other_rows))
    shapes, pair = polygon_parts(both, np.arange(len(both)))
    return Pieces(shapes, rows[pair], other_rows[pair])


def _left_alone(
    ground: Layout, rows: Integers, other: Layout, met: Pairs
) -> tuple[Geometries, Integers]:
    """Give what is left of rows where the other date has no land."""
    covered = np.bincount(met.one, met.area, minlength=len(ground.areas))
    open_ = rows[ground.areas[rows] - covered[rows] > ROUNDING_M2]
    near = np.unique(met.other[np.isin(met.one, open_)])
    left, owner = subtract(_take(ground, open_), _take(other, near))
    return left, open_[owner]


def _describe(
    table: pd.DataFrame, before: Date, after: Date, farmland: Farmland
) -> gpd.GeoDataFrame:
    """Join the parts of one patch, and say what it was and what it is."""
    rows, shapes = [], []
    sides = ((before, before.kinds.codes()), (after, after.kinds.codes()))
    features = [date.features for date, _ in sides]
    keys = ["unit_code", "before", "after"]
    groups: Any = table.groupby(keys, sort=True)  # its stubs know nothing of keys of three
    for (code, was, is_), members in groups:
        area = float(members["area_m2"].sum())
        if area < COUNTED_FROM_M2:
            continue
        places = (int(was), int(is_))
        row = [
            int(found[place]) if place != NO_LAND else NO_LAND
            for found, place in zip(features, places, strict=True)
        ]
        kinds = [
            str(codes[number]) if number != NO_LAND else None
            for (_, codes), number in zip(sides, row, strict=True)
        ]
        is_in = kinds[1] is not None and farmland.is_cultivated(kinds[1])
        group = farmland.find_group(kinds[0] if is_in else kinds[1])
        direction = "in" if is_in else "out"
        rows.append(
            (
                str(code),
                direction,
                *kinds,
                *row,
                group.id if group else "",
                group.cause if group else "unknown",
                group.balance("in" if is_in else "out") if group else "unknown",
                area,
            )
        )
        shapes.append(shapely.union_all(members["geometry"].to_numpy()))
    listed = pd.DataFrame(rows, columns=list(_COLUMNS)).astype({"area_m2": float})
    frame = gpd.GeoDataFrame(listed, geometry=np.array(shapes, dtype=object))
    ordered = frame.sort_values(["area_m2", "unit_code"], ascending=[False, True], kind="stable")
    return ordered.reset_index(drop=True)
