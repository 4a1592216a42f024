"""Area statistics: which part of a layer lies in which unit, class and other layer."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geoapp.overlay.pairwise import shared_areas

__all__ = ["shared_areas"]


def __getattr__(name: str) -> object:
    """Load the kernel when it is first asked for: not everybody who imports us measures."""
    if name == "shared_areas":
        from geoapp.overlay.pairwise import shared_areas  # noqa: PLC0415

        return shared_areas
    raise AttributeError(name)
