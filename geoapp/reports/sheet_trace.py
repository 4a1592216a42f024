"""Polygons of a snapshot as they lie on the paper: read from the measure index, frame only."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geoapp.geometry.crs import Geometries, transform_points
from geoapp.geometry.measure import LONGEST_EDGE_M, measure_plane
from geoapp.overlay.index import MeasureIndex
from geoapp.overlay.share import Batch
from geoapp.reports.sheet_frame import Frame
from geoapp.reports.sheet_kernel import Floats, Grid, Integers, PaperUnits, trace

Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]

# Cells of the grid between the planes: over 200 km it is off by some 5 cm, which no paper shows.
_CELLS: Final = 128
# Edges of the index are shorter than this, so what lies farther outside of the frame than one
# of them may be moved to that distance: no edge that meets the frame changes.
_EDGE_M: Final = LONGEST_EDGE_M * 1.1
_ROUNDING_UNITS: Final = 100.0


@dataclass(frozen=True)
class Traced:
    """Features as they lie on the paper, in hundredths of a millimetre.

    Attributes:
        paper: ``(m, 2)`` vertices; rings do not repeat their first.
        rings: Where rings begin.
        firsts: ``(k + 1,)`` where the rings of each feature begin.
        rows: ``(k,)`` row of each feature in the snapshot.
    """

    paper: PaperUnits
    rings: Integers
    firsts: Integers
    rows: Rows

    def ring_list(self, feature: int) -> list[PaperUnits]:
        """Give the rings of one feature."""
        spans = range(self.firsts[feature], self.firsts[feature + 1])
        return [self.paper[self.rings[ring] : self.rings[ring + 1]] for ring in spans]

    def polygons(self) -> Geometries:
        """Make ``(k,)`` shapely geometries; what fell together to nothing is empty.

        They may touch themselves where vertices were rounded.
        """
        made = np.empty(len(self.rows), dtype=object)
        for feature in range(len(self.rows)):
            made[feature] = _polygon(self.ring_list(feature))
        return made

    def edges(self, step: int = 1) -> NDArray[np.int64]:
        """Give ``(e, 4)`` edges of all rings, each once however many rings share it.

        Args:
            step: Vertices are moved to multiples of so many units first, those of neighbours
                alike, and edges that become a point are left out.
        """
        following = np.arange(1, len(self.paper) + 1)
        begins, ends = self.rings[:-1], self.rings[1:]
        drawn = ends > begins
        following[ends[drawn] - 1] = begins[drawn]
        vertices = (self.paper.astype(np.int64) + step // 2) // step * step
        a, b = vertices.copy(), vertices[following]
        swap = (a[:, 0] > b[:, 0]) | ((a[:, 0] == b[:, 0]) & (a[:, 1] > b[:, 1]))
        a[swap], b[swap] = b[swap], a[swap].copy()
        edges = np.column_stack([a, b])[(a != b).any(axis=1)]
        return np.unique(edges, axis=0)


class Tracer:
    """Brings features of measure indexes to one frame."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._plane = measure_plane(frame.gauss)
        margin = _EDGE_M * frame.units_per_m + _ROUNDING_UNITS
        width, height = frame.size
        box = np.array([-margin, -margin, width + margin, height + margin])
        self.bounds = self._measure_bounds()
        origin = np.array(self.bounds[:2])
        step = (np.array(self.bounds[2:]) - origin) / _CELLS
        self._grid = Grid(self._lay_nodes(), origin, step, box)

    def find_rows(self, batch: Batch) -> Rows:
        """Find the features of a batch whose bounds meet the frame."""
        west, south, east, north = self.bounds
        box = batch.bounds
        hit = (box[:, 0] <= east) & (box[:, 2] >= west)
        hit &= (box[:, 1] <= north) & (box[:, 3] >= south)
        return np.flatnonzero(hit).astype(np.int64)

    def trace(self, index: MeasureIndex, wanted: Mask | None) -> Iterator[Traced]:
        """Trace the features in the frame, some thousands at a time, in stored order.

        Args:
            index: All features.
            wanted: ``(n,)`` which of them; ``None``: all.
        """
        for number, batch in enumerate(index.batches):
            rows = self.find_rows(batch)
            first = int(index.starts[number])
            if wanted is not None:
                rows = rows[wanted[rows + first]]
            if len(rows):
                yield self._trace(batch, rows, first)

    def to_paper(self, points: Floats) -> Floats:
        """Bring ``(n, 2)`` positions of the measure plane to the paper, exactly."""
        return self._frame.to_paper(transform_points(points, self._plane, self._frame.gauss))

    def _trace(self, batch: Batch, rows: Rows, first: int) -> Traced:
        starts, ends = batch.firsts[rows], batch.firsts[rows + 1]
        vertices = int((batch.rings[ends] - batch.rings[starts]).sum())
        rings = int((ends - starts).sum())
        paper = np.empty((vertices, 2), dtype=np.int32)
        paper_rings = np.empty(rings + 1, dtype=np.int64)
        paper_firsts = np.empty(len(rows) + 1, dtype=np.int64)
        flat = (batch.xy, batch.rings, batch.firsts, rows)
        kept = trace(*flat, self._grid, paper, paper_rings, paper_firsts)
        paper_rings = paper_rings[: kept + 1]
        return Traced(paper[: paper_rings[-1]].copy(), paper_rings, paper_firsts, rows + first)

    def _measure_bounds(self) -> tuple[float, float, float, float]:
        west, south, east, north = self._frame.gauss_bounds
        steps = np.linspace(0.0, 1.0, 33)
        x, y = np.meshgrid(west + (east - west) * steps, south + (north - south) * steps)
        points = np.column_stack([x.ravel(), y.ravel()])
        plane = transform_points(points, self._frame.gauss, self._plane)
        low, high = plane.min(axis=0), plane.max(axis=0)
        # Sides bend between the points by far less than this.
        slack = (high - low) * 1e-3 + 1.0
        low, high = low - slack, high + slack
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])

    def _lay_nodes(self) -> Floats:
        west, south, east, north = self.bounds
        x, y = np.meshgrid(
            np.linspace(west, east, _CELLS + 1), np.linspace(south, north, _CELLS + 1)
        )
        nodes = self.to_paper(np.column_stack([x.ravel(), y.ravel()]))
        return np.ascontiguousarray(nodes.reshape(_CELLS + 1, _CELLS + 1, 2))


def join(pieces: list[Traced]) -> Traced:
    """Put traced features one after the other."""
    paper = np.concatenate([np.zeros((0, 2), np.int32), *(piece.paper for piece in pieces)])
    rings = _join_offsets([piece.rings for piece in pieces])
    firsts = _join_offsets([piece.firsts for piece in pieces])
    rows = np.concatenate([np.zeros(0, np.int64), *(piece.rows for piece in pieces)])
    return Traced(paper, rings, firsts, rows)


def _join_offsets(offsets: list[Integers]) -> Integers:
    lengths = [np.diff(each) for each in offsets]
    return np.cumsum(np.concatenate([np.zeros(1, np.int64), *lengths])).astype(np.int64)


def _polygon(rings: list[PaperUnits]) -> shapely.Geometry:
    """Make a polygon of rings, holes those that turn the other way than the first."""
    shells: list[tuple[PaperUnits, list[PaperUnits]]] = []
    for ring in rings:
        # The y axis points down: what turns left in the plane turns right on the paper.
        if _doubled_area(ring) < 0 or not shells:
            shells.append((ring, []))
        else:
            shells[-1][1].append(ring)
    return shapely.MultiPolygon([(shell, holes) for shell, holes in shells])


def _doubled_area(ring: PaperUnits) -> float:
    x, y = ring.astype(np.float64).T
    return float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))
