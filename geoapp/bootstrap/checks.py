"""What may be built where: checks of parcels against the rules in force."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import shapely

from geoapp.access.policy import decide, require
from geoapp.bootstrap.acting import common_property
from geoapp.bootstrap.core import Core
from geoapp.bootstrap.datum import read_datum_shift
from geoapp.catalog.snapshot import Snapshot
from geoapp.compliance.checker import Checked, check_parcels
from geoapp.compliance.corridor import check_line
from geoapp.compliance.opening import Openings
from geoapp.compliance.reading import read_parcels, renumber
from geoapp.compliance.record import StoredRequest
from geoapp.compliance.register import Register
from geoapp.compliance.remedying import add_remedies
from geoapp.compliance.request import BUILDING, CheckRequest, Parcel
from geoapp.compliance.result import CheckResult, CorridorResult
from geoapp.compliance.rulebook import RuleBook, read_rulebook
from geoapp.compliance.signing import read_key
from geoapp.compliance.storage import CheckTable
from geoapp.compliance.survey import Materials
from geoapp.errors import GeometryError
from geoapp.finding.territory import require_own_ground
from geoapp.i18n import Text
from geoapp.tiles.steepness import find_height_model
from geoapp.values import Progress, no_progress

Input = Path | str | shapely.Geometry | Parcel
CORRIDOR = "linear_infrastructure"


class Checks(Core):
    """Checks of parcels."""

    @common_property
    def rulebook(self) -> RuleBook:
        """Rules and tolerances: those of the product, and the workspace's own over them."""
        return read_rulebook(self.folder, self.library)

    def purposes(self) -> dict[str, Text]:
        """List what may be built or done, by id, in the order in which people choose."""
        return {purpose.id: purpose.title for purpose in self.rulebook.settings.purpose}

    def check(
        self,
        parcels: Input | Sequence[Input],
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
            AccessError: The principal may not check parcels, or one lies outside of the unit
                that the principal is bound to.
        """
        require(self.principal, "check")
        given = (
            [parcels] if isinstance(parcels, Path | str | shapely.Geometry | Parcel) else parcels
        )
        read = self._read(given, crs, sublayer)
        for parcel in read:
            if parcel.geometry is not None:
                require_own_ground(self._ground, parcel.geometry, list(self.library))
        request = CheckRequest(parcels=read, purpose=purpose, on=on, balance=balance, remedy=remedy)
        materials = self._materials(self._snapshots_on(on), purpose)
        checked = self._run(request, materials, progress)
        return self._keep(checked.result, request, materials, title) if save else checked.result

    def read_parcels(
        self, given: Sequence[Input], *, crs: str = "auto", sublayer: str = ""
    ) -> list[Parcel]:
        """Read parcels as ``check`` takes them, without checking them.

        Raises:
            InputError: A file cannot be read; the error names the row.
            AccessError: The principal may not check parcels.
        """
        require(self.principal, "check")
        return self._read(given, crs, sublayer)

    def check_corridor(
        self,
        line: shapely.Geometry,
        width_m: float,
        *,
        purpose: str = CORRIDOR,
        on: date | None = None,
        name: str = "",
        save: bool = False,
        title: str = "",
    ) -> CorridorResult:
        """Check a line with a width, with a table of chainage.

        Args:
            line: EPSG:4490; it is not repaired.
            width_m: Full width, metres.
            purpose: What is to be built.
            on: The day whose rules and snapshots apply; by default today's.
            name: Name of the corridor.
            save: Store the check and give it a serial.
            title: Name under which it is stored.

        Raises:
            InputError: The line or width cannot be taken.
            AccessError: The principal may not check parcels, or it lies outside of the unit
                that the principal is bound to.
        """
        require(self.principal, "check")
        require_own_ground(self._ground, line, list(self.library))
        materials = self._materials(self._snapshots_on(on), purpose)
        corridor = check_line(
            self._openings,
            line,
            width_m,
            materials,
            CheckRequest(purpose=purpose, on=on),
            name,
            _today(),
        )
        if not save:
            return corridor.result
        stored = self._keep(corridor.result.check, corridor.request, materials, title)
        return corridor.stored_as(stored)

    @common_property
    def _register(self) -> Register:
        table = CheckTable(self._engine)
        key = read_key(self.folder, lambda: bool(table.listed(None, None, 1)))
        return Register(table, key, self.city.check_prefix)

    def _open_engine(self) -> None:
        super()._open_engine()
        self._openings = Openings(self.city, self.library, self._tabulator)

    def _read(self, given: Sequence[Input], crs: str, sublayer: str) -> list[Parcel]:
        found: list[Parcel] = []
        for one in given:
            if isinstance(one, Parcel):
                found.append(one)
            elif isinstance(one, shapely.Geometry):
                found.append(Parcel(geometry=one))
            elif isinstance(one, Path | str):
                shift = read_datum_shift(self.settings)
                found += read_parcels(Path(one), self.city, crs=crs, sublayer=sublayer, shift=shift)
            else:
                raise GeometryError("polygon-wrong-kind", found=type(one).__name__)
        return renumber(found) if len(given) > 1 else found

    def _snapshots_on(self, on: date | None) -> Mapping[str, Snapshot]:
        """Give the current snapshots, or those in force on a day."""
        if on is None:
            return self.store.current()
        found = {layer.id: self.store.find_current(layer.id, on) for layer in self.library}
        return {layer: snapshot for layer, snapshot in found.items() if snapshot}

    def _materials(self, snapshots: Mapping[str, Snapshot], purpose: str) -> Materials:
        seen = [d.id for d in self.library if decide(self.principal, "view", d).allowed]
        may_see_rasters = decide(self.principal, "view_rasters").allowed
        wanted = may_see_rasters and self.rulebook.reads_slope(purpose)
        return Materials(
            rulebook=self.rulebook,
            snapshots=snapshots,
            visible=frozenset(seen),
            slope=find_height_model(self.rasters) if wanted else None,
            slope_visible=may_see_rasters,
        )

    def _run(
        self, request: CheckRequest, materials: Materials, progress: Progress = no_progress
    ) -> Checked:
        checked = check_parcels(self._openings, request, materials, _today(), progress)
        if not request.remedy:
            return checked
        return add_remedies(self._openings, checked, materials, progress)

    def _keep(
        self, result: CheckResult, request: CheckRequest, materials: Materials, title: str
    ) -> CheckResult:
        stored = StoredRequest(
            request=CheckRequest(
                parcels=request.parcels,
                purpose=request.purpose,
                on=result.on,
                balance=request.balance,
                remedy=request.remedy,
            ),
            current=request.on is None,
            visible=materials.visible,
            slope_visible=materials.slope_visible,
        )
        return self._register.store(
            result, stored, materials.rulebook, self.principal.author, title
        )


def _today() -> date:
    return date.today()  # noqa: DTZ011  an office's calendar day
