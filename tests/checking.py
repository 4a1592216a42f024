"""A small city to check parcels in: two districts side by side, layers drawn in squares.

Coordinates are in squares of 50 m on the grid of ``tests.building``, and may be broken.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import shapely

from geoapp.catalog.definition import UNIT_LEVELS
from geoapp.catalog.manifest import Coverage
from geoapp.compliance.checker import Checked, check_parcels
from geoapp.compliance.opening import Openings
from geoapp.compliance.request import CheckRequest, Parcel
from geoapp.compliance.result import CheckResult, ParcelResult
from geoapp.compliance.rulebook import read_rulebook
from geoapp.compliance.slope import SlopeReader
from geoapp.compliance.survey import Materials
from geoapp.overlay.tabulate import Tabulator
from tests.building import LIBRARY, MemoryTable, make_city, make_store, on_ground, place, publish

ON = date(2026, 6, 1)
EAST = frozenset((x, y) for x in range(40, 80) for y in range(40))
WEST = frozenset((x, y) for x in range(40) for y in range(40))
EVERYTHING = frozenset(layer.id for layer in LIBRARY)


def squares(*boxes: Sequence[float]) -> shapely.Geometry:
    """Draw boxes (west, south, east, north) on the ground, a vertex every square."""
    drawn = shapely.union_all([shapely.box(*box) for box in boxes])
    return place([shapely.segmentize(drawn, 1.0)])[0]


class CheckGround:
    """A city with layers, and checks in it."""

    def __init__(self, folder: Path) -> None:
        self.city = make_city()
        self.store = make_store(folder / "layers")
        self.table: MemoryTable = self.store._table  # type: ignore[assignment]
        self.tabulator = Tabulator(self.city, LIBRARY, self.store)
        self.openings = Openings(self.city, LIBRARY, self.tabulator)
        self.rulebook = read_rulebook(folder, LIBRARY)
        self.publish_units()

    def publish_units(self) -> None:
        publish(
            self.store,
            "district",
            [on_ground(EAST), on_ground(WEST)],
            code=["439901", "439902"],
            name=["东区", "西区"],
        )

    def publish(
        self,
        layer: str,
        shapes: Sequence[shapely.Geometry],
        *,
        coverage: dict[str, Coverage] | None = None,
        as_of: date = date(2024, 1, 1),
        **columns: Sequence[object],
    ) -> None:
        publish(self.store, layer, shapes, coverage=coverage, as_of=as_of, **columns)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Take back afterwards what was published meanwhile."""
        current = dict(self.table.current)
        try:
            yield
        finally:
            self.table.current = current

    def publish_nothing(self, *layers: str) -> None:
        """Declare that layers are complete and hold nothing."""
        for layer in layers:
            self.publish(layer, [])

    def materials(
        self, *, visible: frozenset[str] = EVERYTHING, slope: SlopeReader | None = None
    ) -> Materials:
        return Materials(
            rulebook=self.rulebook, snapshots=self.store.current(), visible=visible, slope=slope
        )

    def run(
        self,
        *parcels: shapely.Geometry | Parcel,
        purpose: str = "building",
        on: date = ON,
        balance: bool = False,
        visible: frozenset[str] = EVERYTHING,
        slope: SlopeReader | None = None,
    ) -> Checked:
        given = [p if isinstance(p, Parcel) else Parcel(geometry=p) for p in parcels]
        request = CheckRequest(parcels=given, purpose=purpose, on=on, balance=balance)
        return check_parcels(
            self.openings, request, self.materials(visible=visible, slope=slope), ON
        )

    def check(self, *parcels: shapely.Geometry | Parcel, **options: object) -> CheckResult:
        return self.run(*parcels, **options).result  # type: ignore[arg-type]

    def one(self, parcel: shapely.Geometry | Parcel, **options: object) -> ParcelResult:
        return self.check(parcel, **options).parcels[0]


def by_rule(parcel: ParcelResult) -> dict[str, object]:
    """Map the findings of a parcel by rule."""
    return {finding.rule: finding for finding in parcel.findings}


CONTROLS = tuple(
    layer.id
    for layer in LIBRARY
    if layer.geometry == "polygon"
    and layer.id not in {*UNIT_LEVELS, "landuse", "construction_land", "urban_boundary"}
)


def publish_clear_ground(ground: CheckGround) -> None:
    """Make a city in which nothing stands against building: unused land in the boundary."""
    ground.publish_nothing(*CONTROLS)
    whole = squares((0, 0, 80, 40))
    ground.publish("landuse", [whole], dlbm=["1206"])
    ground.publish("urban_boundary", [whole], ghfqmc=["城镇集中建设区"])
