"""One of two snapshots that are compared, and what it is on its own."""

from dataclasses import dataclass

from geoapp.catalog.manifest import Manifest
from geoapp.overlay.kinds import Kinds, one_kind
from geoapp.overlay.measured import MeasuredLayer
from geoapp.overlay.sharing import Sharing, Sums
from geoapp.overlay.unit import Units

Totals = dict[tuple[str | None, str], float]  # unit (``None``: the whole) and class → m²


@dataclass(frozen=True, slots=True)
class Side:
    """One of two snapshots.

    Attributes:
        sharing: The layer, to be shared out without the other snapshot.
        kinds: Classes of its features.
    """

    sharing: Sharing
    kinds: Kinds

    @property
    def layer(self) -> MeasuredLayer:
        """The snapshot in the measure plane."""
        return self.sharing.layer

    @property
    def manifest(self) -> Manifest:
        """What the snapshot is."""
        return self.layer.snapshot.manifest

    def among(self, units: Units) -> Sums:
        """Measure its ground by unit and class; all ground counts once, in one class."""
        return self.sharing.among(units, self.kinds, net=True, by_class=False)

    def totals(self, units: Units) -> Totals:
        """Measure its ground by unit and class, outside all units (``""``) and altogether."""
        among = self.among(units)
        whole = self.sharing.altogether(self.kinds, net=True, by_class=False)
        totals: Totals = dict(
            zip(zip(among.unit, among.kind, strict=True), among.area_m2, strict=True)
        )
        return totals | {
            (None, kind): area for kind, area in zip(whole.kind, whole.area_m2, strict=True)
        }

    def overlap_m2(self) -> float:
        """Measure the ground that its features share, each time beyond the first."""
        if not self.layer.overlap:
            return 0.0
        kinds = one_kind(self.manifest.feature_count)
        gross = self.sharing.altogether(kinds, net=False)
        net = self.sharing.altogether(kinds, net=True, by_class=False)
        return sum(gross.area_m2) - sum(net.area_m2)
