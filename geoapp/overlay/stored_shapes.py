"""Comparing the geometries of snapshots through their measure index, or, of points and lines, directly."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from geoapp.catalog.snapshot import Snapshot
from geoapp.geometry.crs import Geometries
from geoapp.overlay.index import Hashes
from geoapp.overlay.kernel import Integers
from geoapp.overlay.matching import digest_boxes
from geoapp.overlay.measured import MeasuredLayer
from geoapp.overlay.nearly import SURVEYED_M, find_near
from geoapp.overlay.tabulate import Tabulator

_DEGREE_M: Final = 111_320.0


@dataclass(frozen=True, slots=True)
class StoredShapes:
    """The geometries of one workspace's snapshots."""

    tabulator: Tabulator

    def hashes(self, snapshot: Snapshot) -> Hashes:
        """Give ``(n,)`` fingerprints in stored order, equal for equal geometries."""
        layer = self.tabulator.open_layer(snapshot)
        if _has_ground(layer):
            return layer.index().hashes
        wkb = shapely.to_wkb(shapely.normalize(_read(snapshot)), hex=True)
        hashed = pd.util.hash_pandas_object(pd.Series(wkb, dtype=object), index=False)
        return np.asarray(hashed, dtype=np.uint64)

    def boxes(self, snapshot: Snapshot) -> Hashes:
        """Give ``(n,)`` fingerprints of boxes to the millimetre."""
        layer = self.tabulator.open_layer(snapshot)
        if _has_ground(layer):
            return digest_boxes(layer.index().bounds)
        return digest_boxes(shapely.bounds(_read(snapshot)) * _DEGREE_M)

    def near(
        self, one: Snapshot, rows: Integers, other: Snapshot, other_rows: Integers
    ) -> NDArray[np.bool_]:
        """Tell for ``(k,)`` pairs whether no vertex is further off than ``SURVEYED_M``."""
        first, second = self.tabulator.open_layer(one), self.tabulator.open_layer(other)
        if _has_ground(first):
            index, another = first.index(), second.index()
            return find_near(
                (index.batches, index.starts),
                rows,
                (another.batches, another.starts),
                other_rows,
                SURVEYED_M,
            )
        shapes, others = _read(one)[rows], _read(other)[other_rows]
        return np.asarray(shapely.equals_exact(shapes, others, SURVEYED_M / _DEGREE_M))


def _has_ground(layer: MeasuredLayer) -> bool:
    return not (layer.points or layer.lines)


def _read(snapshot: Snapshot) -> Geometries:
    return np.asarray(snapshot.read([]).geometry, dtype=object)
