"""The first schema: the vault, leases, the posting ledger and the audit trail."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_GENESIS = "0" * 64

_SQLITE_TRIGGERS = """
CREATE TRIGGER audit_events_keep_{verb} BEFORE {verb} ON audit_events
BEGIN SELECT RAISE(ABORT, 'audit events are never changed'); END
"""

_POSTGRESQL_FUNCTION = """
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'audit events are never changed'; END $$
"""

_POSTGRESQL_TRIGGERS = (
    "CREATE TRIGGER audit_events_keep_rows BEFORE UPDATE OR DELETE ON audit_events "
    "FOR EACH ROW EXECUTE FUNCTION refuse_audit_change()",
    "CREATE TRIGGER audit_events_keep_all BEFORE TRUNCATE ON audit_events "
    "FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()",
)


def upgrade() -> None:
    """Make every table, and let the database itself refuse a change of an audit event."""
    head = _make_tables()
    op.bulk_insert(head, [{"id": 1, "sequence": 0, "hash": _GENESIS}])
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(_SQLITE_TRIGGERS.format(verb=verb))
        return
    op.execute(_POSTGRESQL_FUNCTION)
    for trigger in _POSTGRESQL_TRIGGERS:
        op.execute(trigger)


def _make_tables() -> sa.Table:
    op.create_table(
        "audit_events",
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("actor", sa.String(length=300), nullable=False),
        sa.Column("event", sa.String(length=50), nullable=False),
        sa.Column("connection", sa.String(length=200), nullable=False),
        sa.Column("organization_id", sa.String(length=50), nullable=False),
        sa.Column("period", sa.String(length=10), nullable=True),
        sa.Column("report_id", sa.String(length=100), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("part", sa.String(length=20), nullable=True),
        sa.Column("run_id", sa.String(length=100), nullable=True),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("sequence"),
    )
    op.create_index("events_of_a_report", "audit_events", ["report_id"], unique=False)
    head = op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("holder", sa.String(length=300), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "postings",
        sa.Column("id", _BIG_ID, autoincrement=True, nullable=False),
        sa.Column("organization_id", sa.String(length=50), nullable=False),
        sa.Column("report_id", sa.String(length=100), nullable=False),
        sa.Column("part", sa.String(length=20), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("connection", sa.String(length=200), nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("approved_at", sa.String(length=40), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=True),
        sa.Column("number", sa.String(length=200), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("total_cents", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("vendor_id", sa.String(length=50), nullable=True),
        sa.Column("zoho_id", sa.String(length=50), nullable=True),
        sa.Column("reason_code", sa.String(length=50), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sent_ms", sa.BigInteger(), nullable=True),
        sa.Column("claimed_by", sa.String(length=300), nullable=True),
        sa.Column("claimed_until_ms", sa.BigInteger(), nullable=True),
        sa.Column("run_id", sa.String(length=100), nullable=True),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("updated_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("organization_id", "report_id", "part", "revision", name="one_posting_per_revision"),
    )
    op.create_index("postings_by_state", "postings", ["organization_id", "state"], unique=False)
    op.create_index("postings_of_a_period", "postings", ["connection", "period"], unique=False)
    op.create_table(
        "vault_secrets",
        sa.Column("connection", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("ciphertext", sa.Text(), nullable=False),
        sa.Column("updated_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "name"),
    )
    op.create_table(
        "posting_transactions",
        sa.Column("posting_id", _BIG_ID, nullable=False),
        sa.Column("transaction_id", sa.String(length=100), nullable=False),
        sa.Column("organization_id", sa.String(length=50), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["posting_id"],
            ["postings.id"],
        ),
        sa.PrimaryKeyConstraint("posting_id", "transaction_id"),
    )
    op.create_index(
        "postings_of_a_transaction",
        "posting_transactions",
        ["organization_id", "transaction_id"],
        unique=False,
    )
    return head
