"""Who asks: found once by the guard, used by every route."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import anyio
from anyio import CapacityLimiter
from starlette.requests import HTTPConnection

from geoapp.access.headers import LOCAL
from geoapp.access.policy import PUBLIC, Principal, local_administrator
from geoapp.bootstrap import Workspace, shared_workspace
from geoapp.errors import GeoAppError
from geoapp.settings import Settings, read_settings
from geoapp.web.guard.asked import Asked
from geoapp.web.guard.cookie import cookie_name

if TYPE_CHECKING:
    from geoapp.access.account import Session

_LOOKUPS_AT_ONCE: Final = 8


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks.

    Attributes:
        principal: What the services are told.
        session: Of who has signed in.
        token: Of that session.
        by_token: A program asks, with a token of the principal's account.
        stale: A session was named that is no more.
        handle: Stands for the session in headers that never leave the server.
    """

    principal: Principal = PUBLIC
    session: "Session | None" = None
    token: str = field(default="", repr=False)
    by_token: bool = False
    stale: bool = False
    handle: str = ""

    @property
    def signed_in(self) -> bool:
        """Tell whether it is somebody in particular."""
        return bool(self.handle)

    @property
    def named(self) -> bool:
        """Tell whether it is known who it is, by a session, a token or the machine."""
        return self.signed_in or self.by_token

    @property
    def must_change(self) -> bool:
        """Tell whether nothing is allowed but to choose a password."""
        return self.session is not None and self.session.must_change


NOBODY: Final = Caller()


async def find_caller(asked: Asked, settings: Settings, *, trusted: bool) -> Caller:
    """Find who asks.

    Args:
        asked: The request.
        settings: Whether people sign in at all.
        trusted: It comes from a page of ours; otherwise its cookie says nothing.
    """
    if not settings.sign_in:
        return local_caller()
    token = asked.cookie(cookie_name(secure=asked.secure))
    if not token or not trusted:
        return NOBODY
    found = await anyio.to_thread.run_sync(_find, token, limiter=lookups())
    return found or Caller(stale=True)


def local_caller() -> Caller:
    """Give whoever sits at this machine, where nobody signs in."""
    return Caller(principal=local_administrator(), handle=LOCAL)


def caller_of(request: HTTPConnection) -> Caller:
    """Give who asks; where no guard stood before the route, next to nobody."""
    found = request.scope.get("caller")
    if isinstance(found, Caller):
        return found
    return NOBODY if read_settings().sign_in else local_caller()


def workspace_of(request: HTTPConnection) -> Workspace:
    """Open the workspace as who asks may see it.

    Raises:
        NotFoundError: There is no workspace.
    """
    caller = caller_of(request)
    return shared_workspace(None if caller.handle == LOCAL else caller.principal)


def _find(token: str) -> Caller | None:
    try:
        session = shared_workspace().accounts.find_session(token)
    except GeoAppError:  # no workspace yet: whatever is asked for will say so
        return None
    if session is None:
        return None
    principal = PUBLIC if session.must_change else session.principal
    return Caller(principal, session, token, handle=session.token_hash)


@lru_cache(maxsize=1)
def lookups() -> CapacityLimiter:
    """Bound how many are looked up at once."""
    return CapacityLimiter(_LOOKUPS_AT_ONCE)
