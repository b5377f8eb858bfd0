"""Amendments: a posting may replace an earlier revision; and which mapping version a document was built with."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the columns; older postings replace nothing."""
    op.add_column("postings", sa.Column("replaces_id", _BIG_ID, nullable=True))
    op.add_column("postings", sa.Column("amendment", sa.String(length=30), nullable=True))
    op.add_column("postings", sa.Column("mapping_version", sa.String(length=64), nullable=True))
