"""The planner's desk: responsible people, scenarios."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "responsible_contact",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("theme", sa.String(16), nullable=False),
        sa.Column("unit", sa.String(12), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("office", sa.String(200), nullable=False),
        sa.Column("phone", sa.String(40), nullable=False),
        sa.Column("section", sa.String(200), nullable=False),
        sa.Column("note", sa.String(400), nullable=False),
    )
    op.create_index("ix_responsible_contact_unit", "responsible_contact", ["unit", "theme"])
    op.create_table(
        "planning_scenario",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("geometry", sa.LargeBinary, nullable=False),
        sa.Column("layer", sa.String(64), nullable=False),
        sa.Column("feature", sa.String(200), nullable=False),
        sa.Column("area_m2", sa.Float(53), nullable=False),
        sa.Column("figures", sa.Text, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(128), nullable=False),
        sa.UniqueConstraint("name", "version"),
    )


def downgrade() -> None:
    """Drop the tables."""
    for table in ("planning_scenario", "responsible_contact"):
        op.drop_table(table)
