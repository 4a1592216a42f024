"""What a question about one polygon is answered with."""

from dataclasses import asdict, dataclass
from typing import Any

import shapely

from geoapp.catalog.manifest import Coverage
from geoapp.overlay.result import Level


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """What a polygon has of one class of a layer.

    Attributes:
        class_code: ``None`` without a class field, ``""`` for features without a class.
        area_m2: Net area: ground where features overlap counts once per class.
        gross_m2: Sum over the features.
        count: Features that reach in.
        length_m: Length of lines inside, ``None`` for layers of polygons and points.
    """

    class_code: str | None
    area_m2: float
    gross_m2: float
    count: int
    length_m: float | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """What a polygon has of one layer.

    Attributes:
        ground_m2: Area of the polygon.
        rows: By class; a class that is not there has no row.
        area_m2: Ground that the layer covers, counted once; ``None`` where nothing is known.
            Points and lines cover none.
        rest_m2: Ground of the polygon that it does not cover, ``None`` where nothing is known
            and for points and lines.
        count: Features that reach in, ``None`` where nothing is known.
        length_m: Length of lines inside, ``None`` where nothing is known and for others.
    """

    ground_m2: float
    rows: tuple[ClassFigures, ...]
    area_m2: float | None
    rest_m2: float | None
    count: int | None
    length_m: float | None = None

    def share(self, area_m2: float | None) -> float | None:
        """Give which part of the polygon an area is; ``None`` if unknown or without ground."""
        return None if area_m2 is None or self.ground_m2 <= 0 else area_m2 / self.ground_m2


@dataclass(frozen=True, slots=True)
class LayerChange:
    """What a moved boundary changes of one layer.

    Attributes:
        before: What the stored boundary has.
        gained: What lies inside of the new boundary only.
        lost: What lies inside of the stored boundary only.
        difference: After minus before by class; counts are of features that reach in.
    """

    before: Figures
    gained: Figures
    lost: Figures
    difference: tuple[ClassFigures, ...]


@dataclass(frozen=True, slots=True)
class LayerAnswer:
    """One layer in the polygon.

    Attributes:
        class_field: Field of the classes, ``""`` without.
        snapshot: What was measured, ``""`` where the layer has no data at all.
        coverage: Whether the layer is known in the districts that the polygon touches, taken
            together; ground outside all districts is not known.
        districts: Whether it is known in each of them.
        figures: What the polygon has of it.
        change: What a moved boundary changes, ``None`` unless one was moved.
    """

    layer: str
    class_field: str
    snapshot: str
    coverage: Coverage
    districts: dict[str, Coverage]
    figures: Figures
    change: LayerChange | None = None


@dataclass(frozen=True, slots=True)
class UnitPart:
    """What of the polygon lies in one unit."""

    unit_code: str
    unit_name: str
    area_m2: float


@dataclass(frozen=True, slots=True)
class UnitSplit:
    """How the units of one level share ground.

    Attributes:
        parts: The units that have some of it.
        outside_m2: What lies in no unit, measured and not found by subtraction.
    """

    parts: tuple[UnitPart, ...]
    outside_m2: float


@dataclass(frozen=True, slots=True)
class UnitAnswer:
    """The polygon among the units of one level.

    Attributes:
        split: The polygon.
        before: The stored boundary, ``None`` unless one was moved.
        units_overlap: Units of this level overlap each other, so that parts add up to more.
    """

    level: Level
    snapshot: str
    split: UnitSplit
    before: UnitSplit | None
    units_overlap: bool


@dataclass(frozen=True, slots=True)
class Existing:
    """A feature whose boundary is moved.

    Attributes:
        layer: Its layer.
        feature: Its key, or as a number its row in stored order, from 0.
    """

    layer: str
    feature: str | int


@dataclass(frozen=True, slots=True, eq=False)
class Earlier:
    """A boundary that is no feature, drawn earlier and now drawn otherwise.

    Attributes:
        label: As people call it.
        geometry: EPSG:4490.
    """

    label: str
    geometry: shapely.Geometry


@dataclass(frozen=True, slots=True)
class MovedBoundary:
    """How a boundary moved: area after = before + gained − lost, but for rounding.

    Attributes:
        layer: Layer of the feature, ``""`` for an earlier drawing.
        feature: The feature, or the label of the drawing.
    """

    layer: str
    feature: str | int
    before_m2: float
    gained_m2: float
    lost_m2: float


@dataclass(frozen=True, slots=True)
class WhatIfResult:
    """Everything that is known of one polygon.

    Attributes:
        area_m2: Its official area.
        layers: The layers that were asked for.
        units: All levels of units that the principal may see and that have data.
        moved: How a boundary moved, ``None`` unless one was.
        sample: Something of it is made-up data.
    """

    area_m2: float
    layers: tuple[LayerAnswer, ...]
    units: tuple[UnitAnswer, ...]
    moved: MovedBoundary | None
    sample: bool

    def to_json(self) -> dict[str, Any]:
        """Give the document of schema ``geoapp.what_if/1``."""
        return {
            "schema": "geoapp.what_if/1",
            "area_m2": self.area_m2,
            "sample": self.sample,
            "replaces": asdict(self.moved) if self.moved else None,
            "layers": [self._layer_json(answer) for answer in self.layers],
            "units": [self._unit_json(answer) for answer in self.units],
        }

    def _layer_json(self, answer: LayerAnswer) -> dict[str, Any]:
        change = answer.change
        return {
            "layer": answer.layer,
            "class_field": answer.class_field or None,
            "snapshot": answer.snapshot or None,
            "coverage": answer.coverage,
            "districts": answer.districts,
            **self._figures_json(answer.figures),
            "change": {
                "before": self._figures_json(change.before),
                "gained": self._figures_json(change.gained),
                "lost": self._figures_json(change.lost),
                "difference": [_row_json(row) for row in change.difference],
            }
            if change
            else None,
        }

    def _figures_json(self, figures: Figures) -> dict[str, Any]:
        return {
            "rows": [
                _row_json(row) | {"share": figures.share(row.area_m2)} for row in figures.rows
            ],
            "area_m2": figures.area_m2,
            "share": figures.share(figures.area_m2),
            "rest_m2": figures.rest_m2,
            "count": figures.count,
        } | _length_json(figures.length_m)

    def _unit_json(self, answer: UnitAnswer) -> dict[str, Any]:
        return {
            "level": answer.level,
            "snapshot": answer.snapshot,
            "units_overlap": answer.units_overlap,
            **asdict(answer.split),
            "before": asdict(answer.before) if answer.before else None,
        }


def _row_json(row: ClassFigures) -> dict[str, Any]:
    return {
        "class": row.class_code,
        "area_m2": row.area_m2,
        "gross_m2": row.gross_m2,
        "count": row.count,
    } | _length_json(row.length_m)


def _length_json(length_m: float | None) -> dict[str, float]:
    """Give the length of lines; polygons and points have no such key."""
    return {} if length_m is None else {"length_m": length_m}
