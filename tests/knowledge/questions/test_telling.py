"""What something published does to open questions: its asker and those who joined are told, each once."""

import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import select

from knowledge.access.rights import Scope
from knowledge.access.visibility import network_member
from knowledge.contributions.schemas import Wishes
from knowledge.contributions.service import ContributionService
from knowledge.kit.clock import now
from knowledge.kit.ids import new_id
from knowledge.kit.settings import AnswerSettings, load_settings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.answers.service import AnswerService
from knowledge.library.files.blocks import Block, ParsedFile
from knowledge.library.indexes.owner import IndexOwner
from knowledge.library.schemas import Description
from knowledge.library.service import IncomingFile, LibraryService
from knowledge.models.answer import Question
from knowledge.models.conversation import Watch
from knowledge.models.document import Document, Kind, Visibility
from knowledge.models.job import Job
from knowledge.models.member import Role
from knowledge.models.notice import Notice
from knowledge.models.question import OpenQuestionState, OpenQuestionTold
from knowledge.questions.errors import QuestionMovedOn
from knowledge.questions.jobs import QUESTIONS_JOB
from knowledge.questions.reminding import REOPENED, reopen
from knowledge.questions.schemas import OpenAnswerEntry, OpenQuestionEntry, ReleaseWishes, Stage
from knowledge.questions.telling import ask_again, was_told
from knowledge.review.schemas import Reviewer
from knowledge.review.service import ReviewService
from tests.knowledge.questions.network import NetworkOfTowns, Person

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ABOUT_FRIDGES = (
    "Die Sperrmüllabholung kostet für einen Kühlschrank zwanzig Euro und wird in der Amtsverwaltung angemeldet."
)
ASKED = "Was kostet die Sperrmüllabholung für einen Kühlschrank?"


async def published_answer(
    net: NetworkOfTowns, visibility: Visibility = Visibility.NETWORK
) -> tuple[OpenQuestionEntry, OpenAnswerEntry, Person]:
    """Let a question be answered, somebody join it, and the answer be published by a moderator."""
    helper = await net.person("Hanna", await net.town("120640001002", "Birkenau"))
    joiner = await net.person("Jo", await net.town("120640001003"))
    moderator = await net.person("Mo", None, role=Role.MODERATOR)
    released = await net.release(ASKED)
    answer = await net.answer(released, helper)
    async with net.questions() as questions:
        await questions.join(released.id, joiner.author)
        entry = await questions.contribute(answer.id, helper.author, submit=False)
    async with unit_of_work(net.database) as unit:
        contributions = ContributionService(unit)
        await contributions.change(entry.id, helper.author, wishes=Wishes(visibility=visibility))
        sent = await contributions.submit(entry.id, helper.author)
    async with unit_of_work(net.database) as unit:
        reviewer = Reviewer(moderator.id, Scope(), network_member())
        await ReviewService(unit, reviewer).publish(sent.id, sent.revision)
    return released, answer, joiner


class TestItsAnswerIsPublished:
    async def test_asker_and_those_who_joined_are_told_once(self, net: NetworkOfTowns) -> None:
        released, _answer, joiner = await published_answer(net)
        assert sorted(await net.told("question.published")) == sorted(
            [("question.published", net.kim.id), ("question.published", joiner.id)]
        )
        seen = await net.see(released)
        assert (seen.state, seen.takes_answers) == (OpenQuestionState.PUBLISHED, False)
        assert seen.document_title == ASKED
        assert seen.status is not None
        assert seen.status.stage is Stage.PUBLISHED

    @SQLITE
    async def test_what_only_a_house_may_find_closes_nothing(self, net: NetworkOfTowns) -> None:
        released, _answer, _joiner = await published_answer(net, Visibility.HOUSE)
        assert await net.told("question.published") == []
        assert (await net.row(released)).state is OpenQuestionState.OPEN

    @SQLITE
    async def test_a_watch_is_silent_about_what_was_told(self, net: NetworkOfTowns) -> None:
        released, _answer, joiner = await published_answer(net)
        document = str((await net.row(released)).document_id)
        other = await net.person("Olga", await net.town("120640001004"))
        async with net.database.session(writes=False) as session:
            assert await was_told(session, joiner.id, [str(new_id()), document])
            assert not await was_told(session, joiner.id, [str(new_id())])
            assert not await was_told(session, other.id, [document])
            assert not await was_told(session, None, [document])


@asynccontextmanager
async def library(net: NetworkOfTowns) -> AsyncIterator[AnswerService]:
    """Index what is there by words alone, and yield what finds it."""
    owner = await IndexOwner.open(load_settings(), net.database, lambda _said: None)
    await owner.follow_words()
    try:
        yield AnswerService(net.database, owner, AnswerSettings())
    finally:
        await owner.close()


async def take_in(net: NetworkOfTowns, name: str, texts: Sequence[str], visibility: Visibility) -> None:
    """Publish a text."""
    parsed = ParsedFile(tuple(Block("paragraph", text) for text in texts), None, {}, "text/plain")
    file = IncomingFile(name, hashlib.sha256(name.encode()).hexdigest(), 100, parsed)
    said = Description(title="Abfall", kind=Kind.LITERATURE, visibility=visibility, organisation=net.musterau.key)
    async with unit_of_work(net.database) as unit:
        await LibraryService(unit).take_in(file, said)


@SQLITE
class TestSomethingElseIsPublished:
    @pytest.fixture(autouse=True)
    def words_alone(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Search without a model."""
        monkeypatch.setenv("ALLMENDE_EMBEDDING_MODEL", "none")

    async def test_only_what_is_new_and_for_the_network_closes_a_question(self, net: NetworkOfTowns) -> None:
        await take_in(net, "alt.md", [ABOUT_FRIDGES], Visibility.NETWORK)
        released = await net.release(ASKED)
        await net.release("Wer hat eine Satzung für Wochenmärkte?")
        async with library(net) as answers:
            assert await ask_again(answers, net.database) == 0
        await take_in(net, "haus.md", [ABOUT_FRIDGES, "Nur für uns."], Visibility.HOUSE)
        async with library(net) as answers:
            assert await ask_again(answers, net.database) == 0
        await take_in(net, "neu.md", [ABOUT_FRIDGES, "Gültig ab heute."], Visibility.NETWORK)
        assert QUESTIONS_JOB in [job.kind for job in await net.rows(Job)]
        async with library(net) as answers:
            assert await ask_again(answers, net.database) == 1
            assert await ask_again(answers, net.database) == 0
        assert await net.told("question.published") == [("question.published", net.kim.id)]
        assert (await net.see(released)).document_title == "Abfall"

    async def test_it_was_not_that_says_the_asker(self, net: NetworkOfTowns) -> None:
        released = await net.release(ASKED)
        await take_in(net, "neu.md", [ABOUT_FRIDGES], Visibility.NETWORK)
        async with library(net) as answers:
            assert await ask_again(answers, net.database) == 1
            async with net.questions() as questions:
                again = await questions.not_it(released.id, net.kim.author)
                with pytest.raises(QuestionMovedOn):
                    await questions.not_it(released.id, net.kim.author)
            assert (again.state, again.document_id) == (OpenQuestionState.OPEN, None)
            assert await ask_again(answers, net.database) == 0
        assert await net.rows(OpenQuestionTold) == []

    async def test_who_heard_by_a_watch_on_the_same_question_is_left_in_peace(self, net: NetworkOfTowns) -> None:
        async with unit_of_work(net.database) as unit:
            words = Question(id=new_id(), text=ASKED, language="de", created_at=now())
            unit.session.add(words)
            await unit.session.flush()
            watch = {"question_id": words.id, "identity_id": net.kim.identity_id, "told_at": now(), "expires_at": now()}
            unit.session.add(Watch(id=new_id(), **watch))
        released = await net.release(ASKED, wishes=ReleaseWishes(question_id=words.id))
        await take_in(net, "neu.md", [ABOUT_FRIDGES], Visibility.NETWORK)
        async with library(net) as answers:
            assert await ask_again(answers, net.database) == 1
        assert await net.told("question.published") == []
        assert (await net.row(released)).state is OpenQuestionState.PUBLISHED

    async def test_nobody_is_asked_again_where_nothing_is_open(self, net: NetworkOfTowns) -> None:
        await take_in(net, "neu.md", [ABOUT_FRIDGES], Visibility.NETWORK)
        async with net.database.session(writes=False) as session:
            assert await session.scalar(select(Document.id)) is not None
        assert QUESTIONS_JOB not in [job.kind for job in await net.rows(Job)]

    async def test_what_is_withdrawn_from_the_library_answers_nothing_any_more(self, net: NetworkOfTowns) -> None:
        released = await net.release(ASKED)
        await take_in(net, "neu.md", [ABOUT_FRIDGES], Visibility.NETWORK)
        async with library(net) as answers:
            assert await ask_again(answers, net.database) == 1
        assert await reopen(net.database) == 0
        async with unit_of_work(net.database) as unit:
            document = await unit.session.scalar(select(Document).where(Document.source == "neu.md"))
            assert document is not None
            assert await LibraryService(unit).withdraw(document)
        assert await reopen(net.database) == 1
        assert await reopen(net.database) == 0
        row = await net.row(released)
        assert (row.state, row.document_id, row.closed_at) == (OpenQuestionState.OPEN, None, None)
        notices = await net.rows(Notice, Notice.kind == "question.waiting")
        assert [one.data for one in notices] == [{"question": str(released.id), "stage": REOPENED}]
