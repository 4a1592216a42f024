"""What height models and imagery say of the units and parcels of a city."""

from typing import Final

import geopandas as gpd
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from geoapp.access.policy import require
from geoapp.bootstrap.terrain import Terrain
from geoapp.catalog.definition import LayerDefinition
from geoapp.catalog.moment import one_moment
from geoapp.errors import ChoiceError
from geoapp.overlay.result import Level
from geoapp.planning.cells import CellGrid
from geoapp.planning.parcel_change import (
    ParcelChanges,
    average_parcels,
    find_changes,
    list_changes,
    place_parcels,
)
from geoapp.planning.zonal import ZonalResult, describe_zones
from geoapp.tiles.cell_grids import name_grid, read_values
from geoapp.tiles.raster_files import Raster
from geoapp.tiles.vegetation import Index
from geoapp.values import Progress, no_progress, part_of

MOST_PARCELS: Final = 10_000
_TOWNSHIP_DIGITS: Final = 9
_AVERAGES: Final = pa.schema([("mean", pa.float64()), ("known_share", pa.float64())])


class Zonal(Terrain):
    """Rasters by unit and parcel."""

    def zonal(
        self,
        raster: str,
        *,
        before: str = "",
        by: Level = "township",
        within: str = "",
        of: Index = "",
    ) -> ZonalResult:
        """Tell the least, mean and largest value of a raster in each unit.

        Args:
            raster: Its id: heights of a height model, brightness of imagery.
            before: Id of an earlier one, to tell the change of the mean since.
            by: Unit level.
            within: Code of the unit to look into.
            of: Instead of brightness ``greenness`` of the visible bands, or ``ndvi``.

        Raises:
            NotFoundError: There is no such raster or unit.
            ChoiceError: The level is not offered, the two rasters are not alike, or a picture
                lacks a band.
            AccessError: The principal may not see rasters.
        """
        require(self.principal, "view_planning")
        later, earlier = self._take_rasters(raster, before)
        within = self._take_unit(by, within)
        with one_moment():
            named = (name_grid(later), name_grid(earlier) if earlier else "")
            key = ("zonal", *named, by, within, of, self.snapshot(by).name)
            return self._answers.give(
                key, lambda: self._compute_zonal(later, earlier, by, within, of)
            )

    def zonal_parcels(
        self,
        raster: str,
        before: str,
        *,
        layer: str = "landuse",
        within: str = "",
        most: int = 100,
        of: Index = "",
        progress: Progress = no_progress,
    ) -> ParcelChanges:
        """List the parcels of a layer whose mean changed most between two rasters.

        Args:
            raster: Id of the later raster.
            before: Id of the earlier one.
            layer: A layer of polygons.
            within: Code of the unit to look into: a parcel belongs to the one that holds a point
                inside of it.
            most: How many to list, 1 to ``MOST_PARCELS``.
            of: See ``zonal``.
            progress: Told how far it is; means are kept beside the snapshot.

        Raises:
            NotFoundError: There is no such raster, layer, unit, or no data for it.
            ChoiceError: The two rasters are not alike, or the layer has no areas.
            AccessError: The principal may not see rasters, or the layer one by one.
        """
        require(self.principal, "view_planning")
        definition = self.library.require(layer)
        require(self.principal, "read_features", definition)
        if definition.geometry != "polygon":
            raise ChoiceError("change-not-polygon", layer=layer)
        if not 1 <= most <= MOST_PARCELS:
            raise ChoiceError("zonal-most", value=most, most=MOST_PARCELS)
        later, earlier = self._take_rasters(raster, before)
        if earlier is None:
            raise ChoiceError("zonal-no-earlier")
        level = _place_level(within)
        within = self._take_unit(level, within)
        with one_moment():
            used = [self.snapshot(name).name for name in (layer, level)]
            named = (name_grid(later), name_grid(earlier))
            key = ("parcels", *named, layer, within, most, of, *used)

            def compute() -> ParcelChanges:
                grids = read_values(later, of), read_values(earlier, of)
                return self._compute_changes(grids, definition, within, most, of, progress)

            return self._answers.give(key, compute)

    def _take_rasters(self, raster: str, before: str) -> tuple[Raster, Raster | None]:
        later = self.rasters.raster(raster)
        earlier = self.rasters.raster(before) if before else None
        if earlier and earlier.kind != later.kind:
            raise ChoiceError("zonal-not-alike", raster=raster, before=before)
        return later, earlier

    def _compute_zonal(
        self, later: Raster, earlier: Raster | None, by: Level, within: str, of: Index
    ) -> ZonalResult:
        names, shapes = self._zones(by, within)
        then = read_values(earlier, of) if earlier else None
        now = read_values(later, of)
        zones = describe_zones(now, then, list(shapes), names)
        snapshot = self.snapshot(by)
        sample = now.sample or bool(then and then.sample) or snapshot.manifest.sample
        return ZonalResult(
            by,
            within,
            now.name,
            then.name if then else "",
            {"units": snapshot.name},
            zones,
            sample,
            of,
        )

    def _compute_changes(
        self,
        grids: tuple[CellGrid, CellGrid],
        definition: LayerDefinition,
        within: str,
        most: int,
        of: Index,
        progress: Progress,
    ) -> ParcelChanges:
        level = _place_level(within)
        parcels = self._place(definition, level, within)
        now, then = grids
        averages = [
            self._average(definition, grid, of, part_of(progress, begin, begin + 0.5))
            for grid, begin in ((now, 0.0), (then, 0.5))
        ]
        rows = parcels["row"].to_numpy()
        means, changes = find_changes(averages[0][rows], averages[1][rows])
        snapshots = {name: self.snapshot(name) for name in (definition.id, level)}
        marks = [now.sample, then.sample, *(one.manifest.sample for one in snapshots.values())]
        return ParcelChanges(
            definition.id,
            _class_field(definition),
            within,
            now.name,
            then.name,
            {definition.id: snapshots[definition.id].name, "units": snapshots[level].name},
            len(parcels),
            int(np.isfinite(changes).sum()),
            list_changes(parcels.drop(columns="row"), means, changes, most, self.city.crs),
            any(marks),
            of,
        )

    def _average(
        self, definition: LayerDefinition, grid: CellGrid, of: Index, progress: Progress
    ) -> NDArray[np.float64]:
        """Average a raster over every parcel; kept beside the snapshot, for other dates, too."""
        snapshot = self.snapshot(definition.id)

        def compute() -> pa.Table:
            shapes = snapshot.read([]).geometry.to_numpy()
            return pa.table(list(average_parcels(grid, shapes, progress).T), names=_AVERAGES.names)

        table = self._tabulator.tables.table(
            snapshot, ("average", grid.name, of), _AVERAGES, compute
        )
        progress("terrain.averaging", 1.0)
        return np.column_stack([table.column(name).to_numpy() for name in _AVERAGES.names])

    def _place(self, definition: LayerDefinition, level: Level, within: str) -> gpd.GeoDataFrame:
        """Give the parcels of a unit with what names them, and the unit that each lies in."""
        frame = self.layer(definition.id).reset_index(drop=True)
        names, shapes = self._zones(level, within)
        placed = place_parcels(frame.geometry.to_numpy(), shapes, names)
        placed["row"] = np.arange(len(frame))
        placed["feature"] = frame[definition.key].fillna("").astype(str)
        placed["parcel"] = frame[definition.name_field].fillna("").astype(str)
        classes = _class_field(definition)
        placed["class_code"] = frame[classes].fillna("").astype(str) if classes else ""
        found = gpd.GeoDataFrame(placed, geometry=frame.geometry.to_numpy(), crs=frame.crs)
        return found[found["unit_code"] != ""].reset_index(drop=True) if within else found


def _place_level(within: str) -> Level:
    """Pick the units that parcels are listed with."""
    return "village" if len(within) > _TOWNSHIP_DIGITS else "township"


def _class_field(definition: LayerDefinition) -> str:
    """Name the stored field of classes, the finest; ``""`` where there is none."""
    stored = [one.name for one in definition.fields if one.classes and not one.derive_from]
    return stored[0] if stored else ""
