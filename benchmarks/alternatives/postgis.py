"""PostGIS in a cluster of its own, tuned for two cores.

Of eight ways (one join with the cover test inside, with and without subdivision, zones or
parcels first, two and three steps) this was the fastest throughout: take parcels covered by
one coarse part of a zone whole, leave them out, intersect the rest with fine parts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg
import pyarrow.parquet as pq

from alternatives import Areas, Task
from alternatives.cluster import Cluster
from alternatives.features import COARSE, FINE, to_areas

_BATCH_ROWS: Final = 20_000

_TABLES: Final = """
CREATE EXTENSION postgis;
CREATE TABLE parcels (row bigint, class text, geometry geometry);
CREATE TABLE zones (code text, geometry geometry);
CREATE TABLE control (geometry geometry);
ALTER TABLE zones ALTER geometry SET STORAGE external;
"""

_CUT_BY_CONTROL: Final = """
CREATE TABLE inside AS
SELECT code, CASE
  WHEN ST_Covers(zones.geometry, control.geometry) THEN control.geometry
  ELSE ST_CollectionExtract(ST_Intersection(zones.geometry, control.geometry), 3)
END AS geometry
FROM zones JOIN control ON ST_Intersects(zones.geometry, control.geometry);
DROP TABLE zones;
ALTER TABLE inside RENAME TO zones;
"""

_PARTS: Final = f"""
CREATE TABLE coarse AS SELECT code, ST_Subdivide(geometry, {COARSE}) AS geometry FROM zones;
CREATE TABLE fine AS SELECT code, ST_Subdivide(geometry, {FINE}) AS geometry FROM zones;
CREATE INDEX ON coarse USING gist (geometry);
CREATE INDEX ON fine USING gist (geometry);
"""  # noqa: S608 (numbers of our own)

_COVERED: Final = """
CREATE UNLOGGED TABLE whole AS
SELECT parcels.row, coarse.code, parcels.class, ST_Area(parcels.geometry) AS area_m2
FROM coarse JOIN parcels ON ST_Covers(coarse.geometry, parcels.geometry);
CREATE UNLOGGED TABLE rest AS
SELECT class, geometry FROM parcels
WHERE NOT EXISTS (SELECT FROM whole WHERE whole.row = parcels.row);
ANALYZE whole, rest;
"""

_SUMS: Final = """
SELECT code, class, sum(area_m2)
FROM (
  SELECT code, class, area_m2 FROM whole
  UNION ALL
  SELECT fine.code, rest.class, ST_Area(ST_Intersection(rest.geometry, fine.geometry))
  FROM rest JOIN fine ON rest.geometry && fine.geometry
) AS pieces
GROUP BY code, class
"""


@dataclass(frozen=True, slots=True)
class State:
    """A running cluster and a connection to it."""

    cluster: Cluster
    connection: psycopg.Connection


def prepare(task: Task, folder: Path) -> State:
    """Start a cluster, load both layers, subdivide the zones, index everything."""
    cluster = Cluster(folder / "cluster")
    try:
        connection = cluster.connect()
        _execute(connection, _TABLES)
        _copy(connection, "parcels (row, class, geometry)", task.parcels)
        _copy(connection, "zones (code, geometry)", task.zones)
        if task.control is not None:
            _copy(connection, "control (geometry)", task.control)
            _execute(connection, "CREATE INDEX ON control USING gist (geometry)")
            _execute(connection, "ANALYZE control; ANALYZE zones")
            _execute(connection, _CUT_BY_CONTROL)
        _execute(connection, _PARTS)
        _execute(connection, "CREATE INDEX ON parcels USING gist (geometry)")
        for table in ("parcels", "coarse", "fine"):
            _execute(connection, f"VACUUM ANALYZE {table}")
    except BaseException:
        cluster.stop()
        raise
    return State(cluster, connection)


def answer(state: State) -> Areas:
    """Ask in three steps."""
    try:
        _execute(state.connection, _COVERED)
        return to_areas(state.connection.execute(_SUMS).fetchall())
    finally:
        _execute(state.connection, "DROP TABLE IF EXISTS whole, rest")


answer_three = answer


def close(state: State) -> None:
    """Stop the cluster."""
    state.connection.close()
    state.cluster.stop()


def _execute(connection: psycopg.Connection, statements: str) -> None:
    connection.execute(statements.encode())


def _copy(connection: psycopg.Connection, target: str, file: Path) -> None:
    """Load a file; PostGIS reads the WKB as it comes in."""
    types = {"row": "int8", "class": "text", "code": "text", "geometry": "bytea"}
    columns = target.partition("(")[2].rstrip(")").split(", ")
    statement = f"COPY {target} FROM STDIN (FORMAT binary)"
    with connection.cursor().copy(statement.encode()) as copy:
        copy.set_types([types[column] for column in columns])
        for row in _iter_rows(file, columns):
            copy.write_row(row)


def _iter_rows(file: Path, columns: list[str]) -> Iterator[tuple[object, ...]]:
    for batch in pq.ParquetFile(file).iter_batches(_BATCH_ROWS, columns=columns):
        yield from zip(*(batch.column(name).to_pylist() for name in columns), strict=True)
