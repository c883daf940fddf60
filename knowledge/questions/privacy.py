"""What one member has in open questions: shown to them, taken apart from them, and how long it is kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.models.document import Visibility
from knowledge.models.question import (
    NetworkReport,
    OpenAnswer,
    OpenAnswerMessage,
    OpenQuestion,
    OpenQuestionFollower,
    OpenQuestionRoute,
    OpenQuestionState,
    ReleasedAs,
)
from knowledge.questions.asking import Asking
from knowledge.questions.waiting.repository import WaitingRepository

# After a question was closed: what asker and answerers wrote to each other, and who they were.
MESSAGES_KEPT, LINKS_KEPT = timedelta(days=90), timedelta(days=365)
# Who asked a question that nobody ever closed.
UNCLOSED_KEPT = timedelta(days=730)
# That there was a question which was taken back, and reports that moderators have closed.
WITHDRAWN_KEPT, REPORTS_KEPT = timedelta(days=30), timedelta(days=180)


@dataclass(frozen=True, slots=True)
class StoredOpenQuestion:
    """A question that the person released."""

    text: str
    state: OpenQuestionState
    released_as: ReleasedAs
    described_as: str | None
    visibility: Visibility
    created_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredOpenAnswer:
    """An answer that the person gave."""

    question: str
    text: str
    answered_as: ReleasedAs
    described_as: str | None
    helped: bool | None
    created_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredOpenMessage:
    """Something that the person wrote about an answer; ``as_asker``: they had asked, else they had answered."""

    as_asker: bool
    text: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class StoredTouch:
    """A question that the person joined, or that was brought to them; ``declined_at``: they could not help."""

    question: str
    created_at: datetime
    declined_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredNetworkReport:
    """What the person reported."""

    reason: str
    text: str
    created_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredQuestions:
    """Everything about one person in open questions."""

    questions: tuple[StoredOpenQuestion, ...]
    answers: tuple[StoredOpenAnswer, ...]
    messages: tuple[StoredOpenMessage, ...]
    joined: tuple[StoredTouch, ...]
    brought: tuple[StoredTouch, ...]
    reports: tuple[StoredNetworkReport, ...]


async def stored_of(session: AsyncSession, member_id: UUID) -> StoredQuestions:
    """Return everything about a member in open questions."""
    waiting = WaitingRepository(session)
    questions: list[OpenQuestion] = list(await waiting.rows_of(OpenQuestion, member_id))
    answers: list[OpenAnswer] = list(await waiting.rows_of(OpenAnswer, member_id))
    messages: list[OpenAnswerMessage] = list(await waiting.rows_of(OpenAnswerMessage, member_id))
    joined: list[OpenQuestionFollower] = list(await waiting.rows_of(OpenQuestionFollower, member_id))
    brought: list[OpenQuestionRoute] = list(await waiting.rows_of(OpenQuestionRoute, member_id))
    reports: list[NetworkReport] = list(await waiting.rows_of(NetworkReport, member_id))
    about = {row.open_question_id for row in answers} | {row.open_question_id for row in joined}
    texts = await waiting.texts([*about, *(row.open_question_id for row in brought)])
    return StoredQuestions(
        tuple(
            StoredOpenQuestion(
                row.text, row.state, row.released_as, row.described_as, row.visibility, row.created_at, row.closed_at
            )
            for row in questions
        ),
        tuple(_answer(row, texts.get(row.open_question_id, "")) for row in answers),
        tuple(StoredOpenMessage(row.from_asker, row.text, row.created_at) for row in messages),
        tuple(StoredTouch(texts.get(row.open_question_id, ""), row.created_at) for row in joined),
        tuple(StoredTouch(texts.get(row.open_question_id, ""), row.created_at, row.declined_at) for row in brought),
        tuple(StoredNetworkReport(row.reason.value, row.text, row.created_at, row.closed_at) for row in reports),
    )


def _answer(row: OpenAnswer, question: str) -> StoredOpenAnswer:
    return StoredOpenAnswer(
        question, row.text, row.answered_as, row.described_as, row.helped, row.created_at, row.withdrawn_at
    )


async def erase_of(session: AsyncSession, member_id: UUID) -> None:
    """Take a member out of open questions, in this transaction.

    Their questions lose their words, unless others have answered: those stay, without their author, so that no answer
    is lost. Their answers stay without them, as what they contributed does; what they wrote to and fro goes. What was
    published stays.
    """
    waiting, asking = WaitingRepository(session), _Taking(UnitOfWork(session))
    for question in await waiting.asked_by(member_id):
        answered = await waiting.answered_by_others(question.id, member_id)
        if not answered and question.state is not OpenQuestionState.PUBLISHED:
            await asking.take_back(question)
        question.member_id = question.identity_id = question.question_id = None
        question.released_as, question.organisation_id = _without_name(question.released_as, question.organisation_id)
    for answer in await waiting.rows_of(OpenAnswer, member_id):
        if answer.withdrawn_at is not None:
            answer.text = ""
        answer.member_id = answer.identity_id = None
        answer.answered_as, answer.organisation_id = _without_name(answer.answered_as, answer.organisation_id)
    await session.flush()
    await waiting.forget(member_id)


def _without_name(said: ReleasedAs, organisation_id: UUID | None) -> tuple[ReleasedAs, UUID | None]:
    """Return as whom something is said when its author is gone: never more than before."""
    if said is ReleasedAs.ANONYMOUS:
        return said, None
    return ReleasedAs.ORGANISATION, organisation_id


async def take_question_back(session: AsyncSession, question: OpenQuestion) -> None:
    """Take a question back as its asker did, in this transaction; twice is once."""
    await _Taking(UnitOfWork(session)).take_back(question)


class _Taking(Asking):
    """Takes questions back whose asker is being erased."""

    async def take_back(self, question: OpenQuestion) -> None:
        """Erase a question's words, and tell those who had got it."""
        if question.state is not OpenQuestionState.WITHDRAWN:
            await self._take_back(question)


async def expire(session: AsyncSession, moment: datetime) -> dict[str, int]:
    """Let go what is over, in this transaction; returns how many rows, by what they were. Twice is once."""
    waiting = WaitingRepository(session)
    return {
        "messages": await waiting.delete_messages(moment - MESSAGES_KEPT),
        "withdrawn": await waiting.delete_withdrawn(moment - WITHDRAWN_KEPT),
        "links": await waiting.unlink(closed_before=moment - LINKS_KEPT, released_before=moment - UNCLOSED_KEPT),
        "reports": await waiting.delete_reports(moment - REPORTS_KEPT),
    }
