"""Administration: who may see what, what was done, how the city is doing, what is kept."""

import streamlit as st

from geoapp.access.policy import require
from geoapp.ui.administration.access import draw_access
from geoapp.ui.administration.accounts import draw_accounts
from geoapp.ui.administration.audit import draw_audit
from geoapp.ui.administration.backup import draw_backup
from geoapp.ui.administration.health import draw_health
from geoapp.ui.session import open_workspace, say

workspace = open_workspace()
require(workspace.principal, "administer")  # the services ask again
st.subheader(say("admin.title"))
parts = {
    "admin.tab_health": draw_health,
    "admin.tab_audit": draw_audit,
    "admin.tab_backup": draw_backup,
    "admin.tab_accounts": draw_accounts,
    "admin.tab_access": draw_access,
}
tabs = st.tabs([say(key) for key in parts], key="admin-tab", on_change="rerun")
for tab, draw in zip(tabs, parts.values(), strict=True):
    if tab.open:
        with tab:
            draw(workspace)
