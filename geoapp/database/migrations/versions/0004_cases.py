"""The demolition register: cases, events, patches, permits, evidence."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None
_TABLES = (
    "case_evidence",
    "case_document",
    "building_permit",
    "patch",
    "patch_batch",
    "case_event",
    "case_household",
    "demolition_case",
)


def upgrade() -> None:
    """Create the tables; events can only be added."""
    op.create_table(
        "demolition_case",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("no_unit", sa.String(12), nullable=False),
        sa.Column("no_year", sa.Integer, nullable=False),
        sa.Column("no_serial", sa.Integer, nullable=False),
        sa.Column("case_no", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("track", sa.String(16), nullable=False),
        sa.Column("stage", sa.String(24), nullable=False),
        sa.Column("stage_since", sa.Date, nullable=False),
        sa.Column("footprint", sa.LargeBinary, nullable=False),
        sa.Column("longitude", sa.Float(53), nullable=False),
        sa.Column("latitude", sa.Float(53), nullable=False),
        sa.Column("west", sa.Float(53), nullable=False),
        sa.Column("south", sa.Float(53), nullable=False),
        sa.Column("east", sa.Float(53), nullable=False),
        sa.Column("north", sa.Float(53), nullable=False),
        sa.Column("households", sa.Integer),
        sa.Column("land_area", sa.BigInteger, nullable=False),
        sa.Column("floor_area", sa.BigInteger),
        sa.Column("done_households", sa.Integer, nullable=False),
        sa.Column("done_land_area", sa.BigInteger, nullable=False),
        sa.Column("done_floor_area", sa.BigInteger, nullable=False),
        sa.Column("owner_kind", sa.String(16), nullable=False),
        sa.Column("cause", sa.String(200), nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("found_on", sa.Date, nullable=False),
        sa.Column("district", sa.String(6), nullable=False),
        sa.Column("township", sa.String(9), nullable=False),
        sa.Column("village", sa.String(12), nullable=False),
        sa.Column("office", sa.String(200), nullable=False),
        sa.Column("inspector", sa.String(200), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("permit", sa.String(200), nullable=False),
        sa.Column("patch", sa.Integer),
        sa.Column("previous", sa.Integer),
        sa.Column("demolished_on", sa.Date),
        sa.Column("closed_on", sa.Date),
        sa.Column("due_on", sa.Date),
        sa.Column("due_clock", sa.String(32), nullable=False),
        sa.Column("due_certain", sa.Boolean, nullable=False),
        sa.Column("priority", sa.Float(53)),
        sa.Column("sample", sa.Boolean, nullable=False),
        sa.UniqueConstraint("case_no"),
    )
    op.create_index(
        "ix_demolition_case_number", "demolition_case", ["no_unit", "no_year", "no_serial"]
    )
    op.create_index("ix_demolition_case_district_stage", "demolition_case", ["district", "stage"])
    op.create_index("ix_demolition_case_township_stage", "demolition_case", ["township", "stage"])
    op.create_index("ix_demolition_case_village", "demolition_case", ["village"])
    op.create_index("ix_demolition_case_stage", "demolition_case", ["stage"])
    op.create_index("ix_demolition_case_due", "demolition_case", ["due_on"])
    op.create_index("ix_demolition_case_found", "demolition_case", ["found_on"])
    op.create_index("ix_demolition_case_inspector", "demolition_case", ["inspector"])
    op.create_index("ix_demolition_case_priority", "demolition_case", ["priority"])
    op.create_index("ix_demolition_case_box", "demolition_case", ["west", "east", "south", "north"])
    op.create_table(
        "case_household",
        sa.Column("case", sa.Integer, sa.ForeignKey("demolition_case.id"), primary_key=True),
        sa.Column("household", sa.String(64), primary_key=True),
    )
    op.create_index("ix_case_household_key", "case_household", ["household"])
    op.create_table(
        "case_event",
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("subject_kind", sa.String(8), nullable=False),
        sa.Column("subject", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("on_day", sa.Date, nullable=False),
        sa.Column("actor", sa.String(128), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("move", sa.String(32), nullable=False),
        sa.Column("from_stage", sa.String(24), nullable=False),
        sa.Column("to_stage", sa.String(24), nullable=False),
        sa.Column("document_kind", sa.String(48), nullable=False),
        sa.Column("document", sa.String(200), nullable=False),
        sa.Column("mode", sa.String(16), nullable=False),
        sa.Column("households", sa.Integer, nullable=False),
        sa.Column("land_area", sa.BigInteger, nullable=False),
        sa.Column("floor_area", sa.BigInteger, nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.UniqueConstraint("subject_kind", "subject", "version"),
    )
    op.create_index("ix_case_event_kind_day", "case_event", ["kind", "on_day"])
    op.create_table(
        "case_document",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("case", sa.Integer, sa.ForeignKey("demolition_case.id"), nullable=False),
        sa.Column("event", sa.BigInteger, sa.ForeignKey("case_event.seq"), nullable=False),
        sa.Column("kind", sa.String(48), nullable=False),
        sa.Column("number", sa.String(200), nullable=False),
        sa.Column("no_unit", sa.String(12), nullable=False),
        sa.Column("no_year", sa.Integer, nullable=False),
        sa.Column("no_serial", sa.Integer, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("media", sa.String(128), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_case_document_case", "case_document", ["case"])
    op.create_index(
        "ix_case_document_number", "case_document", ["kind", "no_unit", "no_year", "no_serial"]
    )
    op.create_table(
        "patch_batch",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("name", sa.String(200), nullable=False, unique=True),
        sa.Column("file", sa.String(200), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False, unique=True),
        sa.Column("image_before", sa.Date),
        sa.Column("image_after", sa.Date),
        sa.Column("imported_at", sa.String(32), nullable=False),
        sa.Column("imported_by", sa.String(128), nullable=False),
        sa.Column("sample", sa.Boolean, nullable=False),
    )
    op.create_table(
        "patch",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("batch", sa.Integer, sa.ForeignKey("patch_batch.id"), nullable=False),
        sa.Column("number", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("footprint", sa.LargeBinary, nullable=False),
        sa.Column("west", sa.Float(53), nullable=False),
        sa.Column("south", sa.Float(53), nullable=False),
        sa.Column("east", sa.Float(53), nullable=False),
        sa.Column("north", sa.Float(53), nullable=False),
        sa.Column("area", sa.BigInteger, nullable=False),
        sa.Column("declared_area", sa.BigInteger),
        sa.Column("district", sa.String(6), nullable=False),
        sa.Column("township", sa.String(9), nullable=False),
        sa.Column("village", sa.String(12), nullable=False),
        sa.Column("seen_from", sa.Date),
        sa.Column("seen_on", sa.Date),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("attributes", sa.Text, nullable=False),
        sa.Column("verdict", sa.String(24), nullable=False),
        sa.Column("reason_code", sa.String(32), nullable=False),
        sa.Column("reviewed_on", sa.Date),
        sa.Column("same_as_patch", sa.Integer),
        sa.Column("known_case", sa.Integer),
        sa.Column("case", sa.Integer, sa.ForeignKey("demolition_case.id")),
        sa.UniqueConstraint("batch", "number"),
    )
    op.create_index("ix_patch_batch_verdict", "patch", ["batch", "verdict"])
    op.create_index("ix_patch_district", "patch", ["district", "verdict"])
    op.create_index("ix_patch_seen", "patch", ["seen_on"])
    op.create_index("ix_patch_box", "patch", ["west", "east", "south", "north"])
    op.create_table(
        "building_permit",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("reference", sa.String(200), nullable=False, unique=True),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("holder", sa.String(200), nullable=False),
        sa.Column("issued_on", sa.Date),
        sa.Column("footprint", sa.LargeBinary, nullable=False),
        sa.Column("west", sa.Float(53), nullable=False),
        sa.Column("south", sa.Float(53), nullable=False),
        sa.Column("east", sa.Float(53), nullable=False),
        sa.Column("north", sa.Float(53), nullable=False),
    )
    op.create_index("ix_building_permit_box", "building_permit", ["west", "east", "south", "north"])
    op.create_table(
        "case_evidence",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("case", sa.Integer, sa.ForeignKey("demolition_case.id"), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("media", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("taken_at", sa.String(32), nullable=False),
        sa.Column("longitude", sa.Float(53)),
        sa.Column("latitude", sa.Float(53)),
        sa.Column("bearing", sa.Float(53)),
        sa.Column("device", sa.String(200), nullable=False),
        sa.Column("added_at", sa.String(32), nullable=False),
        sa.Column("added_by", sa.String(128), nullable=False),
        sa.Column("caption", sa.String(200), nullable=False),
        sa.UniqueConstraint("case", "sha256"),
    )
    op.create_index("ix_case_evidence_sha256", "case_evidence", ["sha256"])
    _refuse_changes()


def downgrade() -> None:
    """Drop the tables."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER case_event_only_grows ON case_event")
        op.execute("DROP FUNCTION refuse_change()")
    for table in _TABLES:
        op.drop_table(table)


def _refuse_changes() -> None:
    """Make the database itself refuse to change or remove an event."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'events are only added'; END $$"
        )
        op.execute(
            "CREATE TRIGGER case_event_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE "
            "ON case_event FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        return
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER case_event_no_{act.lower()} BEFORE {act} ON case_event "
            "BEGIN SELECT RAISE(ABORT, 'events are only added'); END"
        )
