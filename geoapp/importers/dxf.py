"""Reading DXF drawings: every closed outline is a feature.

A drawing says nothing of its reference system, and what it says of its unit is often wrong,
so the unit is told by the size of the numbers and reported. What is no closed outline is
listed, never closed or joined.
"""

import io
from typing import Any, Final

import ezdxf
import numpy as np
import shapely
from ezdxf import recover
from ezdxf.lldxf.const import DXFError

from geoapp.errors import FileError
from geoapp.geometry.crs import suggest_crs
from geoapp.importers.content import Content, content_of
from geoapp.importers.dxf_shapes import DEEPEST_BLOCK, Drawing, Outline, collect
from geoapp.importers.job import Dataset, Sublayer
from geoapp.importers.problem import Problem
from geoapp.importers.rings import Parcel, to_polygon

_SCALES: Final = {1.0: "m", 0.001: "mm", 0.01: "cm", 1000.0: "km"}
_UNITS: Final = {1: "in", 2: "ft", 4: "mm", 5: "cm", 6: "m", 7: "km"}
_ANY_ZONE: Final = 37  # only whether the numbers look like any system is asked
_FAILURES: Final = (
    DXFError,
    OSError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    ArithmeticError,
    AssertionError,
)


def read_dxf(dataset: Dataset) -> Content:
    """Read the closed outlines of a drawing, or of one of its layers.

    Returns:
        Per outline: layer, name (the text inside of it), texts (where there are several),
        entity, handle.

    Raises:
        FileError: It is no drawing, or holds no closed outline.
    """
    drawing, unit = _open(dataset)
    wanted = dataset.job.sublayer
    if wanted:
        layers = sorted({outline.layer for outline in drawing.outlines})
        _require_layer(wanted, layers, dataset.name)
        drawing.outlines = [one for one in drawing.outlines if one.layer == wanted]
    if not drawing.outlines:
        raise FileError(
            "dxf-without-outline",
            file=dataset.name,
            open=drawing.open_lines + sum(drawing.lines.values()),
        )
    scale = _find_scale(drawing, unit)
    shapes = [
        _shape(outline, row, scale, drawing.problems)
        for row, outline in enumerate(drawing.outlines, start=1)
    ]
    kept = _without_hatches(drawing, shapes)
    outlines = [drawing.outlines[row] for row in kept]
    shapes = [shapes[row] for row in kept]
    names, texts = _label(shapes, drawing, scale)
    _say_rest(drawing, shapes)
    content = content_of(
        "dxf",
        {
            "layer": [one.layer for one in outlines],
            "name": names,
            "texts": texts,
            "entity": [one.entity for one in outlines],
            "handle": [one.handle for one in outlines],
        },
        shapes,
        sublayer=wanted,
    )
    content.problems = drawing.problems
    return content


def list_dxf(dataset: Dataset) -> list[Sublayer]:
    """List the layers that hold closed outlines; without a choice all are read."""
    drawing, _ = _open(dataset)
    layers = [outline.layer for outline in drawing.outlines]
    return [Sublayer(name, "Polygon", layers.count(name)) for name in sorted(set(layers))]


def _open(dataset: Dataset) -> tuple[Drawing, int]:
    drawing = Drawing(dataset.name)
    document = _load(dataset, drawing)
    try:
        collect(document.modelspace(), drawing)
        unit = int(document.header.get("$INSUNITS", 0))
    except _FAILURES as error:
        raise FileError("file-damaged", file=dataset.name, reason=type(error).__name__) from error
    return drawing, unit


def _load(dataset: Dataset, drawing: Drawing) -> Any:
    """Load a drawing; a damaged one is recovered as far as it goes, and it is said so."""
    content = dataset.path.read_bytes()
    try:
        return ezdxf.readfile(dataset.path)
    except _FAILURES:
        pass
    try:
        document, _ = recover.read(io.BytesIO(content))
    except _FAILURES as error:
        raise FileError("file-not-what-it-says", file=dataset.name, kind="DXF") from error
    drawing.problems.append(Problem("dxf-recovered", "warning"))
    return document


def _require_layer(wanted: str, layers: list[str], file: str) -> None:
    from geoapp.importers.job import choose  # noqa: PLC0415

    choose(layers, wanted, file)


def _find_scale(drawing: Drawing, unit: int) -> float:
    """Tell the unit by the size of the numbers, and say where the drawing says another."""
    x, y = drawing.outlines[0].rings[0][0]
    fits = [scale for scale in _SCALES if suggest_crs(x * scale, y * scale, _ANY_ZONE)]
    stated = _UNITS.get(unit, "")
    if not fits:
        facts: dict[str, object] = {"unit": stated or "-", "x": round(x, 3), "y": round(y, 3)}
        drawing.problems.append(Problem("dxf-unit-unclear", "warning", facts=facts))
        return 1.0
    used = _SCALES[fits[0]]
    if fits[0] != 1.0 or (stated and stated != used):
        facts = {"stated": stated or "-", "used": used}
        drawing.problems.append(Problem("dxf-unit-by-size", "warning", facts=facts))
    return fits[0]


def _shape(outline: Outline, row: int, scale: float, problems: list[Problem]) -> shapely.Geometry:
    rings = {
        number: [(x * scale, y * scale) for x, y in ring]
        for number, ring in enumerate(outline.rings, start=1)
    }
    return to_polygon(rings, Parcel(0, {"parcel_no": outline.handle}), row, problems)


def _without_hatches(drawing: Drawing, shapes: list[shapely.Geometry]) -> list[int]:
    """Leave out hatches that only fill an outline that is there too."""
    plain = [row for row, one in enumerate(drawing.outlines) if one.entity != "HATCH"]
    hatches = [row for row, one in enumerate(drawing.outlines) if one.entity == "HATCH"]
    if not plain or not hatches:
        return list(range(len(shapes)))
    tree = shapely.STRtree([shapes[row] for row in plain])
    doubled = set()
    for row in hatches:
        for other in tree.query(shapes[row]):
            if _same(shapes[row], shapes[plain[int(other)]]):
                doubled.add(row)
    if doubled:
        facts: dict[str, object] = {"count": len(doubled)}
        drawing.problems.append(Problem("dxf-hatch-of-outline", "note", facts=facts))
    return [row for row in range(len(shapes)) if row not in doubled]


def _same(one: shapely.Geometry, other: shapely.Geometry) -> bool:
    try:
        difference = shapely.area(shapely.symmetric_difference(one, other))
    except shapely.errors.GEOSException:
        return False
    return bool(difference <= 1e-4 + 1e-9 * shapely.area(one))


def _label(
    shapes: list[shapely.Geometry], drawing: Drawing, scale: float
) -> tuple[list[str], list[str]]:
    """Give every outline the text inside of it; of outlines in each other the smallest."""
    found: list[list[tuple[float, str]]] = [[] for _ in shapes]
    if drawing.texts and shapes:
        tree = shapely.STRtree(shapes)
        areas = shapely.area(shapes)
        places = shapely.points([(x * scale, y * scale) for x, y, _ in drawing.texts])
        centres = shapely.centroid(shapes)
        for number, point in enumerate(places):
            inside = tree.query(point, predicate="intersects")
            if len(inside):
                row = int(inside[np.argmin(areas[inside])])
                apart = float(shapely.distance(point, centres[row]))
                found[row].append((apart, drawing.texts[number][2]))
    several = sum(len(texts) > 1 for texts in found)
    if several:
        facts: dict[str, object] = {"count": several}
        drawing.problems.append(Problem("dxf-several-texts", "note", facts=facts))
    ordered = [[text for _, text in sorted(texts)] for texts in found]
    return (
        [texts[0] if texts else "" for texts in ordered],
        [" | ".join(texts) if len(texts) > 1 else "" for texts in ordered],
    )


def _say_rest(drawing: Drawing, shapes: list[shapely.Geometry]) -> None:
    """Say what was not taken, and which outlines lie in others."""
    problems = drawing.problems
    for (kind, layer), count in sorted(drawing.lines.items()):
        facts: dict[str, object] = {"entity": kind, "layer": layer, "count": count}
        problems.append(Problem("dxf-lines-apart", "warning", facts=facts))
    for kind, count in sorted(drawing.skipped.items()):
        problems.append(
            Problem("dxf-entity-skipped", "note", facts={"entity": kind, "count": count})
        )
    if drawing.too_deep:
        problems.append(Problem("dxf-blocks-too-deep", "warning", facts={"most": DEEPEST_BLOCK}))
    try:
        inner, outer = shapely.STRtree(shapes).query(shapes, predicate="within")
    except shapely.errors.GEOSException:
        return
    nested = sorted({int(i) for i, o in zip(inner, outer, strict=True) if i != o})
    problems += [Problem("dxf-inside-another", "warning", row + 1) for row in nested]
