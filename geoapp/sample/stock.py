"""Stock of construction land: built-up parcels waiting for use, in some districts only."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoapp.sample.city import City, identifiers, layer
from geoapp.sample.cover import draw
from geoapp.sample.rings import Polygons


def build_stock(city: City, avoided: Polygons, rng: np.random.Generator) -> gpd.GeoDataFrame:
    """Choose built-up parcels that touch none of the avoided areas."""
    plan = city.plan.stock
    surveyed = sorted(city.districts["code"])[: plan.districts]
    district = city.villages["code"].str[:6].to_numpy(object)[city.parcels.village]
    built = np.flatnonzero(city.in_group("built") & np.isin(district, surveyed))
    shapes = city.parcels.polygons[built]
    # Parcels and farmland share edges: only an inner point or a crossing counts as contact.
    hit = shapely.STRtree(avoided).query(shapely.buffer(shapes, -0.5), predicate="intersects")[0]
    clear = np.setdiff1d(np.arange(built.size), hit)
    number = round(plan.share * clear.size)
    rows = built[np.sort(rng.permutation(clear)[:number])]
    where = city.village_columns(city.parcels.village[rows])
    columns = pd.DataFrame(
        {
            "bsm": identifiers(where["zldwdm"].str[:6].tolist(), "10"),
            "dlbm": city.code[rows],
            "dlmc": city.name[rows],
            "zldwdm": where["zldwdm"],
            "zldwmc": where["zldwmc"],
            "mj": city.area_m2[rows],
            "zt": draw(plan.states, rows.size, rng),
        }
    )
    return layer(city.crs, city.parcels.polygons[rows], columns)
