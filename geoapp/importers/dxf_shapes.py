"""Closed outlines, open lines and texts of a drawing, with blocks taken apart."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from ezdxf import path as curves
from ezdxf.entities import DXFEntity
from ezdxf.lldxf.const import DXFError

from geoapp.errors import FileError
from geoapp.importers.arcs import chords, circle
from geoapp.importers.problem import Problem

MOST_ENTITIES: Final = 1_000_000
DEEPEST_BLOCK: Final = 8
_FLATTEN: Final = 1e-4  # units of the drawing: splines, ellipses and hatch edges
_CLOSED: Final = 1e-6
_ALMOST_CLOSED: Final = 1.0
_FEWEST: Final = 3
_LINES: Final = frozenset({"LINE", "ARC"})
_TEXTS: Final = frozenset({"TEXT", "MTEXT", "ATTRIB"})
_LISTED_LINES: Final = 200
Ring = list[list[float]]


@dataclass(slots=True)
class Outline:
    """One closed outline: its rings, the first one outside."""

    rings: list[Ring]
    layer: str
    entity: str
    handle: str


@dataclass(slots=True)
class Drawing:
    """What a drawing holds that matters here."""

    file: str
    outlines: list[Outline] = field(default_factory=list)
    texts: list[tuple[float, float, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    skipped: dict[str, int] = field(default_factory=dict)
    lines: dict[tuple[str, str], int] = field(default_factory=dict)
    open_lines: int = 0
    seen: int = 0
    too_deep: bool = False


def collect(entities: Iterable[DXFEntity], drawing: Drawing) -> None:
    """Go through a drawing, blocks included.

    Raises:
        FileError: It holds more than can be taken apart.
    """
    for entity in _iter_flat(entities, drawing, 0):
        kind = entity.dxftype()
        try:
            if kind in _TEXTS:
                _take_text(entity, drawing)
            else:
                _take_shape(entity, kind, drawing)
        except (DXFError, ValueError, TypeError, ArithmeticError, AttributeError, IndexError):
            drawing.skipped[kind] = drawing.skipped.get(kind, 0) + 1


def _iter_flat(entities: Iterable[DXFEntity], drawing: Drawing, depth: int) -> Iterator[DXFEntity]:
    for entity in entities:
        drawing.seen += 1
        if drawing.seen > MOST_ENTITIES:
            raise FileError("dxf-too-large", file=drawing.file, most=MOST_ENTITIES)
        if entity.dxftype() != "INSERT":
            yield entity
            continue
        if depth >= DEEPEST_BLOCK:
            drawing.too_deep = True
            continue
        yield from _iter_flat(getattr(entity, "attribs", []), drawing, depth + 1)
        for part in _placed(entity, drawing):
            yield from _iter_flat(_exploded(part, drawing), drawing, depth + 1)


def _placed(insert: Any, drawing: Drawing) -> Iterable[Any]:
    """Give each copy of a block that is placed as a grid."""
    if insert.mcount <= 1:
        return [insert]
    if insert.mcount > MOST_ENTITIES:
        raise FileError("dxf-too-large", file=drawing.file, most=MOST_ENTITIES)
    return insert.multi_insert()  # type: ignore[no-any-return]


def _exploded(insert: Any, drawing: Drawing) -> Iterator[DXFEntity]:
    def skip(entity: DXFEntity, _reason: str) -> None:
        drawing.skipped[entity.dxftype()] = drawing.skipped.get(entity.dxftype(), 0) + 1

    try:
        yield from insert.virtual_entities(skipped_entity_callback=skip)
    except (DXFError, ValueError, TypeError, ArithmeticError):
        drawing.skipped["INSERT"] = drawing.skipped.get("INSERT", 0) + 1


def _take_text(entity: Any, drawing: Drawing) -> None:
    text = entity.plain_text() if hasattr(entity, "plain_text") else entity.dxf.text
    text = " ".join(str(text).split())
    place = entity.dxf.insert
    if entity.dxftype() != "MTEXT":
        if entity.dxf.hasattr("align_point") and entity.dxf.get("halign", 0):
            place = entity.dxf.align_point
        place = entity.ocs().to_wcs(place)
    if text and math.isfinite(place[0]) and math.isfinite(place[1]):
        drawing.texts.append((float(place[0]), float(place[1]), text))


def _take_shape(entity: Any, kind: str, drawing: Drawing) -> None:
    rings: list[Ring] = []
    is_open: Ring = []
    if kind == "LWPOLYLINE":
        rings, is_open = _polyline(entity.get_points("xyb"), entity, closed=bool(entity.closed))
    elif kind == "POLYLINE":
        if entity.is_poly_face_mesh or entity.is_polygon_mesh:
            drawing.skipped[kind] = drawing.skipped.get(kind, 0) + 1
            return
        points = [(*v.dxf.location.vec2, v.dxf.get("bulge", 0.0)) for v in entity.vertices]
        rings, is_open = _polyline(points, entity, closed=bool(entity.is_closed))
    elif kind == "CIRCLE":
        x, y, _ = entity.dxf.center
        rings = [_to_wcs(circle(x, y, entity.dxf.radius), entity)]
    elif kind in {"ELLIPSE", "SPLINE"}:
        line = [[p.x, p.y] for p in curves.make_path(entity).flattening(_FLATTEN)]
        rings, is_open = _split(line, closed=False)
    elif kind == "HATCH":
        rings = _hatch_rings(entity)
    elif kind in _LINES:
        key = (kind, str(entity.dxf.layer))
        drawing.lines[key] = drawing.lines.get(key, 0) + 1
        return
    else:
        drawing.skipped[kind] = drawing.skipped.get(kind, 0) + 1
        return
    if is_open:
        _say_open(is_open, entity, drawing)
    if rings:
        handle = str(entity.dxf.get("handle") or "")
        drawing.outlines.append(Outline(rings, str(entity.dxf.layer), kind, handle))


def _polyline(
    points: list[tuple[float, float, float]], entity: Any, *, closed: bool
) -> tuple[list[Ring], Ring]:
    if len(points) > 1 and not closed:
        first, last = points[0], points[-1]
        if math.hypot(first[0] - last[0], first[1] - last[1]) <= _CLOSED:
            points, closed = points[:-1], True
    line = _to_wcs(chords(points, closed=closed), entity)
    return _split(line, closed=closed)


def _split(line: Ring, *, closed: bool) -> tuple[list[Ring], Ring]:
    """Tell a closed outline from an open line."""
    if not all(math.isfinite(value) for point in line for value in point):
        raise ValueError
    if len(line) > 1 and math.dist(line[0], line[-1]) <= _CLOSED:
        line, closed = line[:-1], True
    if len(line) < _FEWEST:
        return [], line
    return ([line], []) if closed else ([], line)


def _to_wcs(line: Ring, entity: Any) -> Ring:
    """Bring a flat entity's own coordinates to those of the drawing: it may be mirrored."""
    ocs = entity.ocs()
    if not ocs.transform:
        return line
    return [[p.x, p.y] for p in ocs.points_to_wcs([(x, y, 0.0) for x, y in line])]


def _hatch_rings(entity: Any) -> list[Ring]:
    rings = []
    for boundary in entity.paths.paths:
        if hasattr(boundary, "vertices"):
            line = _to_wcs(chords(boundary.vertices, closed=True), entity)
        else:
            outline = curves.from_hatch_edge_path(boundary, entity.ocs())
            line = [[p.x, p.y] for p in outline.flattening(_FLATTEN)]
        found, _ = _split(line, closed=True)
        rings += found
    return rings


def _say_open(line: Ring, entity: Any, drawing: Drawing) -> None:
    """List a line that is not closed; how far it is from being so tells a slip from a line."""
    drawing.open_lines += 1
    if drawing.open_lines > _LISTED_LINES:
        return
    gap = math.dist(line[0], line[-1])
    code = "dxf-almost-closed" if 0 < gap <= _ALMOST_CLOSED else "dxf-line-open"
    facts: dict[str, object] = {
        "entity": entity.dxftype(),
        "layer": str(entity.dxf.layer),
        "handle": str(entity.dxf.get("handle") or ""),
        "gap": round(gap, 4),
    }
    drawing.problems.append(Problem(code, "warning", facts=facts))
