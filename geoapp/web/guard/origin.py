"""Whether a request was meant for this server, and whether our own pages sent it.

A page of another site can make a browser here send requests with the cookies of whoever sits
at it, and open web sockets; and a name that points to this machine can make a foreign page look
like ours. The first is seen by the origin, the second by the host.
"""

import socket
from functools import lru_cache
from ipaddress import ip_address
from typing import Final, Literal
from urllib.parse import urlsplit

from geoapp.settings import Settings
from geoapp.web.guard.asked import Asked

Origin = Literal["own", "unknown", "foreign"]

_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_OWN_SITE: Final = frozenset({"same-origin", "none"})


def host_known(asked: Asked, settings: Settings) -> bool:
    """Tell whether the server goes by the name under which it was asked for."""
    name = split_host(asked.host)
    if name is None:
        return False
    if name in _LOOPBACK:
        return True
    return settings.sign_in and (_is_figures(name) or name in _names(settings))


def find_origin(asked: Asked, settings: Settings) -> Origin:
    """Find out who sent a request: a page of ours, a foreign page, or no page at all."""
    origin = asked.header("origin")
    if origin is not None:
        public = _origin_of(settings.public_url)
        own = origin == f"{asked.scheme}://{asked.host}" or (public and origin == public)
        return "own" if own else "foreign"
    site = asked.header("sec-fetch-site")
    if site is None:
        return "unknown"
    return "own" if site in _OWN_SITE else "foreign"


def split_host(host: str) -> str | None:
    """Give the name in a host header; ``None`` when it is none."""
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port
    except ValueError:
        return None
    plain = parts.hostname is not None and parts.netloc == host and "@" not in host
    return parts.hostname.rstrip(".") if plain and parts.hostname else None


def _is_figures(name: str) -> bool:
    """An address in figures belongs to one machine; no foreign name can stand for it."""
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _names(settings: Settings) -> set[str]:
    listed = {name.strip().lower() for name in settings.hosts.split(",") if name.strip()}
    public = urlsplit(settings.public_url).hostname
    return listed | _own_names() | ({public} if public else set())


@lru_cache(maxsize=1)
def _own_names() -> frozenset[str]:
    name = socket.gethostname().lower()
    return frozenset({name, name.partition(".")[0]}) - {""}


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower() if parts.netloc else ""
