"""The register as a whole: one filter bar, and the views that obey it."""

from geoapp.bootstrap import Workspace
from geoapp.ui.case_filter import choose_filter
from geoapp.ui.case_list import draw_list
from geoapp.ui.case_map import draw_case_map
from geoapp.ui.case_new import draw_new
from geoapp.ui.case_patches import draw_patches
from geoapp.ui.case_progress import draw_progress
from geoapp.ui.case_state import choose_tab
from geoapp.ui.case_statement import draw_statement
from geoapp.ui.case_visits import draw_visits


def draw_register(workspace: Workspace) -> None:
    """Draw the view that was chosen.

    Raises:
        AccessError: The person may not see cases.
    """
    workspace.cases.office.require("view_cases")
    tab = choose_tab()
    if tab == "patches":
        draw_patches(workspace)
    elif tab == "statement":
        draw_statement(workspace)
    elif tab == "new":
        draw_new(workspace)
    else:
        wanted = choose_filter(workspace)
        if tab == "list":
            draw_list(workspace, wanted)
        elif tab == "map":
            draw_case_map(workspace, wanted)
        elif tab == "progress":
            draw_progress(workspace, wanted)
        else:
            draw_visits(workspace, wanted)
