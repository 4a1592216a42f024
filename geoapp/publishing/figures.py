"""The figures that the public gets of layers whose features it does not get."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Literal

import pandas as pd

from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.manifest import Coverage
from geoapp.overlay.result import StatsResult
from geoapp.publishing.quoting import quote_area
from geoapp.publishing.suppression import Hidden, find_hidden, merge_classes

FIGURES_SCHEMA: Final = "geoapp.public_figures/1"
OTHER: Final = "other"  # code of the classes that are given as one
FigureLevel = Literal["city", "district", "township"]
LEVELS: Final[tuple[FigureLevel, ...]] = ("city", "district", "township")
DISTRICT_LENGTH: Final = 6


@dataclass(frozen=True, slots=True)
class Figure:
    """What the public gets of one layer in one unit.

    Attributes:
        hidden: There is something that is too little to be given; nothing else is said then.
        count: Features, of a layer that is counted; ``None`` where it is hidden or unknown.
        area_m2: Official area to a hundredth of a hectare; likewise.
        sums: Totals of number fields; empty where they are hidden.
        classes: Area by class, of layers that are split; ``OTHER`` for those given as one.
    """

    unit: str
    level: FigureLevel
    coverage: Coverage
    hidden: bool = False
    count: int | None = None
    area_m2: float | None = None
    sums: Mapping[str, float] = field(default_factory=dict)
    classes: Mapping[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Give the entry of ``geoapp.public_figures/1``."""
        return {
            "unit": self.unit,
            "level": self.level,
            "coverage": self.coverage,
            "hidden": self.hidden,
            "count": self.count,
            "area_m2": self.area_m2,
            "sums": dict(self.sums),
            "classes": dict(self.classes),
        }


@dataclass(frozen=True, slots=True)
class FigureTable:
    """The figures of one layer: the city, its districts, and townships where they are given."""

    layer: str
    as_of: date
    sample: bool
    least: int
    figures: tuple[Figure, ...]

    def find(self, unit: str) -> Figure | None:
        """Find the figures of a unit by its code."""
        return next((figure for figure in self.figures if figure.unit == unit), None)

    def to_json(self) -> dict[str, Any]:
        """Give the entry of ``geoapp.public_figures/1``."""
        return {
            "layer": self.layer,
            "as_of": self.as_of.isoformat(),
            "sample": self.sample,
            "least": self.least,
            "figures": [figure.to_json() for figure in self.figures],
        }


def levels_of(definition: LayerDefinition) -> tuple[FigureLevel, ...]:
    """Give the levels of units that the public gets figures of, the largest first."""
    return LEVELS[: LEVELS.index(definition.access.finest) + 1]


def add_areas(
    definition: LayerDefinition, results: Mapping[FigureLevel, StatsResult]
) -> list[Figure]:
    """Give the areas of a layer, without counts.

    Args:
        definition: The layer.
        results: Its table without classes at each level.
    """
    counts = {level: _counts(result) for level, result in results.items()}
    hidden = find_hidden(_nested(counts), definition.access.least)
    figures = []
    for level, result in results.items():
        for row in result.rows:
            if _is_hidden(hidden, level, row.unit_code):
                figures.append(Figure(row.unit_code, level, row.coverage, hidden=True))
            else:
                area = quote_area(row.area_m2)
                figures.append(Figure(row.unit_code, level, row.coverage, area_m2=area))
    return figures


def add_classes(
    definition: LayerDefinition, results: Mapping[FigureLevel, StatsResult]
) -> list[Figure]:
    """Give the areas of a layer by class; rare classes are given as one.

    Args:
        definition: The layer.
        results: Its table by class at each level.
    """
    counts: dict[str, dict[str, int]] = {}
    for result in results.values():
        for row in result.rows:
            counts.setdefault(row.class_code or "", {})[row.unit_code] = row.count
    merged = merge_classes(counts, definition.access.least)
    figures = []
    for level, result in results.items():
        units: dict[str, dict[str, float]] = {}
        states: dict[str, Coverage] = {}
        for row in result.rows:
            states[row.unit_code] = row.coverage
            areas = units.setdefault(row.unit_code, {})
            code = row.class_code or ""
            name = OTHER if code in merged or not code else code
            if row.area_m2:
                areas[name] = areas.get(name, 0.0) + row.area_m2
        figures += [
            Figure(
                unit,
                level,
                states[unit],
                area_m2=quote_area(sum(areas.values())) if states[unit] != "no_data" else None,
                classes={code: quote_area(area) or 0.0 for code, area in sorted(areas.items())},
            )
            for unit, areas in units.items()
        ]
    return figures


def add_counts(
    definition: LayerDefinition,
    features: pd.DataFrame,
    units: Mapping[FigureLevel, Mapping[str, Coverage]],
) -> list[Figure]:
    """Give counts and totals of a layer whose features count where their inner point lies.

    Args:
        definition: The layer; features with nothing in any of its published fields, such as
            cases in which nothing was torn down, are not counted.
        features: Columns ``district``, ``township`` and the published number fields.
        units: Units at each level and how well the layer is known there.
    """
    names = [name for name in definition.access.fields if name in features]
    if names:
        features = features[(features[names] > 0).any(axis=1)]
    counted = {
        level: {
            code: len(features) if level == "city" else int((features[level] == code).sum())
            for code in codes
        }
        for level, codes in units.items()
    }
    hidden = find_hidden(_nested(counted), definition.access.least)
    figures = []
    for level, codes in units.items():
        for unit, coverage in codes.items():
            here = features if level == "city" else features[features[level] == unit]
            if _is_hidden(hidden, level, unit):
                figures.append(Figure(unit, level, coverage, hidden=True))
            elif coverage == "no_data" and here.empty:
                figures.append(Figure(unit, level, coverage))
            else:
                sums = {name: round(float(here[name].sum()), 2) for name in names}
                figures.append(Figure(unit, level, coverage, count=len(here), sums=sums))
    return figures


def _counts(result: StatsResult) -> dict[str, int]:
    return {row.unit_code: row.count for row in result.rows}


def _nested(counts: Mapping[FigureLevel, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    """Order counts by district; where there are no townships, each district is its own part."""
    parts = counts.get("township") or counts.get("district") or counts["city"]
    nested: dict[str, dict[str, int]] = {}
    for code, count in parts.items():
        nested.setdefault(code[:DISTRICT_LENGTH], {})[code] = count
    return nested


def _is_hidden(hidden: Hidden, level: FigureLevel, unit: str) -> bool:
    if level == "city":
        return hidden.city
    return unit in (hidden.districts if level == "district" else hidden.townships)


def to_document(tables: Sequence[FigureTable]) -> dict[str, Any]:
    """Give the document ``geoapp.public_figures/1``."""
    return {"schema": FIGURES_SCHEMA, "layers": [table.to_json() for table in tables]}
