"""The planner's desk: conflicts, farmland ledger, scenarios, who answers."""

import streamlit as st

from geoapp.access.policy import require
from geoapp.ui.planning.tabs import TABS
from geoapp.ui.session import open_workspace, say

workspace = open_workspace()
require(workspace.principal, "check")  # the services ask again
st.subheader(say("nav.planning"))
tabs = st.tabs([say(key) for key, _ in TABS], key="planning-tab", on_change="rerun")
for tab, (_, draw) in zip(tabs, TABS, strict=True):
    if tab.open:
        with tab:
            draw(workspace)
