"""How far demolition is: the curve against what was reported, and tables that add up."""

from decimal import Decimal
from typing import TYPE_CHECKING, Final, Literal

import altair as alt
import pandas as pd
import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.cases.case import CaseFilter
from geoapp.cases.progress import CurvePoint, ReportedGap
from geoapp.reports.case_content import curve_table, figures_table, reported_table, torn_table
from geoapp.reports.content import Table, Wording
from geoapp.ui.case_files import offer_table
from geoapp.ui.plain import plain
from geoapp.ui.session import current_lang, say, wording
from geoapp.ui.table import draw_table
from geoapp.values import AreaUnit

if TYPE_CHECKING:
    from geoapp.cases.storage_figures import CaseGrouping

Grouping = Literal["district", "township", "month", "stage", "mode", "source", "office"]
_GROUPINGS: Final[tuple[Grouping, ...]] = (
    "district", "township", "month", "stage", "mode", "source", "office",
)  # fmt: skip


def draw_progress(workspace: Workspace, wanted: CaseFilter) -> None:
    """Draw figures of the cases that the filter leaves."""
    words = wording(workspace, AreaUnit.M2)
    curve = workspace.cases.progress.curve(wanted)
    gaps = workspace.cases.progress.reported()
    if gaps:
        _draw_reported(gaps)
        if wanted != CaseFilter():
            st.caption(say("case_page.reported_whole"))
        offer_table(
            lambda: reported_table(gaps, words, sample=workspace.city.sample),
            say("case_page.table_reported"),
        )
    if curve:
        _draw_curve(curve, gaps if wanted == CaseFilter() else ())
    by = st.segmented_control(
        say("case_page.group"),
        _GROUPINGS,
        default="district",
        format_func=lambda name: say(f"case_page.by_{name}"),
        required=True,
        key="case-group",
    )
    table = _tabulate(workspace, by, wanted, words)
    draw_table(table)
    lines = [
        say(
            "page.labelled",
            label=label,
            value=f"**{cell if isinstance(cell, str) else f'{cell:,}'}**",
        )
        for label, cell in table.closing
    ]
    st.markdown(f"{say('statistics.closing')}  \n" + "  \n".join(lines))
    offer_table(lambda: table, table.title)


def _tabulate(workspace: Workspace, by: Grouping, wanted: CaseFilter, words: Wording) -> Table:
    progress, sample = workspace.cases.progress, workspace.city.sample
    if by == "month":
        return curve_table(progress.curve(wanted), words, sample=sample)
    if by == "mode":
        return torn_table(by, progress.demolitions((by,), wanted), words, sample=sample)
    group: CaseGrouping = by
    return figures_table(by, progress.cases(group, wanted), words, sample=sample)


def _draw_reported(gaps: tuple[ReportedGap, ...]) -> None:
    """Draw reported figures beside computed ones, with the gap between them."""
    with st.container(horizontal=True, gap="small"):
        for one in gaps:
            unit = one.figure.unit
            reported = _amount(one.figure.value, unit)
            st.metric(
                one.figure.title[current_lang()],
                _amount(one.computed, unit),
                delta=say(
                    "case_page.against",
                    reported=reported,
                    gap=_amount(one.gap, unit, sign="+" if one.gap else ""),
                ),
                delta_color="off",
                delta_arrow="off",
                border=True,
                width="content",
            )
    quotes = {one.figure.quote: one.figure.line for one in gaps}
    for quote, line in quotes.items():
        st.caption(say("case_page.quote", quote=plain(quote), line=line))


def _amount(value: Decimal | float | None, unit: str, *, sign: str = "") -> str:
    """Write a number of things, or an area in square metres."""
    if value is None:
        return say("case_page.unknown")
    if unit == "m2":
        return f"{value:{sign},.2f} m²"
    whole = value == int(value)
    return f"{int(value):{sign},}" if whole else f"{value:{sign},}"


def _draw_curve(curve: tuple[CurvePoint, ...], gaps: tuple[ReportedGap, ...]) -> None:
    """Draw the running sums; a line shows what was reported."""
    left, right = st.columns(2)
    reported = {one.figure.measure: one.figure.value for one in gaps}
    for side, name, title in (
        (left, "households", say("case.households")),
        (right, "floor_area_m2", say("case_page.floor_m2")),
    ):
        frame = pd.DataFrame(
            {
                "month": [pd.Timestamp(point.month) for point in curve],
                "value": [float(getattr(point.cumulative, name)) for point in curve],
            }
        )
        chart = (
            alt.Chart(frame)
            .mark_area(line=True, opacity=0.25, interpolate="step-after", color="#1c7c74")
            .encode(
                x=alt.X("month:T", title=None, axis=alt.Axis(format="%Y-%m", labelOverlap=True)),
                y=alt.Y("value:Q", title=title, axis=alt.Axis(format="~s")),
                tooltip=[
                    alt.Tooltip("month:T", format="%Y-%m"),
                    alt.Tooltip("value:Q", format=",.2f"),
                ],
            )
            .properties(height=260)
        )
        value = reported.get(f"demolished_{name}")
        if value is not None:
            rule = alt.Chart(pd.DataFrame({"value": [value]})).mark_rule(
                strokeDash=[6, 4], color="#b3261e"
            )
            chart += rule.encode(y="value:Q", tooltip=[alt.Tooltip("value:Q", format=",.0f")])
        with side:
            st.markdown(f"**{say('case_page.curve', title=title)}**")
            st.altair_chart(chart, width="stretch")
