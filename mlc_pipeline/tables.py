"""The tables of our own database: the vault, the posting ledger, the audit trail, shared budgets, kept lists.

Money is an integer of cents; moments are integers of milliseconds since 1970 (UTC), so that SQLite and
PostgreSQL compare them alike.
"""

from __future__ import annotations

import sqlalchemy as sa

SCHEMA_REVISION = "0006"
"""The newest migration; a database with any other revision is migrated or refused."""

metadata = sa.MetaData()

_BigId = sa.BigInteger().with_variant(sa.Integer, "sqlite")

vault_secrets = sa.Table(
    "vault_secrets",
    metadata,
    sa.Column("connection", sa.String(200), primary_key=True),
    sa.Column("name", sa.String(50), primary_key=True),
    sa.Column("ciphertext", sa.Text, nullable=False),
    sa.Column("updated_ms", sa.BigInteger, nullable=False),
)

leases = sa.Table(
    "leases",
    metadata,
    sa.Column("name", sa.String(300), primary_key=True),
    sa.Column("holder", sa.String(300), nullable=False),
    sa.Column("until_ms", sa.BigInteger, nullable=False),
)

rate_budgets = sa.Table(
    "rate_budgets",
    metadata,
    sa.Column("name", sa.String(300), primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
)

postings = sa.Table(
    "postings",
    metadata,
    sa.Column("id", _BigId, primary_key=True, autoincrement=True),
    sa.Column("organization_id", sa.String(50), nullable=False),
    sa.Column("report_id", sa.String(100), nullable=False),
    sa.Column("part", sa.String(20), nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("connection", sa.String(200), nullable=False),
    sa.Column("period", sa.String(10), nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("content_hash", sa.String(64), nullable=False),
    sa.Column("approved_at", sa.String(40)),
    sa.Column("kind", sa.String(20)),
    sa.Column("number", sa.String(200)),
    sa.Column("currency", sa.String(3)),
    sa.Column("total_cents", sa.BigInteger, nullable=False),
    sa.Column("document", sa.Text),
    sa.Column("vendor_id", sa.String(50)),
    sa.Column("zoho_id", sa.String(50)),
    sa.Column("reason_code", sa.String(50)),
    sa.Column("reason", sa.Text),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("sent_ms", sa.BigInteger),
    sa.Column("claimed_by", sa.String(300)),
    sa.Column("claimed_until_ms", sa.BigInteger),
    sa.Column("run_id", sa.String(100)),
    sa.Column("replaces_id", _BigId),
    sa.Column("amendment", sa.String(30)),
    sa.Column("mapping_version", sa.String(64)),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("updated_ms", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("organization_id", "report_id", "part", "revision", name="one_posting_per_revision"),
    sa.Index("postings_of_a_period", "connection", "period"),
    sa.Index("postings_by_state", "organization_id", "state"),
    sa.Index("postings_by_number", "organization_id", sa.text("lower(number)")),
)

posting_transactions = sa.Table(
    "posting_transactions",
    metadata,
    sa.Column("posting_id", _BigId, sa.ForeignKey("postings.id"), primary_key=True),
    sa.Column("transaction_id", sa.String(100), primary_key=True),
    sa.Column("organization_id", sa.String(50), nullable=False),
    sa.Column("cents", sa.BigInteger, nullable=False),
    sa.Index("postings_of_a_transaction", "organization_id", "transaction_id"),
)

audit_events = sa.Table(
    "audit_events",
    metadata,
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", sa.String(40), nullable=False),
    sa.Column("actor", sa.String(300), nullable=False),
    sa.Column("event", sa.String(50), nullable=False),
    sa.Column("connection", sa.String(200), nullable=False),
    sa.Column("organization_id", sa.String(50), nullable=False),
    sa.Column("period", sa.String(10)),
    sa.Column("report_id", sa.String(100)),
    sa.Column("revision", sa.Integer),
    sa.Column("part", sa.String(20)),
    sa.Column("run_id", sa.String(100)),
    sa.Column("details", sa.Text, nullable=False),
    sa.Column("previous_hash", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Index("events_of_a_report", "report_id"),
)

audit_head = sa.Table(
    "audit_head",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)

receipts = sa.Table(
    "receipts",
    metadata,
    sa.Column("posting_id", _BigId, sa.ForeignKey("postings.id"), primary_key=True),
    sa.Column("key", sa.String(200), primary_key=True),
    sa.Column("organization_id", sa.String(50), nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("source", sa.String(64), nullable=False),
    sa.Column("file_name", sa.String(300)),
    sa.Column("bytes", sa.BigInteger),
    sa.Column("reason", sa.Text),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("sent_ms", sa.BigInteger),
    sa.Column("claimed_by", sa.String(300)),
    sa.Column("claimed_until_ms", sa.BigInteger),
    sa.Column("run_id", sa.String(100)),
    sa.Column("updated_ms", sa.BigInteger, nullable=False),
)

export_marks = sa.Table(
    "export_marks",
    metadata,
    sa.Column("connection", sa.String(200), primary_key=True),
    sa.Column("report_id", sa.String(100), primary_key=True),
    sa.Column("revisions", sa.String(100), primary_key=True),
    sa.Column("label", sa.String(200), primary_key=True),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("run_id", sa.String(100)),
    sa.Column("updated_ms", sa.BigInteger, nullable=False),
)

kept_lists = sa.Table(
    "kept_lists",
    metadata,
    sa.Column("connection", sa.String(200), primary_key=True),
    sa.Column("name", sa.String(50), primary_key=True),
    sa.Column("source", sa.String(64), nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("read", sa.String(20), nullable=False),
    sa.Column("whole_ms", sa.BigInteger),
    sa.Column("content", sa.Text),
)

made_vendors = sa.Table(
    "made_vendors",
    metadata,
    sa.Column("organization_id", sa.String(50), primary_key=True),
    sa.Column("vendor_id", sa.String(50), primary_key=True),
    sa.Column("email", sa.String(300), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("currency_id", sa.String(50), nullable=False),
    sa.Column("currency_code", sa.String(10), nullable=False),
    sa.Column("made_ms", sa.BigInteger, nullable=False),
)
