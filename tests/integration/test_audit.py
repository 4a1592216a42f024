"""The audit trail: a chain that only grows, on SQLite and on PostgreSQL."""

import hashlib
import json
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from geoapp.catalog.audit import Author
from geoapp.catalog.storage_audit import AuditFilter, AuditTrail, append_entry
from geoapp.database.engine import open_engine, sqlite_url, writing
from geoapp.database.migration import MIGRATIONS, upgrade

DROP = {
    "sqlite": ("audit_entry_no_update", "audit_entry_no_delete", "audit_entry_at_the_end"),
    "postgresql": ("audit_entry_only_grows ON audit_entry",),
}


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def engine(request, tmp_path):
    url = sqlite_url(tmp_path / "register.db")
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
    opened = open_engine(url)
    yield opened
    opened.dispose()


@pytest.fixture
def trail(engine):
    upgrade(engine)
    return AuditTrail(engine)


def change(engine, *statements):
    """Change the table as somebody could who owns the database: without its triggers."""
    with writing(engine) as connection:
        for name in DROP[engine.dialect.name]:
            connection.execute(sa.text(f"DROP TRIGGER {name}"))
        for statement in statements:
            connection.execute(sa.text(statement))


def fill(trail, count=5):
    for number in range(count):
        author = Author(f"person-{number % 2}", "planner", "430802", "10.0.0.7")
        trail.write(author, "export" if number % 2 else "check", f"s{number}", {"n": number})


def test_an_entry_says_who_from_where_what_and_how_it_ended(trail):
    author = Author("li", "township", "430802101", "10.1.2.3")
    trail.write(author, "export", "landuse/x", {"share": 0.1, "day": date(2026, 1, 2)})
    trail.write("system", "sign-in", "li", result="refused")
    refused, done = trail.entries()
    assert (done.actor, done.role, done.unit, done.address) == tuple(asdict(author).values())
    assert (done.action, done.subject, done.result) == ("export", "landuse/x", "done")
    assert done.detail == {"share": 0.1, "day": "2026-01-02"}
    assert abs(done.moment - datetime.now(UTC)) < timedelta(minutes=1)
    assert (refused.actor, refused.role, refused.result) == ("system", "", "refused")


def test_the_hash_is_that_of_the_written_words(trail):
    """An oracle of its own: what stands in docs/keeping.md, computed from the table."""
    fill(trail, 3)
    previous = "0" * 64
    for entry in reversed(trail.entries()):
        content = asdict(entry)
        hashed = content.pop("hash")
        assert content["previous_hash"] == previous
        written = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        previous = hashlib.sha256(written.encode()).hexdigest()
        assert hashed == previous
    assert trail.verify().head == previous


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET actor = 'nobody' WHERE seq = 2",
        "DELETE FROM audit_entry WHERE seq = 5",
        "DELETE FROM audit_entry",
        "UPDATE audit_entry SET seq = seq + 10",
    ],
)
def test_the_database_refuses_to_change_the_trail(engine, trail, statement):
    fill(trail)
    before = trail.entries()
    with pytest.raises(sa.exc.DBAPIError, match="only added"), engine.begin() as connection:
        connection.execute(sa.text(statement))
    assert trail.entries() == before


def test_sqlite_refuses_to_replace_an_entry_or_to_slip_one_in(tmp_path):
    engine = open_engine(sqlite_url(tmp_path / "register.db"))
    upgrade(engine)
    trail = AuditTrail(engine)
    fill(trail, 2)
    columns = "at, actor, role, unit, address, action, subject, result, detail, previous_hash, hash"
    for verb, seq in (("INSERT OR REPLACE", 1), ("INSERT", 9), ("INSERT", 0)):
        with pytest.raises(sa.exc.DBAPIError, match="only added"), engine.begin() as connection:
            connection.execute(
                sa.text(
                    f"{verb} INTO audit_entry (seq, {columns}) "  # noqa: S608
                    f"SELECT {seq}, {columns} FROM audit_entry WHERE seq = 2"
                )
            )
    assert trail.verify().fault is None
    engine.dispose()


@pytest.mark.parametrize(
    ("statement", "seq", "fault"),
    [
        ("UPDATE audit_entry SET actor = 'nobody' WHERE seq = 3", 3, "content"),
        ("UPDATE audit_entry SET detail = '{}' WHERE seq = 4", 4, "content"),
        ("UPDATE audit_entry SET detail = 'no json' WHERE seq = 4", 4, "content"),
        ("UPDATE audit_entry SET result = 'done ' WHERE seq = 1", 1, "content"),
        ("DELETE FROM audit_entry WHERE seq = 2", 2, "gap"),
        ("DELETE FROM audit_entry WHERE seq = 1", 1, "gap"),
        ("UPDATE audit_entry SET previous_hash = 'x' WHERE seq = 5", 5, "link"),
        ("UPDATE audit_entry SET hash = 'x' WHERE seq = 5", 5, "content"),
    ],
)
def test_what_was_changed_behind_its_back_is_named(engine, trail, statement, seq, fault):
    fill(trail)
    change(engine, statement)
    found = trail.verify().fault
    assert (found.seq, found.fault) == (seq, fault)


def test_a_cut_off_end_shows_by_the_head_that_was_written_down(engine, trail):
    fill(trail)
    before = trail.verify()
    change(engine, "DELETE FROM audit_entry WHERE seq = 5")
    after = trail.verify()
    assert after.fault is None
    assert (after.entries, after.head) != (before.entries, before.head)


def test_a_clock_that_jumped_back_is_told_and_breaks_nothing(engine, trail):
    now = datetime.now(UTC)
    with writing(engine) as connection:
        for hours in (0, -3, -2):
            append_entry(connection, "li", "test", "x", at=now + timedelta(hours=hours))
    state = trail.verify()
    assert state.fault is None
    assert state.clock_back == (2,)
    assert [entry.seq for entry in trail.entries()] == [3, 2, 1]


def test_no_text_can_break_a_line_or_overflow_a_column(trail):
    name = "a\n2026 INFO admin signed in\x00\x1b[2J\ud800" + "长" * 500
    trail.write(name, "sign-in", name, {"typed": name}, result="refused")
    [read] = trail.entries()
    assert read.actor.isprintable()
    assert read.actor.endswith("…")
    assert len(read.actor) == 128
    assert trail.verify().fault is None


def test_entries_are_found_by_each_part_and_counted(trail):
    fill(trail, 6)
    wanted = AuditFilter(actor="person-1", action="export", result="done")
    assert [entry.subject for entry in trail.entries(wanted)] == ["s5", "s3", "s1"]
    assert trail.count(wanted) == 3
    assert [entry.subject for entry in trail.entries(wanted, most=1, offset=1)] == ["s3"]
    today = datetime.now(UTC).date()
    assert trail.count(AuditFilter(first=today, last=today)) == 6
    assert trail.count(AuditFilter(first=today + timedelta(days=1))) == 0
    assert trail.count(AuditFilter(subject="%")) == 0
    assert trail.actions() == ["check", "export"]


def test_the_old_trail_becomes_the_beginning_of_the_chain_and_back(engine):
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))

    def migrate(action, revision):
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            action(config, revision)

    migrate(command.upgrade, "0005")
    at = datetime(2024, 2, 29, 23, 59, 59, 123456, UTC)
    with writing(engine) as connection:
        old = sa.Table("audit_event", sa.MetaData(), autoload_with=connection)
        for number, facts in enumerate([{"count": 3, "before": "旧"}, {}]):
            row = {"at": at, "actor": "li", "action": "publish", "subject": f"landuse/{number}"}
            connection.execute(sa.insert(old).values(**row, facts=facts))
    upgrade(engine)
    trail = AuditTrail(engine)
    trail.write("li", "check", "new")
    state = trail.verify()
    assert (state.entries, state.fault) == (3, None)
    first = trail.entries()[-1]
    assert (first.moment, first.detail, first.role) == (at, {"count": 3, "before": "旧"}, "")
    migrate(command.downgrade, "0005")
    with engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT subject FROM audit_event ORDER BY id")).scalars()
        assert list(rows) == ["landuse/0", "landuse/1", "new"]
