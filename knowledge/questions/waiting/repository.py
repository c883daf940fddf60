"""The statements about questions that wait too long, that are over, and about what one member has in them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult, and_, delete, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from knowledge.models.base import Base
from knowledge.models.document import Document, Status
from knowledge.models.gap import GapQuestion
from knowledge.models.member import Member, Role
from knowledge.models.notice import Notice
from knowledge.models.organisation import Organisation
from knowledge.models.question import (
    NetworkReport,
    OpenAnswer,
    OpenAnswerMessage,
    OpenQuestion,
    OpenQuestionFollower,
    OpenQuestionRoute,
    OpenQuestionState,
    OpenQuestionTold,
    OpenQuestionTopic,
    ReleasedAs,
)
from knowledge.questions.repository import unanswered

TOGETHER = 500
_HANGS_ON = (OpenQuestionFollower, OpenQuestionRoute, OpenQuestionTold, OpenQuestionTopic, NetworkReport, GapQuestion)


class WaitingRepository:
    """What waits and what is over, over one session; whoever opened it commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def not_reminded(self, before: datetime) -> Sequence[tuple[UUID, datetime, str | None]]:
        """Return key, release and Land of what was released before a moment, has no answer, and was not reminded of."""
        statement = (
            select(OpenQuestion.id, OpenQuestion.created_at, Organisation.state_key)
            .outerjoin(Organisation, Organisation.id == OpenQuestion.organisation_id)
            .where(unanswered(), OpenQuestion.reminded_at.is_(None), OpenQuestion.created_at <= before)
            .order_by(OpenQuestion.created_at)
            .limit(TOGETHER)
        )
        return [(row[0], row[1], row[2]) for row in await self._session.execute(statement)]

    async def mark_reminded(self, questions: Sequence[UUID], moment: datetime) -> Sequence[OpenQuestion]:
        """Note that the competence centre is reminded of questions; returns those of which nobody else did."""
        return await self._mark(questions, OpenQuestion.reminded_at, moment)

    async def not_overdue(self, before: datetime) -> Sequence[UUID]:
        """Return what was released before a moment, has no answer, and is not known to be overdue."""
        statement = select(OpenQuestion.id).where(
            unanswered(), OpenQuestion.overdue_at.is_(None), OpenQuestion.created_at <= before
        )
        return (await self._session.scalars(statement.order_by(OpenQuestion.created_at).limit(TOGETHER))).all()

    async def mark_overdue(self, questions: Sequence[UUID], moment: datetime) -> Sequence[OpenQuestion]:
        """Note that questions are overdue; returns those that nobody else noted."""
        return await self._mark(questions, OpenQuestion.overdue_at, moment)

    async def _mark(
        self, questions: Sequence[UUID], column: InstrumentedAttribute[datetime | None], moment: datetime
    ) -> Sequence[OpenQuestion]:
        statement = update(OpenQuestion).where(OpenQuestion.id.in_(questions), column.is_(None), unanswered())
        marked = statement.values({column: moment}).returning(OpenQuestion.id)
        keys = (await self._session.scalars(marked.execution_options(synchronize_session=False))).all()
        rows = select(OpenQuestion).where(OpenQuestion.id.in_(keys)).order_by(OpenQuestion.created_at)
        return (await self._session.scalars(rows.execution_options(populate_existing=True))).all()

    async def told_since(self, kind: str, moment: datetime) -> bool:
        """Whether anybody is told a kind of thing since a moment."""
        statement = select(Notice.id).where(Notice.kind == kind, Notice.created_at > moment)
        return await self._session.scalar(statement.limit(1)) is not None

    async def able(self, role: Role) -> Sequence[UUID]:
        """Return the members of a role who can act."""
        there = (Member.active.is_(True), Member.suspended_at.is_(None))
        statement = select(Member.id).where(Member.role == role, *there).order_by(Member.id)
        return (await self._session.scalars(statement)).all()

    async def without_document(self) -> Sequence[OpenQuestion]:
        """Return questions whose answer in the library is there no more, locked; those merged into another stay."""
        gone = or_(
            OpenQuestion.document_id.is_(None),
            and_(Document.status == Status.WITHDRAWN, Document.merged_into_id.is_(None)),
        )
        statement = (
            select(OpenQuestion)
            .outerjoin(Document, Document.id == OpenQuestion.document_id)
            .where(OpenQuestion.state == OpenQuestionState.PUBLISHED, gone)
            .order_by(OpenQuestion.created_at)
            .limit(TOGETHER)
        )
        return (await self._session.scalars(statement.with_for_update(of=OpenQuestion))).all()

    # What is over

    async def delete_messages(self, before: datetime) -> int:
        """Delete what asker and answerers wrote to each other about questions that were closed before a moment."""
        closed = select(OpenAnswer.id).join(OpenQuestion, OpenQuestion.id == OpenAnswer.open_question_id)
        mine = closed.where(OpenQuestion.closed_at <= before, OpenQuestion.state != OpenQuestionState.OPEN)
        return await self._changed(delete(OpenAnswerMessage).where(OpenAnswerMessage.open_answer_id.in_(mine)))

    async def delete_withdrawn(self, before: datetime) -> int:
        """Delete questions that were taken back before a moment, with all that hangs on them."""
        gone = select(OpenQuestion.id).where(
            OpenQuestion.state == OpenQuestionState.WITHDRAWN, OpenQuestion.closed_at <= before
        )
        keys = (await self._session.scalars(gone)).all()
        if not keys:
            return 0
        answers = select(OpenAnswer.id).where(OpenAnswer.open_question_id.in_(keys))
        await self._session.execute(delete(NetworkReport).where(NetworkReport.open_answer_id.in_(answers)))
        await self._session.execute(delete(OpenAnswer).where(OpenAnswer.open_question_id.in_(keys)))
        for table in _HANGS_ON:
            await self._session.execute(delete(table).where(table.open_question_id.in_(keys)))
        return await self._changed(delete(OpenQuestion).where(OpenQuestion.id.in_(keys)))

    async def unlink(self, *, closed_before: datetime, released_before: datetime) -> int:
        """Take people out of questions that are long over: who asked, answered, joined, and was asked."""
        over = or_(OpenQuestion.closed_at <= closed_before, OpenQuestion.created_at <= released_before)
        linked = or_(
            OpenQuestion.member_id.is_not(None),
            exists().where(OpenAnswer.open_question_id == OpenQuestion.id, OpenAnswer.member_id.is_not(None)),
            exists().where(OpenQuestionRoute.open_question_id == OpenQuestion.id),
            exists().where(OpenQuestionFollower.open_question_id == OpenQuestion.id),
        )
        keys = (await self._session.scalars(select(OpenQuestion.id).where(and_(over, linked)).limit(TOGETHER))).all()
        for hanging in (OpenQuestionFollower, OpenQuestionRoute, OpenQuestionTold):
            await self._session.execute(delete(hanging).where(hanging.open_question_id.in_(keys)))
        answers = update(OpenAnswer).where(OpenAnswer.open_question_id.in_(keys))
        await self._run(answers.values(member_id=None, identity_id=None))
        questions = update(OpenQuestion).where(OpenQuestion.id.in_(keys))
        await self._run(questions.values(member_id=None, identity_id=None, question_id=None))
        await self._run(questions.where(OpenQuestion.released_as == ReleasedAs.ANONYMOUS).values(organisation_id=None))
        await self._run(answers.where(OpenAnswer.answered_as == ReleasedAs.ANONYMOUS).values(organisation_id=None))
        return len(keys)

    async def delete_reports(self, before: datetime) -> int:
        """Delete reports that were closed before a moment."""
        return await self._changed(delete(NetworkReport).where(NetworkReport.closed_at <= before))

    async def _run(self, statement: Any) -> None:
        await self._session.execute(statement.execution_options(synchronize_session=False))

    async def _changed(self, statement: Any) -> int:
        result = await self._session.execute(statement.execution_options(synchronize_session=False))
        return result.rowcount if isinstance(result, CursorResult) else 0

    # What one member has in them

    async def rows_of(self, table: type[Base], member: UUID) -> Sequence[Any]:
        """Return the rows of a table that are a member's, the oldest first."""
        columns: Any = table
        statement: Any = select(table).where(columns.member_id == member).order_by(columns.created_at)
        return (await self._session.scalars(statement)).all()

    async def asked_by(self, member: UUID) -> Sequence[OpenQuestion]:
        """Return a member's questions, locked."""
        statement = select(OpenQuestion).where(OpenQuestion.member_id == member).order_by(OpenQuestion.id)
        return (await self._session.scalars(statement.with_for_update())).all()

    async def texts(self, questions: Sequence[UUID]) -> dict[UUID, str]:
        """Return the words of questions."""
        statement = select(OpenQuestion.id, OpenQuestion.text).where(OpenQuestion.id.in_(questions))
        return {row[0]: row[1] for row in await self._session.execute(statement)}

    async def answered_by_others(self, question: UUID, member: UUID) -> bool:
        """Whether anybody else has answered a question."""
        statement = select(OpenAnswer.id).where(
            OpenAnswer.open_question_id == question,
            OpenAnswer.withdrawn_at.is_(None),
            or_(OpenAnswer.member_id.is_(None), OpenAnswer.member_id != member),
        )
        return await self._session.scalar(statement.limit(1)) is not None

    async def forget(self, member: UUID) -> None:
        """Delete what is nobody's but a member's: messages, joining, having been asked and told; who reported."""
        for table in (OpenAnswerMessage, OpenQuestionFollower, OpenQuestionRoute, OpenQuestionTold):
            await self._session.execute(delete(table).where(table.member_id == member))
        await self._run(update(NetworkReport).where(NetworkReport.member_id == member).values(member_id=None))
