"""KML 2.2, for map viewers: degrees, attributes as typed data, no colours but one."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape, quoteattr

import numpy as np
import shapely

from geoapp.exporters.content import Column, Content
from geoapp.exporters.report import Loss

_TYPES: Final = {"text": "string", "date": "string", "integer": "int", "number": "double"}
# What XML 1.0 cannot hold in any form.
FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def write_kml(content: Content, path: Path) -> dict[str, str]:
    """Write a document with one placemark for each feature.

    Returns:
        Canonical field → name in the file.
    """
    content.losses.append(Loss("system_wgs84", {"crs": content.crs}))
    for column in content.columns:
        changed = sum(FORBIDDEN.search(word) is not None for word in column.words())
        if changed:
            content.losses.append(Loss("text_changed", {"field": column.name, "count": changed}))
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(_iter_lines(content))
    return {column.canonical: column.name for column in content.columns}


def _iter_lines(content: Content) -> Iterator[str]:
    style = content.definition.style
    description = "\n".join(f"{label}: {words}" for label, words in content.notes())
    title = f"{content.title} {content.say('sample.badge') if content.banner else ''}".strip()
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield '<kml xmlns="http://www.opengis.net/kml/2.2">\n<Document>\n'
    yield f"<name>{_clean(title)}</name>\n<description>{_clean(description)}</description>\n"
    yield f'<Schema id="fields" name={quoteattr(content.layer_name)}>\n'
    for column in content.columns:
        name = quoteattr(column.name)
        yield f'<SimpleField type="{_TYPES[column.type]}" name={name}>'
        yield f"<displayName>{_clean(column.title)}</displayName></SimpleField>\n"
    yield "</Schema>\n"
    yield f'<Style id="layer"><LineStyle><color>{_colour(style.stroke, 1.0)}</color>'
    yield f"<width>{max(style.weight, 1.0):g}</width></LineStyle>"
    yield f"<PolyStyle><color>{_colour(style.fill, style.opacity)}</color></PolyStyle></Style>\n"
    names = content.find_column(content.definition.name_field)
    titles = names.words() if names else [""] * len(content.geometries)
    words = [column.words() for column in content.columns]
    for row, geometry in enumerate(content.geometries):
        yield f"<Placemark><name>{_clean(titles[row])}</name><styleUrl>#layer</styleUrl>"
        yield _attributes(content.columns, [column[row] for column in words])
        yield f"{_draw(geometry)}</Placemark>\n"
    yield "</Document>\n</kml>\n"


def _attributes(columns: Iterable[Column], words: list[str]) -> str:
    cells = "".join(
        f"<SimpleData name={quoteattr(column.name)}>{_clean(word)}</SimpleData>"
        for column, word in zip(columns, words, strict=True)
        if word
    )
    return f'<ExtendedData><SchemaData schemaUrl="#fields">{cells}</SchemaData></ExtendedData>'


def _draw(geometry: shapely.Geometry) -> str:
    parts = [_draw_part(part) for part in shapely.get_parts(geometry)]
    return parts[0] if len(parts) == 1 else f"<MultiGeometry>{''.join(parts)}</MultiGeometry>"


def _draw_part(part: shapely.Geometry) -> str:
    if isinstance(part, shapely.Point):
        return f"<Point>{_positions(part)}</Point>"
    if isinstance(part, shapely.LineString):
        return f"<LineString>{_positions(part)}</LineString>"
    shell, *holes = shapely.get_rings(shapely.orient_polygons(part, exterior_cw=False))
    outer = f"<outerBoundaryIs>{_ring(shell)}</outerBoundaryIs>"
    inner = "".join(f"<innerBoundaryIs>{_ring(hole)}</innerBoundaryIs>" for hole in holes)
    return f"<Polygon>{outer}{inner}</Polygon>"


def _ring(ring: shapely.Geometry) -> str:
    return f"<LinearRing>{_positions(ring)}</LinearRing>"


def _positions(geometry: shapely.Geometry) -> str:
    xy = np.asarray(shapely.get_coordinates(geometry)).tolist()
    return f"<coordinates>{' '.join(f'{x!r},{y!r}' for x, y in xy)}</coordinates>"


def _colour(fill: str, opacity: float) -> str:
    """Write a colour as KML has it: alpha, blue, green, red."""
    red, green, blue = fill[1:3], fill[3:5], fill[5:7]
    return f"{round(255 * opacity):02x}{blue}{green}{red}"


def _clean(word: str) -> str:
    return escape(FORBIDDEN.sub("\ufffd", word))
