"""Run the migrations on the database that the settings (or the caller) name."""

import asyncio
from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection, Enum, text

from knowledge.kit.database import Database
from knowledge.kit.migrations import migration_transaction
from knowledge.kit.settings import load_settings
from knowledge.models import Base
from knowledge.models.base import UtcDateTime

# Two processes that migrate at once would trip over each other; any constant number does.
ADVISORY_LOCK = 4_117_200


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our own column types into migrations as the plain types behind them."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Enum):
        return f"sa.String(length={item.length})"
    return False


def migrate(connection: Connection) -> None:
    """Migrate over an open connection, in one transaction."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        render_item=render_item,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": ADVISORY_LOCK})
        context.run_migrations()


async def migrate_settings_database() -> None:
    """Migrate the database that the settings name (for Alembic's own command line)."""
    settings = load_settings()
    settings.data_folder.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database_url)
    try:
        async with migration_transaction(database) as connection:
            await connection.run_sync(migrate)
    finally:
        await database.close()


given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    asyncio.run(migrate_settings_database())
