"""Giving memory back that was freed.

The C library keeps what a thread freed for that thread. Millions of geometries that one thread
made and others replace would so stay in memory twice.
"""

import ctypes
from collections.abc import Callable

import pyarrow as pa


def _find_trim() -> Callable[[int], int] | None:
    """Find the call of GNU's C library; another one decides for itself."""
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return None


_trim = _find_trim()


def give_back() -> None:
    """Return freed memory to the system, where that can be asked for; some 0.1 s a gigabyte."""
    pa.default_memory_pool().release_unused()
    if _trim is not None:
        _trim(0)
