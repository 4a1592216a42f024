"""Shapely by hand: cover test first, intersection of the rest with small fragments."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from alternatives import Areas, Task
from alternatives.features import (
    FINE,
    Geometries,
    Labelled,
    cut_up,
    read_labelled,
    read_zones,
    to_areas,
)

Pairs = tuple[NDArray[np.intp], NDArray[np.intp]]

_CHUNKS: Final = 64


@dataclass(frozen=True, slots=True)
class State:
    """Everything in memory.

    Attributes:
        parcels: The parcels with their classes.
        tree: Index of the parcels.
        zones: Zones as large as they are: one prepared polygon tests many parcels.
        fragments: The same ground in small parts.
    """

    parcels: Labelled
    tree: shapely.STRtree
    zones: Labelled
    fragments: Labelled


def prepare(task: Task, _folder: Path) -> State:
    """Read both layers, cut up the zones, index the parcels."""
    parcels, zones = read_labelled(task.parcels, "class"), read_zones(task)
    return State(parcels, shapely.STRtree(parcels.geometries), zones, cut_up(zones, FINE))


def answer(state: State) -> Areas:
    """Take covered parcels whole, and intersect the rest with the fragments they meet."""
    parcels, zones, fragments = state.parcels, state.zones, state.fragments
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        zone, whole = _find(threads, state.tree, zones.geometries, "covers")
        fragment, row = _find(threads, state.tree, fragments.geometries, None)
        open_rows = np.ones(len(parcels.words), dtype=bool)
        open_rows[whole] = False
        met = open_rows[row]
        fragment, row = fragment[met], row[met]

        def measure(part: NDArray[np.intp]) -> NDArray[np.float64]:
            one, other = parcels.geometries[row[part]], fragments.geometries[fragment[part]]
            areas: NDArray[np.float64] = shapely.area(shapely.intersection(one, other))
            return areas

        pieces = _side_by_side(threads, measure, np.arange(len(row)))
    sums = (
        pd.Series(np.concatenate([shapely.area(parcels.geometries[whole]), *pieces]))
        .groupby(
            [
                np.concatenate([zones.words[zone], fragments.words[fragment]]),
                np.concatenate([parcels.words[whole], parcels.words[row]]),
            ]
        )
        .sum()
    )
    return to_areas((code, name, area_m2) for (code, name), area_m2 in sums.items())


answer_three = answer


def close(_state: State) -> None:
    """Nothing is open."""


def _find(
    threads: ThreadPoolExecutor, tree: shapely.STRtree, zones: Geometries, predicate: str | None
) -> Pairs:
    """Give pairs of zone and parcel that meet, or of which the zone covers the parcel."""
    rows = np.arange(len(zones))

    def query(part: NDArray[np.intp]) -> NDArray[np.intp]:
        one, other = tree.query(zones[part], predicate)
        return np.stack([part[one], other])

    found = np.concatenate(_side_by_side(threads, query, rows), axis=1)
    return found[0], found[1]


def _side_by_side(
    threads: ThreadPoolExecutor, work: Callable[[NDArray[np.intp]], Any], rows: NDArray[np.intp]
) -> list[Any]:
    """Work on slices at once: shapely lets other threads run while it computes."""
    return list(threads.map(work, np.array_split(rows, _CHUNKS)))
