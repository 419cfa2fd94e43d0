"""What Alembic runs: on a connection that it is handed (:mod:`core.store.migrating`), or on its own from ``-x url=…``."""

from __future__ import annotations

import asyncio

from alembic import context
from sqlalchemy import Connection

from core.settings import database_url
from core.store.migrating import engine_for, in_one_transaction
from core.store.tables import metadata


def migrate(connection: Connection) -> None:
    """Runs the steps asked for, on a connection that has a transaction."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        compare_type=True,
        transactional_ddl=False,  # the transaction is the caller's: all steps or none, on SQLite too
        render_as_batch=False,
    )
    context.run_migrations()


async def _migrate_alone() -> None:
    url = context.get_x_argument(as_dictionary=True).get("url")
    if not url:
        raise SystemExit("say which database: alembic -x url=postgresql://…")
    engine = engine_for(database_url(str(url)))
    try:
        await in_one_transaction(engine, migrate)
    finally:
        await engine.dispose()


_given = context.config.attributes.get("connection")
if _given is None:
    asyncio.run(_migrate_alone())
else:
    migrate(_given)
