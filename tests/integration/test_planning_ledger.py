"""Reports, targets, trackers and plans, run as a person runs them, against plain sums."""

import shutil
import sqlite3
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
import shapely

from geoapp.access.policy import Principal
from geoapp.bootstrap import Workspace, planning_ledger
from geoapp.errors import AccessError, CatalogError, ConflictError, InputError
from geoapp.geometry.measure import official_areas
from geoapp.planning.places import read_shape
from geoapp.planning.target import Target
from geoapp.planning.tracker import Item
from tests.integration.test_cli import document, refused, run

DISTRICTS = ("430802", "430811", "430821", "430822")
TARGETS = "指标,单位代码,目标值,计量单位,文件,目标年份\n美丽屋场,430800,120,个,张政发1号,2030\n"


@pytest.fixture
def city(sample_workspace, tmp_path):
    folder = tmp_path / "city"
    shutil.copytree(sample_workspace, folder)
    return folder


def figures_of(found):
    return {one["id"]: one for item in found["items"] for one in item["figures"]}


def test_figures_of_the_report_stand_beside_plain_sums(sample_workspace, tmp_path):
    paper = tmp_path / "report.docx"
    found = document(sample_workspace, "reconcile", "-o", paper)
    figures = figures_of(found)
    with sqlite3.connect(sample_workspace / "register.db") as register:
        ask = "SELECT sum(done_households), sum(done_floor_area) FROM demolition_case"
        households, floor_cm2 = register.execute(ask).fetchone()
    assert figures["S1-households"]["computed"] == households
    assert figures["S1-floor-area"]["computed"] == floor_cm2 / 100
    assert figures["S1-households"]["gap"] == households - 30_300
    assert found["sample"]
    assert paper.read_bytes()[:2] == b"PK"


def test_what_cannot_be_computed_says_why_and_shows_no_gap(sample_workspace):
    figures = figures_of(document(sample_workspace, "reconcile"))
    silent = [one for one in figures.values() if one["state"] == "not_computed"]
    assert silent
    for one in silent:
        assert (one["computed"], one["gap"]) == (None, None)
        assert one["explanation"] or one["reason"]


def test_a_target_is_shown_only_where_one_was_entered(city, tmp_path):
    before = document(city, "targets", "--indicator", "beautiful_hamlets")
    assert {row["standing"] for row in before["rows"]} == {"none"}
    shown = run(city, "targets", "--indicator", "beautiful_hamlets", lang="zh").stdout
    assert "目标值未录入" in shown
    file = tmp_path / "targets.csv"
    file.write_text(TARGETS, encoding="utf-8")
    options = ("--import", file, "--reason", "下达")
    rows = document(city, "targets", "--indicator", "beautiful_hamlets", *options)["rows"]
    own = {row["unit_code"]: row for row in rows}
    assert own["430800"]["surplus"] == own["430800"]["actual"] - 120
    assert {own[code]["standing"] for code in DISTRICTS} == {"inherited"}
    assert {own[code]["surplus"] for code in DISTRICTS} == {None}


def test_a_wrong_row_is_named_and_changes_nothing(city, tmp_path):
    file = tmp_path / "targets.csv"
    file.write_text(TARGETS + "美丽屋场,430802,many,个,张政发1号,2030\n", encoding="utf-8")
    assert "row 3" in refused(city, "targets", "--import", file, "--reason", "x")
    assert {row["standing"] for row in document(city, "targets")["rows"]} == {"none"}
    file.write_text(TARGETS, encoding="utf-8")
    refused(city, "targets", "--import", file)  # no reason


def test_a_target_keeps_its_history_and_the_version_that_was_seen(city):
    workspace = Workspace.open(city)
    target = Target(
        indicator="beautiful_hamlets", unit_code="430802", value=10, unit="hamlet", document="甲"
    )
    workspace.targets.enter(target, seen=0, reason="first")
    second = target.model_copy(update={"value": Decimal(12)})
    workspace.targets.enter(second, seen=1, reason="second")
    with pytest.raises(ConflictError):
        workspace.targets.enter(target, seen=1, reason="late")
    history = workspace.targets.history(target.key)
    assert [(entry.version, entry.reason) for entry in history] == [(2, "second"), (1, "first")]
    with pytest.raises(InputError):
        workspace.targets.enter(target, seen=2, reason=" ")
    inspector = workspace.acting_as(Principal("i", "inspector"))
    with pytest.raises(AccessError):
        inspector.targets.enter(target, seen=2, reason="no")
    with pytest.raises(AccessError):
        workspace.acting_as(Principal("t", "township", "430802")).targets.show()


def test_a_tracker_adds_up_as_the_table_does(city, tmp_path):
    frame = pd.DataFrame(
        {
            "编号": ["1", "2", "3", "4"],
            "名称": ["甲", "乙", "丙", "丁"],
            "单位代码": ["430802", "430802", "430821", "430800"],
            "总数": [100, 50, 30, 7],
            "已完成": [80, 50, 0, 1],
        }
    )
    file = tmp_path / "items.csv"
    frame.to_csv(file, index=False)
    options = ("--import", file, "--whole", "--reason", "月报")
    found = document(city, "trackers", "resettlement", *options)
    assert (found["whole"]["total"], found["whole"]["done"]) == (187, 131)
    plain = frame.assign(unit=frame["单位代码"].where(frame["单位代码"] != "430800"))
    sums = plain.groupby("unit")[["总数", "已完成"]].sum()
    for code, row in sums.iterrows():
        unit = next(one for one in found["units"] if one["unit_code"] == code)
        assert (unit["total"], unit["done"]) == (row["总数"], row["已完成"])
    assert sum(unit["total"] for unit in found["units"]) == 187
    assert {item["number"] for item in found["left"]} == {"1", "3", "4"}
    figures = figures_of(document(city, "reconcile"))
    assert figures["S8-resettled-done"]["gap"] == 131 - 5574
    frame.assign(已完成=[80, 51, 0, 1]).to_csv(file, index=False)
    assert "row 3" in refused(city, "trackers", "resettlement", *options)
    with pytest.raises(CatalogError):
        Workspace.open(city).trackers.import_items("idle_land", file, reason="x")


def test_plans_cover_what_their_units_are_of_all_units(city, tmp_path):
    file = tmp_path / "plans.csv"
    file.write_text(
        "规划名称,层级,覆盖单位,状态\n甲,district,430802,approved\n乙,district,430821,drafting\n",
        encoding="utf-8",
    )
    found = document(city, "plans", "--import", file, "--whole", "--reason", "汇总")
    row = next(one for one in found["city"] if one["level"] == "district")
    assert (row["units"], row["approved"], row["drafting"], row["none"]) == (4, 1, 1, 2)


def test_sample_items_are_marked_and_add_up(sample_workspace):
    found = document(sample_workspace, "trackers", "idle_land")
    assert found["sample"]
    assert found["whole"]["items"] == sum(unit["items"] for unit in found["units"]) == 12
    assert len(found["left"]) == found["whole"]["left"]


def test_a_desk_that_stays_open_over_night_counts_from_the_new_day(sample_workspace, monkeypatch):
    now = [date(2026, 1, 31)]
    monkeypatch.setattr(planning_ledger, "_today", lambda: now[0])
    workspace = Workspace.open(sample_workspace)
    desk = workspace.trackers
    assert desk.show("idle_land").today == date(2026, 1, 31)
    now[0] = date(2026, 2, 1)
    assert desk.show("idle_land").today == date(2026, 2, 1)
    workspace.close()


def test_an_entry_and_its_trace_are_written_together_or_not_at_all(city, monkeypatch):
    workspace = Workspace.open(city)
    target = Target(indicator="beautiful_hamlets", unit_code="430800", value=Decimal(5), unit="count",
                    document="甲")  # fmt: skip

    def fail(*_: object, **__: object) -> None:
        raise ConflictError("register-unavailable", reason="test")

    with monkeypatch.context() as broken:
        broken.setattr(planning_ledger, "append_entry", fail)
        with pytest.raises(ConflictError, match="register-unavailable"):
            workspace.targets.enter(target, seen=0, reason="x")
    assert workspace.targets.entries() == []
    workspace.targets.enter(target, seen=0, reason="x")
    edits = [one for one in workspace.audit_entries() if one.action == "planning.edit"]
    [entry] = [one for one in edits if one.subject == "target"]
    assert entry.detail["reason"] == "x"
    workspace.close()


def test_items_of_the_sample_are_measured_as_their_shapes_are(sample_workspace):
    workspace = Workspace.open(sample_workspace)
    for name in ("land_settlement", "idle_land", "serviced_land", "stock_land"):
        items = workspace.trackers.show(name).items
        assert items
        shapes = [read_shape(one.entry.geometry) for one in items]
        areas = official_areas(np.array(shapes, dtype=object), workspace.city.crs)
        for one, area in zip(items, areas, strict=True):
            assert one.item.measured
            assert float(one.item.area_m2) == pytest.approx(area, abs=0.005)
    workspace.close()


def test_an_item_without_a_polygon_keeps_the_area_that_was_stated(city):
    workspace = Workspace.open(city)
    item = Item(number="p", name="p", unit_code="430802", stage="found", area_m2=Decimal(7))
    place = shapely.Point(110.5, 29.1)
    workspace.trackers.write_items("idle_land", [item], [place], reason="test")
    [kept] = [one for one in workspace.trackers.show("idle_land").items if one.item.number == "p"]
    assert (kept.item.area_m2, kept.item.measured) == (Decimal(7), False)
    workspace.close()
