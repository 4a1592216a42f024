"""Boundary-point TXT, the form in which land offices take parcels (dialect A).

Point numbers run on through the rings of a parcel, the row that closes a ring repeats its
first point; X is north, Y is east with the zone prefix; GB18030, lines end in CR LF.

Source: the exchange format of 勘测定界界址点坐标; sample files in ``tests/data``.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geoapp.errors import ChoiceError
from geoapp.exporters.content import Content
from geoapp.exporters.report import Loss
from geoapp.geometry.crs import GEOGRAPHIC, Geometries, gauss_crs, transform
from geoapp.geometry.measure import official_areas
from geoapp.values import AreaUnit, convert_area

_DECIMALS: Final = 3
_ENCODING: Final = "gb18030"
_NAME_FIELDS: Final = ("parcel_name", "mc", "zldwmc", "name")
_CLASS_FIELD: Final = "dlbm"
# A comma, full-width ones too, or the sign that ends a row would part or end it.
_SAFE: Final = str.maketrans(
    {",": "、", "，": "、", "@": "﹫", "＠": "﹫", "\r": " ", "\n": " ", "\t": " "}
)


def write_boundary_text(content: Content, path: Path) -> dict[str, str]:
    """Write the parcels.

    Returns:
        Canonical field → column of a parcel's row.

    Raises:
        ChoiceError: The features are no polygons.
    """
    definition = content.definition
    if definition.geometry != "polygon":
        raise ChoiceError(
            "export-not-polygons", layer=definition.title, format=content.request.format
        )
    _note_losses(content)
    lines = "".join(f"{line}\r\n" for line in _iter_lines(content))
    path.write_bytes(lines.encode(_ENCODING))
    return {field: label for label, field in _fields(content).items()}


def _iter_lines(content: Content) -> Iterator[str]:
    yield "[属性描述]"
    maker = content.say("app.name")
    mark = f"（{content.say('sample.badge')}）" if content.banner else ""
    prefixed = content.crs == gauss_crs(content.origin.zone, prefixed=True)
    yield "格式版本号=1.01版本"
    yield f"数据产生单位={maker}{mark}"
    yield f"数据产生日期={content.origin.day}"
    yield "坐标系=2000国家大地坐标系"
    yield "几度分带=3"
    yield "投影类型=高斯克吕格"
    yield "计量单位=米"
    yield f"带号={content.origin.zone if prefixed else ''}"
    yield f"精度={10**-_DECIMALS:.{_DECIMALS}f}"
    yield "转换参数=0,0,0,0,0,0,0"
    yield "[地块坐标]"
    words = {label: _words(content, field) for label, field in _fields(content).items()}
    blank = [""] * len(content.geometries)
    for row, geometry in enumerate(content.geometries):
        points = list(_iter_points(geometry))
        area = convert_area(content.areas_m2[row], AreaUnit.HA)
        number = words["地块编号"][row] or str(row + 1)
        name = words.get("地块名称", blank)[row]
        code = words.get("地类编码", blank)[row]
        yield f"{len(points)},{area},{number},{name},面,,,{code},@"
        yield from points


def _fields(content: Content) -> dict[str, str]:
    """Map the columns of a parcel's row to canonical fields of the layer."""
    definition = content.definition
    known = {column.canonical for column in content.columns}
    found = {"地块编号": definition.key}
    name = next((f for f in _NAME_FIELDS if f in known and f != definition.key), "")
    if name:
        found["地块名称"] = name
    if _CLASS_FIELD in known:
        found["地类编码"] = _CLASS_FIELD
    return found


def _words(content: Content, field: str) -> list[str]:
    column = content.find_column(field)
    words = column.words() if column else [""] * len(content.geometries)
    return [word.translate(_SAFE) for word in words]


def _iter_points(geometry: shapely.Geometry) -> Iterator[str]:
    number, ring_number = 0, 0
    for part in shapely.get_parts(geometry):
        for hole, ring in enumerate((part.exterior, *part.interiors)):
            ring_number += 1
            corners = _turn(np.asarray(shapely.get_coordinates(ring))[:-1], clockwise=hole == 0)
            labels = [f"J{number + index + 1}" for index in range(len(corners))]
            number += len(corners)
            closed = zip([*labels, labels[0]], [*corners, corners[0]], strict=True)
            for label, (east, north) in closed:
                yield f"{label},{ring_number},{north:.{_DECIMALS}f},{east:.{_DECIMALS}f}"


def _turn(corners: NDArray[np.float64], *, clockwise: bool) -> NDArray[np.float64]:
    """Let a ring run in a direction and begin at its north-western corner."""
    if shapely.is_ccw(shapely.LinearRing(corners)) == clockwise:
        corners = corners[::-1]
    return np.roll(corners, -int(np.argmax(corners[:, 1] - corners[:, 0])), axis=0)


def _note_losses(content: Content) -> None:
    written = set(_fields(content).values())
    left = [column.name for column in content.columns if column.canonical not in written]
    if left:
        content.losses.append(Loss("fields_left_out", {"fields": ", ".join(left)}))
    several = int((shapely.get_num_geometries(content.geometries) > 1).sum())
    if several:
        content.losses.append(Loss("parts_as_rings", {"count": several}))
    for field in written:
        column = content.find_column(field)
        changed = sum(word != word.translate(_SAFE) for word in column.words()) if column else 0
        if changed:
            content.losses.append(Loss("text_changed", {"field": field, "count": changed}))
    change = float(np.max(np.abs(_rounded_areas(content) - content.areas_m2), initial=0.0))
    facts = {"decimals": _DECIMALS, "change": f"{change:.3f}"}
    content.losses.append(Loss("vertices_rounded", facts))


def _rounded_areas(content: Content) -> NDArray[np.float64]:
    rounded: Geometries = shapely.transform(content.geometries, lambda xy: np.round(xy, _DECIMALS))
    degrees = transform(rounded, content.crs, GEOGRAPHIC)
    return official_areas(degrees, gauss_crs(content.origin.zone))
