"""Answering open questions, writing to and fro, and what becomes of an answer."""

from datetime import datetime
from uuid import UUID

from knowledge.access.visibility import network_member
from knowledge.contributions.schemas import Author, ContributionEntry, Wishes
from knowledge.contributions.service import ContributionService
from knowledge.kit.clock import now
from knowledge.kit.ids import new_id
from knowledge.kit.logs import get_logger
from knowledge.models.contribution import Attribution
from knowledge.models.question import OpenAnswer, OpenAnswerMessage, OpenQuestion, OpenQuestionState, ReleasedAs
from knowledge.privacy.taken_back.kinds import TakenBack
from knowledge.privacy.taken_back.noting import note_taken_back
from knowledge.questions.base import LONGEST_ANSWER, LONGEST_MESSAGE, QuestionBase, check_findings, checked_text
from knowledge.questions.contributing import Answered, fields_of, name_in_texts
from knowledge.questions.errors import OtherSideGone, OwnQuestion, TakesNoAnswers, UnknownOpenAnswer
from knowledge.questions.limits import check_answering, check_writing
from knowledge.questions.repository import TAKES_ANSWERS
from knowledge.questions.schemas import OpenAnswerEntry, OpenMessageEntry, Reader
from knowledge.questions.showing import Showing
from knowledge.topics.tree import load_tree


class Answering(QuestionBase):
    """Answers, messages about them, thanks, and contributions."""

    async def answer(
        self,
        question_id: UUID,
        answerer: Author,
        text: str,
        *,
        answered_as: ReleasedAs = ReleasedAs.ORGANISATION,
        knows_findings: bool = False,
    ) -> OpenAnswerEntry:
        """Answer an open question; asker and those who joined are told. The same answer twice is one.

        Raises ``UnknownOpenQuestion``, ``TakesNoAnswers`` (with the text), ``OwnQuestion``, ``FindingsUndecided``,
        ``OrganisationNeeded``, ``QuestionInvalid``, ``TooManyQuestions``.
        """
        question = await self._question(question_id)
        if question.state not in TAKES_ANSWERS:
            raise TakesNoAnswers(text, withdrawn=question.state is OpenQuestionState.WITHDRAWN)
        if question.member_id == answerer.member_id:
            raise OwnQuestion
        text = checked_text(text, LONGEST_ANSWER)
        check_findings(text, known=knows_findings)
        await self._check_unnamed(answerer, answered_as, text)
        described = await self._described(answerer, answered_as)
        same = await self._repository.same_answer(question.id, answerer.member_id, text)
        if same is not None:
            return await self._shown_answer(same.id, question, answerer.member_id)
        await self._repository.lock_member(answerer.member_id)
        await check_answering(self._repository, answerer, question, text)
        answer = OpenAnswer(
            id=new_id(),
            open_question_id=question.id,
            member_id=answerer.member_id,
            identity_id=answerer.identity_id,
            organisation_id=answerer.organisation_id,
            answered_as=answered_as,
            described_as=described,
            text=text,
            created_at=now(),
        )
        await self._repository.add(answer)
        await self._tell_answered(question, answer)
        get_logger().info("question_answered", question=str(question.id), answer=str(answer.id))
        return await self._shown_answer(answer.id, question, answerer.member_id)

    async def _tell_answered(self, question: OpenQuestion, answer: OpenAnswer) -> None:
        """Tell the asker, and those who have the question, too, unless they want nothing from the answer's author."""
        people = [(question.member_id, question.identity_id)]
        people += [(row.member_id, row.identity_id) for row in await self._repository.followers(question.id)]
        for member, identity in people:
            if member != answer.member_id and not await self._is_blocked(member, answer.member_id):
                await self._tell("question.answered", member, identity, answer=answer.id)

    async def _is_blocked(self, reader: UUID | None, writer: UUID | None) -> bool:
        """Whether somebody wants nothing from the writer, who never learns of it."""
        return reader is not None and writer is not None and await self._repository.blocks(reader, writer)

    async def _shown_answer(self, answer_id: UUID, question: OpenQuestion, member_id: UUID) -> OpenAnswerEntry:
        row = await self._repository.answer_row(answer_id)
        if row is None:
            raise UnknownOpenAnswer
        showing = Showing(self._repository, member_id, network_member())
        return (await showing.answers([row], question))[0]

    async def answers(self, question_id: UUID, reader: Reader) -> list[OpenAnswerEntry]:
        """Return the answers that a reader may read, the oldest first.

        All for the asker and those who joined, else one's own. Raises ``UnknownOpenQuestion``.
        """
        question, _house, _name = await self._readable(question_id, reader)
        rows = await self._repository.answer_rows(question=question.id)
        writers = {row.member_id for row, _house, _name in rows if row.member_id is not None}
        blocked = await self._repository.blocked_by(reader.member_id, writers)
        everything = question.member_id == reader.member_id
        everything = everything or await self._repository.follower(question.id, reader.member_id) is not None
        mine = [row for row in rows if row[0].member_id == reader.member_id]
        shown = [row for row in rows if row[0].member_id not in blocked] if everything else mine
        return await Showing(self._repository, reader.member_id, reader.viewer).answers(shown, question)

    async def find_answer(self, answer_id: UUID, reader: Reader) -> OpenAnswerEntry:
        """Return one answer that a reader may read. Raises ``UnknownOpenAnswer``."""
        row, question = await self._readable_answer(answer_id, reader)
        return (await Showing(self._repository, reader.member_id, reader.viewer).answers([row], question))[0]

    async def answers_of(self, member_id: UUID, reader: Reader | None = None) -> list[OpenAnswerEntry]:
        """Return what a member answered, the newest first; with ``reader`` only what may be shown where they read."""
        showing = Showing(self._repository, member_id, network_member())
        entries = []
        for row in reversed(await self._repository.answer_rows(member=member_id)):
            found = await self._repository.row(row[0].open_question_id)
            if found is not None and (reader is None or reader.may_read(found[0].visibility)):
                entries += await showing.answers([row], found[0])
        return entries

    async def find_message(self, message_id: UUID, reader: Reader) -> tuple[OpenMessageEntry, OpenAnswerEntry]:
        """Return a message between asker and answerer, for one of the two, with its answer.

        Raises ``UnknownOpenAnswer``.
        """
        message = await self._repository.message(message_id)
        if message is None:
            raise UnknownOpenAnswer
        entry = await self.find_answer(message.open_answer_id, reader)
        shown = next((one for one in entry.messages if one.id == message_id), None)
        if shown is None:
            raise UnknownOpenAnswer
        return shown, entry

    async def write(
        self, answer_id: UUID, writer: Author, text: str, *, knows_findings: bool = False
    ) -> OpenMessageEntry:
        """Write a word more about an answer: asker to answerer, or the other way round; the other side is told.

        Raises ``UnknownOpenAnswer``, ``TakesNoAnswers``, ``OtherSideGone``, ``FindingsUndecided``, ``QuestionInvalid``,
        ``TooManyQuestions``.
        """
        answer, question = await self._answer(answer_id)
        asks = question.member_id == writer.member_id
        if not asks and answer.member_id != writer.member_id:
            raise UnknownOpenAnswer
        if question.state is OpenQuestionState.WITHDRAWN:
            raise TakesNoAnswers(text, withdrawn=True)
        other, identity = (answer.member_id, answer.identity_id) if asks else (question.member_id, question.identity_id)
        if answer.withdrawn_at is not None or other is None or not await self._takes_part(other):
            raise OtherSideGone(text)
        text = checked_text(text, LONGEST_MESSAGE)
        check_findings(text, known=knows_findings)
        await self._repository.lock_member(writer.member_id)
        await check_writing(self._repository, writer, text)
        message = OpenAnswerMessage(
            id=new_id(), open_answer_id=answer.id, from_asker=asks, member_id=writer.member_id, text=text
        )
        message.created_at = now()
        await self._repository.add(message)
        if not await self._is_blocked(other, writer.member_id):
            await self._tell("question.message", other, identity, message=message.id)
        return Showing(self._repository, writer.member_id, network_member()).message(message, answer)

    async def _answer(self, answer_id: UUID) -> tuple[OpenAnswer, OpenQuestion]:
        """Return an answer with its question, locked. Raises ``UnknownOpenAnswer``."""
        found = await self._repository.answer(answer_id)
        question = await self._repository.locked(found.open_question_id) if found else None
        answer = await self._repository.answer(answer_id)
        if answer is None or question is None:
            raise UnknownOpenAnswer
        return answer, question

    async def _takes_part(self, member_id: UUID) -> bool:
        member = await self._repository.member(member_id)
        return member is not None and member.active and member.suspended_at is None

    async def mark_helped(self, answer_id: UUID, asker: Author, helped: bool | None) -> OpenAnswerEntry:
        """Say whether an answer helped (``None`` takes it back); several may. Its author hears of it once.

        Raises ``UnknownOpenAnswer``.
        """
        answer, question = await self._answer(answer_id)
        if question.member_id != asker.member_id or answer.withdrawn_at is not None:
            raise UnknownOpenAnswer
        answer.helped = helped
        if helped and answer.thanked_at is None:
            answer.thanked_at = now()
            await self._tell("question.helped", answer.member_id, answer.identity_id, answer=answer.id)
        await self._settle(question)
        return await self._shown_answer(answer.id, question, asker.member_id)

    async def _settle(self, question: OpenQuestion) -> None:
        """Let a question be answered as long as any answer helped, and be open otherwise."""
        await self._unit.session.flush()
        helped = await self._repository.any_helped(question.id)
        if question.state is OpenQuestionState.OPEN and helped:
            question.state, question.closed_at = OpenQuestionState.ANSWERED, now()
        elif question.state is OpenQuestionState.ANSWERED and not helped:
            question.state, question.closed_at = OpenQuestionState.OPEN, None
        question.revision += 1
        await self._unit.session.flush()

    async def decline(self, question_id: UUID, member_id: UUID, *, moment: datetime | None = None) -> bool:
        """Note that somebody who was asked cannot help with this one; returns whether they were asked.

        Somebody else may be asked instead, the next time that it is looked who fits.
        """
        question = await self._repository.locked(question_id)
        route = await self._repository.route_to(question_id, member_id)
        if question is None or route is None:
            return False
        if route.declined_at is None:
            route.declined_at, question.routed_at = moment or now(), None
            await self._unit.session.flush()
        return True

    async def withdraw_answer(self, answer_id: UUID, answerer: Author) -> None:
        """Take one's own answer back: its words and what was written about it are erased. Twice is once.

        Raises ``UnknownOpenAnswer``.
        """
        answer, question = await self._answer(answer_id)
        if answer.member_id != answerer.member_id:
            raise UnknownOpenAnswer
        if answer.withdrawn_at is None:
            await self._erase_answer(answer, question)

    async def _erase_answer(self, answer: OpenAnswer, question: OpenQuestion) -> None:
        await note_taken_back(self._unit.session, TakenBack.ANSWER, answer.id)
        answer.withdrawn_at, answer.text, answer.helped, answer.described_as = now(), "", None, None
        await self._repository.delete_messages([answer.id])
        await self._settle(question)

    async def contribute(self, answer_id: UUID, answerer: Author, *, submit: bool = True) -> ContributionEntry:
        """Make a contribution of an answer, with its author's yes, and send it for review; twice is one.

        Its author may take it back to work on it (``ContributionService.reopen``). Without ``submit`` it stays a draft.
        Raises ``UnknownOpenAnswer``, and what ``ContributionService.submit`` raises.
        """
        answer, question = await self._answer(answer_id)
        if answer.member_id != answerer.member_id or answer.withdrawn_at is not None:
            raise UnknownOpenAnswer
        contributions = ContributionService(self._unit)
        if answer.contribution_id is not None:
            return await contributions.get(answer.contribution_id, member_id=answerer.member_id)
        draft = await contributions.start(answerer, fields=await self._fields(answer, question))
        anonymous = answer.answered_as is ReleasedAs.ANONYMOUS
        wishes = Wishes(attribution=Attribution.ANONYMOUS if anonymous else Attribution.ORGANISATION)
        entry = await contributions.change(draft.id, answerer, wishes=wishes)
        if submit:
            entry = await contributions.submit(draft.id, answerer)
        answer.contribution_id = entry.id
        await self._unit.session.flush()
        if submit:
            await self._tell("question.contributed", question.member_id, question.identity_id, answer=answer.id)
        get_logger().info("answer_contributed", answer=str(answer.id), contribution=str(entry.id))
        return entry

    async def _fields(self, answer: OpenAnswer, question: OpenQuestion) -> dict[str, object]:
        tree = await load_tree(self._unit.session)
        keys = (await self._repository.topics([question.id])).get(question.id, [])
        entries = [tree.get(key) for key in keys]
        return fields_of(
            Answered(
                question=question.text,
                answer=answer.text,
                topics=[entry.name_de for entry in entries if entry is not None],
                helped=bool(answer.helped),
                house=await self._asking_house(answer, question),
            )
        )

    async def _asking_house(self, answer: OpenAnswer, question: OpenQuestion) -> str | None:
        """Return the name that is not to be said: the asker's house, unless it is the answerer's, too."""
        if question.organisation_id is None or question.organisation_id == answer.organisation_id:
            return None
        house = await self._repository.organisation(question.organisation_id)
        return name_in_texts(house.name) if house else None
