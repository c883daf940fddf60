"""What askers do with their open questions, and those who have them, too."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from knowledge.access.visibility import Viewer
from knowledge.contributions.errors import TooMany
from knowledge.contributions.schemas import Author
from knowledge.contributions.service import ContributionService
from knowledge.kit.clock import now
from knowledge.kit.ids import new_id
from knowledge.kit.logs import get_logger
from knowledge.models.document import Visibility
from knowledge.models.question import OpenAnswer, OpenQuestion, OpenQuestionFollower, OpenQuestionState
from knowledge.notices.service import tell
from knowledge.privacy.taken_back.kinds import TakenBack
from knowledge.privacy.taken_back.noting import note_taken_back
from knowledge.questions.base import (
    LONGEST_QUESTION,
    QuestionBase,
    check_findings,
    checked_text,
    reopen_question,
    visibilities_for,
)
from knowledge.questions.errors import OwnQuestion, QuestionMovedOn, UnknownOpenQuestion
from knowledge.questions.limits import check_joining, check_releasing
from knowledge.questions.repository import TAKES_ANSWERS
from knowledge.questions.routing import route
from knowledge.questions.schemas import OpenQuestionEntry, PreparedQuestion, Reader, ReleaseWishes
from knowledge.topics.tree import load_tree

MOST_TOPICS = 5
MOST_LISTED = 50
# What a draft of an answer is called until its author says better.
LONGEST_TITLE = 80
# What is not to be told any more about a question that was taken back.
_BROUGHT = ("question.routed", "question.posted")


class Asking(QuestionBase):
    """Releasing, joining, reading, taking back."""

    async def release(self, asker: Author, prepared: PreparedQuestion, wishes: ReleaseWishes) -> OpenQuestionEntry:
        """Release a question to the network and bring it to circles and people; the same one twice is one.

        Raises ``FindingsUndecided``, ``OrganisationNeeded``, ``QuestionInvalid``, ``TooManyQuestions``.
        """
        text = checked_text(prepared.text, LONGEST_QUESTION)
        check_findings(text, known=wishes.knows_findings)
        await self._check_unnamed(asker, wishes.released_as, text)
        described = await self._described(asker, wishes.released_as)
        await self._repository.lock_member(asker.member_id)
        same = await self._repository.same_words(asker.member_id, text)
        if same is not None:
            return await self._entry(same.id, asker.member_id)
        await check_releasing(self._repository, asker, text)
        question = OpenQuestion(
            id=new_id(),
            question_id=await self._repository.known_question(wishes.question_id),
            text=text,
            language=prepared.language,
            member_id=asker.member_id,
            identity_id=asker.identity_id,
            organisation_id=asker.organisation_id,
            released_as=wishes.released_as,
            described_as=described,
            visibility=Visibility.PUBLIC if wishes.visibility is Visibility.PUBLIC else Visibility.NETWORK,
            vector=prepared.vector if text == prepared.text else None,
            model=prepared.model if text == prepared.text else None,
        )
        question.created_at = question.news_since = now()
        await self._repository.add(question)
        suggested = [topic.id for topic in prepared.topics]
        await self._put_topics(question, suggested if wishes.topics is None else wishes.topics)
        await route(self._unit.session, question, abroad=self._abroad)
        get_logger().info("question_released", question=str(question.id), released_as=question.released_as.value)
        return await self._entry(question.id, asker.member_id)

    async def _put_topics(self, question: OpenQuestion, topics: Collection[UUID]) -> None:
        tree = await load_tree(self._unit.session)
        known = [topic for topic in dict.fromkeys(topics) if tree.get(topic) is not None]
        await self._repository.set_topics(question.id, known[:MOST_TOPICS])

    async def join(self, question_id: UUID, member: Author, *, viewer: Viewer | None = None) -> OpenQuestionEntry:
        """Note that somebody has the same question; twice is once.

        Raises ``UnknownOpenQuestion``, ``OwnQuestion``, ``QuestionMovedOn`` where it is over, ``TooManyQuestions``.
        """
        question = await self._question(question_id)
        viewer = viewer or await self._viewer(member.member_id)
        if not Reader(member.member_id, viewer).may_read(question.visibility):
            raise UnknownOpenQuestion
        if question.member_id == member.member_id:
            raise OwnQuestion
        if question.state not in TAKES_ANSWERS:
            raise QuestionMovedOn
        if await self._repository.follower(question.id, member.member_id) is None:
            await check_joining(self._repository, member)
            await self._repository.add(
                OpenQuestionFollower(
                    id=new_id(),
                    open_question_id=question.id,
                    member_id=member.member_id,
                    identity_id=member.identity_id,
                    created_at=now(),
                )
            )
        return await self._entry(question.id, member.member_id, viewer)

    async def leave(self, question_id: UUID, member_id: UUID) -> bool:
        """Take somebody off those who have the question, too; returns whether they were."""
        return await self._repository.leave(question_id, member_id)

    async def of_member(self, member_id: UUID, *, viewer: Viewer | None = None) -> list[OpenQuestionEntry]:
        """Return what a member asked and joined, with where it is; the newest first.

        With ``viewer``, only what may be shown there (on Telegram, what is public).
        """
        rows = await self._repository.of_member(member_id)
        if viewer is not None:
            reader = Reader(member_id, viewer)
            rows = [row for row in rows if reader.may_read(row[0].visibility)]
        return await self._shown(rows, member_id, viewer)

    async def get(self, question_id: UUID, reader: Reader) -> OpenQuestionEntry:
        """Return an open question, also one that is over. Raises ``UnknownOpenQuestion``.

        A question that was taken back is there for nobody but its asker.
        """
        row = await self._readable(question_id, reader)
        return (await self._shown([row], reader.member_id, reader.viewer))[0]

    async def open_for(
        self,
        reader: Reader,
        topics: Collection[UUID] | None = None,
        limit: int = MOST_LISTED,
        before: datetime | None = None,
        *,
        offset: int = 0,
    ) -> list[OpenQuestionEntry]:
        """Return questions that take answers, the newest first, with at most one page of ``limit``.

        Args:
            reader: who reads.
            topics: only those with one of these topics, or one below them.
            limit: how many at most.
            before: only those released before.
            offset: how many to leave out at the beginning.
        """
        wanted: set[UUID] | None = None
        if topics is not None:
            tree = await load_tree(self._unit.session)
            wanted = {below for topic in topics for below in tree.below(topic)}
        part = slice(offset, offset + limit)
        rows = await self._repository.taking_answers(
            reader.member_id, visibilities_for(reader.viewer), topics=wanted, before=before, part=part
        )
        return await self._shown(rows, reader.member_id, reader.viewer)

    async def asked_of(self, reader: Reader) -> list[OpenQuestionEntry]:
        """Return the open questions that were brought to a member alone and wait for them, the newest first."""
        rows = await self._repository.asked_of(reader.member_id)
        rows = [row for row in rows if reader.may_read(row[0].visibility)]
        return await self._shown(rows, reader.member_id, reader.viewer)

    async def change_topics(self, question_id: UUID, asker: Author, topics: Collection[UUID]) -> OpenQuestionEntry:
        """Set the topics of one's own question; it is brought to whom it fits now.

        Raises ``UnknownOpenQuestion``, ``QuestionMovedOn`` where it is over.
        """
        question = await self._own(question_id, asker.member_id)
        if question.state not in TAKES_ANSWERS:
            raise QuestionMovedOn
        await self._put_topics(question, topics)
        question.revision += 1
        if question.state is OpenQuestionState.OPEN:
            await route(self._unit.session, question, abroad=self._abroad)
        return await self._entry(question.id, asker.member_id)

    async def not_it(self, question_id: UUID, asker: Author) -> OpenQuestionEntry:
        """Open a question again that something published seemed to answer: it was not that.

        Raises ``UnknownOpenQuestion``; ``QuestionMovedOn`` where it is not closed by something published.
        """
        question = await self._own(question_id, asker.member_id)
        if question.state is not OpenQuestionState.PUBLISHED:
            raise QuestionMovedOn
        await reopen_question(self._unit.session, question)
        return await self._entry(question.id, asker.member_id)

    # Taking back

    async def withdraw(self, question_id: UUID, asker: Author) -> OpenQuestionEntry:
        """Take one's question back: its words are erased, and those who had got it are told. Twice is once.

        Who answered keeps their answer as a draft of a contribution. Raises ``UnknownOpenQuestion``.
        """
        question = await self._own(question_id, asker.member_id)
        if question.state is not OpenQuestionState.WITHDRAWN:
            await self._take_back(question)
        return await self._entry(question.id, asker.member_id)

    async def _take_back(self, question: OpenQuestion) -> None:
        """Erase a question's words, and tell those who had got it."""
        await note_taken_back(self._unit.session, TakenBack.QUESTION, question.id)
        answers = [row for row, _house, _name in await self._repository.answer_rows(question=question.id)]
        await self._tell_taken_back(question, answers)
        for answer in answers:
            await self._keep_draft(answer)
        await self._repository.delete_messages([answer.id for answer in answers])
        await self._repository.forget_question(question.id)
        question.state, question.closed_at = OpenQuestionState.WITHDRAWN, now()
        question.text, question.described_as = "", None
        question.vector = question.model = question.question_id = question.document_id = None
        question.revision += 1
        await self._unit.session.flush()
        get_logger().info("question_withdrawn", question=str(question.id), answers=len(answers))

    async def _tell_taken_back(self, question: OpenQuestion, answers: Sequence[OpenAnswer]) -> None:
        """Tell whom it was said to, or who acted; where it was not said yet, it is not said at all."""
        unsaid = await self._drop_unsaid(question)
        whom: dict[UUID, UUID | None] = {}
        circles = []
        for route_row in (await self._repository.routes([question.id])).get(question.id, ()):
            if route_row.circle_id is not None and not route_row.by_digest and route_row.circle_id not in unsaid:
                circles.append(route_row.circle_id)
            if route_row.member_id is not None and not route_row.declined_at and route_row.member_id not in unsaid:
                whom[route_row.member_id] = None
        for follower in await self._repository.followers(question.id):
            whom[follower.member_id] = follower.identity_id
        for answer in answers:
            if answer.member_id is not None:
                whom[answer.member_id] = answer.identity_id
        for member, identity in whom.items():
            await self._tell("question.withdrawn", member, identity, question=question.id)
        for circle in circles:
            data = {"question": str(question.id)}
            await tell(self._unit.session, "question.withdrawn", circle_id=circle, data=data)

    async def _drop_unsaid(self, question: OpenQuestion) -> set[UUID]:
        """Let nobody be told of it who was not told yet; returns those members and circles."""
        untold = await self._repository.untold(_BROUGHT)
        mine = [notice for notice in untold if notice.data.get("question") == str(question.id)]
        await self._repository.drop_notices([notice.id for notice in mine], now())
        whom = {notice.circle_id or notice.member_id for notice in mine}
        identities = [notice.identity_id for notice in mine if notice.identity_id is not None]
        whom |= await self._repository.members_of(identities)
        return {key for key in whom if key is not None}

    async def _keep_draft(self, answer: OpenAnswer) -> None:
        """Let an answer be a draft of its author's own, so that their words are not lost."""
        answer.withdrawn_at = now()
        if answer.member_id is None or answer.contribution_id is not None:
            answer.text = ""
            return
        author = Author(answer.member_id, answer.organisation_id, answer.identity_id)
        fields = {"title": draft_title(answer.text), "done": answer.text}
        try:
            draft = await ContributionService(self._unit).start(author, fields=fields)
        except TooMany:
            # So many drafts that there is no place for one more: the words stay with the answer, for its author alone.
            return
        answer.contribution_id, answer.text = draft.id, ""


def draft_title(text: str) -> str:
    """Return the first words of a text, to call it by."""
    line = text.strip().split("\n", 1)[0]
    if len(line) <= LONGEST_TITLE:
        return line
    return line[:LONGEST_TITLE].rsplit(" ", 1)[0].rstrip(" ,;:") + " …"
