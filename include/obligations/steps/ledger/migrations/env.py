"""Alembic's entry: runs the ledger's migrations on the connection that ``engine.alembic_config`` hands over."""

from alembic import context

from obligations.steps.ledger.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=context.config.get_main_option("version_table"),
)
with context.begin_transaction():
    context.run_migrations()
