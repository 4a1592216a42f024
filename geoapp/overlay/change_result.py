"""What a comparison of two snapshots holds."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from geoapp.catalog.manifest import Coverage
from geoapp.overlay.result import Level


@dataclass(frozen=True, slots=True)
class ChangeRequest:
    """A question.

    Attributes:
        layer: Layer of polygons.
        before: Day, or name of a snapshot.
        after: Likewise; ``None`` for the current snapshot.
        by: Unit level of the rows.
        class_field: Class field, ``""`` for the one of the layer.
        within: Code of the unit to look into, or ``""`` for the whole city.
    """

    layer: str
    before: date | str
    after: date | str | None = None
    by: Level = "district"
    class_field: str = ""
    within: str = ""


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """Ground of one unit by what it was and what it became.

    Attributes:
        class_before: ``None`` where the layer had no land, ``""`` for land without a class.
        class_after: Likewise, afterwards.
        area_m2: Net ground.
    """

    unit_code: str
    unit_name: str
    class_before: str | None
    class_after: str | None
    area_m2: float


@dataclass(frozen=True, slots=True)
class ClassBalance:
    """What one class of one unit gained and lost, m²."""

    unit_code: str
    unit_name: str
    class_code: str
    before_m2: float
    after_m2: float
    unchanged_m2: float

    @property
    def gain_m2(self) -> float:
        """Ground that became this class."""
        return self.after_m2 - self.unchanged_m2

    @property
    def loss_m2(self) -> float:
        """Ground that was this class."""
        return self.before_m2 - self.unchanged_m2

    @property
    def net_m2(self) -> float:
        """Gain minus loss."""
        return self.after_m2 - self.before_m2


@dataclass(frozen=True, slots=True)
class ChangeCoverage:
    """How well both snapshots know a unit; what is not known is no gain and no loss."""

    unit_code: str
    unit_name: str
    before: Coverage
    after: Coverage


@dataclass(frozen=True, slots=True)
class FeatureCounts:
    """Features of the layer in the whole city.

    Attributes:
        unchanged: In both snapshots with the same polygon and class.
        reclassified: In both with the same polygon, of another class.
        before_only: Only in the earlier snapshot.
        after_only: Only in the later one.
    """

    unchanged: int
    reclassified: int
    before_only: int
    after_only: int


@dataclass(frozen=True, slots=True)
class ChangeResult:
    """A transition matrix by units.

    Attributes:
        class_field: The field that was used; ``""`` where the layer has none.
        snapshots: Names under ``before``, ``after`` and ``units``.
        whole: The whole (city or ``within`` unit), measured on its own, not by adding rows.
        balance: Units and classes; the whole first.
        outside: What lies in no unit; its unit code is ``""``.
        overlap_m2: Ground that features of each snapshot share; the first one has it.
        closure_m2: The largest gap between a sum of the matrix and the area of that class,
            which is computed without the other snapshot; or between the whole and its units.
        units_overlap: Units of this level overlap each other, so they do not add up.
    """

    request: ChangeRequest
    class_field: str
    whole_code: str
    whole_name: str
    snapshots: dict[str, str]
    rows: list[ChangeRow]
    whole: list[ChangeRow]
    outside: list[ChangeRow]
    balance: list[ClassBalance]
    units: list[ChangeCoverage]
    features: FeatureCounts
    overlap_m2: tuple[float, float]
    closure_m2: float
    units_overlap: bool
    sample: bool

    def to_json(self) -> dict[str, Any]:
        """Give the document of schema ``geoapp.change/1``."""
        request, counts = self.request, self.features
        return {
            "schema": "geoapp.change/1",
            "layer": request.layer,
            "by": request.by,
            "class": self.class_field or None,
            "within": request.within or None,
            "sample": self.sample,
            "snapshots": self.snapshots,
            "rows": [_row_json(row) for row in self.rows],
            "city": [_row_json(row) for row in self.whole],
            "outside": [_row_json(row) for row in self.outside],
            "summary": [_balance_json(entry) for entry in self.balance],
            "units": [
                {
                    "unit_code": unit.unit_code,
                    "unit_name": unit.unit_name,
                    "coverage_before": unit.before,
                    "coverage_after": unit.after,
                }
                for unit in self.units
            ],
            "features": {
                "unchanged": counts.unchanged,
                "reclassified": counts.reclassified,
                "before_only": counts.before_only,
                "after_only": counts.after_only,
            },
            "overlap_m2": {"before": self.overlap_m2[0], "after": self.overlap_m2[1]},
            "closure_m2": self.closure_m2,
            "units_overlap": self.units_overlap,
        }


def _row_json(row: ChangeRow) -> dict[str, Any]:
    return {
        "unit_code": row.unit_code,
        "unit_name": row.unit_name,
        "class_before": row.class_before,
        "class_after": row.class_after,
        "area_m2": row.area_m2,
    }


def _balance_json(entry: ClassBalance) -> dict[str, Any]:
    return {
        "unit_code": entry.unit_code,
        "unit_name": entry.unit_name,
        "class": entry.class_code,
        "before_m2": entry.before_m2,
        "after_m2": entry.after_m2,
        "unchanged_m2": entry.unchanged_m2,
        "gain_m2": entry.gain_m2,
        "loss_m2": entry.loss_m2,
        "net_m2": entry.net_m2,
    }
