"""Dividing parcels among the units of one level."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely

from geoapp.compliance.composition import UnitShare
from geoapp.compliance.knowledge import Place
from geoapp.compliance.parcels import Parcels
from geoapp.geometry.crs import Geometries
from geoapp.overlay.index import make_batch
from geoapp.overlay.kernel import Floats, Integers
from geoapp.overlay.lattice import OUTSIDE
from geoapp.overlay.share import Batch, settle, share_batch
from geoapp.overlay.tally import COUNTED_FROM_M2
from geoapp.overlay.unit import Units
from geoapp.overlay.zones import Zones


@dataclass(frozen=True)
class Divider:
    """The units of one level with their zones, held in memory."""

    units: Units

    def divide(self, parcels: Parcels) -> list[tuple[UnitShare, ...]]:
        """Name the units of each parcel, in the order of codes, and what lies outside last."""
        areas = self._share(parcels.batch)
        codes, names = [*self.units.unique_codes, ""], self.units.names
        level = self.units.level
        found = []
        for row, whole in zip(areas, parcels.area_m2.tolist(), strict=True):
            present = np.flatnonzero(row >= min(COUNTED_FROM_M2, whole / 2)).tolist()
            found.append(
                tuple(
                    UnitShare(
                        level=level,
                        code=codes[k],
                        name=names.get(codes[k], ""),
                        area_m2=float(row[k]),
                        share=min(float(row[k]) / whole, 1.0),
                    )
                    for k in present
                )
            )
        return found

    def find_places(self, parcels: Parcels, reach_m: float) -> list[Place]:
        """Find the districts of each parcel and of the ground around it."""
        codes, homes = self.units.unique_codes, settle(parcels.boxes_around(reach_m), self._zones)
        group = self.units.group_of_zone
        found = [Place((codes[group[home]],) if home >= 0 else (), outside=False) for home in homes]
        open_rows = np.flatnonzero(homes < 0)
        if len(open_rows):
            areas = self._share(make_batch(_widen(parcels, open_rows, reach_m)))
            for k, row in zip(open_rows.tolist(), areas, strict=True):
                present = np.flatnonzero(row[:-1] >= COUNTED_FROM_M2).tolist()
                outside = bool(row[-1] >= COUNTED_FROM_M2)
                found[k] = Place(tuple(codes[unit] for unit in present), outside)
        return found

    @cached_property
    def _zones(self) -> Zones:
        return self.units.layer.zones

    def _share(self, batch: Batch) -> Floats:
        """Give ``(n, units + 1)`` m², what lies outside of all in the last column."""
        homes, feature, zone, shared = share_batch(batch, self._zones)
        whole = np.flatnonzero(homes >= OUTSIDE)
        features = np.concatenate([whole, feature])
        zones = np.concatenate([homes[whole].astype(np.int64), zone])
        count = len(self.units.unique_codes)
        group = np.append(self.units.group_of_zone, count)[zones]  # OUTSIDE is the last, too
        cell = features * (count + 1) + group
        areas = np.concatenate([batch.area[whole], shared])
        sums = np.bincount(cell, areas, minlength=len(homes) * (count + 1))
        return sums.reshape(len(homes), count + 1).astype(np.float64)


def _widen(parcels: Parcels, rows: Integers, reach_m: float) -> Geometries:
    """Take in all ground within a distance, and a little more, in the measure plane."""
    reach = 1.01 * reach_m / parcels.cosines[rows]
    widened: Geometries = shapely.buffer(parcels.plane[rows], reach, quad_segs=4)
    return widened
