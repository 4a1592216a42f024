"""What differs between two snapshots of a layer."""

from collections import defaultdict
from typing import Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.difference import DistrictDifference, FeatureChange, SnapshotDifference
from geoapp.catalog.snapshot import Snapshot, SnapshotStore
from geoapp.errors import InvariantError
from geoapp.geometry.crs import GEOGRAPHIC
from geoapp.overlay.flowtable import Flow, FlowTables
from geoapp.overlay.kernel import Floats, Integers
from geoapp.overlay.kinds import one_kind, read_kinds
from geoapp.overlay.pairing import PairedFeatures, pair_features
from geoapp.overlay.result import CLOSURE_TOLERANCE_M2
from geoapp.overlay.sharing import Sharing
from geoapp.overlay.side import Side
from geoapp.overlay.stored_shapes import StoredShapes
from geoapp.overlay.tabulate import Tabulator
from geoapp.overlay.unit import Units
from geoapp.values import Progress, no_progress

MOST_SHOWN: Final = 2_000


class Differ:
    """Compares snapshots of the layers of one workspace."""

    def __init__(self, store: SnapshotStore, tabulator: Tabulator) -> None:
        self._store = store
        self._tabulator = tabulator

    def compare(
        self,
        definition: LayerDefinition,
        before: Snapshot | None,
        after: Snapshot,
        progress: Progress = no_progress,
    ) -> SnapshotDifference:
        """Tell what changed from one snapshot to another; from nothing, everything was added.

        Raises:
            InvariantError: What was gained and lost does not explain the change.
        """
        progress("difference.features", 0.0)
        found = pair_features(definition, before, after, StoredShapes(self._tabulator))
        progress("difference.ground", 0.3)
        ground = definition.geometry == "polygon"
        before_m2 = self._net_m2(definition, before) if ground and before else 0.0
        after_m2 = self._net_m2(definition, after) if ground else 0.0
        districts = self._ground(definition, before, after) if ground else []
        progress("difference.ground", 0.9)
        features, omitted = self._draw(definition, before, after, found)
        return SnapshotDifference(
            layer=definition.id,
            before=before.name if before else "",
            after=after.name,
            matched_by=found.matched_by,
            added=len(found.added),
            removed=len(found.removed),
            reshaped=len(found.reshaped[0]),
            edited=len(found.edited[0]),
            unchanged=found.unchanged,
            before_m2=before_m2,
            after_m2=after_m2,
            before_m=before.manifest.length_m if before else 0.0,
            after_m=after.manifest.length_m,
            districts=tuple(districts),
            closure_m2=_require_closed(definition, districts),
            features=features,
            omitted=omitted,
        )

    def _ground(
        self, definition: LayerDefinition, before: Snapshot | None, after: Snapshot
    ) -> list[DistrictDifference]:
        """Measure the ground by district and outside of them; nothing without outlines."""
        if self._store.find_current("district") is None:
            return []
        units = self._tabulator.current_units("district")
        later = self._side(definition, after)
        has = later.among(units).by_unit
        if before is None:
            return _sum_flows(_all_gained(later, units), units, {}, has)
        earlier = self._side(definition, before)
        tables = FlowTables(earlier, later, self._tabulator.tables)
        flows = tables.flows(units, lambda _: None, no_progress)
        return _sum_flows(flows, units, earlier.among(units).by_unit, has)

    def _net_m2(self, definition: LayerDefinition, snapshot: Snapshot) -> float:
        side = self._side(definition, snapshot)
        return sum(side.sharing.altogether(side.kinds, net=True, by_class=False).area_m2)

    def _side(self, definition: LayerDefinition, snapshot: Snapshot) -> Side:
        layer = self._tabulator.open_layer(snapshot)
        field = definition.class_field
        kinds = read_kinds(definition, snapshot, field) if field else None
        kinds = kinds or one_kind(snapshot.manifest.feature_count)
        return Side(Sharing(layer, None, self._tabulator.tables), kinds)

    def _draw(
        self,
        definition: LayerDefinition,
        before: Snapshot | None,
        after: Snapshot,
        found: PairedFeatures,
    ) -> tuple[gpd.GeoDataFrame, int]:
        """Give the largest changed features for a map, and how many were left out."""
        parts: list[tuple[FeatureChange, Literal["before", "after"], Integers]] = [
            ("added", "after", found.added),
            ("removed", "before", found.removed),
            ("reshaped", "before", found.reshaped[0]),
            ("reshaped", "after", found.reshaped[1]),
            ("edited", "after", found.edited[1]),
        ]
        listed = pd.DataFrame(
            {
                "change": np.repeat([part[0] for part in parts], [len(part[2]) for part in parts]),
                "side": np.repeat([part[1] for part in parts], [len(part[2]) for part in parts]),
                "row": np.concatenate([part[2] for part in parts]),
            }
        )
        listed["area_m2"] = 0.0
        for side, snapshot in (("before", before), ("after", after)):
            of_side = listed["side"] == side
            if snapshot is not None and of_side.any():
                sizes = self._sizes(snapshot)
                listed.loc[of_side, "area_m2"] = sizes[listed.loc[of_side, "row"].to_numpy()]
        shown = listed.sort_values("area_m2", ascending=False, kind="stable").head(MOST_SHOWN)
        frames = [_empty_drawing()]
        for side, snapshot in (("before", before), ("after", after)):
            rows = shown[shown["side"] == side]
            if snapshot is not None and len(rows):
                frames.append(_read_drawing(definition, snapshot, rows))
        drawing = gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=GEOGRAPHIC)
        return drawing, len(listed) - len(shown)

    def _sizes(self, snapshot: Snapshot) -> Floats:
        layer = self._tabulator.open_layer(snapshot)
        if layer.points or layer.lines:
            return np.zeros(snapshot.manifest.feature_count)
        return layer.areas_m2


def _all_gained(side: Side, units: Units) -> list[Flow]:
    """List the ground of a layer that was not there before."""
    sums = side.among(units)
    return [
        Flow(unit, None, kind, area)
        for unit, kind, area in zip(sums.unit, sums.kind, sums.area_m2, strict=True)
    ]


def _sum_flows(
    flows: list[Flow], units: Units, before: dict[str, float], after: dict[str, float]
) -> list[DistrictDifference]:
    """Add flows up by district, beside what the layer has there; outside of all comes last."""
    gained, lost, other = (defaultdict[str, float](float) for _ in range(3))
    for flow in flows:
        if flow.unit is None or flow.before == flow.after:
            continue
        kind = gained if flow.before is None else lost if flow.after is None else other
        kind[flow.unit] += flow.area_m2
    outside = [""] if "" in before or "" in after else []
    return [
        DistrictDifference(
            code,
            units.names.get(code, ""),
            before.get(code, 0.0),
            after.get(code, 0.0),
            gained[code],
            lost[code],
            other[code],
        )
        for code in [*sorted({str(code) for code in units.codes}), *outside]
    ]


def _require_closed(definition: LayerDefinition, districts: list[DistrictDifference]) -> float:
    """Stop where gains and losses do not explain what is there afterwards.

    Returns:
        The largest gap, m².
    """
    worst = 0.0
    for district in districts:
        gap = district.before_m2 + district.gained_m2 - district.lost_m2 - district.after_m2
        worst = max(worst, abs(gap))
        if abs(gap) > CLOSURE_TOLERANCE_M2:
            raise InvariantError(
                "difference-not-closed",
                layer=definition.title,
                unit=district.code or "-",
                closure_m2=f"{gap:.4f}",
            )
    return worst


def _read_drawing(
    definition: LayerDefinition, snapshot: Snapshot, rows: pd.DataFrame
) -> gpd.GeoDataFrame:
    names = list(dict.fromkeys([definition.key, definition.name_field]))
    frame = snapshot.read_rows(rows["row"].to_numpy(dtype=np.int64), names)
    return gpd.GeoDataFrame(
        {
            "change": rows["change"].to_numpy(),
            "side": rows["side"].to_numpy(),
            "key": frame[definition.key].astype(str).to_numpy(),
            "name": frame[definition.name_field].astype(str).to_numpy(),
            "area_m2": rows["area_m2"].to_numpy(),
        },
        geometry=np.asarray(frame.geometry),
        crs=GEOGRAPHIC,
    )


def _empty_drawing() -> gpd.GeoDataFrame:
    columns = {name: pd.Series([], dtype=object) for name in ("change", "side", "key", "name")}
    return gpd.GeoDataFrame(
        columns | {"area_m2": pd.Series([], dtype=float)}, geometry=[], crs=GEOGRAPHIC
    )
