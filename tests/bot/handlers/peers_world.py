"""Members of two houses at the desk: Anna and Tina of „Lindenau", Ben and Tom of „Birkenau"."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import select

from bot.core.messages import Person
from knowledge.kit.database import Database
from knowledge.kit.settings import Settings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.organisation import Organisation
from knowledge.models.peer import ContactRequest
from knowledge.organisations.schemas import NewOrganisation
from knowledge.organisations.service import OrganisationService
from tests.bot.handlers.contributing_world import Desk, desk_of
from tests.kept_settings import kept_settings
from tests.knowledge.peers.towns import add_experience, add_topics

WORDS = "Wir führen gerade die E-Akte ein und würden gern von Ihnen hören."


@dataclass
class Peers:
    """The desk with its houses and topics."""

    desk: Desk
    houses: dict[str, UUID]
    topics: dict[str, UUID]

    async def join(self, person: Person, house: str = "Lindenau", name: str | None = None) -> UUID:
        """Make somebody a member of a house."""
        more: dict[str, Any] = {"organisation_id": self.houses[house]}
        if name is not None:
            more |= {"name": name, "search_name": name.casefold()}
        return await self.desk.make_member(person, **more)

    async def offer(self, person: Person, topic: str = "E-Akte") -> None:
        """Let a member offer help and be found."""
        await self.desk.write(person, "/profile")
        await self.desk.press(person, "What I can help with")
        await self.desk.write(person, topic)
        await self.desk.press(person, "Done")
        await self.desk.press(person, "Let me be found")

    async def publish(self, house: str, title: str, *topics: str, **more: object) -> None:
        """Have a house tell something."""
        async with unit_of_work(self.desk.database) as unit:
            own = await unit.session.get_one(Organisation, self.houses[house])
            await add_experience(unit.session, own, title, *(self.topics[name] for name in topics), **more)

    async def requests(self) -> list[ContactRequest]:
        """Return all requests."""
        return list(await self.desk.rows(ContactRequest))


def shown_abroad(settings: Settings) -> Settings:
    """Return settings with which Telegram shows what is the network's."""
    return replace(settings, telegram=settings.telegram.model_copy(update={"telegram_visibility": "network"}))


@asynccontextmanager
async def peers_of(database: Database, settings: Settings | None = None) -> AsyncIterator[Peers]:
    """Open the desk."""
    async with desk_of(database, settings or kept_settings()) as desk:
        async with unit_of_work(database) as unit:
            await OrganisationService(unit.session).add(NewOrganisation(name="Birkenau", state="BB"))
            rows = await unit.session.scalars(select(Organisation))
            houses = {row.name: row.id for row in rows}
            topics = await add_topics(unit.session)
        yield Peers(desk, houses, topics)
