"""What a drawn boundary holds, in few words: for a panel beside the drawing."""

from dataclasses import dataclass
from typing import Final, Literal

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
        share: Of the boundary's ground, ``""`` for layers that cover none.
        occupied: A layer that is to be kept free lies inside.
        known: ``yes``, ``partly`` where some ground has no data, or ``no``.
    """

    title: str
    text: str
    share: str
    occupied: bool
    known: Literal["yes", "partly", "no"]


def word_area(area_m2: float, wording: Wording) -> str:
    """Word an area in m², mu and the unit that was chosen."""
    units = dict.fromkeys((AreaUnit.M2, AreaUnit.MU, wording.unit))
    return " · ".join(
        f"{convert_area(area_m2, unit):,} {wording.say(f'unit.{unit}')}" for unit in units
    )


def live_rows(result: WhatIfResult, library: Library, wording: Wording) -> list[LiveRow]:
    """List the layers that lie inside, those to be kept free first, and those not known."""
    rows = [_row(answer, library, wording) for answer in result.layers]
    listed = [row for row in rows if row is not None]
    return sorted(listed, key=lambda row: (not row.occupied, row.known == "no"))


def _row(answer: LayerAnswer, library: Library, wording: Wording) -> LiveRow | None:
    definition, figures, say = library.require(answer.layer), answer.figures, wording.say
    title = definition.title[wording.lang]
    if answer.coverage == "no_data":
        return LiveRow(title, say("coverage.no_data"), "", occupied=False, known="no")
    known: Literal["yes", "partly"] = "partly" if answer.coverage == "partial" else "yes"
    if not figures.count and known == "yes":
        return None
    occupied = bool(figures.count) and _kept_free(definition)
    if definition.geometry == "polygon":
        area = figures.area_m2 or 0.0
        share = f"{round_half_up(100 * (figures.share(area) or 0.0), _PERCENT):.2f} %"
        text = f"{convert_area(area, wording.unit):,} {say(f'unit.{wording.unit}')}"
        return LiveRow(title, text, share, occupied=occupied, known=known)
    if definition.geometry == "line":
        text = f"{round_half_up(figures.length_m or 0.0, METRE_DECIMALS):,} {say('unit.m')}"
    else:
        text = say("scenario.live_count", count=figures.count or 0)
    return LiveRow(title, text, "", occupied=occupied, known=known)


def _kept_free(definition: LayerDefinition) -> bool:
    return definition.group in _HELD_FREE and definition.id != _MEANT_FOR_IT
