"""The pieces of parcels inside of a zone or outside of it, and which of them are mere strips."""

import numpy as np
import shapely

from geoapp.compliance.parcels import Parcels
from geoapp.compliance.source import Meeting, Source
from geoapp.geometry.crs import Geometries
from geoapp.overlay.kernel import Floats, Integers


def inside_pieces(source: Source, meeting: Meeting, parcels: Parcels, rows: Integers) -> Geometries:
    """Give what ``(k,)`` parcels share with the features they meet, in the Gauss plane."""
    return _pieces(source, meeting, parcels, rows, outside=False)


def outside_pieces(
    source: Source, meeting: Meeting, parcels: Parcels, rows: Integers
) -> Geometries:
    """Give what ``(k,)`` parcels have beside the features they meet, in the Gauss plane."""
    return _pieces(source, meeting, parcels, rows, outside=True)


def strip_areas(pieces: Geometries, width_m: float) -> Floats:
    """Measure what ``(k,)`` pieces have in parts narrower than a width, planar m².

    The width of a part is twice its area by its perimeter: right for long strips, too small
    by half for a square, whose width is never near a tolerance.
    """
    parts, piece = shapely.get_parts(pieces, return_index=True)
    areas, perimeters = shapely.area(parts), shapely.length(parts)
    narrow = 2 * areas < width_m * perimeters
    strips = np.bincount(piece[narrow], areas[narrow], minlength=len(pieces))
    return strips.astype(np.float64)


def _pieces(
    source: Source, meeting: Meeting, parcels: Parcels, rows: Integers, *, outside: bool
) -> Geometries:
    begins = np.searchsorted(meeting.parcel, rows, side="left")
    ends = np.searchsorted(meeting.parcel, rows, side="right")
    grounds = parcels.gauss[rows]
    features = np.empty(len(rows), dtype=object)
    for k, (begin, end) in enumerate(zip(begins.tolist(), ends.tolist(), strict=True)):
        shapes = source.shapes(meeting.row[begin:end])
        if len(shapes) == 1:
            features[k] = shapes[0]
        else:  # cut first: only what is near need be united
            features[k] = shapely.union_all(shapely.intersection(shapes, grounds[k]))
    made = (
        shapely.difference(grounds, features)
        if outside
        else shapely.intersection(grounds, features)
    )
    pieces: Geometries = made
    return pieces
