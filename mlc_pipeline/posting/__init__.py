"""Exactly-once posting: the posting ledger, the poster, the audit trail and the migrations of their tables."""
