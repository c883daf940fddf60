"""The databases that tests get: fresh, migrated, apart from each other, on both kinds of server."""

import socket
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.kit.database import Database
from knowledge.kit.migrations import current_version, newest_version
from tests.conftest import OutsideConnection
from tests.kept_postgres import KeptPostgres
from tests.knowledge.operations.filling import make_job
from tests.postgres import NoPostgres, do_without, find_binaries

SCRATCH = "CREATE TABLE scratch (id INTEGER)"


async def connected(url: str) -> "asyncpg.Connection[asyncpg.Record]":
    """Connect without SQLAlchemy."""
    return await asyncpg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False))


class TestFreshDatabase:
    async def test_is_migrated(self, database: Database) -> None:
        assert await current_version(database) == newest_version()

    @pytest.mark.parametrize("attempt", ["first", "second"])
    async def test_shows_nothing_of_another_test(self, database: Database, attempt: str) -> None:
        async with database.session() as session:
            await session.execute(text(SCRATCH))  # would fail if it were there already
            await session.commit()

    @pytest.mark.parametrize("attempt", ["first", "second"])
    async def test_has_what_the_migrations_bring_and_nothing_else(self, database: Database, attempt: str) -> None:
        async with database.session() as session:
            assert (await session.scalars(text("SELECT version_num FROM alembic_version"))).all() == [newest_version()]
            assert (await session.scalars(text("SELECT count(*) FROM jobs"))).all() == [0]
            session.add(job := make_job())
            await session.flush()
            assert job.id == 1
            await session.execute(text("DELETE FROM alembic_version"))
            await session.commit()

    async def test_is_not_held_by_what_another_test_left_open(self, kept_postgres: KeptPostgres) -> None:
        with kept_postgres.fresh() as url:
            left_open = await connected(url)
            await left_open.execute("BEGIN; LOCK TABLE jobs")
        with pytest.raises(asyncpg.PostgresConnectionError):
            await left_open.execute("SELECT 1")
        with kept_postgres.fresh() as url:
            another = await connected(url)
            assert await another.fetchval("SELECT count(*) FROM jobs") == 0
            await another.close()

    async def test_runs_on_the_server_it_says(
        self, session: AsyncSession, database: Database, request: pytest.FixtureRequest
    ) -> None:
        kind = request.node.callspec.params["database_url"]
        query = "SELECT sqlite_version()" if kind == "sqlite" else "SELECT version()"
        version = str((await session.execute(text(query))).scalar_one())
        assert version.startswith("3." if kind == "sqlite" else "PostgreSQL")


class TestNoServer:
    def test_says_what_to_install(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(NoPostgres, match="apt-get install postgresql"):
            find_binaries(tmp_path)

    def test_takes_the_newest_version(self, tmp_path: Path) -> None:
        for version in ("9.6", "15", "17"):
            folder = tmp_path / version / "bin"
            folder.mkdir(parents=True)
            for name in ("initdb", "postgres"):
                (folder / name).touch(mode=0o755)
        assert find_binaries(tmp_path) == tmp_path / "17" / "bin"

    def test_is_skipped_with_the_reason(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("CI", raising=False)
        with pytest.raises(pytest.skip.Exception, match="no server"):
            do_without("no server")

    def test_is_a_failure_in_ci(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CI", "true")
        with pytest.raises(pytest.fail.Exception, match="no server"):
            do_without("no server")


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
