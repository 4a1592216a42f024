"""What somebody in particular was refused at the door or by a route, for the audit trail."""

from contextlib import suppress
from functools import partial
from typing import Final

import anyio
from anyio import CapacityLimiter

from geoapp.bootstrap import shared_workspace
from geoapp.errors import AccessError, GeoAppError
from geoapp.web.guard.caller import Caller

_AT_ONCE: Final = 2
_limiters: dict[str, CapacityLimiter] = {}


async def keep_refusal(caller: Caller, error: AccessError) -> None:
    """Write down who was refused what; of the public, whom nobody knows, nothing is kept."""
    if not caller.named:
        return
    limiter = _limiters.setdefault("trail", CapacityLimiter(_AT_ONCE))
    await anyio.to_thread.run_sync(partial(_write, caller, error), limiter=limiter)


def _write(caller: Caller, error: AccessError) -> None:
    with suppress(GeoAppError):  # the refusal itself is what people are told
        shared_workspace(caller.principal).record_refusal(error)
