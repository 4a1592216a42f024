"""The ground near a parcel that a rule is about, as one geometry in the Gauss plane."""

import shapely

from geoapp.compliance.parcels import Parcels
from geoapp.compliance.rule import Rule
from geoapp.compliance.source import Mask, Source


def unite_near(
    source: Source, rows: Mask | None, parcels: Parcels, parcel: int, reach_m: float
) -> shapely.Geometry:
    """Unite the features within a distance of a parcel, cut to a frame at that distance."""
    _, found = source.find_near(parcels.boxes_around(reach_m)[[parcel]])
    if rows is not None:
        found = found[rows[found]]
    frame = frame_around(parcels, parcel, reach_m)
    near: shapely.Geometry = shapely.union_all(shapely.intersection(source.shapes(found), frame))
    return near


def frame_around(parcels: Parcels, parcel: int, reach_m: float) -> shapely.Geometry:
    """Give the rectangle around a parcel that reaches some metres farther."""
    west, south, east, north = shapely.bounds(parcels.gauss[parcel])
    sides = west - reach_m, south - reach_m, east + reach_m, north + reach_m
    frame: shapely.Geometry = shapely.box(*sides)
    return frame


def bearing_ground(
    rule: Rule,
    threshold_m: float,
    source: Source,
    parcels: Parcels,
    parcel: int,
    reach_m: float,
) -> shapely.Geometry:
    """Give the ground near a parcel on which a rule bears.

    Args:
        rule: A rule that reads a layer.
        threshold_m: Its threshold, for ``within``.
        source: The layer.
        parcels: The parcels.
        parcel: Which of them.
        reach_m: How far around it.
    """
    rows = source.subject(rule.where).rows
    near = unite_near(source, rows, parcels, parcel, reach_m + threshold_m)
    frame = frame_around(parcels, parcel, reach_m)
    if rule.condition == "outside":
        return shapely.difference(frame, near)
    if rule.condition == "within":
        return shapely.intersection(frame, shapely.buffer(near, threshold_m))
    return shapely.intersection(frame, near)
