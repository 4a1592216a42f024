"""What differs between two snapshots of a layer: features, ground per district, and where."""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import geopandas as gpd
from pydantic import ConfigDict

FeatureChange = Literal["added", "removed", "reshaped", "edited"]


@dataclass(frozen=True, slots=True)
class DistrictDifference:
    """Net ground of a layer in one district, before and after, m²; overlaps count once.

    Attributes:
        code: The district; ``""`` for what lies outside all of them.
        name: Its name.
        before_m2: Ground before.
        after_m2: Ground after.
        gained_m2: Ground that the layer did not have before.
        lost_m2: Ground that it has no longer.
        reclassified_m2: Ground that it kept under another class.
    """

    code: str
    name: str
    before_m2: float
    after_m2: float
    gained_m2: float
    lost_m2: float
    reclassified_m2: float

    def to_json(self) -> dict[str, Any]:
        """Give it as part of a document."""
        return {
            "unit_code": self.code,
            "unit_name": self.name,
            "before_m2": self.before_m2,
            "after_m2": self.after_m2,
            "gained_m2": self.gained_m2,
            "lost_m2": self.lost_m2,
            "reclassified_m2": self.reclassified_m2,
        }


@dataclass(frozen=True, slots=True)
class SnapshotDifference:
    """What changed from one snapshot of a layer to another.

    Attributes:
        layer: The layer.
        before: Name of the earlier snapshot; ``""`` when there was no data.
        after: Name of the later one.
        matched_by: How features were paired: by the layer's key, where it is filled and
            single in both, else by their geometry.
        added: Features that only the later one has.
        removed: Features that only the earlier one has.
        reshaped: Paired features of another geometry.
        edited: Paired features of the same geometry with another attribute.
        unchanged: Paired features that are equal in all.
        before_m2: Net ground before; 0 for points and lines.
        after_m2: Net ground after.
        before_m: Length of all lines before; 0 for other layers.
        after_m: Length of all lines after.
        districts: Ground by district, in order of their codes; empty for points and lines, and
            while there are no district outlines.
        closure_m2: The largest gap between before + gained - lost and after, a check of ours.
        features: For a map, EPSG:4490: columns ``change`` (a ``FeatureChange``), ``side``
            (``before``, ``after``), ``key``, ``name``, ``area_m2`` (of the geometry shown).
        omitted: Changed features that were left out of ``features``, the smallest ones.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(arbitrary_types_allowed=True)

    layer: str
    before: str
    after: str
    matched_by: Literal["key", "geometry"]
    added: int
    removed: int
    reshaped: int
    edited: int
    unchanged: int
    before_m2: float
    after_m2: float
    before_m: float = 0.0
    after_m: float = 0.0
    districts: tuple[DistrictDifference, ...] = ()
    closure_m2: float = 0.0
    features: gpd.GeoDataFrame | None = field(default=None, compare=False)
    omitted: int = 0

    @property
    def changed(self) -> int:
        """Features in both that differ in geometry or attributes."""
        return self.reshaped + self.edited

    @property
    def empty(self) -> bool:
        """Whether nothing differs."""
        return not (self.added or self.removed or self.changed)

    def to_json(self) -> dict[str, Any]:
        """Give the document of schema ``geoapp.difference/1``, without the geometries."""
        return {
            "schema": "geoapp.difference/1",
            "layer": self.layer,
            "before": self.before or None,
            "after": self.after,
            "matched_by": self.matched_by,
            "features": {
                "added": self.added,
                "removed": self.removed,
                "reshaped": self.reshaped,
                "edited": self.edited,
                "unchanged": self.unchanged,
            },
            "before_m2": self.before_m2,
            "after_m2": self.after_m2,
            "before_m": self.before_m,
            "after_m": self.after_m,
            "districts": [district.to_json() for district in self.districts],
            "closure_m2": self.closure_m2,
            "omitted": self.omitted,
        }
