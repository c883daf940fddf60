"""Putting a digest together when it goes out: only then it is known what may be told."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.visibility import Viewer
from knowledge.digests.repository import DigestRepository, NewsRepository
from knowledge.digests.schemas import (
    MOST_COMING,
    MOST_DOCUMENTS,
    MOST_QUESTIONS,
    MOST_TRAININGS,
    DigestContent,
    DigestScope,
)
from knowledge.kit.clock import now
from knowledge.models.chat import Chat, Circle
from knowledge.models.digest import Digest
from knowledge.models.member import Member
from knowledge.models.topic import Stance
from knowledge.topics.tree import TopicTree


class DigestService:
    """Digests, within the caller's transaction.

    Args:
        session: of that transaction.
        tree: the topics, read once for many digests.
    """

    def __init__(self, session: AsyncSession, tree: TopicTree) -> None:
        self._repository = DigestRepository(session)
        self._news = NewsRepository(session)
        self._tree = tree

    async def claim(self, digest_id: UUID) -> Digest | None:
        """Note that a digest goes out in this transaction; ``None`` where it did before."""
        return await self._repository.claim(digest_id, now())

    async def mark_empty(self, digest: Digest) -> None:
        """Note that there was nothing to tell, or no way to tell it."""
        await self._repository.mark_empty(digest.id)

    async def circle(self, digest: Digest) -> tuple[Circle, Chat] | None:
        """Return the circle of a digest with its group, if it still wants it and the bot may speak there."""
        return await self._repository.circle(digest.circle_id) if digest.circle_id is not None else None

    async def member(self, digest: Digest) -> Member | None:
        """Return the member of a digest, if they still want it."""
        return await self._repository.member(digest.member_id) if digest.member_id is not None else None

    async def for_circle(self, digest: Digest, circle: Circle, viewer: Viewer) -> DigestContent:
        """Return what a circle is told, and note that these open questions were brought to it.

        A circle without topics, or with none that is known, is told of everything that its group may find.
        """
        topics = _with_below(self._tree, words=circle.topics)
        scope = DigestScope(
            viewer=viewer,
            since=await self._since(digest),
            until=digest.due_at,
            topics=topics,
            answers=topics,
            circle_id=circle.id,
        )
        content = await self._content(scope)
        if content:
            await self._news.note_brought(scope, [question.id for question in content.questions])
        return content

    async def for_member(self, digest: Digest, member: Member, viewer: Viewer) -> DigestContent:
        """Return what a member is told: on the topics that they declared, or else of everything they may find."""
        declared = await self._repository.declared(member.id)
        scope = DigestScope(
            viewer=viewer,
            since=await self._since(digest),
            until=digest.due_at,
            topics=_with_below(self._tree, topics=declared[Stance.HELPS] | declared[Stance.SEEKS]),
            answers=_with_below(self._tree, topics=declared[Stance.HELPS]) or frozenset(),
            member_id=member.id,
        )
        return await self._content(scope)

    async def _since(self, digest: Digest) -> datetime:
        """Return until when the last digest told; one that came meanwhile counts, too."""
        told = await self._repository.told_until(digest)
        return digest.since if told is None else max(digest.since, told)

    async def _content(self, scope: DigestScope) -> DigestContent:
        documents, all_documents = await self._news.documents(scope, trainings=False, limit=MOST_DOCUMENTS)
        trainings, all_trainings = await self._news.documents(scope, trainings=True, limit=MOST_TRAININGS)
        coming, all_coming = await self._news.trainings(scope, limit=MOST_COMING)
        questions = await self._news.questions(scope, limit=MOST_QUESTIONS)
        return DigestContent(
            scope.since, documents, all_documents, trainings, all_trainings, coming, all_coming, questions
        )


def _with_below(
    tree: TopicTree, *, words: list[str] | None = None, topics: set[UUID] | None = None
) -> frozenset[UUID] | None:
    """Return topics with all that lies below them; ``None`` for none."""
    named = tree.resolve(words or ()) | (topics or set())
    return frozenset(key for topic in named for key in tree.below(topic)) or None
