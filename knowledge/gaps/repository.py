"""The statements about gaps as people and their askers see them: reading, changing their state, forgetting."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import Select, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.gaps.schemas import FEWEST
from knowledge.models.answer import Answer, Question
from knowledge.models.chat import ChatIdentity
from knowledge.models.conversation import Exchange
from knowledge.models.document import Document
from knowledge.models.gap import Gap, GapQuestion, GapState, GapTopic
from knowledge.models.question import OpenQuestion, OpenQuestionFollower, OpenQuestionState, OpenQuestionTopic

# A question that was released and waits, or has an answer that is not in the library.
WAITS = (OpenQuestionState.OPEN, OpenQuestionState.ANSWERED)
# Gap, text, vector and model of a question.
Words: TypeAlias = tuple[UUID, str, bytes | None, str | None]
# Values of one statement; SQLite allows 32,766 in all.
CHUNK = 500


class GapRepository:
    """Gaps over one session; whoever opened the session commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, key: UUID) -> Gap | None:
        """Return a gap."""
        return await self._session.get(Gap, key)

    async def locked(self, key: UUID) -> Gap | None:
        """Return a gap as it is now, for changing it."""
        statement = select(Gap).where(Gap.id == key).with_for_update().execution_options(populate_existing=True)
        return await self._session.scalar(statement)

    async def add(self, row: Gap | GapQuestion) -> None:
        """Take in a new row, so that others can refer to it."""
        self._session.add(row)
        await self._session.flush()

    async def flush(self) -> None:
        """Write what was changed so far."""
        await self._session.flush()

    async def is_any(self) -> bool:
        """Whether there is anything that a publication may change."""
        return (await self._session.scalar(select(Gap.id).limit(1))) is not None

    async def in_state(self, states: Collection[GapState]) -> Sequence[Gap]:
        """Return all gaps in these states, the weightiest first."""
        statement = select(Gap).where(Gap.state.in_(states)).order_by(Gap.askers.desc(), Gap.updated_at.desc(), Gap.id)
        return (await self._session.scalars(statement)).all()

    async def waiting(self, gaps: Collection[UUID]) -> Sequence[tuple[UUID, OpenQuestion]]:
        """Return the released questions of gaps that wait for an answer in the library, the oldest first."""
        statement = (
            select(GapQuestion.gap_id, OpenQuestion)
            .join(OpenQuestion, OpenQuestion.id == GapQuestion.open_question_id)
            .where(GapQuestion.gap_id.in_(gaps), OpenQuestion.state.in_(WAITS))
            .order_by(OpenQuestion.created_at, OpenQuestion.id)
        )
        return [(row[0], row[1]) for row in (await self._session.execute(statement)).all()]

    async def overdue(self) -> set[UUID]:
        """Return the gaps that hold a released question that nobody answered in time."""
        statement = (
            select(GapQuestion.gap_id)
            .join(OpenQuestion, OpenQuestion.id == GapQuestion.open_question_id)
            .where(OpenQuestion.state == OpenQuestionState.OPEN, OpenQuestion.overdue_at.is_not(None))
        )
        return set((await self._session.scalars(statement)).all())

    async def words(self, gaps: Collection[UUID], each: int) -> list[Words]:
        """Return (gap, text, vector, model) of the newest questions of gaps, at most ``each`` per gap.

        Where too few people asked, only what was released: the others asked for themselves alone.
        """
        said = func.coalesce(OpenQuestion.text, Question.text)
        number = func.row_number().over(
            partition_by=GapQuestion.gap_id, order_by=(GapQuestion.created_at.desc(), GapQuestion.id)
        )
        inner = (
            select(
                GapQuestion.gap_id,
                said.label("said"),
                GapQuestion.vector,
                GapQuestion.model,
                number.label("number"),
            )
            .join(Gap, Gap.id == GapQuestion.gap_id)
            .outerjoin(Question, Question.id == GapQuestion.question_id)
            .outerjoin(OpenQuestion, OpenQuestion.id == GapQuestion.open_question_id)
            .where(GapQuestion.gap_id.in_(gaps), said.is_not(None), said != "")
            .where(or_(GapQuestion.open_question_id.is_not(None), Gap.askers >= FEWEST))
            .subquery()
        )
        statement = select(inner.c.gap_id, inner.c.said, inner.c.vector, inner.c.model)
        statement = statement.where(inner.c.number <= each).order_by(inner.c.gap_id, inner.c.number)
        return [(row[0], row[1], row[2], row[3]) for row in (await self._session.execute(statement)).all()]

    async def traces(self, gap: UUID, limit: int) -> Sequence[dict[str, Any]]:
        """Return the traces of the newest answers to a gap's questions."""
        statement = (
            select(Answer.trace)
            .join(GapQuestion, GapQuestion.question_id == Answer.question_id)
            .where(GapQuestion.gap_id == gap)
            .order_by(Answer.created_at.desc())
            .limit(limit)
        )
        return (await self._session.scalars(statement)).all()

    async def documents(self, keys: Collection[UUID]) -> dict[UUID, Document]:
        """Return documents by key."""
        rows = await self._session.scalars(select(Document).where(Document.id.in_(keys)))
        return {row.id: row for row in rows}

    async def topics(self, gaps: Collection[UUID]) -> Sequence[tuple[UUID, UUID]]:
        """Return (gap, topic) of gaps."""
        statement = select(GapTopic.gap_id, GapTopic.topic_id).where(GapTopic.gap_id.in_(gaps))
        return [(row[0], row[1]) for row in (await self._session.execute(statement)).all()]

    async def set_topics(self, gap: UUID, topics: Collection[UUID]) -> None:
        """Say what a gap is about."""
        await self._session.execute(delete(GapTopic).where(GapTopic.gap_id == gap))
        self._session.add_all([GapTopic(gap_id=gap, topic_id=topic) for topic in sorted(topics)])
        await self._session.flush()

    async def released_topics(self, gap: UUID) -> set[UUID]:
        """Return the topics of what was released in a gap."""
        statement = (
            select(OpenQuestionTopic.topic_id)
            .join(GapQuestion, GapQuestion.open_question_id == OpenQuestionTopic.open_question_id)
            .where(GapQuestion.gap_id == gap)
        )
        return set((await self._session.scalars(statement)).all())

    async def holds(self, open_question: UUID) -> bool:
        """Whether an open question is in a gap."""
        statement = select(GapQuestion.id).where(GapQuestion.open_question_id == open_question)
        return (await self._session.scalar(statement)) is not None

    # Counting

    async def digests(self, gap: UUID) -> Sequence[str | None]:
        """Return the digests of who asked the questions of a gap, one a question; empty ones of those not known."""
        return (await self._session.scalars(select(GapQuestion.asker).where(GapQuestion.gap_id == gap))).all()

    async def followers(self, gap: UUID) -> Sequence[UUID]:
        """Return the members who have a released question of a gap, too."""
        statement = (
            select(OpenQuestionFollower.member_id)
            .join(GapQuestion, GapQuestion.open_question_id == OpenQuestionFollower.open_question_id)
            .where(GapQuestion.gap_id == gap)
        )
        return (await self._session.scalars(statement)).all()

    async def released_since(self, gap: UUID, moment: datetime | None) -> bool:
        """Whether a gap holds a released question that waits, and came after ``moment``."""
        statement = (
            select(GapQuestion.id)
            .join(OpenQuestion, OpenQuestion.id == GapQuestion.open_question_id)
            .where(GapQuestion.gap_id == gap, OpenQuestion.state.in_(WAITS))
        )
        if moment is not None:
            statement = statement.where(GapQuestion.created_at > moment)
        return (await self._session.scalar(statement.limit(1))) is not None

    async def forget_askers(self, gap: UUID) -> None:
        """Forget the digests of who asked the questions of a gap."""
        await self._session.execute(update(GapQuestion).where(GapQuestion.gap_id == gap).values(asker=None))

    # Erasing

    async def salts(self) -> Sequence[str]:
        """Return the salts of gaps whose askers could be recognised by somebody who knows them."""
        return [salt for salt in (await self._session.scalars(select(Gap.salt))).all() if salt]

    async def forget_digests(self, digests: Sequence[str]) -> None:
        """Forget somebody's digests, in whatever gaps they are."""
        for start in range(0, len(digests), CHUNK):
            theirs = GapQuestion.asker.in_(digests[start : start + CHUNK])
            await self._session.execute(update(GapQuestion).where(theirs).values(asker=None))

    async def forget_some(self, gap: UUID, digests: Collection[str]) -> None:
        """Forget these digests in one gap."""
        theirs = (GapQuestion.gap_id == gap, GapQuestion.asker.in_(digests))
        await self._session.execute(update(GapQuestion).where(*theirs).values(asker=None))

    async def drop_withdrawn(self) -> None:
        """Take out what was released and taken back."""
        gone = select(OpenQuestion.id).where(OpenQuestion.state == OpenQuestionState.WITHDRAWN)
        await self._session.execute(delete(GapQuestion).where(GapQuestion.open_question_id.in_(gone)))

    async def drop_empty(self) -> Sequence[UUID]:
        """Delete the gaps without questions; returns them."""
        empty = select(Gap.id).where(~exists().where(GapQuestion.gap_id == Gap.id))
        keys = (await self._session.scalars(empty)).all()
        for start in range(0, len(keys), CHUNK):
            await self._session.execute(delete(Gap).where(Gap.id.in_(keys[start : start + CHUNK])))
        return keys

    async def subjects(self, questions: Collection[UUID]) -> dict[UUID, UUID]:
        """Return who asked questions (the member, else the chat identity), as long as that is known."""
        statement = (
            select(Exchange.question_id, Exchange.asker_id, ChatIdentity.member_id)
            .join(ChatIdentity, ChatIdentity.id == Exchange.asker_id)
            .where(Exchange.question_id.in_(questions))
        )
        return {key: who for key, identity, member in await self._rows(statement) if (who := member or identity)}

    async def releasers(self, questions: Collection[UUID]) -> dict[UUID, UUID]:
        """Return who released open questions, as long as that is known."""
        statement = select(OpenQuestion.id, OpenQuestion.member_id, OpenQuestion.identity_id).where(
            OpenQuestion.id.in_(questions),
            or_(OpenQuestion.member_id.is_not(None), OpenQuestion.identity_id.is_not(None)),
        )
        return {key: who for key, member, identity in await self._rows(statement) if (who := member or identity)}

    async def _rows(self, statement: Select[UUID | None, UUID | None, UUID | None]) -> list[tuple[Any, Any, Any]]:
        return [(row[0], row[1], row[2]) for row in (await self._session.execute(statement)).all()]
