"""The audit trail as a chain of hashes that can only grow; what was written before is its start."""

import hashlib
import json
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None
_FIRST_HASH = "0" * 64


def upgrade() -> None:
    """Create the chain, move the old rows into it, and refuse changes from then on."""
    table = op.create_table(
        "audit_entry",
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("actor", sa.String(128), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("unit", sa.String(12), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(256), nullable=False),
        sa.Column("result", sa.String(16), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    for name in ("at", "actor", "action"):
        op.create_index(f"ix_audit_entry_{name}", "audit_entry", [name])
    _move_rows(table)
    op.drop_table("audit_event")
    _refuse_changes()


def downgrade() -> None:
    """Bring the plain table back, with the rows but without their chain."""
    old = op.create_table(
        "audit_event",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(128), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(256), nullable=False),
        sa.Column("facts", sa.JSON, nullable=False),
    )
    chain = sa.table("audit_entry", *(sa.column(n) for n in ("seq", "at", "detail", *_PLAIN)))
    for row in op.get_bind().execute(sa.select(chain).order_by(chain.c.seq)).mappings().all():
        moved = {name: row[name] for name in _PLAIN}
        moved |= {"at": datetime.fromisoformat(row["at"]), "facts": json.loads(row["detail"])}
        op.get_bind().execute(old.insert().values(moved))
    op.drop_table("audit_entry")  # its triggers go with it


_PLAIN = ("actor", "action", "subject")


def _move_rows(table: sa.Table) -> None:
    """Chain the old rows in their order; nobody wrote down roles and addresses then."""
    connection = op.get_bind()
    old = sa.table(
        "audit_event",
        sa.column("id", sa.Integer),
        sa.column("at", sa.DateTime(timezone=True)),
        sa.column("facts", sa.JSON),
        *(sa.column(name, sa.String) for name in _PLAIN),
    )
    previous = _FIRST_HASH
    rows = connection.execute(sa.select(old).order_by(old.c.id)).mappings().all()
    for seq, row in enumerate(rows, start=1):
        at = row["at"] if row["at"].tzinfo else row["at"].replace(tzinfo=UTC)
        entry = {
            "seq": seq,
            "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
            **{name: row[name] for name in _PLAIN},
            "role": "",
            "unit": "",
            "address": "",
            "result": "done",
            "detail": row["facts"],
            "previous_hash": previous,
        }
        previous = hashlib.sha256(_plain_text(entry).encode()).hexdigest()
        written = entry | {"detail": _plain_text(row["facts"]), "hash": previous}
        connection.execute(table.insert().values(written))


def _plain_text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _refuse_changes() -> None:
    """Make the database itself refuse to change, remove or slip in an entry."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER audit_entry_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE "
            "ON audit_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        return
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_entry_no_{act.lower()} BEFORE {act} ON audit_entry "
            "BEGIN SELECT RAISE(ABORT, 'entries are only added'); END"
        )
    # REPLACE removes a row without asking the trigger above.
    op.execute(
        "CREATE TRIGGER audit_entry_at_the_end BEFORE INSERT ON audit_entry "
        "WHEN NEW.seq <> (SELECT COALESCE(MAX(seq), 0) + 1 FROM audit_entry) "
        "BEGIN SELECT RAISE(ABORT, 'entries are only added at the end'); END"
    )
