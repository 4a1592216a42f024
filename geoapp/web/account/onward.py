"""Where a person goes after signing in: a page of this app and no other."""

from typing import Final
from urllib.parse import urlsplit

HOME: Final = "/"
_LONGEST: Final = 2000
_NOT_BACK_TO: Final = "/account/"


def safe_next(written: str) -> str:
    r"""Give a path of this app; the first page for anything that might lead elsewhere.

    >>> safe_next("/parcel_check?serial=A-1")
    '/parcel_check?serial=A-1'
    >>> safe_next("//elsewhere.example"), safe_next("/\\elsewhere.example")
    ('/', '/')
    """
    if not written.startswith("/") or written.startswith("//") or len(written) > _LONGEST:
        return HOME
    if "\\" in written or any(not sign.isprintable() or sign.isspace() for sign in written):
        return HOME
    try:
        parts = urlsplit(written)
    except ValueError:
        return HOME
    if parts.scheme or parts.netloc or parts.path.startswith(_NOT_BACK_TO):
        return HOME
    return written
