"""A house that contributes, and moderators who decide."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from knowledge.access.rights import Scope
from knowledge.access.visibility import anybody, network_member
from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models import AuditEntry, Contribution, Document, ModeratorScope, Notice, Report
from knowledge.models.contribution import ReportReason
from knowledge.models.member import Role
from knowledge.review.queue import ReviewQueue
from knowledge.review.schemas import QueueFilter, QueueView, Reviewer
from knowledge.review.service import ReviewService
from tests.knowledge.contributions.world import House, add_house, add_member, publish_it, send


@dataclass(frozen=True, slots=True)
class World:
    """A database with a house and two moderators of everything."""

    database: Database
    house: House
    anna: Reviewer
    bert: Reviewer

    async def sent(self, **fields: Any) -> UUID:
        """Have a contribution of the house sent."""
        return (await send(self.database, self.house.author, **fields)).id

    async def published(self, **fields: Any) -> Document:
        """Have an experience of the house published."""
        return await publish_it(self.database, await self.sent(**fields))

    async def reported(self, document: UUID, text: str = "Das stimmt nicht.") -> UUID:
        """Have a document reported by the house's member."""
        report = Report(document_id=document, member_id=self.house.member.id, reason=ReportReason.WRONG, text=text)
        async with unit_of_work(self.database) as unit:
            unit.session.add(report)
        return report.id

    async def row(self, contribution: UUID) -> Contribution:
        """Return a contribution as it stands."""
        async with unit_of_work(self.database, writes=False) as unit:
            return await unit.session.get_one(Contribution, contribution)

    async def set(self, contribution: UUID, **values: Any) -> None:
        """Set columns of a contribution, such as since when it waits."""
        async with unit_of_work(self.database) as unit:
            row = await unit.session.get_one(Contribution, contribution)
            for name, value in values.items():
                setattr(row, name, value)

    async def acts(self) -> list[str]:
        """Return what is on record."""
        async with unit_of_work(self.database, writes=False) as unit:
            return list(await unit.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))

    async def told(self) -> list[tuple[str, dict[str, Any]]]:
        """Return what is to be told, oldest first."""
        async with unit_of_work(self.database, writes=False) as unit:
            rows = await unit.session.scalars(select(Notice).order_by(Notice.created_at, Notice.kind))
            return [(row.kind, row.data) for row in rows]

    async def queue(self, reviewer: Reviewer, **wanted: Any) -> QueueView:
        """Return the queue as a reviewer sees it."""
        async with unit_of_work(self.database, writes=False) as unit:
            return await ReviewQueue(unit.session, reviewer).view(QueueFilter(**wanted))

    @asynccontextmanager
    async def deciding(self, reviewer: Reviewer) -> AsyncIterator[ReviewService]:
        """Open a transaction in which a reviewer decides."""
        async with unit_of_work(self.database) as unit:
            yield ReviewService(unit, reviewer)


async def make_world(database: Database) -> World:
    """Fill a database."""
    async with unit_of_work(database) as unit:
        house = await add_house(unit.session)
    reviewers = [await add_reviewer(database, name) for name in ("Anna", "Bert")]
    return World(database, house, *reviewers)


async def add_reviewer(
    database: Database,
    name: str,
    *,
    house: UUID | None = None,
    organisations: tuple[UUID, ...] = (),
    topics: tuple[str, ...] = (),
) -> Reviewer:
    """Keep a moderator, of everything or of some organisations and topics."""
    async with unit_of_work(database) as unit:
        member = await add_member(unit.session, name, house, role=Role.MODERATOR)
        unit.session.add_all(ModeratorScope(member_id=member.id, organisation_id=key) for key in organisations)
        unit.session.add_all(ModeratorScope(member_id=member.id, topic=topic) for topic in topics)
    scope = Scope(frozenset(organisations), frozenset(topic.casefold() for topic in topics))
    return Reviewer(member.id, scope, network_member(house) if house else anybody())
