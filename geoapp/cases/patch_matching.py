"""Which earlier patches and known cases lie on the ground of new patches."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import shapely

from geoapp.cases.doubt import LEAST_SHARE, LEAST_SHARED_M2, measure_shared
from geoapp.cases.storage import Connection
from geoapp.cases.storage_list import find_near
from geoapp.cases.storage_patch import find_patches_near
from geoapp.cases.track import stages_of_kind
from geoapp.geometry.crs import Geometries

SAME_SHARE: Final = 0.5  # of the smaller patch: less is a neighbour


def match_patches(
    connection: Connection, footprints: Geometries, gauss: str
) -> tuple[dict[int, int], tuple[dict[int, int], list[int]]]:
    """Find for each patch the earlier patch and the known case with most ground in common.

    Returns:
        Row of the patch → earlier patch; row → case, and the rows whose case was torn down.
    """
    bounds = shapely.total_bounds(footprints).tolist()
    patches = find_patches_near(connection, bounds)
    same = _most_shared(footprints, patches, gauss, SAME_SHARE)
    near = [n for n in find_near(connection, bounds) if n.stage not in stages_of_kind("exit")]
    cases = _most_shared(footprints, [(n.id, n.footprint_wkb) for n in near], gauss, LEAST_SHARE)
    gone = {n.id for n in near if n.stage in stages_of_kind("demolished", "closed")}
    return same, (cases, [row for row, case in cases.items() if case in gone])


def _most_shared(
    footprints: Geometries, known: Sequence[tuple[int, bytes]], gauss: str, least: float
) -> dict[int, int]:
    if not known:
        return {}
    shapes = np.asarray(shapely.from_wkb([wkb for _, wkb in known]), dtype=object)
    left, right = shapely.STRtree(shapes).query(footprints, predicate="intersects")
    areas, shares = measure_shared(footprints[left], shapes[right], gauss)
    best: dict[int, tuple[float, int]] = {}
    for row, other, area, share in zip(left, right, areas, shares, strict=True):
        if area >= LEAST_SHARED_M2 and share >= least:
            best[int(row)] = max(best.get(int(row), (0.0, 0)), (float(area), known[other][0]))
    return {row: key for row, (_, key) in best.items()}
