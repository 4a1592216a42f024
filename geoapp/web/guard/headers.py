"""Headers that every answer carries, so that a browser helps to keep the app to itself."""

from collections.abc import Collection
from typing import Final

from geoapp.web.guard.asked import Asked, Header

# Streamlit writes styles into the page, its tables and charts use pictures and workers made on
# the spot, and its compiled parts are WebAssembly. No other host stands here.
_PARTS: Final = {
    "default-src": "'self'",
    "script-src": "'self' 'wasm-unsafe-eval'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "media-src": "'self' blob:",
    "worker-src": "'self' blob:",
    "connect-src": "'self' data: blob:",  # layers that stand in the page itself
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'self'",
}
# Streamlit-folium hands the scripts of a map to ``eval``, within its own frame.
_MAP_FRAME: Final = "/component/streamlit_folium."
_EVAL: Final = "'self' 'unsafe-eval' 'unsafe-inline'"
_ALWAYS: Final[tuple[Header, ...]] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (
        b"permissions-policy",
        b"geolocation=(self), camera=(), microphone=(), payment=(), usb=(), display-capture=()",
    ),
)
_STRICT: Final = (b"strict-transport-security", b"max-age=31536000")


def content_policy(
    path: str, pictures_from: Collection[str] = (), scripts: Collection[str] = ()
) -> str:
    """Word what a page may load.

    Args:
        path: Of the page.
        pictures_from: Origins of basemaps that the office has configured.
        scripts: Hashes of scripts that stand in the page itself.
    """
    parts = dict(_PARTS)
    if path.startswith(_MAP_FRAME):
        parts["script-src"] = _EVAL
    elif scripts:
        parts["script-src"] += "".join(f" {name}" for name in scripts)
    if pictures_from:
        parts["img-src"] += "".join(f" {origin}" for origin in sorted(pictures_from))
    return "; ".join(f"{name} {value}" for name, value in parts.items())


def add_headers(
    headers: list[Header],
    asked: Asked,
    pictures_from: Collection[str] = (),
    scripts: Collection[str] = (),
) -> list[Header]:
    """Add what an answer does not say itself; what the route said stays."""
    said = {name.lower() for name, _ in headers}
    policy = content_policy(asked.path, pictures_from, scripts).encode()
    wanted = [*_ALWAYS, (b"content-security-policy", policy)]
    if asked.secure:
        wanted.append(_STRICT)
    return [*headers, *(pair for pair in wanted if pair[0] not in said)]
