"""Area statistics: layer × unit × class, inside another layer or not, down to the village."""

import streamlit as st

from geoapp.ui.question import choose
from geoapp.ui.session import open_workspace, say
from geoapp.ui.statistics import (
    ask,
    draw_closing,
    draw_downloads,
    draw_path,
    draw_pictures,
    draw_summary,
    draw_text,
)
from geoapp.ui.table import draw_table

workspace = open_workspace()
st.subheader(say("statistics.title"))
question = choose(workspace)
draw_path(workspace, question)
if question is None:
    st.info(say("overview.empty"))
    st.stop()
answer = ask(workspace, question)
draw_summary(answer)
draw_pictures(workspace, answer)
draw_table(answer.table)
draw_closing(answer)
draw_downloads(answer)
draw_text(workspace, answer)
