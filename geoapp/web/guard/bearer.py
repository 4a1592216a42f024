"""Tokens of other software in a request: where they stand, and what they may be used for.

A token reads at the interface for programs and the tiles. It opens no page, no web socket and no
upload, and it is never believed beside the cookie of a browser.
"""

import base64
import binascii
from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import unquote_plus

from geoapp.access.token import PREFIX
from geoapp.web.guard.asked import Asked

Misuse = Literal["token-in-address", "token-and-cookie", "token-not-here", "token-reads"]
_FOR_SOFTWARE: Final = ("/api", "/tiles", "/rasters", "/basemaps")
_READING: Final = frozenset({"GET", "HEAD"})
_QUESTIONS: Final = frozenset({"/api/check"})  # asked by POST, for their length
_LONGEST: Final = 1000


@dataclass(frozen=True, slots=True)
class Presented:
    """What a request carries as proof of who asks, and it is no cookie.

    Attributes:
        name: Of the account, where one was sent.
        secret: A token of ours, or a password, which is of no use here.
    """

    name: str | None
    secret: str = field(repr=False)

    @property
    def is_token(self) -> bool:
        """Tell whether it looks like a token of ours."""
        return self.secret.startswith(PREFIX)


def find_presented(asked: Asked) -> Presented | None:
    """Read the ``Authorization`` header: ``Bearer``, or ``Basic`` with name and token."""
    kind, _, content = (asked.header("authorization") or "")[:_LONGEST].strip().partition(" ")
    if kind.lower() == "bearer":
        return Presented(None, content.strip())
    if kind.lower() != "basic":
        return None
    try:
        plain = base64.b64decode(content.strip(), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return Presented("", "")
    name, _, secret = plain.partition(":")
    return Presented(name, secret)


def for_software(asked: Asked) -> bool:
    """Tell whether programs ask there."""
    first = "/" + asked.path.lstrip("/").partition("/")[0].removesuffix(".json")
    return asked.kind == "http" and first in _FOR_SOFTWARE


def find_misuse(asked: Asked, presented: Presented | None, *, cookie: bool) -> Misuse | None:
    """Tell what is wrong with how a token is sent, whoever it stands for."""
    if PREFIX in unquote_plus(asked.query) or PREFIX in asked.path:
        return "token-in-address"
    if presented is None or not presented.is_token:
        return None
    if cookie:
        return "token-and-cookie"
    if not for_software(asked):
        return "token-not-here"
    if asked.method not in _READING and asked.path not in _QUESTIONS:
        return "token-reads"
    return None
