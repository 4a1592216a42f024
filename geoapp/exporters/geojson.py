"""GeoJSON by RFC 7946: degrees, outer rings counter-clockwise, at full precision.

Written feature by feature, so that a million of them do not stand in memory as text.
"""

import json
from pathlib import Path

import numpy as np
import shapely

from geoapp.exporters.content import Content
from geoapp.exporters.report import Loss

_CHUNK = 10_000


def write_geojson(content: Content, path: Path) -> dict[str, str]:
    """Write a feature collection; what is said beside the features are members of their own.

    Returns:
        Canonical field → name in the file.
    """
    content.losses.append(Loss("system_wgs84", {"crs": content.crs}))
    head = {
        "type": "FeatureCollection",
        "name": content.layer_name,
        "sample": content.origin.sample,
        "notes": [list(line) for line in content.notes()],
    }
    names = [column.name for column in content.columns]
    cells = [column.cells() for column in content.columns]
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(_dump(head)[:-1] + ',"features":[')
        for start in range(0, len(content.geometries), _CHUNK):
            shapes = _to_json(content.geometries[start : start + _CHUNK])
            for row, shape in enumerate(shapes, start=start):
                properties = _dump({n: c[row] for n, c in zip(names, cells, strict=True)})
                file.write(",\n" if row else "\n")
                file.write(f'{{"type":"Feature","properties":{properties},"geometry":{shape}}}')
        file.write("\n]}\n")
    return {column.canonical: column.name for column in content.columns}


def _to_json(geometries: np.ndarray) -> list[str]:
    turned = shapely.orient_polygons(geometries, exterior_cw=False)
    return [str(word) for word in np.atleast_1d(shapely.to_geojson(turned))]


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
