"""The two maps of the product: the layer map and the choropleth.

Python says *what* is on the map; ``assets/app/*.js`` draws it. Geometry never passes through
the page: the browser fetches each layer from its ``url`` when the layer is first shown.

Why not Folium's own layers: they put the data into the page, and streamlit-folium rebuilds
the whole map when any of it changes. Here the script of a map changes only with its layers,
and what does change while a page is used (the values of a choropleth) goes through
``feature_group_to_add``, which leaves the map alive.
"""

import dataclasses
import math
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

import streamlit as st
from streamlit_folium import st_folium

from geoapp.i18n import Lang
from geoapp.ui.assets.elements import (
    CHOROPLETH_SCRIPTS,
    CITY_SCRIPTS,
    SHARED_SCRIPTS,
    Call,
    LeanMap,
    Values,
)
from geoapp.ui.map_words import CHOROPLETH_WORDS, SHEET_WORDS, WORDS
from geoapp.values import AreaUnit

Extent = tuple[float, float, float, float]  # west, south, east, north in degrees

_LONGEST_LINK: Final = 4000


@dataclass(frozen=True, slots=True)
class MapClass:
    """One class of a layer's legend.

    Attributes:
        code: Value of the layer's ``class_field``.
        title: Text in the legend.
        fill: Colour, ``#rrggbb``.
    """

    code: str
    title: str
    fill: str


@dataclass(frozen=True, slots=True)
class MapSnapshot:
    """One date of a layer, for comparing.

    Attributes:
        name: Of the snapshot.
        date: As it is shown.
    """

    name: str
    date: str


@dataclass(frozen=True, slots=True)
class TooltipField:
    """One line of the box that tells about a feature. Empty values are left out.

    Attributes:
        field: Property of the feature.
        label: Text before the value.
        codes: Code in the data -> text to show.
        unit: Text after the value.
        decimals: Number of decimals; ``None`` shows the value as it is.
    """

    field: str
    label: str
    codes: Mapping[str, str] = dataclasses.field(default_factory=dict)
    unit: str = ""
    decimals: int | None = None


@dataclass(frozen=True, slots=True)
class MapLayer:
    """One layer of the city map.

    Attributes:
        kind: ``area`` filled polygons, ``outline`` their borders only, ``line`` lines in the
            colour of the fill, ``picture`` areas that are a picture of their classes while
            zoomed out, ``cluster`` points gathered into counts while zoomed out.
        url: GeoJSON (CGCS2000 degrees), also a ``data_url``; ``""`` when only tiles draw it.
        fill: Colour ``#rrggbb``; of a class that is not in ``classes``, too.
        stroke: Colour of the outline.
        weight: Width of the outline in pixels.
        opacity: Of the fill or the picture, 0 to 1.
        dash: Dashes of the outline in pixels, for example ``"6 4"``.
        pattern: ``hatch`` or ``dots`` over the fill, for readers who cannot tell the colours.
        class_source: Property that holds the stored code of a feature's class.
        class_of: Stored code and the code in ``classes`` that it counts to, where they differ.
        tooltip: What the box beside the pointer tells.
        label_field: Property that is written on the map where there is room for it.
        tiled: Whether ``/tiles/{id}.json`` describes tiles of it.
        snapshots: Its dates, newest first.
    """

    id: str
    title: str
    group: str
    kind: Literal["area", "outline", "picture", "cluster", "line"]
    url: str
    visible: bool
    fill: str
    stroke: str
    weight: float
    opacity: float
    dash: str = ""
    pattern: Literal["", "hatch", "dots"] = ""
    class_source: str = ""
    class_of: tuple[tuple[str, str], ...] = ()
    classes: tuple[MapClass, ...] = ()
    tooltip: tuple[TooltipField, ...] = ()
    label_field: str = ""
    tiled: bool = False
    snapshots: tuple[MapSnapshot, ...] = ()


@dataclass(frozen=True, slots=True)
class CityPlace:
    """Where the city lies.

    Attributes:
        extent: West, south, east, north in degrees; the view of the home button.
        zone: Of its Gauss plane, in which the readout gives metres; written before the easting.
        meridian: Central meridian of that plane in degrees.
    """

    extent: Extent
    zone: int
    meridian: int


@dataclass(frozen=True, slots=True)
class Basemap:
    """A raster background.

    Attributes:
        url: XYZ template with ``{z}``, ``{x}``, ``{y}``.
        attribution: Shown in the corner as plain text.
        max_zoom: Deepest zoom that has tiles; beyond it they are enlarged.
    """

    title: str
    url: str
    attribution: str
    max_zoom: int


@dataclass(frozen=True, slots=True)
class ValueClass:
    """One step of a choropleth: all values below ``upper`` that no step before took.

    Attributes:
        upper: First value that is too large; ``None`` for the last step.
    """

    upper: float | None
    title: str
    fill: str


@dataclass(frozen=True, slots=True)
class Choropleth:
    """Units coloured by one figure.

    Attributes:
        url: GeoJSON of the units.
        code_field: Property that holds the unit's code.
        name_field: Property that holds the unit's name.
        values: Unit code -> figure; missing, ``None`` and NaN are drawn as "no data".
        shown: Unit code -> the figure as text with its unit of measure.
        breaks: Steps in rising order.
        title: What the figure is; heading of the legend.
        no_data_label: Text for units without a figure.
    """

    url: str
    code_field: str
    name_field: str
    values: Mapping[str, float | None]
    shown: Mapping[str, str]
    breaks: tuple[ValueClass, ...]
    title: str
    no_data_label: str


def draw_city_map(
    layers: tuple[MapLayer, ...],
    *,
    place: CityPlace,
    words: Mapping[str, str],
    key: str,
    height: int,
    lang: Lang,
    unit: AreaUnit,
    basemap: Basemap | None = None,
    link: str = "",
    sample: bool,
) -> None:
    """Draw layers with a layer panel that is the legend; a click tells what lies there.

    Args:
        layers: The first is drawn at the bottom. Groups appear in the order of their layers.
        place: Where the city lies.
        words: A text for each key of ``WORDS``, and as ``sheet.…`` for each of ``SHEET_WORDS``.
        key: Names the map in this browser session: what is switched on and the view are
            remembered under it, through reruns, page switches and reloads.
        height: In pixels.
        lang: Language of what the server is asked.
        unit: Unit of areas in the answers to clicks; a new one leaves the map alive.
        basemap: Drawn below everything, beside those that ``/map/basemaps.json`` offers.
        link: What a copied link says (``map=`` in the address); it may be any text.
        sample: Shows the sample-data badge.
    """
    own = {
        "basemap": asdict(basemap) if basemap else None,
        "lang": lang,
        "link": link[:_LONGEST_LINK],
        "asks": True,
    }
    settings = _settings(place.extent, words, WORDS, key, sample=sample) | own
    _draw_layers(layers, place, words, settings, height=height, unit=unit)


def draw_loose_features(
    layers: tuple[MapLayer, ...],
    *,
    place: CityPlace,
    words: Mapping[str, str],
    key: str,
    height: int,
    lang: Lang,
    sample: bool,
) -> None:
    """Draw features that the server does not know by themselves, as those of a file.

    The pointer, or on a touch screen a tap, shows the facts that come with them; there are
    no tools. The arguments are those of ``draw_city_map``.
    """
    own = {"basemap": None, "lang": lang, "link": "", "asks": False}
    settings = _settings(place.extent, words, WORDS, key, sample=sample) | own
    _draw_layers(layers, place, words, settings, height=height, unit=AreaUnit.M2)


def _draw_layers(
    layers: tuple[MapLayer, ...],
    place: CityPlace,
    words: Mapping[str, str],
    settings: Mapping[str, Any],
    *,
    height: int,
    unit: AreaUnit,
) -> None:
    clusters = any(layer.kind == "cluster" for layer in layers)
    city_map = LeanMap(place.extent, scripts=SHARED_SCRIPTS + CITY_SCRIPTS, clusters=clusters)
    more = {
        "layers": [asdict(layer) for layer in layers],
        "gauss": {"zone": place.zone, "meridian": place.meridian},
        "sheet": {name: words[f"sheet.{name}"] for name in SHEET_WORDS},
        "tiled": True,
    }
    city_map.add_child(Call("cityMap", {**settings, **more}))
    st_folium(
        city_map,
        key=settings["key"],
        height=height,
        use_container_width=True,
        returned_objects=[],
        feature_group_to_add=Values("cityValues", {"unit": unit}),
    )


def draw_choropleth(
    choropleth: Choropleth,
    *,
    extent: Extent,
    words: Mapping[str, str],
    key: str,
    height: int,
    sample: bool,
    selected: str | None = None,
) -> str | None:
    """Draw units coloured by a figure; new values repaint the map without rebuilding it.

    Args:
        choropleth: Units and values.
        extent: West, south, east, north in degrees; the view of the home button.
        words: A text for each key of ``CHOROPLETH_WORDS``.
        key: Names the map in this browser session, as in ``draw_city_map``.
        height: In pixels.
        sample: Shows the sample-data badge.
        selected: Code of the unit to outline.

    Returns:
        Code of the unit that was clicked, once per click.
    """
    unit_map = LeanMap(extent, scripts=SHARED_SCRIPTS + CHOROPLETH_SCRIPTS)
    geometry = {name: getattr(choropleth, name) for name in ("url", "code_field", "name_field")}
    unit_map.add_child(
        Call(
            "choropleth", _settings(extent, words, CHOROPLETH_WORDS, key, sample=sample) | geometry
        ),
    )
    known = {
        code: value
        for code, value in choropleth.values.items()
        if value is not None and math.isfinite(value)
    }
    values = {
        "values": list(known.items()),
        "shown": list(choropleth.shown.items()),
        "breaks": [asdict(step) for step in choropleth.breaks],
        "title": choropleth.title,
        "no_data_label": choropleth.no_data_label,
        "selected": selected,
    }
    reply = st_folium(
        unit_map,
        key=key,
        height=height,
        use_container_width=True,
        returned_objects=[],
        feature_group_to_add=Values("choroplethValues", values),
    )
    return _new_click(reply, key)


def _settings(
    extent: Extent,
    words: Mapping[str, str],
    needed: Collection[str],
    key: str,
    *,
    sample: bool,
) -> dict[str, Any]:
    missing = set(needed) - words.keys()
    if missing:
        raise KeyError(*sorted(missing))
    texts = {name: words[name] for name in needed}
    return {"extent": extent, "words": texts, "key": key, "sample": sample}


def _new_click(reply: Mapping[str, Any] | None, key: str) -> str | None:
    """Read the click that the browser reports, unless it was read on an earlier run.

    A component's value stays until the next one, so each click carries its time.
    """
    click = (reply or {}).get("click")
    if click is None:
        return None
    slot = f"{key} last click"
    if st.session_state.get(slot) == click["time"]:
        return None
    st.session_state[slot] = click["time"]
    return str(click["code"])
