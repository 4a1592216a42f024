"""Patches, permits, evidence, rounds and field packs of the register."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import geopandas as gpd
import pyogrio
import pytest
import shapely

from geoapp.cases.case import CaseFilter
from geoapp.cases.evidence import NewEvidence
from geoapp.cases.patch import PatchFilter
from geoapp.cases.permit import NewPermit
from geoapp.errors import ConflictError, FileError, InputError
from tests.photos import photo
from tests.registering import *  # noqa: F403
from tests.registering import HOUSE, OTHER, REASON, TODAY, close, move, new, to_performing

SEEN = date(2026, 4, 1)


def write_patches(path, shapes, numbers, **columns):
    facts = {"JCBH": numbers, "HSX": ["2026-04-01"] * len(shapes)} | columns
    pyogrio.write_dataframe(gpd.GeoDataFrame(facts, geometry=shapes, crs="EPSG:4490"), path)
    return path


@pytest.fixture
def batch(desk, tmp_path):
    """Three patches: on a known case, on new ground, and elsewhere."""
    case = desk.register.open(new())
    away = shapely.box(111.3, 29.5, 111.3003, 29.5003)
    path = write_patches(tmp_path / "a.gpkg", [HOUSE, OTHER, away], ["P1", "P2", "P3"])
    return case, desk.patches.import_file(path, "2026年第一批")


def test_patches_are_leads_that_know_of_known_cases(desk, batch, tmp_path):
    case, report = batch
    assert (report.count, report.known, report.same, report.rebuilt) == (3, 1, 0, 0)
    patches = desk.patches.select().patches
    assert {patch.number: patch.known_case for patch in patches} == {
        "P1": case.id,
        "P2": None,
        "P3": None,
    }
    assert {patch.verdict for patch in patches} == {""}
    assert desk.register.select(CaseFilter()).total == 1  # no case of itself
    with pytest.raises(ConflictError) as caught:
        desk.patches.import_file(tmp_path / "a.gpkg", "又一批")
    assert caught.value.code == "patch-batch-known"
    again = write_patches(tmp_path / "b.gpkg", [OTHER], ["Q1"])
    assert desk.patches.import_file(again, "第二批").same == 1


def test_a_patch_without_number_or_twice_refuses_the_whole_batch(desk, tmp_path):
    path = write_patches(tmp_path / "a.gpkg", [HOUSE, OTHER], ["P1", "P1"])
    with pytest.raises(InputError) as caught:
        desk.patches.import_file(path, "批")
    assert caught.value.facts["row"] == 2
    assert desk.patches.select().total == 0


@pytest.mark.usefixtures("batch")
def test_zero_new_is_stated_only_when_every_patch_is_judged(desk):
    window = (date(2026, 3, 15), date(2026, 4, 30))
    with pytest.raises(ConflictError) as caught:
        desk.state_zero_new(*window)
    assert (caught.value.code, caught.value.facts["count"]) == ("zero-new-unreviewed", 3)
    patches = desk.patches.select().patches
    seen = [(patch.id, patch.version) for patch in patches]
    desk.patches.judge(seen[:2], "legal", "permit", REASON, on=TODAY)
    desk.patches.judge(seen[2:], "non_farm", "house", REASON, on=TODAY)
    statement = desk.state_zero_new(*window)
    assert dict(statement.by_verdict) == {"legal": 2, "non_farm": 1}
    assert (statement.violations, statement.cases, statement.open_cases) == (1, 0, 0)
    third = desk.patches.select(PatchFilter(verdict="non_farm")).patches[0]
    opened = desk.patches.open_case(
        third.id,
        third.version,
        replace(new(household_keys=("z",)), footprint=third.footprint, found_on=SEEN),
    )
    assert (opened.source, opened.patch) == ("satellite", third.id)
    assert desk.state_zero_new(*window).open_cases == 1
    [progress] = desk.patches.progress()
    assert (progress.total, progress.by_verdict.get("", 0), progress.violations) == (3, 0, 1)


@pytest.mark.usefixtures("batch")
def test_nothing_is_stated_of_a_time_that_nobody_looked_at(desk):
    with pytest.raises(ConflictError) as caught:
        desk.state_zero_new(date(2025, 1, 1), date(2025, 2, 1))
    assert caught.value.code == "zero-new-nothing-seen"
    with pytest.raises(InputError):
        desk.state_zero_new(date(2026, 2, 1), date(2026, 1, 1))


def test_a_permit_over_the_whole_footprint_is_found_with_its_reference(desk):
    case = desk.register.open(new())
    around = HOUSE.buffer(0.0001)
    half = shapely.box(111.1, 29.4, 111.1001, 29.4002)
    added = desk.permits.add(
        [
            NewPermit("宅〔2020〕1", "homestead", "甲", date(2020, 1, 1), around),
            NewPermit("宅〔2020〕2", "homestead", "乙", date(2020, 1, 1), half),
        ],
        REASON,
    )
    covers = {cover.permit.reference: cover for cover in desk.permits.covers(case.id)}
    assert added == 2
    assert covers["宅〔2020〕1"].whole
    assert not covers["宅〔2020〕2"].whole
    assert covers["宅〔2020〕2"].share == pytest.approx(0.5, abs=0.01)
    case = move(desk, case, "find_legal", date(2026, 3, 9), permit="宅〔2020〕1")
    assert (case.stage, case.permit) == ("legal", "宅〔2020〕1")


def test_photos_are_kept_byte_for_byte_and_what_is_odd_is_said(desk):
    case = desk.register.open(new())
    content = photo(taken=datetime(2026, 3, 5, 10, tzinfo=UTC), at=(111.1001, 29.4001))
    case = desk.evidence.add(case.id, NewEvidence(content, "../a.jpg", "before"), seen=case.version)
    far = photo(taken=datetime(2020, 1, 1, tzinfo=UTC), at=(111.4, 29.6), colour=(1, 2, 3))
    case = desk.evidence.add(case.id, NewEvidence(far, "b.jpg", "scene"), seen=case.version)
    first, second = desk.evidence.select(case.id)
    assert desk.evidence.read(first.evidence.id)[1] == content
    assert "/" not in first.evidence.name
    assert {remark.code for remark in first.remarks} == {"near"}
    assert {remark.code for remark in second.remarks} == {"far", "older_than_case"}
    assert desk.evidence.thumbnail(first.evidence.id)[:2] == b"\xff\xd8"
    with pytest.raises(ConflictError):
        desk.evidence.add(case.id, NewEvidence(content, "c.jpg", "after"), seen=case.version)


@pytest.mark.parametrize("content", [b"", b"MZ not a photo", b"\xff\xd8\xff broken", b"<html>"])
def test_what_is_no_photo_or_document_is_refused(desk, content):
    case = desk.register.open(new())
    with pytest.raises((FileError, InputError)):
        desk.evidence.add(case.id, NewEvidence(content, "a.jpg", "scene"), seen=case.version)
    assert desk.evidence.select(case.id) == ()


def spread(desk, count):
    return [
        desk.register.open(
            replace(
                new(household_keys=(f"k{n}",)),
                footprint=shapely.box(
                    x := 111.05 + ((7 * n) % count) / 100, 29.4, x + 0.0002, 29.4002
                ),
            )
        )
        for n in range(count)
    ]


def test_a_round_visits_each_place_once_and_does_not_cross_itself(desk):
    cases = spread(desk, 8)
    found = desk.plan_round(CaseFilter(), (111.0, 29.4))
    assert {stop.case.id for stop in found.stops} == {case.id for case in cases}
    along = [stop.case.longitude for stop in found.stops]
    assert along == sorted(along)
    assert found.length_m == pytest.approx(sum(stop.leg_m for stop in found.stops))


def test_a_field_pack_comes_back_with_what_was_seen(desk, tmp_path):
    cases = spread(desk, 3)
    path = tmp_path / "pack.gpkg"
    report = desk.write_field_pack(path, CaseFilter(), ("district",))
    assert report.cases == 3
    assert report.layers["district"] >= 1
    layer = next(name for name, _ in pyogrio.list_layers(path) if name not in report.layers)
    frame = pyogrio.read_dataframe(path, layer=layer)
    frame.loc[0, ["visited_on", "found_state", "remark", "photo_after"]] = [
        "2026-10-01", "", "已动工", "p.jpg",
    ]  # fmt: skip
    frame.loc[0, "households_seen"] = 5
    pyogrio.write_dataframe(frame, path, layer=layer, append=False)
    back = desk.take_back(path, {"p.jpg": photo()})
    assert (back.visits, back.photos_named, back.photos_found) == (1, 1, 1)
    changed = desk.register.show(str(frame.loc[0, "case_no"]))
    assert changed.registered.households == 5
    assert desk.take_back(path, {"p.jpg": photo()}).repeated == 1
    assert len(cases) == 3


def test_a_conflict_from_the_field_is_listed_and_not_taken(desk, tmp_path):
    [case] = spread(desk, 1)
    path = tmp_path / "pack.gpkg"
    desk.write_field_pack(path, CaseFilter())
    move(desk, case, "verify", date(2026, 3, 3))
    layer = pyogrio.list_layers(path)[0][0]
    frame = pyogrio.read_dataframe(path, layer=layer)
    frame.loc[0, "visited_on"] = "2026-10-01"
    frame.loc[0, "households_seen"] = 9
    pyogrio.write_dataframe(frame, path, layer=layer, append=False)
    back = desk.take_back(path, {})
    assert [conflict.theirs for conflict in back.conflicts] == ["9"]
    assert desk.register.show(case.id).registered.households == 3


def test_a_pack_that_is_none_is_refused(desk, tmp_path):
    path = write_patches(tmp_path / "a.gpkg", [HOUSE], ["P1"])
    with pytest.raises(FileError):
        desk.take_back(path, {})


def test_amounts_are_exact_decimals(desk):
    done = close(desk, to_performing(desk, desk.register.open(new())))
    assert done.demolished.floor_area_m2 == Decimal("600.00")
    assert done.remaining.nothing
