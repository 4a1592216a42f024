"""The planner's lists: targets, tracked items, plans; every version of every entry."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of entries."""
    op.create_table(
        "planning_entry",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("list", sa.String(40), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("current", sa.Boolean, nullable=False),
        sa.Column("removed", sa.Boolean, nullable=False),
        sa.Column("unit", sa.String(12), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("geometry", sa.LargeBinary),
        sa.Column("actor", sa.String(128), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("sample", sa.Boolean, nullable=False),
        sa.UniqueConstraint("kind", "list", "key", "version"),
    )
    op.create_index("ix_planning_entry_current", "planning_entry", ["kind", "list", "current"])


def downgrade() -> None:
    """Drop the table of entries."""
    op.drop_table("planning_entry")
