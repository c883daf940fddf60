"""Review dates: whoever looks after a document is asked before it grows stale whether it still holds."""

import asyncio
from collections import Counter
from datetime import date, datetime, timedelta
from uuid import UUID

from knowledge.audit.service import record
from knowledge.contributions.schemas import Author
from knowledge.contributions.service import ContributionService
from knowledge.freshness.errors import NotLookedAfter
from knowledge.freshness.repository import FreshnessRepository
from knowledge.kit.clock import now, today
from knowledge.kit.database import Database
from knowledge.kit.logs import get_logger
from knowledge.kit.repeating import repeat
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work
from knowledge.library.service import LibraryService
from knowledge.models.document import Document
from knowledge.notices.service import tell

# How long before its review date a document's caretaker is asked, and when again if nothing was said.
BEFORE = timedelta(days=30)
AGAIN_AFTER = timedelta(days=90)
# How long „still current" counts.
HOLDS_FOR = timedelta(days=365)
# Whoever looks after many documents is asked about some of them a day.
A_DAY = 3
EVERY = timedelta(hours=24)


class FreshnessService:
    """What a caretaker says of a document, within one unit of work."""

    def __init__(self, unit: UnitOfWork) -> None:
        self._unit = unit
        self._repository = FreshnessRepository(unit.session)

    async def get(self, document_id: UUID, member_id: UUID) -> Document:
        """Return a published document that the member looks after. Raises ``NotLookedAfter``."""
        document = await self._repository.looked_after(document_id, member_id)
        if document is None:
            raise NotLookedAfter
        return document

    async def still_current(self, document_id: UUID, member_id: UUID) -> date:
        """Note that a document still holds; returns the day of the next look. Raises ``NotLookedAfter``."""
        document = await self.get(document_id, member_id)
        # Not ``updated_at``: what it says is no news, so nobody who waits for an answer is told of it.
        document.review_by, document.review_asked_at = today() + HOLDS_FOR, None
        await record(
            self._unit.session,
            "library:still_current",
            ("document", document.id),
            by=member_id,
            day=str(document.review_by),
        )
        await self._unit.session.flush()
        return document.review_by

    async def withdraw(self, document_id: UUID, member: Author) -> None:
        """Withdraw a document: an own contribution as its author would, a colleague's so that it can be restored.

        Raises ``NotLookedAfter``.
        """
        document = await self.get(document_id, member.member_id)
        own = await self._repository.own_contribution(document.id, member.member_id)
        if own is not None:
            await ContributionService(self._unit).withdraw(own.id, member)
            return
        await LibraryService(self._unit).withdraw(document)
        await record(
            self._unit.session, "library:withdraw", ("document", document.id), by=member.member_id, reason="outdated"
        )


async def ask_caretakers(database: Database, moment: datetime) -> int:
    """Ask those who look after documents whose review date is near; returns about how many documents."""
    asked: Counter[UUID] = Counter()
    async with unit_of_work(database) as unit:
        repository = FreshnessRepository(unit.session)
        documents = []
        for due in await repository.due((moment + BEFORE).date(), not_asked_since=moment - AGAIN_AFTER):
            if asked[due.member] < A_DAY and due.document not in documents:
                asked[due.member] += 1
                documents.append(due.document)
                data = {"document": str(due.document)}
                await tell(unit.session, "document.review_due", member_id=due.member, data=data)
        await repository.mark_asked(documents, moment)
    if documents:
        get_logger().info("review_dates_asked", documents=len(documents))
    return len(documents)


async def keep_fresh(database: Database, stop: asyncio.Event) -> None:
    """Ask now and every day until ``stop`` is set."""
    await repeat(lambda: ask_caretakers(database, now()), stop, every=EVERY, name="review_dates")
