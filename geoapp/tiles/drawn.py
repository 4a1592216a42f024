"""The arrays that tiles are cut from, kept beside the snapshot and read through memory maps.

A folder ``drawn-<version>`` of plain NumPy arrays and ``meta.json``, which is written last.
Deleting it loses nothing; a stale, cut-off or damaged one is not opened.
"""

import hashlib
import json
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.snapshot import Snapshot
from geoapp.geometry.flat import Offsets
from geoapp.overlay.kernel import Floats
from geoapp.tiles import rules
from geoapp.tiles.burning import Rows
from geoapp.tiles.grid import GRID_BITS, Bytes, Units

DRAWN_VERSION: Final = 1
META: Final = "meta.json"
# A flipped bit in a vertex is a crooked line; in one of these it is a walk out of an array.
_CHECKED: Final = ("rings", "features", "begins", "holes")
ARRAYS: Final = ("placed", "levels", "rings", "holes", "features", "nodes", "begins", "points")


@dataclass(frozen=True, slots=True)
class PictureLevel:
    """A picture of feature rows at one zoom, and its first column and row of pixels."""

    column: int
    row: int
    rows: Rows


@dataclass(frozen=True, slots=True)
class Drawn:
    """A layer ready to be cut into tiles.

    Attributes:
        kind: What they are drawn as, see ``drawn_kind``.
        count: Number of features, in stored order.
        placed: ``(m, 2)`` vertices in the grid, see ``geoapp.tiles.grid``; rings not closed.
            A part of a line stands where a ring of a polygon would, here and below.
        levels: ``(m,)`` lowest zoom at which a vertex is drawn.
        rings: ``(r + 1,)`` where each ring begins.
        holes: ``(r,)`` 1 for a hole.
        features: ``(n + 1,)`` where each feature begins in ``rings``.
        nodes: Tree over the bounds of features, see ``geoapp.overlay.tree``.
        begins: Likewise.
        points: ``(n, 2)`` a point for each feature of layers drawn as points, else ``(0, 2)``.
        pictures: The class picture by zoom; empty where features are drawn at every zoom.
        switch: Zoom from which features are drawn.
        bounds: West, south, east, north in degrees, ``None`` without features.
    """

    kind: str
    count: int
    placed: Units
    levels: Bytes
    rings: Offsets
    holes: Bytes
    features: Offsets
    nodes: Floats
    begins: Offsets
    points: Units
    pictures: dict[int, PictureLevel]
    switch: int
    bounds: tuple[float, float, float, float] | None


def drawn_folder(snapshot: Snapshot) -> Path:
    """Name the folder of a snapshot's arrays."""
    return snapshot.folder / "tiles" / f"drawn-{DRAWN_VERSION}"


def drawn_kind(definition: LayerDefinition) -> str:
    """Tell what a layer is drawn as.

    ``polygon``, ``line``, ``point``, or ``cluster`` for polygons that are points when small.
    """
    if definition.geometry != "polygon":
        return definition.geometry
    return "cluster" if definition.style.draw == "cluster" else "polygon"


def balanced_field(definition: LayerDefinition) -> str:
    """Name the stored field whose class shares a picture keeps, ``""`` for none."""
    rule = definition.find_field(definition.class_field)
    return (rule.derive_from or rule.name) if rule else ""


def describe_drawn(snapshot: Snapshot, definition: LayerDefinition) -> dict[str, Any]:
    """Say what arrays must have been made from to be of use."""
    constants = {name: value for name, value in vars(rules).items() if name.isupper()}
    digest = hashlib.sha256(repr((sorted(constants.items()), GRID_BITS)).encode()).hexdigest()
    return {
        "version": DRAWN_VERSION,
        "rules": digest[:16],
        "features": snapshot.manifest.digest,
        "kind": drawn_kind(definition),
        "balanced": balanced_field(definition),
    }


def write_drawn(folder: Path, drawn: Drawn, made_from: dict[str, Any]) -> None:
    """Write everything but ``placed``, which grows where it will lie."""
    for name in ARRAYS[1:]:
        np.save(folder / f"{name}.npy", getattr(drawn, name))
    for zoom, level in drawn.pictures.items():
        np.save(folder / f"picture-{zoom}.npy", level.rows)
    files = {path.name: path.stat().st_size for path in sorted(folder.iterdir())}
    meta = made_from | {
        "count": drawn.count,
        "switch": drawn.switch,
        "bounds": drawn.bounds,
        "files": files,
        "check": _check(drawn),
        "pictures": {zoom: (level.column, level.row) for zoom, level in drawn.pictures.items()},
    }
    (folder / META).write_text(json.dumps(meta), encoding="utf-8")


def open_drawn(folder: Path, made_from: dict[str, Any]) -> Drawn | None:
    """Open the arrays of a folder, ``None`` where there are none that can be used."""
    try:
        meta = json.loads((folder / META).read_text(encoding="utf-8"))
        if any(meta.get(key) != value for key, value in made_from.items()):
            return None
        sizes = {name: (folder / name).stat().st_size for name in meta["files"]}
        if sizes != meta["files"]:
            return None
        placed = _mapped(folder / "placed.bin", np.int32)
        arrays = {name: _loaded(folder / f"{name}.npy") for name in ARRAYS[1:]}
        pictures = {
            int(zoom): PictureLevel(place[0], place[1], _loaded(folder / f"picture-{zoom}.npy"))
            for zoom, place in meta["pictures"].items()
        }
        bounds = tuple(meta["bounds"]) if meta["bounds"] else None
        drawn = Drawn(
            meta["kind"], meta["count"], placed, **arrays, pictures=pictures,
            switch=meta["switch"], bounds=bounds,
        )  # fmt: skip
        whole = _check(drawn) == meta["check"] and len(placed) == drawn.rings[-1]
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None
    return drawn if whole else None


def freeze(drawn: Drawn) -> Drawn:
    """Make all arrays read-only, as mapped ones are: kernels are compiled once for both."""
    for name in ARRAYS:
        _frozen(getattr(drawn, name))
    for level in drawn.pictures.values():
        _frozen(level.rows)
    return drawn


def _mapped(path: Path, kind: type[np.int32]) -> NDArray[np.int32]:
    if path.stat().st_size == 0:  # nothing cannot be mapped
        return _frozen(np.zeros((0, 2), dtype=kind))
    return np.asarray(np.memmap(path, dtype=kind, mode="r")).reshape(-1, 2)


def _loaded(path: Path) -> Any:
    return _frozen(np.asarray(np.load(path, mmap_mode="r", allow_pickle=False)))


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    array.flags.writeable = False
    return array


def _check(drawn: Drawn) -> int:
    check = 0
    for name in _CHECKED:
        check = zlib.crc32(np.ascontiguousarray(getattr(drawn, name)).tobytes(), check)
    return check
