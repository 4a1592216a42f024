"""What each role may ask of a workspace: a row for every service, or the test fails."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, Final

import pytest
import shapely

from geoapp.access.policy import Principal
from geoapp.bootstrap import Workspace
from geoapp.catalog.manifest import Source
from geoapp.catalog.snapshot import Provenance
from geoapp.errors import AccessError, GeoAppError
from geoapp.features.pages import PageRequest
from geoapp.finding.identify import ObjectRequest, PointRequest
from geoapp.finding.search import SearchRequest
from geoapp.i18n import LANGS
from geoapp.reports.content import Column, Table
from geoapp.reports.sheet_request import MapSheetRequest, SheetLayer
from tests.building import DAY, LIBRARY, frame_of, on_ground, write_city
from tests.unit.finding.grounds import EAST, WEST

ALL: Final = ("public", "township", "inspector", "planner", "administrator")
STAFF, UPPER, PLANNERS, ADMINISTRATOR = ALL[1:], ALL[2:], ALL[3:], ALL[4:]
UNIT, ELSEWHERE = "439901001", "439902001"
FIELD, SAFE = "landuse", "township"  # one that the public may not see, and one that it may
REFUSALS: Final = frozenset(
    {"access-refused", "unit-not-own", "figures-not-own", "ground-not-own", "export-whole-refused"}
)

Call = Callable[[Workspace], object]
HOME = on_ground(frozenset({(12, 2), (13, 2)}))
AWAY = on_ground(frozenset({(2, 2), (3, 2)}))
SERIAL = "nothing"


def file_of(workspace: Workspace) -> Any:
    return workspace.folder / "units.csv"


def frame() -> Any:
    return frame_of(LIBRARY.require(FIELD), [HOME], {"bsm": ["1"], "dlbm": ["0101"]})


WHOLE: Final[Any] = SimpleNamespace(request=SimpleNamespace(within=""))  # an answer for the city
EMPTY: Final[Any] = SimpleNamespace(patches=SimpleNamespace(geometry=()))
INSPECTED: Final[Any] = SimpleNamespace(within="")
ONE: Final = Table("t", (Column("a", "a", "text"),), (("x",),), (), (), "")
PROVENANCE: Final = Provenance(DAY, Source(file="test"), sample=False, coverage={})

# Name → who may, and the question. A second row of one name has what follows "/" to tell it apart.
TABLE: Final[dict[str, tuple[tuple[str, ...], Call]]] = {
    "accounts": (ADMINISTRATOR, lambda w: w.accounts.list()),
    "audit_actions": (ADMINISTRATOR, lambda w: w.audit_actions()),
    "audit_entries": (ADMINISTRATOR, lambda w: w.audit_entries()),
    "audit_table": (ADMINISTRATOR, lambda w: w.audit_table()),
    "backup": (ADMINISTRATOR, lambda w: w.backup(w.folder / "units.csv")),
    "backups": (ADMINISTRATOR, lambda w: w.backups()),
    "behind": (UPPER, lambda w: w.behind("S1-households")),
    "batch_document": (STAFF, lambda w: w.batch_document(checked(w), "xlsx")),
    "batch_tables": (STAFF, lambda w: w.batch_tables(checked(w))),
    "cases": (STAFF, lambda w: w.cases.register.select_all()),
    "change": (STAFF, lambda w: w.change(FIELD, before=DAY, after=DAY)),
    "change/village": (
        UPPER,
        lambda w: w.change(FIELD, before=DAY, by="village", within=ELSEWHERE),
    ),
    "check": (STAFF, lambda w: w.check(HOME)),
    "check/elsewhere": (UPPER, lambda w: w.check(AWAY)),
    "check_corridor": (STAFF, lambda w: w.check_corridor(line(HOME), 10)),
    "check_corridor/elsewhere": (UPPER, lambda w: w.check_corridor(line(AWAY), 10)),
    "check_document": (STAFF, lambda w: w.check_document(checked(w), "xlsx")),
    "check_site": (PLANNERS, lambda w: w.check_site(w.folder / "nothing")),
    "compare_snapshots": (UPPER, lambda w: w.compare_snapshots(FIELD, "a", "b")),
    "compare_snapshots/units": (ALL, lambda w: w.compare_snapshots(SAFE, "a", "b")),
    "reconcile": (UPPER, lambda w: w.reconcile()),
    "prose": (STAFF, lambda w: w.prose(FIELD, lang="zh")),
    "reports": (UPPER, lambda w: w.reports()),
    "targets": (UPPER, lambda w: w.targets.show()),
    "trackers": (UPPER, lambda w: w.trackers.show("idle_land")),
    "plans": (UPPER, lambda w: w.plans.show()),
    "slope": (UPPER, lambda w: w.slope()),
    "fire_cover": (UPPER, lambda w: w.fire_cover()),
    "inspect_layers": (UPPER, lambda w: w.inspect_layers([FIELD])),
    "inspectable": (UPPER, lambda w: w.inspectable()),
    "may_export_shapes": (ALL, lambda w: w.may_export_shapes()),
    "write_inspections": (PLANNERS, lambda w: w.write_inspections([INSPECTED], "gpkg", WHOLE)),
    "write_terrain": (UPPER, lambda w: w.write_terrain(WHOLE, "xlsx", WHOLE)),
    "write_behind": (UPPER, lambda w: w.write_behind(WHOLE, "xlsx", WHOLE)),
    "write_terrain/shapes": (
        PLANNERS,
        lambda w: w.write_terrain(SimpleNamespace(within=""), "gpkg", WHOLE),
    ),
    "zonal": (UPPER, lambda w: w.zonal("nothing")),
    "zonal_parcels": (UPPER, lambda w: w.zonal_parcels("nothing", "nothing")),
    "conflicts": (UPPER, lambda w: w.conflicts()),
    "conflict_layers": (ALL, lambda w: w.conflict_layers()),
    "contacts": (STAFF, lambda w: w.contacts.find()),
    "count_audit": (ADMINISTRATOR, lambda w: w.count_audit()),
    "coverage": (STAFF, lambda w: w.coverage(FIELD)),
    "delete_draft": (STAFF, lambda w: w.delete_draft("nothing")),
    "describe_object": (STAFF, lambda w: w.describe_object(ObjectRequest(FIELD, 0))),
    "discard_import": (PLANNERS, lambda w: w.discard_import("nothing")),
    "drafts": (STAFF, lambda w: w.drafts()),
    "examine": (ADMINISTRATOR, lambda w: w.examine()),
    "export": (STAFF, lambda w: w.export(FIELD, w.folder / "a.none", within=UNIT)),
    "export/elsewhere": (UPPER, lambda w: w.export(FIELD, w.folder / "a.none", within=ELSEWHERE)),
    "export/whole": (PLANNERS, lambda w: w.export(FIELD, w.folder / "a.none")),
    "ledger_answers": (STAFF, lambda w: w.ledger_answers(EMPTY)),
    "find_ledger_answers": (ALL, lambda w: w.find_ledger_answers(EMPTY)),  # nothing to others
    "farmland_ledger": (UPPER, lambda w: w.farmland_ledger(DAY)),
    "feature": (STAFF, lambda w: w.feature(FIELD, "1")),
    "feature_layers": (ALL, lambda w: w.feature_layers()),
    "feature_page": (STAFF, lambda w: w.feature_page(PageRequest(FIELD))),
    "features_snapshot": (STAFF, lambda w: w.features_snapshot(FIELD)),
    "find_encodings": (PLANNERS, lambda w: w.find_encodings(file_of(w))),
    "find_parcel": (STAFF, lambda w: w.find_parcel(FIELD, 0)),
    "health": (ADMINISTRATOR, lambda w: w.health()),
    "history": (STAFF, lambda w: w.history()),
    "history/others": (UPPER, lambda w: w.history(own=False)),
    "identify": (ALL, lambda w: w.identify(PointRequest(111.0, 29.4))),
    "identify/layer": (STAFF, lambda w: w.identify(PointRequest(111.0, 29.4, layers=(FIELD,)))),
    "import_file": (PLANNERS, lambda w: w.import_file(FIELD, file_of(w))),
    "index": (PLANNERS, lambda w: w.index([FIELD])),
    "inspect_file": (PLANNERS, lambda w: w.inspect_file(FIELD, file_of(w))),
    "layer": (STAFF, lambda w: w.layer(FIELD)),
    "layers": (ALL, lambda w: w.layers()),
    "list_sublayers": (PLANNERS, lambda w: w.list_sublayers(file_of(w))),
    "map_sheet": (
        STAFF,
        lambda w: w.map_sheet(MapSheetRequest(layers=(SheetLayer(id=FIELD),), within="1")),
    ),
    "may_check": (ALL, lambda w: w.may_check),
    "move_case": (STAFF, lambda w: w.move_case(1, 1, None)),  # type: ignore[arg-type]
    "override_check": (STAFF, lambda w: w.override_check(SERIAL, "restricted", "because")),
    "places": (ALL, lambda w: w.places()),
    "propose_mapping": (PLANNERS, lambda w: w.propose_mapping(FIELD, file_of(w))),
    "public_cards": (ALL, lambda w: [w.public_cards(lang) for lang in LANGS]),
    "public_figures": (ALL, lambda w: w.public_figures()),
    "publish": (PLANNERS, lambda w: w.publish(FIELD, frame(), PROVENANCE)),
    "publish_cases": (PLANNERS, lambda w: w.publish_cases()),
    "publish_import": (PLANNERS, lambda w: w.publish_import("nothing")),
    "publish_site": (PLANNERS, lambda w: w.publish_site(w.folder)),
    "qgis_style": (STAFF, lambda w: w.qgis_style(FIELD, "zh")),
    "quality": (STAFF, lambda w: w.quality()),
    "rasters": (ALL, lambda w: w.rasters.catalogue()),
    "read_boundary": (UPPER, lambda w: w.read_boundary(file_of(w))),
    "read_parcels": (STAFF, lambda w: w.read_parcels([HOME])),
    "recheck_changed": (STAFF, lambda w: w.recheck_changed()),
    "reported": (ALL, lambda w: w.reported()),
    "require_checks": (STAFF, lambda w: w.require_checks()),
    "rollback": (PLANNERS, lambda w: w.rollback(FIELD, "nothing")),
    "save_draft": (STAFF, lambda w: w.save_draft("mine", HOME)),
    "scenarios": (UPPER, lambda w: w.scenarios.all()),
    "search": (ALL, lambda w: w.search(SearchRequest("东"))),
    "search/layer": (STAFF, lambda w: w.search(SearchRequest("1", layers=(FIELD,)))),
    "snapshot": (STAFF, lambda w: w.snapshot(FIELD)),
    "snapshots": (STAFF, lambda w: w.snapshots(FIELD)),
    "stage_import": (PLANNERS, lambda w: w.stage_import(FIELD, file_of(w))),
    "staged_import": (PLANNERS, lambda w: w.staged_import("nothing")),
    "staged_imports": (PLANNERS, lambda w: w.staged_imports()),
    "stats": (STAFF, lambda w: w.stats(FIELD)),
    "stats/own": (STAFF, lambda w: w.stats(FIELD, by="village", within=UNIT)),
    "stats/village": (UPPER, lambda w: w.stats(FIELD, by="village", within=ELSEWHERE)),
    "stats/all": (UPPER, lambda w: w.stats(FIELD, by="village")),
    "stored_check": (STAFF, lambda w: w.stored_check(SERIAL)),
    "sweep_snapshots": (ADMINISTRATOR, lambda w: w.sweep_snapshots()),
    "tokens": (ADMINISTRATOR, lambda w: w.tokens.list_all()),
    "tokens/own": (STAFF, lambda w: w.tokens.list(w.principal.name)),
    "tokens/make": (STAFF, lambda w: w.tokens.make(w.principal.name, "QGIS")),
    "tokens/others": (ADMINISTRATOR, lambda w: w.tokens.list("somebody")),
    "tokens/revoke": (STAFF, lambda w: w.tokens.revoke(1)),
    "tips": (STAFF, lambda w: w.tips.select()),
    "verify": (ALL, lambda w: w.verify(SERIAL)),
    "verify_audit": (ADMINISTRATOR, lambda w: w.verify_audit()),
    "verify_backup": (ADMINISTRATOR, lambda w: w.verify_backup("nothing")),
    "what_if": (STAFF, lambda w: w.what_if(HOME, layers=[FIELD])),
    "what_if/elsewhere": (UPPER, lambda w: w.what_if(AWAY, layers=[FIELD])),
    "word_check": (STAFF, lambda w: w.word_check(checked(w))),
    "write_planning_tables": (UPPER, lambda w: w.write_planning_tables((ONE,), "xlsx", "zh")),
    "write_cover": (PLANNERS, lambda w: w.write_cover(WHOLE, "gpkg", WHOLE)),
    "write_conflicts": (PLANNERS, lambda w: w.write_conflicts(WHOLE, "gpkg", WHOLE)),
    "write_ledger": (PLANNERS, lambda w: w.write_ledger(WHOLE, "gpkg", WHOLE)),
    "write_scenarios": (UPPER, lambda w: w.write_scenarios([], "xlsx", WHOLE)),
}
# Gives nothing of the city away, or is what services are made of and no page or route calls.
FREE: Final = frozenset({
    "farmland", "acting_as", "close", "init", "open", "record", "record_refusal", "backups_folder", "basemaps",
    "name_unit", "unit_names", "purposes", "rulebook", "pinned", "shown_rows", "store",
    "writes_paper",
})  # fmt: skip


def is_let_in(city: Workspace, role: str, call: Call) -> bool:
    """Ask as somebody of a role; that nonsense is asked for does not matter."""
    unit = UNIT if role == "township" else ""
    try:
        call(city.acting_as(Principal(f"a-{role}", role, unit)))  # type: ignore[arg-type]
    except AccessError as error:
        if error.code not in REFUSALS:
            raise
        return False
    except (GeoAppError, AttributeError):
        return True
    return True


def line(shape: shapely.Geometry) -> shapely.Geometry:
    west, south, east, north = shape.bounds
    return shapely.LineString([(west, south), (east, north)])


def checked(workspace: Workspace) -> Any:
    """Give a check as somebody who may make it."""
    return workspace._root.check(HOME)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = tmp_path_factory.mktemp("matrix")
    opened = Workspace.init(write_city(folder / "city"), folder / "ws")
    both = [on_ground(EAST), on_ground(WEST)]
    for layer, columns in (
        ("district", {"code": ["439901", "439902"], "name": ["东区", "西区"]}),
        ("township", {"code": [UNIT, ELSEWHERE], "name": ["东一镇", "西一镇"]}),
    ):
        made = frame_of(LIBRARY.require(layer), both, columns)  # type: ignore[arg-type]
        opened.publish(layer, made, PROVENANCE)
    opened.publish(FIELD, frame(), PROVENANCE)
    yield opened
    opened.close()


def test_every_service_has_a_row_and_every_row_a_service():
    public = {name for name in dir(Workspace) if not name.startswith("_")}
    listed = {name.partition("/")[0] for name in TABLE}
    assert listed | FREE == public
    assert not listed & FREE


@pytest.mark.parametrize("name", TABLE)
def test_each_role_may_do_what_the_table_says(city: Workspace, name: str):
    may, call = TABLE[name]
    assert tuple(role for role in ALL if is_let_in(city, role, call)) == may


@pytest.mark.parametrize("call", [
    lambda w: w.layer(FIELD),
    lambda w: w.feature_page(PageRequest(FIELD)).features,
    lambda w: w.search(SearchRequest("1", layers=(FIELD,)))["results"],
], ids=["layer", "features", "search"])  # fmt: skip
def test_a_township_without_a_unit_sees_nothing_that_is_bound_to_one(city: Workspace, call: Call):
    assert len(call(city.acting_as(Principal("nobody", "township")))) == 0  # type: ignore[arg-type]
    assert len(call(city.acting_as(Principal("town", "township", UNIT)))) > 0  # type: ignore[arg-type]
