"""Outside addresses that may send pictures: those of basemaps that the office has configured."""

from typing import Final
from urllib.parse import urlsplit

import anyio

from geoapp.bootstrap import shared_workspace
from geoapp.errors import GeoAppError

_MAP_FRAME: Final = "/component/streamlit_folium."
_NONE: Final[frozenset[str]] = frozenset()


async def basemap_origins(path: str) -> frozenset[str]:
    """Give the origins that the frame of a map may load pictures from; none for other pages."""
    if not (path.startswith(_MAP_FRAME) and path.endswith(".html")):
        return _NONE
    return await anyio.to_thread.run_sync(_find)


def _find() -> frozenset[str]:
    try:
        offered = shared_workspace().basemaps.catalogue().offered
    except GeoAppError:  # no workspace: no basemaps
        return _NONE
    found: set[str] = set()
    for base in offered:
        parts = urlsplit(base.url)
        if base.online and parts.scheme in {"http", "https"} and parts.netloc:
            # Addresses spread over several hosts have a letter in braces for them.
            host = "*." + parts.netloc.split(".", 1)[1] if "{" in parts.netloc else parts.netloc
            found.add(f"{parts.scheme}://{host}")
    return frozenset(found)
