"""Listed parcels on the map, coloured by a figure of each; of very many the first, and it says so."""

from collections.abc import Mapping
from typing import Any, Final

import geopandas as gpd
import shapely

from geoapp.bootstrap import Workspace
from geoapp.compliance.shape import to_geojson
from geoapp.ui.check_map import OUTLINES, draw_shape_map
from geoapp.ui.check_state import bounds_of
from geoapp.ui.session import current_lang

MOST_SHAPES: Final = 300
_EDGE: Final = "#3d1a0f"


def draw_parcels(
    workspace: Workspace,
    frame: gpd.GeoDataFrame,
    marks: list[tuple[str, str]],
    legend: Mapping[str, str],
    key: str,
) -> None:
    """Draw the first parcels of a list.

    Args:
        workspace: The city.
        frame: Parcels, EPSG:4490.
        marks: Colour and label of each that is drawn.
        legend: Title → colour.
        key: Names the map in this browser session.
    """
    shown = frame.geometry.to_numpy()[: len(marks)]
    shapes: list[dict[str, Any]] = [
        {"geometry": to_geojson(shape), "style": _style(colour), "label": label}
        for shape, (colour, label) in zip(shown, marks, strict=True)
    ]
    bounds = bounds_of([shapely.box(*shapely.total_bounds(shown))])
    values = {
        "parcel": None,
        "shapes": shapes,
        "legend": [{"title": title, "style": _style(colour)} for title, colour in legend.items()],
        "view": {"bounds": bounds, "key": " ".join(f"{value:.4f}" for value in bounds)},
        "fresh": False,
    }
    draw_shape_map(workspace, values, editable=False, key=f"{key}-{current_lang()}", shown=OUTLINES)


def _style(colour: str) -> dict[str, Any]:
    return {
        "opacity": 1,
        "color": _EDGE,
        "weight": 1.2,
        "fillColor": colour,
        "fillOpacity": 0.7,
    }
