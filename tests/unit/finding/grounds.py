"""A made-up city to find things in."""

import csv
import io
from pathlib import Path

import shapely

from geoapp.access.policy import Principal
from geoapp.catalog.city import UnitName
from geoapp.catalog.definition import Role
from geoapp.finding.ground import Ground
from geoapp.i18n import Lang
from geoapp.overlay.tabulate import Tabulator
from tests.building import LIBRARY, UNITS_CSV, make_city, make_store, on_ground, place, publish

NAMES = [UnitName.model_validate(row) for row in csv.DictReader(io.StringIO(UNITS_CSV))]
EAST = frozenset((x, y) for x in range(10, 20) for y in range(10))
WEST = frozenset((x, y) for x in range(10) for y in range(10))


def make_ground(folder: Path, role: Role = "planner") -> Ground:
    city, store = make_city(), make_store(folder)
    tabulator = Tabulator(city, LIBRARY, store)
    by_code = {name.code: name for name in NAMES}

    def name_unit(code: str, lang: Lang) -> str:
        if code == city.code:
            return city.name[lang]
        known = by_code.get(code)
        return code if known is None else known.name_en if lang == "en" else known.name

    principal = Principal("tester", role)
    return Ground(city, LIBRARY, store, principal, tabulator.open_layer, lambda: NAMES, name_unit)


def publish_units(ground: Ground) -> None:
    """Two districts side by side, ten squares wide; each has one township with an outline."""
    publish(
        ground.store,
        "district",
        [on_ground(EAST), on_ground(WEST)],
        code=["439901", "439902"],
        name=["东区", "西区"],
    )
    publish(
        ground.store,
        "township",
        [on_ground(EAST), on_ground(WEST)],
        code=["439901001", "439902001"],
        name=["东一镇", "西一镇"],
        parent=["439901", "439902"],
    )


def position(x: float, y: float) -> tuple[float, float]:
    """Give longitude and latitude of a position in squares."""
    point = place([shapely.Point(x, y)])[0]
    return point.x, point.y
