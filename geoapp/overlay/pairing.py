"""Pairing the features of two snapshots: by the layer's key, else by their geometry.

A geometry is the same when no vertex moved by more than ``SURVEYED_M``: the last digits of
coordinates depend on the system in which a file was handed over.
"""

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.snapshot import FEATURES, Snapshot
from geoapp.overlay.index import Hashes
from geoapp.overlay.kernel import Integers
from geoapp.overlay.matching import pair_equal


class Shapes(Protocol):
    """The geometries of snapshots, compared without reading them all."""

    def hashes(self, snapshot: Snapshot) -> Hashes:
        """Give ``(n,)`` fingerprints in stored order, equal for equal geometries."""
        ...

    def boxes(self, snapshot: Snapshot) -> Hashes:
        """Give ``(n,)`` fingerprints of boxes to the millimetre."""
        ...

    def near(
        self, one: Snapshot, rows: Integers, other: Snapshot, other_rows: Integers
    ) -> NDArray[np.bool_]:
        """Tell for ``(k,)`` pairs whether no vertex is further off than ``SURVEYED_M``."""
        ...


@dataclass(frozen=True, slots=True)
class PairedFeatures:
    """Two snapshots, feature by feature.

    Attributes:
        added: Rows that only the later one has.
        removed: Rows that only the earlier one has.
        reshaped: Rows of each, paired, of another geometry.
        edited: Rows of each, paired, of the same geometry with another attribute.
        unchanged: Pairs that are equal in all.
        matched_by: How they were paired.
    """

    added: Integers
    removed: Integers
    reshaped: tuple[Integers, Integers]
    edited: tuple[Integers, Integers]
    unchanged: int
    matched_by: Literal["key", "geometry"]


def pair_features(
    definition: LayerDefinition, before: Snapshot | None, after: Snapshot, shapes: Shapes
) -> PairedFeatures:
    """Pair the features of two snapshots.

    Args:
        definition: Their layer.
        before: The earlier one; ``None``: everything was added.
        after: The later one.
        shapes: Compares geometries.
    """
    none = np.zeros(0, dtype=np.int64)
    if before is None:
        rows = np.arange(after.manifest.feature_count)
        return PairedFeatures(rows, none, (none, none), (none, none), 0, "key")
    prints, others = shapes.hashes(before), shapes.hashes(after)
    keyed = _pair_by_key(definition, before, after)
    here, there = keyed or _pair_by_shape(before, after, shapes)
    order = np.argsort(here, kind="stable")
    here, there = here[order], there[order]
    same_shape = prints[here] == others[there]
    unlike = np.flatnonzero(~same_shape)
    same_shape[unlike] = shapes.near(before, here[unlike], after, there[unlike])
    same_words = _equal_attributes(definition, before, after, here, there)
    reshaped, edited = ~same_shape, same_shape & ~same_words
    return PairedFeatures(
        added=np.setdiff1d(np.arange(len(others)), there, assume_unique=True),
        removed=np.setdiff1d(np.arange(len(prints)), here, assume_unique=True),
        reshaped=(here[reshaped], there[reshaped]),
        edited=(here[edited], there[edited]),
        unchanged=int((same_shape & same_words).sum()),
        matched_by="key" if keyed else "geometry",
    )


def _pair_by_key(
    definition: LayerDefinition, before: Snapshot, after: Snapshot
) -> tuple[Integers, Integers] | None:
    """Pair by key; ``None`` where it is empty or stands twice in one of them."""
    keys = []
    for snapshot in (before, after):
        column = pd.Index(snapshot.read_attributes([definition.key])[definition.key].astype(str))
        if not column.is_unique or (column == "").any():
            return None
        keys.append(column)
    place = keys[1].get_indexer(keys[0])
    here = np.flatnonzero(place >= 0)
    return here, place[here].astype(np.int64)


def _pair_by_shape(before: Snapshot, after: Snapshot, shapes: Shapes) -> tuple[Integers, Integers]:
    """Pair equal geometries, then those that differ by rounding only."""
    prints, others = shapes.hashes(before), shapes.hashes(after)
    here, there = pair_equal(prints, others)
    one = np.setdiff1d(np.arange(len(prints)), here, assume_unique=True)
    other = np.setdiff1d(np.arange(len(others)), there, assume_unique=True)
    first, second = pair_equal(shapes.boxes(before)[one], shapes.boxes(after)[other])
    near = shapes.near(before, one[first], after, other[second])
    return (
        np.concatenate([here, one[first][near]]),
        np.concatenate([there, other[second][near]]),
    )


def _equal_attributes(
    definition: LayerDefinition, before: Snapshot, after: Snapshot, here: Integers, there: Integers
) -> NDArray[np.bool_]:
    """Tell for each pair whether all fields that both snapshots store are equal."""
    files = [pq.ParquetFile(snapshot.folder / FEATURES) for snapshot in (before, after)]
    stored = set(files[0].schema_arrow.names) & set(files[1].schema_arrow.names)
    equal = np.ones(len(here), dtype=np.bool_)
    for rule in definition.stored_fields:
        if rule.name in stored:
            one, other = (file.read([rule.name]).column(0) for file in files)
            equal &= _equal_values(one.take(pa.array(here)), other.take(pa.array(there)))
    return equal


def _equal_values(one: pa.ChunkedArray, other: pa.ChunkedArray) -> NDArray[np.bool_]:
    if pa.types.is_integer(one.type) or pa.types.is_floating(one.type):
        first, second = (
            np.asarray(pc.fill_null(column.cast(pa.float64()), float("nan")))
            for column in (one, other)
        )
        return np.asarray((first == second) | (np.isnan(first) & np.isnan(second)))
    first, second = (pc.fill_null(column.cast(pa.large_string()), "") for column in (one, other))
    return np.asarray(pc.equal(first, second))
