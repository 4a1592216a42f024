"""Copying a register whole: out of either database into one file, and back into either."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from geoapp.database.engine import open_engine, reading, sqlite_url, worded_faults, writing
from geoapp.database.migration import find_revision, upgrade
from geoapp.errors import ConflictError, FileError

_VERSION_TABLE: Final = "alembic_version"
_PORTION: Final = 2000


def copy_out(engine: sa.Engine, target: Path) -> None:
    """Copy a register into a new SQLite file, as it stands at one moment, while it is in use.

    Raises:
        FileError: The file cannot be written.
        ConflictError: The register cannot be read.
    """
    if engine.dialect.name == "sqlite":
        _copy_sqlite(engine, target)
        return
    with opened_register(target) as copy:
        upgrade(copy)
        moment = engine.execution_options(isolation_level="REPEATABLE READ")
        with reading(moment) as source, writing(copy) as connection:
            _copy_rows(source, connection)


def copy_in(source: Path, url: str) -> None:
    """Fill an empty register at an address from a copy, in one transaction.

    Raises:
        ConflictError: There is something in it already, or it cannot be written.
    """
    engine = open_engine(url)
    try:
        if find_revision(engine) is not None and any(count_rows(engine).values()):
            raise ConflictError("restore-register-used")
        with opened_register(source) as copy:
            upgrade(copy)  # of an older version it may be
            upgrade(engine)
            with reading(copy) as connection, writing(engine) as target:
                _copy_rows(connection, target)
                if engine.dialect.name == "postgresql":
                    _go_on_counting(target)
    finally:
        engine.dispose()


def count_rows(engine: sa.Engine) -> dict[str, int]:
    """Count the rows of every table of a register."""
    with reading(engine) as connection:
        tables = sa.MetaData()
        tables.reflect(connection)
        return {
            table.name: int(connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0)
            for table in tables.sorted_tables
            if table.name != _VERSION_TABLE
        }


@contextmanager
def opened_register(path: Path) -> Iterator[sa.Engine]:
    """Open a copy; afterwards it is one file again, without a log beside it."""
    engine = open_engine(sqlite_url(path))
    try:
        yield engine
    finally:
        engine.dispose()
        _fold(path)


def _copy_sqlite(engine: sa.Engine, target: Path) -> None:
    with worded_faults(), closing(engine.raw_connection()) as raw:
        source: Any = raw.driver_connection
        try:
            with closing(sqlite3.connect(target)) as copy:
                source.backup(copy)
        except sqlite3.Error as error:
            raise FileError("file-unwritable", file=target.name, reason=str(error)) from error
    _fold(target)


def _fold(path: Path) -> None:
    try:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        raise FileError("file-unwritable", file=path.name, reason=str(error)) from error


def _copy_rows(source: sa.Connection, target: sa.Connection) -> None:
    """Copy all rows, tables that others point at first, in the order of their keys."""
    here, there = sa.MetaData(), sa.MetaData()
    here.reflect(source)
    there.reflect(target)
    for table in there.sorted_tables:
        if table.name == _VERSION_TABLE or table.name not in here.tables:
            continue
        origin = here.tables[table.name]
        query = sa.select(origin).order_by(*origin.primary_key.columns)
        zoned = {
            column.name: bool(getattr(column.type, "timezone", False))
            for column in table.columns
            if isinstance(column.type, sa.DateTime)
        }
        rows = source.execution_options(yield_per=_PORTION).execute(query).mappings()
        for portion in rows.partitions():
            target.execute(sa.insert(table), [_plain(dict(row), zoned) for row in portion])


def _plain(row: dict[str, Any], zoned: dict[str, bool]) -> dict[str, Any]:
    """Bring moments to UTC, with or without saying so, as the column holds them."""
    for name, keeps_zone in zoned.items():
        value = row[name]
        if isinstance(value, datetime):
            aware = value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
            row[name] = aware if keeps_zone else aware.replace(tzinfo=None)
    return row


def _go_on_counting(connection: sa.Connection) -> None:
    """Let numbers that the database gives go on after the largest that was copied."""
    tables = sa.MetaData()
    tables.reflect(connection)
    for table in tables.sorted_tables:
        for column in table.primary_key.columns:
            if not isinstance(column.type, sa.Integer):
                continue
            sequence = sa.func.pg_get_serial_sequence(f'"{table.name}"', column.name)
            name = connection.scalar(sa.select(sequence))
            if name:
                after = sa.select(sa.func.coalesce(sa.func.max(column), 0) + 1).scalar_subquery()
                connection.execute(sa.select(sa.func.setval(name, after, sa.false())))
