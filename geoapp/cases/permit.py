"""Permits: which of them cover a footprint, so that nothing legitimate is pursued."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, get_args

import numpy as np
import shapely

from geoapp.cases.case import require_offered, require_word
from geoapp.cases.doubt import LEAST_SHARED_M2
from geoapp.cases.drafting import draft_event
from geoapp.cases.office import Office
from geoapp.cases.storage_case import find_case
from geoapp.cases.storage_event import append_events
from geoapp.cases.storage_permit import (
    Permit,
    find_known_references,
    find_permits_near,
    insert_permits,
)
from geoapp.errors import ConflictError, InputError
from geoapp.geometry.measure import to_measure_plane
from geoapp.overlay.asked_polygon import take_polygon
from geoapp.overlay.pairwise import shared_areas

PermitKind = Literal["homestead", "planning", "land"]
KINDS: Final[tuple[PermitKind, ...]] = get_args(PermitKind)
COVERED: Final = 0.95  # of the footprint: the rest is within the error of both surveys


@dataclass(frozen=True, slots=True)
class NewPermit:
    """A permit to be entered; the footprint is EPSG:4490."""

    reference: str
    kind: PermitKind
    holder: str
    issued_on: date | None
    footprint: shapely.Geometry


@dataclass(frozen=True, slots=True)
class Cover:
    """What a permit covers of a footprint.

    Attributes:
        shared_m2: Ground in common.
        share: That as a part of the footprint.
        whole: It covers the footprint but for what surveys differ by, so the building is
            legitimate with this reference; a person still takes the move.
        beyond_m2: Ground of the footprint outside of the permit.
    """

    permit: Permit
    shared_m2: float
    share: float
    whole: bool
    beyond_m2: float


class PermitDesk:
    """Permits for one acting principal."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def add(self, permits: Sequence[NewPermit], reason: str) -> int:
        """Enter permits: all of them, or none; gives how many.

        Raises:
            InputError: A value cannot be taken, or a reference stands twice.
            ConflictError: The register has a reference already.
            AccessError: The principal may not import.
        """
        office = self._office
        office.require("import_cases")
        references = [require_word(permit.reference, "permit") for permit in permits]
        if not all(references) or len(set(references)) != len(references):
            raise InputError("permit-references-wrong")
        for permit in permits:
            require_offered(permit.kind, "kind", KINDS)
            take_polygon(permit.footprint, office.city)
        rows = [
            {
                "reference": reference,
                "kind": permit.kind,
                "holder": require_word(permit.holder, "holder"),
                "issued_on": permit.issued_on,
                "footprint": shapely.to_wkb(permit.footprint),
            }
            for reference, permit in zip(references, permits, strict=True)
        ]
        boxes = [shapely.bounds(permit.footprint).tolist() for permit in permits]
        with office.store.writing() as connection:
            if known := find_known_references(connection, references):
                raise ConflictError("permit-known", reference=known[0], count=len(known))
            first = insert_permits(connection, rows, boxes)
            append_events(
                connection,
                [
                    draft_event(
                        office,
                        "imported",
                        office.today,
                        reason,
                        subject=("permit", first + row),
                        facts={"reference": reference},
                    )
                    for row, reference in enumerate(references)
                ],
                office.principal.author,
            )
        return len(rows)

    def covers(self, case: int | str) -> tuple[Cover, ...]:
        """Find the permits on the ground of a case, the one that covers most first.

        Raises:
            NotFoundError: There is no such case, or it lies outside the principal's unit.
            AccessError: The principal may not see cases.
        """
        office = self._office
        office.require("view_cases")
        with office.store.reading() as connection:
            found = office.require_found(find_case(connection, case), case)
            near = find_permits_near(connection, shapely.bounds(found.footprint).tolist())
        return find_covers(found.footprint, near, office.city.crs)


def find_covers(
    footprint: shapely.Geometry, permits: Sequence[Permit], gauss: str
) -> tuple[Cover, ...]:
    """Measure what permits cover of a footprint, EPSG:4490, the largest first."""
    if not permits:
        return ()
    shapes = np.array([shapely.from_wkb(p.footprint_wkb) for p in permits], dtype=object)
    [ground] = to_measure_plane(np.array([footprint], dtype=object), gauss)
    whole = float(shapely.area(ground))
    areas = shared_areas(
        np.full(len(permits), ground, dtype=object), to_measure_plane(shapes, gauss)
    )
    covers = [
        Cover(
            permit, float(area), float(area) / whole, area >= COVERED * whole, whole - float(area)
        )
        for permit, area in zip(permits, areas, strict=True)
        if area >= LEAST_SHARED_M2
    ]
    return tuple(sorted(covers, key=lambda cover: (-cover.shared_m2, cover.permit.id)))
