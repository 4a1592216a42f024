"""How a city and its machine are doing, in figures that are cheap to read."""

import platform
import shutil
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Final

_STATUS: Final = Path("/proc/self/status")
_COMPONENTS: Final = ("geoapp", "streamlit", "shapely", "pyproj", "pyogrio", "sqlalchemy")


@dataclass(frozen=True, slots=True)
class LayerHealth:
    """A layer: how old its data is, and what it takes.

    Attributes:
        as_of: Day that the current data describes; ``None``: there is none.
        size_bytes: Of all snapshots, with what is derived of them.
    """

    layer: str
    as_of: date | None
    feature_count: int
    snapshots: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Health:
    """The figures.

    Attributes:
        memory_bytes: What this process holds; ``None`` where the system does not tell.
        database: What the register runs on.
        waiting: Staged imports; ``refused`` of them cannot be published.
        versions: Component → version.
    """

    layers: tuple[LayerHealth, ...]
    disk_free_bytes: int
    disk_bytes: int
    memory_bytes: int | None
    database: str
    waiting: int
    refused: int
    versions: dict[str, str]


def read_versions() -> dict[str, str]:
    """Name the versions that run."""
    return {name: version(name) for name in _COMPONENTS} | {"python": platform.python_version()}


def read_memory_bytes() -> int | None:
    """Read what this process holds of the memory."""
    try:
        lines = _STATUS.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    held = next((line.split()[1] for line in lines if line.startswith("VmRSS:")), None)
    return int(held) * 1024 if held else None


def read_disk(folder: Path) -> tuple[int, int]:
    """Read the free bytes of a folder's disk, and all it has."""
    usage = shutil.disk_usage(folder)
    return usage.free, usage.total
