"""Parcel check: may something be built here? Verdict, reasons, ways out, documents."""

import streamlit as st

from geoapp.ui.check_batch import draw_batch
from geoapp.ui.check_history import draw_history
from geoapp.ui.check_page import choose_tab, draw_check
from geoapp.ui.check_verify import draw_verify
from geoapp.ui.session import open_workspace, say

workspace = open_workspace()
st.subheader(say("check_page.title"))
tab = choose_tab(workspace)
if tab == "check":
    draw_check(workspace)
elif tab == "batch":
    draw_batch(workspace)
elif tab == "history":
    draw_history(workspace)
else:
    draw_verify(workspace)
