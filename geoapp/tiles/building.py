"""Making the arrays that tiles are cut from."""

import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

import numpy as np
import pyarrow.parquet as pq
import shapely
from numpy.typing import NDArray

from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.disk import move_in
from geoapp.catalog.snapshot import FEATURES, Snapshot
from geoapp.geometry.crs import Geometries
from geoapp.geometry.flat import Offsets
from geoapp.overlay.kernel import Floats
from geoapp.overlay.kinds import Kinds, one_kind, read_kinds
from geoapp.overlay.tree import build_tree
from geoapp.overlay.workers import in_threads
from geoapp.tiles.apart import take_apart, take_lines
from geoapp.tiles.burning import burn, halve
from geoapp.tiles.drawn import (
    Drawn,
    PictureLevel,
    balanced_field,
    describe_drawn,
    drawn_folder,
    drawn_kind,
    freeze,
    open_drawn,
    write_drawn,
)
from geoapp.tiles.grid import (
    GRID_BITS,
    Bytes,
    Units,
    bound_features,
    project_all,
    settle_lines,
    settle_rings,
)
from geoapp.tiles.nodes import find_nodes
from geoapp.tiles.ranking import rank_vertices
from geoapp.tiles.rules import MAX_ZOOM, MIN_ZOOM, TILE_PX, switch_zoom
from geoapp.values import Progress, no_progress

_READ_SHARE: Final = 0.6
_NODES_SHARE: Final = 0.75
_RANK_SHARE: Final = 0.85
_WORDS: Final = "tiles.building"
_ABANDONED_AFTER_S: Final = 3600


class _Piece(NamedTuple):
    """Some thousands of features in the grid."""

    placed: Units
    sizes: Offsets
    holes: Bytes
    ring_counts: Offsets
    boxes: Floats
    points: Units


class _Rings(NamedTuple):
    placed: Units
    rings: Offsets
    holes: Bytes
    features: Offsets
    boxes: Floats
    points: Units


def prepare_tiles(
    snapshot: Snapshot, definition: LayerDefinition, progress: Progress = no_progress
) -> None:
    """Make a snapshot's tiles ready, so that nobody waits for them later.

    Args:
        snapshot: The snapshot; arrays that are there already are kept.
        definition: Its layer.
        progress: Told the fraction done.

    Raises:
        OSError: The snapshot's folder cannot be written.
    """
    folder = drawn_folder(snapshot)
    made_from = describe_drawn(snapshot, definition)
    if open_drawn(folder, made_from) is not None:
        return
    temporary = folder.with_name(f".{folder.name}-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        temporary.mkdir(parents=True)
        build_drawn(snapshot, definition, temporary, progress)
        if open_drawn(folder, made_from) is None:  # another process may have been faster
            shutil.rmtree(folder, ignore_errors=True)
            move_in(temporary, folder, lambda: open_drawn(folder, made_from) is not None)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    _sweep(folder)
    progress(_WORDS, 1.0)


def _sweep(folder: Path) -> None:
    """Remove the arrays of other versions, and what killed processes left behind.

    Whoever still has them open keeps them: a mapped file outlives its name.
    """
    for left in (*folder.parent.glob("drawn-*"), *folder.parent.glob(".drawn-*")):
        with suppress(OSError):  # another process may sweep at the same time
            old = time.time() - left.stat().st_mtime > _ABANDONED_AFTER_S
            if left != folder and (old or not left.name.startswith(".")):
                shutil.rmtree(left, ignore_errors=True)


def build_drawn(
    snapshot: Snapshot, definition: LayerDefinition, folder: Path, progress: Progress = no_progress
) -> None:
    """Make the arrays in a folder that exists and is empty."""
    kind = drawn_kind(definition)
    read = _read_all(snapshot, kind, folder / "placed.bin", progress)
    kinds = _balanced_kinds(snapshot, definition)
    drawn = _finish(read, kind, kinds, snapshot.manifest.bounds, progress)
    write_drawn(folder, drawn, describe_drawn(snapshot, definition))


def make_drawn(geometries: Geometries, kinds: Kinds, kind: str = "polygon") -> Drawn:
    """Make the arrays of a few features in memory.

    Args:
        geometries: ``(n,)`` polygons, lines or points, EPSG:4490.
        kinds: Their classes.
        kind: See ``drawn_kind``.
    """
    piece = _settle(geometries, kind)
    bounds = shapely.total_bounds(geometries).tolist() if len(geometries) else None
    read = _join([piece], piece.placed)
    return freeze(_finish(read, kind, kinds, bounds and tuple(bounds), no_progress))


def _finish(
    read: _Rings,
    kind: str,
    kinds: Kinds,
    bounds: tuple[float, float, float, float] | None,
    progress: Progress,
) -> Drawn:
    closed = kind != "line"
    marks = find_nodes(read.placed, read.rings, read.features, read.boxes, closed=closed)
    progress(_WORDS, _NODES_SHARE)
    rank_vertices(read.placed, read.rings, marks)
    progress(_WORDS, _RANK_SHARE)
    switch, pictures = MIN_ZOOM, {}
    if kind == "polygon":
        switch = switch_zoom(_fullest_tiles(read.boxes))
        pictures = _draw_pictures(read, kinds, switch)
    nodes, begins = build_tree(read.boxes)
    return Drawn(
        kind,
        len(read.boxes),
        read.placed,
        marks,
        read.rings,
        read.holes,
        read.features,
        nodes,
        begins,
        read.points,
        pictures,
        switch,
        bounds,
    )


def _read_all(snapshot: Snapshot, kind: str, path: Path, progress: Progress) -> _Rings:
    """Read all features, vertices straight into a file."""
    features = snapshot.folder / FEATURES
    groups = list(range(pq.ParquetFile(features).metadata.num_row_groups))
    with path.open("wb") as file:
        read = in_threads(lambda group: _read_group(features, group, kind), groups)
        pieces = list(_kept(read, file, len(groups), progress))
    placed = np.zeros((0, 2), np.int32)
    if path.stat().st_size:
        placed = np.asarray(np.memmap(path, dtype=np.int32, mode="r")).reshape(-1, 2)
    return _join(pieces, placed)


def _join(pieces: list[_Piece], placed: Units) -> _Rings:
    return _Rings(
        placed,
        _offsets([piece.sizes for piece in pieces]),
        np.concatenate([piece.holes for piece in pieces] or [np.zeros(0, np.uint8)]),
        _offsets([piece.ring_counts for piece in pieces]),
        np.concatenate([piece.boxes for piece in pieces] or [np.zeros((0, 4))]),
        np.concatenate([piece.points for piece in pieces] or [np.zeros((0, 2), np.int32)]),
    )


def _kept(
    read: Iterator[_Piece], file: BinaryIO, count: int, progress: Progress
) -> Iterator[_Piece]:
    for done, piece in enumerate(read):
        file.write(piece.placed.tobytes())
        progress(_WORDS, _READ_SHARE * (done + 1) / count)
        yield piece._replace(placed=piece.placed[:0].copy())


def _offsets(counts: list[Offsets]) -> Offsets:
    """Give where each of what was counted begins."""
    joined = np.concatenate([np.zeros(1, np.int64), *counts])
    return np.cumsum(joined).astype(np.int64)


def _read_group(features: Path, group: int, kind: str) -> _Piece:
    column = pq.ParquetFile(features).read_row_group(group, columns=["geometry"])["geometry"]
    return _settle(shapely.from_wkb(column.to_numpy(zero_copy_only=False)), kind)


def _settle(geometries: Geometries, kind: str) -> _Piece:
    """Put features into the grid."""
    points = np.zeros((0, 2), np.int32)
    if kind in {"point", "cluster"}:
        points = _place_points(geometries)
    if kind == "point":
        boxes = np.column_stack([points, points]).astype(np.float64)
        boxes[points[:, 0] < 0] = (np.inf, np.inf, -np.inf, -np.inf)
        none = np.zeros(0, np.int64)
        return _Piece(
            points[:0], none, none.astype(np.uint8), np.zeros(len(points), np.int64), boxes, points
        )
    degrees, rings, holes, firsts = (take_lines if kind == "line" else take_apart)(geometries)
    placed, sizes = np.empty((len(degrees), 2), np.int32), np.empty(len(holes), np.int64)
    if kind == "line":
        count = settle_lines(degrees, rings, placed, sizes)
    else:
        count = settle_rings(degrees, rings, holes, placed, sizes)
    placed = placed[:count]
    boxes = np.empty((len(geometries), 4))
    bound_features(placed, _offsets([sizes]), firsts, boxes)
    return _Piece(placed, sizes, holes, np.diff(firsts), boxes, points)


def _place_points(geometries: Geometries) -> Units:
    """Give a point of each feature, far outside the world where there is none."""
    inside = shapely.get_coordinates(shapely.point_on_surface(geometries), return_index=True)
    placed = np.full((len(geometries), 2), -1, np.int32)
    found = np.empty((len(inside[0]), 2), np.int32)
    project_all(np.ascontiguousarray(inside[0]), found)
    placed[inside[1]] = found
    return placed


def _fullest_tiles(boxes: Floats) -> NDArray[np.int64]:
    """Count the features of the fullest tile at each zoom, each in the tile of its middle."""
    known = boxes[np.isfinite(boxes).all(axis=1)]
    middles = ((known[:, :2] + known[:, 2:]) / 2).astype(np.int64)
    fullest = np.zeros(MAX_ZOOM + 1, dtype=np.int64)
    for zoom in range(MAX_ZOOM + 1) if len(known) else ():
        tiles = middles >> (GRID_BITS - zoom)
        fullest[zoom] = np.unique((tiles[:, 0] << 32) | tiles[:, 1], return_counts=True)[1].max()
    return fullest


def _balanced_kinds(snapshot: Snapshot, definition: LayerDefinition) -> Kinds:
    field = balanced_field(definition)
    kinds = read_kinds(definition, snapshot, field) if field else None
    return kinds or one_kind(snapshot.manifest.feature_count)


def _draw_pictures(read: _Rings, kinds: Kinds, switch: int) -> dict[int, PictureLevel]:
    """Draw the class picture at every zoom before features are drawn."""
    if switch <= MIN_ZOOM:
        return {}
    zoom = switch - 1
    pixel = (1 << (GRID_BITS - zoom)) // TILE_PX
    align = 1 << (zoom - MIN_ZOOM)  # so that every level begins at a whole pixel
    low = np.floor(read.boxes[:, :2].min(axis=0) / (pixel * align)).astype(int) * align
    high = np.ceil((read.boxes[:, 2:].max(axis=0) + 1) / (pixel * align)).astype(int) * align
    column, row = int(low[0]), int(low[1])
    window = (column, row, int(high[0]) - column, int(high[1]) - row)
    picture = burn(read.placed, read.rings, read.features, read.boxes, pixel, window)
    levels = {zoom: PictureLevel(column, row, picture)}
    while zoom > MIN_ZOOM:
        zoom -= 1
        column, row = column // 2, row // 2
        picture = halve(picture, kinds.numbers, len(kinds.names))
        levels[zoom] = PictureLevel(column, row, picture)
    return levels
