"""Answers that were given: snapshots never change, so neither does what was measured of them."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final

from geoapp.overlay.result import StatsResult

_MOST_ROWS: Final = 100_000  # of all tables kept together


class Answers:
    """Tables by what was asked of which snapshots, the longest unused forgotten first.

    Those who ask the same at once wait for one of them to compute it.
    """

    def __init__(self, most_rows: int = _MOST_ROWS) -> None:
        self._most_rows = most_rows
        self._rows = 0
        self._kept: OrderedDict[Hashable, StatsResult] = OrderedDict()
        self._computing: dict[Hashable, threading.Lock] = {}
        self._guard = threading.Lock()

    def find(self, key: Hashable, compute: Callable[[], StatsResult]) -> StatsResult:
        """Give the answer to a question, computed at most once at a time.

        Args:
            key: The question and the names of all snapshots that it is answered from.
            compute: Answers it; what it raises is raised, and nothing is kept.
        """
        with self._guard:
            kept = self._look_up(key)
            if kept is not None:
                return kept
            computing = self._computing.setdefault(key, threading.Lock())
        with computing:
            with self._guard:
                kept = self._look_up(key)
            if kept is not None:
                return kept
            try:
                answer = compute()
            finally:
                with self._guard:
                    self._computing.pop(key, None)
            with self._guard:
                self._keep(key, answer)
            return answer

    def _look_up(self, key: Hashable) -> StatsResult | None:
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
        return kept

    def _keep(self, key: Hashable, answer: StatsResult) -> None:
        if key in self._kept:
            return
        self._kept[key] = answer
        self._rows += _count_rows(answer)
        while self._rows > self._most_rows and self._kept:
            _, oldest = self._kept.popitem(last=False)
            self._rows -= _count_rows(oldest)


def _count_rows(answer: StatsResult) -> int:
    return len(answer.rows) + len(answer.units) + len(answer.totals) + 1
