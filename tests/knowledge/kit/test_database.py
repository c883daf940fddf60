"""What the database keeps to itself."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from knowledge.kit.database import Database

SECRET = "Frau Musterfrau fragte nach der Hundesteuer"


class TestSilence:
    async def test_an_error_does_not_say_what_was_written(self, database: Database) -> None:
        with pytest.raises(DBAPIError) as caught:
            async with database.session() as session:
                await session.execute(text("INSERT INTO no_such_table VALUES (:words)"), {"words": SECRET})
        assert SECRET not in str(caught.value)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestErasing:
    async def test_what_was_erased_is_gone_from_the_file(self, database: Database) -> None:
        async with database.session() as session:
            await session.execute(text("CREATE TABLE notes (words TEXT)"))
            await session.execute(text("INSERT INTO notes VALUES (:words)"), {"words": SECRET})
            await session.commit()
        assert database.path is not None
        await self._settle(database)
        assert SECRET.encode() in database.path.read_bytes()
        async with database.session() as session:
            await session.execute(text("DELETE FROM notes"))
            await session.commit()
        await self._settle(database)
        assert SECRET.encode() not in database.path.read_bytes()

    async def _settle(self, database: Database) -> None:
        """Bring what the write-ahead log holds into the file."""
        async with database.engine.connect() as connection:
            raw = await connection.get_raw_connection()
            assert raw.driver_connection is not None
            await raw.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
