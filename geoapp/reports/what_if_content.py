"""What a drawn boundary holds, in few words: for a panel beside the drawing."""

from dataclasses import dataclass
from typing import Final, Literal

from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.library import Library
from geoapp.overlay.what_if_result import (
    ClassFigures,
    Figures,
    LayerAnswer,
    LayerChange,
    MovedBoundary,
    WhatIfResult,
)
from geoapp.reports.content import Wording
from geoapp.values import METRE_DECIMALS, AreaUnit, convert_area, round_half_up

_HELD_FREE: Final = frozenset({"control", "protected"})  # groups of layers to be kept free
_MEANT_FOR_IT: Final = "urban_boundary"  # a control line inside of which one may build
_PERCENT: Final = 2
_MINUS: Final = "\N{MINUS SIGN}"
_NOTHING: Final = ClassFigures(None, 0.0, 0.0, 0)

Known = Literal["yes", "partly", "no"]


@dataclass(frozen=True, slots=True)
class LiveClass:
    """One class of a layer.

    Attributes:
        title: Code and name.
        text: What the boundary holds of it.
        share: Of the boundary's ground, ``""`` for layers that cover none.
        gained: What the boundary has more than the one it replaces, in the unit of ``text`` and
            without naming it; ``""`` unless it replaces one.
        lost: What it gives up, likewise.
    """

    title: str
    text: str
    share: str
    gained: str
    lost: str


@dataclass(frozen=True, slots=True)
class LiveRow:
    """One layer.

    Attributes:
        layer: Its id.
        text: What the boundary holds of it; where it is not known, that.
        share: Of the boundary's ground, ``""`` for layers that cover none.
        gained: See ``LiveClass``; ``""`` also where the layer is not known.
        lost: Likewise.
        occupied: A layer that is to be kept free lies inside.
        known: ``yes``, ``partly`` where some ground has no data, or ``no``.
        classes: What is there, was gained or given up, by class; none without a class field.
    """

    layer: str
    title: str
    text: str
    share: str
    gained: str
    lost: str
    occupied: bool
    known: Known
    classes: tuple[LiveClass, ...] = ()


def word_area(area_m2: float, wording: Wording) -> str:
    """Word an area in m², mu and the unit that was chosen."""
    units = dict.fromkeys((AreaUnit.M2, AreaUnit.MU, wording.unit))
    return " · ".join(
        f"{convert_area(area_m2, unit):,} {wording.say(f'unit.{unit}')}" for unit in units
    )


def word_moved(moved: MovedBoundary, library: Library, wording: Wording) -> str:
    """Say what a boundary gains and gives up against the one it replaces."""
    say, unit = wording.say, say_unit(wording)
    layer = library.require(moved.layer).title[wording.lang] if moved.layer else ""
    sizes = {"before": moved.before_m2, "gained": moved.gained_m2, "lost": moved.lost_m2}
    return say(
        "scenario.live_moved",
        what=f"{layer} {moved.feature}".strip(),
        **{name: f"{convert_area(m2, wording.unit):,} {unit}" for name, m2 in sizes.items()},
    )


def say_unit(wording: Wording) -> str:
    """Name the unit of areas."""
    return wording.say(f"unit.{wording.unit}")


def live_rows(result: WhatIfResult, library: Library, wording: Wording) -> list[LiveRow]:
    """List the layers that lie inside, those to be kept free first, and those not known.

    Of a boundary that replaces another, layers that it only gives up are listed as well.
    """
    rows = [_row(answer, library, wording) for answer in result.layers]
    listed = [row for row in rows if row is not None]
    return sorted(listed, key=lambda row: (not row.occupied, row.known == "no"))


def _row(answer: LayerAnswer, library: Library, wording: Wording) -> LiveRow | None:
    definition, figures, say = library.require(answer.layer), answer.figures, wording.say
    title, change = definition.title[wording.lang], answer.change
    if answer.coverage == "no_data":
        words = say("coverage.no_data")
        return LiveRow(answer.layer, title, words, "", "", "", occupied=False, known="no")
    known: Known = "partly" if answer.coverage == "partial" else "yes"
    if known == "yes" and not figures.count and not (change and change.before.count):
        return None
    write = _Writer(definition, wording)
    return LiveRow(
        answer.layer,
        title,
        write.amount(figures),
        write.share(figures, figures.area_m2),
        write.change("+", change.gained if change else None),
        write.change(_MINUS, change.lost if change else None),
        occupied=bool(figures.count) and _kept_free(definition),
        known=known,
        classes=_classes(answer, write) if answer.class_field else (),
    )


def _classes(answer: LayerAnswer, write: "_Writer") -> tuple[LiveClass, ...]:
    figures, change = answer.figures, answer.change
    has = _by_class(figures)
    gained, lost = (_by_class(part) if change else {} for part in _parts(change))
    return tuple(
        LiveClass(
            write.title(answer.class_field, code),
            write.amount(has.get(code, _NOTHING)),
            write.share(figures, has.get(code, _NOTHING).area_m2),
            write.change("+", gained.get(code, _NOTHING) if change else None),
            write.change(_MINUS, lost.get(code, _NOTHING) if change else None),
        )
        for code in sorted(has.keys() | gained.keys() | lost.keys(), key=lambda code: code or "")
    )


def _parts(change: LayerChange | None) -> tuple[Figures | None, Figures | None]:
    return (change.gained, change.lost) if change else (None, None)


def _by_class(figures: Figures | None) -> dict[str | None, ClassFigures]:
    return {row.class_code: row for row in figures.rows} if figures else {}


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes amounts of a layer: areas, lengths or how many there are."""

    definition: LayerDefinition
    wording: Wording

    def amount(self, found: Figures | ClassFigures) -> str:
        """Write an amount with its unit."""
        say, number = self.wording.say, self._number(found)
        if self.definition.geometry == "polygon":
            return f"{number} {say_unit(self.wording)}"
        if self.definition.geometry == "line":
            return f"{number} {say('unit.m')}"
        return say("scenario.live_count", count=number)

    def change(self, sign: str, found: Figures | ClassFigures | None) -> str:
        """Write what was gained or lost, ``""`` where nothing moved or nothing is known."""
        if found is None or found.count is None:
            return ""
        number = self._number(found)
        return f"{sign}{number}" if any(digit in number for digit in "123456789") else "0"

    def share(self, figures: Figures, area_m2: float | None) -> str:
        """Write which part of the boundary's ground an area is."""
        if self.definition.geometry != "polygon":
            return ""
        return f"{round_half_up(100 * (figures.share(area_m2 or 0.0) or 0.0), _PERCENT):.2f} %"

    def title(self, field: str, code: str | None) -> str:
        """Name a class: its code, and what it means where a table tells."""
        if not code:
            return self.wording.say("table.no_class")
        titles = self.definition.class_titles(field)
        name = titles[code][self.wording.lang] if code in titles else ""
        return code if name in {"", code} else f"{code} {name}"

    def _number(self, found: Figures | ClassFigures) -> str:
        if self.definition.geometry == "polygon":
            return f"{convert_area(found.area_m2 or 0.0, self.wording.unit):,}"
        if self.definition.geometry == "line":
            return f"{round_half_up(found.length_m or 0.0, METRE_DECIMALS):,}"
        return f"{found.count or 0:,}"


def _kept_free(definition: LayerDefinition) -> bool:
    return definition.group in _HELD_FREE and definition.id != _MEANT_FOR_IT
