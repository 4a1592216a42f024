"""What may be built where: checks of parcels, their register and their verification."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import shapely

from geoapp.bootstrap.core import Core
from geoapp.compliance.finding import Verdict
from geoapp.compliance.request import BUILDING, Parcel
from geoapp.compliance.result import CheckResult, CorridorResult
from geoapp.compliance.stored import ChangedCheck, Draft, StoredCheck, Verification
from geoapp.i18n import Text
from geoapp.values import Progress, no_progress

Checked = Path | str | shapely.Geometry | Parcel


class Checks(Core):
    """Checks of parcels against the rules in force."""

    def purposes(self) -> dict[str, Text]:
        """List what may be built or done, by id, in the order in which people choose."""
        raise NotImplementedError

    def check(
        self,
        parcels: Checked | Sequence[Checked],
        *,
        purpose: str = BUILDING,
        on: date | None = None,
        crs: str = "auto",
        sublayer: str = "",
        balance: bool = False,
        remedy: bool = False,
        save: bool = False,
        title: str = "",
        progress: Progress = no_progress,
    ) -> CheckResult:
        """Check parcels against every layer that has rules.

        Args:
            parcels: Files, geometries in EPSG:4490, or parcels with number and name.
            purpose: What is to be built or done; see ``purposes``.
            on: The day whose rules and snapshots apply; by default today's rules on the
                current snapshots.
            crs: System of files, or ``auto`` for what they say.
            sublayer: Which layer, for files that hold several.
            balance: Balance areas to the declared ones.
            remedy: Search how prohibitions could be cleared.
            save: Store the check and give it a serial.
            title: Name under which it is stored.
            progress: Told how far it is; whatever it raises ends the check, nothing is stored.

        Raises:
            InputError: A file cannot be taken, there are too many parcels, the purpose is not
                offered, or not one parcel can be checked.
            AccessError: The principal may not check parcels.
        """
        raise NotImplementedError

    def check_corridor(
        self,
        line: shapely.Geometry,
        width_m: float,
        *,
        purpose: str = "linear_infrastructure",
        on: date | None = None,
        name: str = "",
        save: bool = False,
        title: str = "",
    ) -> CorridorResult:
        """Check a line with a width, with a table of chainage; line in EPSG:4490."""
        raise NotImplementedError

    def stored_check(self, serial: str) -> StoredCheck:
        """Give a stored check with all that was found and the overrides beside it.

        Raises:
            NotFoundError: There is none under this serial, or the serial is mistyped.
            AccessError: It is not the principal's, who may see only own ones.
        """
        raise NotImplementedError

    def verify(self, serial: str) -> Verification:
        """Compute a stored check again on its snapshots and rules; anybody may ask."""
        raise NotImplementedError

    def history(
        self, *, own: bool = True, most: int = 100, verdict: Verdict | None = None
    ) -> list[StoredCheck]:
        """List stored checks, newest first, without what was found."""
        raise NotImplementedError

    def recheck_changed(
        self, *, own: bool = True, most: int = 1000, progress: Progress = no_progress
    ) -> list[ChangedCheck]:
        """Find stored checks whose conclusion would be another one on the current data."""
        raise NotImplementedError

    def override_check(
        self, serial: str, verdict: Verdict, reason: str, *, parcel: str = ""
    ) -> StoredCheck:
        """Set a conclusion beside the computed one, with a reason; the computed one stays."""
        raise NotImplementedError

    def save_draft(
        self, name: str, geometry: shapely.Geometry, *, declared_m2: float | None = None
    ) -> Draft:
        """Save a parcel under a name; one of the same name is replaced."""
        raise NotImplementedError

    def drafts(self) -> list[Draft]:
        """List the principal's saved parcels, last changed first."""
        raise NotImplementedError

    def delete_draft(self, name: str) -> None:
        """Delete a saved parcel of the principal."""
        raise NotImplementedError
