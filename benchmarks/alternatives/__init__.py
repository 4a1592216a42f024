"""Established tools answering our questions, each one as well as it can.

Every module has ``prepare(task, folder)``, ``answer(state)``, ``answer_three(state)`` and
``close(state)``. ``prepare`` may load, index and cut up each layer, and cut the control layer
by the zones; it never sets the parcels beside the zones: that is the question itself.
"""

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, cast

TOOLS: Final = (
    "ours",
    "geopandas_overlay",
    "shapely_tree",
    "postgis",
    "duckdb_spatial",
    "sedona",
)

Areas = dict[tuple[str, str], float]
"""Area in m² by zone code and class."""


@dataclass(frozen=True, slots=True)
class Task:
    """A question and where its features are.

    The files hold valid polygons or multipolygons as WKB in the measure plane, where planar
    areas are official areas.

    Attributes:
        parcels: ``row`` int64, ``class`` string, ``geometry``.
        zones: ``code`` string, ``geometry``; zones do not overlap each other.
        control: ``geometry``; disjoint; ``None`` unless the question has three layers.
        workspace: Where the features come from; only our own engine reads it.
        layer: Name of the layer of the parcels.
        by: Name of the layer of the zones.
        inside: Name of the control layer, or ``""``.
    """

    parcels: Path
    zones: Path
    control: Path | None
    workspace: Path
    layer: str
    by: str
    inside: str


class Tool(Protocol):
    """What a module of this package offers."""

    def prepare(self, task: Task, folder: Path) -> Any:
        """Load, index, subdivide; what the tool keeps on disk goes to ``folder``."""

    def answer(self, state: Any) -> Areas:
        """Measure parcels × zones."""

    def answer_three(self, state: Any) -> Areas:
        """Measure parcels × zones inside the control layer."""

    def close(self, state: Any) -> None:
        """Let go of everything."""


def load_tool(name: str) -> Tool:
    """Import the module of a tool.

    Raises:
        ImportError: The tool is not installed.
    """
    return cast("Tool", importlib.import_module(f"{__name__}.{name}"))
