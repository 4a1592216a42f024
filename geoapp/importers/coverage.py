"""For which districts a file speaks."""

from typing import Final

import numpy as np
import shapely

from geoapp.catalog.manifest import Coverage
from geoapp.catalog.snapshot import SnapshotStore
from geoapp.errors import ChoiceError
from geoapp.geometry.crs import Geometries
from geoapp.geometry.workers import portions

_PORTION: Final = 5_000


def judge_coverage(
    geometries: Geometries,
    covers: tuple[str, ...],
    districts: tuple[str, ...],
    store: SnapshotStore,
) -> dict[str, Coverage]:
    """Tell per district what a file says: complete where declared, else at best partial.

    Args:
        geometries: ``(n,)`` geometries, EPSG:4490.
        covers: Districts that were declared complete, ``("all",)`` for the whole city.
        districts: Codes of all districts.
        store: Knows the district outlines.

    Raises:
        ChoiceError: A declared district does not exist.
    """
    declared = set(districts) if "all" in covers else set(covers)
    unknown = declared - set(districts)
    if unknown:
        raise ChoiceError(
            "choice-unknown",
            option="covers",
            value=", ".join(sorted(unknown)),
            offered=", ".join((*districts, "all")),
        )
    touched = _find_touched(geometries, districts, store)
    return {
        code: "complete" if code in declared else "partial" if code in touched else "no_data"
        for code in districts
    }


def _find_touched(
    geometries: Geometries, districts: tuple[str, ...], store: SnapshotStore
) -> set[str]:
    """Find the districts that a geometry touches; all of them while there are no outlines."""
    snapshot = store.find_current("district")
    if snapshot is None:
        return set(districts)
    outlines = snapshot.read(["code"])
    boxes = shapely.box(*shapely.bounds(geometries).T) if len(geometries) else geometries
    touched = set()
    for code, outline in zip(outlines["code"], np.asarray(outlines.geometry), strict=True):
        shapely.prepare(outline)
        near = geometries[shapely.intersects(shapely.box(*outline.bounds), boxes)]
        if any(
            shapely.intersects(outline, near[rows]).any() for rows in portions(len(near), _PORTION)
        ):
            touched.add(str(code))
    return touched
