"""A small network to ask: houses, people who offer help, circles with groups."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import select

from knowledge.access.visibility import network_member
from knowledge.contributions.schemas import Author
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.chat import Chat, ChatIdentity, ChatKind, Circle, Network
from knowledge.models.member import Findable, Member
from knowledge.models.notice import Notice
from knowledge.models.organisation import Organisation
from knowledge.models.question import OpenQuestion
from knowledge.questions.schemas import OpenAnswerEntry, OpenQuestionEntry, PreparedQuestion, Reader, ReleaseWishes
from knowledge.questions.service import QuestionService
from tests.knowledge.peers.towns import add_member, add_topics, town

WORDS = "Welches Ratsinformationssystem nutzt ihr?"
ANSWER = "Wir nutzen seit 2023 eines und sind zufrieden."


@dataclass(frozen=True, slots=True)
class Person:
    """A member with the address where they are reached."""

    id: UUID
    organisation_id: UUID | None
    identity_id: UUID | None
    name: str

    @property
    def author(self) -> Author:
        """The person as an author."""
        return Author(self.id, self.organisation_id, self.identity_id)

    @property
    def reader(self) -> Reader:
        """The person as a reader in the hub."""
        return Reader(self.id, network_member(self.organisation_id))


@dataclass
class NetworkOfTowns:
    """The network; ``kim`` of Musterau asks."""

    database: Database
    topics: dict[str, UUID]
    musterau: Organisation
    kim: Person

    @asynccontextmanager
    async def questions(self, **more: Any) -> AsyncIterator[QuestionService]:
        """Open the service in a transaction of its own."""
        async with unit_of_work(self.database) as unit:
            yield QuestionService(unit, **more)

    async def person(self, name: str, house: Organisation | None = None, *topics: str, **more: Any) -> Person:
        """Add a member on Matrix who offers help with topics."""
        network = more.pop("network", Network.MATRIX)
        async with unit_of_work(self.database) as unit:
            keys = [self.topics[topic] for topic in topics]
            member = await add_member(unit.session, house, *keys, name=name, search_name=name.casefold(), **more)
            identity = None
            if network is not None:
                identity = ChatIdentity(id=new_id(), network=network, address=f"@{member.id.hex}", member_id=member.id)
                unit.session.add(identity)
                await unit.session.flush()
            return Person(member.id, member.organisation_id, identity.id if identity else None, name)

    async def town(self, key: str, name: str = "", population: int | None = None) -> Organisation:
        """Add an organisation."""
        async with unit_of_work(self.database) as unit:
            row = town(key, name, population)
            unit.session.add(row)
            return row

    async def circle(self, *topics: str, network: Network = Network.MATRIX, vouched: bool = True) -> UUID:
        """Add a circle with a group."""
        async with unit_of_work(self.database) as unit:
            key = new_id()
            chat = Chat(id=new_id(), network=network, address=f"!{key.hex}", kind=ChatKind.GROUP)
            unit.session.add(chat)
            await unit.session.flush()
            circle = Circle(id=key, name=key.hex, search_name=key.hex, topics=list(topics), chat_id=chat.id)
            circle.vouched_at = now() if vouched else None
            unit.session.add(circle)
            return key

    async def release(
        self,
        text: str = WORDS,
        *topics: str,
        by: Person | None = None,
        wishes: ReleaseWishes | None = None,
        **more: Any,
    ) -> OpenQuestionEntry:
        """Release a question with topics, by Kim if not said otherwise."""
        keys = tuple(self.topics[topic] for topic in topics)
        async with self.questions(**more) as questions:
            chosen = replace(wishes or ReleaseWishes(), topics=keys)
            return await questions.release((by or self.kim).author, PreparedQuestion(text, "de"), chosen)

    async def answer(self, question: OpenQuestionEntry, by: Person, text: str = ANSWER, **more: Any) -> OpenAnswerEntry:
        """Answer a question."""
        async with self.questions() as questions:
            return await questions.answer(question.id, by.author, text, **more)

    async def see(self, question: OpenQuestionEntry, who: Person | None = None) -> OpenQuestionEntry:
        """Return a question as somebody sees it."""
        async with self.questions() as questions:
            return await questions.get(question.id, (who or self.kim).reader)

    async def set(self, table: Any, key: UUID, **values: Any) -> None:
        """Set columns of a row."""
        async with unit_of_work(self.database) as unit:
            row = await unit.session.get_one(table, key)
            for name, value in values.items():
                setattr(row, name, value)

    async def told(self, *kinds: str) -> list[tuple[str, UUID | None]]:
        """Return what is to be told and to whom (a member or a circle), the earliest first."""
        async with self.database.session(writes=False) as session:
            rows = (await session.scalars(select(Notice).order_by(Notice.created_at, Notice.id))).all()
            who = {row.id: row.member_id for row in (await session.scalars(select(ChatIdentity))).all()}
            told = [
                (row.kind, row.circle_id or row.member_id or (who.get(row.identity_id) if row.identity_id else None))
                for row in rows
            ]
        return [one for one in told if not kinds or one[0] in kinds]

    async def row(self, question: OpenQuestionEntry) -> OpenQuestion:
        """Return the row of a question."""
        async with self.database.session(writes=False) as session:
            return await session.get_one(OpenQuestion, question.id)

    async def rows(self, table: Any, *conditions: Any) -> list[Any]:
        """Return rows of a table."""
        async with self.database.session(writes=False) as session:
            return list((await session.scalars(select(table).where(*conditions))).all())

    async def member(self, person: Person, **values: Any) -> None:
        """Set columns of a member."""
        await self.set(Member, person.id, **values)


async def open_network(database: Database) -> NetworkOfTowns:
    """Found the network: Musterau with Kim, who asks and offers nothing."""
    async with unit_of_work(database) as unit:
        musterau = town("120640001001", "Musterau", 5_000)
        unit.session.add(musterau)
        await unit.session.flush()
        topics = await add_topics(unit.session)
    empty = Person(new_id(), None, None, "")
    network = NetworkOfTowns(database, topics, musterau, empty)
    network.kim = await network.person("Kim Kiefer", musterau, findable=Findable.OFF)
    return network
