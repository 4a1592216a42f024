"""Which pages the navigation offers: those on which somebody may do something."""

from collections.abc import Sequence
from typing import Final

from streamlit.navigation.page import StreamlitPage

from geoapp.access.pages import page_open
from geoapp.access.policy import Principal

_FIRST: Final = "overview"  # the default page has no path of its own


def offer_pages(pages: Sequence[StreamlitPage], principal: Principal) -> list[StreamlitPage]:
    """Leave out of the navigation what is not for somebody.

    A page that is left out can still be asked for; it says itself what is refused.
    """
    for page in pages:
        closed = not page_open(page.url_path or _FIRST, principal)
        page._visibility = "hidden" if closed else "visible"  # noqa: SLF001  known too late
    return list(pages)
