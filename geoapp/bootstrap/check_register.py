"""Stored checks: looked up, verified, checked again; and parcels saved under a name."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import get_args

import shapely

from geoapp.access.policy import Principal, decide, require
from geoapp.bootstrap.acting import common_property
from geoapp.bootstrap.checks import Checks
from geoapp.compliance.finding import Verdict
from geoapp.compliance.register import Stored
from geoapp.compliance.shape import from_hex, to_hex
from geoapp.compliance.storage import DraftTable, Row
from geoapp.compliance.stored import ChangedCheck, Draft, StoredCheck, Verification
from geoapp.compliance.verifying import Verifier
from geoapp.errors import AccessError, ChoiceError, NotFoundError
from geoapp.overlay.asked_polygon import take_polygon
from geoapp.tiles.raster import FOLDER, Rasters
from geoapp.tiles.steepness import find_height_model
from geoapp.values import Progress, no_progress

_LONGEST_NAME = 200
# Who computes a stored check again: it may see whatever the check was computed with.
_EVERYTHING = Principal("verification", "administrator")


class CheckRegister(Checks):
    """Stored checks and saved parcels."""

    def stored_check(self, serial: str) -> StoredCheck:
        """Give a stored check with all that was found and the overrides beside it.

        Raises:
            NotFoundError: There is none under this serial, or the serial is mistyped.
            ConflictError: It was tampered with; ``verify`` says so without raising.
            AccessError: It is not the principal's, who may see only own ones.
        """
        stored = self._require_mine(serial)
        return self._register.describe(stored.row, stored.result)

    def verify(self, serial: str) -> Verification:
        """Compute a stored check again on its snapshots and rules; anybody may ask.

        The answer holds the check itself only for those who may see it.

        Raises:
            NotFoundError: There is none under this serial, or the serial is mistyped.
        """
        stored = self._register.require(serial)
        # Computed with all that the check was computed with, whoever asks: the public has
        # other forms of the layers, and the sheet would seem to be wrong.
        found = self.acting_as(_EVERYTHING)._verifier.verify(stored)  # noqa: SLF001
        if stored.tampered or not self._may_see(stored):
            return found
        return replace(found, stored=self._register.describe(stored.row, stored.result))

    def history(
        self, *, own: bool = True, most: int = 100, verdict: Verdict | None = None
    ) -> list[StoredCheck]:
        """List stored checks, newest first, without what was found.

        Args:
            own: Only those of the principal.
            most: How many at most.
            verdict: Only those with this conclusion.

        Raises:
            AccessError: The principal may not see checks, or those of others.
        """
        require(self.principal, "check" if own else "view_checks")
        return self._register.listed(self.principal.name if own else None, verdict, most)

    def recheck_changed(
        self, *, own: bool = True, most: int = 1000, progress: Progress = no_progress
    ) -> list[ChangedCheck]:
        """Find stored checks whose conclusion would be another one today.

        Args:
            own: Only those of the principal.
            most: How many of the newest to look at.
            progress: Told how far it is; whatever it raises ends the search.

        Raises:
            AccessError: The principal may not see checks, or those of others.
        """
        listed = self.history(own=own, most=most)
        current, today, changed = self.store.current(), _today(), []
        for step, entry in enumerate(listed):
            progress("check.rechecking", step / len(listed))
            stored = self._register.require(entry.serial)
            if stored.tampered:
                continue
            found = self._verifier.recheck(stored, current, self.rulebook, today)
            if found:
                changed.append(found)
        progress("check.done", 1.0)
        return changed

    def override_check(
        self, serial: str, verdict: Verdict, reason: str, *, parcel: str = ""
    ) -> StoredCheck:
        """Set a conclusion beside the computed one, with a reason; the computed one stays.

        Args:
            serial: Of the check.
            verdict: What the principal concludes.
            reason: Why; it cannot be left out.
            parcel: Id of the parcel that is meant; by default the whole check.

        Raises:
            ChoiceError: The verdict is none, or no reason is given.
            NotFoundError: There is no such check or parcel.
            AccessError: The principal may not.
        """
        require(self.principal, "override_check")
        if verdict not in get_args(Verdict):
            offered = ", ".join(get_args(Verdict))
            raise ChoiceError("choice-unknown", option="verdict", value=verdict, offered=offered)
        stored = self._require_mine(serial)
        result = stored.result
        if parcel and parcel not in {one.id for one in result.parcels}:
            raise NotFoundError("check-parcel-unknown", serial=result.serial, parcel=parcel[:40])
        self._register.override(result.serial, parcel, verdict, reason, self.principal.author)
        return self._register.describe(stored.row, result)

    def save_draft(
        self, name: str, geometry: shapely.Geometry, *, declared_m2: float | None = None
    ) -> Draft:
        """Save a parcel under a name; one of the same name is replaced.

        Raises:
            InputError: The name is empty or too long, or the parcel cannot be measured.
            AccessError: The principal may not check parcels.
        """
        require(self.principal, "check")
        cleaned = name.strip()
        if not 0 < len(cleaned) <= _LONGEST_NAME:
            raise ChoiceError("draft-name-length", most=_LONGEST_NAME)
        take_polygon(geometry, self.city)
        row: Row = {
            "owner": self.principal.name,
            "name": cleaned,
            "geometry": to_hex(geometry),
            "declared_m2": declared_m2,
            "changed_at": datetime.now(UTC),
        }
        return _to_draft(self._drafts.save(row))

    def drafts(self) -> list[Draft]:
        """List the principal's saved parcels, last changed first.

        Raises:
            AccessError: The principal may not check parcels.
        """
        require(self.principal, "check")
        return [_to_draft(row) for row in self._drafts.listed(self.principal.name)]

    def delete_draft(self, name: str) -> None:
        """Delete a saved parcel of the principal.

        Raises:
            NotFoundError: There is none of this name.
            AccessError: The principal may not check parcels.
        """
        require(self.principal, "check")
        if not self._drafts.delete(self.principal.name, name.strip()):
            raise NotFoundError("draft-unknown", name=name[:40])

    @common_property
    def _drafts(self) -> DraftTable:
        return DraftTable(self._engine)

    @property
    def _verifier(self) -> Verifier:
        # Whoever asks, the answer is that of the check: what it read is read again.
        everything = Principal("verification", "administrator")
        rasters = Rasters(self.folder / FOLDER, self.city.extent.to_extent(), everything)
        return Verifier(self.store, find_height_model(rasters), self._run)

    def _require_mine(self, serial: str) -> Stored:
        require(self.principal, "check")
        stored = self._register.require(serial)
        if not self._may_see(stored):
            raise AccessError(
                "access-refused",
                action="@access.action_view_checks",
                layer=stored.row["serial"],
                role=f"@access.role_{self.principal.role}",
            )
        stored.require_whole()
        return stored

    def _may_see(self, stored: Stored) -> bool:
        mine = stored.row["actor"] == self.principal.name
        own = mine and decide(self.principal, "check").allowed
        return own or decide(self.principal, "view_checks").allowed


def _to_draft(row: Row) -> Draft:
    return Draft(**(row | {"geometry": from_hex(row["geometry"])}))


def _today() -> date:
    return date.today()  # noqa: DTZ011  an office's calendar day
