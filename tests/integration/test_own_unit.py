"""What leaves the city for a township's official: rows that share ground with the own unit.

Four parcels at a border on the meridian 111° E: one on each side, one across, and one that only
touches it from the west.
"""

import json
from collections.abc import Callable, Iterator
from datetime import datetime

import geopandas as gpd
import pytest
import shapely
from starlette.applications import Starlette
from starlette.testclient import TestClient

from geoapp.access.policy import Principal
from geoapp.access.scope import bound_unit, is_own_unit
from geoapp.bootstrap import Workspace
from geoapp.catalog.manifest import Source
from geoapp.catalog.snapshot import Provenance
from geoapp.errors import AccessError, NotFoundError
from geoapp.features.pages import PageRequest
from geoapp.finding.identify import ObjectRequest, PointRequest
from geoapp.finding.search import SearchRequest
from geoapp.overlay.what_if_result import Existing
from geoapp.reports.sheet_request import MapSheetRequest, SheetLayer
from geoapp.web import routes, tiles
from tests.building import DAY, LIBRARY, frame_of, write_city

EAST, WEST = shapely.box(111, 29, 111.5, 30), shapely.box(110.5, 29, 111, 30)
EAST_TOWN, WEST_TOWN = "439901001", "439902001"
PARCELS = [
    shapely.box(111.10, 29.4, 111.12, 29.42),
    shapely.box(110.70, 29.4, 110.72, 29.42),
    shapely.box(110.99, 29.5, 111.01, 29.52),
    shapely.box(110.98, 29.6, 111.00, 29.62),
]
KEYS = ["43990001", "43990002", "43990003", "43990004"]
OWN = {EAST_TOWN: {"43990001", "43990003"}, WEST_TOWN: {"43990002", "43990003", "43990004"}}
LAYER, SHAPES = "landuse", "ecological_redline"
IN_EAST, IN_WEST = "10/828/424", "10/826/424"  # tiles around the first two, on one side only
WIDE = (110.5, 29.0, 111.5, 30.0)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = tmp_path_factory.mktemp("own")
    opened = Workspace.init(write_city(folder / "city"), folder / "ws")
    units = {"code": [EAST_TOWN, WEST_TOWN], "name": ["东一镇", "西一镇"]}
    for layer, shapes, columns in (
        ("district", [EAST, WEST], {"code": ["439901", "439902"], "name": ["东区", "西区"]}),
        ("township", [EAST, WEST], units),
        (LAYER, PARCELS, {"bsm": KEYS, "dlbm": ["0101"] * 4}),
        (SHAPES, PARCELS, {}),
    ):
        definition = LIBRARY.require(layer)
        more = columns or {definition.key: KEYS}
        provenance = Provenance(DAY, Source(file="test"), sample=False, coverage={})
        opened.publish(layer, frame_of(definition, shapes, more), provenance)
    yield opened
    opened.close()


@pytest.fixture
def people(city: Workspace) -> dict[str, Workspace]:
    """A planner, who warms every cache, and one official on each side."""
    units = {EAST_TOWN: "township", WEST_TOWN: "township"}
    towns = {unit: city.acting_as(Principal("x", "township", unit)) for unit in units}
    return {"": city.acting_as(Principal("x", "planner")), **towns}


def by_layer(workspace: Workspace) -> set[str]:
    return set(workspace.layer(LAYER)["bsm"])


def by_pages(workspace: Workspace) -> set[str]:
    box = workspace.feature_page(PageRequest(LAYER, box=WIDE))
    page = workspace.feature_page(PageRequest(LAYER))
    assert [one.id for one in box.features] == [one.id for one in page.features]
    assert page.matched == len(page.features)
    return {str(one.properties["bsm"]) for one in page.features}


def by_key(workspace: Workspace) -> set[str]:
    found = set()
    for key in KEYS:
        try:
            found.add(str(workspace.feature(LAYER, key).features[0].properties["bsm"]))
        except NotFoundError:
            continue
    return found


def by_search(workspace: Workspace) -> set[str]:
    found = workspace.search(SearchRequest("43990", layers=(LAYER,)))
    return {key for key in KEYS if f'"{key}"' in json.dumps(found)}


def by_card(workspace: Workspace) -> set[str]:
    found = set()
    for key, shape in zip(KEYS, PARCELS, strict=True):
        place = shape.centroid
        card = workspace.identify(PointRequest(place.x, place.y, layers=(LAYER,)))
        if key in json.dumps(card):
            found.add(key)
    return found


def by_row(workspace: Workspace) -> set[str]:
    found = set()
    for row in range(len(KEYS)):
        try:
            workspace.describe_object(ObjectRequest(LAYER, row))
            found.add(workspace.find_parcel(LAYER, row).id)
        except NotFoundError:
            continue
    return found


@pytest.mark.parametrize("ask", [by_layer, by_pages, by_key, by_search, by_card, by_row])
def test_every_way_to_rows_gives_the_own_ones(
    people: dict[str, Workspace], ask: Callable[[Workspace], set[str]]
):
    found = {unit: ask(workspace) for unit, workspace in people.items()}
    assert found == {"": set(KEYS), **OWN}
    assert ask(people[""]) == set(KEYS)  # nobody's answer is kept for another


def test_services_made_for_the_first_one_serve_nobody_else(city: Workspace):
    assert city.accounts.list() == ()
    assert city.cases.office.scope == ""
    late = city.acting_as(Principal("late", "township", EAST_TOWN))
    assert late.cases.office.scope == EAST_TOWN
    with pytest.raises(AccessError):
        late.accounts.list()


def test_an_export_holds_the_own_rows(people: dict[str, Workspace], tmp_path):
    for unit, own in OWN.items():
        file = tmp_path / f"{unit}.gpkg"
        people[unit].export(LAYER, file, within=unit, official_names=False)
        frame = gpd.read_file(file, layer=LAYER)
        written = {value for column in frame.columns for value in map(str, frame[column])}
        assert written & set(KEYS) == own
        assert len(frame) == len(own)
        for other in OWN.keys() - {unit}:
            with pytest.raises(AccessError) as caught:
                people[unit].export(LAYER, tmp_path / "other.gpkg", within=other)
            assert caught.value.code == "unit-not-own"


@pytest.fixture
def ask(city: Workspace, monkeypatch: pytest.MonkeyPatch):
    def asked(unit: str, path: str, **headers: str):
        role = "township" if unit else "planner"
        acting = city.acting_as(Principal("x", role, unit))  # type: ignore[arg-type]
        for module in (routes, tiles):
            monkeypatch.setattr(module, "workspace_of", lambda _: acting)
        client = TestClient(Starlette(routes=routes.build_routes()))
        return client.get(path, headers=headers)

    return asked


def test_a_tile_of_shapes_holds_nothing_of_other_units(ask):
    for tile, inside in ((IN_WEST, WEST_TOWN), (IN_EAST, EAST_TOWN)):
        path = f"/tiles/{SHAPES}/{tile}.mvt"
        assert ask("", path).status_code == 200
        states = {unit: ask(unit, path).status_code for unit in OWN}
        assert states == {unit: 200 if unit == inside else 204 for unit in OWN}


@pytest.mark.parametrize(
    "path", [f"/tiles/{SHAPES}/{IN_WEST}.mvt", f"/map/features/{SHAPES}.geojson"]
)
def test_a_tag_of_one_official_is_not_good_for_another(ask, path):
    tags = {unit: ask(unit, path).headers["etag"] for unit in ("", *OWN)}
    assert len(set(tags.values())) == 3
    assert ask(EAST_TOWN, path, **{"if-none-match": tags[WEST_TOWN]}).status_code != 304
    assert ask(EAST_TOWN, path, **{"if-none-match": tags[EAST_TOWN]}).status_code == 304


def test_the_overview_of_a_layer_holds_the_own_rows(ask):
    key = LIBRARY.require(SHAPES).key
    for unit, own in {"": set(KEYS), **OWN}.items():
        answer = ask(unit, f"/map/features/{SHAPES}.geojson")
        assert {one["properties"][key] for one in answer.json()["features"]} == own
        assert ask(unit, f"/tiles/{SHAPES}.json").json()["count"] == len(own)


def test_a_printed_map_draws_other_units_as_empty_ground(people: dict[str, Workspace]):
    def sheet(workspace: Workspace, key: str) -> bytes:
        request = MapSheetRequest(
            layers=(SheetLayer(id=LAYER),), bounds=PARCELS[KEYS.index(key)].bounds, format="png"
        )
        return workspace.map_sheet(request, now=datetime(2026, 1, 1).astimezone())

    assert sheet(people[EAST_TOWN], "43990002") != sheet(people[""], "43990002")
    assert sheet(people[WEST_TOWN], "43990002") == sheet(people[""], "43990002")


def test_what_the_public_may_see_is_the_same_for_an_official(people: dict[str, Workspace]):
    for unit in OWN:
        assert set(people[unit].layer("township")["code"]) == set(OWN)


def test_figures_by_township_are_whole_for_everybody(people: dict[str, Workspace]):
    tables = [workspace.stats(LAYER, by="township") for workspace in people.values()]
    assert tables[0] == tables[1] == tables[2]


def test_a_unit_is_own_by_the_beginning_of_its_code_and_nothing_is_to_nobody():
    east = Principal("x", "township", EAST_TOWN)
    assert is_own_unit(east, EAST_TOWN + "001")
    assert not any(is_own_unit(east, code) for code in ("", "439901", WEST_TOWN, "439901002"))
    nobody = Principal("x", "township")
    assert bound_unit(nobody)
    assert not any(is_own_unit(nobody, code) for code in ("", "439901", EAST_TOWN))


def test_what_a_moved_boundary_gives_up_has_to_be_own_ground_as_well(city, people):
    """Its figures tell of the stored boundary too: a new one at home opens none elsewhere."""
    town = people[EAST_TOWN]
    near = shapely.box(111.1, 29.4, 111.13, 29.42)
    own = town.what_if(near, layers=[SHAPES], replaces=Existing(SHAPES, KEYS[0]))
    assert own.moved is not None
    for old in (Existing(SHAPES, KEYS[1]), Existing(SHAPES, row_of(city, KEYS[1]))):
        with pytest.raises(AccessError) as caught:
            town.what_if(near, layers=[SHAPES], replaces=old)
        assert caught.value.code == "ground-not-own"
        assert people[""].what_if(near, layers=[SHAPES], replaces=old).moved is not None


def row_of(workspace, key):
    return int((workspace.layer(SHAPES)["bsm"] == key).to_numpy().argmax())
