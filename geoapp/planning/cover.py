"""Sharing land out among what is reached of each unit and what is not."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from geoapp.errors import InvariantError
from geoapp.geometry.crs import Geometries
from geoapp.overlay.derived import DerivedTables
from geoapp.overlay.fragment import cut_into_fragments, polygon_parts
from geoapp.overlay.kernel import Floats
from geoapp.overlay.kinds import Kinds
from geoapp.overlay.lattice import OUTSIDE
from geoapp.overlay.measured import MeasuredLayer
from geoapp.overlay.portions import share_portions
from geoapp.overlay.result import CLOSURE_TOLERANCE_M2
from geoapp.overlay.sharing import Sharing
from geoapp.overlay.tally import tally
from geoapp.overlay.unit import Units
from geoapp.overlay.zones import build_zones
from geoapp.planning.cutting import intersect, subtract

_REACHED, _NOT = 0, 1


@dataclass(frozen=True, slots=True)
class Parts:
    """Land of some classes, unit by unit.

    Attributes:
        codes: The units.
        reached_m2: ``(n,)`` what is reached of each.
        rest_m2: ``(n,)`` what is not.
        closure_m2: Largest gap to what statistics measure of a unit.
    """

    codes: tuple[str, ...]
    reached_m2: Floats
    rest_m2: Floats
    closure_m2: float


def pick_classes(kinds: Kinds, classes: Sequence[str]) -> Kinds:
    """Make two classes of all: those whose codes begin so, and the others."""
    wanted = np.array(
        [not classes or name.startswith(tuple(classes)) for name in kinds.names], dtype=np.int32
    )
    return Kinds(wanted[kinds.numbers], ("", "1"), f"cover-{kinds.key}-{'-'.join(classes)}")


def share_land(
    layer: MeasuredLayer, kinds: Kinds, units: Units, ground: Geometries, tables: DerivedTables
) -> Parts:
    """Measure land of a class inside and outside of reached ground in each unit.

    Both are measured; neither is found by subtracting.

    Args:
        layer: Land use.
        kinds: Two classes, of which the second is measured; see ``pick_classes``.
        units: The units.
        ground: ``(n,)`` reached ground in the measure plane; polygons share no area.
        tables: Where results are kept.

    Raises:
        InvariantError: A unit does not come out as statistics measure it.
    """
    codes = tuple(units.unique_codes)
    shapes, zones = _cut_units(units, ground)
    count = len(codes)
    portions = layer.portions(kinds, net=True, by_class=True)
    shares = share_portions(portions, build_zones(shapes, zones))
    groups = np.arange(2 * count, dtype=np.int64)
    found = tally(shares, portions, groups, 2 * count, 2).area_m2[: 2 * count, 1].reshape(-1, 2)
    among = Sharing(layer, None, tables).among(units, kinds, net=True).cells
    expected = np.array([among.get((code, "1"), 0.0) for code in codes])
    gaps = np.abs(found.sum(axis=1) - expected)
    if count and gaps.max() > CLOSURE_TOLERANCE_M2:
        worst = int(gaps.argmax())
        raise InvariantError("cover-not-closed", unit=codes[worst], closure_m2=f"{gaps[worst]:.4f}")
    return Parts(codes, found[:, _REACHED], found[:, _NOT], float(gaps.max(initial=0.0)))


def _cut_units(units: Units, ground: Geometries) -> tuple[Geometries, np.ndarray]:
    """Cut units into what is reached and what is not; ``2 × unit + (0, 1)`` names the zone."""
    stored = units.layer.zones
    within = stored.zone != OUTSIDE
    pieces, group = stored.fragments()[within], units.group_of_zone[stored.zone[within]]
    blades, _ = cut_into_fragments(ground, np.arange(len(ground)))
    if not len(blades):
        return pieces, 2 * group + _NOT
    piece, blade = shapely.STRtree(blades).query(pieces, predicate="intersects")
    both = intersect(pieces[piece], blades[blade])
    inside, pair = polygon_parts(both, np.arange(len(both)))
    outside, owner = subtract(pieces, blades)
    zones = np.concatenate([2 * group[piece[pair]] + _REACHED, 2 * group[owner] + _NOT])
    return np.concatenate([inside, outside]), zones
