"""A reader of Mapbox Vector Tiles, written from the specification 2.1 and slow."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import shapely


class Feature(NamedTuple):
    """One feature; rings, lines and points in units of the tile, y south."""

    id: int
    kind: int
    properties: dict[str, Any]
    rings: list[list[tuple[int, int]]]

    @property
    def shape(self) -> shapely.Geometry:
        """What is drawn: points, lines, or outer rings less their holes."""
        if self.kind == 1:
            return shapely.MultiPoint([ring[0] for ring in self.rings])
        if self.kind == 2:
            return shapely.MultiLineString(self.rings)
        drawn = shapely.Polygon()
        for ring in self.rings:
            polygon = shapely.make_valid(
                shapely.Polygon(ring), method="structure", keep_collapsed=False
            )
            drawn = drawn | polygon if signed_area(ring) > 0 else drawn - polygon
        return drawn


class Layer(NamedTuple):
    """A layer of a tile."""

    name: str
    version: int
    extent: int
    features: list[Feature]


def decode(tile: bytes) -> list[Layer]:
    """Read a tile."""
    return [_layer(content) for number, content in _fields(tile) if number == 3]


def signed_area(ring: list[tuple[int, int]]) -> float:
    """The surveyor's formula of the specification: positive for outer rings."""
    pairs = zip(ring, ring[1:] + ring[:1], strict=True)
    return sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairs) / 2


def _layer(content: bytes) -> Layer:
    fields = list(_fields(content))
    only = {number: value for number, value in fields if number in {1, 5, 15}}
    keys = [value.decode() for number, value in fields if number == 3]
    values = [_value(value) for number, value in fields if number == 4]
    features = [_feature(value, keys, values) for number, value in fields if number == 2]
    return Layer(only[1].decode(), only[15], only[5], features)


def _value(content: bytes) -> Any:
    [(number, value)] = _fields(content)
    return value.decode() if number == 1 else value


def _feature(content: bytes, keys: list[str], values: list[Any]) -> Feature:
    fields = dict(_fields(content))
    tags = list(_numbers(fields.get(2, b"")))
    properties = {keys[k]: values[v] for k, v in zip(tags[::2], tags[1::2], strict=True)}
    return Feature(fields[1], fields[3], properties, _rings(fields[4]))


def _rings(content: bytes) -> list[list[tuple[int, int]]]:
    numbers = _numbers(content)
    rings: list[list[tuple[int, int]]] = []
    x = y = 0
    for command in numbers:
        what, count = command & 7, command >> 3
        assert what in {1, 2, 7}
        assert count > 0
        for _ in range(0 if what == 7 else count):
            dx, dy = next(numbers), next(numbers)
            x, y = x + ((dx >> 1) ^ -(dx & 1)), y + ((dy >> 1) ^ -(dy & 1))
            if what == 1:
                rings.append([])
            rings[-1].append((x, y))
    return rings


def _numbers(content: bytes) -> Iterator[int]:
    at = 0
    while at < len(content):
        value, at = _varint(content, at)
        yield value


def _fields(content: bytes) -> Iterator[tuple[int, Any]]:
    at = 0
    while at < len(content):
        tag, at = _varint(content, at)
        if tag & 7 == 0:
            value, at = _varint(content, at)
            yield tag >> 3, value
        else:
            assert tag & 7 == 2
            size, at = _varint(content, at)
            assert at + size <= len(content)
            yield tag >> 3, content[at : at + size]
            at += size


def _varint(content: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = content[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
