"""A polygon asked of a workspace: what it may be, who may see what, and the document."""

import json
import math

import numpy as np
import pytest
import shapely

from geoapp.access.policy import Principal
from geoapp.bootstrap import Workspace
from geoapp.catalog.manifest import Source
from geoapp.catalog.snapshot import Provenance
from geoapp.errors import AccessError, ChoiceError, CrsError, GeometryError, NotFoundError
from geoapp.geometry.measure import line_lengths, official_areas, to_measure_plane
from geoapp.i18n import LANGS, read_words
from geoapp.overlay.what_if_result import Existing
from tests.building import DAY, LIBRARY, frame_of, write_city

NAMES = ("水源涵养", "水土保持")
DISTRICTS = [shapely.box(110.5, 29, 111, 30), shapely.box(111, 29, 111.5, 30)]
FIELD = shapely.box(110.999, 29.4, 111.002, 29.402)


def publish(workspace: Workspace, layer: str, shapes, **columns) -> None:
    provenance = Provenance(
        as_of=DAY,
        source=Source(file="test"),
        sample=False,
        coverage={"439901": "complete", "439902": "complete"},
        importer="test",
    )
    workspace.publish(layer, frame_of(LIBRARY.require(layer), shapes, columns), provenance)


@pytest.fixture
def workspace(tmp_path):
    opened = Workspace.init(write_city(tmp_path / "city"), tmp_path / "workspace")
    publish(opened, "district", DISTRICTS, code=["439901", "439902"], name=["东区", "西区"])
    red = [shapely.box(110.9, 29.3, 111.001, 29.5), shapely.box(111.0, 29.3, 111.1, 29.5)]
    publish(opened, "ecological_redline", red, lhlx=NAMES, bsm=["1", "1"])
    publish(opened, "hamlet", [shapely.Point(111, 29.401)])
    yield opened
    opened.close()


def area(shape) -> float:
    return float(official_areas(shapely.multipolygons([[shape]]), "EPSG:4546")[0])


def test_every_layer_is_answered_and_nothing_unknown_is_zero(workspace):
    document = json.loads(json.dumps(workspace.what_if(FIELD).to_json()))
    assert document["schema"] == "geoapp.what_if/1"
    assert document["area_m2"] == pytest.approx(area(FIELD), rel=1e-12)
    layers = {answer["layer"]: answer for answer in document["layers"]}
    assert layers.keys() == {d.id for d in LIBRARY} - {"district", "township", "village"}
    red = layers["ecological_redline"]
    expected = {
        "水源涵养": area(shapely.box(110.999, 29.4, 111.001, 29.402)),
        "水土保持": area(shapely.box(111, 29.4, 111.002, 29.402)),
    }
    assert {row["class"]: row["area_m2"] for row in red["rows"]} == pytest.approx(
        expected, rel=1e-6
    )
    assert red["area_m2"] == pytest.approx(area(FIELD), rel=1e-6)
    assert sum(row["gross_m2"] for row in red["rows"]) > 1.3 * red["area_m2"]
    assert (red["coverage"], red["share"]) == ("complete", pytest.approx(1, rel=1e-6))
    assert layers["hamlet"]["count"] == 1
    assert layers["hamlet"]["share"] == 0.0
    unknown = layers["landuse"]
    assert (unknown["snapshot"], unknown["coverage"]) == (None, "no_data")
    assert unknown["area_m2"] is unknown["rest_m2"] is unknown["count"] is unknown["share"] is None
    (split,) = document["units"]
    parts = {part["unit_code"]: part["area_m2"] for part in split["parts"]}
    assert sum(parts.values()) == pytest.approx(document["area_m2"])
    assert parts["439902"] == pytest.approx(2 * parts["439901"], rel=1e-5)


def test_layers_and_classes_can_be_named(workspace):
    result = workspace.what_if(
        FIELD, layers=["ecological_redline", "district"], class_fields={"ecological_redline": ""}
    )
    red, district = result.layers
    assert [row.class_code for row in red.figures.rows] == [None]
    assert red.figures.rows[0].area_m2 == pytest.approx(area(FIELD), rel=1e-6)
    assert (district.layer, district.figures.count) == ("district", 2)


def test_an_old_corner_moved_by_key_or_row(workspace):
    publish(workspace, "urban_boundary", [FIELD], bsm=["K"])
    wider = shapely.box(110.999, 29.4, 111.003, 29.402)
    by_key = workspace.what_if(wider, replaces=Existing("urban_boundary", "K"))
    by_row = workspace.what_if(wider, replaces=Existing("urban_boundary", 0))
    assert by_key.layers == by_row.layers
    assert by_key.moved.gained_m2 == pytest.approx(area(wider) - area(FIELD), rel=1e-4)
    assert by_key.moved.lost_m2 == pytest.approx(0, abs=1)  # edges bend with their length
    assert by_key.to_json()["replaces"]["feature"] == "K"


BOWTIE = shapely.Polygon([(111, 29.4), (111.01, 29.41), (111.01, 29.4), (111, 29.41)])
WRONG = {
    "polygon-wrong-kind": [
        shapely.LineString([(111, 29.4), (111.1, 29.5)]),
        shapely.Point(111, 29.4),
        shapely.GeometryCollection([FIELD]),
        None,
        "POLYGON",
    ],
    "polygon-empty": [shapely.Polygon(), shapely.MultiPolygon()],
    "polygon-not-finite": [
        shapely.transform(FIELD, lambda xy, bad=bad: np.where(np.arange(5)[:, None] == 2, bad, xy))
        for bad in (math.nan, math.inf)
    ],
    "polygon-not-valid": [
        BOWTIE,
        shapely.MultiPolygon([FIELD, shapely.box(111, 29.401, 111.1, 29.5)]),
        shapely.Polygon([(111, 29.4), (111.1, 29.4), (111.2, 29.4)]),
    ],
}


@pytest.mark.parametrize(
    ("code", "geometry"), [(code, shape) for code, shapes in WRONG.items() for shape in shapes]
)
def test_what_is_no_good_polygon_is_refused_by_name(workspace, code, geometry):
    with pytest.raises(GeometryError) as caught:
        workspace.what_if(geometry)
    assert caught.value.code == code
    for lang in LANGS:
        assert read_words(lang)[f"error.{code}"].format(**caught.value.facts)


def test_a_crossing_is_named_with_its_place(workspace):
    with pytest.raises(GeometryError) as caught:
        workspace.what_if(BOWTIE)
    facts = caught.value.facts
    assert (facts["longitude"], facts["latitude"]) == pytest.approx((111.005, 29.405))


@pytest.mark.parametrize(
    ("shape", "code"),
    [
        (shapely.box(113, 29.4, 113.1, 29.5), "crs-outside-city"),
        (shapely.box(29.4, 111, 29.5, 111.1), "crs-swapped"),
        (shapely.box(449_000, 3_223_000, 449_100, 3_223_100), "crs-outside-city"),
    ],
)
def test_a_polygon_outside_the_city_is_refused(workspace, shape, code):
    with pytest.raises(CrsError) as caught:
        workspace.what_if(shape)
    assert caught.value.code == code


def test_what_does_not_exist_is_named(workspace):
    for error, code, options in (
        (NotFoundError, "layer-unknown", {"layers": ["roads"]}),
        (ChoiceError, "choice-unknown", {"class_fields": {"ecological_redline": "mc"}}),
        (ChoiceError, "choice-unknown", {"layers": ["hamlet"], "class_fields": {"landuse": ""}}),
        (NotFoundError, "feature-unknown", {"replaces": Existing("ecological_redline", "9")}),
        (NotFoundError, "feature-unknown", {"replaces": Existing("ecological_redline", 2)}),
        (NotFoundError, "feature-unknown", {"replaces": Existing("ecological_redline", -1)}),
        (NotFoundError, "feature-ambiguous", {"replaces": Existing("ecological_redline", "1")}),
        (NotFoundError, "snapshot-none", {"replaces": Existing("landuse", "1")}),
        (GeometryError, "feature-without-area", {"replaces": Existing("hamlet", 0)}),
    ):
        with pytest.raises(error) as caught:
            workspace.what_if(FIELD, **options)
        assert caught.value.code == code


def test_only_layers_that_may_be_seen_are_answered(workspace):
    outsider = Workspace.open(workspace.folder, principal=Principal("guest", "public"))
    seen = {d.id for d in LIBRARY if "public" in d.access.view or d.access.public == "full"}
    hidden = {d.id for d in LIBRARY} - seen
    assert hidden
    result = outsider.what_if(FIELD)
    assert {answer.layer for answer in result.layers} == seen - {"district", "township", "village"}
    assert {answer.level for answer in result.units} <= seen
    for layer in hidden:
        with pytest.raises(AccessError):
            outsider.what_if(FIELD, layers=[layer])
        with pytest.raises(AccessError):
            outsider.what_if(FIELD, replaces=Existing(layer, 0))
    outsider.close()


def line_length(*ends) -> float:
    return float(
        line_lengths(to_measure_plane(shapely.linestrings([ends]), "EPSG:4546"), "EPSG:4546")[0]
    )


def test_lines_are_measured_by_the_length_that_lies_inside(workspace):
    across = shapely.LineString([(110.998, 29.401), (111.001, 29.401), (111.001, 29.41)])
    beyond = shapely.LineString([(110.5, 29.5), (110.6, 29.5)])
    within = shapely.LineString([(111.0, 29.4005), (111.0015, 29.4005)])
    publish(workspace, "road", [across, beyond, within], dldj=["1", "1", "2"])
    (answer,) = workspace.what_if(FIELD, layers=["road"]).layers
    first = line_length((110.999, 29.401), (111.001, 29.401)) + line_length(
        (111.001, 29.401), (111.001, 29.402)
    )
    second = line_length((111.0, 29.4005), (111.0015, 29.4005))
    lengths = {row.class_code: row.length_m for row in answer.figures.rows}
    assert lengths == pytest.approx({"1": first, "2": second}, abs=1e-3)
    assert answer.figures.length_m == pytest.approx(first + second, abs=1e-3)
    assert answer.figures.count == 2
    assert answer.figures.rest_m2 is None
    document = workspace.what_if(FIELD, layers=["road", "hamlet"]).to_json()
    road, hamlet = document["layers"]
    assert road["length_m"] == pytest.approx(first + second, abs=1e-3)
    assert "length_m" not in hamlet


def test_a_moved_boundary_says_which_length_it_gains_and_loses(workspace):
    road = shapely.LineString([(111.0, 29.45), (111.0, 29.35)])
    publish(workspace, "road", [road], dldj=["1"])
    new = shapely.box(110.5, 29.4, 111.0005, 30)
    answer = workspace.what_if(new, layers=["road"], replaces=Existing("district", "439901"))
    change = answer.layers[0].change
    assert change.gained.length_m == pytest.approx(0.0, abs=1e-3)
    assert change.lost.length_m == pytest.approx(
        line_length((111.0, 29.4), (111.0, 29.35)),
        abs=0.5,  # a long edge is no parallel
    )
    (row,) = change.difference
    assert row.length_m == pytest.approx(-change.lost.length_m, abs=0.01)
