"""When something published answers an open question: its asker and those who joined are told, once."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.visibility import network_member
from knowledge.gaps.news import CLOSE_LINE
from knowledge.jobs.worker import JobKind
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.errors import InvalidInput
from knowledge.kit.logs import get_logger
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.answers.service import AnswerService
from knowledge.models.contribution import Contribution
from knowledge.models.document import Document
from knowledge.models.job import Job
from knowledge.models.question import OpenQuestion, OpenQuestionState, OpenQuestionTold
from knowledge.notices.service import tell
from knowledge.questions.repository import TAKES_ANSWERS, QuestionRepository
from knowledge.watches.service import FreshViewer, check_indexed


async def note_published(session: AsyncSession, contribution: Contribution, document: Document) -> int:
    """Close the open questions whose answer became this document, in the transaction of the decision.

    Nothing is closed by what the network may not find. Returns how many were closed.
    """
    if not network_member().may_find(document):
        return 0
    repository, closed = QuestionRepository(session), 0
    for answer in await repository.contributed_as(contribution.id):
        question = await repository.locked(answer.open_question_id)
        if question is not None and question.state in TAKES_ANSWERS:
            await _close(repository, question, document)
            closed += 1
    return closed


async def was_told(session: AsyncSession, member_id: UUID | None, document_ids: Collection[str]) -> bool:
    """Whether a member was told of one of these documents because of an open question, so that a watch is silent."""
    if member_id is None or not document_ids:
        return False
    return await QuestionRepository(session).told_of(member_id, [UUID(key) for key in document_ids])


def questions_job(answers: AnswerService, database: Database) -> JobKind:
    """Return how the job ``QUESTIONS_JOB`` is done: asks open questions again, for what is new since their release."""

    async def look(_jobs: Sequence[Job]) -> None:
        await ask_again(answers, database)

    return JobKind(look)


async def ask_again(answers: AnswerService, database: Database) -> int:
    """Ask all open questions again, and close those that something published since answers; returns how many.

    Interrupted at any moment, the next run goes on. Raises ``StillIndexing`` while what was published cannot be found.
    """
    await check_indexed(answers)
    async with unit_of_work(database, writes=False) as unit:
        keys = await QuestionRepository(unit.session).taking_answers_keys()
    closed = 0
    for key in keys:
        found = await _find(answers, database, key)
        if found is not None and await _close_found(database, key, found):
            closed += 1
    return closed


async def _find(answers: AnswerService, database: Database, key: UUID) -> UUID | None:
    """Return the document that answers a question, of what the network may find and is new since its release."""
    async with unit_of_work(database, writes=False) as unit:
        row = await QuestionRepository(unit.session).row(key)
    if row is None or row[0].state not in TAKES_ANSWERS:
        return None
    viewer = FreshViewer(network_member().access, None, row[0].news_since)
    try:
        prepared = await answers.prepare(row[0].text, viewer)
    except InvalidInput:
        return None  # words that the library cannot be asked with
    reply = prepared.reply
    if not reply.answered or reply.confidence < CLOSE_LINE or not reply.citations:
        return None
    return UUID(reply.citations[0].document)


async def _close_found(database: Database, key: UUID, document_id: UUID) -> bool:
    async with unit_of_work(database) as unit:
        repository = QuestionRepository(unit.session)
        question = await repository.locked(key)
        document = (await repository.documents([document_id])).get(document_id)
        if question is None or question.state not in TAKES_ANSWERS or document is None:
            return False
        if not network_member().may_find(document):
            return False
        await _close(repository, question, document)
        return True


async def _close(repository: QuestionRepository, question: OpenQuestion, document: Document) -> None:
    """Note what answers a question, and tell its asker and those who joined."""
    question.state, question.document_id = OpenQuestionState.PUBLISHED, document.id
    question.closed_at, question.revision = question.closed_at or now(), question.revision + 1
    await repository.session.flush()
    people = [(question.member_id, question.identity_id)]
    people += [(row.member_id, row.identity_id) for row in await repository.followers(question.id)]
    told = await repository.told_members(question.id)
    for member, identity in people:
        if member is None or member in told:
            continue
        told.add(member)
        await repository.add(OpenQuestionTold(open_question_id=question.id, member_id=member, told_at=now()))
        if not await repository.told_by_watch(member, document.id, question.question_id):
            await _tell(repository, question, document, member, identity)
    get_logger().info("question_published", question=str(question.id), document=str(document.id), told=len(told))


async def _tell(
    repository: QuestionRepository, question: OpenQuestion, document: Document, member: UUID, identity: UUID | None
) -> None:
    data = {"question": str(question.id), "document": str(document.id)}
    if identity is not None and await repository.speaks_for(identity, member):
        await tell(repository.session, "question.published", identity_id=identity, data=data)
    else:
        await tell(repository.session, "question.published", member_id=member, data=data)
