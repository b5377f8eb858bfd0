"""Alembic's entry: runs the migrations on the connection that `mlc_pipeline.database` hands over."""

from alembic import context

from mlc_pipeline.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata)
context.run_migrations()
