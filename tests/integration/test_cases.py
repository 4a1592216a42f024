"""The demolition register from first lead to closure, on both databases."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
import shapely
import sqlalchemy as sa

from geoapp.cases.case import CaseEdit, CaseFilter
from geoapp.cases.guard import MoveRequest
from geoapp.errors import AccessError, ConflictError, GeoAppError, NotFoundError
from geoapp.i18n import word_error
from tests.registering import *  # noqa: F403
from tests.registering import OTHER, REASON, close, move, new, to_performing, torn


def test_a_case_goes_from_lead_to_closure_and_every_step_is_kept(desk):
    case = desk.register.open(new())
    assert (case.stage, case.units.district, case.case_no[:6]) == ("lead", "439901", "439901")
    assert case.registered.land_area_m2 == pytest.approx(Decimal("430.2"), abs=Decimal(2))
    case = to_performing(desk, case)
    half = torn(date(2026, 4, 30), 1, "100.00", "200.00")
    case = desk.editor.demolish(case.id, case.version, half)
    assert case.remaining.households == 2
    assert case.remaining.floor_area_m2 == Decimal("400.00")
    with pytest.raises(ConflictError) as caught:
        move(desk, case, "confirm_demolished", date(2026, 5, 11))
    assert caught.value.code == "case-something-remains"
    case = close(desk, case)
    assert (case.stage, case.closed_on) == ("closed", date(2026, 6, 1))
    assert case.remaining.nothing
    kinds = [event.kind for event in desk.register.events(case.id)]
    assert kinds[0] == "opened"
    assert kinds.count("moved") == 8
    assert kinds.count("demolished") == 2
    assert desk.register.verify().whole


def test_more_than_registered_is_never_torn_down(desk):
    case = to_performing(desk, desk.register.open(new()))
    with pytest.raises(ConflictError) as caught:
        desk.editor.demolish(case.id, case.version, torn(date(2026, 5, 1), 4, "1.00", "1.00"))
    assert caught.value.code == "case-more-than-registered"
    assert "-1" in word_error(caught.value, "zh")
    assert desk.register.show(case.id).version == case.version


def test_taking_back_does_not_pass_for_a_later_demolition(desk):
    case = to_performing(desk, desk.register.open(new()))
    for day in (date(2026, 5, 1), date(2026, 5, 8)):
        case = desk.editor.demolish(case.id, case.version, torn(day, 1, "10.00", "20.00"))
    too_much = torn(date(2026, 6, 1), 0, "0.00", "5.00")
    case = desk.editor.correct(case.id, case.version, too_much)
    assert case.demolished_on == date(2026, 5, 8)
    whole = torn(date(2026, 5, 8), 1, "10.00", "15.00")
    case = desk.editor.correct(case.id, case.version, whole)
    assert case.demolished_on == date(2026, 5, 8)  # of that day's 20 m2, 15 were taken back
    case = desk.editor.correct(case.id, case.version, torn(date(2026, 5, 8), 0, "0.00", "5.00"))
    assert case.demolished_on == date(2026, 5, 1)


def test_the_second_of_two_editors_is_told(desk):
    case = desk.register.open(new())
    desk.editor.edit(case.id, case.version, CaseEdit(office="甲所"), REASON)
    with pytest.raises(ConflictError) as caught:
        desk.editor.edit(case.id, case.version, CaseEdit(office="乙所"), REASON)
    assert caught.value.code == "case-changed"
    assert "tester" in word_error(caught.value, "en")
    assert desk.register.show(case.id).office == "甲所"


def test_moves_out_of_order_or_too_early_are_refused_and_change_nothing(desk):
    case = desk.register.open(new())
    before = desk.register.show(case.id)
    for name in ("close", "decide", "enforce"):
        with pytest.raises(GeoAppError):
            move(desk, case, name, date(2026, 3, 3))
    case = move(desk, case, "verify", date(2026, 3, 3))
    case = move(desk, case, "file", date(2026, 3, 10))
    case = move(desk, case, "notify", date(2026, 3, 20))
    with pytest.raises(ConflictError) as caught:
        move(desk, case, "decide", date(2026, 3, 21))
    assert caught.value.code == "case-too-early"
    assert before.stage == "lead"
    offered = {one.move.id: one.allowed for one in desk.mover.offered(case.id)}
    assert offered["decide"]
    assert "close" not in offered


def test_ground_and_households_do_not_count_twice(desk):
    first = desk.register.open(new())
    doubts = desk.register.check(new())
    assert {doubt.case for doubt in doubts} == {first.id}
    with pytest.raises(ConflictError):
        desk.register.open(new())
    second = desk.register.open(new(), reason="两层分户", despite_doubts=True)
    assert second.id != first.id
    assert desk.conflicts.overlapping()
    assert desk.conflicts.households()


def test_a_building_on_torn_down_ground_names_the_old_case(desk):
    old = close(desk, to_performing(desk, desk.register.open(new())))
    again = desk.register.open(new(household_keys=("h9",)), reason="疑似复建", despite_doubts=True)
    assert again.previous == old.id
    assert [one.case.id for one in desk.conflicts.rebuilt()] == [again.id]


def test_many_cases_are_moved_together_or_not_at_all(desk):
    cases = [
        desk.register.open(
            replace(
                new(household_keys=(f"k{n}",)),
                footprint=shapely.box(111.2 + n / 100, 29.4, 111.2002 + n / 100, 29.4002),
            )
        )
        for n in range(3)
    ]
    move(desk, cases[1], "dismiss", date(2026, 3, 3))
    request = MoveRequest("verify", date(2026, 3, 3), REASON, document="批〔2026〕1")
    seen = [(case.id, desk.register.show(case.id).version) for case in cases]
    with pytest.raises(ConflictError) as caught:
        desk.mover.move_many(seen, request)
    assert caught.value.facts["case"] == str(cases[1].id)
    assert desk.register.show(cases[0].id).stage == "lead"
    moved = desk.mover.move_many([seen[0], seen[2]], request)
    assert [case.stage for case in moved] == ["verified", "verified"]


def test_each_role_sees_and_does_what_it_may(acting, desk):
    east = desk.register.open(new())
    west = desk.register.open(replace(new(household_keys=("w",)), footprint=OTHER))
    township = acting("township", unit="439902")
    assert [case.id for case in township.register.select(CaseFilter()).cases] == [west.id]
    with pytest.raises(NotFoundError):
        township.register.show(east.id)
    with pytest.raises(AccessError):
        township.register.open(new(household_keys=("x",)))
    public = acting("public")
    for ask in (
        lambda: public.register.select(CaseFilter()),
        lambda: public.register.show(east.id),
        lambda: public.progress.cases("district"),
    ):
        with pytest.raises(AccessError):
            ask()
    inspector = acting("inspector")
    with pytest.raises(GeoAppError):
        move(inspector, to_performing(desk, east), "regularise", date(2026, 5, 1), permit="许1")


def test_figures_are_plain_sums_of_the_register(workspace, desk):
    open_case = desk.register.open(new())
    done = close(
        desk,
        to_performing(
            desk, desk.register.open(replace(new(household_keys=("w",)), footprint=OTHER))
        ),
    )
    engine = workspace._engine
    with engine.connect() as connection:
        table = sa.Table("demolition_case", sa.MetaData(), autoload_with=connection)
        households = connection.execute(sa.select(sa.func.sum(table.c.households))).scalar_one()
    for by in ("city", "district", "stage", "track", "office"):
        groups = desk.progress.cases(by)
        assert sum(group.cases for group in groups) == 2
        assert sum(group.registered.households for group in groups) == households == 6
        assert sum(group.demolished.households for group in groups) == 3
    curve = desk.progress.curve()
    assert curve[-1].cumulative == done.demolished
    assert curve[-1].cumulative.floor_area_m2 == Decimal("600.00")
    assert [row.amounts for row in desk.progress.demolitions(("mode",))] == [done.demolished]
    assert open_case.demolished.nothing


def test_cells_of_the_map_hold_every_case_once(acting, desk):
    for step, east in enumerate((111.1, 111.1003, 111.3)):
        ground = shapely.box(east, 29.4, east + 0.0001, 29.4001)
        desk.register.open(replace(new(household_keys=()), footprint=ground))
        if step == 0:
            move(desk, desk.register.show(1), "dismiss", date(2026, 3, 3))
    desk.register.open(replace(new(household_keys=()), footprint=OTHER))
    wide, everywhere = (110.0, 29.0, 112.0, 30.0), (-180.0, -90.0, 180.0, 90.0)
    [one] = desk.register.map_cells(everywhere, 0)
    assert (one.cases, one.by_kind) == (4, {"open": 3, "exit": 1})
    cells = desk.register.map_cells(wide, 12)
    assert [cell.cases for cell in cells] == [1, 2, 1]  # from west to east
    assert cells[1].by_kind == {"open": 1, "exit": 1}
    assert cells[1].longitude == pytest.approx(111.1002, abs=1e-4)
    assert [cell.cases for cell in desk.register.map_cells((111.2, 29.0, 112.0, 30.0), 12)] == [1]
    only = CaseFilter(stages=("false_alarm",))
    assert [cell.cases for cell in desk.register.map_cells(wide, 12, only)] == [1]
    township = acting("township", unit="439902")
    assert sum(cell.cases for cell in township.register.map_cells(wide, 12)) == 1


def test_a_changed_event_breaks_the_chain(workspace, desk):
    case = move(desk, desk.register.open(new()), "verify", date(2026, 3, 3))
    assert desk.register.verify().whole
    with workspace._engine.begin() as connection:
        table = sa.Table("case_event", sa.MetaData(), autoload_with=connection)
        if connection.dialect.name == "sqlite":
            triggers = connection.exec_driver_sql(
                "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            ).scalars()
            for name in list(triggers):
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            connection.exec_driver_sql("ALTER TABLE case_event DISABLE TRIGGER USER")
        connection.execute(sa.update(table).where(table.c.seq == 2).values(reason="改过"))
    state = desk.register.verify()
    assert not state.whole
    assert state.fault is not None
    assert state.fault.seq == 2
    assert case.version == 2


def test_history_can_not_be_changed_through_the_database(workspace, desk):
    desk.register.open(new())
    for statement in ("UPDATE case_event SET reason = 'x'", "DELETE FROM case_event"):
        with pytest.raises(sa.exc.DatabaseError), workspace._engine.begin() as connection:
            connection.exec_driver_sql(statement)
