"""Shared budgets: how many requests all processes have under way and sent lately, one row a budget."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "rate_budgets",
        sa.Column("name", sa.String(length=300), primary_key=True),
        sa.Column("state", sa.Text(), nullable=False),
    )
