"""The demolition register of a city."""

from datetime import date, datetime
from functools import cached_property
from typing import Final

import geopandas as gpd
import numpy as np
import shapely

from geoapp.access.policy import decide
from geoapp.bootstrap.core import Core
from geoapp.bootstrap.datum import read_datum_shift
from geoapp.cases.attachment import FOLDER as ATTACHMENTS
from geoapp.cases.attachment import Attachments
from geoapp.cases.case import Units
from geoapp.cases.constraint import Context, read_office_weights, to_context
from geoapp.cases.desk import CaseDesk, Surroundings
from geoapp.cases.imagery import Image
from geoapp.cases.office import Office
from geoapp.cases.progress import LAYER
from geoapp.cases.storage import RegisterStore
from geoapp.cases.track import read_tracks
from geoapp.cases.working_day import read_office_days
from geoapp.catalog.definition import UNIT_LEVELS
from geoapp.catalog.snapshot import FEATURES
from geoapp.geometry.crs import Geometries
from geoapp.geometry.measure import to_measure_plane
from geoapp.overlay.places import find_containing

_CONTEXT_GROUPS: Final = frozenset({"control", "protected"})


class Cases(Core):
    """Cases, patches, evidence and figures of illegal construction."""

    @cached_property
    def cases(self) -> CaseDesk:
        """The register; see ``cases.desk.CaseDesk`` for what it offers."""
        office = Office(
            store=RegisterStore(self._engine),
            attachments=Attachments(self.folder / ATTACHMENTS),
            city=self.city,
            principal=self.principal,
            tracks=read_tracks(),
            days=read_office_days(self.folder),
            locate=self._locate,
            assess=self._assess,
            now=lambda: datetime.now().astimezone(),
        )
        return CaseDesk(
            office,
            Surroundings(
                folder=self.folder,
                weights=read_office_weights(self.folder),
                ledger=self.library.require(LAYER),
                shift=read_datum_shift(self.settings),
                read_around=self._read_around,
                images=self._images(),
            ),
        )

    def _images(self) -> list[Image]:
        """List the imagery that the principal may see, oldest first."""
        found = [
            Image(raster.id, raster.path, raster.bands, _first_day(raster.date))
            for raster in self.rasters.catalogue().rasters.values()
            if raster.kind == "imagery"
        ]
        return sorted(found, key=lambda image: (image.taken_on or date.min, image.name))

    def _read_around(
        self, layer: str, box: tuple[float, float, float, float]
    ) -> gpd.GeoDataFrame | None:
        """Read the features of a layer whose boxes meet a box; ``None``: not to be had."""
        definition = self.library.require(layer)
        snapshot = self.store.find_current(layer)
        if snapshot is None or not decide(self.principal, "view", definition).allowed:
            return None
        return gpd.read_parquet(snapshot.folder / FEATURES, bbox=box)

    def _locate(self, geometries: Geometries) -> list[Units]:
        """Find the unit that holds each inner point, as statistics find it."""
        inner = shapely.point_on_surface(to_measure_plane(geometries, self.city.crs))
        columns: list[list[str]] = []
        for level in UNIT_LEVELS:
            snapshot = self._stored.find_current(level)
            if snapshot is None:
                columns.append([""] * len(geometries))
                continue
            key = self.library.require(level).key
            codes = snapshot.read_attributes([key])[key].astype(str).to_numpy()
            rows = find_containing(inner, self._tabulator.open_layer(snapshot).geometries)
            columns.append(np.where(rows >= 0, codes[rows], "").tolist())
        return [Units(*codes) for codes in zip(*columns, strict=True)]

    def _assess(self, geometry: shapely.Geometry) -> Context | None:
        """Measure the control layers under a footprint; those alone that one may see."""
        definitions = [
            definition
            for definition in self.library
            if definition.group in _CONTEXT_GROUPS
            and definition.geometry == "polygon"
            and decide(self.principal, "view", definition).allowed
        ]
        if not definitions:
            return None
        return to_context(self._what_if.ask(geometry, definitions, (), {}, None))


def _first_day(written: str) -> date | None:
    """Give the first day that a raster's date can mean: ``2021``, ``2021-07``, ``2021-07-01``."""
    if not written:
        return None
    year, month, day = [*(int(part) for part in written.split("-")), 1, 1][:3]
    return date(year, month, day)
