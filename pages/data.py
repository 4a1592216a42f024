"""Data: what is there of each layer, what comes in, which versions there were."""

import streamlit as st

from geoapp.access.policy import decide
from geoapp.ui.desk.incoming import draw_import
from geoapp.ui.desk.layers import draw_layers
from geoapp.ui.desk.versions import draw_versions
from geoapp.ui.session import open_workspace, say

workspace = open_workspace()
st.subheader(say("data.title"))
parts = {"data.tab_layers": draw_layers}
if decide(workspace.principal, "publish").allowed:  # the services ask again
    parts["data.tab_import"] = draw_import
if decide(workspace.principal, "export").allowed:  # what differs is exact geometry too
    parts["data.tab_versions"] = draw_versions
tabs = st.tabs([say(key) for key in parts], key="data-tab", on_change="rerun")
for tab, draw in zip(tabs, parts.values(), strict=True):
    if tab.open:
        with tab:
            draw(workspace)
