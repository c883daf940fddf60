"""What happened to a question is told at the right moment, and only to whoever may still see it."""

from datetime import timedelta

import pytest

from knowledge.access.rights import Scope
from knowledge.access.visibility import network_member
from knowledge.kit.clock import now
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.service import LibraryService
from knowledge.models.contribution import Contribution
from knowledge.models.document import Document
from knowledge.models.member import Role
from knowledge.questions.reminding import remind
from knowledge.questions.service import QuestionService
from knowledge.review.schemas import Reviewer
from knowledge.review.service import ReviewService
from tests.bot.handlers.contributing_world import ANNA, BEN, TINA, ZOE, Desk
from tests.bot.handlers.open_question_world import QUESTION, make_helper, open_question, release

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
WORDS = "Wir haben die E-Akte vor zwei Jahren eingeführt. Das Archiv half uns beim Aktenplan."


async def publish(desk: Desk) -> None:
    """Let Ben answer with a yes to publishing, and a moderator publish it; nobody is told yet."""
    await desk.press(BEN, "Answer")
    await desk.write(BEN, WORDS)
    await desk.press(BEN, "Organisation only")
    await desk.press(BEN, "Yes, gladly")
    await desk.tell()
    moderator = await desk.make_member(ZOE, role=Role.MODERATOR)
    [row] = await desk.rows(Contribution)
    async with unit_of_work(desk.database) as unit:
        await ReviewService(unit, Reviewer(moderator, Scope(), network_member())).publish(row.id, row.revision)


async def asked(desk: Desk) -> None:
    """Let Anna ask, and Ben be brought the question."""
    await desk.make_member(ANNA)
    await make_helper(desk, BEN)
    await release(desk, ANNA)


class TestPublished:
    async def test_the_asker_reads_it_with_its_source(self, desk: Desk) -> None:
        await asked(desk)
        await publish(desk)
        await desk.tell()

        said = desk.said(ANNA)[-1]
        assert "is answered in the library now" in said
        assert "„Wir haben die E-Akte vor zwei Jahren eingeführt." in said
        assert f"Source: {QUESTION}, Lindenau" in said

    async def test_that_is_not_it_opens_it_again(self, desk: Desk) -> None:
        await asked(desk)
        await publish(desk)
        await desk.tell()

        assert "open again" in await desk.press(ANNA, "That is not it")
        assert (await open_question(desk)).state.value == "open"

    async def test_what_was_withdrawn_before_it_was_told_is_not_told(self, desk: Desk) -> None:
        await asked(desk)
        await publish(desk)
        before = len(desk.said(ANNA))
        async with unit_of_work(desk.database) as unit:
            library = LibraryService(unit)
            [document] = await desk.rows(Document)
            await library.withdraw(await library.find_document(document.source))
        await desk.tell()

        assert len(desk.said(ANNA)) == before

    async def test_on_telegram_it_is_said_that_there_is_news_in_the_hub(self, desk: Desk) -> None:
        await desk.make_member(TINA)
        await make_helper(desk, BEN)
        await release(desk, TINA)
        await publish(desk)
        await desk.tell()

        assert "please read it in the hub" in desk.said(TINA)[-1]
        assert "eingeführt" not in desk.said(TINA)[-1]


class TestNeverSilence:
    async def test_the_asker_and_the_competence_centre_hear_after_some_days(self, desk: Desk) -> None:
        await desk.make_member(ANNA)
        await desk.make_member(ZOE, role=Role.PUBLISHER)
        await release(desk, ANNA)
        await remind(desk.database, now() + timedelta(days=8))
        await desk.tell()
        first = desk.said(ANNA)[-1]
        await remind(desk.database, now() + timedelta(days=15))
        await desk.tell()

        assert "reminded the competence centre" in first
        assert "1 open question has had no answer" in desk.said(ZOE)[-1]
        assert "among the gaps" in desk.said(ANNA)[-1]

    async def test_not_where_an_answer_came_in_between(self, desk: Desk) -> None:
        await asked(desk)
        await remind(desk.database, now() + timedelta(days=8))
        await desk.press(BEN, "Answer")
        await desk.write(BEN, WORDS)
        await desk.press(BEN, "Anonymous")
        await desk.tell()

        assert "reminded" not in "\n".join(desk.said(ANNA))


class TestModerators:
    async def test_they_hear_of_a_report_and_its_writer_of_what_was_done(self, desk: Desk) -> None:
        moderator = await desk.make_member(ZOE, role=Role.MODERATOR)
        await asked(desk)
        await desk.press(BEN, "Report it")
        await desk.press(BEN, "It is insulting")
        await desk.tell()
        told = desk.said(ZOE)[-1]
        async with unit_of_work(desk.database) as unit:
            [report] = await QuestionService(unit).open_reports()
            await QuestionService(unit).close_report(report.id, moderator, remove=True)
        await desk.tell()

        assert "Somebody reported" in told
        assert QUESTION not in told
        assert "A moderator took out something" in desk.said(ANNA)[-1]
