"""What a raster says of polygons: least, mean and largest value, cells weighted by their part."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from geoapp.planning.cells import CellGrid, Covered, cover_alike


@dataclass(frozen=True, slots=True)
class Zone:
    """A polygon and what is known under it; values are ``None`` where nothing is.

    Attributes:
        known_share: Part of it of which values are known.
        change: Mean less the mean of the earlier raster, over the whole; ``None`` without one,
            or where either is not wholly known.
    """

    code: str
    name: str
    known_share: float
    least: float | None
    mean: float | None
    largest: float | None
    change: float | None = None


@dataclass(frozen=True, slots=True)
class ZonalResult:
    """What rasters say of the units of a level.

    Attributes:
        raster: Raster and its version.
        before: Likewise the earlier one; ``""`` when nothing is compared.
        of: Index of a picture, ``""`` for heights or brightness.
    """

    by: str
    within: str
    raster: str
    before: str
    snapshots: dict[str, str]
    zones: tuple[Zone, ...]
    sample: bool
    of: str = ""

    def to_json(self) -> dict[str, Any]:
        """Give the document of schema ``geoapp.zonal/1``."""
        return {
            "schema": "geoapp.zonal/1",
            "by": self.by,
            "within": self.within or None,
            "raster": self.raster,
            "before": self.before or None,
            "of": self.of or None,
            "sample": self.sample,
            "snapshots": self.snapshots,
            "rows": [
                {
                    "unit_code": zone.code,
                    "unit_name": zone.name,
                    "known_share": zone.known_share,
                    "least": zone.least,
                    "mean": zone.mean,
                    "largest": zone.largest,
                    "change": zone.change,
                }
                for zone in self.zones
            ],
        }


def describe_zones(
    grid: CellGrid,
    before: CellGrid | None,
    polygons: Sequence[shapely.Geometry],
    names: Sequence[tuple[str, str]],
) -> tuple[Zone, ...]:
    """Describe polygons in EPSG:4490.

    Args:
        grid: The raster.
        before: An earlier one, to tell the change of the mean since.
        polygons: What to describe.
        names: Code and name of each.
    """
    now, *others = cover_alike([grid, before] if before else [grid], polygons)
    then: Sequence[Covered | None] = others[0] if others else [None] * len(now)
    zones = []
    for (code, name), after, earlier in zip(names, now, then, strict=True):
        mean = _mean(after.values, after.shares)
        change = None
        if earlier and mean is not None and _whole(after.known_share, earlier.known_share):
            was = _mean(earlier.values, earlier.shares)
            change = None if was is None else mean - was
        there = after.values[after.shares > 0]
        least = float(there.min()) if there.size else None
        largest = float(there.max()) if there.size else None
        zones.append(Zone(code, name, after.known_share, least, mean, largest, change))
    return tuple(zones)


def _mean(values: np.ndarray[Any, Any], shares: np.ndarray[Any, Any]) -> float | None:
    known = float(shares.sum())
    return float(values @ shares) / known if known > 0 else None


def _whole(*shares: float) -> bool:
    return all(math.isclose(share, 1.0, abs_tol=1e-6) for share in shares)
