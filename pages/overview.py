"""Overview: the city's layers on one map, with the official figures beside it."""

import streamlit as st

from geoapp.geometry.crs import central_meridian
from geoapp.ui.map import CityPlace, draw_city_map
from geoapp.ui.map_layers import find_basemap, map_layers
from geoapp.ui.map_words import SHEET_WORDS, WORDS
from geoapp.ui.overview import choose_view, draw_figures, draw_reported
from geoapp.ui.public_figures import draw_public_figures
from geoapp.ui.session import current_lang, open_workspace, say

workspace = open_workspace()
lang = current_lang()
states = workspace.layers()

st.subheader(say("overview.title"))
if not any(state.snapshot for state in states):
    st.info(say("overview.empty"))
    st.stop()

left, right = st.columns([12, 9], gap="medium")
with right:
    within, unit, basemap = choose_view(workspace)
    draw_figures(workspace, states, within, unit)
with left:
    box, zone = workspace.city.extent, workspace.city.zone
    draw_city_map(
        map_layers(workspace, states, lang),
        place=CityPlace((box.west, box.south, box.east, box.north), zone, central_meridian(zone)),
        words={key: say(f"map.{key}") for key in WORDS}
        | {f"sheet.{key}": say(f"sheet.{key}") for key in SHEET_WORDS},
        key="overview",
        height=660,
        lang=lang,
        unit=unit,
        link=st.query_params.get("map", ""),
        basemap=find_basemap(workspace, basemap, lang),
        sample=workspace.city.sample,
    )
if workspace.principal.role == "public":
    draw_public_figures(workspace, within)
draw_reported(workspace)
