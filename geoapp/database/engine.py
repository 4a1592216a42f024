"""Opening the register and running transactions on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError, OperationalError

from geoapp.database.place import found_file, is_frozen
from geoapp.errors import ConflictError, FileError

METADATA: Final = sa.MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_BUSY_TIMEOUT_MS: Final = 30_000
_LONGEST_LOG_BYTES: Final = 64 * 1024**2  # kept of a log that a long reader let grow
_WRITES: Final = "geoapp_writes"
_POSTGRES_LOCK: Final = 0x67656F617070  # any number that only this product takes


def sqlite_url(path: Path) -> str:
    """Give the URL of a register in one file."""
    return f"sqlite:///{path}"


def open_engine(url: str) -> sa.Engine:
    """Open the register with the rules that keep it whole.

    SQLite: write-ahead log, full synchronisation, foreign keys on; a writing transaction
    takes its lock at the start (a deferred one fails in the middle when another writes). On
    ground that cannot be written it is opened for reading only.

    Raises:
        FileError: The URL cannot be understood.
    """
    try:
        # A file does not go away behind a connection, and asking it costs as much as a question.
        engine = sa.create_engine(url, pool_pre_ping=not url.startswith("sqlite"))
    except (sa.exc.ArgumentError, ModuleNotFoundError) as error:
        raise FileError("database-url-wrong", url=url.rsplit("@", maxsplit=1)[-1]) from error
    if engine.dialect.name == "sqlite":
        engine = _fit_to_place(engine)
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _fit_to_place(engine: sa.Engine) -> sa.Engine:
    """Make a new register unreadable for strangers; open one on read-only ground as it lies."""
    name = engine.url.database or ""
    if not name or name.startswith((":", "file:")):
        return engine
    path = Path(name)
    if is_frozen(path):  # SQLite would want to write its log even for reading
        return sa.create_engine(f"sqlite:///file:{path}?mode=ro&immutable=1&uri=true")
    found_file(path)
    return engine


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Run a transaction that only reads."""
    with worded_faults(), engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Run a transaction that writes: all of it happens, or nothing; one writer at a time.

    Raises:
        ConflictError: Another process holds the register for too long, or it cannot be
            written (disk full, read-only).
    """
    with worded_faults(), connecting_to_write(engine) as connection, connection.begin():
        await_turn(connection)
        yield connection


@contextmanager
def connecting_to_write(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Connect so that a transaction takes the writer's lock when it begins."""
    with engine.connect() as raw:
        yield raw.execution_options(**{_WRITES: True})


def await_turn(connection: sa.Connection) -> None:
    """Begin a transaction as its only writer; SQLite's lock comes with its BEGIN."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_POSTGRES_LOCK)))


@contextmanager
def worded_faults() -> Iterator[None]:
    """Turn a register that cannot be reached, read or written into our own error.

    Raises:
        ConflictError: The register cannot be used just now.
    """
    try:
        yield
    except DatabaseError as error:
        # The bare class is SQLite's for a file that is no database; others are our mistakes.
        if not isinstance(error, OperationalError) and type(error) is not DatabaseError:
            raise
        raise ConflictError("register-unavailable", reason=str(error.orig)) from error


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy says BEGIN itself, see _begin_sqlite
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute(f"PRAGMA journal_size_limit = {_LONGEST_LOG_BYTES}")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
