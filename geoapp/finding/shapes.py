"""The shapes of one snapshot: which of them lie at a point, where one lies."""

import threading
from collections import OrderedDict
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np
import shapely

from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.snapshot import Snapshot
from geoapp.finding.window import Box, Window
from geoapp.geometry.crs import GEOGRAPHIC, Coordinates, transform_points
from geoapp.geometry.measure import measure_plane, points_from_measure_plane
from geoapp.overlay.index import MeasureIndex
from geoapp.overlay.measured import MeasuredLayer

TOUCHES_M: Final = 0.001  # a point this near a border lies on it: data come in millimetres
MOST_PER_LAYER: Final = 20
_NEARLY_NOTHING: Final = 1e-6
_LARGE: Final = 500  # vertices; smaller shapes are made as fast as they are found again
_MOST_VERTICES: Final = 100_000  # of one layer


class Spot(NamedTuple):
    """A point in the measure plane.

    Attributes:
        x: East, m.
        y: North, m.
        stretch: By how much the plane is wider than the ground here, east to west; north to
            south it is as much narrower.
    """

    x: float
    y: float
    stretch: float


class LayerShapes:
    """The shapes of one snapshot.

    Attributes:
        definition: The layer.
        snapshot: Its manifest stays read.
    """

    def __init__(
        self, definition: LayerDefinition, snapshot: Snapshot, measured: MeasuredLayer, gauss: str
    ) -> None:
        self.definition = definition
        self.snapshot = snapshot
        self.plane = measure_plane(gauss)
        self._gauss = gauss
        self._measured = measured
        self._lock = threading.Lock()
        self._large: OrderedDict[int, shapely.Geometry] = OrderedDict()
        self._vertices = 0

    def find(self, spot: Spot, reach_m: float) -> tuple[list[int], bool]:
        """Find the features at a point.

        Args:
            spot: The point.
            reach_m: How far a mark on the map may be; polygons drawn as areas must hold the
                point or touch it.

        Returns:
            At most ``MOST_PER_LAYER`` rows, and whether there are more: rising, or the
            nearest first where a distance decides.
        """
        marked = self._in_memory or self.definition.style.draw == "cluster"
        reach = max(reach_m, TOUCHES_M) if marked else TOUCHES_M
        rows = self._candidates(spot, reach)
        if len(rows) == 0:
            return [], False
        with self._lock:  # what is prepared in a shape may be used by one thread at a time
            shapes = self._take(rows)
            if marked:
                distances = _ground_distances(shapes, spot)
                nearest = np.argsort(distances, kind="stable")
                rows = rows[nearest[distances[nearest] <= reach]]
            else:
                rows = rows[shapely.dwithin(shapes, shapely.Point(spot.x, spot.y), reach)]
        return [int(row) for row in rows[:MOST_PER_LAYER]], len(rows) > MOST_PER_LAYER

    def meeting(self, window: Window) -> np.ndarray:
        """Find the features that share a point with a window, rising rows."""
        if self._in_memory:
            shapes = self._measured.geometries
            return np.flatnonzero(shapely.intersects(_prepared(window.shape), shapes))
        found = [np.zeros(0, dtype=np.int64)]
        whole = _lying_in(self._boxes, window.inner)
        for batch in np.flatnonzero(_overlapping(self._boxes, window.outer)):
            first, end = self._index.starts[batch : batch + 2].tolist()
            if whole[batch]:
                found.append(np.arange(first, end))
                continue
            bounds = self._index.batches[batch].bounds
            near = np.flatnonzero(_overlapping(bounds, window.outer))
            met = _lying_in(bounds[near], window.inner)
            doubtful = near[~met]
            if len(doubtful):
                shapes = self._index.geometries(doubtful + first)
                met[~met] = shapely.intersects(_prepared(window.shape), shapes)
            found.append(near[met] + first)
        return np.concatenate(found)

    def areas(self, rows: np.ndarray) -> np.ndarray | None:
        """Give the official areas of features, m²; ``None`` for points and lines."""
        if self._in_memory:
            return None
        starts = self._index.starts
        batches = np.searchsorted(starts, rows, side="right") - 1
        areas = np.empty(len(rows))
        for batch in np.unique(batches):
            here = batches == batch
            areas[here] = self._index.batches[batch].area[rows[here] - starts[batch]]
        return areas

    def lengths(self, rows: np.ndarray) -> np.ndarray | None:
        """Give the lengths of lines on the ellipsoid, m; ``None`` for anything else."""
        return self._measured.lengths_m[rows] if self._measured.lines else None

    def area(self, row: int) -> float | None:
        """Give the official area of a feature, m²; ``None`` for a point or a line."""
        if self._in_memory:
            return None
        batch, place = self._locate(row)
        return float(self._index.batches[batch].area[place])

    def length(self, row: int) -> float | None:
        """Give the length of a line on the ellipsoid, m; ``None`` for anything else."""
        return float(self._measured.lengths_m[row]) if self._measured.lines else None

    def shape(self, row: int) -> Any:
        """Give a feature in the measure plane, a shapely geometry."""
        with self._lock:
            return self._take(np.array([row], dtype=np.int64))[0]

    def shapes(self, rows: np.ndarray) -> np.ndarray:
        """Give features in the measure plane, of rising rows."""
        return self._measured.geometries[rows] if self._in_memory else self._index.geometries(rows)

    def bounds(self, row: int) -> tuple[float, float, float, float]:
        """Give west, south, east and north of a feature, degrees."""
        if self._in_memory:
            box = np.asarray(self.shape(row).bounds)
        else:
            batch, place = self._locate(row)
            box = np.asarray(self._index.batches[batch].bounds[place])
        west, south, east, north = self.to_degrees(box.reshape(2, 2)).ravel().tolist()
        return west, south, east, north

    def inner_point(self, row: int) -> tuple[float, float]:
        """Give a position on a feature, degrees."""
        point = shapely.point_on_surface(self.shape(row))
        longitude, latitude = self.to_degrees(shapely.get_coordinates(point))[0].tolist()
        return longitude, latitude

    def to_degrees(self, xy: Coordinates) -> Coordinates:
        """Bring ``(n, 2)`` positions of the measure plane to longitude and latitude."""
        return points_from_measure_plane(xy, self._gauss)

    @property
    def count(self) -> int:
        """How many features there are."""
        return self.snapshot.manifest.feature_count

    @property
    def _index(self) -> MeasureIndex:
        return self._measured.index()

    @cached_property
    def _boxes(self) -> Coordinates:
        """``(b, 4)`` box around each batch: stored order keeps neighbours together."""
        boxes = [
            np.concatenate([batch.bounds[:, :2].min(axis=0), batch.bounds[:, 2:].max(axis=0)])
            for batch in self._index.batches
            if len(batch.bounds)
        ]
        return np.array(boxes).reshape(-1, 4)

    def _locate(self, row: int) -> tuple[int, int]:
        batch = int(np.searchsorted(self._index.starts, row, side="right")) - 1
        return batch, row - int(self._index.starts[batch])

    def _candidates(self, spot: Spot, reach: float) -> np.ndarray:
        """Find the rows whose box, a little wider, holds the point; rising."""
        east, north = reach * spot.stretch, reach
        if self._in_memory:
            return np.flatnonzero(_around(self._shape_boxes, spot, east, north))
        found = []
        for batch in np.flatnonzero(_around(self._boxes, spot, east, north)):
            bounds = self._index.batches[batch].bounds
            rows = np.flatnonzero(_around(bounds, spot, east, north))
            found.append(rows + self._index.starts[batch])
        return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)

    @property
    def _in_memory(self) -> bool:
        """Whether features are points or lines, which have no measure index."""
        return self._measured.points or self._measured.lines

    @cached_property
    def _shape_boxes(self) -> Coordinates:
        boxes: Coordinates = shapely.bounds(self._measured.geometries)
        return boxes

    def _take(self, rows: np.ndarray) -> np.ndarray:
        """Make shapes of rising rows; large ones are prepared and the latest of them kept."""
        if self._in_memory:
            return np.asarray(self._measured.geometries[rows])
        shapes = np.empty(len(rows), dtype=object)
        shapes[:] = [self._large.get(int(row)) for row in rows]
        missing = np.array([shape is None for shape in shapes])
        if missing.any():
            shapes[missing] = self._index.geometries(rows[missing])
        for row, shape in zip(rows.tolist(), shapes, strict=True):
            self._keep(row, shape)
        return shapes

    def _keep(self, row: int, shape: shapely.Geometry) -> None:
        size = int(shapely.get_num_coordinates(shape))
        if size < _LARGE:
            return
        if row in self._large:
            self._large.move_to_end(row)
            return
        shapely.prepare(shape)
        self._large[row] = shape
        self._vertices += size
        while self._vertices > _MOST_VERTICES and len(self._large) > 1:
            self._vertices -= int(shapely.get_num_coordinates(self._large.popitem(last=False)[1]))


def find_spot(longitude: float, latitude: float, gauss: str) -> Spot:
    """Bring a position in degrees to the measure plane.

    Raises:
        CrsError: It is nowhere on Earth.
    """
    plane = measure_plane(gauss)
    x, y = transform_points(np.array([[longitude, latitude]]), GEOGRAPHIC, plane)[0].tolist()
    return Spot(x, y, 1 / max(float(np.cos(np.radians(latitude))), _NEARLY_NOTHING))


def _around(boxes: Coordinates, spot: Spot, east: float, north: float) -> np.ndarray:
    inside: np.ndarray = (
        (boxes[:, 0] - east <= spot.x)
        & (spot.x <= boxes[:, 2] + east)
        & (boxes[:, 1] - north <= spot.y)
        & (spot.y <= boxes[:, 3] + north)
    )
    return inside


def _overlapping(boxes: Coordinates, box: Box) -> np.ndarray:
    west, south, east, north = box
    overlapping: np.ndarray = (
        (boxes[:, 0] <= east)
        & (boxes[:, 2] >= west)
        & (boxes[:, 1] <= north)
        & (boxes[:, 3] >= south)
    )
    return overlapping


def _lying_in(boxes: Coordinates, box: Box) -> np.ndarray:
    west, south, east, north = box
    inside: np.ndarray = (
        (boxes[:, 0] >= west)
        & (boxes[:, 2] <= east)
        & (boxes[:, 1] >= south)
        & (boxes[:, 3] <= north)
    )
    return inside


def _prepared(shape: shapely.Geometry) -> shapely.Geometry:
    shapely.prepare(shape)
    return shape


def _ground_distances(shapes: np.ndarray, spot: Spot) -> np.ndarray:
    """Measure how far shapes lie from a point, m on the ground; zero inside."""
    scale = np.array([1 / spot.stretch, spot.stretch])
    moved = shapely.transform(shapes, lambda xy: (xy - (spot.x, spot.y)) * scale)
    return np.asarray(shapely.distance(moved, shapely.Point(0, 0)))
