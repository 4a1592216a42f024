"""A synthetic city from outlines, unit names and a plan; the same answer every time."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from geoapp.geometry.crs import GEOGRAPHIC
from geoapp.sample.city import City
from geoapp.sample.courses import build_courses
from geoapp.sample.cover import choose_classes, name_classes
from geoapp.sample.demolition import build_demolition
from geoapp.sample.earlier import build_earlier
from geoapp.sample.farmland import build_farmland
from geoapp.sample.ground import survey
from geoapp.sample.heritage import build_hamlets, build_traditional
from geoapp.sample.hierarchy import lay_out
from geoapp.sample.landuse import build_landuse
from geoapp.sample.measure import official_areas, to_geographic, to_plane
from geoapp.sample.outline import areas_of
from geoapp.sample.parcels import Parcels, build_parcels, share_out, unite
from geoapp.sample.plan import SamplePlan
from geoapp.sample.randomness import generator
from geoapp.sample.redline import build_redline
from geoapp.sample.road_layer import build_road_layer
from geoapp.sample.stations import build_stations
from geoapp.sample.stock import build_stock
from geoapp.sample.terrain import shape_terrain
from geoapp.sample.zones import build_places, build_urban
from geoapp.values import Progress


@dataclass(frozen=True, slots=True)
class SampleCity:
    """A finished city.

    Attributes:
        layers: Layer id to features, EPSG:4490; every feature carries the mark in ``bz``.
        city: What the layers were built from, projected: for the rasters.
        seed: Seed it was built with.
        earlier: Land use a survey before, where the plan has one.
    """

    layers: dict[str, gpd.GeoDataFrame]
    city: City
    seed: int
    earlier: gpd.GeoDataFrame | None = None


def build_layers(
    outlines: gpd.GeoDataFrame,
    unit_names: pd.DataFrame,
    plan: SamplePlan,
    *,
    crs: str,
    parcels: int,
    seed: int,
    progress: Progress,
) -> SampleCity:
    """Build all layers of a sample city.

    Args:
        outlines: Columns code, name, geometry; EPSG:4490; districts, a valid coverage.
        unit_names: Columns code, name, level (district, township, village), parent.
        plan: What the city is made of.
        crs: Its projected CRS, for example ``"EPSG:4546"``.
        parcels: Number of land-use parcels, exact.
        seed: Any whole number from 0.
        progress: Called with the stage and the part of the whole work that is done.

    Raises:
        ValueError: Fewer parcels than villages.
    """
    villages = int((unit_names["level"] == "village").sum())
    if parcels < villages:
        msg = f"a parcel per village is the least: ask for {villages} parcels or more"
        raise ValueError(msg)
    city = _build_city(outlines, unit_names, plan, crs, parcels, seed, progress)
    layers = _build_features(city, seed, progress)
    progress("geographic", 0.85)
    finished = {}
    for done, (name, features) in enumerate(layers.items()):
        finished[name] = _finish(features, crs, plan.mark)
        progress("geographic", 0.85 + 0.15 * (done + 1) / len(layers))
    earlier = None
    if plan.earlier:
        rng = generator(seed, "earlier")
        earlier = build_earlier(city, finished["landuse"], plan.earlier, rng)
    return SampleCity(layers=finished, city=city, seed=seed, earlier=earlier)


def _seat_points(plan: SamplePlan, crs: str) -> NDArray[np.float64]:
    to_plane_ = Transformer.from_crs(GEOGRAPHIC, crs, always_xy=True)
    lonlat = np.array([[seat.lon, seat.lat] for seat in plan.seats])
    return np.column_stack(to_plane_.transform(*lonlat.T))


def _build_city(
    outlines: gpd.GeoDataFrame,
    unit_names: pd.DataFrame,
    plan: SamplePlan,
    crs: str,
    parcels: int,
    seed: int,
    progress: Progress,
) -> City:
    """Shape the ground, divide it, and give every parcel its class."""
    frame = outlines.sort_values("code").reset_index(drop=True)
    shapes = to_plane(frame.geometry.to_numpy(), crs)
    seats = _seat_points(plan, crs)
    to_plane_ = Transformer.from_crs(GEOGRAPHIC, crs, always_xy=True)
    rivers = [np.column_stack(to_plane_.transform(*np.array(r.points).T)) for r in plan.rivers]
    bounds = tuple(shapely.total_bounds(shapes).tolist())
    terrain = shape_terrain(bounds, rivers, seats, plan.relief, seed)
    progress("terrain", 0.08)
    known = {s.township: (float(p[0]), float(p[1])) for s, p in zip(plan.seats, seats, strict=True)}
    districts = [
        lay_out(code, shape, unit_names, known, terrain, generator(seed, f"units/{code}"))
        for code, shape in zip(frame["code"], shapes, strict=True)
    ]
    townships = pd.concat([d.townships for d in districts], ignore_index=True)
    villages = pd.concat([d.villages for d in districts], ignore_index=True)
    courses = build_courses(terrain, plan.relief, seats, townships, villages)
    progress("units", 0.14)
    mosaic = build_parcels(
        districts,
        terrain,
        courses,
        share_out(districts, terrain, parcels),
        seed,
        lambda part: progress("mosaic", 0.14 + 0.36 * part),
    )
    towns = np.column_stack([seats, [seat.size_m for seat in plan.seats]])
    area = official_areas(mosaic.polygons, crs)
    properties = survey(mosaic, courses, towns, generator(seed, "survey"))
    chosen = choose_classes(plan.landuse, mosaic, area, properties)
    code, name = name_classes(plan.landuse, chosen, generator(seed, "classes"))
    progress("classes", 0.6)
    units = _unit_frames(mosaic, frame, crs)
    progress("dissolve", 0.66)
    return City(plan, crs, terrain, courses, towns, mosaic, chosen, code, name, area, *units)


def _unit_frames(
    mosaic: Parcels, outlines: gpd.GeoDataFrame, crs: str
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Dissolve parcels to villages, these to townships, these to districts."""
    villages, townships = mosaic.villages, mosaic.townships
    village_shapes = unite(mosaic.polygons, mosaic.village, len(villages))
    of_township = townships["code"].searchsorted(villages["parent"])
    township_shapes = unite(village_shapes, np.asarray(of_township), len(townships))
    of_district = outlines["code"].searchsorted(townships["parent"])
    district_shapes = unite(township_shapes, np.asarray(of_district), len(outlines))
    return (
        gpd.GeoDataFrame(outlines[["code", "name"]], geometry=district_shapes, crs=crs),
        gpd.GeoDataFrame(townships, geometry=township_shapes, crs=crs),
        gpd.GeoDataFrame(villages, geometry=village_shapes, crs=crs),
    )


def _build_features(city: City, seed: int, progress: Progress) -> dict[str, gpd.GeoDataFrame]:
    """Build every layer, projected."""

    def rng(stage: str) -> np.random.Generator:
        return generator(seed, stage)

    columns = ["code", "name", "parent", "geometry"]
    landuse = build_landuse(city, rng("landuse"))
    progress("landuse", 0.7)
    urban = build_urban(city, rng("urban"))
    scenic = build_places(city, city.plan.scenic, "05", rng("scenic"))
    reserves = build_places(city, city.plan.reserves, "06", rng("reserves"))
    wild = np.concatenate([scenic.geometry.to_numpy(), reserves.geometry.to_numpy()])
    redline = build_redline(city, wild, urban.geometry.to_numpy(), rng("redline"))
    progress("redline", 0.75)
    avoided = (urban.geometry.to_numpy(), redline.geometry.to_numpy())
    farmland = build_farmland(city, avoided, rng("farmland"))
    progress("farmland", 0.8)
    lines = np.concatenate([farmland.geometry.to_numpy(), redline.geometry.to_numpy()])
    return {
        "district": city.districts[["code", "name", "geometry"]],
        "township": city.townships[columns],
        "village": city.villages[columns],
        "landuse": landuse,
        "road": build_road_layer(city),
        "ecological_redline": redline,
        "permanent_farmland": farmland,
        "urban_boundary": urban,
        "scenic_area": scenic,
        "nature_reserve": reserves,
        "traditional_village": build_traditional(city, rng("traditional")),
        "hamlet": build_hamlets(city, rng("hamlets")),
        "demolition": build_demolition(city, rng("demolition")),
        "construction_land": build_stock(city, lines, rng("stock")),
        "fire_station": build_stations(city, rng("stations")),
    }


def _finish(features: gpd.GeoDataFrame, crs: str, mark: str) -> gpd.GeoDataFrame:
    """Bring a layer to EPSG:4490 and mark it."""
    shapes = to_geographic(features.geometry.to_numpy(), crs)
    # Long edges bend a little on the way: smooth shapes with a hair-thin neck may cross there.
    bent = ~shapely.is_valid(shapes)
    shapes[bent] = [areas_of(shapely.make_valid(shape)) for shape in shapes[bent]]
    columns = pd.DataFrame(features.drop(columns="geometry")).assign(bz=mark)
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=GEOGRAPHIC)
