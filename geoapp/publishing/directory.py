"""The places that people look for: hamlets, scenic areas, reserves, old villages."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely

from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.snapshot import OFFICIAL_M2, Snapshot
from geoapp.finding.gazetteer import KINDS, Entry, Typed, make_entry, rate
from geoapp.publishing.generalise import DECIMALS

HAMLET: Final = "hamlet"
SCENIC_LAYERS: Final = ("scenic_area", "nature_reserve", "traditional_village")
PLACE_LAYERS: Final = (HAMLET, *SCENIC_LAYERS)
_SIZE: Final = 1
_TOWNSHIP: Final = 9
_DISTRICT: Final = 6

# Gives the township and district of positions, ``(n, 2)`` degrees: code, or "" outside.
Locate = Callable[[np.ndarray], list[str]]


@dataclass(frozen=True, slots=True)
class Place:
    """A place with a name, as the public may know it.

    Attributes:
        township: Code of the township that holds it, or of the district, or ``""``.
        longitude: Of a position on it, on the public grid.
        facts: Published attributes, by canonical name.
        area_m2: Official area as it is quoted, ``None`` for points.
    """

    layer: str
    row: int
    name: str
    township: str
    longitude: float
    latitude: float
    facts: dict[str, Any]
    area_m2: float | None
    entry: Entry

    @property
    def district(self) -> str:
        """Code of the district."""
        return self.township[:_DISTRICT]


def read_places(definition: LayerDefinition, form: Snapshot, locate: Locate) -> Iterator[Place]:
    """Read the named features of a public form, in the order of their names' units.

    Args:
        definition: The layer.
        form: Its public form.
        locate: Finds the units of positions.
    """
    names = [name for name in definition.access.fields if name in form.columns]
    more = [OFFICIAL_M2] if OFFICIAL_M2 in form.columns else []
    frame = form.read([*names, *more])
    points = np.round(shapely.get_coordinates(shapely.point_on_surface(frame.geometry)), DECIMALS)
    townships = locate(points)
    table = frame.drop(columns="geometry").astype(object)
    rows = table.where(table.notna(), None).to_dict("records")
    for row, (values, point, here) in enumerate(zip(rows, points.tolist(), townships, strict=True)):
        name = str(values.get(definition.name_field) or "").strip()
        if not name:
            continue
        area = values.pop(OFFICIAL_M2, None)
        stated = str(values.get("zldwdm") or "")[:_TOWNSHIP]
        kind = KINDS.get(definition.id, "feature")
        yield Place(
            layer=definition.id,
            row=row,
            name=name,
            township=stated or here,
            longitude=point[0],
            latitude=point[1],
            facts={key: value for key, value in values.items() if value is not None},
            area_m2=None if area is None else float(area),
            entry=make_entry(kind, definition.id, row, "", name, "", _SIZE),
        )


def find_places(places: Sequence[Place], query: str) -> list[Place]:
    """Find places by name, pinyin or initials, the best first; all without a query."""
    if not query.strip():
        return list(places)
    typed = Typed.of(query)
    rated = [(rate(place.entry, typed), place) for place in places]
    found = [pair for pair in rated if pair[0]]
    return [place for _, place in sorted(found, key=lambda pair: -round(pair[0], 6))]
