"""The script that Streamlit runs on every interaction: frame, gate and navigation."""

import streamlit as st

from geoapp.catalog.moment import one_moment
from geoapp.errors import GeoAppError
from geoapp.i18n import word_error
from geoapp.ui.account import draw_session_over
from geoapp.ui.assets import ASSETS
from geoapp.ui.frame import draw_header, worded_errors
from geoapp.ui.navigation import offer_pages
from geoapp.ui.offline import FIELD_WORDS, make_folium_offline, page_style
from geoapp.ui.place import PAGES
from geoapp.ui.session import current_lang, open_workspace, say
from geoapp.ui.turn import taking_turns

st.set_page_config(
    page_title=say("app.name"),
    page_icon=str(ASSETS / "app" / "icon.png"),
    layout="wide",
    initial_sidebar_state="auto",
)
make_folium_offline()
english = current_lang() == "en"  # Streamlit's own words are
st.html(page_style(None if english else {name: say(f"field.{name}") for name in FIELD_WORDS}))
pages = [
    st.Page(PAGES / "overview.py", title=say("nav.overview"), icon=":material/map:", default=True),
    st.Page(PAGES / "statistics.py", title=say("nav.statistics"), icon=":material/table_chart:"),
    st.Page(PAGES / "parcel_check.py", title=say("nav.parcel_check"), icon=":material/rule:"),
    st.Page(PAGES / "demolition.py", title=say("nav.demolition"), icon=":material/front_loader:"),
    st.Page(PAGES / "planning.py", title=say("nav.planning"), icon=":material/architecture:"),
    st.Page(PAGES / "data.py", title=say("nav.data"), icon=":material/database:"),
    st.Page(PAGES / "places.py", title=say("nav.places"), icon=":material/cottage:"),
    st.Page(PAGES / "report.py", title=say("nav.report"), icon=":material/campaign:"),
    st.Page(
        PAGES / "administration.py",
        title=say("nav.administration"),
        icon=":material/admin_panel_settings:",
    ),
]
try:
    workspace = open_workspace()
except GeoAppError as error:
    st.navigation(pages, position="hidden")
    draw_header(None)
    if error.code == "session-over":
        draw_session_over()
    else:
        st.error(word_error(error, current_lang()))
    st.stop()
page = st.navigation(offer_pages(pages, workspace.principal), position="top")
draw_header(workspace)
with worded_errors(workspace), taking_turns(), one_moment():
    page.run()
