"""How polygons and lines are drawn: validity, repeated vertices, spikes, slivers.

What is invalid is repaired by the structure of its rings; a repeated vertex is dropped, which
changes no area. Spikes and slivers are told of and left: a boundary is not ours to move.
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from geoapp.catalog.definition import Geometry
from geoapp.catalog.manifest import Repair
from geoapp.geometry.crs import Geometries
from geoapp.geometry.measure import official_areas
from geoapp.geometry.repair import KINDS
from geoapp.geometry.workers import in_threads, portions
from geoapp.importers.findings import Findings
from geoapp.importers.validation.rings import Drawn, look_at_lines, look_at_polygons
from geoapp.importers.validation.tangle import find_tangled
from geoapp.values import Progress

MUCH_M2: Final = 1.0  # a repair that changes an area by more than this and
MUCH_SHARE: Final = 0.001  # by more than this share of it deserves a look
_PORTION: Final = 10_000


@dataclass(frozen=True, slots=True)
class Plan:
    """What is looked at and how.

    Attributes:
        kind: ``polygon``, ``line`` or ``point``.
        gauss: The Gauss plane in which areas are measured.
        repair: Repair what is invalid; else it is an error.
    """

    kind: Geometry
    gauss: str
    repair: bool


@dataclass(frozen=True, slots=True)
class _Looked:
    """One portion: what stands out, and what was changed."""

    rows: slice
    drawn: Drawn
    mended: Geometries
    invalid: NDArray[np.int64]
    reasons: list[str]
    before: NDArray[np.float64]
    after: NDArray[np.float64]
    tangled: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))


def check_shapes(
    geometries: Geometries, plan: Plan, findings: Findings, progress: Progress
) -> list[Repair]:
    """Check how geometries are drawn, and repair them in place.

    Args:
        geometries: ``(n,)`` geometries of the layer's kind, EPSG:4490, or ``None``; replaced
            where they are repaired.
        plan: What they are, and whether to repair them.
        findings: Told of everything.
        progress: Told the fraction done.

    Returns:
        A line for each polygon that was made valid.
    """
    if plan.kind == "point":
        return []
    repairs: list[Repair] = []
    parts = portions(len(geometries), _PORTION)
    looked = in_threads(lambda rows: _look(geometries, rows, plan), parts)
    for done, found in enumerate(looked, 1):
        _tell_drawn(found, findings)
        findings.add("geometry-tangled", "error", found.tangled + found.rows.start)
        if plan.repair:
            geometries[found.rows] = found.mended
            repairs += _tell_repaired(found, findings)
        else:
            rows, reasons = found.invalid + found.rows.start, found.reasons
            findings.add(
                "geometry-invalid",
                "error",
                rows,
                lambda place, reasons=reasons: {"reason": reasons[place]},
            )
        progress("import.checking", done / len(parts))
    return repairs


def _look(geometries: Geometries, rows: slice, plan: Plan) -> _Looked:
    if plan.kind == "line":
        drawn, nothing = look_at_lines(geometries[rows]), np.zeros(0)
        return _Looked(rows, drawn, drawn.geometries, np.zeros(0, np.int64), [], nothing, nothing)
    return _look_at_polygons(geometries, rows, plan.gauss)


def _look_at_polygons(geometries: Geometries, rows: slice, gauss: str) -> _Looked:
    drawn = look_at_polygons(geometries[rows])
    mended = drawn.geometries
    invalid = np.flatnonzero(~shapely.is_valid(mended) & ~shapely.is_missing(mended))
    if len(invalid) == 0:
        nothing = np.zeros(0)
        return _Looked(rows, drawn, mended, invalid, [], nothing, nothing)
    tangled = find_tangled(mended[invalid])
    hopeless, invalid = invalid[tangled], invalid[~tangled]
    broken = mended[invalid]
    reasons = [_plain(reason) for reason in shapely.is_valid_reason(broken)]
    made = shapely.make_valid(broken, method="structure", keep_collapsed=False)
    made[~np.isin(shapely.get_type_id(made), list(KINDS["polygon"]))] = None
    before, after = official_areas(broken, gauss), np.zeros(len(broken))
    left = ~shapely.is_missing(made)
    after[left] = official_areas(made[left], gauss)
    mended[invalid] = made
    return _Looked(rows, drawn, mended, invalid, reasons, before, after, hopeless)


def _tell_drawn(found: _Looked, findings: Findings) -> None:
    start, drawn = found.rows.start, found.drawn
    findings.add(
        "vertices-repeated",
        "note",
        drawn.repeated_row + start,
        lambda place: {"vertices": int(drawn.repeated[place])},
    )
    findings.add(
        "spike",
        "warning",
        drawn.spike_row + start,
        lambda place: {
            "width_m": round(float(drawn.spike_width_m[place]), 4),
            "longitude": round(float(drawn.spike_tip[place, 0]), 7),
            "latitude": round(float(drawn.spike_tip[place, 1]), 7),
        },
    )
    findings.add(
        "sliver",
        "warning",
        drawn.sliver_row + start,
        lambda place: {
            "area_m2": round(float(drawn.sliver_area_m2[place]), 2),
            "width_m": round(float(drawn.sliver_width_m[place]), 3),
        },
    )


def _tell_repaired(found: _Looked, findings: Findings) -> list[Repair]:
    """Tell of what was repaired; of what nothing is left, as of an error."""
    change = np.abs(found.after - found.before)
    lost = ~(found.after > 0)
    much = ~lost & (change > np.maximum(MUCH_M2, MUCH_SHARE * found.before))
    rows = found.invalid + found.rows.start
    findings.add("geometry-without-area", "error", rows[lost])
    for code, chosen in (("geometry-repaired", ~lost & ~much), ("geometry-repaired-much", much)):
        places = np.flatnonzero(chosen)
        findings.add(
            code,
            "repaired",
            rows[places],
            lambda place, places=places: {"reason": found.reasons[places[place]]},
            before_m2=found.before[places].tolist(),
            after_m2=found.after[places].tolist(),
        )
    return [
        Repair(
            row=int(rows[place]) + 1,
            problem=found.reasons[place],
            before_m2=float(found.before[place]),
            after_m2=float(found.after[place]),
        )
        for place in np.flatnonzero(~lost).tolist()
    ]


def _plain(reason: object) -> str:
    """Give the library's reason without its coordinates."""
    return str(reason).partition("[")[0]
