"""Data: what is there of each layer, what comes in, which versions there were."""

import streamlit as st

from geoapp.ui.desk.layers import draw_layers
from geoapp.ui.session import open_workspace, say

workspace = open_workspace()
st.subheader(say("data.title"))
draw_layers(workspace)
