"""Tests of looking at the database, on both kinds of server."""

import pytest

from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.models.job import JobState
from knowledge.operations.database_checks import check_database
from knowledge.operations.doctor import retry_dead_letters
from knowledge.operations.findings import Finding, Level
from tests.knowledge.operations.filling import fill_every_table, make_job, set_version
from tests.postgres import PostgresServer


async def examined(database: Database) -> dict[str, Finding]:
    """Return all findings by their names."""
    return {finding.check: finding async for finding in check_database(database)}


class TestContent:
    async def test_counts_everything_but_few_people(self, database: Database) -> None:
        await fill_every_table(database)
        facts = (await examined(database))["database.content"].facts
        assert (facts["published"], facts["passages"], facts["organisations"], facts["synonyms"]) == (1, 3, 1, 1)
        assert (facts["members"], facts["questions"], facts["answers"]) == (3, "<3", 3)

    async def test_an_empty_one_is_fine(self, database: Database) -> None:
        assert {finding.level for finding in (await examined(database)).values()} == {Level.OK}


class TestJobs:
    async def test_dead_letters_are_a_problem_until_they_are_tried_again(self, database: Database) -> None:
        async with database.session() as session:
            session.add(make_job(state=JobState.DEAD, error="OddError", attempts=8))
            await session.commit()
        dead = (await examined(database))["jobs.dead"]
        assert dead.level is Level.PROBLEM
        (letter,) = dead.facts["letters"]
        assert (letter["kind"], letter["error"], letter["attempts"]) == ("library.index_words", "OddError", 8)
        assert await retry_dead_letters(database) == 1
        findings = await examined(database)
        assert findings["jobs.dead"].level is Level.OK
        assert findings["jobs.waiting"].facts["count"] == 1

    async def test_work_that_failed_before_is_worth_a_note(self, database: Database) -> None:
        async with database.session() as session:
            session.add(make_job(attempts=2, error="VectorsUnavailable", run_at=now()))
            await session.commit()
        waiting = (await examined(database))["jobs.waiting"]
        assert (waiting.level, waiting.facts["failed"]) == (Level.WARNING, 1)


class TestVersion:
    async def test_a_newer_one_is_a_problem_and_nothing_else_is_read(self, database: Database) -> None:
        await set_version(database, "2099_later")
        findings = await examined(database)
        assert findings["database.version"].level is Level.PROBLEM
        assert "database.content" not in findings


class TestAway:
    @pytest.mark.parametrize("address", ["missing", "nowhere"])
    async def test_a_server_that_cannot_be_used_is_a_problem(
        self, postgres_server: PostgresServer, address: str
    ) -> None:
        url = postgres_server.url("missing")
        if address == "nowhere":
            url = "postgresql+asyncpg://allmende@127.0.0.1:1/allmende"
        database = Database(url)
        findings = await examined(database)
        assert [finding.level for finding in findings.values()] == [Level.PROBLEM]
        await database.close()
