"""The statements about open questions, their answers, and who has them, too."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from knowledge.models.answer import AnswerDocument, Question
from knowledge.models.base import Base
from knowledge.models.chat import ChatIdentity
from knowledge.models.contribution import Contribution
from knowledge.models.conversation import Exchange, Watch
from knowledge.models.document import Document, Visibility
from knowledge.models.gap import GapQuestion
from knowledge.models.member import Member
from knowledge.models.notice import Notice
from knowledge.models.organisation import Organisation
from knowledge.models.peer import Block
from knowledge.models.question import (
    OpenAnswer,
    OpenAnswerMessage,
    OpenQuestion,
    OpenQuestionFollower,
    OpenQuestionRoute,
    OpenQuestionState,
    OpenQuestionTold,
    OpenQuestionTopic,
)

# A question or an answer, with the names of its organisation and its member as far as they are known.
QuestionRow = tuple[OpenQuestion, str | None, str | None]
AnswerRow = tuple[OpenAnswer, str | None, str | None]
# What takes answers.
TAKES_ANSWERS = (OpenQuestionState.OPEN, OpenQuestionState.ANSWERED)
# What the exchange begins with in which somebody was told what they waited for (bot/handlers/watching.py).
WATCH_EVENT = "watch:"
# How many are compared with a new question: the newest ones.
MOST_COMPARED = 1500


class QuestionRepository:
    """Open questions over one session; whoever opened it commits."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def add(self, *rows: Base) -> None:
        """Take in new rows."""
        self.session.add_all(rows)
        await self.session.flush()

    async def lock_member(self, member: UUID) -> Member | None:
        """Return a member, whose limits nobody else counts until this transaction ends."""
        statement = select(Member).where(Member.id == member).with_for_update(key_share=True)
        return await self.session.scalar(statement)

    async def locked(self, question: UUID) -> OpenQuestion | None:
        """Return a question that nobody else changes until this transaction ends."""
        statement = select(OpenQuestion).where(OpenQuestion.id == question).with_for_update()
        return await self.session.scalar(statement.execution_options(populate_existing=True))

    async def row(self, question: UUID) -> QuestionRow | None:
        """Return a question with whose it is."""
        rows = await self._rows(OpenQuestion.id == question)
        return rows[0] if rows else None

    async def of_member(self, member: UUID) -> Sequence[QuestionRow]:
        """Return what a member asked or joined, the newest first."""
        joined = exists().where(
            OpenQuestionFollower.open_question_id == OpenQuestion.id, OpenQuestionFollower.member_id == member
        )
        return await self._rows(or_(OpenQuestion.member_id == member, joined))

    async def taking_answers(
        self,
        member: UUID,
        visibilities: Collection[Visibility],
        *,
        topics: Collection[UUID] | None,
        before: datetime | None,
        part: slice,
    ) -> Sequence[QuestionRow]:
        """Return what takes answers and one member may read, without those whose asker they blocked.

        ``part`` says which of them, counted from the newest.
        """
        conditions = [
            OpenQuestion.state.in_(TAKES_ANSWERS),
            OpenQuestion.visibility.in_(visibilities),
            ~exists().where(Block.member_id == member, Block.blocked_id == OpenQuestion.member_id),
        ]
        if topics is not None:
            conditions.append(
                exists().where(
                    OpenQuestionTopic.open_question_id == OpenQuestion.id, OpenQuestionTopic.topic_id.in_(topics)
                )
            )
        if before is not None:
            conditions.append(OpenQuestion.created_at < before)
        return await self._rows(*conditions, part=part)

    async def asked_of(self, member: UUID) -> Sequence[QuestionRow]:
        """Return what was brought to a member alone, takes answers, and was neither declined nor answered by them."""
        brought = exists().where(
            OpenQuestionRoute.open_question_id == OpenQuestion.id,
            OpenQuestionRoute.member_id == member,
            OpenQuestionRoute.declined_at.is_(None),
        )
        answered = exists().where(OpenAnswer.open_question_id == OpenQuestion.id, OpenAnswer.member_id == member)
        return await self._rows(OpenQuestion.state.in_(TAKES_ANSWERS), brought, ~answered)

    async def _rows(self, *conditions: ColumnElement[bool], part: slice = slice(None)) -> Sequence[QuestionRow]:
        statement = (
            select(OpenQuestion, Organisation.name, Member.name)
            .outerjoin(Organisation, Organisation.id == OpenQuestion.organisation_id)
            .outerjoin(Member, Member.id == OpenQuestion.member_id)
            .where(*conditions)
            .order_by(OpenQuestion.created_at.desc(), OpenQuestion.id)
            .slice(part.start or 0, part.stop)
        )
        result = await self.session.execute(statement.execution_options(populate_existing=True))
        return [(row[0], row[1], row[2]) for row in result]

    async def same_words(self, member: UUID, text: str) -> OpenQuestion | None:
        """Return an open question of a member with the very same words."""
        statement = select(OpenQuestion).where(
            OpenQuestion.member_id == member, OpenQuestion.text == text, OpenQuestion.state == OpenQuestionState.OPEN
        )
        return await self.session.scalar(statement.limit(1))

    async def asked_since(self, since: datetime, *, member: UUID) -> Sequence[datetime]:
        """Return when a member released something since a moment, whatever became of it."""
        return await self._moments(OpenQuestion.created_at, since, OpenQuestion.member_id == member)

    async def count_open(self, member: UUID) -> int:
        """Count a member's questions that are open."""
        open_now = OpenQuestion.state == OpenQuestionState.OPEN
        return await self._count(OpenQuestion, OpenQuestion.member_id == member, open_now)

    async def house_asked_since(self, since: datetime, *, organisation: UUID) -> Sequence[datetime]:
        """Return when an organisation's people released something since a moment."""
        return await self._moments(OpenQuestion.created_at, since, OpenQuestion.organisation_id == organisation)

    async def answered_since(self, since: datetime, *, member: UUID) -> Sequence[datetime]:
        """Return when a member answered something since a moment."""
        return await self._moments(OpenAnswer.created_at, since, OpenAnswer.member_id == member)

    async def count_answers_to(self, question: UUID, member: UUID) -> int:
        """Count the answers that a member gave to one question."""
        return await self._count(OpenAnswer, OpenAnswer.open_question_id == question, OpenAnswer.member_id == member)

    async def written_since(self, since: datetime, *, member: UUID) -> Sequence[datetime]:
        """Return when a member wrote a message since a moment."""
        return await self._moments(OpenAnswerMessage.created_at, since, OpenAnswerMessage.member_id == member)

    async def count_joined(self, member: UUID) -> int:
        """Count the open questions that a member joined."""
        joined = select(OpenQuestion.id).where(OpenQuestion.state.in_(TAKES_ANSWERS))
        return await self._count(
            OpenQuestionFollower,
            OpenQuestionFollower.member_id == member,
            OpenQuestionFollower.open_question_id.in_(joined),
        )

    async def _moments(
        self, column: InstrumentedAttribute[datetime], since: datetime, by: ColumnElement[bool]
    ) -> Sequence[datetime]:
        return (await self.session.scalars(select(column).where(by, column > since))).all()

    async def _count(self, table: type[Base], *conditions: ColumnElement[bool]) -> int:
        return await self.session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0

    async def topics(self, questions: Collection[UUID]) -> dict[UUID, list[UUID]]:
        """Return the topics of questions."""
        statement = select(OpenQuestionTopic.open_question_id, OpenQuestionTopic.topic_id)
        return await self._grouped(statement.where(OpenQuestionTopic.open_question_id.in_(questions)))

    async def _grouped(self, statement: Any) -> dict[UUID, list[UUID]]:
        found: dict[UUID, list[UUID]] = {}
        for key, value in await self.session.execute(statement):
            found.setdefault(key, []).append(value)
        return found

    async def set_topics(self, question: UUID, topics: Sequence[UUID]) -> None:
        """Give a question these topics and no others."""
        await self.session.execute(delete(OpenQuestionTopic).where(OpenQuestionTopic.open_question_id == question))
        await self.add(*(OpenQuestionTopic(open_question_id=question, topic_id=topic) for topic in topics))

    async def follower_counts(self, questions: Collection[UUID]) -> dict[UUID, int]:
        """Count those who have questions, too."""
        column = OpenQuestionFollower.open_question_id
        statement = select(column, func.count()).where(column.in_(questions)).group_by(column)
        return {row[0]: row[1] for row in await self.session.execute(statement)}

    async def answer_counts(self, questions: Collection[UUID], reader: UUID) -> dict[UUID, int]:
        """Count the answers to questions, without those that were taken back, or are of somebody the reader blocked."""
        column = OpenAnswer.open_question_id
        blocked = exists().where(Block.member_id == reader, Block.blocked_id == OpenAnswer.member_id)
        there = (column.in_(questions), OpenAnswer.withdrawn_at.is_(None), ~blocked)
        statement = select(column, func.count()).where(*there).group_by(column)
        return {row[0]: row[1] for row in await self.session.execute(statement)}

    async def joined(self, questions: Collection[UUID], member: UUID) -> set[UUID]:
        """Return those of the questions that a member joined."""
        statement = select(OpenQuestionFollower.open_question_id).where(
            OpenQuestionFollower.open_question_id.in_(questions), OpenQuestionFollower.member_id == member
        )
        return set((await self.session.scalars(statement)).all())

    async def own_answers(self, questions: Collection[UUID], member: UUID) -> dict[UUID, list[UUID]]:
        """Return a member's answers by question, the oldest first."""
        statement = select(OpenAnswer.open_question_id, OpenAnswer.id).where(
            OpenAnswer.open_question_id.in_(questions),
            OpenAnswer.member_id == member,
            OpenAnswer.withdrawn_at.is_(None),
        )
        return await self._grouped(statement.order_by(OpenAnswer.created_at, OpenAnswer.id))

    async def routes(self, questions: Collection[UUID]) -> dict[UUID, list[OpenQuestionRoute]]:
        """Return whom questions were brought to."""
        statement = select(OpenQuestionRoute).where(OpenQuestionRoute.open_question_id.in_(questions))
        found: dict[UUID, list[OpenQuestionRoute]] = {}
        for row in (await self.session.scalars(statement.execution_options(populate_existing=True))).all():
            found.setdefault(row.open_question_id, []).append(row)
        return found

    async def route_to(self, question: UUID, member: UUID) -> OpenQuestionRoute | None:
        """Return that a question was brought to a member."""
        statement = select(OpenQuestionRoute).where(
            OpenQuestionRoute.open_question_id == question, OpenQuestionRoute.member_id == member
        )
        return await self.session.scalar(statement)

    async def followers(self, question: UUID) -> Sequence[OpenQuestionFollower]:
        """Return those who have a question, too, the first first."""
        statement = select(OpenQuestionFollower).where(OpenQuestionFollower.open_question_id == question)
        ordered = statement.order_by(OpenQuestionFollower.created_at, OpenQuestionFollower.id)
        return (await self.session.scalars(ordered)).all()

    async def follower(self, question: UUID, member: UUID) -> OpenQuestionFollower | None:
        """Return that a member has a question, too."""
        statement = select(OpenQuestionFollower).where(
            OpenQuestionFollower.open_question_id == question, OpenQuestionFollower.member_id == member
        )
        return await self.session.scalar(statement)

    async def leave(self, question: UUID, member: UUID) -> bool:
        """Take a member off those who have a question, too; returns whether they were."""
        statement = delete(OpenQuestionFollower).where(
            OpenQuestionFollower.open_question_id == question, OpenQuestionFollower.member_id == member
        )
        return (await self.session.execute(statement.returning(OpenQuestionFollower.id))).first() is not None

    # Similar ones

    async def comparable(
        self, member: UUID, visibilities: Collection[Visibility]
    ) -> Sequence[tuple[UUID, str, bytes | None, str | None]]:
        """Return key, words, embedding and its model of what takes answers and others asked; the newest."""
        blocked = exists().where(Block.member_id == member, Block.blocked_id == OpenQuestion.member_id)
        statement = (
            select(OpenQuestion.id, OpenQuestion.text, OpenQuestion.vector, OpenQuestion.model)
            .where(
                OpenQuestion.state.in_(TAKES_ANSWERS),
                OpenQuestion.visibility.in_(visibilities),
                or_(OpenQuestion.member_id.is_(None), OpenQuestion.member_id != member),
                ~blocked,
            )
            .order_by(OpenQuestion.created_at.desc())
            .limit(MOST_COMPARED)
        )
        return [(row[0], row[1], row[2], row[3]) for row in await self.session.execute(statement)]

    async def rows(self, questions: Collection[UUID]) -> Sequence[QuestionRow]:
        """Return questions with whose they are."""
        return await self._rows(OpenQuestion.id.in_(questions))

    async def is_any_taking_answers(self) -> bool:
        """Whether there is any question that takes answers."""
        statement = select(OpenQuestion.id).where(OpenQuestion.state.in_(TAKES_ANSWERS)).limit(1)
        return await self.session.scalar(statement) is not None

    async def taking_answers_keys(self) -> Sequence[UUID]:
        """Return the keys of all questions that take answers, the oldest first."""
        statement = select(OpenQuestion.id).where(OpenQuestion.state.in_(TAKES_ANSWERS))
        return (await self.session.scalars(statement.order_by(OpenQuestion.created_at, OpenQuestion.id))).all()

    # Answers

    async def answer_rows(self, *, question: UUID | None = None, member: UUID | None = None) -> Sequence[AnswerRow]:
        """Return the answers to a question that were not taken back, the oldest first; or all of a member with words.

        Those whose question was taken back have words where there was no place for one draft more.
        """
        there: ColumnElement[bool] = OpenAnswer.withdrawn_at.is_(None)
        conditions: list[ColumnElement[bool]] = []
        if question is not None:
            conditions += [there, OpenAnswer.open_question_id == question]
        if member is not None:
            conditions += [or_(there, OpenAnswer.text != ""), OpenAnswer.member_id == member]
        return await self._answers(*conditions)

    async def answer_row(self, answer: UUID) -> AnswerRow | None:
        """Return an answer that was not taken back, with whose it is."""
        rows = await self._answers(OpenAnswer.id == answer, OpenAnswer.withdrawn_at.is_(None))
        return rows[0] if rows else None

    async def _answers(self, *conditions: ColumnElement[bool]) -> Sequence[AnswerRow]:
        statement = (
            select(OpenAnswer, Organisation.name, Member.name)
            .outerjoin(Organisation, Organisation.id == OpenAnswer.organisation_id)
            .outerjoin(Member, Member.id == OpenAnswer.member_id)
            .where(*conditions)
            .order_by(OpenAnswer.created_at, OpenAnswer.id)
        )
        result = await self.session.execute(statement.execution_options(populate_existing=True))
        return [(row[0], row[1], row[2]) for row in result]

    async def answer(self, answer: UUID) -> OpenAnswer | None:
        """Return an answer as the database has it now, also one that was taken back."""
        statement = select(OpenAnswer).where(OpenAnswer.id == answer)
        return await self.session.scalar(statement.execution_options(populate_existing=True))

    async def same_answer(self, question: UUID, member: UUID, text: str) -> OpenAnswer | None:
        """Return a member's answer to a question with the very same words."""
        statement = select(OpenAnswer).where(
            OpenAnswer.open_question_id == question,
            OpenAnswer.member_id == member,
            OpenAnswer.text == text,
            OpenAnswer.withdrawn_at.is_(None),
        )
        return await self.session.scalar(statement.limit(1))

    async def any_helped(self, question: UUID) -> bool:
        """Whether the asker said of any answer that it helped."""
        statement = select(OpenAnswer.id).where(
            OpenAnswer.open_question_id == question, OpenAnswer.helped.is_(True), OpenAnswer.withdrawn_at.is_(None)
        )
        return await self.session.scalar(statement.limit(1)) is not None

    async def contributed_as(self, contribution: UUID) -> Sequence[OpenAnswer]:
        """Return the answers that became a contribution."""
        statement = select(OpenAnswer).where(OpenAnswer.contribution_id == contribution)
        return (await self.session.scalars(statement)).all()

    async def contribution(self, contribution: UUID) -> Contribution | None:
        """Return a contribution."""
        return await self.session.get(Contribution, contribution)

    async def messages(self, answers: Collection[UUID]) -> dict[UUID, list[OpenAnswerMessage]]:
        """Return what was written about answers, the oldest first, by answer."""
        statement = select(OpenAnswerMessage).where(OpenAnswerMessage.open_answer_id.in_(answers))
        found: dict[UUID, list[OpenAnswerMessage]] = {}
        for row in (
            await self.session.scalars(statement.order_by(OpenAnswerMessage.created_at, OpenAnswerMessage.id))
        ).all():
            found.setdefault(row.open_answer_id, []).append(row)
        return found

    async def message(self, message: UUID) -> OpenAnswerMessage | None:
        """Return a message."""
        return await self.session.get(OpenAnswerMessage, message)

    async def delete_messages(self, answers: Collection[UUID]) -> None:
        """Delete what was written about answers."""
        await self.session.execute(delete(OpenAnswerMessage).where(OpenAnswerMessage.open_answer_id.in_(answers)))

    async def forget_question(self, question: UUID) -> None:
        """Delete what hangs on a question that was taken back; whom it was brought to still counts for their caps."""
        for table in (OpenQuestionFollower, OpenQuestionTopic, OpenQuestionTold):
            await self.session.execute(delete(table).where(table.open_question_id == question))
        await self.session.execute(delete(GapQuestion).where(GapQuestion.open_question_id == question))

    async def told_members(self, question: UUID) -> set[UUID]:
        """Return who was told that something answers a question."""
        statement = select(OpenQuestionTold.member_id).where(OpenQuestionTold.open_question_id == question)
        return set((await self.session.scalars(statement)).all())

    async def told_of(self, member: UUID, documents: Collection[UUID]) -> bool:
        """Whether a member was told that one of these documents answers an open question."""
        statement = (
            select(OpenQuestionTold.member_id)
            .join(OpenQuestion, OpenQuestion.id == OpenQuestionTold.open_question_id)
            .where(OpenQuestionTold.member_id == member, OpenQuestion.document_id.in_(documents))
        )
        return await self.session.scalar(statement.limit(1)) is not None

    async def told_by_watch(self, member: UUID, document: UUID, question: UUID | None) -> bool:
        """Whether „Bescheid geben" has told a member of a document, or of news about the very same question."""
        mine = select(ChatIdentity.id).where(ChatIdentity.member_id == member)
        told = (
            select(Exchange.id)
            .join(AnswerDocument, AnswerDocument.answer_id == Exchange.answer_id)
            .where(
                Exchange.asker_id.in_(mine),
                Exchange.question_event.startswith(WATCH_EVENT),
                AnswerDocument.document_id == document,
            )
        )
        if await self.session.scalar(told.limit(1)) is not None:
            return True
        if question is None:
            return False
        watch = select(Watch.id).where(
            Watch.question_id == question, Watch.identity_id.in_(mine), Watch.told_at.is_not(None)
        )
        return await self.session.scalar(watch.limit(1)) is not None

    async def forget_told(self, question: UUID) -> None:
        """Forget who was told that something answers a question: it did not."""
        await self.session.execute(delete(OpenQuestionTold).where(OpenQuestionTold.open_question_id == question))

    # Other capabilities' rows

    async def blocks(self, one: UUID, other: UUID) -> bool:
        """Whether a member wants nothing from another one."""
        statement = select(Block.member_id).where(Block.member_id == one, Block.blocked_id == other)
        return await self.session.scalar(statement) is not None

    async def blocked_by(self, member: UUID, others: Collection[UUID]) -> set[UUID]:
        """Return those of the others from whom a member wants nothing."""
        statement = select(Block.blocked_id).where(Block.member_id == member, Block.blocked_id.in_(others))
        return set((await self.session.scalars(statement)).all())

    async def member(self, member: UUID) -> Member | None:
        """Return a member."""
        return await self.session.get(Member, member)

    async def organisation(self, organisation: UUID) -> Organisation | None:
        """Return an organisation."""
        return await self.session.get(Organisation, organisation)

    async def speaks_for(self, identity: UUID, member: UUID) -> bool:
        """Whether a chat identity is a member's still."""
        statement = select(ChatIdentity.id).where(ChatIdentity.id == identity, ChatIdentity.member_id == member)
        return await self.session.scalar(statement) is not None

    async def members_of(self, identities: Collection[UUID]) -> set[UUID | None]:
        """Return whose chat identities these are."""
        statement = select(ChatIdentity.member_id).where(ChatIdentity.id.in_(identities))
        return set((await self.session.scalars(statement)).all())

    async def known_question(self, question: UUID | None) -> UUID | None:
        """Return the key of a question that was asked, if its words are there still."""
        if question is None:
            return None
        return await self.session.scalar(select(Question.id).where(Question.id == question))

    async def documents(self, keys: Collection[UUID]) -> dict[UUID, Document]:
        """Return documents by their keys."""
        rows = (await self.session.scalars(select(Document).where(Document.id.in_(keys)))).all()
        return {row.id: row for row in rows}

    async def untold(self, kinds: Collection[str]) -> Sequence[Notice]:
        """Return notices of these kinds that were not told yet."""
        statement = select(Notice).where(Notice.kind.in_(kinds), Notice.told_at.is_(None))
        return (await self.session.scalars(statement)).all()

    async def drop_notices(self, keys: Collection[UUID], moment: datetime) -> None:
        """Let notices not be told any more."""
        await self.session.execute(update(Notice).where(Notice.id.in_(keys)).values(told_at=moment))


def unanswered() -> ColumnElement[bool]:
    """The condition for open questions without any answer that their askers may read."""
    blocked = exists().where(Block.member_id == OpenQuestion.member_id, Block.blocked_id == OpenAnswer.member_id)
    there = exists().where(OpenAnswer.open_question_id == OpenQuestion.id, OpenAnswer.withdrawn_at.is_(None), ~blocked)
    return and_(OpenQuestion.state == OpenQuestionState.OPEN, ~there)
