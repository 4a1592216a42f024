"""Tips of the public."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "public_tip",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("receipt", sa.String(20), nullable=False, unique=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("longitude", sa.Float(53), nullable=False),
        sa.Column("latitude", sa.Float(53), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("district", sa.String(6), nullable=False),
        sa.Column("township", sa.String(9), nullable=False),
        sa.Column("village", sa.String(12), nullable=False),
        sa.Column("sender", sa.String(32), nullable=False),
        sa.Column("received_at", sa.String(40), nullable=False),
        sa.Column("decided_at", sa.String(40), nullable=False),
        sa.Column("decided_by", sa.String(128), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("case", sa.Integer),
    )
    op.create_index("public_tip_state", "public_tip", ["state"])
    op.create_index("public_tip_received", "public_tip", ["received_at"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("public_tip")
