"""Planner's desk: where lines conflict, how cultivated land moves, who answers."""

import streamlit as st

from geoapp.ui.planning.desk import draw_desk
from geoapp.ui.session import open_workspace, say

workspace = open_workspace()
st.subheader(say("nav.planning"))
draw_desk(workspace)
