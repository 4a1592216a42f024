"""Which rows of a layer lie in a unit, and what of somebody's ground does."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

import numpy as np
import shapely
from numpy.typing import NDArray

from geoapp.access.policy import Principal
from geoapp.access.scope import bound_unit, is_bound
from geoapp.catalog.city import City, UnitName
from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.library import Library
from geoapp.catalog.snapshot import Snapshot, SnapshotStore
from geoapp.errors import AccessError
from geoapp.finding.shapes import LayerShapes
from geoapp.finding.window import Window
from geoapp.geometry.measure import to_measure_plane
from geoapp.i18n import Text

# What a neighbour shares along a border that was digitised twice is no part of it.
SLIVER_M2: Final = 1.0
LEAST_SHARE: Final = 0.5
_NOWHERE: Final = (np.inf, np.inf, -np.inf, -np.inf)
_MOST: Final = 64


class Land(Protocol):
    """What is asked of ``finding.ground.Ground``."""

    city: City
    library: Library
    store: SnapshotStore
    principal: Principal

    @property
    def unit_names(self) -> Callable[[], Sequence[UnitName]]:
        """Gives names and codes of the city's units."""

    def shapes(self, definition: LayerDefinition, snapshot: Snapshot) -> LayerShapes:
        """Open the shapes of a snapshot."""


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """The rows of a snapshot that one may see.

    Attributes:
        key: What tells these rows from others of the same snapshot, for caches and tags.
        mask: ``(n,)`` whether a row is one of them.
    """

    key: str
    mask: NDArray[np.bool_]

    def keep(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Keep of some rows those that one may see, in their order."""
        return rows[self.mask[rows]]

    def __contains__(self, row: int) -> bool:
        """Tell whether one may see a row."""
        return 0 <= row < len(self.mask) and bool(self.mask[row])


@dataclass
class TerritoryShelf:
    """The latest answers; safe from several threads."""

    _kept: OrderedDict[tuple[object, ...], Shown] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def shown(self, ground: Land, definition: LayerDefinition, snapshot: Snapshot) -> Shown:
        """Give the rows of a snapshot that share ground with the principal's unit."""
        unit = bound_unit(ground.principal)
        level = next((name.level for name in ground.unit_names() if name.code == unit), "")
        outlines = ground.store.find_current(level) if level else None
        key = (snapshot.folder, unit, outlines and outlines.name)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        shape = _outline(ground, outlines, unit) if outlines else None
        mask = np.zeros(snapshot.manifest.feature_count, dtype=np.bool_)
        if shape is not None:
            mask[_rows_in(ground, definition, snapshot, shape)] = True
        shown = Shown(f"{unit}-{outlines.name if outlines else ''}", mask)
        with self._lock:
            self._kept[key] = shown
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)
        return shown


def require_own_ground(
    ground: Land, geometry: shapely.Geometry, definitions: list[LayerDefinition]
) -> None:
    """Stop unless at least half of a shape lies in the principal's unit.

    Args:
        ground: Of the principal.
        geometry: EPSG:4490; one without finite coordinates lies nowhere and is let pass.
        definitions: What is asked of it; when the unit does not matter for any, it may lie
            anywhere.

    Raises:
        AccessError: It lies elsewhere.
    """
    if not any(is_bound(ground.principal, one) for one in definitions):
        return
    if shapely.is_empty(geometry) or not np.isfinite(shapely.bounds(geometry)).all():
        return
    shape = shapely.make_valid(geometry)
    require_own_shape(ground, to_measure_plane(np.array([shape]), ground.city.crs)[0], definitions)


def require_own_shape(
    ground: Land, placed: shapely.Geometry, definitions: list[LayerDefinition]
) -> None:
    """Stop unless at least half of a shape lies in the principal's unit.

    Args:
        ground: Of the principal.
        placed: The shape, in the measure plane.
        definitions: What is asked of it; see ``require_own_ground``.

    Raises:
        AccessError: It lies elsewhere.
    """
    if not any(is_bound(ground.principal, one) for one in definitions):
        return
    share = _share_in_unit(ground, placed)
    if share < LEAST_SHARE:
        own = _name_unit(ground, ground.principal.unit)
        raise AccessError("ground-not-own", own=own, share=f"{share:.0%}")


def _name_unit(ground: Land, code: str) -> Text:
    known = next((unit for unit in ground.unit_names() if unit.code == code), None)
    if known is None:
        return Text(zh=code or "-", en=code or "-")
    return Text(zh=f"{known.name} {code}", en=f"{known.name_en or known.name} {code}")


def _share_in_unit(ground: Land, placed: shapely.Geometry) -> float:
    unit = bound_unit(ground.principal)
    level = next((name.level for name in ground.unit_names() if name.code == unit), "")
    outlines = ground.store.find_current(level) if level else None
    shape = _outline(ground, outlines, unit) if outlines else None
    if shape is None:
        return 0.0
    size = shapely.area if shapely.area(placed) > 0 else shapely.length
    whole = float(size(placed))
    if whole <= 0:
        return float(shapely.intersects(shape, placed))
    return float(size(shapely.intersection(placed, shape))) / whole


def _outline(ground: Land, outlines: Snapshot, unit: str) -> shapely.Geometry | None:
    """Give a unit in the measure plane."""
    definition = ground.library.require(outlines.layer)
    codes = outlines.read_attributes([definition.key])[definition.key].astype(str)
    rows = np.flatnonzero(codes.to_numpy() == unit)
    shapes = ground.shapes(definition, outlines)
    found = [shapes.shape(int(row)) for row in rows]
    return shapely.union_all(found) if found else None


def _rows_in(
    ground: Land, definition: LayerDefinition, snapshot: Snapshot, unit: shapely.Geometry
) -> NDArray[np.int64]:
    """Find the rows that share more with a unit than its border; points on it count."""
    shapes = ground.shapes(definition, snapshot)
    west, south, east, north = shapely.bounds(unit).tolist()
    rows = shapes.meeting(Window((west, south, east, north), _NOWHERE, unit))
    if definition.geometry != "polygon" or not len(rows):
        return rows
    placed = shapes.shapes(rows)
    crossing = ~shapely.covers(unit, placed)
    shared = shapely.area(shapely.intersection(placed[crossing], unit))
    kept = np.ones(len(rows), dtype=np.bool_)
    kept[crossing] = shared > SLIVER_M2
    return rows[kept]
