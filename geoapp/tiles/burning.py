"""Pictures of features: which one lies at the middle of each pixel, at several zooms."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoapp.geometry.flat import Offsets
from geoapp.overlay.compiling import compiled
from geoapp.overlay.kernel import Floats, Integers
from geoapp.overlay.workers import CORES, in_threads
from geoapp.tiles.grid import Units

Rows = NDArray[np.uint32]  # 0 where there is nothing, else row number + 1

_BANDS: Final = 2 * CORES


def burn(
    placed: Units,
    rings: Offsets,
    features: Offsets,
    boxes: Floats,
    pixel: int,
    window: tuple[int, int, int, int],
) -> Rows:
    """Burn features into pixels by their middles; where two lie, the later one stays.

    A border belongs to one side only, so features that fill the ground fill the picture.

    Args:
        placed: Vertices in the grid; ``rings`` and ``features`` as in ``Drawn``.
        rings: See there.
        features: See there.
        boxes: ``(n, 4)`` bounds of features.
        pixel: Side of a pixel, grid units.
        window: First column and row, width and height in pixels.
    """
    column, row, width, height = window
    picture = np.zeros((height, width), dtype=np.uint32)
    edges = np.linspace(0, height, min(_BANDS, height) + 1).astype(np.int64)

    def fill(band: int) -> None:
        top, end = int(edges[band]), int(edges[band + 1])
        low, high = (row + top) * pixel, (row + end) * pixel
        rows = np.flatnonzero((boxes[:, 1] <= high) & (boxes[:, 3] >= low))
        _burn(placed, rings, features, rows, boxes, pixel, column, row + top, picture[top:end])

    for _ in in_threads(fill, range(len(edges) - 1)):
        pass
    return picture


@compiled
def _burn(
    placed: Units,
    rings: Offsets,
    features: Offsets,
    rows: Integers,
    boxes: Floats,
    pixel: int,
    west: int,
    north: int,
    picture: Rows,
) -> None:
    """Fill between the places where the middle line of a row of pixels crosses the borders."""
    counts, places = np.empty(64, np.int64), np.empty(256, np.float64)
    for feature in rows:
        top = max(0, int(boxes[feature, 1] // pixel) - north)
        end = min(len(picture), int(boxes[feature, 3] // pixel) + 1 - north)
        if end <= top:
            continue
        if end - top + 1 > len(counts):
            counts = np.empty(2 * (end - top + 1), np.int64)
        counts[: end - top + 1] = 0
        total = 0
        for asking in range(2):
            if asking == 1:
                for k in range(end - top):  # where the crossings of each row end
                    counts[k + 1] += counts[k]
                total = counts[end - top]
                if total > len(places):
                    places = np.empty(2 * total, np.float64)
            for ring in range(features[feature], features[feature + 1]):
                _cross_rows(
                    placed, rings[ring], rings[ring + 1], pixel, north + top, end - top,
                    asking, counts, places,
                )  # fmt: skip
        _fill_rows(counts, places, end - top, total, pixel, west, top, feature + 1, picture)


@compiled
def _cross_rows(
    placed: Units, begin: int, end: int, pixel: int, first: int, height: int,
    keep: int, counts: Integers, places: Floats,
) -> None:  # fmt: skip
    """Count the crossings of each row one place further on, or keep them, from the back."""
    for v in range(begin, end):
        w = v + 1 if v + 1 < end else begin
        low, high = v, w
        if placed[w, 1] < placed[v, 1]:
            low, high = w, v
        y0, y1 = float(placed[low, 1]), float(placed[high, 1])
        if y0 == y1:
            continue
        row = max(0, int(np.ceil(y0 / pixel - 0.5)) - first)
        stop = min(height, int(np.ceil(y1 / pixel - 0.5)) - first)
        for k in range(row, stop):
            if keep == 0:
                counts[k + 1] += 1
                continue
            middle = (first + k + 0.5) * pixel
            x0, x1 = float(placed[low, 0]), float(placed[high, 0])
            counts[k + 1] -= 1
            places[counts[k + 1]] = x0 + (x1 - x0) * ((middle - y0) / (y1 - y0))


@compiled
def _fill_rows(
    counts: Integers, places: Floats, height: int, total: int, pixel: int, west: int, top: int,
    value: int, picture: Rows,
) -> None:  # fmt: skip
    """Fill between each first and second crossing; ``counts[k + 1]`` is where row k begins."""
    for k in range(height):
        begin = counts[k + 1]
        end = counts[k + 2] if k + 1 < height else total
        line = places[begin:end]
        line.sort()
        for n in range(0, len(line) - 1, 2):
            left = max(0, int(np.ceil(line[n] / pixel - 0.5)) - west)
            right = min(picture.shape[1], int(np.ceil(line[n + 1] / pixel - 0.5)) - west)
            for column in range(left, right):
                picture[top + k, column] = value


def halve(picture: Rows, kinds: NDArray[np.int32], count: int) -> Rows:
    """Make four pixels one, keeping the share of every class.

    Which of the four stays is decided by what is owed: each class is credited with its quarters
    and debited with the pixels it got, so that over any stretch it gets what it had to within a
    pixel or so. The most frequent of the four would wipe out the small classes.

    Args:
        picture: ``(2h, 2w)`` row numbers + 1.
        kinds: ``(n,)`` class of each row.
        count: Number of classes.
    """
    smaller = np.zeros((picture.shape[0] // 2, picture.shape[1] // 2), dtype=np.uint32)
    _halve(picture, kinds, np.zeros(count + 1, dtype=np.int64), smaller)
    return smaller


@compiled
def _halve(picture: Rows, kinds: NDArray[np.int32], owed: Integers, smaller: Rows) -> None:
    height, width = smaller.shape
    for row in range(height):
        for step in range(width):
            column = step if row % 2 == 0 else width - 1 - step  # there and back: no jump
            chosen, most, best = np.uint32(0), np.int64(-(1 << 62)), 0
            for k in range(4):
                value = picture[2 * row + k // 2, 2 * column + k % 2]
                owed[0 if value == 0 else kinds[value - 1] + 1] += 1
            for k in range(4):
                value = picture[2 * row + k // 2, 2 * column + k % 2]
                kind = 0 if value == 0 else kinds[value - 1] + 1
                if owed[kind] > most:
                    chosen, most, best = value, owed[kind], kind
            owed[best] -= 4
            smaller[row, column] = chosen
