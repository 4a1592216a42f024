"""Sharing one layer out among units, inside another layer or not; kept beside the snapshot."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely

from geoapp.geometry.crs import Geometries
from geoapp.overlay.derived import DerivedTables
from geoapp.overlay.fragment import Rows
from geoapp.overlay.intersect import Areas, Shares, cut_out, find_containing, share_out
from geoapp.overlay.measured import MeasuredLayer
from geoapp.overlay.unit import Units


@dataclass(frozen=True, slots=True)
class Sharing:
    """One layer, to be shared out.

    Attributes:
        layer: The layer.
        points: Its features are points: they have no area and are only counted.
        inside: Only what lies inside this layer, or ``None``.
        tables: Where results are kept.
    """

    layer: MeasuredLayer
    points: bool
    inside: MeasuredLayer | None
    tables: DerivedTables

    def among(self, units: Units, net: str, classes: np.ndarray | None) -> Shares:
        """Share out among units, with what lies outside all of them.

        Args:
            units: The units.
            net: ``gross``: each feature with all its ground; ``net``: ground once
                altogether; any other word: once per class, the word names the class field.
            classes: ``(n,)`` class of each feature, for ground once per class.
        """
        net = self._needed(net)
        key = ("shares", *_key_of(units), self._inside_name(), net)
        return self._kept(key, lambda: self._share(units, self._geometries(net, classes)))

    def altogether(self, net: str, classes: np.ndarray | None) -> Shares:
        """Measure the whole, without units: every entry has zone 0."""
        net = self._needed(net)
        key = ("whole", self._inside_name(), net)
        return self._kept(key, lambda: self._whole(self._geometries(net, classes)))

    def homes(self, units: Units) -> Shares:
        """Find the unit of each feature's inner point; areas are meaningless here."""
        key = ("homes", *_key_of(units), self._inside_name())
        return self._kept(key, lambda: self._home(units))

    def layer_areas(self) -> Areas:
        """Give the ``(n,)`` gross area of each feature, all of it."""
        return self.layer.areas_m2

    def _needed(self, net: str) -> str:
        """Without overlaps, net and gross are one: one table serves every class field."""
        return net if not self.points and self.layer.overlap else "gross"

    def _kept(self, key: tuple[str, ...], compute: Callable[[], Shares]) -> Shares:
        return self.tables.shares(self.layer.snapshot, key, compute)

    def _inside_name(self) -> str:
        return self.inside.snapshot.layer + self.inside.snapshot.name if self.inside else "-"

    def _geometries(self, net: str, classes: np.ndarray | None) -> Geometries:
        if net == "gross" or self.points:
            return self.layer.geometries
        return self.layer.net(classes)

    def _parts(self, geometries: Geometries) -> tuple[Geometries, Rows]:
        """Give what counts of each feature, with the feature's row."""
        if self.inside is None:
            return geometries, np.arange(len(geometries))
        if self.points:
            rows = np.flatnonzero(find_containing(geometries, self.inside.ground) >= 0)
            return geometries[rows], rows
        if geometries is self.layer.geometries:
            return self.layer.parts_inside(self.inside)
        return cut_out(geometries, self.inside.ground)

    def _share(self, units: Units, geometries: Geometries) -> Shares:
        parts, rows = self._parts(geometries)
        if self.points:
            zones = find_containing(parts, units.layer.zones)
            return Shares(rows, zones, np.zeros(len(rows)))
        shares = share_out(parts, units.layer.zones, outside=True)
        return Shares(rows[shares.feature_row], shares.zone_row, shares.area_m2)

    def _whole(self, geometries: Geometries) -> Shares:
        parts, rows = self._parts(geometries)
        return Shares(rows, np.zeros(len(rows), dtype=np.intp), shapely.area(parts))

    def _home(self, units: Units) -> Shares:
        inner = shapely.point_on_surface(self.layer.geometries)
        homes = find_containing(inner, units.layer.zones)
        rows = np.arange(len(inner))
        if self.inside is not None:
            kept = find_containing(inner, self.inside.ground) >= 0
            rows, homes = rows[kept], homes[kept]
        return Shares(rows, homes, np.zeros(len(rows)))


def _key_of(units: Units) -> tuple[str, str]:
    """Name a set of units; a city is shared out among its districts."""
    return "district" if units.level == "city" else units.level, units.layer.snapshot.name
