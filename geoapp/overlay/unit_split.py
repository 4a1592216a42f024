"""Sharing ground out among the units of one level."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from geoapp.overlay.ground import Ground
from geoapp.overlay.kernel import Floats
from geoapp.overlay.lattice import OUTSIDE
from geoapp.overlay.share import share_batch
from geoapp.overlay.tally import COUNTED_FROM_M2
from geoapp.overlay.unit import Units
from geoapp.overlay.what_if_result import UnitPart, UnitSplit
from geoapp.overlay.zones import Zones


@dataclass(frozen=True)
class UnitSplitter:
    """The units of one level with their zones, held in memory."""

    units: Units

    @cached_property
    def _zones(self) -> Zones:
        return self.units.layer.zones

    def share(self, ground: Ground) -> Floats:
        """Give the m² of ground in each unit, in rising order of codes, and outside last."""
        homes, _, zone, shared = share_batch(ground.pieces, self._zones)
        whole = homes >= OUTSIDE
        zones = np.concatenate([homes[whole].astype(np.int64), zone])
        areas = np.concatenate([ground.pieces.area[whole], shared])
        count = len(self.units.unique_codes)
        group = np.append(self.units.group_of_zone, count)[zones]  # OUTSIDE is the last, too
        return np.bincount(group, areas, minlength=count + 1).astype(np.float64)

    def describe(self, areas: Floats, ground_m2: float) -> UnitSplit:
        """Name the units that have some ground."""
        codes, names = self.units.unique_codes, self.units.names
        enough = min(COUNTED_FROM_M2, ground_m2 / 2)
        found = np.flatnonzero(areas[:-1] >= enough).tolist() if ground_m2 > 0 else []
        parts = tuple(UnitPart(codes[k], names[codes[k]], float(areas[k])) for k in found)
        return UnitSplit(parts, float(areas[-1]))
