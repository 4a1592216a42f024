"""All services of the register together, for one acting principal."""

from functools import cached_property
from pathlib import Path

from geoapp.cases.constraint import Weights
from geoapp.cases.editing import CaseEditor
from geoapp.cases.moving import CaseMover
from geoapp.cases.office import Office
from geoapp.cases.register import CaseRegister


class CaseDesk:
    """The demolition register as pages, command line and HTTP use it.

    Attributes:
        office: What the services work with.
    """

    def __init__(self, office: Office, weights: Weights, folder: Path) -> None:
        self.office = office
        self._weights = weights
        self._folder = folder

    @cached_property
    def register(self) -> CaseRegister:
        """Opens and shows cases."""
        return CaseRegister(self.office, self._weights)

    @cached_property
    def mover(self) -> CaseMover:
        """Takes moves."""
        return CaseMover(self.office)

    @cached_property
    def editor(self) -> CaseEditor:
        """Changes what is said of cases, and records demolitions."""
        return CaseEditor(self.office)
