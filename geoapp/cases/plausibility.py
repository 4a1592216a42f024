"""Whether a photo can be what it is said to be: shown beside it, never judged."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final, Literal

import numpy as np
import shapely

from geoapp.cases.case import Case
from geoapp.cases.event import Event
from geoapp.cases.storage_evidence import Evidence
from geoapp.geometry.crs import GEOGRAPHIC, transform

FAR_M: Final = 100.0  # a phone is some 10 m off; further than this is worth a word

RemarkCode = Literal[
    "no_position",
    "near",
    "far",
    "no_time",
    "after_but_earlier",
    "before_but_later",
    "older_than_case",
    "in_the_future",
    "used_elsewhere",
]


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to know about a photo; worded by ``case.remark_<code>``."""

    code: RemarkCode
    facts: dict[str, Any] = field(default_factory=dict)


def find_remarks(
    evidence: Evidence,
    case: Case,
    events: Sequence[Event],
    uses: Sequence[str],
    gauss: str,
) -> tuple[Remark, ...]:
    """Compare what a photo says of itself with its case.

    Args:
        evidence: The photo.
        case: Its case.
        events: The case's events.
        uses: Numbers of other cases that hold the very same file.
        gauss: The city's Gauss plane.
    """
    return (
        _place(evidence, case, gauss),
        *_times(evidence, case, events),
        *([Remark("used_elsewhere", {"cases": ", ".join(uses)})] if uses else []),
    )


def distance_m(longitude: float, latitude: float, footprint: shapely.Geometry, gauss: str) -> float:
    """Measure how far a position lies from a footprint; 0 inside."""
    both = np.array([shapely.Point(longitude, latitude), footprint], dtype=object)
    point, ground = transform(both, GEOGRAPHIC, gauss)
    return float(shapely.distance(point, ground))


def _place(evidence: Evidence, case: Case, gauss: str) -> Remark:
    if evidence.longitude is None or evidence.latitude is None:
        return Remark("no_position")
    away = distance_m(evidence.longitude, evidence.latitude, case.footprint, gauss)
    return Remark("far" if away > FAR_M else "near", {"distance_m": round(away)})


def _times(evidence: Evidence, case: Case, events: Sequence[Event]) -> list[Remark]:
    if not evidence.taken_at:
        return [Remark("no_time")]
    taken = datetime.fromisoformat(evidence.taken_at).date()
    facts = {"taken": taken.isoformat()}
    torn = sorted(event.on for event in events if event.kind == "demolished")
    found: list[Remark] = []
    if taken > _entered(evidence):
        found.append(Remark("in_the_future", facts))
    if evidence.role == "after" and torn and taken < torn[-1]:
        found.append(Remark("after_but_earlier", facts | {"day": torn[-1].isoformat()}))
    if evidence.role == "before" and torn and taken > torn[0]:
        found.append(Remark("before_but_later", facts | {"day": torn[0].isoformat()}))
    if evidence.role != "before" and taken < case.found_on:
        found.append(Remark("older_than_case", facts | {"day": case.found_on.isoformat()}))
    return found


def _entered(evidence: Evidence) -> date:
    """The day of the entry, in the place where photos are taken."""
    return datetime.fromisoformat(evidence.added_at).astimezone().date()
