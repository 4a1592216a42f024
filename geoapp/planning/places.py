"""Units and shapes of a city as the planner's lists need them."""

from collections.abc import Callable
from dataclasses import dataclass, field

import shapely

from geoapp.catalog.city import UnitName
from geoapp.geometry.crs import Geometries
from geoapp.importers.reading import Reading


@dataclass(frozen=True, slots=True)
class Places:
    """Where things are.

    Attributes:
        city_code: Code of the city.
        crs: Gauss plane that official areas are computed with.
        units: Names and codes of its units.
        locate_file: Gives the geometries of a file in EPSG:4490, inside the city.
        find_units: Gives the code of the smallest unit that holds each inner point.
    """

    city_code: str
    crs: str
    units: tuple[UnitName, ...]
    locate_file: Callable[[Reading], Geometries]
    find_units: Callable[[Geometries], list[str]]
    _by_code: dict[str, UnitName] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_code", {unit.code: unit for unit in self.units})

    def knows(self, code: str) -> bool:
        """Tell whether a code is one of the city or its units."""
        return code == self.city_code or code in self._by_code

    def at_level(self, level: str, within: str = "") -> list[UnitName]:
        """List the units of a level, by code."""
        found = [u for u in self.units if u.level == level and u.code.startswith(within)]
        return sorted(found, key=lambda unit: unit.code)

    def district_of(self, code: str) -> str:
        """Give the district that a unit lies in; ``""`` for the city."""
        return "" if code == self.city_code else code[:6]

    def code_at(self, code: str, level: str) -> str:
        """Give the unit of a level that a unit lies in; ``""`` where it is larger."""
        length = {"district": 6, "township": 9, "village": 12}.get(level, 0)
        if code == self.city_code or len(code) < length:
            return ""
        return code[:length]


def read_shape(wkb: bytes | None) -> shapely.Geometry | None:
    """Give the shape of an entry."""
    return None if wkb is None else shapely.from_wkb(wkb)
