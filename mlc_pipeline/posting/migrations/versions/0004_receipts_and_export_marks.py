"""Receipts attached to documents, and reports that carry the export label in Expensify."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "receipts",
        sa.Column("posting_id", _BIG_ID, sa.ForeignKey("postings.id"), primary_key=True),
        sa.Column("key", sa.String(length=200), primary_key=True),
        sa.Column("organization_id", sa.String(length=50), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.String(length=300)),
        sa.Column("bytes", sa.BigInteger()),
        sa.Column("reason", sa.Text()),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("sent_ms", sa.BigInteger()),
        sa.Column("claimed_by", sa.String(length=300)),
        sa.Column("claimed_until_ms", sa.BigInteger()),
        sa.Column("run_id", sa.String(length=100)),
        sa.Column("updated_ms", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "export_marks",
        sa.Column("connection", sa.String(length=200), primary_key=True),
        sa.Column("report_id", sa.String(length=100), primary_key=True),
        sa.Column("revisions", sa.String(length=100), primary_key=True),
        sa.Column("label", sa.String(length=200), primary_key=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("run_id", sa.String(length=100)),
        sa.Column("updated_ms", sa.BigInteger(), nullable=False),
    )
