"""Ground that overlapping features share counts once."""

import numpy as np
import shapely

from geoapp.compliance.parcels import Parcels
from geoapp.compliance.source import Mask, Meeting, Source
from geoapp.overlay.kernel import Floats


def net_meeting(source: Source, meeting: Meeting, rows: Mask | None, parcels: Parcels) -> Meeting:
    """Give the pairs of some features with ground of several of them left to the first.

    Args:
        source: The layer.
        meeting: All pairs.
        rows: Features that count; ``None`` for all.
        parcels: The parcels.
    """
    if rows is not None:
        meeting = meeting.pick(rows[meeting.row])
    if len(meeting.row) < 2 or not source.layer.overlap:
        return meeting
    shared = np.unique(np.concatenate(source.layer.overlaps))
    doubtful = np.isin(meeting.row, shared)
    counts = np.bincount(meeting.parcel[doubtful], minlength=len(parcels))
    areas = meeting.area_m2.copy()
    for parcel in np.flatnonzero(counts > 1).tolist():
        pairs = np.flatnonzero(doubtful & (meeting.parcel == parcel))
        areas[pairs] = _net_areas(source, meeting.pick(pairs), parcels.plane[parcel])
    return meeting._replace(area_m2=areas)


def _net_areas(source: Source, meeting: Meeting, parcel: shapely.Geometry) -> Floats:
    """Measure what each of some features of one parcel has beyond those before."""
    features = source.layer.index().geometries(meeting.row)
    pieces = shapely.intersection(features, parcel)
    areas = meeting.area_m2.copy()
    taken = pieces[0]
    for k in range(1, len(pieces)):
        if shapely.intersects(pieces[k], taken):
            areas[k] = shapely.area(shapely.difference(pieces[k], taken))
        taken = shapely.union(taken, pieces[k])
    return areas
