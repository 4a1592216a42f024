"""Entry of the web app, for ``geoapp serve`` and ``streamlit run streamlit_app.py`` alike."""

import streamlit as st

from geoapp.ui.place import MAIN
from geoapp.web.problems import HANDLERS
from geoapp.web.routes import build_routes

app = st.App(MAIN, routes=build_routes(), exception_handlers=HANDLERS)
