"""Which pages are for whom: what one must be allowed to do to find anything on a page.

Only the navigation and the door before it ask here; the services behind a page ask themselves.
"""

from collections.abc import Mapping
from typing import Final

from geoapp.access.policy import Action, Principal, decide

# By the name of the file below ``pages``; ``None``: everybody. A page without a row fails a test.
PAGE_ACTIONS: Final[Mapping[str, Action | None]] = {
    "overview": None,
    "statistics": None,
    "parcel_check": "check",
    "demolition": "view_cases",
    "data": "export",
    "places": None,
    "report": None,
    "planning": "view_planning",
    "administration": "administer",
}


def page_open(name: str, principal: Principal) -> bool:
    """Tell whether a page is for somebody; one that nobody has thought of is for administrators."""
    action = PAGE_ACTIONS.get(name, "administer")
    return action is None or decide(principal, action).allowed
