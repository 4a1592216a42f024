"""Rules of distance, rules about ground outside, and rules that a workspace adds."""

from pathlib import Path

import pytest
import shapely

from geoapp.compliance.knowledge import Place, know_declared, know_tiling
from geoapp.compliance.remedying import add_remedies
from geoapp.compliance.rulebook import read_rulebook
from geoapp.compliance.shape import from_hex, to_hex
from geoapp.errors import CatalogError, GeometryError
from tests.building import LIBRARY, place
from tests.checking import CheckGround, by_rule, publish_clear_ground, squares

ROAD = """
[[rule]]
id = "road-near"
title = { zh = "公路两侧", en = "Beside roads" }
layer = "road"
where = { field = "dldj", codes = ["G"] }
condition = "within"
unit = "m"
threshold = [{ since = 2011-07-01, value = 20.0, source = "for this test" }]
effect = "prohibit"
legal = [{ title = { zh = "某条例", en = "Some regulations" }, since = 2011-07-01 }]
advice = { zh = "退让", en = "Step back" }
office = { zh = "某局", en = "Some bureau" }
confidence = "low"

[[rule]]
id = "hamlet-near"
title = { zh = "屋场附近", en = "Near a hamlet" }
layer = "hamlet"
condition = "within"
unit = "m"
threshold = [{ since = 2011-07-01, value = 100.0, source = "for this test" }]
effect = "notice"
legal = [{ title = { zh = "某条例", en = "Some regulations" }, since = 2011-07-01 }]
advice = { zh = "征求意见", en = "Hear the people" }
office = { zh = "某局", en = "Some bureau" }
confidence = "low"
"""


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    folder = tmp_path_factory.mktemp("conditions")
    (folder / "rules").mkdir()
    (folder / "rules" / "local.toml").write_text(ROAD, encoding="utf-8")
    made = CheckGround(folder)
    publish_clear_ground(made)
    lines = [shapely.LineString([(45, 20), (75, 20)]), shapely.LineString([(60, 5), (60, 15)])]
    made.publish("road", place(lines), dldj=["G", "C"])
    made.publish("hamlet", place([shapely.Point(70, 10)]), mc=["屋场"])
    return made


def road(ground, *box):
    return by_rule(ground.one(squares(box)))["road-near"]


def test_a_line_is_near_by_its_distance_and_only_of_its_class(ground):
    near, far = road(ground, 50, 20.2, 51, 21), road(ground, 50, 21, 51, 22)
    assert (near.relation, near.bears, near.distance_m) == (
        "adjacent", True, pytest.approx(10 / 0.871, rel=0.01),
    )  # fmt: skip
    assert (far.relation, far.bears, far.uncertain) == ("clear", False, False)
    assert near.threshold == 20.0
    assert near.threshold_unit == "m"
    assert near.local
    crossed = road(ground, 50, 19, 51, 21)
    assert (crossed.relation, crossed.bears, crossed.distance_m) == ("occupies", True, 0.0)
    other_class = road(ground, 59.9, 9, 60.1, 10)
    assert (other_class.relation, other_class.bears) == ("clear", False)


def test_a_distance_near_the_threshold_is_uncertain(ground):
    inside, outside = road(ground, 50, 20.3, 51, 21), road(ground, 50, 20.4, 51, 21)
    assert (inside.bears, inside.uncertain) == (True, True)
    assert (outside.bears, outside.uncertain) == (False, True)


def test_points_are_near_by_their_distance(ground):
    near = by_rule(ground.one(squares((68, 9.5, 69, 10.5))))["hamlet-near"]
    far = by_rule(ground.one(squares((60, 9.5, 61, 10.5))))["hamlet-near"]
    assert (near.bears, near.distance_m) == (True, pytest.approx(50 * 0.871, rel=0.01))
    assert (far.bears, far.relation) == (False, "clear")


def test_where_the_roads_are_not_known_no_distance_is_fine(ground):
    with ground.aside():
        ground.publish("road", [], coverage={})
        found = road(ground, 50, 10, 51, 11)
    assert (found.relation, found.reason) == ("no_data", "not_declared")


def test_a_shift_steps_back_from_a_road(ground):
    with ground.aside():
        checked = ground.run(squares((50, 20.1, 51, 21)))
        found = add_remedies(ground.openings, checked, ground.materials()).result.parcels[0]
    assert found.verdict == "prohibited"
    assert found.remedy.shift.distance_m == pytest.approx(20 - 5 / 0.871, abs=0.5)
    assert found.remedy.shift.verdict != "prohibited"


OUTSIDE = "outside-urban-boundary"


@pytest.mark.parametrize(
    ("edge", "relation", "bears", "uncertain"),
    [
        (52.5, "occupies", False, False),
        (52.06, "occupies", False, True),
        (51.999, "occupies", False, True),
        (51.97, "adjacent", True, True),
        (51.5, "adjacent", True, False),
        (49.97, "adjacent", True, False),
        (45.0, "clear", True, False),
    ],
)
def test_ground_outside_of_a_boundary_is_judged_by_its_edge(
    ground, edge, relation, bears, uncertain
):
    with ground.aside():
        ground.publish("urban_boundary", [squares((40, 0, edge, 30))], ghfqmc=["特别用途区"])
        found = by_rule(ground.one(squares((50, 10, 52, 11))))[OUTSIDE]
    assert (found.relation, found.bears, found.uncertain) == (relation, bears, uncertain)


def test_a_boundary_of_two_parts_is_one_ground(ground):
    with ground.aside():
        parts = [squares((40, 0, 51, 30)), squares((51, 0, 60, 30))]
        ground.publish("urban_boundary", parts, ghfqmc=["特别用途区", "城镇集中建设区"])
        found = by_rule(ground.one(squares((50, 10, 52, 11))))[OUTSIDE]
    assert (found.bears, found.uncertain, found.overlap_m2) == (False, False, 0.0)


def test_outside_of_a_boundary_that_is_not_known_nobody_can_tell(ground):
    with ground.aside():
        shape = [squares((40, 0, 45, 30))]
        ground.publish("urban_boundary", shape, ghfqmc=["特别用途区"], coverage={})
        outside = by_rule(ground.one(squares((50, 10, 52, 11))))[OUTSIDE]
        inside = by_rule(ground.one(squares((41, 10, 43, 11))))[OUTSIDE]
    assert (outside.relation, outside.bears, outside.overlap_m2) == ("no_data", False, None)
    assert (inside.relation, inside.verdict) == ("occupies", "no_conflict_found")


def test_knowledge_is_as_good_as_the_worst_district(ground):
    manifest = ground.store.current()["permanent_farmland"].manifest
    partial = manifest.model_copy(update={"coverage": {"1": "complete", "2": "partial"}})
    for districts, outside, coverage, reason in (
        (("1",), False, "complete", ""),
        (("1", "2"), False, "partial", "partial"),
        (("1", "3"), False, "partial", "partial"),
        (("3",), False, "no_data", "not_declared"),
        (("1",), True, "partial", "outside_districts"),
        ((), True, "no_data", "outside_districts"),
    ):
        known = know_declared(partial, Place(districts, outside))
        assert (known.coverage, known.reason) == (coverage, reason)
    import numpy as np

    states = know_tiling(np.array([10.0, 10.0, 10.0]), np.array([9.5, 5.0, 0.0]), 1.0)
    assert [state.coverage for state in states] == ["complete", "partial", "no_data"]


def test_a_shape_comes_back_bit_for_bit_and_what_is_none_is_refused():
    shape = squares((50, 10, 52, 11))
    assert from_hex(to_hex(shape)).equals_exact(shape, 0)
    assert from_hex(shape) is shape
    with pytest.raises(ValueError, match="binary"):
        from_hex("00ff")


WIDTH = '[tolerances.width_m]\nunit = "m"\ntitle = { zh = "a", en = "b" }\n'
EARLY = '{ since = 2000-01-01, value = 1, source = "x" }'


@pytest.mark.parametrize(
    ("content", "key"),
    [
        ("purpose = 3", "purpose"),
        ("tolerances = 3", "tolerances"),
        ("surprise = 3", "surprise"),
        (
            WIDTH + "values = []",
            "tolerances.width_m.values",
        ),
        (
            WIDTH + 'values = [{ since = 2000-01-01, withdrawn = true, source = "x" }]',
            "tolerances.width_m.values",
        ),
        (
            WIDTH + "values = [" + EARLY.replace("2000", "2001") + ", " + EARLY + "]",
            "tolerances.width_m.values",
        ),
    ],
)
def test_wrong_settings_are_named(tmp_path: Path, content: str, key: str):
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "settings.toml").write_text(content, encoding="utf-8")
    with pytest.raises(CatalogError) as caught:
        read_rulebook(tmp_path, LIBRARY)
    assert caught.value.facts["file"] == "settings.toml"
    assert str(caught.value.facts["key"]).startswith(key)


def test_a_purpose_of_the_workspace_is_offered_too(tmp_path):
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "settings.toml").write_text(
        '[[purpose]]\nid = "solar"\ntitle = { zh = "光伏", en = "Solar" }', encoding="utf-8"
    )
    book = read_rulebook(tmp_path, LIBRARY)
    assert book.require_purpose("solar").title.zh == "光伏"
    assert "building" in [purpose.id for purpose in book.settings.purpose]


def test_an_empty_list_is_no_error_of_geometry(ground):
    with pytest.raises(GeometryError):
        ground.check(shapely.Point(110.8, 29.4))
