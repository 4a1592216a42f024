"""How well each layer is known: coverage, age, source, scale and what its last check found."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from geoapp.catalog.manifest import Coverage


@dataclass(frozen=True, slots=True)
class DistrictQuality:
    """What a layer is in one district.

    Attributes:
        code: The district.
        name: Its name.
        coverage: Whether absence means something there.
        net_m2: Ground that the layer covers there, overlaps once; ``None`` where nothing is
            known, and for points and lines.
        share: That ground as a share of the district.
    """

    code: str
    name: str
    coverage: Coverage
    net_m2: float | None
    share: float | None


@dataclass(frozen=True, slots=True)
class LayerQuality:
    """What is known of a layer, and how well.

    Attributes:
        layer: The layer.
        snapshot: Its current snapshot; ``""`` when there is no data, and the rest is empty.
        as_of: Day that the data describes.
        source: File it came from.
        source_note: Key of the locale for generated data.
        crs: Reference system of that file.
        scale: Denominator of the scale: of the data, else what such data usually has; 0 unknown.
        scale_stated: Somebody stated the scale of this data.
        feature_count: Features.
        checked_at: When it was published, and with that last checked.
        checked_by: Who did.
        problems: What the check found: code → number of features.
        repaired: Features whose geometry was repaired.
        rejected: Rows of the file that were left out.
        districts: By district, in order of their codes; empty without district outlines.
        sample: It is synthetic data.
    """

    layer: str
    snapshot: str = ""
    as_of: date | None = None
    source: str = ""
    source_note: str = ""
    crs: str = ""
    scale: int = 0
    scale_stated: bool = False
    feature_count: int = 0
    checked_at: datetime | None = None
    checked_by: str = ""
    problems: dict[str, int] = field(default_factory=dict)
    repaired: int = 0
    rejected: int = 0
    districts: tuple[DistrictQuality, ...] = ()
    sample: bool = False

    def to_json(self) -> dict[str, Any]:
        """Give it as part of the document of schema ``geoapp.quality/1``."""
        return {
            "layer": self.layer,
            "snapshot": self.snapshot or None,
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "source": self.source,
            "crs": self.crs,
            "scale": self.scale or None,
            "scale_stated": self.scale_stated,
            "feature_count": self.feature_count,
            "checked_at": self.checked_at.isoformat() if self.checked_at else None,
            "checked_by": self.checked_by,
            "problems": self.problems,
            "repaired": self.repaired,
            "rejected": self.rejected,
            "sample": self.sample,
            "districts": [
                {
                    "unit_code": district.code,
                    "unit_name": district.name,
                    "coverage": district.coverage,
                    "net_m2": district.net_m2,
                    "share": district.share,
                }
                for district in self.districts
            ],
        }
