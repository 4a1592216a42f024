"""Lists of what is to be done, targets and plans: what must add up does, exactly."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from geoapp.access.policy import Principal
from geoapp.catalog.city import UnitName
from geoapp.database.engine import METADATA, open_engine
from geoapp.i18n import Text
from geoapp.planning.computed import Part
from geoapp.planning.ledger import Ledger
from geoapp.planning.places import Places
from geoapp.planning.plan import STATUSES, Plan, PlanDesk
from geoapp.planning.storage_ledger import LedgerStore
from geoapp.planning.target import Target, read_indicators
from geoapp.planning.target_desk import Projection, TargetDesk
from geoapp.planning.tracker import Item, Stage, TrackerDefinition
from geoapp.planning.tracker_desk import TrackerDesk

CITY = "430800"
UNITS = ("430802", "430811", "430802001", "430802002", "430811001",
         "430802001001", "430802001002", "430802002001", "430811001001")  # fmt: skip
LEVELS = {6: "district", 9: "township", 12: "village"}
TODAY = date(2026, 6, 1)
WORDS = Text(zh="搬迁", en="Moves")
TRACKER = TrackerDefinition(
    id="moves", title=WORDS, stages=(Stage(id="done", title=WORDS, done=True),)
)
NUMBERS = st.decimals(0, 10_000, places=2, allow_nan=False)


@st.composite
def items(draw, number):
    total = draw(NUMBERS)
    done = total if draw(st.booleans()) else draw(st.decimals(0, total, places=2))
    return Item(
        number=str(number),
        name="x",
        unit_code=draw(st.sampled_from([CITY, *UNITS])),
        total=total,
        done=done,
        area_m2=draw(st.none() | NUMBERS),
        due_on=draw(st.none() | st.dates(date(2026, 1, 1), date(2027, 1, 1))),
    )


LISTS = st.integers(0, 9).flatmap(lambda count: st.tuples(*(items(n) for n in range(count))))
PLANS = st.lists(
    st.tuples(
        st.sampled_from(list(LEVELS.values())),
        st.sets(st.sampled_from(UNITS), min_size=1, max_size=4),
        st.sampled_from(STATUSES),
    ),
    max_size=6,
)


@pytest.fixture(scope="module")
def engine():
    made = open_engine("sqlite://")
    METADATA.create_all(made, tables=[METADATA.tables["planning_entry"]])
    yield made
    made.dispose()


@pytest.fixture
def places():
    named = [
        UnitName(code=code, name=code, level=LEVELS[len(code)], parent=code[:-3]) for code in UNITS
    ]
    return Places(CITY, "EPSG:4546", tuple(named), lambda _: None, lambda _: [])


def fresh(engine):
    """Give lists on which nothing stands."""
    with engine.begin() as connection:
        connection.execute(sa.delete(METADATA.tables["planning_entry"]))
    now = datetime(2026, 6, 1, tzinfo=UTC)
    return Ledger(LedgerStore(engine), Principal("p", "planner"), lambda: now, sample=False)


FIGURES = ("items", "total", "done", "left", "area_m2", "done_area_m2", "left_area_m2",
           "without_area", "overdue")  # fmt: skip


@given(LISTS)
def test_done_and_left_are_the_target_at_every_level_and_units_are_the_city(engine, places, listed):
    desk = TrackerDesk(fresh(engine), {"moves": TRACKER}, places, lambda: TODAY)
    desk.write_items("moves", listed, reason="x")
    for by in LEVELS.values():
        state = desk.show("moves", by)
        assert state.whole.total == sum(item.total for item in listed)
        assert state.whole.done == sum(item.done for item in listed)
        finished = [item.area_m2 or 0 for item in listed if item.done == item.total]
        assert state.whole.done_area_m2 == sum(finished)
        for tally in (*state.units, state.whole):
            assert tally.done + tally.left == tally.total
            assert tally.done_area_m2 + tally.left_area_m2 == tally.area_m2
        for name in FIGURES:
            assert sum(getattr(tally, name) for tally in state.units) == getattr(state.whole, name)
        assert sum(one.item.left for one in state.left) == state.whole.left


@given(LISTS)
def test_a_unit_has_what_its_parts_have_and_what_is_its_own(engine, places, listed):
    desk = TrackerDesk(fresh(engine), {"moves": TRACKER}, places, lambda: TODAY)
    desk.write_items("moves", listed, reason="x")
    states = {length: desk.show("moves", level).units for length, level in LEVELS.items()}
    for length, tallies in states.items():
        for tally in tallies:
            if not tally.unit_code:
                continue
            mine = [item for item in listed if item.unit_code.startswith(tally.unit_code)]
            assert tally.total == sum(item.total for item in mine)
            assert tally.left == sum(item.total - item.done for item in mine)
            assert tally == desk.show("moves", LEVELS[length], tally.unit_code).units[0]
            parts = [
                t for t in states.get(length + 3, ()) if t.unit_code.startswith(tally.unit_code)
            ]
            own = sum(item.total for item in mine if item.unit_code == tally.unit_code)
            if parts or length < 12:
                assert sum(part.total for part in parts) + own == tally.total


DAYS = st.integers(1, 4000)
VALUES = st.fractions(0, 10**9, max_denominator=1000)


@given(VALUES, VALUES, DAYS, DAYS, DAYS)
def test_a_projection_is_the_straight_line_through_both_dates(before, now, span, one, other):
    def at(days):
        last = TODAY + timedelta(span)
        return Projection(TODAY, before, last, now, last + timedelta(days)).value

    assert at(0) == now
    assert at(-span) == before
    assert at(span) - now == now - before
    assert (at(one) - now) * other == (at(other) - now) * one


@given(
    st.sampled_from(sorted(read_indicators())),
    st.dictionaries(st.sampled_from([CITY, *UNITS]), NUMBERS, max_size=5),
    st.dictionaries(st.sampled_from([CITY, *UNITS]), VALUES, max_size=6),
)
def test_a_surplus_is_the_value_less_the_target_and_never_of_a_part(
    engine, places, name, asked, actual
):
    indicator = read_indicators()[name]
    ledger = fresh(engine)
    desk = TargetDesk(ledger, None, places, lambda _: [], lambda: TODAY)
    for code, value in asked.items():
        target = Target(
            indicator=name, unit_code=code, value=value, unit=indicator.unit, document="d"
        )
        desk.enter(target, seen=0, reason="x")
    targets = [(Target.model_validate(entry.content), entry) for entry in desk.entries()]
    mu = Fraction(2000, 3)
    scale = {"wan_mu": mu * 10_000, "mu": mu, "ha": Fraction(10_000), "km2": Fraction(10**6)}
    for code in (CITY, *UNITS):
        row = desk._row(indicator, Part(code, actual.get(code), "complete"), targets, None)
        if code in asked and code in actual:
            value = Fraction(asked[code]) * scale.get(indicator.unit, 1)
            sign = 1 if indicator.sense == "at_least" else -1
            assert row.surplus == sign * (actual[code] - value)
        else:
            assert row.surplus is None
        above = [code[:length] for length in (9, 6) if length < len(code)]
        inherited = code != CITY and any(up in asked for up in (*above, CITY))
        expected = "own" if code in asked else "inherited" if inherited else "none"
        assert row.standing == expected


@given(PLANS)
def test_plans_cover_units_that_add_up(engine, places, drawn):
    ledger = fresh(engine)
    desk = PlanDesk(ledger, places)
    fitting = {level: [c for c in UNITS if LEVELS[len(c)] == level] for level in LEVELS.values()}
    plans = [
        Plan(number=str(n), title="x", level=level, unit_codes=codes, status=status)
        for n, (level, units, status) in enumerate(drawn)
        if (codes := tuple(sorted(code for code in units if code in fitting[level])))
    ]
    desk.write_plans(plans, reason="x")
    state = desk.show()
    for count in (*state.whole, *state.districts):
        assert count.none >= 0
        assert count.none + sum(count.statuses.values()) == count.units
        assert count.reached("drafting") == sum(count.statuses.values())
    for level, codes in fitting.items():
        [city] = [count for count in state.whole if count.level == level]
        districts = [count for count in state.districts if count.level == level]
        best = {
            code: max(
                STATUSES.index(p.status) for p in plans if p.level == level and code in p.unit_codes
            )
            for code in codes
            if any(p.level == level and code in p.unit_codes for p in plans)
        }
        for place, status in enumerate(STATUSES):
            assert city.statuses[status] == sum(1 for one in best.values() if one == place)
            if level != "district":
                parts = sum(count.statuses[status] for count in districts)
                assert parts == city.statuses[status]
