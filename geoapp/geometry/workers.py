"""Work spread over the cores of this machine, in order and in bounded memory."""

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

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


def portions(count: int, size: int) -> list[slice]:
    """Cut rows into portions of at most ``size``, in order."""
    return [slice(low, min(low + size, count)) for low in range(0, count, size)]
