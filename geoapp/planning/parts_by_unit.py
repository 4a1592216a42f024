"""Sharing the parts of several layers out among units, by the kernel."""

from dataclasses import dataclass

import numpy as np

from geoapp.overlay.index import make_batch
from geoapp.overlay.kernel import Floats
from geoapp.overlay.portions import Portion, share_portions
from geoapp.overlay.tally import COUNTED_FROM_M2, tally
from geoapp.overlay.unit import Units
from geoapp.planning.venn import Venn


@dataclass(frozen=True, slots=True)
class PartsByUnit:
    """Ground of each part in each unit.

    Attributes:
        codes: Units; the last row of ``area_m2`` is ground in none.
        area_m2: ``(units + 1, parts)``.
        sets: Set of layers of each column, as bits.
    """

    codes: tuple[str, ...]
    area_m2: Floats
    sets: tuple[int, ...]

    def by_unit(self, code: str) -> dict[int, float]:
        """Give the parts of one unit."""
        return self._row(self.codes.index(code))

    def outside(self) -> dict[int, float]:
        """Give the parts that lie in no unit."""
        return self._row(len(self.codes))

    def _row(self, row: int) -> dict[int, float]:
        """Neighbours that share an edge have a square nanometre by rounding: no ground."""
        return {
            bits: float(area) if area >= COUNTED_FROM_M2 else 0.0
            for bits, area in zip(self.sets, self.area_m2[row], strict=True)
        }


def share_parts(venn: Venn, units: Units) -> PartsByUnit:
    """Measure what each unit has of each part."""
    sets = tuple(range(1, 1 << len(venn.grounds)))
    portions = []
    for bits, part in venn.parts.items():
        if len(part.geometries):
            kinds = np.full(len(part.geometries), bits - 1, dtype=np.int32)
            portions.append(Portion(make_batch(part.geometries), kinds))
    for layer, (ground, alone) in enumerate(zip(venn.grounds, venn.alone, strict=True)):
        kinds = np.full(len(alone), (1 << layer) - 1, dtype=np.int32)
        portions += ground.portions(alone, kinds)
    groups = len(units.unique_codes)
    shares = share_portions(portions, units.layer.zones)
    found = tally(shares, portions, units.group_of_zone, groups, len(sets)).area_m2
    return PartsByUnit(tuple(units.unique_codes), np.vstack([found[:groups], found[-1]]), sets)
