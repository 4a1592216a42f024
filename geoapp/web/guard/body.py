"""How large a body may be and how slowly it may come, told by its header and while it does."""

import asyncio
from time import monotonic
from typing import Final

from starlette.types import Message, Receive

from geoapp.web.guard.asked import Asked

MOST_BYTES: Final = 10_000_000  # routes have narrower bounds of their own
MOST_FORM_BYTES: Final = 16_000
MOST_UPLOAD_BYTES: Final = 201_000_000  # Streamlit's 200 MB and what frames them
PATIENCE_S: Final = 30.0
SLOWEST_BYTES_S: Final = 5_000  # in the long run; a telephone far from any mast is faster


class BodyTooSlowError(Exception):
    """What is coming in would hold its place without end."""


class BodyTooLargeError(Exception):
    """More is coming in than may."""

    def __init__(self, most: int) -> None:
        self.most = most
        super().__init__(most)


def most_bytes(path: str) -> int:
    """Tell how many bytes a body may have."""
    if path.startswith("/_stcore/upload_file/"):
        return MOST_UPLOAD_BYTES
    return MOST_FORM_BYTES if path.startswith("/account") else MOST_BYTES


def declared_bytes(asked: Asked) -> int | None:
    """Tell how many bytes a body has by its own word."""
    written = asked.header("content-length") or ""
    return int(written) if written.isascii() and written.isdigit() else None


def declared_too_large(asked: Asked) -> int | None:
    """Give the bound that a body breaks by its own word; ``None`` when it does not."""
    declared, most = declared_bytes(asked), most_bytes(asked.path)
    return most if declared is not None and declared > most else None


def limit_body(asked: Asked, receive: Receive) -> Receive:
    """Stop a body that grows beyond its bound, or that hardly comes.

    Only the waiting for it counts, not the time that the route takes with each part.
    """
    most, seen, waited, coming = most_bytes(asked.path), 0, 0.0, True

    async def counted() -> Message:
        nonlocal seen, waited, coming
        if not coming:  # what is waited for now is that the client leaves
            return await receive()
        start, patience = monotonic(), PATIENCE_S + seen / SLOWEST_BYTES_S - waited
        try:
            async with asyncio.timeout(patience):
                message = await receive()
        except TimeoutError as error:
            raise BodyTooSlowError from error
        waited += monotonic() - start
        seen += len(message.get("body", b""))
        coming = bool(message.get("more_body"))
        if seen > most:
            raise BodyTooLargeError(most)
        return message

    return counted
