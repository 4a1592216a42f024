"""The demolition register in tests: a tiny city, people of every role, a case and its steps."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
import shapely

from geoapp.access.policy import Principal
from geoapp.bootstrap import Workspace
from geoapp.cases.case import Amounts, DemolitionReport, NewCase
from geoapp.cases.evidence import NewEvidence
from geoapp.cases.guard import MoveRequest
from geoapp.catalog.manifest import Source
from geoapp.catalog.snapshot import Provenance
from geoapp.settings import Settings
from tests.building import DAY, LIBRARY, frame_of, write_city
from tests.photos import photo

EAST, WEST = shapely.box(111, 29, 111.5, 30), shapely.box(110.5, 29, 111, 30)
HOUSE = shapely.box(111.1, 29.4, 111.1002, 29.4002)
OTHER = shapely.box(110.7, 29.4, 110.7002, 29.4002)
TODAY = date(2026, 10, 20)
REASON = "现场核查"


def publish(workspace: Workspace, layer: str, shapes, **columns) -> None:
    provenance = Provenance(DAY, Source(file="test"), sample=False, coverage={})
    workspace.publish(layer, frame_of(LIBRARY.require(layer), shapes, columns), provenance)


@pytest.fixture(params=["sqlite", "postgres"])
def workspace(request, tmp_path):
    settings = Settings()
    if request.param == "postgres":
        settings = Settings(database_url=request.getfixturevalue("postgres_url"))
    opened = Workspace.init(write_city(tmp_path / "city"), tmp_path / "ws", settings=settings)
    publish(opened, "district", [EAST, WEST], code=["439901", "439902"], name=["东区", "西区"])
    yield opened
    opened.close()


@pytest.fixture
def acting(workspace):
    """Give the register to somebody of a role, at a day that tests know."""
    opened = []

    def act(role: str, *, unit: str = ""):
        found = Workspace.open(
            workspace.folder, settings=workspace.settings, principal=Principal("tester", role, unit)
        )
        opened.append(found)
        found.cases.office = replace(found.cases.office, now=lambda: _at(TODAY))
        return found.cases

    yield act
    for found in opened:
        found.close()


def _at(day: date):
    return datetime(day.year, day.month, day.day, 9, 30).astimezone()


@pytest.fixture
def desk(acting):
    return acting("administrator")


def new(**more) -> NewCase:
    facts = {
        "households": 3,
        "floor_area_m2": Decimal("600.00"),
        "household_keys": ("h1", "h2", "h3"),
        "cause": "未批先建",
    }
    return NewCase(HOUSE, date(2026, 3, 2), "patrol", **(facts | more))


def move(desk, case, name, on, **more):
    request = MoveRequest(name, on, REASON, document=f"文〔2026〕{name}", **more)
    return desk.mover.move(case.id, case.version, request)


def torn(on: date, households: int, land: str, floor: str, mode: str = "self") -> DemolitionReport:
    return DemolitionReport(on, mode, Amounts(households, Decimal(land), Decimal(floor)), REASON)


def to_performing(desk, case):
    case = move(desk, case, "verify", date(2026, 3, 3))
    case = move(desk, case, "file", date(2026, 3, 10))
    case = move(desk, case, "notify", date(2026, 3, 20))
    case = move(desk, case, "decide", date(2026, 4, 10))
    return move(desk, case, "serve", date(2026, 4, 15), term=date(2026, 5, 15))


def close(desk, case):
    left = case.remaining
    case = desk.editor.demolish(
        case.id,
        case.version,
        torn(date(2026, 5, 10), left.households, str(left.land_area_m2), str(left.floor_area_m2)),
    )
    case = move(desk, case, "confirm_demolished", date(2026, 5, 11))
    case = desk.evidence.add(case.id, NewEvidence(photo(), "after.jpg", "after"), seen=case.version)
    case = move(desk, case, "recheck", date(2026, 5, 20))
    return move(desk, case, "close", date(2026, 6, 1))
