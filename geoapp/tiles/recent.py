"""What was made lately: pictures bounded by their bytes, open files bounded by their number."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final, Generic, Protocol, TypeVar

_OVERHEAD: Final = 200  # bytes that a key and its entry take, about


class Pictures:
    """Keeps the pictures asked for last, up to a number of bytes. For any thread."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._held = 0
        self._kept: OrderedDict[Hashable, bytes] = OrderedDict()
        self._lock = Lock()

    @property
    def held_bytes(self) -> int:
        """Tell how much is kept."""
        return self._held

    def get(self, key: Hashable, make: Callable[[], bytes]) -> bytes:
        """Give a picture, making it when it is not kept."""
        with self._lock:
            content = self._kept.get(key)
            if content is not None:
                self._kept.move_to_end(key)
                return content
        content = make()
        with self._lock:
            if key not in self._kept:
                self._kept[key] = content
                self._held += len(content) + _OVERHEAD
            while self._held > self._most and self._kept:
                _, oldest = self._kept.popitem(last=False)
                self._held -= len(oldest) + _OVERHEAD
        return content


class Closable(Protocol):
    """Something that holds a file open."""

    def close(self) -> None:
        """Let go of it."""


Handle = TypeVar("Handle", bound=Closable)


class Handles(Generic[Handle]):
    """Keeps files open between requests; each is in the hands of one thread at a time.

    An open raster is not safe to share, and opening one costs more than reading a tile.
    """

    def __init__(self, most_idle: int) -> None:
        self._most = most_idle
        self._idle: list[tuple[Hashable, Handle]] = []
        self._lock = Lock()

    @contextmanager
    def lend(self, key: Hashable, make: Callable[[], Handle]) -> Iterator[Handle]:
        """Lend an open file; one that failed in use is not kept."""
        handle = self._take(key) or make()
        try:
            yield handle
        except BaseException:
            handle.close()
            raise
        with self._lock:
            self._idle.append((key, handle))
            surplus = self._idle[: -self._most]
            self._idle = self._idle[-self._most :]
        for _, old in surplus:
            old.close()

    def close(self) -> None:
        """Close all that are not in use."""
        with self._lock:
            idle, self._idle = self._idle, []
        for _, handle in idle:
            handle.close()

    def _take(self, key: Hashable) -> Handle | None:
        with self._lock:
            for at in range(len(self._idle) - 1, -1, -1):
                if self._idle[at][0] == key:
                    return self._idle.pop(at)[1]
        return None
