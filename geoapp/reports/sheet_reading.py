"""Reading a layer for a sheet: only what lies in the frame, as shapes or as a picture."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pyarrow.parquet as pq
import shapely
from numpy.typing import NDArray

from geoapp.catalog.definition import UNIT_LEVELS, LayerDefinition
from geoapp.catalog.snapshot import FEATURES, Snapshot
from geoapp.errors import ChoiceError
from geoapp.geometry.crs import GEOGRAPHIC, Geometries, transform_points
from geoapp.overlay.index import MeasureIndex
from geoapp.overlay.kinds import read_kinds
from geoapp.reports.sheet_drawing import (
    MOST_VERTICES,
    DrawnLayer,
    Look,
    Picture,
    Shapes,
    find_look,
    is_by_class,
)
from geoapp.reports.sheet_frame import Frame
from geoapp.reports.sheet_kernel import fill
from geoapp.reports.sheet_request import SheetLayer
from geoapp.reports.sheet_trace import Traced, Tracer, join

_MOST_CLASSES: Final = 254  # what a byte can hold beside "nothing"
_BORDER_STEP_UNITS: Final = 4  # some hundredths of a millimetre: a fifth of the finest stroke
_SLACK_UNITS: Final = 500.0  # strokes and points that reach into the frame from outside

_RANKS: Final = {"picture": 0, "area": 1, "line": 2, "outline": 3, "cluster": 4}

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class LayerToDraw:
    """A layer, which snapshot of it, and how much of it.

    Attributes:
        index: Opens the measure index; only asked for polygons.
        shown: ``(n,)`` which features may be drawn; ``None``: all.
    """

    asked: SheetLayer
    definition: LayerDefinition
    snapshot: Snapshot
    index: Callable[[], MeasureIndex]
    shown: NDArray[np.bool_] | None = None

    @cached_property
    def classes(self) -> tuple[Numbers, list[str]]:
        """``(n,)`` number of the class of every feature, -1 for those not to be drawn; codes."""
        numbers, codes = self._all_classes
        return (numbers if self.shown is None else np.where(self.shown, numbers, -1)), codes

    @cached_property
    def _all_classes(self) -> tuple[Numbers, list[str]]:
        count = self.snapshot.manifest.feature_count
        by_class, asked = is_by_class(self.definition), self.asked.classes
        if not by_class and asked is None:
            return np.zeros(count, dtype=np.int64), [""]
        kinds = read_kinds(self.definition, self.snapshot, self.definition.class_field)
        if kinds is None:
            offered, value = "-", ", ".join(asked or ())
            raise ChoiceError("choice-unknown", option="classes", value=value, offered=offered)
        known = self.definition.class_titles(self.definition.class_field).keys() | {""}
        for code in asked or ():
            if code not in known and code not in kinds.names:
                raise ChoiceError(
                    "choice-unknown",
                    option="classes",
                    value=code,
                    offered=", ".join(sorted(known - {""})),
                )
        kept = np.array([asked is None or name in asked for name in kinds.names], dtype=bool)
        shown = np.arange(len(kinds.names)) if by_class else np.zeros(len(kinds.names), np.int64)
        numbers = np.where(kept, shown, -1)[kinds.numbers] if count else np.zeros(0, np.int64)
        return numbers.astype(np.int64), list(kinds.names) if by_class else [""]

    def look(self, number: int) -> Look:
        """Say how a class looks."""
        return find_look(self.definition, self.classes[1][number], self.asked.opacity)


def order_layers(layers: Sequence[LayerToDraw]) -> list[LayerToDraw]:
    """Order layers from below upwards: ground, areas, lines, units, points."""
    return sorted(layers, key=lambda layer: _rank(layer.definition))


def _rank(definition: LayerDefinition) -> tuple[int, int]:
    draw = "cluster" if definition.geometry == "point" else definition.style.draw
    # Of units the larger ones lie on top: their borders are the stronger ones.
    order = -definition.order if draw == "outline" else definition.order
    return _RANKS[draw], order


def draw_layer(layer: LayerToDraw, frame: Frame, tracer: Tracer) -> DrawnLayer:
    """Draw what of a layer lies in the frame."""
    if layer.definition.geometry != "polygon":
        return _draw_positions(layer, frame, _read_near(layer, frame))
    numbers, _ = layer.classes
    wanted = None if (numbers >= 0).all() else numbers >= 0
    kind = layer.look(0).kind if layer.classes[1] else "area"
    if kind == "point":
        return _draw_positions(layer, frame, _middles(layer, tracer, wanted))
    pieces: list[Traced] = []
    picture: NDArray[np.uint8] | None = None
    for piece in tracer.trace(layer.index(), wanted):
        pieces.append(piece)
        if kind == "area" and sum(len(each.paper) for each in pieces) > MOST_VERTICES:
            if picture is None:
                picture = np.zeros((frame.height_px, frame.width_px), dtype=np.uint8)
            _fill(pieces, numbers, frame, picture)
            pieces = []
    if picture is not None:
        _fill(pieces, numbers, frame, picture)
        return _as_picture(layer, picture)
    if kind == "outline":
        return _as_outlines(layer, join(pieces), frame)
    return _as_areas(layer, join(pieces), frame)


def _fill(pieces: list[Traced], numbers: Numbers, frame: Frame, picture: NDArray[np.uint8]) -> None:
    for piece in pieces:
        values = np.minimum(numbers[piece.rows], _MOST_CLASSES - 1) + 1
        pixels_per_unit = frame.width_px / frame.size[0]
        flat = (piece.paper, piece.rings, piece.firsts)
        fill(*flat, values.astype(np.uint8), pixels_per_unit, picture)


def _as_picture(layer: LayerToDraw, pixels: NDArray[np.uint8]) -> DrawnLayer:
    _, codes = layer.classes
    looks = [layer.look(number) for number in range(len(codes))]
    shown = np.flatnonzero(np.bincount(pixels.ravel(), minlength=1)[1:])
    seen = {codes[number]: looks[number] for number in shown}
    return DrawnLayer(layer.definition, [Picture(pixels, looks)], seen, present=bool(seen))


def _as_areas(layer: LayerToDraw, traced: Traced, frame: Frame) -> DrawnLayer:
    numbers, codes = layer.classes
    shown = _in_frame(traced.polygons(), frame)
    body: list[Shapes | Picture] = []
    seen: dict[str, Look] = {}
    features = numbers[traced.rows]
    for number in np.unique(features[shown]):
        look = layer.look(int(number))
        chosen = np.flatnonzero((features == number) & shown)
        rings = [ring for feature in chosen for ring in traced.ring_list(int(feature))]
        body.append(Shapes(look, rings))
        seen[codes[number]] = look
    return DrawnLayer(layer.definition, body, seen, present=bool(seen))


def _as_outlines(layer: LayerToDraw, traced: Traced, frame: Frame) -> DrawnLayer:
    """Draw borders, each once: dashes of two neighbours would fill each other's gaps."""
    polygons = traced.polygons()
    shown = _in_frame(polygons, frame)
    if not shown.any():
        return DrawnLayer(layer.definition, [], {}, present=False)
    edges = traced.edges(_BORDER_STEP_UNITS)
    width, height = frame.size
    x, y = edges[:, [0, 2]], edges[:, [1, 3]]
    near = (x.max(axis=1) >= -_SLACK_UNITS) & (x.min(axis=1) <= width + _SLACK_UNITS)
    near &= (y.max(axis=1) >= -_SLACK_UNITS) & (y.min(axis=1) <= height + _SLACK_UNITS)
    lines = shapely.linestrings(edges[near].reshape(-1, 2, 2).astype(np.float64))
    merged = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(lines)))
    look = layer.look(0)
    rings = [shapely.get_coordinates(line).astype(np.int64) for line in merged]
    named = layer.definition.id in UNIT_LEVELS
    outlines = (traced.rows[shown], polygons[shown]) if named else None
    body: list[Shapes | Picture] = [Shapes(look, rings, closed=False)] if rings else []
    seen = {layer.classes[1][0]: look} if _crosses(merged, frame) else {}
    return DrawnLayer(layer.definition, body, seen, present=True, outlines=outlines)


def _draw_positions(
    layer: LayerToDraw, frame: Frame, found: tuple[Numbers, Geometries]
) -> DrawnLayer:
    """Draw points and lines, class by class."""
    rows, geometries = found
    numbers, codes = layer.classes
    shown = _in_frame(geometries, frame)
    body: list[Shapes | Picture] = []
    seen: dict[str, Look] = {}
    features = numbers[rows]
    for number in np.unique(features[shown & (features >= 0)]):
        look = layer.look(int(number))
        chosen = geometries[(features == number) & shown]
        if look.kind == "line":
            parts = shapely.get_parts(chosen)
            rings = [np.rint(shapely.get_coordinates(line)).astype(np.int64) for line in parts]
        else:
            rings = [np.rint(shapely.get_coordinates(chosen)).astype(np.int64)]
        body.append(Shapes(look, rings, closed=False))
        seen[codes[number]] = look
    return DrawnLayer(layer.definition, body, seen, present=bool(seen))


def _read_near(layer: LayerToDraw, frame: Frame) -> tuple[Numbers, Geometries]:
    """Read the features whose boxes meet the frame's, and no row group without any."""
    west, south, east, north = frame.geographic_bounds()
    rows, geometries = [np.zeros(0, np.int64)], [np.zeros(0, dtype=object)]
    first = 0
    with pq.ParquetFile(layer.snapshot.folder / FEATURES) as file:
        for group in range(file.metadata.num_row_groups):
            box = file.read_row_group(group, columns=["bbox"])["bbox"].combine_chunks()
            least_x, least_y, most_x, most_y = (
                box.field(side).to_numpy(zero_copy_only=False)
                for side in ("xmin", "ymin", "xmax", "ymax")
            )
            hit = (least_x <= east) & (most_x >= west) & (least_y <= north) & (most_y >= south)
            if hit.any():
                column = file.read_row_group(group, columns=["geometry"])["geometry"]
                found = np.flatnonzero(hit)
                geometries.append(shapely.from_wkb(column.to_numpy()[found]))
                rows.append(found + first)
            first += len(hit)
    return np.concatenate(rows), _bring_to_paper(np.concatenate(geometries), frame)


def _bring_to_paper(geometries: Geometries, frame: Frame) -> Geometries:
    moved = shapely.transform(
        shapely.force_2d(geometries),
        lambda xy: frame.to_paper(transform_points(xy, GEOGRAPHIC, frame.gauss)),
    )
    width, height = (side + _SLACK_UNITS for side in frame.size)
    clipped = shapely.clip_by_rect(moved, -_SLACK_UNITS, -_SLACK_UNITS, width, height)
    return np.asarray(clipped, dtype=object)


def _middles(
    layer: LayerToDraw, tracer: Tracer, wanted: NDArray[np.bool_] | None
) -> tuple[Numbers, Geometries]:
    """Give a point inside of each polygon in the frame."""
    index = layer.index()
    rows = [
        tracer.find_rows(batch) + int(first)
        for batch, first in zip(index.batches, index.starts[:-1], strict=True)
    ]
    found = np.concatenate([np.zeros(0, np.int64), *rows])
    if wanted is not None:
        found = found[wanted[found]]
    points = shapely.point_on_surface(index.geometries(found))
    return found, np.asarray(shapely.transform(points, tracer.to_paper), dtype=object)


def _in_frame(geometries: Geometries, frame: Frame) -> NDArray[np.bool_]:
    width, height = frame.size
    box = shapely.box(0, 0, width, height)
    return np.asarray(shapely.intersects(geometries, box), dtype=bool)


def _crosses(lines: Geometries, frame: Frame) -> bool:
    return bool(_in_frame(lines, frame).any())
