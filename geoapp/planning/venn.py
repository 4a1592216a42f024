"""Cutting the grounds of several layers into parts that exclude each other.

Of k layers there are 2ᵏ − 1 parts: the ground that exactly these layers have and no other. Each
is made as geometry and measured on its own; nothing is found by subtracting figures. What two
features share is also measured by the kernel, which builds no geometry: the two must agree.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely

from geoapp.geometry.crs import Geometries
from geoapp.overlay.fragment import cut_into_fragments, polygon_parts
from geoapp.overlay.kernel import Floats, Integers
from geoapp.overlay.layout import Layout, Mask, lay_out
from geoapp.overlay.measured import MeasuredLayer
from geoapp.overlay.meeting import Pairs, meet
from geoapp.planning.cutting import intersect, subtract

NOTHING: Final = -1


@dataclass(frozen=True, slots=True)
class Part:
    """Ground that exactly some layers have.

    Attributes:
        geometries: ``(n,)`` polygons in the measure plane that share no area.
        rows: ``(n, k)`` feature of each layer, ``NOTHING`` for layers that are not there.
    """

    geometries: Geometries
    rows: Integers

    @property
    def areas(self) -> Floats:
        """``(n,)`` official areas, m²."""
        return np.asarray(shapely.area(self.geometries), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Venn:
    """Layers cut into parts.

    Attributes:
        grounds: Net ground of each layer; its ``kinds`` are rows of features.
        alone: Per layer ``(n,)``, rows of its ground that share area with no other layer.
        parts: By set of layers, as bits; sets of one hold only what was cut.
        pairs: By two layers, what their features share by the kernel.
    """

    grounds: tuple[Layout, ...]
    alone: tuple[Mask, ...]
    parts: dict[int, Part]
    pairs: dict[tuple[int, int], Pairs]

    def part_m2(self, bits: int) -> float:
        """Measure a part of the whole city."""
        found = float(np.sum(self.parts[bits].areas)) if bits in self.parts else 0.0
        if bits.bit_count() == 1:
            layer = bits.bit_length() - 1
            found += float(self.grounds[layer].areas[self.alone[layer]].sum())
        return found


def cut_layers(layers: Sequence[MeasuredLayer]) -> Venn:
    """Cut layers of polygons into parts; ground that a layer has twice counts once."""
    grounds = tuple(
        lay_out(layer, np.arange(len(layer.areas_m2), dtype=np.int32), net=True) for layer in layers
    )
    present = [np.flatnonzero(ground.present) for ground in grounds]
    pairs = {
        (one, other): meet(grounds[one], present[one], grounds[other], present[other])
        for other in range(len(grounds))
        for one in range(other)
    }
    concerned = [_concerned(number, pairs) for number in range(len(grounds))]
    alone = []
    for ground, rows in zip(grounds, concerned, strict=True):
        by_itself = ground.present.copy()
        by_itself[rows] = False
        alone.append(by_itself)
    parts: dict[int, Part] = {}
    count = len(grounds)
    for number, (ground, rows) in enumerate(zip(grounds, concerned, strict=True)):
        blades = _take(ground, rows, number, count)
        parts = _add(parts, blades, number)
    return Venn(grounds, tuple(alone), parts, pairs)


def _concerned(number: int, pairs: dict[tuple[int, int], Pairs]) -> Integers:
    """List the rows of a ground that share area with any other."""
    found = [np.zeros(0, np.int64)]
    for (one, other), shared in pairs.items():
        if number == one:
            found.append(shared.one)
        elif number == other:
            found.append(shared.other)
    return np.unique(np.concatenate(found))


def _take(ground: Layout, rows: Integers, number: int, count: int) -> Part:
    """Take rows of a ground as fragments."""
    shapes = ground.geometries(rows)
    wrong = ~shapely.is_valid(shapes)
    if wrong.any():  # by rounding on the way to the measure plane
        shapes[wrong] = shapely.make_valid(shapes[wrong])
    fragments, owner = cut_into_fragments(shapes, rows)
    return Part(fragments, _row_table(ground.kinds[owner], number, count))


def _row_table(rows: np.ndarray, number: int, count: int) -> Integers:
    table = np.full((len(rows), count), NOTHING, dtype=np.int64)
    table[:, number] = rows
    return table


def _add(parts: dict[int, Part], blades: Part, number: int) -> dict[int, Part]:
    """Cut all parts along one more layer; what of it lies in none is a part of its own."""
    bit = 1 << number
    found: dict[int, Part] = {}
    for bits, part in parts.items():
        inside, outside = _split(part, blades, number)
        found[bits | bit], found[bits] = inside, outside
    before = [part.geometries for part in parts.values()]
    others = np.concatenate([np.zeros(0, dtype=object), *before])
    rest, owner = subtract(blades.geometries, others)
    found[bit] = Part(rest, blades.rows[owner])
    return found


def _split(part: Part, blades: Part, number: int) -> tuple[Part, Part]:
    """Split a part into what one more layer has too, and what it has not."""
    piece, blade = shapely.STRtree(blades.geometries).query(part.geometries)
    both = intersect(part.geometries[piece], blades.geometries[blade])
    shapes, pair = polygon_parts(both, np.arange(len(both)))
    rows = part.rows[piece[pair]]
    rows[:, number] = blades.rows[blade[pair], number]
    rest, owner = subtract(part.geometries, blades.geometries)
    return Part(shapes, rows), Part(rest, part.rows[owner])
