"""What the services of the register work with, and what one person may see and do there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

import shapely

from geoapp.access.policy import Action, Principal, require
from geoapp.access.scope import bound_unit
from geoapp.cases.attachment import Attachments
from geoapp.cases.case import Case, TrackId, Units
from geoapp.cases.constraint import Context
from geoapp.cases.storage import RegisterStore
from geoapp.cases.track import Track
from geoapp.cases.working_day import WorkingDays
from geoapp.catalog.city import City
from geoapp.errors import AccessError, NotFoundError
from geoapp.geometry.crs import Geometries

Locate = Callable[[Geometries], list[Units]]
Assess = Callable[[shapely.Geometry], Context | None]
Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Office:
    """The register of a city, for one acting principal.

    Attributes:
        store: Opens transactions.
        attachments: Where photos and documents lie.
        tracks: The two legal tracks.
        days: Which days are worked.
        locate: Finds the units of footprints, EPSG:4490.
        assess: Measures what a footprint has of the control layers; ``None``: not known.
        now: The present moment.
    """

    store: RegisterStore
    attachments: Attachments
    city: City
    principal: Principal
    tracks: dict[TrackId, Track]
    days: WorkingDays
    locate: Locate
    assess: Assess
    now: Clock

    @property
    def today(self) -> date:
        """The office's calendar day."""
        return self.now().date()

    @property
    def moment(self) -> str:
        """The present moment as events hold it: UTC, ISO text."""
        return self.now().astimezone(UTC).isoformat(timespec="microseconds")

    @property
    def scope(self) -> str:
        """The unit that the principal is bound to, ``""`` for none."""
        return bound_unit(self.principal)

    def require(self, action: Action) -> None:
        """Stop unless the principal may do it.

        Raises:
            AccessError: Not allowed.
        """
        require(self.principal, action)

    def require_unit(self, units: Units) -> None:
        """Stop unless a footprint lies in the unit that the principal is bound to.

        Raises:
            AccessError: It lies elsewhere.
        """
        if self.scope and not self.may_see(units):
            raise AccessError("case-outside-unit", unit=self.principal.unit or "-")

    def may_see(self, units: Units) -> bool:
        """Tell whether something lies where the principal may see it."""
        return not self.scope or self.scope in {units.district, units.township, units.village}

    def require_found(self, case: Case | None, asked: int | str) -> Case:
        """Give a case; one that the principal may not see is as one that does not exist.

        Raises:
            NotFoundError: There is none.
        """
        if case is None or not self.may_see(case.units):
            raise NotFoundError("case-unknown", case=str(asked)[:60])
        return case

    def track(self, name: TrackId) -> Track:
        """Give a legal track."""
        return self.tracks[name]
