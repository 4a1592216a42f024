"""What was understood of a file, and what was done with it."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from geoapp.catalog.manifest import Coverage, Repair
from geoapp.importers.problem import Problem
from geoapp.importers.request import OnProblem


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What was understood and what was done.

    Attributes:
        kind: Which reader read the file.
        read_count: Features of the file; taken and rejected ones add up to it.
        feature_count: Features taken.
        rejected_count: Features left out, written to a file of their own.
        fields: Canonical field → field of the file.
        remembered: The mapping of fields was the one used for such a file before.
        unmapped_fields: Fields of the file that are not stored.
        missing_fields: Canonical fields that the file does not have; stored as empty.
        unknown_classes: ``field=code`` → number of features.
        repairs: Geometries that were changed.
        problems: All that was found, of each kind at most the first some thousand.
        problem_counts: Code of a problem → how many there are, listed or not.
        error_count: Features with errors.
        refused: There are errors, and the request does not say to go on: nothing to publish.
        outside_city: Features that do not touch the city's rectangle; they are kept.
        snapshot: Name of the published snapshot; ``""`` while it is not published.
        previous: Name of the snapshot that was current when the file was read.
        becomes_current: It is not older than the current data, so publishing makes it current
            unless told otherwise; after publishing: whether it is.
        length_m: Length of all features of a layer of lines, ``None`` for others.
    """

    layer: str
    file: str
    crs: str
    encoding: str
    feature_count: int
    area_m2: float
    fields: dict[str, str]
    unmapped_fields: tuple[str, ...]
    missing_fields: tuple[str, ...]
    unknown_classes: dict[str, int]
    repairs: tuple[Repair, ...]
    outside_city: int
    coverage: dict[str, Coverage]
    snapshot: str
    previous: str
    as_of: date
    kind: str = ""
    sublayer: str = ""
    read_count: int = 0
    rejected_count: int = 0
    remembered: bool = False
    problems: tuple[Problem, ...] = ()
    problem_counts: dict[str, int] = field(default_factory=dict)
    error_count: int = 0
    on_problem: OnProblem = "refuse"
    refused: bool = False
    scale: int = 0
    becomes_current: bool = True
    length_m: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Give the document of schema ``geoapp.import/1``."""
        return {
            "schema": "geoapp.import/1",
            "layer": self.layer,
            "file": self.file,
            "kind": self.kind or None,
            "sublayer": self.sublayer or None,
            "crs": self.crs,
            "encoding": self.encoding or None,
            "as_of": self.as_of.isoformat(),
            "scale": self.scale or None,
            "read_count": self.read_count,
            "feature_count": self.feature_count,
            "rejected_count": self.rejected_count,
            "area_m2": self.area_m2,
            "fields": self.fields,
            "remembered": self.remembered,
            "unmapped_fields": list(self.unmapped_fields),
            "missing_fields": list(self.missing_fields),
            "unknown_classes": self.unknown_classes,
            "repairs": [repair.model_dump() for repair in self.repairs],
            "problems": [problem_to_json(problem) for problem in self.problems],
            "problem_counts": self.problem_counts,
            "error_count": self.error_count,
            "on_problem": self.on_problem,
            "refused": self.refused,
            "outside_city": self.outside_city,
            "coverage": self.coverage,
            "snapshot": self.snapshot or None,
            "previous": self.previous or None,
            "becomes_current": self.becomes_current,
        } | ({} if self.length_m is None else {"length_m": self.length_m})


def problem_to_json(problem: Problem) -> dict[str, Any]:
    """Give one finding as part of a document."""
    return {
        "code": problem.code,
        "severity": problem.severity,
        "row": problem.row,
        "line": problem.line,
        "facts": {name: _plain(value) for name, value in problem.facts.items()},
        "before_m2": problem.before_m2,
        "after_m2": problem.after_m2,
    }


def _plain(value: object) -> object:
    """Give a fact as a number or text."""
    return value if isinstance(value, bool | int | float | str) else str(value)
