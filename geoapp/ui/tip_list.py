"""The tips that wait for the office: photo, place, and what becomes of them."""

import shapely
import streamlit as st

from geoapp.bootstrap import Workspace
from geoapp.cases.tip import Tip
from geoapp.errors import InputError
from geoapp.ui.case_state import attempt
from geoapp.ui.check_map import draw_shape_map
from geoapp.ui.plain import plain
from geoapp.ui.session import current_lang, say

_MOST_OPEN = 30
_REACH_DEG = 0.002
_MARK_DEG = 0.00008


def draw_tips(workspace: Workspace) -> None:
    """Draw the tips that wait, oldest first.

    Raises:
        AccessError: The person may not judge tips.
    """
    tips = workspace.tips.select()
    st.markdown(f"**{say('tips.title')} · {len(tips)}**")
    if not tips:
        st.caption(say("tips.none"))
        return
    chosen = st.selectbox(
        say("tips.title"),
        tips[:_MOST_OPEN],
        format_func=lambda tip: _line(workspace, tip),
        index=None,
        label_visibility="collapsed",
        placeholder=say("places.choose_hint"),
        key="tip",
    )
    if chosen is not None:
        _draw_tip(workspace, chosen)


def _line(workspace: Workspace, tip: Tip) -> str:
    where = workspace.name_unit(tip.units.finest, current_lang())
    return say("tips.line", receipt=tip.receipt, where=where, at=tip.received_at[:16])


def _draw_tip(workspace: Workspace, tip: Tip) -> None:
    left, right = st.columns([3, 2], gap="medium")
    with left:
        west, south = tip.longitude - _REACH_DEG, tip.latitude - _REACH_DEG
        east, north = tip.longitude + _REACH_DEG, tip.latitude + _REACH_DEG
        view = {"bounds": (west, south, east, north), "key": tip.receipt}
        values = {
            "parcel": None,
            "shapes": [_mark(tip)],
            "legend": [],
            "view": view,
            "fresh": False,
        }
        key = f"tip-map-{tip.id}-{current_lang()}"
        reply = draw_shape_map(workspace, values, editable=True, key=key)
        if reply.drawn:
            st.session_state[f"tip-drawn-{tip.id}"] = reply.geometry
    with right:
        st.write(plain(tip.text))
        if tip.sha256:
            st.image(workspace.tips.picture(tip.id))
            st.download_button(
                say("tips.photo_original"),
                lambda: workspace.tips.photo(tip.id),
                file_name=f"{tip.receipt}.jpg",
            )
        else:
            st.caption(say("tips.photo_none"))
        st.text_area(say("tips.footprint"), key=f"tip-wkt-{tip.id}", height=80)
        st.button(say("tips.accept"), type="primary", on_click=_accept, args=(workspace, tip))
        st.text_input(say("tips.reason"), key=f"tip-reason-{tip.id}")
        st.button(say("tips.reject"), on_click=_reject, args=(workspace, tip))


def _mark(tip: Tip) -> dict[str, object]:
    style = {"color": "#b3261e", "weight": 3, "opacity": 1, "fillOpacity": 0.5}
    circle = shapely.Point(tip.longitude, tip.latitude).buffer(_MARK_DEG)
    ring = [list(position) for position in shapely.get_coordinates(circle).tolist()]
    return {"geometry": {"type": "Polygon", "coordinates": [ring]}, "style": style, "label": ""}


def _accept(workspace: Workspace, tip: Tip) -> None:
    def act() -> str:
        case = workspace.tips.accept(tip.id, _footprint(tip))
        st.session_state.pop("tip", None)
        return say("tips.accepted", case=case.case_no)

    attempt(act)


def _reject(workspace: Workspace, tip: Tip) -> None:
    def act() -> str:
        workspace.tips.reject(tip.id, st.session_state[f"tip-reason-{tip.id}"])
        st.session_state.pop("tip", None)
        return say("tips.rejected")

    attempt(act)


def _footprint(tip: Tip) -> shapely.Geometry:
    written = st.session_state[f"tip-wkt-{tip.id}"].strip()
    if written:
        try:
            geometry: shapely.Geometry = shapely.from_wkt(written)
        except shapely.GEOSException as error:
            raise InputError("case-wkt-wrong") from error
        return geometry
    drawn: shapely.Geometry | None = st.session_state.get(f"tip-drawn-{tip.id}")
    if drawn is None:
        raise InputError("case-no-footprint")
    return drawn
