"""What asking, answering and reporting share."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.visibility import PUBLIC, Viewer, network_member
from knowledge.contributions.schemas import Author
from knowledge.contributions.service import ContributionService
from knowledge.kit.cleaning import clean_text
from knowledge.kit.clock import now
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.models.document import Visibility
from knowledge.models.question import OpenAnswer, OpenQuestion, OpenQuestionState, ReleasedAs
from knowledge.notices.service import tell
from knowledge.personal_data.finder import find_personal_data
from knowledge.questions.contributing import name_in_texts, without_house
from knowledge.questions.errors import (
    FindingsUndecided,
    OrganisationNeeded,
    QuestionInvalid,
    UnknownOpenAnswer,
    UnknownOpenQuestion,
)
from knowledge.questions.repository import AnswerRow, QuestionRepository, QuestionRow
from knowledge.questions.schemas import OpenQuestionEntry, Reader
from knowledge.questions.showing import Showing

LONGEST_QUESTION, LONGEST_ANSWER, LONGEST_MESSAGE = 2000, 6000, 4000


def checked_text(text: str, longest: int) -> str:
    """Return what somebody writes to the network, cleaned. Raises ``QuestionInvalid``."""
    text = clean_text(text)
    if not text:
        raise QuestionInvalid(_("Please write something."))
    if len(text) > longest:
        problem = _("Please write at most {most} characters; these are {count}.")
        raise QuestionInvalid(problem.format(most=longest, count=len(text)))
    return text


def check_findings(text: str, *, known: bool) -> None:
    """Raise ``FindingsUndecided`` where something looks like personal data and its writer did not say it may stay."""
    findings = () if known else find_personal_data(text)
    if findings:
        raise FindingsUndecided(findings)


async def reopen_question(session: AsyncSession, question: OpenQuestion) -> None:
    """Take back that something published answers a question: it is open, or answered where a colleague helped."""
    repository = QuestionRepository(session)
    helped = await repository.any_helped(question.id)
    question.state = OpenQuestionState.ANSWERED if helped else OpenQuestionState.OPEN
    question.closed_at = now() if helped else None
    question.document_id, question.news_since = None, now()
    question.revision += 1
    await repository.forget_told(question.id)


class QuestionBase:
    """One unit of work on open questions.

    Args:
        unit: the transaction.
        abroad: what may be shown on Telegram at most (``ALLMENDE_TELEGRAM_VISIBILITY``): ``public`` or ``network``.
    """

    def __init__(self, unit: UnitOfWork, *, abroad: str = PUBLIC) -> None:
        self._unit = unit
        self._abroad = abroad
        self._repository = QuestionRepository(unit.session)

    async def _question(self, question_id: UUID) -> OpenQuestion:
        """Return a question, locked, as whoever changes it must. Raises ``UnknownOpenQuestion``."""
        question = await self._repository.locked(question_id)
        if question is None:
            raise UnknownOpenQuestion
        return question

    async def _own(self, question_id: UUID, member_id: UUID) -> OpenQuestion:
        """Return one's own question, locked. Raises ``UnknownOpenQuestion``."""
        question = await self._question(question_id)
        if question.member_id != member_id:
            raise UnknownOpenQuestion
        return question

    async def _readable(self, question_id: UUID, reader: Reader) -> QuestionRow:
        """Return a question that a reader may read. Raises ``UnknownOpenQuestion``."""
        row = await self._repository.row(question_id)
        if row is None or not reader.may_read(row[0].visibility):
            raise UnknownOpenQuestion
        if row[0].state is OpenQuestionState.WITHDRAWN and row[0].member_id != reader.member_id:
            raise UnknownOpenQuestion
        return row

    async def _readable_answer(self, answer_id: UUID, reader: Reader) -> tuple[AnswerRow, OpenQuestion]:
        """Return an answer that a reader may read, with its question. Raises ``UnknownOpenAnswer``."""
        row = await self._repository.answer_row(answer_id)
        if row is None:
            raise UnknownOpenAnswer
        try:
            question, _house, _name = await self._readable(row[0].open_question_id, reader)
        except UnknownOpenQuestion as error:
            raise UnknownOpenAnswer from error
        if not await self._reads(row[0], question, reader.member_id):
            raise UnknownOpenAnswer
        return row, question

    async def _reads(self, answer: OpenAnswer, question: OpenQuestion, member_id: UUID) -> bool:
        """Whether an answer is for somebody: its author, the asker, and whoever has the question, too."""
        if answer.member_id == member_id:
            return True
        asks = question.member_id == member_id
        if not asks and await self._repository.follower(question.id, member_id) is None:
            return False
        return answer.member_id is None or not await self._repository.blocks(member_id, answer.member_id)

    async def _entry(self, question_id: UUID, member_id: UUID, viewer: Viewer | None = None) -> OpenQuestionEntry:
        row = await self._repository.row(question_id)
        if row is None:
            raise UnknownOpenQuestion
        return (await self._shown([row], member_id, viewer))[0]

    async def _shown(
        self, rows: Sequence[QuestionRow], member_id: UUID, viewer: Viewer | None = None
    ) -> list[OpenQuestionEntry]:
        viewer = viewer or await self._viewer(member_id)
        return await Showing(self._repository, member_id, viewer).questions(rows)

    async def _viewer(self, member_id: UUID) -> Viewer:
        member = await self._repository.member(member_id)
        return network_member(member.organisation_id if member else None)

    async def _described(self, author: Author, wanted: ReleasedAs) -> str | None:
        """Return how somebody is described who stays anonymous, where they can be. Raises ``OrganisationNeeded``."""
        if wanted is ReleasedAs.ORGANISATION and author.organisation_id is None:
            raise OrganisationNeeded
        if wanted is not ReleasedAs.ANONYMOUS or author.organisation_id is None:
            return None
        return await ContributionService(self._unit).describe_coarsely(author.organisation_id)

    async def _check_unnamed(self, author: Author, wanted: ReleasedAs, text: str) -> None:
        """Raise ``QuestionInvalid`` where somebody wants to stay anonymous, and their words name their house."""
        if wanted is not ReleasedAs.ANONYMOUS or author.organisation_id is None:
            return
        house = await self._repository.organisation(author.organisation_id)
        name = name_in_texts(house.name) if house else None
        if name is not None and without_house(text, name) != text:
            problem = _(
                "You want to stay anonymous, but your words name “{name}”. Please leave the name out, or speak as your "
                "organisation."
            )
            raise QuestionInvalid(problem.format(name=name))

    async def _tell(self, kind: str, member_id: UUID | None, identity_id: UUID | None, **data: Any) -> None:
        """Have somebody told something: where they wrote from, or else where they were seen last."""
        if member_id is None:
            return
        values = {name: str(value) for name, value in data.items()}
        if identity_id is not None and await self._repository.speaks_for(identity_id, member_id):
            await tell(self._unit.session, kind, identity_id=identity_id, data=values)
        else:
            await tell(self._unit.session, kind, member_id=member_id, data=values)


def visibilities_for(viewer: Viewer) -> list[Visibility]:
    """Return which questions may be shown to whoever finds so much."""
    both = (Visibility.NETWORK, Visibility.PUBLIC)
    return [one for one in both if viewer.access is None or one.value in viewer.access]
