"""Reading an older ledger of cases from a file, by the fields of the demolition layer."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
import pandas as pd
import shapely

from geoapp.cases.case import (
    MODES,
    OWNER_KINDS,
    Amounts,
    NewCase,
    OwnerKind,
    TrackId,
    require_offered,
)
from geoapp.cases.loading import PastAct, PastCase
from geoapp.cases.track import read_stages, stages_of_kind
from geoapp.catalog.city import City
from geoapp.catalog.definition import LayerDefinition
from geoapp.errors import CatalogError
from geoapp.geometry.crs import DatumShift, require_inside
from geoapp.geometry.measure import official_areas
from geoapp.geometry.repair import require_measurable
from geoapp.importers.mapping import map_fields, take_fields
from geoapp.importers.reading import AUTO
from geoapp.importers.vector import read_features

_CENT: Final = Decimal("0.01")


def read_ledger(
    path: Path,
    definition: LayerDefinition,
    city: City,
    shift: DatumShift | None,
    *,
    track: TrackId,
    crs: str = AUTO,
) -> list[PastCase]:
    """Read cases with the stage that the ledger gives; nothing is written.

    Ground is measured, never taken from the ledger. A case whose stage says that it was torn
    down is entered with all of it torn down on the day that the ledger gives.

    Raises:
        FileError: It cannot be read.
        CrsError: Its system is missing or refused, or it lies outside the city.
        CatalogError: A field is missing or a value is wrong; named with its row.
        GeometryError: An outline is missing, no polygon, or crosses itself.
    """
    reading = read_features(path, crs=crs)
    require_measurable(reading.geometries, "polygon")
    name, geometries = reading.located(city.zone, shift)
    require_inside(geometries, name, city.extent.to_extent(), city.zone)
    invalid = np.flatnonzero(~shapely.is_valid(geometries))
    if len(invalid):
        raise CatalogError("case-outline-wrong", file=path.name, row=int(invalid[0]) + 1)
    attributes = pd.DataFrame(reading.frame.drop(columns=reading.frame.geometry.name))
    mapping = map_fields(definition, [str(column) for column in attributes.columns], path.name)
    table = take_fields(definition, attributes, mapping, path.name)
    areas = official_areas(geometries, city.crs)
    return [
        _to_case(row, values, geometries[row], float(areas[row]), track, path.name)
        for row, values in enumerate(table.to_dict("records"))
    ]


def _to_case(
    row: int,
    values: dict[Any, Any],
    footprint: shapely.Geometry,
    area_m2: float,
    track: TrackId,
    file: str,
) -> PastCase:
    stage = str(values["status"] or "lead")
    require_offered(stage, "status", tuple(stage.id for stage in read_stages()))
    found = _day(values["found_on"], row, "found_on", file)
    households = None if pd.isna(values["households"]) else int(values["households"])
    floor = None if pd.isna(values["floor_area_m2"]) else _exact(float(values["floor_area_m2"]))
    owner = str(values["owner_kind"] or "unknown")
    require_offered(owner, "owner_kind", OWNER_KINDS)
    new = NewCase(
        footprint=footprint,
        found_on=found,
        source="ledger",
        track=track,
        households=households,
        floor_area_m2=floor,
        owner_kind=cast("OwnerKind", owner),
        cause=str(values["cause"] or ""),
        note=str(values["bz"] or ""),
    )
    acts: tuple[PastAct, ...] = ()
    if stage in stages_of_kind("demolished", "closed"):
        acts = (_torn(row, values, new, area_m2, file),)
    return PastCase(new, str(values["case_no"]), stage, acts, row + 1)


def _torn(row: int, values: dict[Any, Any], new: NewCase, area_m2: float, file: str) -> PastAct:
    if new.households is None or new.floor_area_m2 is None:
        missing = "households" if new.households is None else "floor_area_m2"
        raise CatalogError("field-empty", file=file, row=row + 1, field=missing, count=1)
    mode = str(values["mode"] or "")
    require_offered(mode, "mode", MODES)
    amounts = Amounts(new.households, _exact(area_m2), new.floor_area_m2)
    day = _day(values["demolished_on"], row, "demolished_on", file)
    return PastAct("demolished", day, "", mode=mode, amounts=amounts)


def _day(value: object, row: int, field: str, file: str) -> date:
    if not value:
        raise CatalogError("field-empty", file=file, row=row + 1, field=field, count=1)
    return date.fromisoformat(str(value))


def _exact(area_m2: float) -> Decimal:
    return Decimal(repr(area_m2)).quantize(_CENT, rounding=ROUND_HALF_UP)
