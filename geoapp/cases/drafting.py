"""Events and cases before they stand in the register."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import shapely

from geoapp.cases.case import (
    MODES,
    OWNER_KINDS,
    SOURCES,
    TRACKS,
    Amounts,
    Case,
    NewCase,
    Registered,
    Units,
    require_area,
    require_households,
    require_offered,
    require_word,
)
from geoapp.cases.event import Event, EventKind, SubjectKind
from geoapp.cases.office import Office
from geoapp.cases.storage import to_area
from geoapp.cases.track import FIRST_STAGE
from geoapp.errors import ConflictError, InputError
from geoapp.overlay.asked_polygon import take_polygon
from geoapp.values import round_half_up

_MOST_HOUSEHOLD_KEYS = 200
_LONGEST_KEY = 64
_LONGEST_REASON = 4000


@dataclass(frozen=True, slots=True)
class Footprint:
    """A footprint that was taken.

    Attributes:
        shape: EPSG:4490, without Z.
        area: Official area in hundredths of a m², rounded half-up.
        inner: Longitude and latitude of a point inside.
    """

    shape: shapely.Geometry
    area: int
    inner: tuple[float, float]
    units: Units

    @property
    def bounds(self) -> tuple[float, ...]:
        """West, south, east, north."""
        return tuple(float(value) for value in shapely.bounds(self.shape))


def take_footprint(office: Office, geometry: object) -> Footprint:
    """Take a footprint as it is, or refuse it; nothing is repaired.

    Raises:
        GeometryError: It cannot be measured.
        CrsError: It lies outside the city.
        AccessError: It lies outside the principal's unit.
        InputError: It measures nothing.
    """
    plane = take_polygon(geometry, office.city)
    shape: shapely.Geometry = shapely.force_2d(np.array([geometry], dtype=object))[0]
    area = int(round_half_up(float(shapely.area(plane)), 2).scaleb(2))
    if area <= 0:
        raise InputError("case-footprint-too-small")
    [units] = office.locate(np.array([shape], dtype=object))
    office.require_unit(units)
    inner = shapely.point_on_surface(shape)
    return Footprint(shape, area, (float(inner.x), float(inner.y)), units)


def draft_event(
    office: Office,
    kind: EventKind,
    on: date,
    reason: str,
    *,
    subject: tuple[SubjectKind, int] = ("case", 0),
    stage: str = "",
    document: tuple[str, str] = ("", ""),
    mode: str = "",
    amounts: Amounts | None = None,
    facts: Mapping[str, Any] | None = None,
) -> Event:
    """Draft an event; its place in the chain is set when it is written.

    Args:
        office: The register and who acts.
        kind: What happened.
        on: Legal day; not after today.
        reason: Why.
        subject: What it happened to.
        stage: Its stage, before and after.
        document: Kind and reference of the document.
        mode: Of a demolition.
        amounts: Of a demolition.
        facts: What else belongs to it.

    Raises:
        ConflictError: The day lies in the future.
        InputError: The reason cannot be taken.
    """
    if on > office.today:
        raise ConflictError("case-date-future", day=on.isoformat())
    return Event(
        seq=0,
        subject_kind=subject[0],
        subject=subject[1],
        version=1,
        kind=kind,
        at=office.moment,
        on=on,
        actor=office.principal.name,
        reason=require_word(reason, "reason", longest=_LONGEST_REASON),
        from_stage=stage,
        to_stage=stage,
        document_kind=document[0],
        document=require_word(document[1], "document"),
        mode=mode,
        amounts=amounts or Amounts(),
        facts=facts or {},
    )


def draft_case(new: NewCase, taken: Footprint, *, key: int, case_no: str, sample: bool) -> Case:
    """Draft a case from what was entered.

    Raises:
        InputError: A value cannot be taken.
        ChoiceError: A value is not offered.
    """
    require_offered(new.track, "track", TRACKS)
    require_offered(new.source, "source", SOURCES)
    require_offered(new.owner_kind, "owner_kind", OWNER_KINDS)
    return Case(
        id=key,
        case_no=case_no,
        version=1,
        track=new.track,
        stage=FIRST_STAGE,
        stage_since=new.found_on,
        footprint_wkb=shapely.to_wkb(taken.shape),
        longitude=taken.inner[0],
        latitude=taken.inner[1],
        registered=Registered(
            to_area(taken.area),
            require_households(new.households),
            require_area(new.floor_area_m2, "floor_area"),
        ),
        demolished=Amounts(),
        household_keys=take_keys(new.household_keys),
        owner_kind=new.owner_kind,
        cause=require_word(new.cause, "cause"),
        source=new.source,
        found_on=new.found_on,
        units=taken.units,
        office=require_word(new.office, "office"),
        inspector=require_word(new.inspector, "inspector"),
        note=require_word(new.note, "note", longest=_LONGEST_REASON),
        permit="",
        patch=new.patch,
        previous=new.previous,
        demolished_on=None,
        closed_on=None,
        due_on=None,
        due_clock="",
        due_certain=True,
        priority=None,
        sample=sample,
    )


def take_keys(keys: tuple[str, ...]) -> tuple[str, ...]:
    """Take keys of households: none empty, none twice, in rising order.

    Raises:
        InputError: A key is empty, too long, or stands twice.
    """
    taken = [require_word(key, "household_keys", longest=_LONGEST_KEY) for key in keys]
    if len(taken) > _MOST_HOUSEHOLD_KEYS or not all(taken) or len(set(taken)) != len(taken):
        raise InputError("case-household-keys-wrong", most=_MOST_HOUSEHOLD_KEYS)
    return tuple(sorted(taken))


def require_mode(mode: str) -> None:
    """Stop unless a mode of demolition is offered.

    Raises:
        ChoiceError: It is not.
    """
    require_offered(mode, "mode", MODES)
