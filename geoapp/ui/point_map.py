"""A map on which one point is chosen."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

import streamlit as st
from streamlit_folium import st_folium

from geoapp.bootstrap import Workspace
from geoapp.geometry.crs import central_meridian
from geoapp.ui.assets.elements import CITY_SCRIPTS, SHARED_SCRIPTS, Call, LeanMap, Values
from geoapp.ui.map_layers import map_layers
from geoapp.ui.map_words import SHEET_WORDS, WORDS
from geoapp.ui.session import current_lang, say

Point = tuple[float, float]  # longitude, latitude
HEIGHT_PX: Final = 420


def draw_point_map(workspace: Workspace, chosen: Point | None, *, key: str) -> Point | None:
    """Draw the map.

    Args:
        workspace: The city.
        chosen: The point that is marked.
        key: Names the map in this browser session.

    Returns:
        The point that was chosen on the map, once.
    """
    lang = current_lang()
    box, zone = workspace.city.extent, workspace.city.zone
    extent = (box.west, box.south, box.east, box.north)
    layers = map_layers(workspace, workspace.layers(), lang)
    scripts = (*SHARED_SCRIPTS, *CITY_SCRIPTS, "pointmap")
    clusters = any(layer.kind == "cluster" for layer in layers)
    point_map = LeanMap(extent, scripts=scripts, clusters=clusters)
    settings = {
        "extent": extent,
        "words": {name: say(f"map.{name}") for name in WORDS},
        "key": key,
        "sample": workspace.city.sample,
        "layers": [asdict(layer) for layer in layers],
        "basemap": None,
        "gauss": {"zone": zone, "meridian": central_meridian(zone)},
        "lang": lang,
        "link": "",
        "sheet": {name: say(f"sheet.{name}") for name in SHEET_WORDS},
        "point": {name: say(f"report.{name}") for name in ("my_place", "place_failed")},
        "asks": False,
        "tiled": True,
    }
    point_map.add_child(Call("pointMap", settings))
    reply = st_folium(
        point_map,
        key=key,
        height=HEIGHT_PX,
        use_container_width=True,
        returned_objects=[],
        feature_group_to_add=Values("pointValues", {"point": chosen}),
    )
    return _read_point(reply, key)


def _read_point(reply: Mapping[str, Any] | None, key: str) -> Point | None:
    """Read what the browser reports, unless it was read on an earlier run."""
    value, slot = reply or {}, f"{key} last point"
    time = value.get("time")
    if time is None or st.session_state.get(slot) == time:
        return None
    st.session_state[slot] = time
    point = value.get("point")
    try:
        return (float(point["lon"]), float(point["lat"])) if point else None
    except (KeyError, TypeError, ValueError):
        return None  # the browser is not trusted
