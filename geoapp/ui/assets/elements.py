"""The Folium elements behind ``geoapp.ui.map``: a map that loads little, and calls into it."""

from collections.abc import Mapping
from typing import Any, Final

import folium
from branca.element import MacroElement
from folium.template import Template

from geoapp.ui.assets import asset_url
from geoapp.ui.assets.embedding import script_literal

SHARED_SCRIPTS: Final = ("paint", "identify", "labels", "panel", "frame")
CITY_SCRIPTS: Final = (
    "gauss",
    "mvt",
    "tiles",
    "features",
    "layers",
    "layerview",
    "rasters",
    "state",
    "card",
    "search",
    "measure",
    "swipe",
    "share",
    "print",
    "printing",
    "tools",
    "citymap",
)
CHOROPLETH_SCRIPTS: Final = ("choropleth",)
_CLUSTER: Final = "vendor/leaflet.markercluster/dist"


class LeanMap(folium.Map):  # type: ignore[misc]
    """A Folium map that loads Leaflet and our own files, and nothing else.

    A plain ``folium.Map`` also loads jQuery, Bootstrap and two icon fonts, which we never use.

    Args:
        extent: West, south, east, north in degrees.
        scripts: Files of ``assets/app`` in the order in which they need each other.
        clusters: Whether points are gathered into counts.
    """

    def __init__(
        self,
        extent: tuple[float, float, float, float],
        *,
        scripts: tuple[str, ...],
        clusters: bool = False,
    ) -> None:
        west, south, east, north = extent
        super().__init__(
            location=[(south + north) / 2, (west + east) / 2],
            tiles=None,
            zoom_control=False,
            font_size="13px",
            attributionControl=False,
        )
        js = ["vendor/leaflet/dist/leaflet.js", *(f"app/{name}.js" for name in scripts)]
        css = [
            "vendor/leaflet/dist/leaflet.css",
            "app/fonts.css",
            "app/citymap.css",
            "app/panel.css",
            "app/tools.css",
            "app/print.css",
        ]
        if clusters:
            js.insert(1, f"{_CLUSTER}/leaflet.markercluster.js")
            css.insert(1, f"{_CLUSTER}/MarkerCluster.css")
        self.default_js = [(path, asset_url(path)) for path in js]
        self.default_css = [(path, asset_url(path)) for path in css]


class Call(MacroElement):  # type: ignore[misc]
    """Calls ``xiangtu.<function>(map, value)`` once the map is there."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "xiangtu.{{ this.function }}({{ this._parent.get_name() }}, {{ this.value }});"
        "{% endmacro %}",
    )

    def __init__(self, function: str, value: Mapping[str, Any]) -> None:
        super().__init__()
        self._name = "Call"
        self.function = function
        self.value = script_literal(value)


class Values(folium.FeatureGroup):  # type: ignore[misc]
    """Hands new values to a map that is already on the screen.

    Args:
        function: Of ``xiangtu``; called with the map and the values.
        value: The values.

    A feature group only in name: ``feature_group_to_add`` is streamlit-folium's one way to
    run a script in a living map.
    """

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "var {{ this.get_name() }} ="
        " xiangtu.{{ this.function }}({{ this._parent.get_name() }}, {{ this.value }});"
        "{% endmacro %}",
    )

    def __init__(self, function: str, value: Mapping[str, Any]) -> None:
        super().__init__()
        self.function = function
        self.value = script_literal(value)
