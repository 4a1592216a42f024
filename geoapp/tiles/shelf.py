"""Encoded tiles kept in memory up to a number of bytes, each made once at a time."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from geoapp.overlay.workers import CORES

ROOM_BYTES: Final = 64 * 1024 * 1024
_OVERHEAD_BYTES: Final = 500  # key and bookkeeping of one tile
AT_ONCE: Final = 2 * CORES


class TileShelf:
    """The latest tiles; whoever asks for one that is being made waits for that one."""

    def __init__(self, room: int = ROOM_BYTES, at_once: int = AT_ONCE) -> None:
        """Make an empty shelf.

        Args:
            room: Most bytes to keep.
            at_once: Most tiles to make at the same time.
        """
        self._room = room
        self._used = 0
        self._kept: OrderedDict[Hashable, bytes] = OrderedDict()
        self._making: dict[Hashable, Future[bytes]] = {}
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="tile")

    @property
    def used(self) -> int:
        """Bytes in use."""
        return self._used

    def get(self, key: Hashable, make: Callable[[], bytes]) -> Future[bytes]:
        """Give a tile to come, which must not be cancelled: others may wait for it too.

        Args:
            key: Everything that the tile depends on.
            make: Makes it, on a thread of the shelf.
        """
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                done: Future[bytes] = Future()
                done.set_result(found)
                return done
            under_way = self._making.get(key)
            if under_way is None:
                under_way = self._pool.submit(self._make, key, make)
                self._making[key] = under_way
            return under_way

    def _make(self, key: Hashable, make: Callable[[], bytes]) -> bytes:
        try:
            content = make()
        except BaseException:
            with self._lock:
                self._making.pop(key, None)
            raise
        with self._lock:
            self._making.pop(key, None)
            self._keep(key, content)
        return content

    def _keep(self, key: Hashable, content: bytes) -> None:
        size = len(content) + _OVERHEAD_BYTES
        if size > self._room:
            return
        self._kept[key] = content
        self._used += size
        while self._used > self._room:
            _, dropped = self._kept.popitem(last=False)
            self._used -= len(dropped) + _OVERHEAD_BYTES
