"""People who ask each other for contact, in tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from knowledge.contributions.schemas import Author
from knowledge.kit.clock import use_clock
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.chat import ChatIdentity, Network
from knowledge.models.member import Findable, Member
from knowledge.models.notice import Notice
from knowledge.models.organisation import Organisation
from knowledge.models.peer import ContactRequest
from knowledge.peers.contacts import ContactService
from knowledge.peers.schemas import ContactEntry
from knowledge.peers.settling import settle_contacts
from tests.knowledge.peers.towns import MOMENT, add_member, add_topics, town

WORDS = "Wir führen gerade ein Ratsinformationssystem ein und würden gern von Ihnen hören."


@dataclass
class Houses:
    """Two houses with people: Anna of Lindenau asks, Ben and Bea of Birkenau are asked."""

    database: Database
    lindenau: Organisation
    birkenau: Organisation
    anna: Member
    ben: Member
    bea: Member
    topics: dict[str, UUID]
    moment: datetime = field(default=MOMENT)

    @property
    def author(self) -> Author:
        """Anna, as who she asks."""
        return Author(self.anna.id, self.lindenau.id)

    @asynccontextmanager
    async def contacts(self) -> AsyncIterator[ContactService]:
        """Open the service in a transaction."""
        async with unit_of_work(self.database) as unit:
            yield ContactService(unit)

    async def ask(self, to: Member | None = None, text: str = WORDS, topic: str | None = None) -> ContactEntry:
        """Let Anna ask Ben, or somebody else."""
        async with self.contacts() as contacts:
            return await contacts.ask(
                self.author, (to or self.ben).id, text, self.topics[topic] if topic is not None else None
            )

    async def do(self, deed: str, entry: ContactEntry, who: Member, *more: UUID) -> None:
        """Let somebody do something with a request."""
        async with self.contacts() as contacts:
            await getattr(contacts, deed)(entry.id, who.id, *more)

    async def see(self, entry: ContactEntry, who: Member) -> ContactEntry:
        """Return a request as somebody sees it."""
        async with self.contacts() as contacts:
            return await contacts.get(entry.id, who.id)

    async def pass_by(self, **more: float) -> None:
        """Let time pass, and do what is due."""
        self.moment += timedelta(**more)
        use_clock(lambda: self.moment)
        await settle_contacts(self.database, self.moment)

    async def change(self, member: Member, **values: object) -> None:
        """Set columns of a member."""
        async with unit_of_work(self.database) as unit:
            row = await unit.session.get(Member, member.id)
            assert row is not None
            for name, value in values.items():
                setattr(row, name, value)

    async def add_person(self, name: str, house: Organisation | None = None, **more: Any) -> Member:
        """Add somebody, of Birkenau if not said otherwise."""
        known = {"name": name, "search_name": name.casefold(), **more}
        async with unit_of_work(self.database) as unit:
            return await add_member(unit.session, house or self.birkenau, **known)

    async def told(self) -> list[tuple[str, UUID | None]]:
        """Return what people were told, the earliest first."""
        async with self.database.session(writes=False) as session:
            rows = await session.scalars(select(Notice).order_by(Notice.created_at))
            return [(row.kind, row.member_id) for row in rows]

    async def requests(self) -> list[ContactRequest]:
        """Return all requests in the order in which they came."""
        async with self.database.session(writes=False) as session:
            return list(await session.scalars(select(ContactRequest).order_by(ContactRequest.created_at)))


async def add_address(database: Database, member: Member, network: Network, address: str) -> UUID:
    """Give somebody an address."""
    async with unit_of_work(database) as unit:
        identity = ChatIdentity(id=new_id(), network=network, address=address, member_id=member.id)
        unit.session.add(identity)
        return identity.id


async def open_houses(database: Database) -> Houses:
    """Found the two houses, on a Monday morning."""
    use_clock(lambda: MOMENT)
    async with unit_of_work(database) as unit:
        session = unit.session
        lindenau, birkenau = town("120660001001", "Lindenau", 2_000), town("120660002001", "Birkenau", 2_500)
        session.add_all([lindenau, birkenau])
        await session.flush()
        topics = await add_topics(session)
        anna = await add_member(session, lindenau, findable=Findable.OFF, name="Anna Ahorn", search_name="anna ahorn")
        ben = await add_member(session, birkenau, topics["E-Akte"], name="Ben Birke", search_name="ben birke")
        bea = await add_member(session, birkenau, findable=Findable.OFF, name="Bea Buche", search_name="bea buche")
    return Houses(database, lindenau, birkenau, anna, ben, bea, topics)
