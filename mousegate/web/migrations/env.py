"""Alembic's environment: migrates on the connection that it is given (api.database), in its transaction."""

from alembic import context

from mousegate.web.api.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
