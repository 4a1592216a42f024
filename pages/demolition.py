"""Demolition: every case from first lead to closure, and the truth about progress."""

import streamlit as st

from geoapp.ui.case_page import draw_case
from geoapp.ui.case_register import draw_register
from geoapp.ui.case_state import asked_case, show_reply
from geoapp.ui.session import open_workspace, say

workspace = open_workspace()
st.subheader(say("case_page.title"))
show_reply()
if number := asked_case():
    draw_case(workspace, number)
else:
    draw_register(workspace)
