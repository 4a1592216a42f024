"""What must hold in every table: each law alone, broken by hand."""

import pytest

from geoapp.errors import InvariantError
from geoapp.overlay import checks
from geoapp.overlay.result import Check, StatsRow, UnitTotal


def row(unit, kind, area):
    return StatsRow(unit, unit, kind, area, area, 1, None, None, "complete")


def unit(code, unit_m2, net_m2):
    return UnitTotal(code, code, unit_m2, net_m2, unit_m2 - net_m2, "complete")


def test_classes_that_cancel_each_other_do_not_close():
    """The sums agree, the classes do not: ground was booked under the wrong one."""
    totals = [row("city", "a", 10.0), row("city", "b", 10.0)]
    rows = [row("u", "a", 12.0), row("u", "b", 8.0)]
    found = checks.check_whole(totals, rows, {}, explained=False)
    assert found.worst_m2 == 2.0
    assert found.class_code in {"a", "b"}


def test_what_lies_outside_belongs_to_the_whole():
    found = checks.check_whole(
        [row("city", "a", 10.0)], [row("u", "a", 7.0)], {"a": 3.0}, explained=False
    )
    assert found.worst_m2 == 0.0


def test_a_class_only_outside_and_unknown_rows_are_no_breach():
    rows = [row("u", None, None)]
    found = checks.check_whole([row("city", "a", 3.0)], rows, {"a": 3.0}, explained=False)
    assert found.worst_m2 == 0.0


def test_classes_make_their_unit():
    cells = {("u", "a"): 4.0, ("u", "b"): 5.0}
    assert checks.check_classes([unit("u", 20, 9.0)], cells, overlap=False).worst_m2 == 0.0
    off = checks.check_classes([unit("t", 9, 0.0), unit("u", 20, 8.5)], cells, overlap=False)
    assert (off.unit_code, off.worst_m2) == ("u", 0.5)


def test_where_classes_overlap_they_may_exceed_the_ground_but_none_alone():
    cells = {("u", "a"): 4.0, ("u", "b"): 5.0}
    assert checks.check_classes([unit("u", 20, 6.0)], cells, overlap=True).worst_m2 == 0.0
    one = checks.check_classes([unit("u", 20, 4.5)], cells, overlap=True)
    assert (one.class_code, one.worst_m2) == ("b", 0.5)
    less = checks.check_classes([unit("u", 20, 9.5)], cells, overlap=True)
    assert less.worst_m2 == 0.5


def test_no_unit_has_more_than_its_area():
    found = checks.check_units([unit("t", 5, 5), unit("u", 5, 5.5)])
    assert (found.unit_code, found.worst_m2) == ("u", 0.5)


def test_nothing_has_more_inside_than_there_is():
    cells = {("u", "a"): 4.0, ("u", "b"): 3.0}
    layer = {("u", "a"): 4.0, ("u", "b"): 2.0}
    assert checks.check_inside(cells, layer, {"u": 9.0}).class_code == "b"
    assert checks.check_inside(cells, {**layer, ("u", "b"): 3.0}, {"u": 3.0}).worst_m2 == 1.0
    assert checks.check_inside(cells, {**layer, ("u", "b"): 3.0}, {}).worst_m2 == 4.0


@pytest.mark.parametrize("name", ["whole", "classes", "unit", "inside"])
def test_a_breach_stops_and_names_the_worst_row(name):
    with pytest.raises(InvariantError) as caught:
        checks.require_passed([Check("whole", 0.0), Check(name, 0.02, "u", "a")], "landuse")
    assert caught.value.facts["difference_m2"] == "0.0200"
    assert (caught.value.facts["unit"], caught.value.facts["kind"]) == ("u", "a")


def test_rounding_and_what_units_explain_stop_nothing():
    checks.require_passed([Check("whole", 0.005), Check("whole", 7.0, explained=True)], "landuse")
