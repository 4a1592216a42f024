"""What the doctor finds, and what can be done about it."""

from dataclasses import dataclass, field
from typing import Any, Literal

Severity = Literal["fault", "warning"]
Remedy = Literal["", "index", "leftover"]


@dataclass(frozen=True, slots=True)
class Symptom:
    """One thing that is not as it should be.

    Attributes:
        code: Worded by ``doctor.<code>``; ``doctor.<code>_do`` says what to do.
        severity: ``fault``: something is lost, changed or unproven. ``warning``: it will be.
        subject: The file, snapshot, case or table that it is about.
        facts: What the sentences name besides.
        remedy: What ``--repair`` can do: make the index of a snapshot again, or remove what
            killed work left behind.
    """

    code: str
    severity: Severity
    subject: str
    facts: dict[str, Any] = field(default_factory=dict)
    remedy: Remedy = ""

    def to_json(self) -> dict[str, Any]:
        """Give the part of a document."""
        return {
            "code": self.code,
            "severity": self.severity,
            "subject": self.subject,
            "facts": self.facts,
            "repairable": bool(self.remedy),
        }
