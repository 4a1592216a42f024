"""Files on their way in: whose, how many at once, how much in all."""

import asyncio
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from http import HTTPStatus
from typing import Final

from starlette.responses import Response

from geoapp.web.guard.asked import Asked
from geoapp.web.guard.body import declared_bytes
from geoapp.web.guard.caller import Caller
from geoapp.web.guard.holdings import (
    MOST_BYTES,
    MOST_FILES,
    UPLOADS_AT_ONCE,
    UPLOADS_OF_ALL,
    Holdings,
)
from geoapp.web.guard.refusal import refuse

_PATIENCE_S: Final = 60.0
_RETRY_S: Final = 10


class UploadDesk:
    """Takes few files at a time; the others wait outside, unread, so they take no memory."""

    def __init__(self, holdings: Holdings) -> None:
        self._holdings = holdings
        self._turn = asyncio.Condition()
        self._running: dict[str, int] = {}
        self._coming: dict[str, int] = {}

    async def admit(self, asked: Asked, caller: Caller) -> AbstractContextManager[None] | Response:
        """Wait for a turn; give what holds it while the file comes in, or the refusal."""
        owner = caller.handle
        length = declared_bytes(asked)
        if length is None:
            return refuse(asked, HTTPStatus.LENGTH_REQUIRED, "length-missing")
        try:
            async with asyncio.timeout(_PATIENCE_S), self._turn:
                await self._turn.wait_for(lambda: self._free(owner))
                if self._too_much(owner, length):
                    status = HTTPStatus.TOO_MANY_REQUESTS
                    return refuse(
                        asked, status, "uploads-full", retry_s=_RETRY_S, most=MOST_BYTES // 10**6
                    )
                self._running[owner] = self._running.get(owner, 0) + 1
                self._coming[owner] = self._coming.get(owner, 0) + length
        except TimeoutError:
            status = HTTPStatus.TOO_MANY_REQUESTS
            return refuse(asked, status, "too-many", retry_s=_RETRY_S, seconds=_RETRY_S)
        return self._holding(owner, length)

    def _free(self, owner: str) -> bool:
        mine = self._running.get(owner, 0)
        return mine < UPLOADS_AT_ONCE and sum(self._running.values()) < UPLOADS_OF_ALL

    def _too_much(self, owner: str, length: int) -> bool:
        held, files = self._holdings.held(owner)
        coming = self._coming.get(owner, 0)
        return held + coming + length > MOST_BYTES or files >= MOST_FILES

    @contextmanager
    def _holding(self, owner: str, length: int) -> Iterator[None]:
        try:
            yield
        finally:
            self._running[owner] -= 1
            self._coming[owner] -= length
            if not self._running[owner]:
                del self._running[owner], self._coming[owner]
            self._wake = asyncio.create_task(self._call_next())

    async def _call_next(self) -> None:
        async with self._turn:
            self._turn.notify_all()
