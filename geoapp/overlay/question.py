"""A request with everything that it names looked up."""

import hashlib
from dataclasses import dataclass
from typing import Final

import numpy as np

from geoapp.catalog.definition import FieldRule, LayerDefinition
from geoapp.catalog.snapshot import Snapshot
from geoapp.errors import ChoiceError, NotFoundError
from geoapp.overlay.result import LEVELS, Level, StatsRequest
from geoapp.overlay.sharing import Sharing
from geoapp.overlay.unit import Units

CODE_LENGTHS: Final[dict[int, Level]] = {6: "district", 9: "township", 12: "village"}


@dataclass(frozen=True, slots=True)
class Question:
    """A request, looked up.

    Attributes:
        classes: ``(n,)`` class code of each feature, ``None`` without a class field.
        units: Units of the level that was asked for.
        districts: Units of the district level.
    """

    request: StatsRequest
    definition: LayerDefinition
    sharing: Sharing
    units: Units
    districts: Units
    classes: np.ndarray | None

    @property
    def net_key(self) -> str:
        """Name of the way in which ground is counted once.

        Derived classes can change without a new snapshot, when a class table is edited; so
        their name carries what the table says.
        """
        rule = self.definition.find_field(self.request.class_field)
        if rule is None:
            return "net"
        if not rule.derive_from:
            return rule.name
        content = repr(sorted(_derived_codes(self.definition, rule).items())).encode()
        return f"{rule.name}-{hashlib.sha256(content).hexdigest()[:16]}"


def require_level(request: StatsRequest) -> None:
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


def require_within(request: StatsRequest, units: Units) -> None:
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


def read_classes(definition: LayerDefinition, snapshot: Snapshot, name: str) -> np.ndarray | None:
    """Read ``(n,)`` class codes; a derived field is looked up from the class it stems from."""
    rule = definition.find_field(name)
    if rule is None:
        return None
    stored = rule.derive_from or name
    codes = snapshot.read_attributes([stored])[stored].fillna("").astype(str)
    if rule.derive_from:
        codes = codes.map(_derived_codes(definition, rule)).fillna("")
    return codes.to_numpy(dtype=object)


def _derived_codes(definition: LayerDefinition, rule: FieldRule) -> dict[str, str]:
    """Map the codes of the class that a derived field stems from to its own."""
    origin = definition.find_field(rule.derive_from)
    values = definition.classes.get(origin.classes if origin else "", ())
    return {
        value.code: value.group if rule.derive_by == "group" else (value.parent or value.code)
        for value in values
    }
