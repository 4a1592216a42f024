"""Answers that are kept, because a page asks again at every touch."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar, cast

Answer = TypeVar("Answer")


class KeptAnswers:
    """The latest answers; safe from several threads.

    A key names all that an answer is computed from: snapshots by their names, rules by their
    text. Rights are asked for before, by whoever asks.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = Lock()

    def give(self, key: Hashable, compute: Callable[[], Answer]) -> Answer:
        """Give what is kept, or compute it; two that ask at once may both compute."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return cast("Answer", self._kept[key])
        found = compute()
        with self._lock:
            self._kept[key] = found
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return found

    def clear(self) -> None:
        """Forget all of them."""
        with self._lock:
            self._kept.clear()
