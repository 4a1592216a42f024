"""Bar charts of statistics."""

from typing import Any, Final

import altair as alt
import pandas as pd
import streamlit as st

from geoapp.catalog.definition import LayerDefinition
from geoapp.overlay.result import StatsResult, StatsRow
from geoapp.ui.session import current_lang, say
from geoapp.values import AreaUnit, convert_area, to_kilometres

_MOST_BARS: Final = 20
_BAR_HEIGHT_PX: Final = 26
_PLAIN_FILL: Final = "#43888a"


def draw_class_chart(result: StatsResult, definition: LayerDefinition, unit: AreaUnit) -> None:
    """Draw the whole by class, in the colours of the legend."""
    rule = definition.find_field(result.request.class_field)
    values = {v.code: v for v in definition.classes.get(rule.classes if rule else "", ())}
    lang = current_lang()
    rows = []
    for row in result.totals:
        known = values.get(row.class_code or "")
        rows.append(
            {
                "name": known.title[lang] if known else (row.class_code or say("table.no_class")),
                "value": _figure(row, definition, unit),
                "fill": known.fill if known else _PLAIN_FILL,
            }
        )
    _draw(rows, definition, unit)


def draw_unit_chart(
    result: StatsResult, definition: LayerDefinition, unit: AreaUnit, names: dict[str, str]
) -> None:
    """Draw the largest units."""
    sums: dict[str, float] = {}
    for row in result.rows:
        if row.area_m2 is not None:
            value = _figure(row, definition, unit)
            sums[row.unit_code] = sums.get(row.unit_code, 0.0) + value
    rows = [
        {"name": names[code], "value": value, "fill": _PLAIN_FILL} for code, value in sums.items()
    ]
    _draw(rows, definition, unit)


def _charted(definition: LayerDefinition) -> str:
    """Name what bars stand for: points are only counted."""
    counted = definition.geometry == "point" or definition.statistics.measure == "count"
    return "count" if counted else definition.statistics.measure


def _figure(row: StatsRow, definition: LayerDefinition, unit: AreaUnit) -> float:
    charted = _charted(definition)
    if charted == "count":
        return float(row.count)
    if charted == "length":
        return float(to_kilometres(row.length_m or 0.0))
    return float(convert_area(row.area_m2 or 0.0, unit))


def _draw(rows: list[dict[str, Any]], definition: LayerDefinition, unit: AreaUnit) -> None:
    frame = pd.DataFrame(rows, columns=["name", "value", "fill"])
    frame = frame.sort_values("value", ascending=False).head(_MOST_BARS)
    titles = {
        "count": say("table.count"),
        "length": say("table.length", unit=say("unit.km")),
        "area": say("table.area", unit=say(f"unit.{unit}")),
    }
    title = titles[_charted(definition)]
    chart = (
        alt.Chart(frame)
        .mark_bar()
        .encode(
            x=alt.X("value:Q", title=title, axis=alt.Axis(format=",.0f", tickCount=4)),
            y=alt.Y(
                "name:N", title=None, sort=None, axis=alt.Axis(labelLimit=180, labelOverlap=False)
            ),
            color=alt.Color("fill:N", scale=None),
            tooltip=[
                alt.Tooltip("name:N", title=say("table.unit_name")),
                alt.Tooltip("value:Q", title=title, format=",.2f"),
            ],
        )
        .properties(height=alt.Step(_BAR_HEIGHT_PX))
    )
    st.altair_chart(chart, width="stretch")
    if len(rows) > _MOST_BARS:
        st.caption(say("statistics.truncated", count=_MOST_BARS))
