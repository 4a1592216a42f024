"""The figures of the overview page."""

from typing import Final

import streamlit as st

from geoapp.bootstrap import LayerState, Workspace
from geoapp.overlay.reported import Reconciliation
from geoapp.overlay.result import Level, StatsRow
from geoapp.reports.content import Cell, Column
from geoapp.ui.map_layers import basemap_offered
from geoapp.ui.session import choose_unit, current_lang, say
from geoapp.ui.table import show_rows
from geoapp.values import DECIMALS, AreaUnit, convert_area, round_half_up

_UNIT_LAYERS: Final = ("district", "township", "village")


def choose_view(workspace: Workspace) -> tuple[str, AreaUnit, str]:
    """Draw the choices: district (``""`` for the city), unit of area, basemap (``""``: none)."""
    lang = current_lang()
    districts = [name.code for name in workspace.unit_names if name.level == "district"]
    bases = {
        base.id: base for base in workspace.city.basemap if basemap_offered(workspace, base.id)
    }
    columns = st.columns(3 if bases else 2)
    with columns[0]:
        within = st.selectbox(
            say("overview.district_choice"),
            ["", *districts],
            format_func=lambda code: (
                workspace.name_unit(code, lang) if code else say("overview.whole_city")
            ),
            key="district",
            persist_state="session",
        )
    with columns[1]:
        unit = choose_unit()
    if not bases:
        return within, unit, ""
    with columns[2]:
        basemap = st.selectbox(
            say("overview.basemap"),
            ["", *bases],
            format_func=lambda name: (
                bases[name].title[lang] if name else say("overview.basemap_none")
            ),
            key="basemap",
            persist_state="session",
        )
    if basemap and bases[basemap].datum == "GCJ-02":
        st.warning(say("overview.basemap_shifted"))
    return within, unit, basemap


def draw_figures(
    workspace: Workspace, states: list[LayerState], within: str, unit: AreaUnit
) -> None:
    """Draw what each layer has in the city or in one district."""
    lang = current_lang()
    name = workspace.name_unit(within or workspace.city.code, lang)
    st.markdown(f"**{say('overview.figures')} · {name}**")
    rows, area_of_unit = [], 0.0
    for state in states:
        if state.snapshot is None:
            continue
        figures = _find_row(workspace, state, within)
        if figures is None:
            continue
        if state.definition.id == "district":
            area_of_unit = figures.area_m2 or 0.0
        rows.append(_figures_row(state, figures, unit, area_of_unit))
    area = say("table.area", unit=say(f"unit.{unit}"))
    show_rows(
        (
            Column("layer", say("statistics.layer"), "text"),
            Column("area", area, "number", DECIMALS[unit]),
            Column("share", say("overview.share"), "percent", 2),
            Column("count", say("table.count"), "integer"),
            Column("coverage", say("table.coverage"), "text"),
        ),
        rows,
    )
    dates = sorted({s.snapshot.manifest.as_of.isoformat() for s in states if s.snapshot})
    days = say("places.and").join(dates)
    st.caption(say("page.labelled", label=say("overview.as_of"), value=days))


def draw_reported(workspace: Workspace) -> None:
    """Draw the reported figures beside the computed ones, with their wording."""
    entries = workspace.reported()
    if not entries:
        return
    lang = current_lang()
    st.subheader(say("overview.reported"))
    columns = tuple(
        Column(key, say(f"overview.{key}"), "text")
        for key in (
            "reported_item",
            "reported_value",
            "computed_value",
            "gap",
            "coverage_note",
            "quote",
        )
    )
    rows = [
        (
            entry.figure.title[lang],
            _show_reported(entry),
            _show_computed(entry),
            _show_gap(entry),
            say(f"coverage.{entry.coverage}"),
            _show_quote(entry),
        )
        for entry in entries
    ]
    show_rows(columns, rows)


def _find_row(workspace: Workspace, state: LayerState, within: str) -> StatsRow | None:
    level: Level = "district" if within else "city"
    if workspace.store.find_current("district") is None:
        return None
    result = workspace.stats(state.definition.id, by=level)
    return next((row for row in result.rows if row.unit_code.startswith(within)), None)


def _figures_row(
    state: LayerState, row: StatsRow, unit: AreaUnit, area_of_unit: float
) -> tuple[Cell, ...]:
    drawn = state.definition.geometry == "polygon"
    known = row.area_m2 is not None
    part = state.definition.id not in _UNIT_LAYERS and area_of_unit > 0
    area: Cell = convert_area(row.area_m2 or 0.0, unit) if known else None
    share: Cell = (
        round_half_up(100 * (row.area_m2 or 0.0) / area_of_unit, 2) if known and part else None
    )
    return (
        state.definition.title[current_lang()],
        area if drawn else None,
        share if drawn else None,
        row.count if known or row.count else None,
        say(f"coverage.{row.coverage}"),
    )


def _show_reported(entry: Reconciliation) -> str:
    value = entry.figure.value
    return say("overview.no_target") if value is None else _show(value, entry)


def _show_computed(entry: Reconciliation) -> str:
    return say("overview.not_computed") if entry.computed is None else _show(entry.computed, entry)


def _show_gap(entry: Reconciliation) -> str:
    if entry.gap is None:
        return "–"
    return f"{'+' if entry.gap > 0 else ''}{_show(entry.gap, entry)}"


def _show(value: float, entry: Reconciliation) -> str:
    """Write without decimals: reports are rounded far above the square metre."""
    known = entry.figure.unit in {"m2", "m"}
    unit = f" {say(f'unit.{entry.figure.unit}')}" if known else ""
    return f"{round_half_up(value, 0):,}{unit}"


def _show_quote(entry: Reconciliation) -> str:
    figure = entry.figure
    doubt = f" · {say('overview.confidence_doubtful')}" if figure.confidence == "doubtful" else ""
    return f"{say('overview.quoted', line=figure.line, quote=figure.quote)}{doubt}"
