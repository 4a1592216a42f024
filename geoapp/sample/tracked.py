"""Synthetic items of trackers whose things are parcels, drawn from the sample's own parcels."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geoapp.i18n import text
from geoapp.planning.tracker import Item


@dataclass(frozen=True, slots=True)
class Tracked:
    """What stands on a list of the sample.

    Attributes:
        layer: Layer whose parcels are taken.
        classes: Land classes that fit, the best first.
        stages: Stages that items are at, in turn.
    """

    layer: str
    classes: tuple[str, ...]
    stages: tuple[str, ...]


# Built-up land in towns before that of villages: a granted parcel is rarely a homestead.
_BUILT: Final = ("05H1", "0601", "0701", "08H2", "0602", "0809", "0702")
TRACKED: Final = {
    "land_settlement": Tracked("landuse", _BUILT, ("settled", "auditing", "pending")),
    "idle_land": Tracked(
        "landuse", _BUILT, ("found", "notified", "collecting", "recovered", "started")
    ),
    "serviced_land": Tracked("landuse", _BUILT, ("planned", "clearing", "reserved")),
    "stock_land": Tracked("construction_land", _BUILT, ("idle", "planned", "reused")),
}
_DONE: Final = frozenset({"settled", "recovered", "started", "reserved", "reused"})
_EACH: Final = 3  # items a district
_UNIT_DIGITS: Final = 12


def build_items(
    tracker: str, districts: Sequence[str], parcels: gpd.GeoDataFrame, taken: set[str]
) -> tuple[list[Item], list[shapely.Geometry]]:
    """Give the items of a tracker and the shape of each: the same for the same parcels.

    Args:
        tracker: The list.
        districts: Codes of the districts.
        parcels: Its layer, EPSG:4490; a district without a fitting parcel has no items.
        taken: Parcels that stand on another list, taken last; those that are used are added.
    """
    tracked = TRACKED[tracker]
    fitting = _order(parcels, tracked.classes)
    items: list[Item] = []
    shapes: list[shapely.Geometry] = []
    for row, code in enumerate(districts):
        here = fitting[fitting["zldwdm"].str.startswith(code)]
        # Land can be idle and not settled: the same parcel again where there is no other.
        fresh_first = here.iloc[np.argsort(here["key"].isin(taken).to_numpy(), kind="stable")]
        for place, parcel in enumerate(fresh_first.head(_EACH).to_dict("records")):
            stage = tracked.stages[(row + place) % len(tracked.stages)]
            taken.add(parcel["key"])
            shapes.append(parcel["geometry"])
            items.append(
                Item(
                    number=f"{code}-{place + 1}",
                    name=text("zh", "demo.tracked_item", number=place + 1),
                    unit_code=parcel["zldwdm"][:_UNIT_DIGITS],
                    stage=stage,
                    done=Decimal(1 if stage in _DONE else 0),
                )
            )
    return items, shapes


def _order(parcels: gpd.GeoDataFrame, classes: Sequence[str]) -> pd.DataFrame:
    """Give the parcels of fitting classes, the best class first."""
    kept = parcels[parcels["dlbm"].isin(classes)]
    rank = kept["dlbm"].map({code: place for place, code in enumerate(classes)})
    inner = shapely.point_on_surface(np.asarray(kept.geometry, dtype=object))
    key = [f"{x:.7f} {y:.7f}" for x, y in shapely.get_coordinates(inner)]  # of ground, any layer
    listed = pd.DataFrame(
        {
            "zldwdm": kept["zldwdm"].astype(str).to_numpy(),
            "bsm": kept["bsm"].astype(str).to_numpy(),
            "key": key,
            "rank": rank.to_numpy(),
            "geometry": kept.geometry.to_numpy(),
        }
    )
    return listed.sort_values(["rank", "bsm"], kind="stable")
