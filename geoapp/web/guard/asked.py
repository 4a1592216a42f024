"""What a raw request says of itself, before anything is believed."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from ipaddress import ip_address, ip_network
from typing import Final
from urllib.parse import parse_qs

from starlette.types import Scope

from geoapp.i18n import Lang

Header = tuple[bytes, bytes]

_UNSAFE: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_OWN: Final = b"x-geoapp-"
_IPV6_HOME: Final = 64  # bits: a household or office has that many addresses to itself


@dataclass(frozen=True)
class Asked:
    """A request or the opening of a web socket, without headers that only we may set.

    Attributes:
        address: Where it comes from; the last trusted proxy has its say through uvicorn.
    """

    kind: str
    method: str
    path: str
    query: str
    scheme: str
    address: str
    headers: tuple[Header, ...]

    def header(self, name: str) -> str | None:
        """Give a header; of several of one name the first."""
        wanted = name.encode()
        return next((value.decode("latin-1") for key, value in self.headers if key == wanted), None)

    @property
    def changes(self) -> bool:
        """Tell whether it asks for a change."""
        return self.kind == "http" and self.method in _UNSAFE

    @property
    def secure(self) -> bool:
        """Tell whether it came encrypted, as far as trusted proxies say."""
        return self.scheme == "https"

    @property
    def host(self) -> str:
        """Name under which it was asked for, with the port."""
        return (self.header("host") or "").lower()

    @property
    def navigates(self) -> bool:
        """Tell whether a person's browser opens a page."""
        if self.kind != "http" or self.method not in {"GET", "HEAD"}:
            return False
        aim = self.header("sec-fetch-dest")
        return aim == "document" if aim else "text/html" in (self.header("accept") or "")

    @property
    def lang(self) -> Lang:
        """Language for words: as the address says, else as the browser prefers."""
        chosen = parse_qs(self.query[:4000]).get("lang", [""])[0]
        if chosen in {"zh", "en"}:
            return "en" if chosen == "en" else "zh"
        return "en" if (self.header("accept-language") or "").lower().startswith("en") else "zh"

    @cached_property
    def home(self) -> str:
        """Whose address it is, for counting: an IPv6 client has very many."""
        try:
            place = ip_address(self.address)
        except ValueError:
            return self.address
        if place.version == 4:
            return str(place)
        return str(ip_network((place, _IPV6_HOME), strict=False))

    @property
    def here(self) -> bool:
        """Tell whether it was sent on this machine, and not handed on by a proxy here."""
        if self.header("x-forwarded-for") is not None or self.header("forwarded") is not None:
            return False
        try:
            return ip_address(self.address).is_loopback
        except ValueError:
            return False

    def cookie(self, name: str) -> str:
        """Give a cookie; nothing when there is none."""
        return _read_cookies(self.headers).get(name, "")


def read_asked(scope: Scope) -> Asked:
    """Read a request; headers that only the guard may set are left out, in any spelling."""
    client = scope.get("client")
    scheme = scope.get("scheme", "http")
    return Asked(
        kind=scope["type"],
        method=scope.get("method", "GET"),
        path=scope["path"],
        query=scope.get("query_string", b"").decode("latin-1"),
        scheme="https" if scheme in {"https", "wss"} else "http",
        address=client[0] if client else "",
        headers=tuple(without_forged(scope["headers"])),
    )


def without_forged(headers: Iterable[Header]) -> list[Header]:
    """Leave out what pretends to come from the guard.

    A name with an underscore goes too: some servers in front take it for one with a hyphen.
    """
    kept = []
    for name, value in headers:
        key = name.lower()
        if not key.startswith(_OWN) and b"_" not in key:
            kept.append((key, value))
    return kept


def without_cookie(headers: Iterable[Header], name: str) -> list[Header]:
    """Leave one cookie out of the headers."""
    kept: list[Header] = []
    for key, value in headers:
        if key != b"cookie":
            kept.append((key, value))
            continue
        parts = [part.strip() for part in value.decode("latin-1").split(";")]
        rest = [part for part in parts if part.partition("=")[0].strip() != name]
        if rest:
            kept.append((key, "; ".join(rest).encode("latin-1")))
    return kept


def _read_cookies(headers: Iterable[Header]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in headers:
        if key != b"cookie":
            continue
        for part in value.decode("latin-1").split(";"):
            name, _, content = part.strip().partition("=")
            found.setdefault(name.strip(), content.strip())
    return found
