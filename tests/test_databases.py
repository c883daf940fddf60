"""The databases that tests get: fresh, migrated, apart from each other, on both kinds of server."""

import socket

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.kit.database import Database
from knowledge.kit.migrations import current_version, newest_version
from tests.conftest import OutsideConnection

SCRATCH = "CREATE TABLE scratch (id INTEGER)"


class TestFreshDatabase:
    async def test_is_migrated(self, database: Database) -> None:
        assert await current_version(database) == newest_version()

    @pytest.mark.parametrize("attempt", ["first", "second"])
    async def test_shows_nothing_of_another_test(self, database: Database, attempt: str) -> None:
        async with database.session() as session:
            await session.execute(text(SCRATCH))  # would fail if it were there already
            await session.commit()

    async def test_runs_on_the_server_it_says(
        self, session: AsyncSession, database: Database, request: pytest.FixtureRequest
    ) -> None:
        kind = request.node.callspec.params["database_url"]
        query = "SELECT sqlite_version()" if kind == "sqlite" else "SELECT version()"
        version = str((await session.execute(text(query))).scalar_one())
        assert version.startswith("3." if kind == "sqlite" else "PostgreSQL")


class TestNoWayOut:
    def test_refuses_a_connection_to_another_machine(self) -> None:
        with socket.socket() as outside, pytest.raises(OutsideConnection):
            outside.connect(("192.0.2.1", 80))

    def test_refuses_to_look_up_a_name(self) -> None:
        with pytest.raises(OutsideConnection):
            socket.getaddrinfo("example.org", 80)

    def test_lets_a_connection_to_this_machine_pass(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as here, socket.socket() as there:
            there.connect(here.getsockname())
            assert there.getpeername() == here.getsockname()
