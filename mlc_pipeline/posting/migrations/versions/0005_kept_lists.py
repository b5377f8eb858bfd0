"""Lists of Zoho Books that are kept between runs, and vendors that posting has made and no list may show yet."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "kept_lists",
        sa.Column("connection", sa.String(length=200), primary_key=True),
        sa.Column("name", sa.String(length=50), primary_key=True),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("read", sa.String(length=20), nullable=False),
        sa.Column("whole_ms", sa.BigInteger()),
        sa.Column("content", sa.Text()),
    )
    op.create_table(
        "made_vendors",
        sa.Column("organization_id", sa.String(length=50), primary_key=True),
        sa.Column("vendor_id", sa.String(length=50), primary_key=True),
        sa.Column("email", sa.String(length=300), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("currency_id", sa.String(length=50), nullable=False),
        sa.Column("currency_code", sa.String(length=10), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
    )
