"""The statements by which questions are found that belong into gaps, and gaps whose questions are to be asked again."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, exists, false, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.visibility import NETWORK, PUBLIC
from knowledge.models.answer import Answer, Question
from knowledge.models.conversation import Vote
from knowledge.models.document import Document, Status
from knowledge.models.gap import Gap, GapQuestion, GapState, GapTopic
from knowledge.models.question import OpenQuestion, OpenQuestionState

# What every member finds: what is for one house or circle closes no gap for all.
FOUND_BY_ALL = (PUBLIC, NETWORK)
ALIVE = (GapState.FORMING, GapState.OPEN)
# Key, text and moment of a question that waits.
Waiting: TypeAlias = tuple[UUID, str, datetime]
# A question of a gap, its words, when it was asked, and the document that is known to answer it.
Kept: TypeAlias = tuple[GapQuestion, str, datetime, UUID | None]


class CollectedRepository:
    """Questions on their way into gaps, over one session; whoever opened the session commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def asked(self, after: tuple[datetime, UUID] | None, limit: int) -> list[Waiting]:
        """Return (id, text, created_at) of questions without a good answer that are in no gap, the oldest first.

        Questions that go on from an earlier one say too little alone, and are left out.
        """
        badly = exists().where(
            Answer.question_id == Question.id,
            or_(Answer.answered == false(), _unhelpful()),
            ~func.coalesce(Answer.trace["follows"].as_boolean(), false()),
        )
        statement = (
            select(Question.id, Question.text, Question.created_at)
            .where(badly, ~exists().where(GapQuestion.question_id == Question.id))
            .order_by(Question.created_at, Question.id)
            .limit(limit)
        )
        if after is not None:
            statement = statement.where(tuple_(Question.created_at, Question.id) > tuple_(*after))
        return [(row[0], row[1], row[2]) for row in (await self._session.execute(statement)).all()]

    async def released(self, limit: int) -> list[Waiting]:
        """Return (id, text, created_at) of open questions that are in no gap, the oldest first."""
        statement = (
            select(OpenQuestion.id, OpenQuestion.text, OpenQuestion.created_at)
            .where(
                OpenQuestion.state == OpenQuestionState.OPEN,
                ~exists().where(GapQuestion.open_question_id == OpenQuestion.id),
            )
            .order_by(OpenQuestion.created_at, OpenQuestion.id)
            .limit(limit)
        )
        return [(row[0], row[1], row[2]) for row in (await self._session.execute(statement)).all()]

    async def still_there(self, questions: Collection[UUID], released: Collection[UUID]) -> set[UUID]:
        """Return which of these questions are there and in no gap."""
        asked = select(Question.id).where(
            Question.id.in_(questions), ~exists().where(GapQuestion.question_id == Question.id)
        )
        waiting = select(OpenQuestion.id).where(
            OpenQuestion.id.in_(released),
            OpenQuestion.state == OpenQuestionState.OPEN,
            ~exists().where(GapQuestion.open_question_id == OpenQuestion.id),
        )
        return {*(await self._session.scalars(asked)).all(), *(await self._session.scalars(waiting)).all()}

    async def all_words(self) -> list[tuple[UUID, GapState, str | None, bytes | None, str | None]]:
        """Return (gap, state, text, vector, model) of every question in a gap."""
        statement = (
            select(
                GapQuestion.gap_id,
                Gap.state,
                func.coalesce(OpenQuestion.text, Question.text),
                GapQuestion.vector,
                GapQuestion.model,
            )
            .join(Gap, Gap.id == GapQuestion.gap_id)
            .outerjoin(Question, Question.id == GapQuestion.question_id)
            .outerjoin(OpenQuestion, OpenQuestion.id == GapQuestion.open_question_id)
            .order_by(GapQuestion.created_at, GapQuestion.id)
        )
        rows = (await self._session.execute(statement)).all()
        return [(row[0], row[1], row[2], row[3], row[4]) for row in rows]

    async def of_other_models(self, model: str, limit: int) -> list[tuple[UUID, str]]:
        """Return (id, text) of questions in gaps that no vector of this model is kept of."""
        said = func.coalesce(OpenQuestion.text, Question.text)
        statement = (
            select(GapQuestion.id, said)
            .outerjoin(Question, Question.id == GapQuestion.question_id)
            .outerjoin(OpenQuestion, OpenQuestion.id == GapQuestion.open_question_id)
            .where(or_(GapQuestion.model.is_(None), GapQuestion.model != model), said.is_not(None))
            .order_by(GapQuestion.id)
            .limit(limit)
        )
        return [(row[0], row[1]) for row in (await self._session.execute(statement)).all()]

    async def keep_vector(self, key: UUID, vector: bytes, model: str) -> None:
        """Keep the vector of a question in a gap."""
        await self._session.execute(update(GapQuestion).where(GapQuestion.id == key).values(vector=vector, model=model))

    # Asking again

    async def to_ask_again(self, overlap: timedelta) -> Sequence[UUID]:
        """Return the gaps with questions that were never asked again, or since whose last look something changed."""
        newest = await self._session.scalar(
            select(func.max(Document.updated_at)).where(
                Document.status == Status.PUBLISHED, Document.access.in_(FOUND_BY_ALL)
            )
        )
        news = Gap.looked_at <= newest + overlap if newest else false()
        unasked = exists().where(GapQuestion.gap_id == Gap.id, GapQuestion.created_at > Gap.looked_at)
        due = or_(Gap.looked_at.is_(None), and_(Gap.state.in_(ALIVE), news), unasked)
        statement = select(Gap.id).where(Gap.state.in_((*ALIVE, GapState.CLOSED)), due).order_by(Gap.created_at, Gap.id)
        return (await self._session.scalars(statement)).all()

    async def newest_questions(self, gap: UUID, limit: int) -> list[Kept]:
        """Return (row, text, asked_at, answered_by) of a gap's questions, the newest first.

        ``answered_by``: the document that is known to answer a released one.
        """
        statement = (
            select(
                GapQuestion,
                func.coalesce(OpenQuestion.text, Question.text),
                func.coalesce(OpenQuestion.created_at, Question.created_at),
                case((OpenQuestion.state == OpenQuestionState.PUBLISHED, OpenQuestion.document_id)),
            )
            .outerjoin(Question, Question.id == GapQuestion.question_id)
            .outerjoin(OpenQuestion, OpenQuestion.id == GapQuestion.open_question_id)
            .where(GapQuestion.gap_id == gap)
            .order_by(GapQuestion.created_at.desc(), GapQuestion.id)
            .limit(limit)
        )
        rows = (await self._session.execute(statement)).all()
        return [(row[0], row[1] or "", row[2], row[3]) for row in rows]

    async def badly_answered(self, questions: Collection[UUID]) -> set[UUID]:
        """Return which of these questions had an answer that did not help."""
        statement = select(Answer.question_id).where(Answer.question_id.in_(questions), Answer.answered)
        return {key for key in (await self._session.scalars(statement)).all() if key}

    async def found_by_all(self, documents: Collection[UUID]) -> set[UUID]:
        """Return which of these documents every member may find."""
        statement = select(Document.id).where(
            Document.id.in_(documents), Document.status == Status.PUBLISHED, Document.access.in_(FOUND_BY_ALL)
        )
        return set((await self._session.scalars(statement)).all())

    async def closed_by_what_is_gone(self) -> Sequence[UUID]:
        """Return the gaps that something closed which not every member finds any more."""
        there = exists().where(
            Document.id == Gap.document_id, Document.status == Status.PUBLISHED, Document.access.in_(FOUND_BY_ALL)
        )
        return (await self._session.scalars(select(Gap.id).where(Gap.state == GapState.CLOSED, ~there))).all()

    async def to_settle(self) -> Sequence[UUID]:
        """Return the gaps whose askers are to be counted: another number than noted, or something was released."""
        known, noted = func.count(GapQuestion.asker.distinct()), func.count(GapQuestion.asker)
        unknown = func.count() - noted
        before = case((Gap.asked_before < unknown, Gap.asked_before), else_=unknown)
        released = func.count(GapQuestion.open_question_id) > 0
        alive = and_(Gap.state.in_(ALIVE), or_(before + known != Gap.askers, released))
        closed = and_(Gap.state == GapState.CLOSED, or_(noted > 0, released))
        statement = select(Gap.id).join(GapQuestion, GapQuestion.gap_id == Gap.id).group_by(Gap.id)
        return (await self._session.scalars(statement.having(or_(alive, closed)))).all()

    async def without_topics(self, since: datetime, limit: int) -> Sequence[UUID]:
        """Return open gaps of which nobody knows what they are about, and which opened or grew since a moment."""
        statement = select(Gap.id).where(
            Gap.state == GapState.OPEN,
            or_(Gap.opened_at >= since, Gap.updated_at >= since),
            ~exists().where(GapTopic.gap_id == Gap.id),
        )
        return (await self._session.scalars(statement.order_by(Gap.id).limit(limit))).all()


def _unhelpful() -> ColumnElement[bool]:
    """More said that the answer did not help than that it did."""
    said = case((Vote.helpful, -1), else_=1)
    return select(func.coalesce(func.sum(said), 0)).where(Vote.answer_id == Answer.id).scalar_subquery() > 0
