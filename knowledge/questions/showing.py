"""Open questions and answers as one reader sees them: nobody is named against their will, few are not counted."""

from collections.abc import Sequence
from uuid import UUID

from knowledge.access.visibility import Viewer
from knowledge.models.member import Findable
from knowledge.models.question import (
    OpenAnswer,
    OpenAnswerMessage,
    OpenQuestion,
    OpenQuestionRoute,
    OpenQuestionState,
    ReleasedAs,
)
from knowledge.questions.repository import TAKES_ANSWERS, AnswerRow, QuestionRepository, QuestionRow
from knowledge.questions.schemas import (
    FEWEST_TOLD,
    OpenAnswerEntry,
    OpenMessageEntry,
    OpenQuestionEntry,
    QuestionStatus,
    Stage,
)
from knowledge.topics.tree import TopicEntry, load_tree

_STAGES = {
    OpenQuestionState.ANSWERED: Stage.ANSWERED,
    OpenQuestionState.PUBLISHED: Stage.PUBLISHED,
    OpenQuestionState.WITHDRAWN: Stage.WITHDRAWN,
}


def told(count: int) -> int | None:
    """Return a number of people, or nothing where so few are not told."""
    return count if count >= FEWEST_TOLD else None


def words_for(
    released_as: ReleasedAs, member: str | None, organisation: str | None, described: str | None
) -> str | None:
    """Return whose something is, as its author wants it said."""
    if released_as is ReleasedAs.ANONYMOUS:
        return described
    if released_as is ReleasedAs.NAME and member:
        return f"{member}, {organisation}" if organisation else member
    return organisation


def status_of(question: OpenQuestion, routes: Sequence[OpenQuestionRoute], answers: int) -> QuestionStatus:
    """Return where a question is."""
    people = sum(1 for route in routes if route.member_id is not None)
    circles = sum(1 for route in routes if route.circle_id is not None)
    return QuestionStatus(_stage(question, bool(routes), answers), circles, people > 0, told(people), answers)


def _stage(question: OpenQuestion, brought: bool, answers: int) -> Stage:
    if question.state in _STAGES:
        return _STAGES[question.state]
    if answers:
        return Stage.HAS_ANSWERS
    if question.overdue_at is not None:
        return Stage.OVERDUE
    if question.reminded_at is not None:
        return Stage.REMINDED
    return Stage.BROUGHT if brought else Stage.WAITING


class Showing:
    """Makes entries for one reader.

    Args:
        repository: the statements.
        member_id: who reads.
        viewer: what they may find where they read.
    """

    def __init__(self, repository: QuestionRepository, member_id: UUID, viewer: Viewer) -> None:
        self._repository = repository
        self._member_id = member_id
        self._viewer = viewer

    async def questions(self, rows: Sequence[QuestionRow]) -> list[OpenQuestionEntry]:
        """Return questions as they are shown, in the same order."""
        keys = [question.id for question, _house, _name in rows]
        if not keys:
            return []
        repository, me = self._repository, self._member_id
        topics = await self._topics(keys)
        followers, answers = await repository.follower_counts(keys), await repository.answer_counts(keys, me)
        joined, mine = await repository.joined(keys, me), await repository.own_answers(keys, me)
        routes, titles = await repository.routes(keys), await self._titles([question for question, _, _ in rows])
        helps = await self._helps()
        entries = []
        for question, house, name in rows:
            own, followed = question.member_id == me, question.id in joined
            to = routes.get(question.id, ())
            count = answers.get(question.id, 0)
            title = titles.get(question.document_id) if question.document_id else None
            entries.append(
                OpenQuestionEntry(
                    id=question.id,
                    text=question.text,
                    language=question.language,
                    state=question.state,
                    released_as=question.released_as,
                    asked_by=words_for(question.released_as, name, house, question.described_as),
                    visibility=question.visibility,
                    topics=topics.get(question.id, ()),
                    followers=told(followers.get(question.id, 0)),
                    answers=count,
                    created_at=question.created_at,
                    closed_at=question.closed_at,
                    document_id=question.document_id if title else None,
                    document_title=title,
                    mine=own,
                    joined=followed,
                    asked_me=helps and question.state in TAKES_ANSWERS and _asks(to, me),
                    my_answers=tuple(mine.get(question.id, ())),
                    status=status_of(question, to, count) if own or followed else None,
                )
            )
        return entries

    async def _topics(self, keys: Sequence[UUID]) -> dict[UUID, tuple[TopicEntry, ...]]:
        found = await self._repository.topics(keys)
        if not found:
            return {}
        tree = await load_tree(self._repository.session)
        entries = {key: [tree.get(topic) for topic in topics] for key, topics in found.items()}
        return {key: tuple(entry for entry in some if entry is not None) for key, some in entries.items()}

    async def _titles(self, questions: Sequence[OpenQuestion]) -> dict[UUID, str]:
        keys = {question.document_id for question in questions if question.document_id is not None}
        documents = await self._repository.documents(keys) if keys else {}
        return {key: document.title for key, document in documents.items() if self._viewer.may_find(document)}

    async def _helps(self) -> bool:
        member = await self._repository.member(self._member_id)
        return member is not None and member.findable is Findable.ON

    async def answers(self, rows: Sequence[AnswerRow], question: OpenQuestion) -> list[OpenAnswerEntry]:
        """Return answers to a question as they are shown, in the same order."""
        asked = question.member_id is not None and question.member_id == self._member_id
        private = [row.id for row, _house, _name in rows if asked or row.member_id == self._member_id]
        messages = await self._messages(private) if private else {}
        return [self._answer(row, question, messages.get(row[0].id, ())) for row in rows]

    async def _messages(self, answers: Sequence[UUID]) -> dict[UUID, list[OpenAnswerMessage]]:
        """Return what was written about answers, but for what is of somebody whom the reader blocked."""
        found = await self._repository.messages(answers)
        writers = {message.member_id for some in found.values() for message in some if message.member_id is not None}
        blocked = await self._repository.blocked_by(self._member_id, writers) if writers else set()
        return {key: [message for message in some if message.member_id not in blocked] for key, some in found.items()}

    def _answer(self, row: AnswerRow, question: OpenQuestion, messages: Sequence[OpenAnswerMessage]) -> OpenAnswerEntry:
        answer, house, name = row
        mine = answer.member_id == self._member_id
        return OpenAnswerEntry(
            id=answer.id,
            question_id=question.id,
            question_text=question.text,
            text=answer.text,
            answered_as=answer.answered_as,
            answered_by=words_for(answer.answered_as, name, house, answer.described_as),
            helped=answer.helped,
            created_at=answer.created_at,
            mine=mine,
            asked_by_me=question.member_id == self._member_id,
            contributed=answer.contribution_id is not None,
            contribution_id=answer.contribution_id if mine else None,
            messages=tuple(self.message(message, answer) for message in messages),
        )

    def message(self, message: OpenAnswerMessage, answer: OpenAnswer) -> OpenMessageEntry:
        """Return a message as it is shown."""
        answered = answer.member_id == self._member_id
        return OpenMessageEntry(
            id=message.id,
            answer_id=answer.id,
            from_asker=message.from_asker,
            text=message.text,
            created_at=message.created_at,
            mine=message.from_asker is not answered,
        )


def _asks(routes: Sequence[OpenQuestionRoute], member_id: UUID) -> bool:
    return any(route.member_id == member_id and route.declined_at is None for route in routes)
