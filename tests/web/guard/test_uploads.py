"""Few files come in at a time, of one account and of all; the others wait outside, unread."""

import asyncio

from starlette.responses import Response

from geoapp.web.guard.asked import read_asked
from geoapp.web.guard.caller import Caller
from geoapp.web.guard.holdings import UPLOADS_AT_ONCE, UPLOADS_OF_ALL
from geoapp.web.guard.uploads import UploadDesk
from tests.web.guard.signing import NoPages


class Sending:
    """Somebody whose file is on its way in."""

    def __init__(self, desk: UploadDesk, owner: str) -> None:
        self.over, self.inside = asyncio.Event(), False
        self.task = asyncio.create_task(self.send(desk, owner))

    async def send(self, desk: UploadDesk, owner: str) -> None:
        headers = [(b"host", b"localhost"), (b"content-length", b"9")]
        scope = {"type": "http", "method": "PUT", "path": "/", "headers": headers}
        slot = await desk.admit(read_asked(scope), Caller(handle=owner))
        assert not isinstance(slot, Response)
        with slot:
            self.inside = True
            await self.over.wait()
        self.inside = False

    async def leave(self) -> None:
        self.over.set()
        await self.task


async def settled(senders: list[Sending]) -> list[bool]:
    for _ in range(50):
        await asyncio.sleep(0)
    return [one.inside for one in senders]


def test_a_third_file_of_one_account_waits_until_one_is_in():
    async def play() -> None:
        desk = UploadDesk(NoPages())
        mine = [Sending(desk, "a") for _ in range(UPLOADS_AT_ONCE + 1)]
        other = Sending(desk, "b")
        assert await settled([*mine, other]) == [*[True] * UPLOADS_AT_ONCE, False, True]
        await mine[0].leave()
        assert await settled(mine) == [False, *[True] * UPLOADS_AT_ONCE]
        for one in [*mine[1:], other]:
            await one.leave()

    asyncio.run(play())


def test_many_accounts_share_so_many_places():
    async def play() -> None:
        desk = UploadDesk(NoPages())
        many = [Sending(desk, str(number)) for number in range(UPLOADS_OF_ALL + 2)]
        assert sum(await settled(many)) == UPLOADS_OF_ALL
        for one in many:
            await one.leave()

    asyncio.run(play())
