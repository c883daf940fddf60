"""Organisations, people and contributions to test with."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.contributions.publishing import publish
from knowledge.contributions.schemas import Author, ContributionEntry, Wishes
from knowledge.contributions.service import ContributionService
from knowledge.kit.clock import now, today
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.members.schemas import MemberEntry
from knowledge.members.service import MemberService
from knowledge.models import Contribution, ContributionMessage, Document, Notice, Organisation
from knowledge.models.chat import Circle
from knowledge.models.contribution import ContributionState
from knowledge.models.member import Role
from knowledge.models.organisation import OrganisationKind

FIELDS = {
    "title": "Chatbot abgeschaltet",
    "situation": "Das Telefon klingelte.",
    "done": "Wir mieteten einen Dienst.",
    "outcome": "Ein Viertel war falsch.",
    "status": "failed",
    "period": "2022 bis 2024",
    "costs": "5.900 Euro im Jahr.",
    "again": "no",
    "topics": ["KI", "Website"],
    "contact": "Frau Beispiel, Bürgerbüro",
}


@dataclass(frozen=True, slots=True)
class House:
    """An organisation with one of its people."""

    id: UUID
    member: MemberEntry

    @property
    def author(self) -> Author:
        """The person as an author."""
        return Author(self.member.id, self.id)


def municipality(key: str, **overrides: Any) -> Organisation:
    """Return a municipality of the register in Brandenburg."""
    values: dict[str, Any] = {
        "id": new_id(),
        "key": key,
        "kind": OrganisationKind.MUNICIPALITY,
        "name": f"Ort {key}",
        "search_name": f"|ort {key}|",
        "state_key": "12",
        "population": 3000,
        "register_date": today(),
    }
    return Organisation(**values | overrides)


async def add_house(session: AsyncSession, name: str = "Kranichhorst", **overrides: Any) -> House:
    """Keep a municipality with a member."""
    house = municipality(f"12{new_id().int % 10**10:010}", name=name, **overrides)
    session.add(house)
    await session.flush()
    return House(house.id, await add_member(session, f"Person {name}", house.id))


async def add_member(
    session: AsyncSession, name: str, house: UUID | None, *, role: Role = Role.MEMBER, releases: bool = False
) -> MemberEntry:
    """Keep a member."""
    members = MemberService(session)
    entry = await members.add_to(house, name, role)
    row = await members.repository.by_id(entry.id)
    assert row is not None
    row[0].releases = releases
    await session.flush()
    return entry


async def add_neighbours(session: AsyncSession, count: int, **overrides: Any) -> None:
    """Keep municipalities that are like each other."""
    session.add_all(municipality(f"12{new_id().int % 10**10:010}", **overrides) for _ in range(count))
    await session.flush()


async def add_circle(session: AsyncSession, name: str) -> UUID:
    """Keep a circle."""
    circle = Circle(id=new_id(), name=name, search_name=name.casefold(), topics=[])
    session.add(circle)
    await session.flush()
    return circle.id


async def send(database: Database, author: Author, wishes: Wishes | None = None, **fields: Any) -> ContributionEntry:
    """Have a contribution written and sent."""
    async with unit_of_work(database) as unit:
        service = ContributionService(unit)
        draft = await service.start(author, fields={**FIELDS, **fields})
        await service.change(draft.id, author, wishes=wishes)
        return await service.submit(draft.id, author)


async def ask_back(database: Database, contribution: UUID, moderator: UUID, text: str = "Was hat es gekostet?") -> None:
    """Let a moderator ask the author something."""
    async with unit_of_work(database) as unit:
        row = await unit.session.get_one(Contribution, contribution)
        row.state = ContributionState.ASKED
        row.revision += 1
        unit.session.add(
            ContributionMessage(contribution_id=contribution, from_author=False, member_id=moderator, text=text)
        )


async def publish_it(database: Database, contribution: UUID) -> Document:
    """Let a moderator publish a contribution."""
    async with unit_of_work(database) as unit:
        row = await unit.session.get_one(Contribution, contribution)
        row.state, row.decided_at = ContributionState.PUBLISHED, now()
        return await publish(unit, row, by=new_id())


async def entry_of(database: Database, contribution: UUID) -> ContributionEntry:
    """Return a contribution as it stands."""
    async with unit_of_work(database, writes=False) as unit:
        return await ContributionService(unit).find(contribution)


async def notices(database: Database) -> list[tuple[str, UUID | None]]:
    """Return what is to be told, and to whom."""
    async with unit_of_work(database, writes=False) as unit:
        rows = (await unit.session.scalars(select(Notice).order_by(Notice.created_at))).all()
        return [(row.kind, row.member_id or row.identity_id) for row in rows]
