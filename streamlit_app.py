"""Entry of the web app, for ``geoapp serve`` and ``streamlit run streamlit_app.py`` alike."""

import streamlit as st

from geoapp.ui.browser_wishes import take_only_wishes_of_visitors
from geoapp.ui.holdings import PageHoldings, name_files_by_whole_content
from geoapp.ui.inline import inline_scripts
from geoapp.ui.place import MAIN
from geoapp.web.guard.middleware import before_all
from geoapp.web.problems import HANDLERS
from geoapp.web.routes import build_routes

name_files_by_whole_content()
take_only_wishes_of_visitors()
app = st.App(
    MAIN,
    routes=build_routes(),
    middleware=before_all(PageHoldings(), inline_scripts()),
    exception_handlers=HANDLERS,
)
