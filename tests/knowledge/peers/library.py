"""A library of experiences from several houses, really published and indexed (words alone), for tests about peers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from knowledge.access.visibility import network_member
from knowledge.contributions.publishing import publish
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.answers.service import AnswerService
from knowledge.library.indexes.access import LibraryIndexes
from knowledge.models.contribution import Attribution, Contribution, ContributionKind, ContributionState
from knowledge.models.document import Visibility
from knowledge.models.organisation import Organisation
from knowledge.peers.schemas import PeerAsker, PeerFinds
from knowledge.peers.service import find_peers
from tests.kept_settings import kept_settings
from tests.knowledge.peers.towns import MOMENT, add_topics, town

RIS = (
    "Ratsinformationssystem im Rathaus",
    "Wir haben ein Ratsinformationssystem für die Gemeindevertretung eingeführt.",
)


def told(title: str, done: str, outcome: str = "Die Arbeit ist leichter geworden.", **more: Any) -> dict[str, Any]:
    """Return the fields of an experience."""
    return {"title": title, "done": done, "outcome": outcome, **more}


@dataclass
class Shelf:
    """The library with its houses: Lindenau asks; neighbours, its Amt, its district and far ones tell."""

    database: Database
    indexes: LibraryIndexes
    answers: AnswerService
    houses: dict[str, Organisation]
    topics: dict[str, UUID]

    async def publish(self, house: str | None, fields: dict[str, Any], *topics: str, **more: Any) -> UUID:
        """Publish an experience of a house (anonymous without one), and wait until it is found."""
        own = self.houses[house] if house else self.houses["Linde"]
        async with unit_of_work(self.database) as unit:
            row = Contribution(
                id=new_id(),
                kind=ContributionKind.EXPERIENCE,
                state=ContributionState.PUBLISHED,
                organisation_id=own.id,
                fields={**fields, "topics": list(topics)} if topics else fields,
                submitted_at=MOMENT,
                **{
                    "visibility": Visibility.NETWORK,
                    "attribution": Attribution.ORGANISATION if house else Attribution.ANONYMOUS,
                    "described_as": None if house else "Gemeinde in Brandenburg",
                    **more,
                },
            )
            unit.session.add(row)
            await unit.session.flush()
            document = await publish(unit, row, by=new_id())
        await self.indexes.drain(left=lambda _count: None)
        return document.id

    def asker(self, house: str | None = "Lindenau", **more: Any) -> PeerAsker:
        """Return a member of a house, as who looks for peers."""
        own = self.houses[house].id if house else None
        return replace(PeerAsker(new_id(), own, network_member(own)), **more)

    async def find(self, text: str, asker: PeerAsker | None = None, **more: Any) -> PeerFinds:
        """Find peers for somebody of Lindenau, or somebody else."""
        return await find_peers(self.answers, self.database, text, asker or self.asker(), **more)


TOWNS = {
    "Lindenau": ("120660001001", 2_000),
    "Linde": ("120660001002", 2_100),
    "Amt Linde": ("120660001", 6_000),
    "Kreis": ("12066", 110_000),
    "Birkenau": ("120660002001", 2_500),
    "Weitau": ("120670001001", 2_200),
    "Fernau": ("030660001001", 2_400),
    "Großstadt": ("091620000000", 1_500_000),
}


@asynccontextmanager
async def shelf_of(database: Database) -> AsyncIterator[Shelf]:
    """Open an empty library with its houses and topics."""
    settings = kept_settings()
    async with unit_of_work(database) as unit:
        houses = {name: town(key, name, population) for name, (key, population) in TOWNS.items()}
        unit.session.add_all(houses.values())
        await unit.session.flush()
        topics = await add_topics(unit.session)
    async with LibraryIndexes(settings, database, say=lambda _text: None) as indexes:
        yield Shelf(database, indexes, AnswerService(database, indexes, settings.answers), houses, topics)
