"""Boundaries under consideration."""

import streamlit as st

from geoapp.access.policy import require
from geoapp.bootstrap import Workspace
from geoapp.ui.session import say


def draw_scenario(workspace: Workspace) -> None:
    """Say how scenarios are kept until they can be drawn here."""
    require(workspace.principal, "view_scenarios")
    st.info(say("planning.scenario_how"))
