"""The change log: nothing is missed, however late a transaction commits, and only what is repeated is forgotten."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.library.indexes.repository import ChangeRepository
from knowledge.library.indexes.schemas import Position

START = Position()
only_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


async def note(database: Database, *documents: UUID) -> None:
    """Note changes, and commit."""
    async with database.session() as session:
        await ChangeRepository(session).note(documents)
        await session.commit()


class Reader:
    """A host that reads the log: what it saw, and the place up to which everything is settled."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.position = START
        self.seen: list[UUID] = []
        self._numbers: set[int] = set()

    async def read(self) -> list[UUID]:
        """Read on, and return what is new."""
        async with self.database.session(writes=False) as session:
            changes = await ChangeRepository(session).after(self.position)
        fresh = [change.document for change in changes if change.position.number not in self._numbers]
        self._numbers |= {change.position.number for change in changes}
        for change in changes:
            if change.settled:
                self.position = change.position
        return fresh


class TestReading:
    async def test_changes_come_in_their_order_and_once(self, database: Database) -> None:
        reader, documents = Reader(database), [new_id() for _each in range(3)]
        await note(database, *documents[:2])
        assert await reader.read() == documents[:2]
        assert await reader.read() == []
        await note(database, documents[2])
        assert await reader.read() == documents[2:]

    async def test_what_is_rolled_back_was_never_there(self, database: Database) -> None:
        reader, kept = Reader(database), new_id()
        async with database.session() as session:
            await ChangeRepository(session).note([new_id()])
            await session.rollback()
        await note(database, kept)
        assert await reader.read() == [kept]

    async def test_many_at_once(self, database: Database) -> None:
        documents = [new_id() for _each in range(1100)]
        await note(database, *documents)
        assert sorted(await Reader(database).read()) == sorted(documents)


@only_postgresql
class TestLateCommits:
    @pytest_asyncio.fixture
    async def slow(self, database: Database) -> AsyncIterator[AsyncSession]:
        """A transaction that stays open."""
        async with database.session() as session:
            yield session

    async def test_a_lower_number_that_commits_later_is_not_missed(
        self, database: Database, slow: AsyncSession
    ) -> None:
        reader, first, second = Reader(database), new_id(), new_id()
        await ChangeRepository(slow).note([first])
        await note(database, second)
        assert await reader.read() == [second], "it does not wait for the slow one"
        assert reader.position == START, "and does not move past it"
        await slow.commit()
        assert await reader.read() == [first]
        assert reader.position > START

    async def test_a_transaction_that_began_first_and_took_its_number_last(
        self, database: Database, slow: AsyncSession
    ) -> None:
        reader, first, second, third = Reader(database), new_id(), new_id(), new_id()
        await slow.execute(text("SELECT pg_current_xact_id()"))
        await note(database, second)
        assert await reader.read() == [second]
        await ChangeRepository(slow).note([first])
        await note(database, third)
        assert await reader.read() == [third]
        await slow.commit()
        assert await reader.read() == [first]

    async def test_one_that_has_written_nothing_yet_comes_after_what_is_settled(
        self, database: Database, slow: AsyncSession
    ) -> None:
        reader, late, early = Reader(database), new_id(), new_id()
        await slow.execute(text("SELECT 1"))
        await note(database, early)
        assert await reader.read() == [early]
        settled = reader.position
        assert settled > START
        await ChangeRepository(slow).note([late])
        await slow.commit()
        assert await reader.read() == [late]
        assert reader.position > settled

    async def test_two_open_ones_end_in_either_order(self, database: Database, slow: AsyncSession) -> None:
        reader, one, two = Reader(database), new_id(), new_id()
        async with database.session() as other:
            await ChangeRepository(slow).note([one])
            await ChangeRepository(other).note([two])
            assert await reader.read() == []
            await other.commit()
            assert await reader.read() == [two]
        await slow.rollback()
        assert await reader.read() == []
        assert reader.position > START, "a rollback holds nobody up"


class TestKnowing:
    async def test_a_place_in_this_log_is_known_and_another_is_not(self, database: Database) -> None:
        document = new_id()
        await note(database, document)
        async with database.session(writes=False) as session:
            changes = ChangeRepository(session)
            last = await changes.last_settled()
            assert last is not None
            assert await changes.knows(last.position, document)
            assert not await changes.knows(last.position, new_id())
            assert not await changes.knows(Position(last.position.transaction + 1, 1), document)

    async def test_the_beginning_is_always_known(self, database: Database) -> None:
        async with database.session(writes=False) as session:
            changes = ChangeRepository(session)
            assert await changes.last_settled() is None
            assert await changes.knows(START, None)

    async def test_the_source_stays_the_same(self, database: Database) -> None:
        async with database.session(writes=False) as session:
            source = await ChangeRepository(session).source()
            assert source == await ChangeRepository(session).source()
        assert bool(source) is not database.is_sqlite

    @only_postgresql
    async def test_rows_of_another_server_are_put_to_the_beginning(self, database: Database) -> None:
        documents = [new_id(), new_id()]
        await note(database, *documents)
        async with database.session() as session:
            await session.execute(text("UPDATE index_changes SET transaction_id = 1000000000000"))
            await session.commit()
        reader = Reader(database)
        await reader.read()
        assert reader.position == START, "nothing of it would ever be settled"
        async with database.session() as session:
            await ChangeRepository(session).adopt()
            await session.commit()
        reader = Reader(database)
        assert await reader.read() == documents
        assert reader.position > START


class TestShortening:
    async def test_the_last_row_of_each_document_stays(self, database: Database) -> None:
        one, two = new_id(), new_id()
        for document in (one, two, one, one):
            await note(database, document)
        early = Reader(database)
        async with database.session() as session:
            assert await ChangeRepository(session).shorten() == 2
            await session.commit()
        assert await early.read() == [two, one]

    async def test_a_place_whose_row_is_forgotten_is_still_known(self, database: Database) -> None:
        one, two = new_id(), new_id()
        await note(database, one)
        reader = Reader(database)
        await reader.read()
        await note(database, two, one)
        async with database.session() as session:
            await ChangeRepository(session).shorten()
            await session.commit()
        async with database.session(writes=False) as session:
            assert await ChangeRepository(session).knows(reader.position, one)
        assert await reader.read() == [two, one]

    async def test_there_may_be_nothing_to_forget(self, database: Database) -> None:
        await note(database, new_id())
        async with database.session() as session:
            assert await ChangeRepository(session).shorten() == 0
