"""Runs the migrations on the connection it is given; ``idp.stores.sql.migration`` owns lock and transaction."""

from alembic import context

from idp.stores.sql.schema import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
)
context.run_migrations()
