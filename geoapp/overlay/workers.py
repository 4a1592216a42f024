"""Work spread over workers, in order and in bounded memory; by default the cores of this machine."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, Protocol, TypeVar

from geoapp.geometry.workers import CORES, in_threads

__all__ = ["CORES", "THREADS", "Pool", "Threads", "in_threads"]

Item = TypeVar("Item")
Result = TypeVar("Result")


class Pool(Protocol):
    """Who does the work."""

    def run(self, work: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Result]:
        """Give the result of each item, in order.

        When the caller stops in the middle, what has not begun is not begun.

        Args:
            work: What is done; it and the items are pickled where workers are other processes.
            items: On what.
        """
        ...

    def close(self) -> None:
        """Let go of the workers."""
        ...


class Threads:
    """The cores of this machine."""

    def run(self, work: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Result]:
        """Give the result of each item, in order."""
        return in_threads(work, items)

    def close(self) -> None:
        """Do nothing: threads end with each run."""


THREADS: Final = Threads()
