"""A request with everything that it names looked up."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from geoapp.catalog.definition import LayerDefinition
from geoapp.errors import ChoiceError, NotFoundError
from geoapp.overlay.change_result import ChangeRequest
from geoapp.overlay.kinds import Kinds
from geoapp.overlay.result import LEVELS, Level, StatsRequest
from geoapp.overlay.sharing import Sharing
from geoapp.overlay.unit import Units

CODE_LENGTHS: Final[dict[int, Level]] = {6: "district", 9: "township", 12: "village"}


@dataclass(frozen=True, slots=True)
class Question:
    """A request, looked up.

    Attributes:
        kinds: Class of each feature; one for all without a class field.
        units: Units of the level that was asked for.
        districts: Units of the district level.
    """

    request: StatsRequest
    definition: LayerDefinition
    sharing: Sharing
    units: Units
    districts: Units
    kinds: Kinds

    @property
    def class_codes(self) -> np.ndarray | None:
        """``(n,)`` class code of each feature, ``None`` without a class field."""
        return self.kinds.codes() if self.request.class_field else None

    @property
    def summed(self) -> list[str]:
        """The fields that are added up; one that the snapshot does not have has no sum, not 0."""
        stored = self.sharing.layer.snapshot.columns
        return [name for name in self.definition.statistics.sums if name in stored]


def require_level(request: StatsRequest | ChangeRequest) -> None:
    """Stop unless the level is one of ``LEVELS``.

    Raises:
        ChoiceError: It is not.
    """
    if request.by not in LEVELS:
        raise ChoiceError(
            "choice-unknown", option="by", value=request.by, offered=", ".join(LEVELS)
        )


def require_class_field(definition: LayerDefinition, name: str) -> None:
    """Stop unless the layer can be tabulated by a field.

    Raises:
        ChoiceError: It cannot; the error names the fields that it can.
    """
    offered = [rule.name for rule in definition.class_fields]
    if name and name not in offered:
        raise ChoiceError(
            "choice-unknown", option="class", value=name, offered=", ".join(offered) or "-"
        )


def require_within(request: StatsRequest | ChangeRequest, units: Units) -> None:
    """Stop unless the unit to look into exists and is above the rows' level.

    Raises:
        ChoiceError: It is not above.
        NotFoundError: There is no such unit.
    """
    if not request.within:
        return
    parent = CODE_LENGTHS.get(len(request.within))
    if parent is None or LEVELS.index(parent) >= LEVELS.index(request.by):
        raise ChoiceError("stats-within-not-above", value=request.within, by=request.by)
    if not any(str(code).startswith(request.within) for code in units.codes):
        raise NotFoundError("unit-unknown", unit=request.within)
