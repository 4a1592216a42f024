"""Which parts are closed to whom, before any service is asked.

The services ask again: this only leads people to the page where they can go on.
"""

from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response

from geoapp.access.pages import PAGE_ACTIONS, page_open
from geoapp.web.guard.asked import Asked
from geoapp.web.guard.caller import Caller
from geoapp.web.guard.refusal import refuse

_OURS_ALONE: Final = ("/_stcore/metrics", "/_stcore/agent", "/_stcore/script-health-check")
_UNUSED: Final = ("/auth/", "/oauth2callback")  # Streamlit's own sign-in
_UPLOADS: Final = "/_stcore/upload_file/"
_PASSWORD: Final = "/account/password"  # noqa: S105  a path
_FREE: Final = ("/account", "/assets/", "/static/", "/component/", "/_stcore/", "/healthz")


def find_closed_door(asked: Asked, caller: Caller) -> Response | None:
    """Give the answer to who stands before a closed door; ``None`` when it is open."""
    if asked.path.startswith(_OURS_ALONE) and not asked.here:
        return refuse(asked, HTTPStatus.NOT_FOUND, "nothing-here")
    if asked.path.startswith(_UNUSED):
        return refuse(asked, HTTPStatus.NOT_FOUND, "nothing-here")
    if asked.path.startswith(_UPLOADS) and not caller.signed_in:
        return refuse(asked, HTTPStatus.UNAUTHORIZED, "sign-in-first")
    if caller.must_change and not asked.path.startswith(_FREE):
        if asked.navigates:
            return RedirectResponse(_password_page(asked), HTTPStatus.SEE_OTHER)
        return refuse(asked, HTTPStatus.FORBIDDEN, "change-password-first")
    return _closed_page(asked, caller) if asked.navigates else None


def _closed_page(asked: Asked, caller: Caller) -> Response | None:
    name = asked.path.strip("/")
    if name not in PAGE_ACTIONS or page_open(name, caller.principal):
        return None
    if caller.signed_in:
        return refuse(asked, HTTPStatus.FORBIDDEN, "page-closed")
    place = f"/account/sign-in?lang={asked.lang}&next={quote(_here(asked), safe='')}"
    return RedirectResponse(place, HTTPStatus.SEE_OTHER)


def _password_page(asked: Asked) -> str:
    return f"{_PASSWORD}?lang={asked.lang}&next={quote(_here(asked), safe='')}"


def _here(asked: Asked) -> str:
    return f"{asked.path}?{asked.query}" if asked.query else asked.path
