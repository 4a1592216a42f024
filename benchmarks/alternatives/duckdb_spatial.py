"""DuckDB with its spatial extension, everything in memory.

Three steps were the fastest of five ways: take parcels covered by one coarse part of a zone
whole, leave them out, intersect the rest with fine parts.
"""

from pathlib import Path
from typing import Final

import duckdb
import duckdb_extension_spatial

from alternatives import Areas, Task
from alternatives.features import COARSE, FINE, cut_up, read_zones, to_areas, to_table

_ANSWER: Final = """
WITH whole AS MATERIALIZED (
  SELECT parcel.row, part.code, parcel.class, ST_Area(parcel.geometry) AS area_m2
  FROM parcels AS parcel JOIN coarse AS part ON ST_CoveredBy(parcel.geometry, part.geometry)
),
rest AS MATERIALIZED (SELECT * FROM parcels ANTI JOIN whole USING (row)),
pieces AS (
  SELECT part.code, rest.class,
    ST_Area(ST_Intersection(rest.geometry, part.geometry)) AS area_m2
  FROM rest JOIN fine AS part ON ST_Intersects(rest.geometry, part.geometry)
)
SELECT code, class, sum(area_m2)
FROM (SELECT code, class, area_m2 FROM whole UNION ALL FROM pieces)
GROUP BY code, class
"""


def prepare(task: Task, _folder: Path) -> duckdb.DuckDBPyConnection:
    """Load the extension from its package, and both layers."""
    package = Path(duckdb_extension_spatial.__file__).parent
    extension = package / f"extensions/v{duckdb.__version__}/spatial.duckdb_extension"
    state = duckdb.connect()
    state.load_extension(str(extension))
    state.execute(
        "CREATE TABLE parcels AS SELECT row, class, ST_GeomFromWKB(geometry) AS geometry "
        "FROM read_parquet(?)",
        [str(task.parcels)],
    )
    zones = read_zones(task)
    for name, most_vertices in (("coarse", COARSE), ("fine", FINE)):
        state.register("wkb", to_table(cut_up(zones, most_vertices)))
        state.execute(
            f"CREATE TABLE {name} AS SELECT code, ST_GeomFromWKB(geometry) AS geometry FROM wkb"  # noqa: S608 (our own words)
        )
        state.unregister("wkb")
    return state


def answer(state: duckdb.DuckDBPyConnection) -> Areas:
    """Ask."""
    return to_areas(state.execute(_ANSWER).fetchall())


answer_three = answer


def close(state: duckdb.DuckDBPyConnection) -> None:
    """Close the connection."""
    state.close()
