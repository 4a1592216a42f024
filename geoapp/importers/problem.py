"""One thing found wrong, doubtful or mended in a file, as a value with the place where it is."""

from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["error", "repaired", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Problem:
    """A finding of a reader or of validation; not an error, nothing stops because of it.

    Attributes:
        code: Key of the locale below ``problem.``.
        severity: ``error``: the row cannot be taken as it is. ``repaired``: it was changed and
            can be taken. ``warning``: it can be taken, a person should look. ``note``: what was
            decided while reading.
        row: Feature in the file, counted from 1; 0 for the file as a whole.
        line: Line of a text file, counted from 1; 0 where there are none.
        facts: What the sentence names.
        before_m2: Official area before a repair, ``None`` when it could not be measured.
        after_m2: Official area after a repair.
    """

    code: str
    severity: Severity
    row: int = 0
    line: int = 0
    facts: dict[str, object] = field(default_factory=dict)
    before_m2: float | None = None
    after_m2: float | None = None
