"""Urban boundary, scenic areas and nature reserves: smooth zones round named places."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from geoapp.geometry.crs import GEOGRAPHIC
from geoapp.sample.city import City, identifiers, layer
from geoapp.sample.grid import Shape
from geoapp.sample.measure import official_areas
from geoapp.sample.noise import fractal
from geoapp.sample.outline import areas_of, blob, share_nodes, smooth_area
from geoapp.sample.plan_layers import Reserve, Scenic
from geoapp.sample.strips import RIVER

REACH_M = 6000.0  # length of a river reach that is all core or all general zone
LEAST_PART_M2 = 20_000.0


def build_urban(city: City, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Draw the planning zones of every seat, from the inside out, none overlapping."""
    frame = city.terrain.grid
    east, north = frame.centres()
    unrest = 0.12 * fractal(frame.shape, rng, wavelength=15)
    rows, shapes = [], []
    for x, y, radius in city.towns:
        home = city.districts[city.districts.contains(shapely.Point(x, y))]
        if home.empty:
            continue
        away = np.hypot(east[None, :] - x, north[:, None] - y) / radius
        field = away + city.terrain.above_valley / 150 + unrest
        taken: Shape = shapely.MultiPolygon()
        parts = []
        for zone in city.plan.urban.zones:
            whole = smooth_area(field < zone.reach, frame, LEAST_PART_M2)
            whole = areas_of(shapely.intersection(whole, home.geometry.iloc[0]))
            parts.append(areas_of(shapely.difference(whole, taken), 100.0))
            taken = shapely.union(taken, whole)
        for zone, part in zip(city.plan.urban.zones, share_nodes(parts), strict=True):
            if not part.is_empty:
                shapes.append(part)
                rows.append((home["code"].iloc[0], home["name"].iloc[0], zone.code, zone.name))
    columns = pd.DataFrame(rows, columns=["xzqdm", "xzqmc", "ghfqdm", "ghfqmc"])
    columns.insert(0, "bsm", identifiers(columns["xzqdm"].tolist(), "04"))
    geometry = np.array(shapes, dtype=object)
    columns["mj"] = official_areas(geometry, city.crs)
    return layer(city.crs, geometry, columns)


def build_places(
    city: City, places: Sequence[Scenic | Reserve], digits: str, rng: np.random.Generator
) -> gpd.GeoDataFrame:
    """Draw scenic areas or reserves: core zone and the rest of the area, not overlapping.

    Args:
        city: The city; places are cut by its outline.
        places: What to draw.
        digits: Number of the layer in the identifiers.
        rng: Source of the randomness.
    """
    whole_city = shapely.union_all(city.districts.geometry.to_numpy())
    to_plane = Transformer.from_crs(GEOGRAPHIC, city.crs, always_xy=True)
    rows, shapes, prefix = [], [], []
    for place in places:
        x, y = to_plane.transform(place.lon, place.lat)
        if isinstance(place, Reserve) and place.along_rivers:
            core, whole = _reaches(city, place, x, y)
        else:
            whole = blob(x, y, place.width_m, place.height_m, rng)
            core = _core(whole, place.core, rng)
        whole = areas_of(shapely.intersection(whole, whole_city))
        core = areas_of(shapely.intersection(core, whole))
        general = areas_of(shapely.difference(whole, core), 1.0)
        home = city.districts.geometry.distance(shapely.Point(x, y)).argmin()
        for zone, shape in zip(place.zones, share_nodes((core, general)), strict=True):
            if not shape.is_empty:
                shapes.append(shape)
                prefix.append(city.districts["code"].iloc[home])
                rows.append((place.name, place.grade, zone))
    columns = pd.DataFrame(rows, columns=["mc", "jb", "gnfq"])
    columns.insert(0, "bsm", identifiers(prefix, digits))
    geometry = np.array(shapes, dtype=object)
    columns["mj"] = official_areas(geometry, city.crs)
    return layer(city.crs, geometry, columns)


def _core(whole: Shape, share: float, rng: np.random.Generator) -> Shape:
    """Draw two overlapping core zones inside an area, about ``share`` of it."""
    if share == 0:
        return shapely.MultiPolygon()
    west, south, east, north = whole.bounds
    width, height = east - west, north - south
    size = np.sqrt(share)
    parts = [
        blob(
            west + width * (0.5 + side * 0.17),
            south + height * (0.5 + rng.uniform(-0.1, 0.1)),
            width * size * 0.72,
            height * size * 1.05,
            rng,
        )
        for side in (-1, 1)
    ]
    inner = shapely.buffer(whole, -0.04 * min(width, height))
    return areas_of(shapely.intersection(shapely.union_all(parts), inner))


def _reaches(city: City, place: Reserve, x: float, y: float) -> tuple[Shape, Shape]:
    """Draw a belt along the rivers near a place: its core reaches, and the whole."""
    around = shapely.box(
        x - place.width_m / 2, y - place.height_m / 2, x + place.width_m / 2, y + place.height_m / 2
    )
    core, whole = [], []
    for course in city.courses:
        if course.kind != RIVER or not around.intersects(course.line):
            continue
        line = shapely.intersection(course.line, around)
        whole.append(line.buffer(place.along_rivers))
        for part in shapely.get_parts(line):
            stations = np.arange(0, part.length, REACH_M)
            for k, start in enumerate(stations.tolist()):
                if (k * place.core) % 1 < place.core:
                    stop = min(start + REACH_M, part.length)
                    span = np.linspace(start, stop, 40)
                    reach: Shape = shapely.linestrings(
                        shapely.get_coordinates(shapely.line_interpolate_point(part, span))
                    )
                    core.append(reach.buffer(place.along_rivers, cap_style="flat"))
    return areas_of(shapely.union_all(core)), areas_of(shapely.union_all(whole))
