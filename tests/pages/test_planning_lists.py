"""Targets, trackers and plans on the page: entered, changed by two, taken off, read from files."""

import shutil
from decimal import Decimal

import pytest

from geoapp.access.policy import Principal
from geoapp.bootstrap import Workspace
from geoapp.i18n import text
from geoapp.planning.plan import Plan
from geoapp.planning.target import Target
from geoapp.planning.tracker import Item
from tests.pages.test_planning import draw

INDICATOR = "cultivated_land"


@pytest.fixture
def folder(sample_workspace, tmp_path):
    shutil.copytree(sample_workspace, tmp_path / "city")
    return tmp_path / "city"


@pytest.fixture
def desk(folder):
    opened = Workspace.open(folder)
    yield opened
    opened.close()


def field(app, kind, label):
    return next(
        one for one in getattr(app, kind) if one.label == text("zh", f"planning_page.{label}")
    )


def press(app, label):
    button = next(one for one in app.button if one.label == text("zh", f"planning_page.{label}"))
    return button.click().run()


def fill_target(app, value="1000", reason="市级规划"):
    field(app, "text_input", "value").input(value)
    field(app, "text_input", "document").input("演示文件")
    next(
        one for one in app.text_input
        if one.label == text("zh", "planning_page.reason") and not one.key
    ).input(reason)  # fmt: skip
    return press(app, "save")


def test_a_target_is_entered_and_stands_beside_the_actual_value(folder, desk, monkeypatch):
    app = draw(folder, monkeypatch, "targets")
    app = fill_target(app)
    assert not app.exception
    [entry] = desk.targets.entries()
    assert entry.content["value"] == "1000"
    assert entry.version == 1
    trail = [one for one in desk.audit_entries() if one.action == "planning.edit"]
    assert trail
    assert trail[0].detail["added"] == 1


def test_a_number_that_is_none_or_a_missing_reason_is_told_and_nothing_is_written(
    folder, desk, monkeypatch
):
    for value, reason in (("many", "x"), ("5", "")):
        app = fill_target(draw(folder, monkeypatch, "targets"), value, reason)
        assert app.error
        assert not desk.targets.entries()


def test_what_another_changed_in_between_is_not_overwritten(folder, desk, monkeypatch):
    target = Target(indicator=first_indicator(), unit_code=desk.city.code, value=Decimal(5),
                    unit=first_unit(), document="甲")  # fmt: skip
    desk.targets.enter(target, seen=0, reason="first")
    app = draw(folder, monkeypatch, "targets")
    choice = field(app, "selectbox", "entry")
    app = choice.select(choice.options[1] if isinstance(choice.options[1], str) else 1).run()
    desk.targets.enter(target.model_copy(update={"value": Decimal(6)}), seen=1, reason="second")
    app = fill_target(app, "7", "third")
    assert app.error
    assert desk.targets.entries()[0].content["value"] == "6"


def first_indicator():
    from geoapp.planning.target import read_indicators

    return next(iter(read_indicators()))


def first_unit():
    from geoapp.planning.target import read_indicators

    return read_indicators()[first_indicator()].unit


def test_items_and_plans_keep_their_versions_and_their_rules(desk):
    trackers = desk.trackers
    item = Item(number="t-1", name="演示地块", unit_code="430802", stage="found")
    trackers.enter("idle_land", item, seen=0, reason="演示")
    with pytest.raises(Exception, match="planning-entry-changed"):
        trackers.enter("idle_land", item.model_copy(update={"name": "x"}), seen=0, reason="again")
    trackers.enter("idle_land", item.model_copy(update={"stage": "recovered"}), seen=1, reason="ok")
    with pytest.raises(Exception, match="planning-field-empty"):
        trackers.enter(
            "idle_land", item.model_copy(update={"stage": "nowhere"}), seen=2, reason="x"
        )
    with pytest.raises(Exception, match="planning-amounts-wrong"):
        trackers.enter("resettlement", Item(number="r", name="r", unit_code="430802", total=3, done=4),
                       seen=0, reason="x")  # fmt: skip
    assert [one.version for one in trackers.history("idle_land", "t-1")] == [2, 1]
    trackers.remove("idle_land", "t-1", 2, reason="撤销")
    assert "t-1" not in [one.item.number for one in trackers.show("idle_land").items]
    plans = desk.plans
    plan = Plan(
        number="", title="演示规划", level="township", unit_codes=("430802",), status="drafting"
    )
    with pytest.raises(Exception, match="plan-unit-unfit"):
        plans.enter(plan, seen=0, reason="x")
    fit = plan.model_copy(update={"unit_codes": ("430802001",), "level": "township"})
    standing = {entry.key: entry.version for entry in plans.entries()}
    seen = standing.get("township:430802001", 0)
    plans.enter(fit, seen=seen, reason="x")
    [newest, *_] = plans.history("township:430802001")
    assert (newest.version, newest.content["title"]) == (seen + 1, "演示规划")


def test_whoever_may_only_look_is_offered_no_form(folder, monkeypatch):
    app = draw(folder, monkeypatch, "targets", role="inspector")
    assert not app.exception
    assert not [one for one in app.button if one.label == text("zh", "planning_page.save")]


def test_every_tracker_and_the_plans_are_drawn_with_their_map(folder, desk, monkeypatch):
    inspector = desk.acting_as(Principal("x", "planner"))
    item = Item(number="m-1", name="演示", unit_code="430802", stage="pending")
    inspector.trackers.enter("land_settlement", item, seen=0, reason="演示")
    desk.plans.enter(
        Plan(number="p", title="演示", level="township", unit_codes=("430802001",), status="approved"),
        seen=0, reason="演示",
    )  # fmt: skip
    for view in ("trackers", "plans"):
        app = draw(folder, monkeypatch, view)
        assert not app.exception
        assert not app.error
        assert len(app.dataframe) >= 1
