"""What is said of the parcels themselves: shape, neighbours, units, rows that cannot be taken."""

import math

import numpy as np
import pytest
import shapely

from geoapp.compliance.request import MOST_PARCELS, Parcel
from geoapp.compliance.result import MOST_FEATURES
from geoapp.errors import ChoiceError, GeometryError
from geoapp.i18n import LANGS
from tests.building import LIBRARY
from tests.checking import CheckGround, by_rule, publish_clear_ground, squares

BOWTIE = shapely.Polygon([(110.8, 29.4), (110.81, 29.41), (110.81, 29.4), (110.8, 29.41)])


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    made = CheckGround(tmp_path_factory.mktemp("parcels"))
    publish_clear_ground(made)
    return made


def codes(parcel):
    return [note.code for note in parcel.notes]


def test_a_parcel_of_several_parts_and_one_with_a_hole_are_flagged(ground):
    parts = squares((50, 10, 51, 11), (53, 10, 54, 11))
    holed = shapely.difference(squares((50, 10, 53, 13)), squares((51, 11, 52, 12)))
    one, other = ground.check(parts, holed).parcels
    assert (codes(one)[0], one.notes[0].facts["parts"]) == ("several_parts", 2)
    assert codes(other)[0] == "holes"


def test_parcels_that_share_ground_are_flagged_with_each_other(ground):
    result = ground.check(
        squares((50, 10, 52, 11)), squares((51, 10, 53, 11)), squares((5, 5, 6, 6))
    )
    (overlap,) = result.overlaps
    assert (overlap.first, overlap.second) == (1, 2)
    assert overlap.area_m2 == pytest.approx(2500, abs=0.05)
    assert [codes(parcel) for parcel in result.parcels] == [
        ["overlaps_parcel"],
        ["overlaps_parcel"],
        [],
    ]
    for lang in LANGS:
        assert "2500.00" in result.parcels[0].notes[0].word(lang)


def test_neighbours_that_only_touch_are_not_flagged(ground):
    assert ground.check(squares((50, 10, 51, 11)), squares((51, 10, 52, 11))).overlaps == ()


def test_rows_that_cannot_be_taken_are_listed_and_the_others_checked(ground):
    infinite = shapely.transform(
        squares((50, 10, 51, 11)),
        lambda xy: np.where(np.arange(len(xy))[:, None] == 2, math.nan, xy),
    )
    given = [
        Parcel(geometry=BOWTIE, id="A"),
        Parcel(geometry=squares((50, 10, 51, 11)), id="B"),
        Parcel(geometry=None, id="C"),
        Parcel(geometry=infinite, id="D"),
        Parcel(geometry=shapely.box(100, 29, 100.1, 29.1), id="E"),
    ]
    result = ground.check(*given)
    assert [parcel.id for parcel in result.parcels] == ["B"]
    assert [(p.row, p.id, p.code) for p in result.problems] == [
        (1, "A", "polygon-not-valid"),
        (3, "C", "polygon-wrong-kind"),
        (4, "D", "polygon-not-finite"),
        (5, "E", "crs-outside-city"),
    ]
    assert result.parcels[0].verdict == "no_conflict_found"
    assert result.verdict == "to_verify"
    for lang in LANGS:
        assert all(problem.word(lang) for problem in result.problems)


def test_too_many_parcels_none_or_only_bad_ones_are_refused(ground):
    shape = squares((50, 10, 51, 11))
    for parcels in ([], [shape] * (MOST_PARCELS + 1)):
        with pytest.raises(ChoiceError) as caught:
            ground.check(*parcels)
        assert caught.value.code == "check-parcel-count"
    with pytest.raises(GeometryError) as caught:
        ground.check(Parcel(geometry=BOWTIE))
    assert caught.value.code == "polygon-not-valid"


def test_a_parcel_across_districts_says_so_and_its_shares_add_up(ground):
    found = ground.one(squares((39, 10, 42, 11)))
    assert codes(found) == ["several_districts"]
    shares = {unit.code: unit.share for unit in found.units}
    assert shares == pytest.approx({"439902": 1 / 3, "439901": 2 / 3}, abs=1e-5)
    assert found.verdict == "no_conflict_found"


def test_ground_outside_all_districts_is_never_fine(ground):
    found = ground.one(squares((79, 10, 82, 11)))
    assert codes(found) == ["outside_city"]
    assert found.units[-1].code == ""
    farmland = by_rule(found)["permanent-farmland-occupation"]
    assert (farmland.relation, farmland.reason) == ("no_data", "outside_districts")
    assert found.verdict in {"to_verify", "restricted"}


def test_nothing_is_fine_where_no_outlines_of_districts_are(ground):
    with ground.aside():
        ground.table.current.pop("district")
        found = ground.one(squares((50, 10, 51, 11)))
    assert found.verdict == "to_verify"
    assert by_rule(found)["redline-building"].reason == "outside_districts"


def test_near_a_district_that_is_not_known_the_edge_counts(ground):
    with ground.aside():
        ground.publish("permanent_farmland", [], coverage={"439901": "complete"})
        near, far = ground.check(squares((40.02, 10, 41, 11)), squares((41, 10, 42, 11))).parcels
    rule = "permanent-farmland-occupation"
    assert by_rule(near)[rule].relation == "no_data"
    assert by_rule(far)[rule].relation == "clear"


def test_features_are_named_largest_first_and_their_number_is_said(ground):
    strips = [squares((50, 10 + k, 52, 11 + k)) for k in range(30)]
    with ground.aside():
        names = [f"N{k}" for k in range(30)]
        ground.publish("permanent_farmland", strips, dlbm=["0103"] * 30, bsm=names)
        found = by_rule(ground.one(squares((50.5, 10.5, 51, 38))))["permanent-farmland-occupation"]
    assert found.feature_count == 28
    assert len(found.features) == MOST_FEATURES
    areas = [hit.overlap_m2 for hit in found.features]
    assert areas == sorted(areas, reverse=True)
    assert found.features[0].key.startswith("N")
    assert found.features[0].class_title.zh == "旱地"


def test_ground_under_overlapping_features_counts_once(ground):
    with ground.aside():
        shapes = [squares((50, 10, 52, 12)), squares((51, 10, 53, 12)), squares((50, 10, 53, 11))]
        ground.publish("permanent_farmland", shapes, dlbm=["0101"] * 3)
        found = by_rule(ground.one(squares((50, 10, 54, 12))))["permanent-farmland-occupation"]
    assert found.overlap_m2 == pytest.approx(6 * 2500, abs=0.05)
    assert found.share == pytest.approx(0.75, abs=1e-5)


def test_areas_are_those_of_the_statistics(ground):
    from geoapp.overlay.what_if import WhatIf

    shape = squares((40.3, 10.2, 61.7, 20.9))
    with ground.aside():
        shapes = [squares((45, 5, 50, 30)), squares((48, 12, 70, 15))]
        ground.publish("ecological_redline", shapes, lhlx=["水源涵养", "水土保持"])
        found = by_rule(ground.one(shape))["redline-building"]
        asked = WhatIf(ground.city, LIBRARY, ground.store, ground.tabulator)
        layer = asked.ask(shape, [LIBRARY.require("ecological_redline")], [], {}, None).layers[0]
    assert found.overlap_m2 == pytest.approx(layer.figures.area_m2, rel=1e-9)


def test_the_scale_of_the_data_sets_how_sure_its_lines_are(ground):
    frame = squares((52.06, 5, 60, 20))
    rule = "permanent-farmland-occupation"
    with ground.aside():
        ground.publish("permanent_farmland", [frame], dlbm=["0101"])
        assumed = by_rule(ground.one(squares((50, 10, 52, 11))))[rule]
        source = ground.openings.open_source(
            "permanent_farmland", ground.store.current()["permanent_farmland"]
        )
        manifest = source.snapshot.manifest
        source.snapshot.__dict__["manifest"] = manifest.model_copy(update={"scale": 2000})
        stated = by_rule(ground.one(squares((50, 10, 52, 11))))[rule]
    assert (assumed.scale, assumed.scale_source, assumed.uncertainty_m) == (10000, "assumed", 5.0)
    assert (stated.scale, stated.scale_source, stated.uncertainty_m) == (2000, "snapshot", 1.0)
    assert (assumed.uncertain, stated.uncertain) == (True, False)


def test_the_document_names_all_that_the_contract_asks(ground):
    document = ground.check(squares((50, 10, 52, 11))).to_json("en")
    assert document["schema"] == "geoapp.check/1"
    parcel = document["parcels"][0]
    assert {"id", "name", "area_m2", "declared_m2", "crs", "notes", "verdict"} <= parcel.keys()
    finding = parcel["findings"][0]
    assert {
        "layer", "relation", "overlap_m2", "share", "distance_m", "effect", "rule", "basis",
    } <= finding.keys()  # fmt: skip
    assert parcel["geometry"]["type"] == "Polygon"
    assert (
        "geometry"
        not in ground.check(squares((50, 10, 52, 11))).to_json(geometry=False)["parcels"][0]
    )
