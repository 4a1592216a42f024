"""The routes below ``/account``."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from geoapp.settings import read_settings
from geoapp.web.account import own, password, setup, sign_in, tokens
from geoapp.web.account.answer import lead


async def _home(_request: Request) -> Response:
    return lead("/")


def account_routes() -> list[BaseRoute]:
    """Give the routes; where nobody signs in only the page that says so."""
    if not read_settings().sign_in:
        return [Route("/account", own.show), Route("/account/{rest:path}", _home)]
    return [
        Route("/account", own.show),
        Route("/account/sign-in", sign_in.show, methods=["GET"]),
        Route("/account/sign-in", sign_in.sign_in, methods=["POST"]),
        Route("/account/sign-out", own.ask_sign_out, methods=["GET"]),
        Route("/account/sign-out", own.sign_out, methods=["POST"]),
        Route("/account/password", password.show, methods=["GET"]),
        Route("/account/password", password.change, methods=["POST"]),
        Route(tokens.PATH, tokens.show, methods=["GET"]),
        Route(tokens.PATH, tokens.make, methods=["POST"]),
        Route("/account/tokens/revoke", tokens.revoke, methods=["POST"]),
        Route(setup.PATH, setup.show, methods=["GET"]),
        Route(setup.PATH, setup.found, methods=["POST"]),
        *_provider_routes(),
    ]


def _provider_routes() -> list[BaseRoute]:
    if not read_settings().oidc_issuer:
        return []
    from geoapp.web.account.oidc import oidc_routes  # noqa: PLC0415  an extra, for few

    return oidc_routes()
