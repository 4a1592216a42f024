"""``geopandas.overlay``: what most people would write."""

import warnings
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd

from alternatives import Areas, Task
from alternatives.features import read_geometries, read_labelled, to_areas


@dataclass(frozen=True, slots=True)
class State:
    """Both layers in memory."""

    parcels: gpd.GeoDataFrame
    zones: gpd.GeoDataFrame


def prepare(task: Task, _folder: Path) -> State:
    """Read both layers, and cut the zones by the control layer."""
    parcels, zones = read_labelled(task.parcels, "class"), read_labelled(task.zones, "code")
    frame = gpd.GeoDataFrame({"code": zones.words}, geometry=zones.geometries)
    if task.control is not None:
        control = gpd.GeoDataFrame(geometry=read_geometries(task.control))
        frame = gpd.overlay(frame, control, keep_geom_type=True)
    return State(gpd.GeoDataFrame({"class": parcels.words}, geometry=parcels.geometries), frame)


def answer(state: State) -> Areas:
    """Overlay, measure and add up."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # lines where neighbours only touch
        pieces = gpd.overlay(state.parcels, state.zones, keep_geom_type=True)
    sums = pieces.area.groupby([pieces["code"], pieces["class"]]).sum()
    return to_areas((code, name, area_m2) for (code, name), area_m2 in sums.items())


answer_three = answer


def close(_state: State) -> None:
    """Nothing is open."""
