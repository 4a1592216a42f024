"""The register on SQLite and on PostgreSQL: the same tests, two fixtures."""

import multiprocessing
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from geoapp.bootstrap import Workspace  # noqa: F401  brings the tables of all services
from geoapp.catalog import storage_mappings  # noqa: F401  registers its table
from geoapp.catalog.storage import SnapshotTable
from geoapp.catalog.storage_audit import AuditTrail, append_entry
from geoapp.database import engine as engine_module
from geoapp.database import place
from geoapp.database.engine import METADATA, open_engine, reading, sqlite_url, writing
from geoapp.database.migration import MIGRATIONS, find_revision, upgrade
from geoapp.errors import ConflictError, FileError

DAY = date(2024, 1, 1)
TABLES = {*METADATA.tables, "alembic_version"}  # all of them: Workspace imports their modules


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request, tmp_path):
    if request.param == "postgres":
        return request.getfixturevalue("postgres_url")
    return sqlite_url(tmp_path / "register.db")


@pytest.fixture
def engine(url):
    opened = open_engine(url)
    upgrade(opened)
    yield opened
    opened.dispose()


def alembic(engine, action, *arguments):
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        action(config, *arguments)


def test_migrations_go_up_and_down_and_up_again(url):
    engine = open_engine(url)
    assert find_revision(engine) is None
    upgrade(engine)
    assert set(sa.inspect(engine).get_table_names()) == TABLES
    alembic(engine, command.downgrade, "base")
    assert set(sa.inspect(engine).get_table_names()) == {"alembic_version"}
    upgrade(engine)
    upgrade(engine)
    assert set(sa.inspect(engine).get_table_names()) == TABLES
    engine.dispose()


def test_the_tables_of_the_code_are_those_of_the_migrations(engine):
    inspector = sa.inspect(engine)
    for name, table in METADATA.tables.items():
        columns = {column["name"]: column["nullable"] for column in inspector.get_columns(name)}
        assert columns == {column.name: bool(column.nullable) for column in table.columns}
        assert inspector.get_pk_constraint(name)["constrained_columns"] == [
            column.name for column in table.primary_key
        ]


def test_a_register_of_a_newer_version_is_refused_and_untouched(engine):
    with writing(engine) as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConflictError) as caught:
        upgrade(engine)
    assert caught.value.code == "register-too-new"
    assert find_revision(engine) == "9999"


def publish(table, name, day=DAY, layer="landuse"):
    table.make_current(layer, name, day, "d" * 64, 3, "somebody")


def test_publishing_moves_current_and_leaves_a_trace(engine):
    table, trail = SnapshotTable(engine), AuditTrail(engine)
    assert table.find_current("landuse") is None
    publish(table, "a")
    publish(table, "b")
    publish(table, "a")
    assert table.find_current("landuse") == "a"
    assert sorted(table.names("landuse")) == ["a", "b"]
    assert table.current_names() == {"landuse": "a"}
    events = trail.entries()
    assert [event.subject for event in events] == ["landuse/a", "landuse/b", "landuse/a"]
    assert events[0].detail == {"count": 3, "before": "b"}
    assert events[0].actor == "somebody"


def test_the_snapshot_in_force_on_a_day_is_the_newest_not_after_it(engine):
    table = SnapshotTable(engine)
    publish(table, "2023", date(2023, 12, 31))
    publish(table, "2020", date(2020, 12, 31))
    publish(table, "2023b", date(2023, 12, 31))
    assert table.find_as_of("landuse", date(2020, 12, 30)) is None
    assert table.find_as_of("landuse", date(2020, 12, 31)) == "2020"
    assert table.find_as_of("landuse", date(2023, 12, 30)) == "2020"
    assert table.find_as_of("landuse", date(2030, 1, 1)) == "2023b"


def test_a_failed_transaction_leaves_nothing(engine):
    trail = AuditTrail(engine)
    publish(SnapshotTable(engine), "a")
    with pytest.raises(RuntimeError), writing(engine) as connection:  # noqa: PT012
        append_entry(connection, "somebody", "test", "lost")
        connection.execute(sa.text("DELETE FROM current_snapshot"))
        raise RuntimeError
    assert SnapshotTable(engine).find_current("landuse") == "a"
    assert len(trail.entries()) == 1


def test_a_current_snapshot_must_exist(engine):
    with pytest.raises(sa.exc.IntegrityError), writing(engine) as connection:
        connection.execute(sa.text("INSERT INTO current_snapshot VALUES ('landuse', 'none')"))


def _write_many(url, worker, count):
    engine = open_engine(url)
    upgrade(engine)
    table, trail = SnapshotTable(engine), AuditTrail(engine)
    for number in range(count):
        publish(table, f"{worker}-{number}", layer="shared")
        trail.write(f"w{worker}", "test", str(number), {"number": number})
    engine.dispose()


def test_processes_that_write_at_once_lose_nothing(url):
    """The register does not even exist when they start."""
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_write_many, args=(url, w, 6)) for w in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(90)
    assert [worker.exitcode for worker in workers] == [0] * 3
    engine = open_engine(url)
    assert len(AuditTrail(engine).entries(most=1000)) == 3 * 6 * 2
    assert len(SnapshotTable(engine).names("shared")) == 3 * 6
    state = AuditTrail(engine).verify()
    assert (state.fault, state.entries) == (None, 3 * 6 * 2)
    engine.dispose()


def test_threads_that_make_the_first_snapshot_current_at_once_all_succeed(engine):
    table = SnapshotTable(engine)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: publish(table, f"s{n}", layer="fresh"), range(12)))
    assert len(table.names("fresh")) == 12
    assert table.find_current("fresh") in table.names("fresh")


# --- SQLite only ---------------------------------------------------------------------------


def test_a_locked_register_is_a_conflict_not_a_crash(tmp_path, monkeypatch):
    monkeypatch.setattr(engine_module, "_BUSY_TIMEOUT_MS", 100)
    path = tmp_path / "register.db"
    engine = open_engine(sqlite_url(path))
    upgrade(engine)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(ConflictError) as caught:
        publish(SnapshotTable(engine), "a")
    assert caught.value.code == "register-unavailable"
    holder.execute("ROLLBACK")
    holder.close()
    publish(SnapshotTable(engine), "a")
    engine.dispose()


def test_readers_do_not_wait_for_a_writer(tmp_path):
    path = tmp_path / "register.db"
    engine = open_engine(sqlite_url(path))
    upgrade(engine)
    publish(SnapshotTable(engine), "a")
    with writing(engine) as connection:
        connection.execute(sa.text("DELETE FROM current_snapshot"))
        other = open_engine(sqlite_url(path))
        assert SnapshotTable(other).find_current("landuse") == "a"
        other.dispose()
    engine.dispose()


@pytest.mark.parametrize("content", [b"this is no database, whatever its name says" * 40, None])
def test_a_register_that_cannot_be_opened_is_worded(tmp_path, content):
    path = tmp_path / "register.db"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    engine = open_engine(sqlite_url(path))
    with pytest.raises(ConflictError) as caught:
        upgrade(engine)
    assert caught.value.code == "register-unavailable"
    engine.dispose()


def test_a_register_on_frozen_ground_is_opened_as_it_lies(tmp_path, monkeypatch):
    """Without a log beside it: SQLite could not write one."""
    path = tmp_path / "register.db"
    engine = open_engine(sqlite_url(path))
    upgrade(engine)
    engine.dispose()
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    monkeypatch.setattr(place, "is_writable", lambda _: False)
    frozen = open_engine(sqlite_url(path))
    assert SnapshotTable(frozen).find_current("landuse") is None
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before
    with pytest.raises(ConflictError):
        publish(SnapshotTable(frozen), "a")
    frozen.dispose()


def test_a_register_on_read_only_ground_is_a_conflict(tmp_path):
    path = tmp_path / "register.db"
    engine = open_engine(sqlite_url(path))
    upgrade(engine)
    engine.dispose()
    read_only = open_engine(f"sqlite:///file:{path}?mode=ro&immutable=1&uri=true")
    assert SnapshotTable(read_only).find_current("landuse") is None
    with pytest.raises(ConflictError):
        publish(SnapshotTable(read_only), "a")
    read_only.dispose()


def test_sqlite_runs_with_the_rules_that_keep_it_whole(tmp_path):
    engine = open_engine(sqlite_url(tmp_path / "register.db"))
    with reading(engine) as connection:
        pragma = lambda name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()  # noqa: E731
        assert pragma("journal_mode") == "wal"
        assert pragma("synchronous") == 2
        assert pragma("foreign_keys") == 1
    engine.dispose()


def test_a_log_that_a_long_reader_let_grow_is_cut_back(tmp_path, monkeypatch):
    monkeypatch.setattr(engine_module, "_LONGEST_LOG_BYTES", 64 * 1024)
    path = tmp_path / "register.db"
    engine = open_engine(sqlite_url(path))
    log = path.with_name("register.db-wal")
    with writing(engine) as connection:
        connection.exec_driver_sql("CREATE TABLE long (text TEXT)")

    def write(times):
        for _ in range(times):
            with writing(engine) as connection:
                connection.exec_driver_sql("INSERT INTO long VALUES (?)", ("x" * 20_000,))

    with reading(engine) as reader:
        reader.exec_driver_sql("SELECT count(*) FROM long").scalar()
        write(300)
        grown = log.stat().st_size
    assert grown > 5_000_000  # nothing may be taken from under the reader
    write(300)  # the log is emptied, begun anew, and cut to what may stay
    assert log.stat().st_size < grown
    with reading(engine) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM long").scalar() == 600
    engine.dispose()


@pytest.mark.postgres
def test_connections_that_the_server_cut_are_made_anew(postgres_url):
    engine = open_engine(postgres_url)
    upgrade(engine)
    with reading(engine) as connection:
        own = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
    other = sa.create_engine(postgres_url)
    with other.connect() as connection:
        cut = connection.exec_driver_sql(f"SELECT pg_terminate_backend({own})").scalar()
    other.dispose()
    assert cut
    assert SnapshotTable(engine).current_names() == {}
    engine.dispose()


@pytest.mark.postgres
def test_a_transaction_that_the_server_cut_is_a_conflict_and_leaves_nothing(postgres_url):
    engine, other = open_engine(postgres_url), sa.create_engine(postgres_url)
    upgrade(engine)

    def write_and_be_cut():
        with writing(engine) as connection:
            append_entry(connection, "x", "test", "lost", {})
            own = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
            with other.connect() as killer:
                killer.exec_driver_sql(f"SELECT pg_terminate_backend({own})")
            append_entry(connection, "x", "test", "never", {})

    with pytest.raises(ConflictError, match="register-unavailable"):
        write_and_be_cut()
    other.dispose()
    assert not [entry for entry in AuditTrail(engine).entries() if entry.action == "test"]
    engine.dispose()


@pytest.mark.parametrize(
    "url", ["nonsense", "oracle://x", "postgresql+nosuch://u:secret@h/d", "mysql://u:secret@h/d"]
)
def test_an_address_that_cannot_be_understood_is_refused_without_its_password(url):
    with pytest.raises(FileError) as caught:
        open_engine(url)
    assert "secret" not in str(caught.value)


def test_a_server_that_does_not_answer_is_a_conflict_without_a_password():
    engine = open_engine("postgresql+psycopg://user:secret@127.0.0.1:1/none?connect_timeout=2")
    with pytest.raises(ConflictError) as caught:
        upgrade(engine)
    assert "secret" not in str(caught.value)
    engine.dispose()
