"""What a footprint has of the control layers, and how urgent that makes its case."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from geoapp.catalog.definition import Record
from geoapp.catalog.manifest import Coverage
from geoapp.errors import CatalogError
from geoapp.i18n import Text
from geoapp.overlay.what_if_result import WhatIfResult

FILE: Final = "priority.toml"


@dataclass(frozen=True, slots=True)
class Overlap:
    """What a footprint has of one layer.

    Attributes:
        coverage: ``no_data``: nobody knows; never to be read as nothing.
        area_m2: Ground inside, ``None`` where nothing is known.
        by_class: Ground by class code, such as the core zone of a scenic area.
    """

    layer: str
    snapshot: str
    coverage: Coverage
    area_m2: float | None
    by_class: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Context:
    """What a footprint has of all control layers.

    Attributes:
        area_m2: Its official area.
    """

    area_m2: float
    overlaps: tuple[Overlap, ...]

    def to_json(self) -> dict[str, Any]:
        """Give what an event keeps of it."""
        return {
            "area_m2": round(self.area_m2, 4),
            "overlaps": [
                {
                    "layer": overlap.layer,
                    "snapshot": overlap.snapshot,
                    "coverage": overlap.coverage,
                    "area_m2": None if overlap.area_m2 is None else round(overlap.area_m2, 4),
                    "by_class": {k: round(v, 4) for k, v in overlap.by_class.items()},
                }
                for overlap in self.overlaps
            ],
        }


class Weight(Record):
    """How much a layer, or one class of it, adds to the score.

    Attributes:
        layer: Its id.
        classes: Codes of its classes that count, empty for all.
        points: Added when at least ``from_m2`` of the footprint lie inside.
        from_m2: Less is an error of the line, not of the building.
    """

    layer: str
    classes: tuple[str, ...] = ()
    title: Text
    points: float
    from_m2: float


class Weights(Record):
    """The office's weights; a score is the sum of what applies.

    Attributes:
        unknown_points: Added for every layer that is not known here, so that a gap in the
            data pushes a case up, never down.
        large_m2: Ground from which a building counts as large, and what that adds.
        old_days: Days since discovery, and what each full span of them adds, up to a limit.
    """

    weight: tuple[Weight, ...]
    unknown_points: float
    large_m2: float
    large_points: float
    old_days: int
    old_points: float
    old_most: float


@dataclass(frozen=True, slots=True)
class ScorePart:
    """One addend of a score.

    Attributes:
        key: Layer, or ``unknown``, ``large``, ``old``.
        title: What it stands for, ``None`` where the locale says it: ``case.priority_<key>``.
        measure: The m² or days behind it, ``None`` where they are not known.
    """

    key: str
    title: Text | None
    measure: float | None
    points: float


@dataclass(frozen=True, slots=True)
class Score:
    """How urgent a case is: the sum, and every addend."""

    parts: tuple[ScorePart, ...]

    @property
    def points(self) -> float:
        """The sum."""
        return round(sum(part.points for part in self.parts), 4)


@cache
def read_weights() -> Weights:
    """Read the weights that ship."""
    return _read(Path(__file__).with_name(FILE))


def read_office_weights(folder: Path) -> Weights:
    """Read the weights of a workspace, where it has its own.

    Raises:
        CatalogError: The file is wrong.
    """
    path = folder / FILE
    return _read(path) if path.is_file() else read_weights()


def score(context: Context, age_days: int, weights: Weights) -> Score:
    """Add up how urgent a case is.

    Args:
        context: What its footprint has of the control layers.
        age_days: Days since it was found.
        weights: The office's weights.
    """
    parts = [*_layer_parts(context.overlaps, weights)]
    if context.area_m2 >= weights.large_m2:
        parts.append(ScorePart("large", None, context.area_m2, weights.large_points))
    spans = max(age_days, 0) // weights.old_days
    if spans:
        points = min(spans * weights.old_points, weights.old_most)
        parts.append(ScorePart("old", None, float(age_days), points))
    return Score(tuple(parts))


def to_context(result: WhatIfResult) -> Context:
    """Give the context that an answer about a footprint holds."""
    overlaps = tuple(
        Overlap(
            answer.layer,
            answer.snapshot,
            answer.coverage,
            answer.figures.area_m2,
            {row.class_code or "": row.area_m2 for row in answer.figures.rows},
        )
        for answer in result.layers
    )
    return Context(result.area_m2, overlaps)


def _layer_parts(overlaps: Sequence[Overlap], weights: Weights) -> list[ScorePart]:
    found = {overlap.layer: overlap for overlap in overlaps}
    parts, unknown = [], set()
    for weight in weights.weight:
        overlap = found.get(weight.layer)
        if overlap is None or overlap.coverage == "no_data":
            unknown.add(weight.layer)
            continue
        inside = (
            sum(overlap.by_class.get(code, 0.0) for code in weight.classes)
            if weight.classes
            else overlap.area_m2 or 0.0
        )
        if inside >= weight.from_m2:
            parts.append(ScorePart(weight.layer, weight.title, inside, weight.points))
        if overlap.coverage == "partial" and inside < weight.from_m2:
            unknown.add(weight.layer)
    return parts + [
        ScorePart("unknown", weight.title, None, weights.unknown_points)
        for weight in weights.weight
        if weight.layer in unknown
    ]


def _read(path: Path) -> Weights:
    try:
        return Weights.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise CatalogError(
            "definition-wrong", file=path.name, key="weight", reason=str(error).splitlines()[0]
        ) from error
