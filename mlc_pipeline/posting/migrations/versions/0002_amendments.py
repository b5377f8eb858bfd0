"""Amendments: a posting may replace an earlier revision; and which mapping version a document was built with."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# SQLite deletes the old row of INSERT OR REPLACE without asking the triggers on DELETE.
_NO_REPLACING = """
CREATE TRIGGER audit_events_keep_INSERT BEFORE INSERT ON audit_events
WHEN EXISTS (SELECT 1 FROM audit_events WHERE sequence = NEW.sequence)
BEGIN SELECT RAISE(ABORT, 'audit events are never changed'); END
"""


def upgrade() -> None:
    """Add the columns, older postings replace nothing; and close a way around the triggers."""
    op.add_column("postings", sa.Column("replaces_id", _BIG_ID, nullable=True))
    op.add_column("postings", sa.Column("amendment", sa.String(length=30), nullable=True))
    op.add_column("postings", sa.Column("mapping_version", sa.String(length=64), nullable=True))
    if op.get_bind().dialect.name == "sqlite":
        op.execute(_NO_REPLACING)
