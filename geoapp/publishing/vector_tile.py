"""Reading vector tiles for the leak check: from the format's own words, not from our encoder."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_MOVE, _LINE, _CLOSE = 1, 2, 7
_SEVEN_BITS: Final = 0x7F


@dataclass(frozen=True, slots=True)
class TileContent:
    """All that a layer of a tile holds.

    Attributes:
        keys: Names of attributes.
        texts: Values of attributes that are words.
        positions: ``(n, 2)`` vertices in units of the tile, y south.
    """

    layer: str
    extent: int
    keys: tuple[str, ...]
    texts: tuple[str, ...]
    positions: np.ndarray


def read_tile(content: bytes) -> list[TileContent]:
    """Read a tile.

    Raises:
        ValueError: It is damaged.
        IndexError: It ends too soon.
    """
    return [_read_layer(value) for number, value in _fields(content) if number == 3]


def to_degrees(positions: np.ndarray, extent: int, zoom: int, x: int, y: int) -> np.ndarray:
    """Bring positions of a tile to longitude and latitude, ``(n, 2)``."""
    side = 2.0**zoom
    longitude = ((x + positions[:, 0] / extent) / side - 0.5) * 360
    stretched = math.pi * (1 - 2 * (y + positions[:, 1] / extent) / side)
    return np.column_stack([longitude, np.degrees(np.arctan(np.sinh(stretched)))])


def _read_layer(content: bytes) -> TileContent:
    name, extent = "", 4096
    keys: list[str] = []
    texts: list[str] = []
    positions: list[tuple[int, int]] = []
    for number, value in _fields(content):
        if number == 1:
            name = value.decode()
        elif number == 2:
            for part, geometry in _fields(value):
                if part == 4:
                    positions += _positions(geometry)
        elif number == 3:
            keys.append(value.decode())
        elif number == 4:
            texts += [text.decode() for part, text in _fields(value) if part == 1]
        elif number == 5:
            extent = int.from_bytes(value, "little")
    return TileContent(
        name, extent, tuple(keys), tuple(texts), np.array(positions, float).reshape(-1, 2)
    )


def _fields(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Give the fields of a message; numbers as little-endian bytes."""
    at = 0
    while at < len(content):
        tag, at = _varint(content, at)
        kind = tag & 7
        if kind == _VARINT:
            value, at = _varint(content, at)
            yield tag >> 3, value.to_bytes(16, "little")
            continue
        if kind == _BYTES:
            size, at = _varint(content, at)
        elif kind in {_FIXED64, _FIXED32}:
            size = 8 if kind == _FIXED64 else 4
        else:
            raise ValueError(kind)
        if at + size > len(content):
            raise IndexError(size)
        yield tag >> 3, content[at : at + size]
        at += size


def _varint(content: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = content[at]
        value |= (byte & _SEVEN_BITS) << shift
        at, shift = at + 1, shift + 7
        if byte <= _SEVEN_BITS:
            return value, at


def _positions(content: bytes) -> Iterator[tuple[int, int]]:
    at = x = y = 0
    while at < len(content):
        command, at = _varint(content, at)
        if command & 7 == _CLOSE:
            continue
        if command & 7 not in {_MOVE, _LINE}:
            raise ValueError(command)
        for _ in range(command >> 3):
            (dx, _), (dy, at) = _step(content, at)
            x, y = x + dx, y + dy
            yield x, y


def _step(content: bytes, at: int) -> tuple[tuple[int, int], tuple[int, int]]:
    first, after = _varint(content, at)
    second, end = _varint(content, after)
    return (_signed(first), after), (_signed(second), end)


def _signed(number: int) -> int:
    return (number >> 1) ^ -(number & 1)
