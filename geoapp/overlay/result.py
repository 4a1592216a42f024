"""What a table of statistics holds."""

from dataclasses import dataclass, field
from typing import Any, Final, Literal

from geoapp.catalog.manifest import Coverage

CheckName = Literal["whole", "classes", "unit", "inside"]
Level = Literal["city", "district", "township", "village"]
LEVELS: Final[tuple[Level, ...]] = ("city", "district", "township", "village")

# What a centimetre-exact table may miss: rounding of a sum of a million parcels, no more.
CLOSURE_TOLERANCE_M2: Final = 0.01
CLOSURE_TOLERANCE_M: Final = 0.001


@dataclass(frozen=True, slots=True)
class StatsRequest:
    """A question.

    Attributes:
        layer: Layer to measure.
        by: Unit level of the rows.
        class_field: Class field that splits each unit, or ``""``.
        inside: Only what lies inside this layer, or ``""``.
        within: Code of the unit to look into, or ``""`` for the whole city.
        as_of: ISO day whose snapshots are used, or ``""`` for the current ones.
    """

    layer: str
    by: Level = "district"
    class_field: str = ""
    inside: str = ""
    within: str = ""
    as_of: str = ""


@dataclass(frozen=True, slots=True)
class StatsRow:
    """One unit, or one unit and class.

    Attributes:
        unit_code: Code of the unit; the city's for its total.
        unit_name: Name of the unit.
        class_code: ``None`` without a class field, ``""`` for features without a class.
        area_m2: Net area: ground where features overlap counts once per class. ``None``
            where nothing is known.
        gross_m2: Sum of the features' own areas.
        count: Features that reach into the unit.
        share_of_unit: ``area_m2`` by the unit's area, ``None`` where nothing is known.
        share_of_layer: ``area_m2`` by the layer's net area in the whole city; of lines, length
            by length.
        coverage: Whether the layer is known here.
        sums: Totals of number fields; a feature counts where its inner point lies.
        length_m: Length of lines, each feature for itself. ``None`` for other layers and
            where nothing is known.
    """

    unit_code: str
    unit_name: str
    class_code: str | None
    area_m2: float | None
    gross_m2: float | None
    count: int
    share_of_unit: float | None
    share_of_layer: float | None
    coverage: Coverage
    sums: dict[str, float] = field(default_factory=dict)
    length_m: float | None = None


@dataclass(frozen=True, slots=True)
class UnitTotal:
    """One unit with all classes together.

    Attributes:
        unit_m2: Official area of the unit.
        net_m2: Ground that the layer covers in it, counted once.
        rest_m2: Ground that it does not cover.
    """

    unit_code: str
    unit_name: str
    unit_m2: float
    net_m2: float
    rest_m2: float
    coverage: Coverage


@dataclass(frozen=True, slots=True)
class Check:
    """One law and how far the worst row is from it.

    Attributes:
        name: ``whole``: units and what lies outside make the whole, class by class.
            ``classes``: classes make their unit. ``unit``: no unit has more than its area.
            ``inside``: nothing has more inside another layer than it has altogether.
        worst_m2: Largest difference or excess, zero or more.
        unit_code: Where, ``""`` for the whole.
        class_code: In which class, ``""`` for all of them.
        explained: The units themselves overlap or leave gaps, so a difference is no fault.
    """

    name: CheckName
    worst_m2: float
    unit_code: str = ""
    class_code: str = ""
    explained: bool = False

    def to_json(self) -> dict[str, Any]:
        """Give the entry of schema ``geoapp.stats/1``."""
        return {
            "check": self.name,
            "worst_m2": self.worst_m2,
            "unit_code": self.unit_code or None,
            "class": self.class_code or None,
            "explained": self.explained,
        }


@dataclass(frozen=True, slots=True)
class StatsResult:
    """A table with its closing line.

    Attributes:
        totals: The whole (city or ``within`` unit) by class, computed on its own, not by
            adding the rows.
        outside_units_m2: Area of the layer in the whole that lies in no unit of the level.
        closure_m2: Whole − Σ units − outside; zero but for rounding.
        overlap_m2: Gross minus net area: ground that features of the layer share.
        units_overlap: Units of this level overlap each other, which explains a closure.
        checks: What must hold, and how far the worst row is from it.
        outside_units_m: Length of a layer of lines that lies in no unit, ``None`` for others.
        closure_m: The same closing for lengths, ``None`` for layers without.
    """

    request: StatsRequest
    whole_code: str
    whole_name: str
    snapshots: dict[str, str]
    rows: list[StatsRow]
    totals: list[StatsRow]
    units: list[UnitTotal]
    outside_units_m2: float
    closure_m2: float
    overlap_m2: float
    units_overlap: bool
    sample: bool
    outside_units_m: float | None = None
    closure_m: float | None = None
    checks: tuple[Check, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Give the document of schema ``geoapp.stats/1``; lengths stand in it for lines only."""
        request, lines = self.request, self.closure_m is not None
        closing = {"outside_units_m": self.outside_units_m, "closure_m": self.closure_m}
        return {
            "schema": "geoapp.stats/1",
            "layer": request.layer,
            "by": request.by,
            "class": request.class_field or None,
            "inside": request.inside or None,
            "within": request.within or None,
            "as_of": request.as_of or None,
            "sample": self.sample,
            "snapshots": self.snapshots,
            "rows": [_row_json(row, lines=lines) for row in self.rows],
            "city": [_row_json(row, lines=lines) for row in self.totals],
            "units": [
                {
                    "unit_code": unit.unit_code,
                    "unit_name": unit.unit_name,
                    "unit_m2": unit.unit_m2,
                    "net_m2": unit.net_m2,
                    "rest_m2": unit.rest_m2,
                    "coverage": unit.coverage,
                }
                for unit in self.units
            ],
            "outside_units_m2": self.outside_units_m2,
            "closure_m2": self.closure_m2,
            "overlap_m2": self.overlap_m2,
            "units_overlap": self.units_overlap,
            "checks": [check.to_json() for check in self.checks],
        } | (closing if lines else {})


def _row_json(row: StatsRow, *, lines: bool) -> dict[str, Any]:
    return {
        "unit_code": row.unit_code,
        "unit_name": row.unit_name,
        "class": row.class_code,
        "area_m2": row.area_m2,
        "gross_m2": row.gross_m2,
        "count": row.count,
        "share_of_unit": row.share_of_unit,
        "share_of_layer": row.share_of_layer,
        "coverage": row.coverage,
        "sums": row.sums,
    } | ({"length_m": row.length_m} if lines else {})
