"""The session cookie."""

from typing import Final

PLAIN: Final = "geoapp"
SECURE: Final = "__Host-geoapp"  # browsers take it over https only, for this very host


def cookie_name(*, secure: bool) -> str:
    """Name the cookie."""
    return SECURE if secure else PLAIN


def set_cookie(token: str, *, secure: bool) -> str:
    """Word the header that hands a session to the browser, until it is closed."""
    return _word(f"{cookie_name(secure=secure)}={token}", secure=secure)


def drop_cookie(*, secure: bool) -> str:
    """Word the header that takes the session from the browser."""
    return _word(f"{cookie_name(secure=secure)}=; Max-Age=0", secure=secure)


def _word(start: str, *, secure: bool) -> str:
    return f"{start}; Path=/; HttpOnly; SameSite=Lax{'; Secure' if secure else ''}"
