"""One contribution as a moderator may look at it, and whether they may decide on it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.contributions.schemas import ContributionEntry
from knowledge.contributions.showing import entry_of
from knowledge.models.contribution import Contribution
from knowledge.models.document import Document
from knowledge.models.organisation import Organisation
from knowledge.review.errors import OwnContribution, UnknownContribution, UnseenDocument
from knowledge.review.queue import sees
from knowledge.review.repository import ReviewRepository
from knowledge.review.reviewers import known_reviewers, others_can
from knowledge.review.schemas import DECIDED, OPEN, Act, Reviewer


@dataclass(frozen=True, slots=True)
class Looked:
    """A contribution with what belongs to it.

    ``corrected`` is empty where there is no such document, or where it is not for this reviewer to see
    (``hides_corrected``). ``is_others`` says that it is the reviewer's own and somebody else decides.
    """

    row: Contribution
    organisation: Organisation | None
    corrected: Document | None
    hides_corrected: bool
    is_others: bool

    @property
    def topics(self) -> list[str]:
        """What it is about."""
        return topics_of(self.row.fields)


def topics_of(fields: dict[str, Any]) -> list[str]:
    """Return the topics among the fields of a contribution."""
    topics = fields.get("topics")
    return [str(topic) for topic in topics] if isinstance(topics, list) else []


class ContributionReader:
    """Reads contributions for one reviewer over one session."""

    def __init__(self, session: AsyncSession, reviewer: Reviewer) -> None:
        self.repository = ReviewRepository(session)
        self._reviewer = reviewer

    async def look(self, key: UUID) -> Looked:
        """Return a contribution that was sent. Raises ``UnknownContribution`` also for what is not their office."""
        row = await self.repository.get(key)
        if row is None or row.state not in (*OPEN, *DECIDED) or not self._covers(row):
            raise UnknownContribution
        corrected = (
            (await self.repository.documents([row.corrects_id])).get(row.corrects_id) if row.corrects_id else None
        )
        hidden = corrected is not None and not sees(self._reviewer, corrected)
        return Looked(
            row=row,
            organisation=await self.repository.organisation(row.organisation_id),
            corrected=None if hidden else corrected,
            hides_corrected=hidden,
            is_others=await self._is_others(row),
        )

    async def check_may_decide(self, key: UUID) -> Looked:
        """Return a contribution that this reviewer decides on.

        Raises ``UnknownContribution``, ``OwnContribution``, ``UnseenDocument``.
        """
        found = await self.look(key)
        if found.is_others:
            raise OwnContribution
        if found.hides_corrected:
            raise UnseenDocument
        return found

    async def entry(self, found: Looked) -> ContributionEntry:
        """Return a contribution as the contributions service gives it."""
        messages = await self.repository.messages(found.row.id)
        return entry_of(found.row, found.organisation.name if found.organisation else None, messages)

    async def owner(self, document: Document | None) -> str | None:
        """Return whose a document is said to be."""
        organisation = await self.repository.organisation(document.organisation_id) if document else None
        return organisation.name if organisation else document.publisher if document else None

    async def acts(self, key: UUID) -> list[Act]:
        """Return what moderators did to a contribution, oldest first."""
        return [Act(entry.at, name, entry.action) for entry, name in await self.repository.acts(key)]

    async def acts_since(self, key: UUID, revision: int) -> list[Act]:
        """Return what moderators did to a contribution since a revision of it."""
        rows = await self.repository.acts(key)
        return [
            Act(entry.at, name, entry.action) for entry, name in rows if entry.details.get("revision", 0) > revision
        ]

    async def _corrected(self, key: UUID | None) -> Document | None:
        return (await self.repository.documents([key])).get(key) if key else None

    def _covers(self, row: Contribution) -> bool:
        return self._reviewer.scope.covers(row.organisation_id, topics_of(row.fields))

    async def _is_others(self, row: Contribution) -> bool:
        if row.member_id is None or row.member_id != self._reviewer.member_id:
            return False
        reviewers = await known_reviewers(self.repository)
        return others_can(reviewers, row.member_id, row.organisation_id, topics_of(row.fields))
