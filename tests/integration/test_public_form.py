"""What whoever acts as the public gets, by whatever service."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import shapely

from geoapp import Workspace
from geoapp.access.policy import Principal
from geoapp.catalog.snapshot import FEATURES, OFFICIAL_M2
from geoapp.errors import AccessError, NotFoundError
from geoapp.finding.identify import ObjectRequest, PointRequest
from geoapp.finding.search import SearchRequest
from geoapp.geometry.measure import official_areas
from geoapp.publishing.directory import find_places
from geoapp.publishing.generalise import on_grid
from geoapp.reports.sheet_request import MapSheetRequest
from geoapp.web.routes import overview_features

PUBLIC = Principal("public", "public")


@pytest.fixture(params=["opened", "acting"])
def public(request: pytest.FixtureRequest, sample_workspace: Path) -> Iterator[Workspace]:
    """The public by itself, and beside an administrator whose layers are open already."""
    if request.param == "opened":
        opened = Workspace.open(sample_workspace, principal=PUBLIC)
        yield opened
    else:
        opened = Workspace.open(sample_workspace)
        opened.identify(PointRequest(110.45, 29.05))
        opened.search(SearchRequest("tianmenshan"))
        opened.what_if(shapely.box(110.42, 29.03, 110.47, 29.06))
        yield opened.acting_as(PUBLIC)
    opened.close()


@pytest.fixture
def office(sample_workspace: Path) -> Iterator[Workspace]:
    opened = Workspace.open(sample_workspace)
    yield opened
    opened.close()


def test_the_public_gets_whitelisted_fields_and_coarse_shapes_of_every_layer(public, office):
    seen = [state for state in public.layers() if state.snapshot]
    assert {"district", "hamlet", "scenic_area"} <= {state.definition.id for state in seen}
    for state in seen:
        definition = state.definition
        frame = public.layer(definition.id)
        assert set(frame.columns) <= {*definition.access.fields, OFFICIAL_M2, "geometry"}
        assert on_grid(shapely.get_coordinates(np.asarray(frame.geometry))).all()
        exact = office.snapshot(definition.id)
        assert state.snapshot.name != exact.name  # so no cache takes one for the other
        assert state.snapshot.manifest.source.file == ""


def test_units_still_fit_edge_to_edge(public):
    for level in ("district", "township", "village"):
        assert shapely.coverage_is_valid(np.asarray(public.layer(level).geometry))


def test_layers_that_are_figures_only_cannot_be_reached(public):
    for layer in ("landuse", "ecological_redline", "demolition"):
        with pytest.raises(AccessError):
            public.layer(layer)
        with pytest.raises(AccessError):
            public.identify(PointRequest(110.48, 29.12, layers=(layer,)))
        assert layer not in public.store.current()


def test_an_exact_snapshot_cannot_be_named_by_the_public(public, office):
    exact = office.snapshot("scenic_area").name
    with pytest.raises(NotFoundError):
        public.snapshot("scenic_area", named=exact)
    with pytest.raises(NotFoundError):
        public.describe_object(ObjectRequest("scenic_area", 0, snapshot=exact))
    assert public.store.entries() == []


def test_a_card_quotes_the_official_area_and_draws_the_coarse_shape(public, office):
    row = int(np.flatnonzero(public.layer("scenic_area")["mc"] == "天门山国家森林公园")[0])
    card = public.describe_object(ObjectRequest("scenic_area", row, zoom=18.0))
    frame = office.layer("scenic_area")
    areas = official_areas(np.asarray(frame.geometry), office.city.crs)
    assert min(abs(areas - card["area_m2"])) <= 50.0
    shape = shapely.geometry.shape(card["geometry"])
    assert on_grid(shapely.get_coordinates(shape), 2e-6).all()


def test_search_and_what_if_answer_from_the_public_form(public):
    found = public.search(SearchRequest("tianmenshan"))["results"]
    assert "scenic" in {one["kind"] for one in found}
    polygon = shapely.box(110.42, 29.03, 110.47, 29.06)
    current = {snapshot.name for snapshot in public.store.current().values()}
    answered = {answer.snapshot for answer in public.what_if(polygon).layers}
    assert answered - {""}
    assert answered - {""} <= current
    card = public.identify(PointRequest(110.45, 29.05))
    assert {feature["snapshot"] for feature in card["features"]} <= current


def test_maps_of_the_public_hold_no_finer_vertex(public, office):
    snapshot = public.snapshot("scenic_area")
    content = overview_features(snapshot, public.library.require("scenic_area"), public.city.crs)
    exact = office.snapshot("scenic_area")
    other = overview_features(exact, office.library.require("scenic_area"), office.city.crs)
    assert content != other
    assert public.map_sheet(MapSheetRequest())[:4] == b"%PDF"


def test_the_form_is_built_anew_when_the_definition_lets_out_less(sample_workspace, public):
    form = public.snapshot("hamlet")
    definition = public.library.require("hamlet")
    less = definition.model_copy(
        update={"access": definition.access.model_copy(update={"fields": ("mc",)})}
    )
    from geoapp.publishing.form import form_folder

    exact = Workspace.open(sample_workspace).snapshot("hamlet")
    assert form_folder(less, exact) != form_folder(definition, exact) == form.folder
    assert (form.folder / FEATURES).is_file()


def test_a_form_that_was_thrown_away_is_made_again_the_same(sample_workspace, tmp_path):
    folder = shutil.copytree(sample_workspace, tmp_path / "city")
    office = Workspace.open(folder)
    public = Workspace.open(folder, principal=PUBLIC)
    before = public.snapshot("hamlet")
    office.index(["hamlet"], rebuild=True)
    assert (before.folder / FEATURES).is_file()
    shutil.rmtree(before.folder.parent)
    assert public.snapshot("hamlet").name == before.name
    assert len(public.layer("hamlet")) == 114
    office.close()
    public.close()


def test_public_figures_are_the_same_whoever_asks_and_hide_small_counts(public, office):
    assert public.public_figures() == office.public_figures()
    tables = {table.layer: table for table in public.public_figures()}
    assert {"landuse", "permanent_farmland", "demolition"} <= tables.keys()
    for figure in tables["demolition"].figures:
        assert figure.hidden == (figure.count is None)
        assert figure.hidden or figure.count == 0 or figure.count >= 3
    city = tables["demolition"].find("430800")
    assert city.sums["demolished_households"] == 30300
    assert not [f for f in tables["landuse"].figures if f.level == "township"]


def test_the_directory_is_found_by_name_pinyin_and_initials(public, office):
    places = public.places()
    assert places == office.places()
    assert sum(place.layer == "hamlet" for place in places) == 114
    [first] = [p for p in places if p.name == "丁家庄下屋场"]
    for typed in ("丁家庄", "dingjiazhuang", "djzx"):
        assert first in find_places(places, typed)
    assert all(place.township for place in places if place.layer == "hamlet")
    cards = public.public_cards("zh")
    assert len(cards) == 4
    assert all("来源" in card.source for card in cards)


def test_reported_figures_stand_beside_what_is_published(public, office):
    exact = {entry.figure.id: entry for entry in office.reported()}
    for entry in public.reported():
        known = exact[entry.figure.id]
        assert entry.coverage == known.coverage
        assert known.computed is not None
        assert entry.computed is not None
        coarse = 50 if entry.figure.measure == "area" else 0  # m², half of a hundredth hectare
        assert abs(entry.computed - known.computed) <= coarse
    redline = next(e for e in public.reported() if e.figure.layer == "ecological_redline")
    assert redline.computed is not None
    assert redline.computed % 100 == 0
