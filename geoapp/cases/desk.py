"""All services of the register together, for one acting principal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Final

from geoapp.cases.attachment import FOLDER as ATTACHMENTS
from geoapp.cases.case import Case, CaseFilter, TrackId
from geoapp.cases.conflict_list import ConflictList
from geoapp.cases.constraint import Weights
from geoapp.cases.editing import CaseEditor
from geoapp.cases.evidence import EvidenceFile
from geoapp.cases.field_pack import PackReport, ReadAround, write_field_pack
from geoapp.cases.field_return import FieldReport, take_back
from geoapp.cases.guard import MoveRequest
from geoapp.cases.imagery import Image, ImageComparison, compare_images
from geoapp.cases.ledger_reading import read_ledger
from geoapp.cases.loading import PastCase, load_cases
from geoapp.cases.moving import CaseMover
from geoapp.cases.office import Office
from geoapp.cases.past_step import list_past_steps, state_past_step
from geoapp.cases.patch_desk import PatchDesk
from geoapp.cases.permit import PermitDesk
from geoapp.cases.progress import Progress
from geoapp.cases.register import CaseRegister
from geoapp.cases.track import Move, stages_of_kind
from geoapp.cases.visit import Round, plan_round
from geoapp.cases.zero_new import ZeroNewStatement, state_zero_new
from geoapp.catalog.definition import LayerDefinition
from geoapp.geometry.crs import DatumShift
from geoapp.importers.reading import AUTO

_THUMBNAILS: Final = "thumbnails"


@dataclass(frozen=True)
class Surroundings:
    """What the register takes from the rest of the workspace.

    Attributes:
        ledger: Definition of the layer whose fields an old ledger has.
        shift: Local parameters of an old datum.
        read_around: Gives the features of a layer in a box.
        images: Images of the workspace, oldest first.
    """

    folder: Path
    weights: Weights
    ledger: LayerDefinition
    shift: DatumShift | None
    read_around: ReadAround
    images: Sequence[Image]


class CaseDesk:
    """The demolition register as pages, command line and HTTP use it.

    Attributes:
        office: What the services work with.
    """

    def __init__(self, office: Office, surroundings: Surroundings) -> None:
        self.office = office
        self._around = surroundings

    @cached_property
    def register(self) -> CaseRegister:
        """Opens and shows cases."""
        return CaseRegister(self.office, self._around.weights)

    @cached_property
    def mover(self) -> CaseMover:
        """Takes moves."""
        return CaseMover(self.office)

    @cached_property
    def editor(self) -> CaseEditor:
        """Changes what is said of cases, and records demolitions."""
        return CaseEditor(self.office)

    @cached_property
    def evidence(self) -> EvidenceFile:
        """Keeps photos and documents."""
        return EvidenceFile(self.office, self._around.folder / ATTACHMENTS / _THUMBNAILS)

    @cached_property
    def patches(self) -> PatchDesk:
        """Takes in and judges satellite patches."""
        return PatchDesk(self.office, self.register, self._around.shift)

    @cached_property
    def permits(self) -> PermitDesk:
        """Keeps permits and finds those that cover a case."""
        return PermitDesk(self.office)

    @cached_property
    def progress(self) -> Progress:
        """Adds figures up."""
        return Progress(self.office)

    @cached_property
    def conflicts(self) -> ConflictList:
        """Finds what counts twice, and what was built again."""
        return ConflictList(self.office)

    def import_ledger(
        self, file: Path, reason: str, *, track: TrackId = "planning", crs: str = AUTO
    ) -> list[Case]:
        """Enter the cases of an older ledger: all of them, or none.

        Raises:
            InputError: The file cannot be taken; the error names the row.
            ConflictError: A number is in the register already.
            AccessError: The principal may not import.
        """
        self.office.require("import_cases")
        around = self._around
        past = read_ledger(
            file, around.ledger, self.office.city, around.shift, track=track, crs=crs
        )
        return self.load(past, file.name, reason)

    def load(self, past: Sequence[PastCase], file: str, reason: str) -> list[Case]:
        """Enter cases with their past; see ``cases.loading``."""
        return load_cases(self.office, past, file, reason)

    def past_steps(self, case: int | str) -> tuple[Move, ...]:
        """List the steps of a case from a ledger whose day is not known; see ``past_step``."""
        return list_past_steps(self.office, case)

    def state_past(self, case: int | str, seen: int, request: MoveRequest) -> Case:
        """State such a step; see ``past_step.state_past_step``."""
        return state_past_step(self.office, case, seen, request)

    def plan_round(self, wanted: CaseFilter, start: tuple[float, float]) -> Round:
        """Order the cases of a filter for a visit, from a start in longitude and latitude.

        Without stages in the filter: those that are worked on, or torn down and to be checked.

        Raises:
            InputError: There are too many.
            AccessError: The principal may not see cases.
        """
        if not wanted.stages:
            wanted = replace(wanted, stages=stages_of_kind("open", "demolished"))
        page = self.register.select(wanted, sort="due_on", limit=500)
        return plan_round(page.cases, start, self.office.city.crs)

    def state_zero_new(self, first: date, last: date, *, unit: str = "") -> ZeroNewStatement:
        """Compute the statement that nothing new was built; see ``cases.zero_new``."""
        return state_zero_new(self.office, first, last, unit=unit)

    def compare_images(
        self, case: int | str, before: str = "", after: str = ""
    ) -> ImageComparison | None:
        """Compare two images at a case, by default the oldest and the newest.

        Returns:
            ``None`` where there are not two images that the principal may see.

        Raises:
            NotFoundError: There is no such case, or it lies outside the principal's unit.
            FileError: An image cannot be read.
            AccessError: The principal may not see cases.
        """
        found = self.register.show(case)
        images = {image.name: image for image in self._around.images}
        names = list(images)
        first, second = before or (names[0] if names else ""), after or (names[-1] if names else "")
        if first not in images or second not in images or first == second:
            return None
        return compare_images(
            found.footprint,
            images[first],
            images[second],
            self.office.city.crs,
            torn_on=found.demolished_on,
        )

    def write_field_pack(
        self, file: Path, wanted: CaseFilter, layers: Sequence[str] = ()
    ) -> PackReport:
        """Write a GeoPackage for the field; see ``cases.field_pack``."""
        return write_field_pack(self.office, file, wanted, layers, self._around.read_around)

    def take_back(self, file: Path, photos: Mapping[str, bytes]) -> FieldReport:
        """Take a GeoPackage back from the field; see ``cases.field_return``."""
        return take_back(self.office, self.evidence, file, photos)
