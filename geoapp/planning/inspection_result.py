"""What an inspection of a layer found, unit by unit and one by one."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd

from geoapp.catalog.manifest import Coverage
from geoapp.overlay.result import Level

# Kind of finding → the codes of findings that it gathers. Those of files are named as imports do.
KINDS: Final[dict[str, tuple[str, ...]]] = {
    "overlap": ("features-overlap",),
    "duplicate": ("features-same",),
    "gap": ("unit-not-filled",),
    "sliver": ("sliver",),
    "spike": ("spike",),
    "invalid": ("geometry-invalid", "geometry-tangled"),
    "repeated": ("vertices-repeated",),
    "key": ("key-twice",),
    "empty": ("field-empty",),
    "class": (
        "class-unknown",
        "class-written-otherwise",
        "class-suffix-unknown",
        "class-other-scheme",
    ),
    "area": ("area-differs", "area-in-other-unit"),
    "other": ("field-value-wrong",),
}
KIND_OF: Final = {code: kind for kind, codes in KINDS.items() for code in codes}


@dataclass(frozen=True, slots=True)
class InspectedUnit:
    """A layer in one unit.

    Attributes:
        unit_code: The unit; ``""`` for what lies in none.
        coverage: Whether the layer is known there; no finding means nothing where it is not.
        features: Features whose inner point lies there.
        unit_m2: Area of the unit, ``None`` outside of all.
        net_m2: Ground that the layer covers there, overlaps once; ``None`` for points and lines.
        gap_m2: Ground that a layer which fills its units leaves open; ``None`` for other layers
            and where nothing is known.
        overlap_m2: Ground that pairs of features share there, each pair on its own; ``None``
            for points and lines.
        counts: Kind → number of findings.
    """

    unit_code: str
    unit_name: str
    coverage: Coverage
    features: int
    unit_m2: float | None
    net_m2: float | None
    gap_m2: float | None
    overlap_m2: float | None
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """All findings."""
        return sum(self.counts.values())

    def to_json(self) -> dict[str, Any]:
        """Give it as part of ``geoapp.inspection/1``."""
        known = self.coverage != "no_data" or self.features > 0
        return {
            "unit_code": self.unit_code,
            "unit_name": self.unit_name,
            "coverage": self.coverage,
            "feature_count": self.features,
            "unit_m2": self.unit_m2,
            "net_m2": self.net_m2,
            "gap_m2": self.gap_m2,
            "overlap_m2": self.overlap_m2,
            "findings": dict(self.counts) if known else None,
        }


@dataclass(frozen=True, slots=True)
class Inspection:
    """One layer, inspected.

    Attributes:
        units: Units in the order of their codes; what lies in none last, if there is any.
        findings: Columns kind, code, severity, row (counted from 1), feature, unit_code,
            area_m2, facts, geometry; EPSG:4490. Of each code the first some thousand.
        listed_all: Nothing was left out of ``findings``.
        whole_file: Findings on the layer as a whole, no feature.
        closure_m2: Largest gap between an overlap as it is drawn and as the kernel measures it.
    """

    layer: str
    snapshot: str
    units_snapshot: str
    by: Level
    within: str
    units: tuple[InspectedUnit, ...]
    findings: gpd.GeoDataFrame
    listed_all: bool
    closure_m2: float
    sample: bool

    @property
    def counts(self) -> dict[str, int]:
        """Kind → number of findings of all units."""
        return {kind: sum(unit.counts.get(kind, 0) for unit in self.units) for kind in KINDS}

    def to_json(self) -> dict[str, Any]:
        """Give it as part of ``geoapp.inspection/1``."""
        listed = self.findings
        return {
            "layer": self.layer,
            "snapshot": self.snapshot,
            "units_snapshot": self.units_snapshot,
            "sample": self.sample,
            "closure_m2": self.closure_m2,
            "units": [unit.to_json() for unit in self.units],
            "listed_all": self.listed_all,
            "findings": [
                {
                    "kind": row.kind,
                    "code": row.code,
                    "severity": row.severity,
                    "row": row.row or None,
                    "feature": row.feature,
                    "unit_code": row.unit_code,
                    "area_m2": None if math.isnan(row.area_m2) else row.area_m2,
                }
                for row in listed.itertuples(index=False)
            ],
        }
