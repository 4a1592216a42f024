"""From a figure of a report to what it counts: by unit, one by one, and on the map."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode

import shapely
import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.compliance.shape import to_geojson
from geoapp.planning.behind import Behind, Thing
from geoapp.planning.reconciling import ReconciledFigure, ReconciledReport
from geoapp.reports.behind_content import behind_statement, behind_table, behind_title
from geoapp.reports.content import Wording
from geoapp.reports.reconcile_content import parts_table, word_computed
from geoapp.ui.check_map import OUTLINES, draw_shape_map
from geoapp.ui.check_state import bounds_of
from geoapp.ui.planning.asking import draw_closed, draw_closing, offer_forms
from geoapp.ui.session import current_lang, say, wording
from geoapp.ui.table import Links, show_rows
from geoapp.values import AreaUnit

_FIGURE: Final = "figure"
_WITHIN: Final = "within"
_MOST_SHAPES: Final = 300
_ZOOM: Final = 16
_COARSE_DEG: Final = 0.00002  # of the drawing only
_COUNTED: Final = "#b3261e"
_LOST: Final = "#1f4fa3"


def draw_behind(workspace: Workspace, result: ReconciledReport) -> None:
    """Draw the choice of a figure and a unit, and what they count."""
    figures = {one.figure.id: one for one in result.figures() if one.value is not None}
    st.markdown(f"#### {say('behind.title')}")
    if not figures:
        st.caption(say("behind.none"))
        return
    st.caption(say("behind.hint"))
    words = wording(workspace, AreaUnit.M2)
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        chosen = _choose_figure(figures, words)
        within = _choose_unit(workspace, figures[chosen])
    found = workspace.behind(chosen, report=result.report.id, unit=within)
    st.markdown(behind_statement(found, words))
    if not within and found.figure.computed and found.figure.computed.parts:
        draw_closed(parts_table(found.figure, words, sample=found.sample))
    _draw_map(workspace, found)
    _draw_list(workspace, found, words)


def _choose_figure(figures: dict[str, ReconciledFigure], words: Wording) -> str:
    lang, names = current_lang(), list(figures)
    asked = st.query_params.get(_FIGURE, "")
    chosen: str = st.selectbox(
        say("behind.figure"),
        names,
        index=names.index(asked) if asked in figures else 0,
        format_func=lambda name: (
            f"{name} · {figures[name].figure.title[lang]} · {word_computed(figures[name], words)}"
        ),
        key="behind-figure",
        width=520,
    )
    if chosen != asked:
        st.query_params[_FIGURE] = chosen
        st.query_params.pop(_WITHIN, None)
    return chosen


def _choose_unit(workspace: Workspace, figure: ReconciledFigure) -> str:
    lang = current_lang()
    parts = figure.computed.parts if figure.computed else ()
    known = {unit.code for unit in workspace.unit_names if unit.level == "district"}
    codes = ["", *(part.unit_code for part in parts if part.unit_code in known)]
    asked = st.query_params.get(_WITHIN, "")
    chosen: str = st.selectbox(
        say("behind.unit"),
        codes,
        index=codes.index(asked) if asked in codes else 0,
        format_func=lambda code: (
            workspace.name_unit(code, lang) if code else say("case_page.whole_city")
        ),
        key=f"behind-unit-{figure.figure.id}",
        width=220,
    )
    if chosen != asked:
        if chosen:
            st.query_params[_WITHIN] = chosen
        else:
            st.query_params.pop(_WITHIN, None)
    return chosen


def _draw_list(workspace: Workspace, found: Behind, words: Wording) -> None:
    layer = found.listed.layer
    definition = workspace.library.require(layer) if layer else None
    table = behind_table(found, definition, words)
    links = [_link(one) for one in found.listed.things]
    st.markdown(f"**{behind_title(found, words)}**")
    show_rows(table.columns, table.rows, links=Links(say("behind.link"), say("behind.open"), links))
    draw_closing(table)
    for label, note in table.notes:
        st.caption(say("page.labelled", label=label, value=note))
    offer_forms(
        workspace,
        lambda form: workspace.write_behind(found, form, words),
        table.title,
        within=found.unit_code,
    )


def _link(one: Thing) -> str | None:
    """Lead to the case, or to the map around the thing."""
    lang = current_lang()
    if one.kind == "case":
        return f"/demolition?{urlencode({'case': one.number, 'lang': lang})}"
    place = one.place
    if place is None:
        return None
    return f"/?{urlencode({'map': f'1~v{_ZOOM}_{place[1]:.5f}_{place[0]:.5f}', 'lang': lang})}"


def _draw_map(workspace: Workspace, found: Behind) -> None:
    placed = [one for one in found.listed.things if one.shape is not None]
    without = len(found.listed.things) - len(placed)
    if without:
        st.caption(say("behind.without_shape", count=f"{without:,}"))
    if not placed:
        return
    if len(placed) > _MOST_SHAPES:
        st.caption(say("behind.map_most", most=_MOST_SHAPES))
    shown = placed[:_MOST_SHAPES]
    signed = any(one.kind == "ground" for one in shown)
    titles = {False: say("behind.legend_gain" if signed else "behind.legend")}
    if signed:
        titles[True] = say("behind.legend_loss")
    bounds = bounds_of([one.shape for one in shown if one.shape is not None])
    values = {
        "parcel": None,
        "shapes": _to_shapes(shown),
        "legend": [{"title": title, "style": _style(lost=lost)} for lost, title in titles.items()],
        "view": {"bounds": bounds, "key": f"{found.figure.figure.id} {found.unit_code}"},
        "fresh": False,
    }
    draw_shape_map(
        workspace, values, editable=False, key=f"behind-map-{current_lang()}", shown=OUTLINES
    )


def _to_shapes(things: Sequence[Thing]) -> list[dict[str, Any]]:
    return [
        {
            "geometry": to_geojson(shapely.simplify(one.shape, _COARSE_DEG)),
            "style": _style(lost=one.value < 0),
            "label": " ".join(filter(None, (one.number, one.name))),
        }
        for one in things
        if one.shape is not None
    ]


def _style(*, lost: bool) -> dict[str, Any]:
    colour = _LOST if lost else _COUNTED
    return {
        "opacity": 1,
        "color": colour,
        "weight": 1.5,
        "fillColor": colour,
        "fillOpacity": 0.4,
    }
