"""How much one account or address may ask for, so that others still get their turn."""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, Literal

Kind = Literal["tiles", "work", "page", "account", "upload", "socket"]

_MOST_KEYS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Limit:
    """What one may ask for.

    Attributes:
        burst: Requests at once after a pause.
        rate: Requests a second in the long run.
        at_once: Requests of one account or address that are being answered.
        of_all: Requests of everybody that are being answered.
    """

    burst: int
    rate: float
    at_once: int
    of_all: int


LIMITS: Final[dict[Kind, Limit]] = {
    "tiles": Limit(burst=400, rate=100, at_once=32, of_all=96),
    "work": Limit(burst=60, rate=15, at_once=12, of_all=48),
    "page": Limit(burst=600, rate=100, at_once=64, of_all=300),
    "account": Limit(burst=40, rate=1, at_once=8, of_all=16),
    "upload": Limit(burst=120, rate=2, at_once=24, of_all=48),
    "socket": Limit(burst=60, rate=2, at_once=60, of_all=300),
}
SOCKETS_OF_ACCOUNT: Final = 20
_TILES: Final = ("/tiles/", "/rasters/", "/basemaps/", "/map/features/")
_WORK: Final = ("/api", "/map/", "/verify/")


@dataclass(frozen=True, slots=True)
class Excess:
    """Why somebody has to wait, and for how long.

    Attributes:
        code: ``too-many`` is about the one who asks, ``busy`` about the server.
    """

    code: Literal["too-many", "busy"]
    seconds: int


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


def kind_of(path: str, *, changes: bool) -> Kind:
    """Tell under which limit a path falls."""
    if path.startswith("/_stcore/upload_file/"):
        return "upload" if changes else "page"
    if path.startswith("/account"):
        return "account" if changes else "page"
    if path.startswith(_TILES):
        return "tiles"
    return "work" if path.startswith(_WORK) else "page"


@dataclass
class Turnstile:
    """Counts requests by account or address; belongs to one event loop."""

    clock: Callable[[], float] = time.monotonic
    limits: dict[Kind, Limit] = field(default_factory=lambda: dict(LIMITS))
    _buckets: OrderedDict[tuple[Kind, str], _Bucket] = field(default_factory=OrderedDict)
    _running: dict[tuple[Kind, str], int] = field(default_factory=dict)
    _all: dict[Kind, int] = field(default_factory=dict)

    def find_excess(self, kind: Kind, who: str, *, at_once: int | None = None) -> Excess | None:
        """Tell whether a request is one too many; if not it is counted.

        Args:
            kind: What is asked for.
            who: Account or address.
            at_once: Another bound for those of one account than the usual one.
        """
        limit = self.limits[kind]
        if self._running.get((kind, who), 0) >= (at_once or limit.at_once):
            return Excess("too-many", 2)
        if self._all.get(kind, 0) >= limit.of_all:
            return Excess("busy", 2)
        return self._draw(kind, who, limit)

    @contextmanager
    def passing(self, kind: Kind, who: str) -> Iterator[None]:
        """Count a request while it is being answered."""
        key = (kind, who)
        self._running[key] = self._running.get(key, 0) + 1
        self._all[kind] = self._all.get(kind, 0) + 1
        try:
            yield
        finally:
            self._running[key] -= 1
            if not self._running[key]:
                del self._running[key]
            self._all[kind] -= 1

    def _draw(self, kind: Kind, who: str, limit: Limit) -> Excess | None:
        now, key = self.clock(), (kind, who)
        bucket = self._buckets.setdefault(key, _Bucket(limit.burst, now))
        self._buckets.move_to_end(key)
        while len(self._buckets) > _MOST_KEYS:
            self._buckets.popitem(last=False)
        bucket.tokens = min(limit.burst, bucket.tokens + max(0.0, now - bucket.at) * limit.rate)
        bucket.at = now
        if bucket.tokens < 1:
            return Excess("too-many", max(1, round((1 - bucket.tokens) / limit.rate)))
        bucket.tokens -= 1
        return None
