"""A rule as dated data: what it means for a purpose when a parcel meets a layer.

A rule is one table in a TOML file; a new rule or another threshold is another line there.
TOML knows no null, so a value that was withdrawn on a day says ``withdrawn = true``.
"""

from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from typing import Final, Literal, Self

from pydantic import Field, model_validator

from geoapp.catalog.definition import Record
from geoapp.compliance.finding import Basis, Confidence, Effect
from geoapp.i18n import Text

Condition = Literal["overlaps", "outside", "within", "steeper"]
Unit = Literal["m", "degree", "m2", "mm", "share", "denominator"]
SLOPE: Final = "slope"  # what a rule of slope reads instead of a layer
_UNIT_OF: Final[dict[Condition, Unit]] = {"within": "m", "steeper": "degree"}


class DatedValue(Record):
    """A number in force from a day on, until the next one.

    Attributes:
        since: First day in force.
        value: In the unit of the rule; ``None`` when it was withdrawn on ``since``.
        withdrawn: It was.
        source: Document and article, or who decided it.
    """

    since: date
    value: float | None = Field(default=None, allow_inf_nan=False)
    withdrawn: bool = False
    source: str = Field(min_length=1)

    @model_validator(mode="after")
    def _either(self) -> Self:
        if (self.value is None) != self.withdrawn:
            message = "give either value or withdrawn = true"
            raise ValueError(message)
        return self


class Legal(Record):
    """A law or document that a rule rests on; see ``Basis``."""

    title: Text
    article: str = ""
    since: date
    until: date | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.until is not None and self.until <= self.since:
            message = "until must come after since"
            raise ValueError(message)
        return self

    def to_basis(self) -> Basis:
        """Give it to a finding."""
        return Basis(title=self.title, article=self.article, since=self.since, until=self.until)


class Where(Record):
    """Which features of the layer the rule reads.

    Attributes:
        field: A class field of the layer, stored or derived.
        codes: Its values.
    """

    field: str
    codes: tuple[str, ...] = Field(min_length=1)


class Rule(Record):
    """One rule.

    Attributes:
        id: Stable: other software refers to it.
        layer: Layer that it reads, or ``slope``.
        where: Which features of it; all by default.
        condition: ``overlaps``: ground is shared beyond the tolerances; ``outside``: ground
            lies outside of the layer beyond them; ``within``: nearer than ``threshold``
            metres; ``steeper``: ground beyond the tolerances steeper than ``threshold``
            degrees.
        effect: What it does then.
        applies_to: Purposes; all by default.
        threshold: Dated, for ``within`` and ``steeper``.
        unit: Unit of ``threshold``.
        exceptions: When it does not apply; a person judges that.
        legal: Laws; the rule is in force while one of them is.
        advice: What to do.
        office: Whom to ask.
        confidence: How well the wording of the law was confirmed.
        local: It comes from the workspace; set when it is read.
    """

    id: str = Field(pattern="^[a-z][a-z0-9-]*$", max_length=80)
    title: Text
    layer: str
    where: Where | None = None
    condition: Condition
    effect: Effect
    applies_to: tuple[str, ...] = ()
    threshold: tuple[DatedValue, ...] = ()
    unit: Literal["", "m", "degree"] = ""
    exceptions: tuple[Text, ...] = ()
    legal: tuple[Legal, ...] = Field(min_length=1)
    advice: Text
    office: Text
    confidence: Confidence
    local: bool = False

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        wanted = _UNIT_OF.get(self.condition, "")
        if self.unit != wanted or bool(self.threshold) != bool(wanted):
            message = f"condition {self.condition!r} takes unit {wanted!r}" + (
                " and a threshold" if wanted else " and no threshold"
            )
            raise ValueError(message)
        if (self.layer == SLOPE) != (self.condition == "steeper"):
            message = f"condition 'steeper' and layer {SLOPE!r} go together"
            raise ValueError(message)
        require_rising(self.threshold)
        return self

    def legal_on(self, day: date) -> tuple[Legal, ...]:
        """Give the laws in force on a day."""
        return tuple(
            law for law in self.legal if law.since <= day and (law.until is None or day < law.until)
        )

    def threshold_on(self, day: date) -> float | None:
        """Give the threshold on a day; ``None`` where it needs none or was withdrawn."""
        return value_on(self.threshold, day)

    def in_force(self, day: date) -> bool:
        """Tell whether it applies on a day."""
        known = not self.threshold or self.threshold_on(day) is not None
        return known and bool(self.legal_on(day))


def value_on(values: Iterable[DatedValue], day: date) -> float | None:
    """Give the value in force on a day, ``None`` before the first and when withdrawn."""
    found = None
    for dated in values:
        if dated.since <= day:
            found = dated.value
    return found


def require_rising(values: Iterable[DatedValue]) -> None:
    """Stop unless days rise.

    Raises:
        ValueError: They do not, for pydantic to word.
    """
    days = [dated.since for dated in values]
    if any(later <= earlier for earlier, later in pairwise(days)):
        message = "since: the days of a value must rise"
        raise ValueError(message)
