"""The app behind its guard, with people who really sign in."""

from collections.abc import Collection
from typing import Any, Final

from starlette.applications import Starlette
from starlette.testclient import TestClient

from geoapp.access.accounts import ACCOUNT_ROLES, sample_password
from geoapp.web.guard.middleware import before_all
from geoapp.web.problems import HANDLERS
from geoapp.web.routes import build_routes

OWN: Final = "http://localhost:8501"
ROLES: Final = ("public", *ACCOUNT_ROLES)


class NoPages:
    """Stands for pages that hold what a test says."""

    def __init__(self) -> None:
        self.owners: dict[str, str] = {}
        self.lying: dict[str, tuple[int, int]] = {}
        self.offered: dict[str, str] = {}

    def owner(self, session: str) -> str | None:
        return self.owners.get(session)

    def held(self, owner: str) -> tuple[int, int]:
        return self.lying.get(owner, (0, 0))

    def may_read(self, media: str, owner: str) -> bool:
        return self.offered.get(media) == owner


def guarded_app(holdings: Any = None, more: Collection[Any] = ()) -> Starlette:
    return Starlette(
        routes=[*build_routes(), *more],
        middleware=before_all(holdings or NoPages(), ()),
        exception_handlers=HANDLERS,
    )


def visit(app: Starlette, role: str = "public", *, address: str = "10.0.0.9") -> TestClient:
    """Open the app as a browser would, signed in as somebody of a role."""
    client = TestClient(
        app, base_url=OWN, client=(address, 50000), follow_redirects=False,
        raise_server_exceptions=False,
    )  # fmt: skip
    client.headers["sec-fetch-site"] = "same-origin"
    client.headers["origin"] = OWN
    if role != "public":
        answer = sign_in(client, f"sample-{role}", sample_password(role))
        assert answer.status_code == 303, answer.text
    return client


def sign_in(client: TestClient, name: str, password: str, onward: str = "") -> Any:
    address = "/account/sign-in" + (f"?next={onward}" if onward else "")
    return client.post(address, data={"name": name, "password": password})
