"""Alembic's door: runs the steps on the connection that `migrations.migrate` hands in."""

from alembic import context

from migrations.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transaction_per_migration=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
