"""From sums to the rows of a table of statistics."""

from collections.abc import Mapping
from dataclasses import replace

from geoapp.overlay.grouping import Figures, join_sums
from geoapp.overlay.kinds import one_kind
from geoapp.overlay.question import Question
from geoapp.overlay.result import StatsRow, UnitTotal
from geoapp.overlay.sharing import OUTSIDE_UNITS

Sums = Mapping[tuple[str, str], dict[str, float]]


def outside_areas(question: Question) -> dict[str, float]:
    """Measure by class what lies outside all units."""
    net = question.sharing.among(question.units, question.kinds, net=True)
    return {kind: area for (unit, kind), area in net.cells.items() if unit == OUTSIDE_UNITS}


def outside_length(question: Question) -> float:
    """Measure what lines have outside all units."""
    sums = question.sharing.among(question.units, question.kinds, net=True)
    lengths = zip(sums.unit, sums.length_m, strict=True)
    return sum(length for unit, length in lengths if unit == OUTSIDE_UNITS)


def list_rows(question: Question, totals: dict[str, UnitTotal], sums: Sums) -> list[StatsRow]:
    """List units by class; a unit without anything has one row.

    Args:
        question: The question.
        totals: Units by code, in the order of the rows.
        sums: Number fields by unit and class.
    """
    sharing, units = question.sharing, question.units
    net = sharing.among(units, question.kinds, net=True)
    gross = sharing.among(units, question.kinds, net=False)
    table = join_sums(net, gross)
    layer_net = measure_layer(question)
    rows = []
    for code, unit in totals.items():
        if code not in table:
            rows.append(_empty_row(question, unit))
        for name, figures in table.get(code, {}).items():
            rows.append(make_row(question, unit, name, figures, sums, layer_net))
    return rows


def make_row(
    question: Question, unit: UnitTotal, name: str, figures: Figures, sums: Sums, layer_net: float
) -> StatsRow:
    """Make the row of one unit and class.

    Args:
        question: The question.
        unit: The unit.
        name: Class, ``""`` without classes.
        figures: What the unit has of it.
        sums: Number fields by unit and class.
        layer_net: From ``measure_layer``.
    """
    fields = question.summed
    lines = question.sharing.layer.lines
    part = figures.length_m if lines else figures.net_m2
    return StatsRow(
        unit_code=unit.unit_code,
        unit_name=unit.unit_name,
        class_code=name if question.request.class_field else None,
        area_m2=figures.net_m2,
        gross_m2=figures.gross_m2,
        count=figures.count,
        share_of_unit=figures.net_m2 / unit.unit_m2 if unit.unit_m2 > 0 else None,
        share_of_layer=part / layer_net if layer_net > 0 else None,
        coverage=unit.coverage,
        sums=sums.get((unit.unit_code, name), dict.fromkeys(fields, 0.0)),
        length_m=figures.length_m if lines else None,
    )


def _empty_row(question: Question, unit: UnitTotal) -> StatsRow:
    """A unit in which the layer has nothing: zero where that is known, else unknown."""
    known = unit.coverage != "no_data"
    zero = 0.0 if known else None
    return StatsRow(
        unit_code=unit.unit_code,
        unit_name=unit.unit_name,
        class_code=None,
        area_m2=zero,
        gross_m2=zero,
        count=0,
        share_of_unit=zero,
        share_of_layer=zero,
        coverage=unit.coverage,
        sums=dict.fromkeys(question.summed, 0.0) if known else {},
        length_m=zero if question.sharing.layer.lines else None,
    )


def measure_layer(question: Question) -> float:
    """Measure the layer in the whole city: net area, of lines the length."""
    sharing = question.sharing
    alone = replace(sharing, inside=None)
    kinds = one_kind(sharing.layer.snapshot.manifest.feature_count)
    whole = alone.altogether(kinds, net=True, by_class=False)
    return sum(whole.length_m if sharing.layer.lines else whole.area_m2)
