"""Downloads of the demolition page."""

from collections.abc import Callable

import streamlit as st

from geoapp.reports.content import Table
from geoapp.reports.spreadsheet import to_xlsx
from geoapp.ui.session import current_lang, say

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def offer_table(make: Callable[[], Table], name: str) -> None:
    """Offer a table as a workbook; it is made when it is asked for."""
    lang = current_lang()
    st.download_button(
        say("case_page.download_xlsx", name=name),
        data=lambda: to_xlsx(make(), lang),
        file_name=f"{name}.xlsx",
        mime=_XLSX,
        icon=":material/download:",
        on_click="ignore",
        key=f"download-{name}",
    )
