"""Exactly-once posting: real ledgers on SQLite and PostgreSQL, the sandbox's Zoho Books over real HTTP."""
