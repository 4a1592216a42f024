"""Which tabs the planner's desk has: the key of the title and what draws it, one line each."""

from collections.abc import Callable
from typing import Final

from geoapp.bootstrap import Workspace
from geoapp.ui.planning.conflicts import draw_conflicts
from geoapp.ui.planning.contacts import draw_contacts
from geoapp.ui.planning.scenario import draw_scenario

TABS: Final[tuple[tuple[str, Callable[[Workspace], None]], ...]] = (
    ("planning.tab_conflicts", draw_conflicts),
    ("planning.tab_scenario", draw_scenario),
    ("planning.tab_contacts", draw_contacts),
)
