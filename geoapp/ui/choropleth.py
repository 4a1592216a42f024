"""From a result of statistics to coloured units."""

from typing import Final, Literal

import numpy as np

from geoapp.catalog.snapshot import Snapshot
from geoapp.overlay.result import StatsResult
from geoapp.ui.map import Choropleth, ValueClass
from geoapp.ui.map_layers import features_url, label_field
from geoapp.ui.session import current_lang, say
from geoapp.values import AreaUnit, convert_area, round_half_up, to_kilometres

Measure = Literal["area", "share", "length", "count"]
_STEPS: Final = 5
# One hue from light to dark: order is read by lightness, also without colour vision.
_FILLS: Final = ("#e3efec", "#b5d6d1", "#7fb5b2", "#43888a", "#0f4f54")


def units_choropleth(
    result: StatsResult, measure: Measure, class_code: str | None, unit: AreaUnit, units: Snapshot
) -> Choropleth:
    """Colour the units of a result.

    Args:
        result: The statistics.
        measure: What colours a unit.
        class_code: Only this class, or ``None`` for all together.
        unit: Unit of area.
        units: Snapshot of the units' outlines.
    """
    values = _values(result, measure, class_code, unit)
    shown = {
        code: _show(value, measure, unit) for code, value in values.items() if value is not None
    }
    return Choropleth(
        url=features_url(units, result.request.within),
        code_field="code",
        name_field=label_field(units, current_lang()),
        values=values,
        shown=shown,
        breaks=_breaks([value for value in values.values() if value is not None], measure),
        title=_title(measure, unit),
        no_data_label=say("coverage.no_data"),
    )


def _title(measure: Measure, unit: AreaUnit) -> str:
    title = say(f"statistics.measure_{measure}")
    if measure == "length":
        return f"{title} ({say('unit.km')})"
    return f"{title} ({say(f'unit.{unit}')})" if measure == "area" else title


def _values(
    result: StatsResult, measure: Measure, class_code: str | None, unit: AreaUnit
) -> dict[str, float | None]:
    values: dict[str, float | None] = {}
    unit_m2 = {total.unit_code: total.unit_m2 for total in result.units}
    for total in result.units:
        values[total.unit_code] = None if total.coverage == "no_data" else 0.0
    for row in result.rows:
        wanted = class_code is None or row.class_code == class_code
        if not wanted or values.get(row.unit_code) is None:
            continue
        add = {"count": float(row.count), "length": row.length_m}.get(measure, row.area_m2) or 0.0
        values[row.unit_code] = (values[row.unit_code] or 0.0) + add
    if measure == "count":
        return values
    return {
        code: None if value is None else _convert(value, unit_m2[code], measure, unit)
        for code, value in values.items()
    }


def _convert(amount: float, unit_m2: float, measure: Measure, unit: AreaUnit) -> float:
    if measure == "length":
        return float(to_kilometres(amount))
    if measure == "share":
        return float(round_half_up(100 * amount / unit_m2, 2)) if unit_m2 else 0.0
    return float(convert_area(amount, unit))


def _show(value: float, measure: Measure, unit: AreaUnit) -> str:
    if measure == "count":
        return f"{value:,.0f}"
    if measure == "length":
        return f"{value:,.3f} {say('unit.km')}"
    return f"{value:,.2f} %" if measure == "share" else f"{value:,.2f} {say(f'unit.{unit}')}"


def _breaks(values: list[float], measure: Measure) -> tuple[ValueClass, ...]:
    """Cut at quantiles, rounded to figures that can be read; equal ones fall together."""
    if not values or max(values) == min(values):
        return (
            ValueClass(None, say("map.above", low=f"{min(values, default=0):,.4g}"), _FILLS[2]),
        )
    limits = _limits(np.unique(values))
    fills = _pick_fills(len(limits) + 1)
    words = [
        f"{limit:,.0f}" if measure == "count" or limit >= 1 else f"{limit:g}" for limit in limits
    ]
    steps = []
    for index, fill in enumerate(fills):
        low, high = (
            (words[index - 1] if index else ""),
            (words[index] if index < len(words) else ""),
        )
        key = "between" if low and high else "below" if high else "above"
        upper = limits[index] if index < len(limits) else None
        steps.append(ValueClass(upper, say(f"map.{key}", low=low, high=high), fill))
    return tuple(steps)


def _limits(values: np.ndarray) -> list[float]:
    """Choose where steps begin, between the least and the largest of distinct values."""
    if len(values) <= _STEPS:
        cuts = (values[:-1] + values[1:]) / 2
    else:
        cuts = np.quantile(values, np.linspace(0, 1, _STEPS + 1)[1:-1])
    nice = {_round_nicely(cut) for cut in cuts}
    return sorted(cut for cut in nice if values[0] < cut < values[-1])


def _pick_fills(count: int) -> list[str]:
    rows = np.linspace(0, len(_FILLS) - 1, count).round().astype(int)
    return [_FILLS[row] for row in rows]


def _round_nicely(value: float) -> float:
    """Round to three significant digits."""
    if value <= 0:
        return 0.0
    digits = 2 - int(np.floor(np.log10(value)))
    return float(round(value, digits))
