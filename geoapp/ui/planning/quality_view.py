"""How well layers are known, and what an inspection finds in them."""

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd
import shapely
import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.compliance.shape import to_geojson
from geoapp.planning.inspection_result import KINDS, Inspection
from geoapp.reports.content import Table, Wording
from geoapp.reports.inspection_content import (
    finding_table,
    inspection_statements,
    inspection_table,
    word_finding,
)
from geoapp.reports.quality_content import quality_table
from geoapp.ui.check_map import OUTLINES, draw_shape_map
from geoapp.ui.check_state import bounds_of
from geoapp.ui.planning.asking import choose_level, choose_within, draw_closed, offer_forms
from geoapp.ui.planning.ledger_view import make_readable
from geoapp.ui.planning.list_files import offer_tables
from geoapp.ui.session import current_lang, say, wording
from geoapp.ui.table import draw_table
from geoapp.ui.waiting import shown_progress
from geoapp.values import AreaUnit

_MOST_SHAPES: Final = 300
_COLOUR: Final = "#b3261e"


def draw_quality(workspace: Workspace) -> None:
    """Draw every layer in every unit at a glance; those that are chosen are inspected."""
    lang, words = current_lang(), wording(workspace, AreaUnit.M2)
    offered = {definition.id: definition.title[lang] for definition in workspace.inspectable()}
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        chosen = st.multiselect(
            say("inspection.layers"),
            list(offered),
            format_func=lambda name: offered[name],
            placeholder=say("quality.choose"),
            key="quality-layers",
            width=420,
        )
        level = choose_level("quality")
        within = choose_within(workspace, "quality")
        st.button(say("quality.all"), on_click=_choose_all, args=(list(offered),))
    results: list[Inspection] = []
    if chosen:
        with (
            st.spinner(say("planning_page.measuring")),
            shown_progress() as progress,
        ):
            results = workspace.inspect_layers(chosen, by=level, within=within, progress=progress)
    table = quality_table(workspace.quality(), results, words, within=within)
    draw_closed(make_readable(table))
    tables = [table]
    if results:
        for line in inspection_statements(results, words):
            st.markdown(line)
        tables += _draw_findings(workspace, results, words)
    for label, note in table.notes[:2]:
        st.caption(say("page.labelled", label=label, value=note))
    if results:
        st.markdown(f"**{say('quality.as_shown')}**")
    offer_tables(workspace, tables, table.title)
    if results:
        st.markdown(f"**{say('quality.whole')}**")
        title = inspection_table(results, words).title
        offer_forms(
            workspace,
            lambda form: workspace.write_inspections(results, form, words),
            title,
            within=within,
        )


def _choose_all(layers: Sequence[str]) -> None:
    st.session_state["quality-layers"] = list(layers)


def _draw_findings(
    workspace: Workspace, results: Sequence[Inspection], words: Wording
) -> list[Table]:
    """Draw findings on the map and one by one, those of one kind or all."""
    found = [kind for kind in KINDS if any(one.counts[kind] for one in results)]
    if not found:
        return []
    kind = st.selectbox(
        say("inspection.choose_kind"),
        ["", *found],
        format_func=lambda name: say(f"inspection.kind_{name}" if name else "inspection.all_kinds"),
        key="quality-kind",
        width=240,
    )
    _draw_map(workspace, results, kind, words)
    listed = finding_table(results, words, kind)
    draw_table(make_readable(listed))
    return [listed]


def _draw_map(
    workspace: Workspace, results: Sequence[Inspection], kind: str, words: Wording
) -> None:
    """Draw findings over the layers; of very many the largest, and say so."""
    listed = pd.concat([one.findings for one in results], ignore_index=True)
    listed = listed[listed.geometry.notna()]
    if kind:
        listed = listed[listed["kind"] == kind]
    if listed.empty:
        return
    total = len(listed)
    listed = listed.sort_values("area_m2", ascending=False, kind="stable").head(_MOST_SHAPES)
    if total > _MOST_SHAPES:
        st.info(say("planning_page.largest", shown=_MOST_SHAPES, total=f"{total:,}"))
    style = {
        "opacity": 1,
        "color": _COLOUR,
        "weight": 3,
        "fillColor": _COLOUR,
        "fillOpacity": 0.45,
    }
    shapes: list[dict[str, Any]] = [
        {
            "geometry": to_geojson(row.geometry),
            "style": style,
            "label": f"{say(f'inspection.kind_{row.kind}')} · {row.feature} · "
            f"{word_finding(row, words)}",
        }
        for row in listed.itertuples(index=False)
    ]
    bounds = bounds_of([shapely.box(*listed.total_bounds)])
    values = {
        "parcel": None,
        "shapes": shapes,
        "legend": [{"title": say("quality.findings"), "style": style}],
        "view": {"bounds": bounds, "key": " ".join(f"{value:.4f}" for value in bounds)},
        "fresh": False,
    }
    draw_shape_map(
        workspace,
        values,
        editable=False,
        key=f"quality-map-{current_lang()}",
        shown=(*OUTLINES, *(one.layer for one in results)),
    )
