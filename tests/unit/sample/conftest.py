"""One small city of the real plan, and one invented city in another zone."""

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geoapp.sample.build import SampleCity, build_layers
from geoapp.sample.plan import SamplePlan, read_plan

GEO = Path(__file__).parents[3] / "data" / "geo"
PARCELS = 2000


def silent(_stage: str, _part: float) -> None:
    """Progress that nobody watches."""


def build_small(seed: int) -> SampleCity:
    return build_layers(
        gpd.read_file(GEO / "districts.geojson"),
        pd.read_csv(GEO / "units.csv", dtype=str),
        read_plan(GEO / "sample.toml"),
        crs="EPSG:4546",
        parcels=PARCELS,
        seed=seed,
        progress=silent,
    )


@pytest.fixture(scope="session")
def plan() -> SamplePlan:
    return read_plan(GEO / "sample.toml")


@pytest.fixture(scope="session")
def city() -> SampleCity:
    return build_small(7)


@pytest.fixture(scope="session")
def twin() -> SampleCity:
    return build_small(7)


OTHER_PLAN = """
mark = "made up"
as_of = 2026-01-01
village_suffixes = ["村"]

[[seats]]
township = "990101100"
lon = 113.31
lat = 29.11
size_m = 900.0
source = "invented"
confidence = "L"

[landuse]
year = 2024
ownership = ["20", "30"]
terrace = ["TT", "PD"]
classes = [
  { code = "1101", name = "河流水面", group = "water", strip = "river" },
  { code = "1003", name = "公路用地", group = "road", strip = "highway" },
  { code = "1006", name = "农村道路", group = "road", strip = "lane" },
  { code = "0702", name = "农村宅基地", group = "built", share = 0.05, score = { above = -1.0 } },
  { code = "0101", name = "水田", group = "cultivated", share = 0.2, score = { above = -1.0 } },
  { code = "0301", name = "乔木林地", group = "forest" },
]

[redline]
share = 0.3
count = 4
smooth = 0.5
kinds = ["a", "b", "c"]
suffix = "红线"

[farmland]
share = 0.7
stable = ["1", "0"]

[urban]
zones = [{ code = "100", name = "inner", reach = 1.0 }]

[[reserves]]
name = "Reserve"
grade = "县级"
lon = 113.42
lat = 29.12
width_m = 4000.0
height_m = 3000.0
core = 0.4
zones = ["core", "rest"]
source = "invented"
confidence = "L"

[traditional]
count = 2
zones = ["core", "control"]
batches = ["first"]
suffix = "老村"

[hamlets]
count = 9
suffixes = ["屋场"]
years = [2020, 2021]
grades = { "达标" = 1.0 }

[demolition]
households = 200
floor_area_m2 = 18000.05
cases = 40
open_share = 0.1
years = [2021, 2022]
last_day = 2022-12-31
source = "invented"
confidence = "L"
done = { closed = 1.0 }
pending = { lead = 1.0 }
modes = { self = 1.0 }
owners = { household = 0.8, enterprise = 0.2 }
causes = { "x" = 1.0 }

[stock]
districts = 1
share = 0.5
states = { "闲置" = 1.0 }

[imagery]
years = [2020, 2024]
"""


def other_outlines() -> gpd.GeoDataFrame:
    shared = [(113.36, 29.04), (113.372, 29.09), (113.351, 29.13), (113.37, 29.2)]
    west = shapely.Polygon([(113.24, 29.2), (113.22, 29.11), (113.26, 29.03), *shared])
    east = shapely.Polygon([*shared[::-1], (113.45, 29.03), (113.49, 29.12), (113.46, 29.19)])
    return gpd.GeoDataFrame(
        {"code": ["990101", "990102"], "name": ["West", "East"]},
        geometry=[west, east],
        crs="EPSG:4490",
    )


def other_units() -> pd.DataFrame:
    rows = [
        ("990101", "West", "district", "990100"),
        ("990102", "East", "district", "990100"),
        ("990101100", "甲镇", "township", "990101"),
        ("990101200", "乙乡", "township", "990101"),
        ("990102001", "丙街道", "township", "990102"),
    ]
    for parent, number in (("990101100", 3), ("990101200", 2), ("990102001", 3)):
        rows += [(f"{parent}{200 + k}", f"第{k}村", "village", parent) for k in range(number)]
    return pd.DataFrame(rows, columns=["code", "name", "level", "parent"])


@pytest.fixture(scope="session")
def other(tmp_path_factory: pytest.TempPathFactory) -> SampleCity:
    path = tmp_path_factory.mktemp("plan") / "plan.toml"
    path.write_text(OTHER_PLAN, encoding="utf-8")
    return build_layers(
        other_outlines(),
        other_units(),
        read_plan(path),
        crs="EPSG:4547",
        parcels=150,
        seed=3,
        progress=silent,
    )
