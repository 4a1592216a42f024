"""Work spread over workers, in order and in bounded memory; by default the cores of this machine."""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, Protocol, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

CORES: Final = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2


def in_threads(work: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Result]:
    """Give the result of each item, in order, a few of them under way at any moment.

    Threads are enough: what takes long (kernels, GEOS, PROJ) releases Python's lock. When the
    caller stops in the middle, what has not begun is not begun.
    """
    if len(items) < 2 or CORES < 2:
        yield from map(work, items)
        return
    waiting: deque[Future[Result]] = deque()
    pool = ThreadPoolExecutor(CORES)
    try:
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > 2 * CORES:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


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
