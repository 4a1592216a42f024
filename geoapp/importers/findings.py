"""Collecting what is found in a file: every row counts, the first of each kind are spelt out."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geoapp.importers.problem import Problem, Severity

MOST_LISTED: Final = 5_000  # of each kind; repairs are all listed

Rows = NDArray[np.int64]
Facts = Callable[[int], Mapping[str, object]] | Mapping[str, object]


class Findings:
    """What was found in one file.

    Attributes:
        problems: The findings, of each kind at most the first ``MOST_LISTED``.
        counts: Code → number of findings, listed or not.
    """

    def __init__(self, count: int, lines: Sequence[int] = ()) -> None:
        """Begin with nothing.

        Args:
            count: Features of the file.
            lines: Line of the text where each begins, if it has lines.
        """
        self.problems: list[Problem] = []
        self.counts: dict[str, int] = {}
        self._notes: set[str] = set()
        self._count = count
        self._lines = lines
        self._errors: dict[str, Rows] = {}
        self._whole_file_wrong = False

    def note(self, code: str, severity: Severity = "note", /, **facts: object) -> None:
        """Add a finding on the file as a whole."""
        self._listed(Problem(code, severity, facts=facts))

    def take(self, problem: Problem) -> None:
        """Add a finding of a reader; an error without a row concerns the whole file."""
        self._listed(problem)
        if problem.severity == "error" and problem.row:
            self._mark(problem.code, np.array([problem.row - 1]))
        elif problem.severity == "error":
            self._whole_file_wrong = True

    def add(
        self,
        code: str,
        severity: Severity,
        rows: Rows,
        facts: Facts | None = None,
        *,
        before_m2: Sequence[float] | None = None,
        after_m2: Sequence[float] | None = None,
    ) -> None:
        """Add the same finding on many rows.

        Args:
            code: Key of the locale below ``problem.``.
            severity: Likewise for all.
            rows: ``(k,)`` rows, counted from 0.
            facts: What the sentence names: for all, or by place in ``rows``.
            before_m2: ``(k,)`` areas before a repair.
            after_m2: ``(k,)`` areas after it.
        """
        if len(rows) == 0:
            return
        most = len(rows) if severity == "repaired" else min(len(rows), self.room(code))
        self._count_in(code, severity, len(rows))
        if severity == "error":
            self._mark(code, rows)
        for place, row in enumerate(rows[:most].tolist()):
            said = dict(facts(place) if callable(facts) else facts or {})
            self.problems.append(
                Problem(
                    code,
                    severity,
                    row=row + 1,
                    line=self._lines[row] if row < len(self._lines) else 0,
                    facts=said,
                    before_m2=None if before_m2 is None else float(before_m2[place]),
                    after_m2=None if after_m2 is None else float(after_m2[place]),
                )
            )

    @property
    def counts_of_data(self) -> dict[str, int]:
        """The counts without notes, which tell how a file was read and not what is in it."""
        return {code: self.counts[code] for code in sorted(self.counts) if code not in self._notes}

    def room(self, code: str) -> int:
        """Tell how many more of a kind would be spelt out."""
        return max(0, MOST_LISTED - self.counts.get(code, 0))

    @property
    def errors(self) -> dict[str, Rows]:
        """Code → rows with errors of that kind, counted from 0, rising."""
        return self._errors

    @property
    def has_errors(self) -> bool:
        """Whether a row, or the file as a whole, has an error."""
        return self._whole_file_wrong or bool(self._errors)

    @property
    def error_rows(self) -> NDArray[np.bool_]:
        """``(n,)`` whether a row has an error."""
        wrong = np.zeros(self._count, dtype=np.bool_)
        for rows in self._errors.values():
            wrong[rows] = True
        return wrong

    def sorted(self) -> tuple[Problem, ...]:
        """Give the findings, those on the whole file first, then by row."""
        return tuple(sorted(self.problems, key=lambda problem: problem.row))

    def _listed(self, problem: Problem) -> None:
        self.problems.append(problem)
        self._count_in(problem.code, problem.severity, 1)

    def _count_in(self, code: str, severity: Severity, count: int) -> None:
        self.counts[code] = self.counts.get(code, 0) + count
        if severity == "note":
            self._notes.add(code)

    def _mark(self, code: str, rows: Rows) -> None:
        known = self._errors.get(code, np.zeros(0, dtype=np.int64))
        self._errors[code] = np.union1d(known, rows).astype(np.int64)


def word_rows(rows: Sequence[int], most: int = 5) -> str:
    """Name the first rows, counted from 1.

    >>> word_rows([0, 4, 6], most=2)
    '1, 5, …'
    """
    named = [str(row + 1) for row in list(rows)[:most]]
    return ", ".join([*named, "…"] if len(rows) > most else named)


def plain_facts(**facts: Any) -> dict[str, object]:
    """Give facts as plain numbers and texts."""
    return {k: v.item() if isinstance(v, np.generic) else v for k, v in facts.items()}
