"""The planner's desk: one view a question, chosen by its address."""

from collections.abc import Callable, Mapping
from typing import Final

import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.ui.planning.conflict_view import draw_conflicts
from geoapp.ui.planning.contact_view import draw_contacts
from geoapp.ui.planning.cover_view import draw_cover
from geoapp.ui.planning.farmland_view import draw_farmland
from geoapp.ui.planning.ledger_view import (
    draw_plan_coverage,
    draw_report,
    draw_targets,
)
from geoapp.ui.planning.quality_view import draw_quality
from geoapp.ui.planning.scenario_view import draw_scenarios
from geoapp.ui.planning.terrain import draw_slope
from geoapp.ui.planning.tracker_view import draw_trackers
from geoapp.ui.planning.zonal_view import draw_zonal
from geoapp.ui.session import say

# A view more is a line more: its key is worded by ``planning_page.tab_…``.
VIEWS: Final[Mapping[str, Callable[[Workspace], None]]] = {
    "conflicts": draw_conflicts,
    "farmland": draw_farmland,
    "scenarios": draw_scenarios,
    "contacts": draw_contacts,
    "report": draw_report,
    "targets": draw_targets,
    "trackers": draw_trackers,
    "plans": draw_plan_coverage,
    "quality": draw_quality,
    "slope": draw_slope,
    "zonal": draw_zonal,
    "cover": draw_cover,
}
_VIEW: Final = "view"


def draw_desk(workspace: Workspace) -> None:
    """Draw the choice of a view, and the view."""
    asked = st.query_params.get(_VIEW, "")
    first = next(iter(VIEWS))
    chosen = st.segmented_control(
        say("planning_page.views"),
        list(VIEWS),
        default=asked if asked in VIEWS else first,
        format_func=lambda name: say(f"planning_page.tab_{name}"),
        label_visibility="collapsed",
        required=True,
        key="planning-view",
    )
    view = str(chosen or first)
    if st.query_params.get(_VIEW, first) != view:
        st.query_params[_VIEW] = view
    VIEWS[view](workspace)
