"""A map of features that are not in the catalogue: of a file, or what differs between two."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import geopandas as gpd
import numpy as np
import shapely

from geoapp.bootstrap import Workspace
from geoapp.catalog.definition import Geometry
from geoapp.geometry.crs import Geometries, central_meridian
from geoapp.ui.assets.embedding import data_url
from geoapp.ui.map import CityPlace, Extent, MapClass, MapLayer, TooltipField, draw_loose_features
from geoapp.ui.map_layers import features_url, label_field
from geoapp.ui.map_words import SHEET_WORDS, WORDS
from geoapp.ui.session import current_lang, say

MOST_VERTICES: Final = 60_000  # some megabyte on its way to the browser
_SIMPLIFIED_DEGREES: Final = 0.00002  # 2 m
_PLACES: Final = 6
_MARGIN: Final = 0.15
_LEAST_DEGREES: Final = 0.004
_KINDS: Final[dict[Geometry, Literal["area", "line", "cluster"]]] = {
    "polygon": "area",
    "line": "line",
    "point": "cluster",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """Features to draw, with what tells about each.

    Attributes:
        frame: EPSG:4490; the columns of ``facts`` and ``class_field``.
        facts: Column → label.
        classes: Of ``class_field``, which must be given with them.
    """

    id: str
    title: str
    frame: gpd.GeoDataFrame
    kind: Geometry
    facts: dict[str, str]
    class_field: str = ""
    classes: tuple[MapClass, ...] = ()
    fill: str = "#1c5f63"


def draw_features(
    workspace: Workspace, shown: Sequence[Shown], *, key: str, height: int = 420
) -> int:
    """Draw features over the outlines of the units.

    Returns:
        How many features are left out, because a browser could not take them.
    """
    layers, left_out = [], 0
    for part in shown:
        frame, omitted = _fit(part.frame)
        left_out += omitted
        layers.append(_map_layer(part, frame))
    zone = workspace.city.zone
    everything = [part.frame for part in shown if len(part.frame)]
    draw_loose_features(
        (*_outlines(workspace), *layers),
        place=CityPlace(_extent(workspace, everything), zone, central_meridian(zone)),
        words={name: say(f"map.{name}") for name in WORDS}
        | {f"sheet.{name}": say(f"sheet.{name}") for name in SHEET_WORDS},
        key=key,
        height=height,
        lang=current_lang(),
        sample=workspace.city.sample,
    )
    return left_out


def thin_out(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Keep every second feature, or fewer, so that those drawn lie all over the file."""
    vertices = int(shapely.get_num_coordinates(np.asarray(frame.geometry, dtype=object)).sum())
    return frame.iloc[:: max(1, -(-vertices // MOST_VERTICES))]


def _fit(frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, int]:
    """Simplify what is drawn, and leave out features once there are too many vertices."""
    frame = frame[frame.geometry.notna() & ~frame.geometry.is_empty]
    geometries = np.asarray(frame.geometry, dtype=object)
    simple = shapely.simplify(geometries, _SIMPLIFIED_DEGREES, preserve_topology=True)
    room = np.cumsum(shapely.get_num_coordinates(simple)) <= MOST_VERTICES
    kept = frame[room].set_geometry(list(simple[room]), crs=frame.crs)
    return kept, int((~room).sum())


def _map_layer(part: Shown, frame: gpd.GeoDataFrame) -> MapLayer:
    columns = [*part.facts, *([part.class_field] if part.class_field else [])]
    features = [
        {"type": "Feature", "geometry": geometry, "properties": properties}
        for geometry, properties in zip(
            _to_json(np.asarray(frame.geometry, dtype=object)),
            frame[list(dict.fromkeys(columns))].to_dict("records"),
            strict=True,
        )
    ]
    return MapLayer(
        id=part.id,
        title=part.title,
        group=say("data.map_group"),
        kind=_KINDS[part.kind],
        url=data_url({"type": "FeatureCollection", "features": features}),
        visible=True,
        fill=part.fill,
        stroke="#26302f",
        weight=2.5 if part.kind == "line" else 1.0,
        opacity=0.65,
        class_source=part.class_field,
        classes=part.classes,
        tooltip=tuple(TooltipField(field, label) for field, label in part.facts.items()),
    )


def _to_json(shapes: Geometries) -> list[Any]:
    rounded = shapely.transform(shapes, lambda xy: np.round(xy, _PLACES))
    return [json.loads(word) for word in np.atleast_1d(shapely.to_geojson(rounded))]


def _outlines(workspace: Workspace) -> tuple[MapLayer, ...]:
    snapshot = workspace.store.find_current("district")
    if snapshot is None:
        return ()
    definition, lang = workspace.library.require("district"), current_lang()
    return (
        MapLayer(
            id="district",
            title=definition.title[lang],
            group=say("group.unit"),
            kind="outline",
            url=features_url(snapshot),
            visible=True,
            fill=definition.style.fill,
            stroke=definition.style.stroke,
            weight=definition.style.weight,
            opacity=definition.style.opacity,
            label_field=label_field(snapshot, lang),
        ),
    )


def _extent(workspace: Workspace, frames: list[gpd.GeoDataFrame]) -> Extent:
    """Give the rectangle of the features with some room around; by default of the city."""
    box = workspace.city.extent
    bounds = [frame.total_bounds for frame in frames]
    sides = [side for side in bounds if np.isfinite(side).all()]
    if not sides:
        return box.west, box.south, box.east, box.north
    west, south = np.min([side[:2] for side in sides], axis=0)
    east, north = np.max([side[2:] for side in sides], axis=0)
    x = max(_MARGIN * (east - west), _LEAST_DEGREES)
    y = max(_MARGIN * (north - south), _LEAST_DEGREES)
    return float(west - x), float(south - y), float(east + x), float(north + y)
