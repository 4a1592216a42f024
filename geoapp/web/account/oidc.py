"""Signing in through an OpenID provider; it ends in the same kind of session.

The provider only says who it is. What they may do stands in the account that an administrator
has linked to them.
"""

import secrets
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final

import anyio
import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import OAuth
from joserfc.errors import JoseError
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from geoapp.bootstrap import shared_workspace
from geoapp.errors import AccessError, ConflictError
from geoapp.settings import read_settings
from geoapp.web.account.answer import asked_of, next_of, refused, welcome
from geoapp.web.account.onward import HOME, safe_next

if TYPE_CHECKING:
    from geoapp.access.account import SignedIn

START: Final = "/account/oidc"
CALLBACK: Final = "/account/oidc/callback"
_TITLE: Final = "title"
_ONWARD: Final = "onward"
_MINUTES_10: Final = 600
_PATIENCE_S: Final = 10
_LONGEST: Final = 120
# What can go wrong between us and the provider; what was wrong in detail is no matter for a page.
_FAULTS: Final = (AuthlibBaseError, JoseError, httpx.HTTPError, ValueError, KeyError, TypeError)


def oidc_routes() -> list[BaseRoute]:
    """Give the routes."""
    settings = read_settings()
    # What is under way between here and the provider; nothing of it says who somebody is.
    under_way = Middleware(
        SessionMiddleware,
        secret_key=secrets.token_hex(32),
        session_cookie="geoapp-oidc",
        path=START,
        max_age=_MINUTES_10,
        same_site="lax",
        https_only=settings.public_url.startswith("https://"),
    )
    return [
        Route(START, begin, middleware=[under_way]),
        Route(CALLBACK, finish, middleware=[under_way]),
    ]


async def begin(request: Request) -> Response:
    """Lead to the provider."""
    request.session[_ONWARD] = next_of(request)
    try:
        answer: Response = await _client().authorize_redirect(request, _callback(request))
    except _FAULTS as error:
        return _failed(request, error)
    return answer


async def finish(request: Request) -> Response:
    """Take the provider's word, checked by its signature, and sign in."""
    onward = safe_next(str(request.session.get(_ONWARD, HOME)))
    try:
        token = await _client().authorize_access_token(request)
        claims = token["userinfo"]
        issuer, subject = str(claims["iss"]), str(claims["sub"])
    except _FAULTS as error:
        return _failed(request, error)
    name = str(claims.get("preferred_username") or claims.get("name") or subject)[:_LONGEST]
    work = partial(_sign_in, issuer, subject, name, asked_of(request).address)
    try:
        signed_in = await anyio.to_thread.run_sync(work)
    except Exception as error:  # noqa: BLE001  the edge: no trace may reach the page
        return refused(request, _TITLE, error, "")
    return welcome(request, signed_in, onward)


def _sign_in(issuer: str, subject: str, name: str, address: str) -> "SignedIn":
    if issuer.rstrip("/") != read_settings().oidc_issuer.rstrip("/"):
        raise AccessError("signin-provider-other", issuer=issuer[:_LONGEST])
    return shared_workspace().accounts.sign_in_external(issuer, subject, name, address=address)


def _failed(request: Request, error: Exception) -> Response:
    words = ConflictError("signin-provider-failed", provider=read_settings().oidc_issuer)
    words.__cause__ = error
    return refused(request, _TITLE, words, "")


def _callback(request: Request) -> str:
    asked = asked_of(request)
    base = read_settings().public_url.rstrip("/") or f"{asked.scheme}://{asked.host}"
    return f"{base}{CALLBACK}"


def _client() -> Any:
    settings = read_settings()
    secret = settings.oidc_client_secret.get_secret_value()
    return _open(settings.oidc_issuer.rstrip("/"), settings.oidc_client_id, secret)


@lru_cache(maxsize=1)
def _open(issuer: str, client_id: str, client_secret: str) -> Any:
    """Give the client; Authlib has no types."""
    return OAuth().register(
        "provider",
        client_id=client_id,
        client_secret=client_secret,
        server_metadata_url=f"{issuer}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid profile",
            "code_challenge_method": "S256",
            "timeout": _PATIENCE_S,
        },
    )
