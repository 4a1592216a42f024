"""How the fields of a kind of file were mapped the last time."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of field mappings."""
    op.create_table(
        "import_mapping",
        sa.Column("layer", sa.String(64), primary_key=True),
        sa.Column("signature", sa.String(64), primary_key=True),
        sa.Column("mapping", sa.JSON, nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.String(128), nullable=False),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("import_mapping")
