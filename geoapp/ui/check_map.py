"""The map of the check page: every layer, a parcel to draw, and what was found of it."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import shapely
import streamlit as st
from streamlit_folium import st_folium

from geoapp.bootstrap import Workspace
from geoapp.compliance.finding import Verdict
from geoapp.compliance.result import CheckResult, ParcelResult
from geoapp.compliance.shape import to_geojson
from geoapp.geometry.crs import central_meridian
from geoapp.i18n import Lang
from geoapp.ui.assets.elements import CITY_SCRIPTS, SHARED_SCRIPTS, Call, LeanMap, Values
from geoapp.ui.check_state import Held, bounds_of
from geoapp.ui.map import CityPlace
from geoapp.ui.map_layers import map_layers
from geoapp.ui.map_words import DRAW_WORDS, LIVE_WORDS, SHEET_WORDS, WORDS
from geoapp.ui.session import current_lang, say
from geoapp.values import AreaUnit

CHECK_SCRIPTS: Final = ("handles", "draw", "checkmap")
LIVE_SCRIPTS: Final = ("whatif",)
HEIGHT_PX: Final = 560
OUTLINES: Final = ("district", "township")  # a ground that hides no answer drawn over it
# Told apart by lightness and by the words beside them, not by hue alone.
COLOURS: Final[Mapping[Verdict, str]] = {
    "prohibited": "#b3261e",
    "restricted": "#c77700",
    "to_verify": "#6a5acd",
    "no_conflict_found": "#1c7c74",
}
# Until a map has told anything, a drawing that a reload took from the page may come back.
_TOLD: Final = "{key} told"
_REST: Final = {
    "opacity": 1,
    "color": "#1a7f37",
    "weight": 1.5,
    "fillColor": "#1a7f37",
    "fillOpacity": 0.28,
}
_SHIFT: Final = {
    "opacity": 1,
    "color": "#1f4fa3",
    "weight": 2,
    "dashArray": "6 4",
    "fillColor": "#1f4fa3",
    "fillOpacity": 0.04,
}


@dataclass(frozen=True, slots=True)
class MapReply:
    """What the reader did on the map, once.

    Attributes:
        drawn: Whether a drawing was finished, changed or cleared.
        geometry: The drawing; ``None`` when it was cleared.
        replaces: Of a drawing that a reload brought back, what it was held against; unread.
        pick: Layer, row and snapshot of a feature that is to be checked.
    """

    drawn: bool = False
    geometry: shapely.Geometry | None = None
    replaces: object = None
    pick: Mapping[str, str] | None = None


def draw_check_map(
    workspace: Workspace,
    held: Held | None,
    result: CheckResult | None,
    *,
    only_problems: bool = False,
    editable: bool = True,
    key: str,
) -> MapReply:
    """Draw the map; what changes on it leaves it alive.

    Args:
        workspace: The city.
        held: The parcel that is drawn and can be edited.
        result: What was found; many parcels are shown in the colours of their verdicts.
        only_problems: Of many, leave out those without a conflict.
        editable: Whether the tools for drawing are there.
        key: Names the map in this browser session.
    """
    lang = current_lang()
    shapes, legend = _shapes(held, result, lang, only_problems=only_problems)
    values = {
        "parcel": held.to_map() if held else None,
        "shapes": shapes,
        "legend": legend,
        "view": _view(held, result),
        "fresh": held is None and _TOLD.format(key=key) not in st.session_state,
    }
    return draw_shape_map(workspace, values, editable=editable, key=key)


def draw_shape_map(
    workspace: Workspace,
    values: Mapping[str, Any],
    *,
    editable: bool,
    key: str,
    live: AreaUnit | None = None,
    shown: Collection[str] | None = None,
) -> MapReply:
    """Draw every layer and some shapes over them.

    Args:
        workspace: The city.
        values: ``parcel`` that can be edited, ``shapes`` with their ``legend``, ``view``, and
            whether this is a ``fresh`` map that may bring back a drawing.
        editable: Whether the tools for drawing are there.
        key: Names the map in this browser session.
        live: What a drawing holds is told while it is drawn, areas in this unit.
        shown: Layers that are switched on at first; ``None``: those whose definition says so.
    """
    lang = current_lang()
    box, zone = workspace.city.extent, workspace.city.zone
    extent = (box.west, box.south, box.east, box.north)
    place = CityPlace(extent, zone, central_meridian(zone))
    layers = map_layers(workspace, workspace.layers(), lang)
    if shown is not None:
        layers = tuple(replace(layer, visible=layer.id in shown) for layer in layers)
    scripts = SHARED_SCRIPTS + CITY_SCRIPTS + CHECK_SCRIPTS + (LIVE_SCRIPTS if live else ())
    clusters = any(layer.kind == "cluster" for layer in layers)
    check_map = LeanMap(extent, scripts=scripts, clusters=clusters)
    settings = {
        "extent": extent,
        "words": {name: say(f"map.{name}") for name in WORDS},
        "key": key,
        "sample": workspace.city.sample,
        "layers": [asdict(layer) for layer in layers],
        "basemap": None,
        "gauss": {"zone": place.zone, "meridian": place.meridian},
        "lang": lang,
        "link": "",
        "sheet": {name: say(f"sheet.{name}") for name in SHEET_WORDS},
        "draw": {name: say(f"check_page.{name}") for name in DRAW_WORDS}
        | {name: say(f"scenario.{name}") for name in LIVE_WORDS},
        "editable": editable,
        "live": bool(live),
        "tiled": True,
    }
    check_map.add_child(Call("checkMap", settings))
    reply = st_folium(
        check_map,
        key=key,
        height=HEIGHT_PX,
        use_container_width=True,
        returned_objects=[],
        feature_group_to_add=Values("checkValues", {**values, "unit": live or AreaUnit.M2}),
    )
    return _read_reply(reply, key)


def _shapes(
    held: Held | None, result: CheckResult | None, lang: Lang, *, only_problems: bool
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Give what lies over the layers, and the legend that says what it is."""
    if result is None:
        return [], []
    if held is None:
        return _batch_shapes(result, lang, only_problems=only_problems)
    parcel = result.parcels[0]
    remedy = parcel.remedy
    found = [(parcel.geometry, _style(parcel.verdict, 0.14), say("check_page.legend_parcel"))]
    if remedy is not None and remedy.rest is not None:
        found.append((remedy.rest, _REST, say("check_sheet.rest_legend")))
    if remedy is not None and remedy.shift is not None:
        found.append((remedy.shift.geometry, _SHIFT, say("check_sheet.shift_legend")))
    shapes = [{"geometry": to_geojson(g), "style": s, "label": ""} for g, s, _ in found]
    return shapes, [{"title": title, "style": style} for _, style, title in found]


def _batch_shapes(
    result: CheckResult, lang: Lang, *, only_problems: bool
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    shown = [
        parcel
        for parcel in result.parcels
        if not only_problems or parcel.verdict != "no_conflict_found"
    ]
    shapes = [
        {
            "geometry": to_geojson(parcel.geometry),
            "style": _style(parcel.verdict, 0.35),
            "label": _label(parcel, lang),
        }
        for parcel in shown
    ]
    present = {parcel.verdict for parcel in shown}
    legend = [
        {"title": say(f"check_sheet.short_{verdict}"), "style": _style(verdict, 0.35)}
        for verdict in COLOURS
        if verdict in present
    ]
    return shapes, legend


def _style(verdict: Verdict, opacity: float) -> dict[str, Any]:
    colour = COLOURS[verdict]
    return {
        "opacity": 1,
        "color": colour,
        "weight": 2,
        "fillColor": colour,
        "fillOpacity": opacity,
    }


def _label(parcel: ParcelResult, lang: Lang) -> str:
    del lang  # the words of the session are in its language
    names = dict.fromkeys(part for part in (parcel.id, parcel.name) if part)
    return f"{' '.join(names)} · {say(f'check_sheet.short_{parcel.verdict}')}"


def _view(held: Held | None, result: CheckResult | None) -> dict[str, Any] | None:
    """Say what the map shows the whole of, once for each key."""
    if held is not None:
        return {"bounds": bounds_of([held.geometry]), "key": held.bring} if held.bring else None
    if result is None or not result.parcels:
        return None
    bounds = bounds_of([parcel.geometry for parcel in result.parcels])
    return {"bounds": bounds, "key": "batch " + " ".join(map(str, bounds))}


def _read_reply(reply: Mapping[str, Any] | None, key: str) -> MapReply:
    """Read what the browser reports, unless it was read on an earlier run."""
    value, slot = reply or {}, f"{key} last reply"
    time = value.get("time")
    if time is None or st.session_state.get(slot) == time:
        return MapReply()
    st.session_state[slot] = time
    st.session_state[_TOLD.format(key=key)] = True
    if (pick := value.get("pick")) is not None:
        return MapReply(pick={name: str(pick.get(name) or "") for name in ("layer", "row", "v")})
    drawing = value.get("drawing")
    if drawing is None:
        return MapReply()
    geometry = _read_geometry(drawing.get("geometry"))
    return MapReply(drawn=True, geometry=geometry, replaces=drawing.get("replaces"))


def _read_geometry(geometry: Any) -> shapely.Geometry | None:
    """Read a drawing; one that makes no sense counts as none: the browser is not trusted."""
    if not isinstance(geometry, Mapping):
        return None
    try:
        return shapely.geometry.shape(dict(geometry))
    except (AttributeError, KeyError, TypeError, ValueError, shapely.GEOSException):
        return None
