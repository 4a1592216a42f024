"""Answers kept by browsers and proxies: never one role's for another's.

The tag under which an answer is kept names for whom it was made, whatever route made it. So
nobody can learn from another's tag that something has not changed.
"""

import hashlib
from typing import Final

from geoapp.access.policy import Principal
from geoapp.web.guard.asked import Asked, Header

_MADE_FOR_SOMEBODY: Final = ("/tiles/", "/rasters/", "/basemaps/", "/map/", "/api", "/verify/")
_LENGTH: Final = 10


def made_for_somebody(asked: Asked) -> bool:
    """Tell whether what a path answers depends on who asks."""
    return asked.path.startswith(_MADE_FOR_SOMEBODY)


def audience(principal: Principal) -> str:
    """Name those who get the same answers."""
    content = f"{principal.role}\n{principal.unit}"
    return hashlib.sha256(content.encode()).hexdigest()[:_LENGTH]


def mark_answer(headers: list[Header], principal: Principal) -> list[Header]:
    """Name in the tag for whom an answer was made, and that it depends on the cookie."""
    marked: list[Header] = []
    vary = ["Cookie", "Authorization"]
    for key, value in headers:
        if key.lower() == b"etag":
            marked.append((key, _mark(value.decode("latin-1"), principal).encode("latin-1")))
        elif key.lower() == b"vary":
            vary.insert(0, value.decode("latin-1"))
        else:
            marked.append((key, value))
    return [*marked, (b"vary", ", ".join(vary).encode("latin-1"))]


def unmark_question(headers: list[Header], principal: Principal) -> list[Header]:
    """Keep of the tags that a browser knows those made for who asks, as the routes know them."""
    kept: list[Header] = []
    ending = f'.{audience(principal)}"'
    for key, value in headers:
        if key != b"if-none-match":
            kept.append((key, value))
            continue
        tags = [tag.strip() for tag in value.decode("latin-1").split(",")]
        own = [f'{tag.removesuffix(ending)}"' for tag in tags if tag.endswith(ending)]
        if own:
            kept.append((key, ", ".join(own).encode("latin-1")))
    return kept


def _mark(tag: str, principal: Principal) -> str:
    return f'{tag.removesuffix(chr(34))}.{audience(principal)}"'
