"""What a parcel is like: the properties that land classes are chosen by.

Properties that a plan may weigh (``score`` of a land class):

- ``above``: height over the valley floor, 100 m;
- ``height``: height above sea level, 100 m;
- ``slope``: slope, 10 degrees;
- ``moisture``, ``kind``: two smooth random fields, standard deviations;
- ``seat``: way to the nearest seat, in radii of that town;
- ``centre``: way to the middle of the village, km;
- ``road``, ``river``: way to the nearest road or river, km;
- ``size``: natural logarithm of the area in parcels of mean size;
- ``noise``: white noise, standard deviations.
"""

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from geoapp.sample.grid import Floats
from geoapp.sample.parcels import Parcels
from geoapp.sample.strips import RIVER, Course

PROPERTIES = (
    "above", "height", "slope", "moisture", "kind",
    "seat", "centre", "road", "river", "size", "noise",
)  # fmt: skip
STATION_M = 150.0


def _stations(courses: list[Course]) -> NDArray[np.float64]:
    """Place points along courses."""
    lines = np.array([course.line for course in courses], dtype=object)
    return shapely.get_coordinates(shapely.segmentize(lines, STATION_M))


def _away_km(points: Floats, targets: Floats) -> NDArray[np.float64]:
    """Measure the way to the nearest target, km; 20 where there is none."""
    if not len(targets):
        return np.full(len(points), 20.0)
    away, _ = cKDTree(targets).query(points)
    return np.asarray(np.minimum(away / 1000, 20.0), np.float64)


def survey(
    parcels: Parcels, courses: list[Course], towns: Floats, rng: np.random.Generator
) -> dict[str, NDArray[np.float64]]:
    """Measure the properties of every parcel.

    Args:
        parcels: The mosaic.
        courses: Rivers and roads.
        towns: ``(k, 3)`` x, y and radius of the seats, m.
        rng: Source of the noise.
    """
    middle = shapely.get_coordinates(shapely.centroid(parcels.polygons))
    area = shapely.area(parcels.polygons)
    home = parcels.villages[["x", "y"]].to_numpy()[parcels.village]
    seat = [np.hypot(*(middle - town[:2]).T) / town[2] for town in towns]
    ground = parcels.ground
    return {
        "above": ground["above"] / 100.0,
        "height": ground["height"] / 100.0,
        "slope": ground["slope"] / 10.0,
        "moisture": ground["moisture"].astype(np.float64),
        "kind": ground["kind"].astype(np.float64),
        "seat": np.minimum(np.min(seat, axis=0), 30.0),
        "centre": np.minimum(np.hypot(*(middle - home).T) / 1000, 5.0),
        "road": _away_km(middle, _stations([c for c in courses if c.kind != RIVER])),
        "river": _away_km(middle, _stations([c for c in courses if c.kind == RIVER])),
        "size": np.log(area / area.mean()),
        "noise": rng.standard_normal(len(middle)),
    }
