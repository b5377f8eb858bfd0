"""Postings are looked for by their number, in whatever case."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    op.create_index("postings_by_number", "postings", ["organization_id", sa.text("lower(number)")])
