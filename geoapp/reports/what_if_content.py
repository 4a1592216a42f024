"""What a drawn boundary holds, in few words: for a panel beside the drawing."""

from dataclasses import dataclass
from typing import Final

from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.library import Library
from geoapp.overlay.what_if_result import LayerAnswer, WhatIfResult
from geoapp.reports.content import Wording
from geoapp.values import METRE_DECIMALS, AreaUnit, convert_area, round_half_up

_HELD_FREE: Final = frozenset({"control", "protected"})  # groups of layers to be kept free
_MEANT_FOR_IT: Final = "urban_boundary"  # a control line inside of which one may build
_PERCENT: Final = 2


@dataclass(frozen=True, slots=True)
class LiveRow:
    """One layer.

    Attributes:
        text: What the boundary holds of it; where it is not known, that.
        occupied: A control layer lies inside.
        known: Something can be told.
    """

    title: str
    text: str
    occupied: bool
    known: bool


def word_area(area_m2: float, wording: Wording) -> str:
    """Word an area in m², mu and the unit that was chosen."""
    units = dict.fromkeys((AreaUnit.M2, AreaUnit.MU, wording.unit))
    return " · ".join(
        f"{convert_area(area_m2, unit):,} {wording.say(f'unit.{unit}')}" for unit in units
    )


def live_rows(result: WhatIfResult, library: Library, wording: Wording) -> list[LiveRow]:
    """List the layers that lie inside, control layers first, and those that are not known."""
    rows = [_row(answer, library, wording) for answer in result.layers]
    listed = [row for row in rows if row is not None]
    return sorted(listed, key=lambda row: (not row.occupied, row.known))


def _row(answer: LayerAnswer, library: Library, wording: Wording) -> LiveRow | None:
    definition, figures, say = library.require(answer.layer), answer.figures, wording.say
    title = definition.title[wording.lang]
    if answer.coverage == "no_data":
        return LiveRow(title, say("coverage.no_data"), occupied=False, known=False)
    partly = f" · {say('coverage.partial')}" if answer.coverage == "partial" else ""
    if definition.geometry == "polygon":
        area = figures.area_m2 or 0.0
        if not figures.count:
            return LiveRow(title, f"0{partly}", occupied=False, known=False) if partly else None
        share = figures.share(area) or 0.0
        words = (
            f"{convert_area(area, wording.unit):,} {say(f'unit.{wording.unit}')}"
            f" · {round_half_up(100 * share, _PERCENT):.2f} %{partly}"
        )
        return LiveRow(title, words, occupied=_kept_free(definition), known=True)
    if not figures.count:
        return None
    if definition.geometry == "line":
        length = f"{round_half_up(figures.length_m or 0.0, METRE_DECIMALS):,} {say('unit.m')}"
        return LiveRow(title, f"{length}{partly}", occupied=False, known=True)
    return LiveRow(
        title, say("scenario.live_count", count=figures.count) + partly, occupied=False, known=True
    )


def _kept_free(definition: LayerDefinition) -> bool:
    return definition.group in _HELD_FREE and definition.id != _MEANT_FOR_IT
