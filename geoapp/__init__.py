"""Xiangtu 乡图: land use of one prefecture-level city, mapped and measured.

``from geoapp import Workspace`` is the way in for other software.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from geoapp.bootstrap import Workspace

__all__ = ["Workspace"]
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """Load the services on first use: ``import geoapp.geometry`` alone stays light."""
    if name == "Workspace":
        from geoapp.bootstrap import Workspace  # noqa: PLC0415

        return Workspace
    raise AttributeError(name)
