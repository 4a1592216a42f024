"""The figures of layers whose shapes the public does not get."""

import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.publishing.wording import word_figure
from geoapp.reports.content import Column
from geoapp.ui.session import current_lang, say
from geoapp.ui.table import show_rows


def draw_public_figures(workspace: Workspace, within: str) -> None:
    """Draw them for the city or one district, with what the public form is worth."""
    lang = current_lang()
    unit = within or workspace.city.code
    tables = workspace.public_figures()
    st.caption(say("public.coarse"))
    if not tables:
        return
    st.markdown(f"**{say('public.figures')} · {workspace.name_unit(unit, lang)}**")
    rows = []
    for table in tables:
        figure = table.find(unit)
        if figure is None:
            continue
        count, area = word_figure(figure, lang)
        counted = figure.area_m2 is None and figure.count is not None
        title = workspace.library.require(table.layer).title[lang]
        rows.append((title, "–" if counted else area, count or "–", table.as_of.isoformat()))
    columns = (
        Column("layer", say("statistics.layer"), "text"),
        Column("area", say("public.area"), "text"),
        Column("count", say("public.count"), "text"),
        Column("as_of", say("public.as_of"), "text"),
    )
    show_rows(columns, rows)
    st.caption(say("public.figures_how", least=max(table.least for table in tables)))
