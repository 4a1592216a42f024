"""What is behind a figure: each thing that it counts, what it adds, and where it lies."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import shapely

from geoapp.planning.quantity import from_base
from geoapp.planning.reconciling import ReconciledFigure

ThingKind = Literal["feature", "case", "patch", "item", "unit", "ground", "land"]


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing that a figure counts.

    Attributes:
        number: What its office calls it.
        unit_code: The smallest unit that it is known to lie in, ``""`` unknown.
        state: Code of its class, stage, verdict or status, ``""`` for none.
        value: What it adds: m², or pieces. Of a share: what it adds above the line.
        of: Of a share: what it adds below the line; ``None`` for other figures.
        shape: EPSG:4490, ``None`` where none is known.
        row: Its row in the layer, -1 for what is no feature of one.
        before: Of changed ground: its class at the first date.
    """

    kind: ThingKind
    number: str
    name: str
    unit_code: str
    state: str
    value: Fraction
    of: Fraction | None = None
    shape: shapely.Geometry | None = None
    row: int = -1
    before: str = ""

    @property
    def place(self) -> tuple[float, float] | None:
        """A point inside of it, longitude and latitude."""
        if self.shape is None or shapely.is_empty(self.shape):
            return None
        point = shapely.point_on_surface(self.shape)
        return float(point.x), float(point.y)


@dataclass(frozen=True, slots=True)
class Listed:
    """Things of a figure: all added up, the largest told one by one.

    Attributes:
        things: Largest first.
        count: How many there are altogether.
        value: What all of them make, in the base unit; ``None`` where nothing is known.
        layer: The layer whose features they are, ``""`` for others.
        class_field: Field that their state is a class of, ``""`` for others.
    """

    things: tuple[Thing, ...]
    count: int
    value: Fraction | None
    layer: str = ""
    class_field: str = ""


@dataclass(frozen=True, slots=True)
class Behind:
    """What is behind a figure of a report.

    Attributes:
        unit_code: Unit that was looked into, ``""`` for the city.
        value: What the figure is there, in the base unit; ``None``: not known.
    """

    report: str
    figure: ReconciledFigure
    unit_code: str
    value: Fraction | None
    listed: Listed

    @property
    def rest(self) -> Fraction | None:
        """What the figure has and its things do not explain."""
        if self.value is None or self.listed.value is None:
            return None
        return self.value - self.listed.value

    @property
    def sample(self) -> bool:
        """Whether it rests on synthetic data."""
        return self.figure.computed is not None and self.figure.computed.sample

    def to_json(self) -> dict[str, Any]:
        """Give the document of schema ``geoapp.behind/1``."""
        figure, found = self.figure.figure, self.figure.computed

        def shown(value: Fraction | None) -> float | None:
            return None if value is None else float(from_base(value, figure.unit))

        return {
            "schema": "geoapp.behind/1",
            "report": self.report,
            "figure": figure.id,
            "title": figure.title.model_dump(),
            "unit": figure.unit,
            "within": self.unit_code or None,
            "value": shown(self.value),
            "listed": shown(self.listed.value),
            "rest": shown(self.rest),
            "count": self.listed.count,
            "layer": self.listed.layer or None,
            "sources": dict(found.sources) if found else {},
            "sample": self.sample,
            "things": [_thing_json(one) for one in self.listed.things],
        }


def _thing_json(one: Thing) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "number": one.number,
        "name": one.name,
        "unit_code": one.unit_code or None,
        "state": one.state or None,
        "before": one.before or None,
        "value": float(one.value),
        "of": None if one.of is None else float(one.of),
        "place": one.place,
    }


def list_all(
    things: Sequence[Thing], limit: int, *, layer: str = "", class_field: str = ""
) -> Listed:
    """Add things up, and keep the largest.

    Args:
        things: All of them; if they are of a share, every one tells ``of``.
        limit: How many to keep.
        layer: See ``Listed``.
        class_field: Likewise.
    """
    value = sum((one.value for one in things), Fraction(0))
    below = [one.of for one in things if one.of is not None]
    share = bool(below)
    made: Fraction | None = value
    if share:
        made = value * 100 / sum(below, Fraction(0)) if sum(below) else None

    def size(one: Thing) -> Fraction:
        return abs(one.of if one.of is not None else one.value)

    ordered = sorted(things, key=lambda one: (-size(one), one.number, one.name))
    return Listed(tuple(ordered[:limit]), len(things), made, layer, class_field)
