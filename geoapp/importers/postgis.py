"""Reading one table of a PostGIS database, and nothing else of it.

``postgresql://user:password@host/database?table=schema.name``. The only statements are a
read-only transaction, a look at the table's columns and one ``SELECT`` of them. The address
is never shown or logged: it carries a password.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import psycopg
import pyarrow as pa
from psycopg import sql

from geoapp.errors import FileError, NotFoundError
from geoapp.importers.content import Content, rename_taken
from geoapp.importers.job import MOST_FEATURES, Job, Sublayer
from geoapp.importers.problem import Problem

SCHEMES: Final = ("postgresql://", "postgres://", "postgresql+psycopg://")
_CONNECT_SECONDS: Final = 10
_BATCH_ROWS: Final = 20_000
_COLUMNS: Final = """
SELECT a.attname, t.typname FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_type t ON t.oid = a.atttypid
WHERE n.nspname = %s AND c.relname = %s AND c.relkind IN ('r', 'p', 'm', 'v', 'f')
AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
"""
_NUMBERS: Final = frozenset({"int2", "int4", "int8"})
_FLOATS: Final = frozenset({"float4", "float8", "numeric"})


def is_url(source: object) -> bool:
    """Tell an address of a database from a path."""
    return isinstance(source, str) and source.startswith(SCHEMES)


def shown_name(url: str) -> str:
    """Give the part of an address that may be shown: schema and table."""
    return ".".join(_table_of(url))


def read_table(job: Job) -> Content:
    """Read a table.

    Raises:
        FileError: The address is wrong, the database does not answer, or the table has no
            geometry.
        NotFoundError: There is no such table, or it may not be read.
    """
    name = shown_name(job.url)
    with _connected(job.url) as connection:
        columns, geometry = _described(connection, job.url)
        rows = _read_rows(connection, job.url, columns, geometry)
        srids = {srid for *_, srid in rows if srid}
    problems = [Problem("geometry-many-systems", "warning")] if len(srids) > 1 else []
    srid = srids.pop() if len(srids) == 1 else 0
    arrays: list[pa.Array] = []
    for place, (column, kind) in enumerate(columns):
        arrays.append(_to_array([row[place] for row in rows], kind))
        del column
    wkb = pa.array([None if row[-2] is None else bytes(row[-2]) for row in rows], pa.binary())
    table = pa.table([*arrays, wkb], names=[*(column for column, _ in columns), "\x00"])
    names, found = rename_taken(table.schema, "\x00")
    table = table.rename_columns(names)
    return Content(
        "postgis",
        table.schema,
        table.to_batches(),
        crs=f"EPSG:{srid}" if srid else "",
        sublayer=name,
        problems=[*problems, *found],
    )


def list_table(job: Job) -> list[Sublayer]:
    """Describe the table that an address names."""
    with _connected(job.url) as connection:
        _described(connection, job.url)
    return [Sublayer(shown_name(job.url), "", None)]


def _table_of(url: str) -> tuple[str, str]:
    try:
        named = dict(parse_qsl(urlsplit(url).query)).get("table", "")
    except ValueError as error:
        raise FileError("database-address-wrong") from error
    schema, _, table = named.rpartition(".")
    if not table:
        raise FileError("database-address-wrong")
    return schema or "public", table


def _address(url: str) -> str:
    """Take the table out of the address, as the driver expects it."""
    parts = urlsplit(url)
    rest = [(key, value) for key, value in parse_qsl(parts.query) if key == "sslmode"]
    return urlunsplit(("postgresql", parts.netloc, parts.path, urlencode(rest), ""))


@contextmanager
def _connected(url: str) -> Iterator[psycopg.Connection[Any]]:
    name = shown_name(url)
    try:
        with psycopg.connect(_address(url), connect_timeout=_CONNECT_SECONDS) as connection:
            connection.read_only = True
            yield connection
    except psycopg.Error as error:
        # The driver's own words may repeat the address.
        reason = type(error).__name__
        raise FileError("database-unreachable", table=name, reason=reason) from None
    except (ValueError, UnicodeError):
        raise FileError("database-address-wrong") from None


def _described(connection: psycopg.Connection[Any], url: str) -> tuple[list[tuple[str, str]], str]:
    """List the columns with their types, and name the one of geometry."""
    found = connection.execute(_COLUMNS, _table_of(url)).fetchall()
    if not found:
        raise NotFoundError("database-table-unknown", table=shown_name(url))
    geometry = [name for name, kind in found if kind in {"geometry", "geography"}]
    if not geometry:
        raise FileError("file-without-geometry", file=shown_name(url))
    return [(name, kind) for name, kind in found if name not in geometry], geometry[0]


def _read_rows(
    connection: psycopg.Connection[Any], url: str, columns: list[tuple[str, str]], geometry: str
) -> list[tuple[Any, ...]]:
    shape = sql.SQL("{}::geometry").format(sql.Identifier(geometry))
    query = sql.SQL("SELECT {}, ST_AsBinary({}), ST_SRID({}) FROM {} LIMIT {}").format(
        sql.SQL(", ").join(
            sql.SQL("{}").format(sql.Identifier(name))
            if kind in _NUMBERS | _FLOATS | {"bool", "date"}
            else sql.SQL("{}::text").format(sql.Identifier(name))
            for name, kind in columns
        )
        if columns
        else sql.SQL("NULL"),
        shape,
        shape,
        sql.Identifier(*_table_of(url)),
        sql.Literal(MOST_FEATURES + 1),
    )
    rows: list[tuple[Any, ...]] = []
    with connection.cursor(name="geoapp") as cursor:
        cursor.itersize = _BATCH_ROWS
        cursor.execute(query)
        rows.extend(cursor)
    if len(rows) > MOST_FEATURES:
        raise FileError("file-too-many-features", file=shown_name(url), most=MOST_FEATURES)
    return rows


def _to_array(values: list[Any], kind: str) -> pa.Array:
    if kind in _FLOATS:
        return pa.array([None if v is None else float(v) for v in values], pa.float64())
    types = {"bool": pa.bool_(), "date": pa.date32()} | dict.fromkeys(_NUMBERS, pa.int64())
    return pa.array(values, types.get(kind, pa.string()))
