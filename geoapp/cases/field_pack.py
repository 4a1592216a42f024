"""Assigned cases as one GeoPackage for a phone: cases with a form, and layers around them.

QField and QGIS open it as it is. The choices of the form are field domains of the GeoPackage
schema extension, which QGIS shows as lists.
"""

import secrets
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from geoapp.cases.case import Case, CaseFilter
from geoapp.cases.office import Office
from geoapp.cases.storage_list import list_cases
from geoapp.errors import FileError, InputError
from geoapp.geometry.crs import GEOGRAPHIC

CASES: Final = "cases"
PACK: Final = "pack"
MOST_CASES: Final = 500
AROUND_DEGREES: Final = 0.005  # some 500 m around the cases
FOUND_STATES: Final = ("standing", "partly", "demolished", "rebuilt", "not_found", "no_access")
# What the person in the field fills in; ``photo`` holds the path that the app stores.
FORM: Final = (
    "visited_on",
    "found_state",
    "households_seen",
    "floor_area_seen_m2",
    "remark",
    "photo_before",
    "photo_after",
)
_CONSTRAINT: Final = "found_state"

# Gives the features of a layer in a box, EPSG:4490; ``None`` where one may not see it.
ReadAround = Callable[[str, tuple[float, float, float, float]], gpd.GeoDataFrame | None]


@dataclass(frozen=True, slots=True)
class PackReport:
    """What went into a pack.

    Attributes:
        pack: Its name; what comes back carries it.
        layers: Layers around the cases, with their number of features.
        without: Layers that were asked for and hold nothing there, or may not be seen.
    """

    pack: str
    cases: int
    layers: dict[str, int]
    without: tuple[str, ...]


def write_field_pack(
    office: Office,
    path: Path,
    wanted: CaseFilter,
    layers: Sequence[str],
    read_around: ReadAround,
) -> PackReport:
    """Write a pack, whole or not at all.

    Args:
        office: The register and who acts.
        path: A ``.gpkg`` that is written anew.
        wanted: Which cases, such as those of one inspector.
        layers: Layers to take along.
        read_around: Gives the features of a layer in a box.

    Raises:
        InputError: There are no such cases, or too many.
        FileError: The file cannot be written.
        AccessError: The principal may not see cases.
    """
    office.require("view_cases")
    if path.suffix.lower() != ".gpkg":
        raise FileError("file-kind-unknown", file=path.name, offered=".gpkg")
    with office.store.reading() as connection:
        page = list_cases(
            connection, wanted, office.scope, "case_no", offset=0, limit=MOST_CASES + 1
        )
    if not 0 < page.total <= MOST_CASES:
        raise InputError("case-too-many", count=page.total, most=MOST_CASES)
    pack = f"{office.today.isoformat()}-{secrets.token_hex(4)}"
    temporary = path.with_name(f".{path.stem}-{secrets.token_hex(4)}.gpkg")
    counts: dict[str, int] = {}
    try:
        frame = _case_frame(page.cases, pack)
        pyogrio.write_dataframe(frame, temporary, layer=CASES, driver="GPKG")
        west, south, east, north = frame.total_bounds.tolist()
        box = (
            west - AROUND_DEGREES,
            south - AROUND_DEGREES,
            east + AROUND_DEGREES,
            north + AROUND_DEGREES,
        )
        for layer in dict.fromkeys(layers):
            around = read_around(layer, box)
            if around is not None and len(around):
                pyogrio.write_dataframe(around, temporary, layer=layer, driver="GPKG", append=False)
                counts[layer] = len(around)
        _add_choices(temporary)
        temporary.replace(path)
    except (OSError, pyogrio.errors.DataSourceError, sqlite3.Error) as error:
        raise FileError("file-unwritable", file=path.name, reason=str(error)[:120]) from error
    finally:
        temporary.unlink(missing_ok=True)
    without = tuple(layer for layer in dict.fromkeys(layers) if layer not in counts)
    return PackReport(pack, page.total, counts, without)


def _case_frame(cases: Sequence[Case], pack: str) -> gpd.GeoDataFrame:
    rows = []
    for case in cases:
        left = case.remaining
        floor = left.floor_area_m2
        rows.append(
            {
                "case_no": case.case_no,
                "version": case.version,
                PACK: pack,
                "stage": case.stage,
                "due_on": "" if case.due_on is None else case.due_on.isoformat(),
                "cause": case.cause,
                "office": case.office,
                "inspector": case.inspector,
                "found_on": case.found_on.isoformat(),
                "households_left": left.households,
                "land_left_m2": float(left.land_area_m2),
                "floor_left_m2": None if floor is None else float(floor),
                "sample": case.sample,
                **dict.fromkeys(FORM, ""),
                "households_seen": None,
                "floor_area_seen_m2": None,
            }
        )
    table = pd.DataFrame(rows).astype(
        {"households_left": "Int64", "households_seen": "Int64", "floor_area_seen_m2": "float64"}
    )
    shapes = [_many(case.footprint) for case in cases]
    return gpd.GeoDataFrame(table, geometry=shapes, crs=GEOGRAPHIC)


def _many(shape: shapely.Geometry) -> shapely.Geometry:
    return shapely.MultiPolygon([shape]) if isinstance(shape, shapely.Polygon) else shape


def _add_choices(path: Path) -> None:
    """Name the choices of the form, by the schema extension of GeoPackage 1.3."""
    connection = sqlite3.connect(path)
    try:
        with connection:
            connection.execute(
                "CREATE TABLE IF NOT EXISTS gpkg_data_column_constraints ("
                "constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT, "
                "min NUMERIC, min_is_inclusive BOOLEAN, max NUMERIC, max_is_inclusive BOOLEAN, "
                "description TEXT, UNIQUE(constraint_name, constraint_type, value))"
            )
            connection.execute(
                "CREATE TABLE IF NOT EXISTS gpkg_data_columns ("
                "table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, "
                "description TEXT, mime_type TEXT, constraint_name TEXT, "
                "PRIMARY KEY (table_name, column_name), UNIQUE (table_name, name))"
            )
            connection.execute(
                "CREATE TABLE IF NOT EXISTS gpkg_extensions ("
                "table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, "
                "definition TEXT NOT NULL, scope TEXT NOT NULL, "
                "UNIQUE (table_name, column_name, extension_name))"
            )
            connection.executemany(
                "INSERT OR IGNORE INTO gpkg_extensions VALUES (?, NULL, 'gpkg_schema', "
                "'GeoPackage 1.3 annex F.9', 'read-write')",
                [("gpkg_data_columns",), ("gpkg_data_column_constraints",)],
            )
            connection.executemany(
                "INSERT INTO gpkg_data_column_constraints VALUES "
                "(?, 'enum', ?, NULL, NULL, NULL, NULL, ?)",
                [(_CONSTRAINT, state, state) for state in FOUND_STATES],
            )
            connection.execute(
                "INSERT INTO gpkg_data_columns (table_name, column_name, constraint_name) "
                "VALUES (?, 'found_state', ?)",
                (CASES, _CONSTRAINT),
            )
    finally:
        connection.close()
