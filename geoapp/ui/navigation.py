"""Which pages the navigation offers: those on which somebody may do something."""

from collections.abc import Sequence
from typing import Final

from streamlit.navigation.page import StreamlitPage

from geoapp.access.pages import PAGE_ACTIONS
from geoapp.access.policy import Principal, decide

_FIRST: Final = "overview"  # the default page has no path of its own


def open_pages(pages: Sequence[StreamlitPage], principal: Principal) -> list[StreamlitPage]:
    """Keep the pages that are open to somebody; the services behind them ask again."""
    return [page for page in pages if _is_open(page.url_path or _FIRST, principal)]


def _is_open(name: str, principal: Principal) -> bool:
    action = PAGE_ACTIONS[name]
    return action is None or decide(principal, action).allowed
