"""Alembic migrations of our own database; `mlc_pipeline.database.migrate` runs them."""
