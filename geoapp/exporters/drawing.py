"""DXF (AutoCAD 2010) in metres: one layer for each class, every ring a closed polyline.

A polyline has no holes. The ring of a hole lies on a layer of its own beside that of its
class, and both carry the number of their feature in extended data, so that a person and a
program can tell them apart.
"""

import re
from pathlib import Path
from typing import Any, Final

import ezdxf
import numpy as np
import shapely
from ezdxf import units

from geoapp.errors import FileError
from geoapp.exporters.content import Content
from geoapp.exporters.report import Loss

APP: Final = "XIANGTU"
_FORBIDDEN: Final = re.compile(r'[<>/\\":;?*|=,`\x00-\x1f]')
_LONGEST_NAME: Final = 120
_LONGEST_TEXT: Final = 240
_TEXT: Final = 1000  # group code of a text of at most 255 bytes
_MOST_VERTICES: Final = 5_000_000
_MARK_HEIGHT_SHARE: Final = 0.02
HOLES: Final = "_HOLE"


def write_drawing(content: Content, path: Path) -> dict[str, str]:
    """Write the rings, lines or points of the features.

    Returns:
        Canonical field → its key in the extended data.

    Raises:
        FileError: There are more vertices than drawing programs can open.
    """
    vertices = int(shapely.get_num_coordinates(content.geometries).sum())
    if vertices > _MOST_VERTICES:
        raise FileError(
            "export-too-large", file=path.name, format="DXF", most=f"{_MOST_VERTICES:,}"
        )
    drawing: Any = ezdxf.new("R2010", units=units.M)
    drawing.appids.add(APP)
    space = drawing.modelspace()
    layers = _layers(content, drawing)
    words = {column.name: column.words() for column in content.columns}
    for row, geometry in enumerate(content.geometries):
        data = _extended(row, {name: column[row] for name, column in words.items()})
        for part in shapely.get_parts(geometry):
            _draw(space, part, layers[row], data)
    _note_losses(content, words)
    _write_notes(content, drawing)
    drawing.saveas(path)
    return {column.canonical: column.name for column in content.columns}


def _layers(content: Content, drawing: Any) -> list[str]:
    """Add a layer for each class that occurs; give the layer of each feature."""
    definition, lang = content.definition, content.request.lang
    rule = definition.find_field(definition.class_field)
    source = (rule.derive_from or rule.name) if rule else ""
    stored = definition.find_field(source)
    column = content.find_column(source)
    classes = definition.classes.get(stored.classes, ()) if stored else ()
    titles = {value.code: (value.title[lang], value.fill) for value in classes}
    codes = column.words() if column else [""] * len(content.geometries)
    names: dict[str, str] = {}
    for code in sorted(set(codes)):
        title, fill = titles.get(code, ("", definition.style.fill))
        word = "_".join(dict.fromkeys(filter(None, (content.layer_name, code, title))))
        name = _FORBIDDEN.sub("-", word)[:_LONGEST_NAME]
        names[code] = name
        for own in (name, f"{name}{HOLES}"):
            if own not in drawing.layers:
                drawing.layers.add(own, true_color=int(fill[1:], 16))
    return [names[code] for code in codes]


def _draw(space: Any, part: shapely.Geometry, layer: str, data: list[tuple[int, str]]) -> None:
    if isinstance(part, shapely.Polygon):
        rings = [(part.exterior, layer), *((hole, f"{layer}{HOLES}") for hole in part.interiors)]
        for ring, own in rings:
            points = np.asarray(shapely.get_coordinates(ring))[:-1].tolist()
            drawn = space.add_lwpolyline(points, close=True, dxfattribs={"layer": own})
            drawn.set_xdata(APP, data)
        return
    points = np.asarray(shapely.get_coordinates(part)).tolist()
    if isinstance(part, shapely.Point):
        drawn = space.add_point((*points[0], 0.0), dxfattribs={"layer": layer})
    else:
        drawn = space.add_lwpolyline(points, dxfattribs={"layer": layer})
    drawn.set_xdata(APP, data)


def _extended(row: int, words: dict[str, str]) -> list[tuple[int, str]]:
    """Give the number of the feature and its attributes as extended data."""
    pairs = [("row", str(row + 1)), *((name, word) for name, word in words.items() if word)]
    return [(_TEXT, _fit(f"{name}={_one_line(word)}")) for name, word in pairs]


def _fit(word: str) -> str:
    return word.encode()[:_LONGEST_TEXT].decode(errors="ignore")


def _one_line(word: str) -> str:
    return re.sub(r"[\x00-\x1f]", " ", word)


def _note_losses(content: Content, words: dict[str, list[str]]) -> None:
    holes = int(shapely.get_num_interior_rings(shapely.get_parts(content.geometries)).sum())
    parts = int((shapely.get_num_geometries(content.geometries) > 1).sum())
    if holes:
        content.losses.append(Loss("holes_apart", {"count": holes, "layer": HOLES}))
    if parts:
        content.losses.append(Loss("parts_apart", {"count": parts}))
    content.losses.append(Loss("attributes_extended", {"app": APP}))
    for name, column in words.items():
        changed = sum(_fit(f"{name}={_one_line(word)}") != f"{name}={word}" for word in column)
        if changed:
            content.losses.append(Loss("text_changed", {"field": name, "count": changed}))


def _write_notes(content: Content, drawing: Any) -> None:
    """Put what is said beside the features into the file's properties and below the drawing."""
    notes = content.notes()
    for index, (label, note) in enumerate(notes, start=1):
        drawing.header.custom_vars.append(f"{index:02d} {label}", _fit(note))
    west, south, north = 0.0, 0.0, 0.0
    if len(content.geometries):
        west, south, _, north = shapely.total_bounds(content.geometries).tolist()
    height = max((north - south) * _MARK_HEIGHT_SHARE, 1.0)
    name = _FORBIDDEN.sub("-", content.say("export.note_layer_name"))
    drawing.layers.add(name)
    style = {"layer": name, "height": height}
    for index, (label, note) in enumerate(notes):
        place = (west, south - (index + 2) * 1.6 * height)
        drawing.modelspace().add_text(f"{label}: {note}", dxfattribs=style).set_placement(place)
