"""The net ground of a layer as rows that can be picked: what two snapshots are compared by."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geoapp.geometry.crs import Geometries
from geoapp.geometry.flat import flatten
from geoapp.overlay.index import Hashes, MeasureIndex, describe, make_batch
from geoapp.overlay.kernel import Floats, Integers
from geoapp.overlay.measured import MeasuredLayer
from geoapp.overlay.portions import Kinds, Portion
from geoapp.overlay.share import Batch, hide

Mask = NDArray[np.bool_]

_NO_SHAPES: Final = np.zeros(0, dtype=object)


@dataclass(frozen=True)
class Layout:
    """Features of one layer; net ones share no area, and those that gave some up come last.

    Attributes:
        batches: The features, some thousands at a time.
        starts: ``(b + 1,)`` row of the first feature of each batch.
        bounds: ``(n, 4)`` boxes in the measure plane, inverted for rows without ground.
        areas: ``(n,)`` m², zero for rows without ground.
        hashes: ``(n,)`` fingerprints.
        kinds: ``(n,)`` number of the class of each.
        index: Where features lie that were not cut.
        cut: Geometries of the last rows.
    """

    batches: list[Batch]
    starts: Integers
    bounds: Floats
    areas: Floats
    hashes: Hashes
    kinds: Kinds
    index: MeasureIndex
    cut: Geometries

    @property
    def present(self) -> Mask:
        """``(n,)`` whether a row has ground."""
        return np.asarray(self.areas > 0.0)

    def geometries(self, rows: Integers) -> Geometries:
        """Make shapely polygons of rising rows."""
        whole = int(np.searchsorted(rows, self.index.starts[-1]))
        made = self.index.geometries(rows[:whole])
        return np.concatenate([made, self.cut[rows[whole:] - self.index.starts[-1]]])

    def portions(self, shown: Mask, kinds: Kinds) -> list[Portion]:
        """Give some rows to be shared out.

        Args:
            shown: ``(n,)`` which.
            kinds: ``(n,)`` number under which each is added up.
        """
        made = []
        for number, batch in enumerate(self.batches):
            rows = slice(self.starts[number], self.starts[number + 1])
            if shown[rows].any():
                made.append(Portion(hide(batch, np.flatnonzero(~shown[rows])), kinds[rows]))
        return made


def lay_out(layer: MeasuredLayer, kinds: Kinds, *, net: bool) -> Layout:
    """Lay out the ground of a layer.

    Args:
        layer: Polygons.
        kinds: ``(n,)`` number of the class of each feature.
        net: Where features overlap, the earlier one has the ground; else each keeps its own.
    """
    index = layer.index()
    given_up, cut = layer.net if net and layer.overlap else (np.zeros(0, np.intp), _NO_SHAPES)
    batches, hidden = list(index.batches), np.zeros(int(index.starts[-1]), dtype=np.bool_)
    hidden[given_up] = True
    for number, batch in enumerate(batches):
        rows = hidden[index.starts[number] : index.starts[number + 1]]
        if rows.any():
            batches[number] = hide(batch, np.flatnonzero(rows))
    hashes = index.hashes
    if len(cut):
        batches.append(make_batch(cut))
        hashes = np.concatenate([hashes, describe(flatten(cut))[2]])
    counts = [len(batch.area) for batch in batches]
    return Layout(
        batches,
        np.cumsum([0, *counts]).astype(np.int64),
        np.concatenate([np.zeros((0, 4)), *(batch.bounds for batch in batches)]),
        np.concatenate([np.zeros(0), *(batch.area for batch in batches)]),
        hashes,
        np.concatenate([kinds, kinds[given_up]]),
        index,
        cut,
    )
