"""What is written to the network can be reported, and moderators take it out."""

import pytest

from knowledge.models.audit import AuditEntry
from knowledge.models.contribution import ReportReason
from knowledge.models.member import Role
from knowledge.models.question import OpenAnswerMessage, OpenQuestionState
from knowledge.questions import limits
from knowledge.questions.errors import TooManyQuestions, UnknownOpenAnswer, UnknownOpenQuestion
from knowledge.questions.schemas import ReportedKind
from tests.knowledge.questions.network import NetworkOfTowns

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
INSULT = "So etwas Dummes fragt auch nur ihr."


class TestReporting:
    async def test_moderators_hear_of_an_insult_and_take_it_out(self, net: NetworkOfTowns) -> None:
        moderator = await net.person("Mo", None, role=Role.MODERATOR)
        helper = await net.person("Hanna", await net.town("120640001002"))
        released = await net.release("Wer weiß es?")
        answer = await net.answer(released, helper, INSULT)
        async with net.questions() as questions:
            about = (net.kim.reader, ReportedKind.ANSWER, answer.id, ReportReason.OFFENSIVE, "Das ist beleidigend.")
            key = await questions.report(*about)
            assert await questions.report(*about) == key
        assert await net.told("question.reported") == [("question.reported", moderator.id)]
        async with net.questions() as questions:
            reports = await questions.open_reports()
            assert [(one.words, one.kind, one.question_id) for one in reports] == [
                (INSULT, ReportedKind.ANSWER, released.id)
            ]
            await questions.close_report(key, moderator.id, remove=True)
            with pytest.raises(UnknownOpenQuestion):
                await questions.close_report(key, moderator.id, remove=False)
            assert await questions.answers(released.id, net.kim.reader) == []
        assert await net.told("question.removed") == [("question.removed", helper.id)]
        assert [row.action for row in await net.rows(AuditEntry)] == ["questions:remove"]

    @SQLITE
    async def test_a_question_taken_out_is_gone_and_its_asker_told(self, net: NetworkOfTowns) -> None:
        administrator = await net.person("Adam", None, role=Role.ADMINISTRATOR)
        reader = await net.person("Olga", await net.town("120640001002"))
        released = await net.release(INSULT)
        async with net.questions() as questions:
            key = await questions.report(
                reader.reader, ReportedKind.QUESTION, released.id, ReportReason.OFFENSIVE, "Unhöflich."
            )
            await questions.close_report(key, administrator.id, remove=True)
        assert (await net.row(released)).state is OpenQuestionState.WITHDRAWN
        assert (await net.row(released)).text == ""
        assert await net.told() == [("question.reported", administrator.id), ("question.removed", net.kim.id)]

    @SQLITE
    async def test_a_message_too_but_only_by_the_one_who_got_it(self, net: NetworkOfTowns) -> None:
        helper = await net.person("Hanna", await net.town("120640001002"))
        other = await net.person("Olga", await net.town("120640001003"))
        released = await net.release("Wer weiß es?")
        answer = await net.answer(released, helper)
        said = (ReportReason.OFFENSIVE, "Unhöflich.")
        async with net.questions() as questions:
            message = await questions.write(answer.id, net.kim.author, INSULT)
            with pytest.raises(UnknownOpenAnswer):
                await questions.report(other.reader, ReportedKind.MESSAGE, message.id, *said)
            key = await questions.report(helper.reader, ReportedKind.MESSAGE, message.id, *said)
            await questions.close_report(key, other.id, remove=True)
            assert await questions.open_reports() == []
        assert await net.rows(OpenAnswerMessage) == []
        assert ("question.removed", net.kim.id) in await net.told()

    @SQLITE
    async def test_what_is_left_in_stays(self, net: NetworkOfTowns) -> None:
        reader = await net.person("Olga", await net.town("120640001002"))
        released = await net.release("Wer weiß es?")
        async with net.questions() as questions:
            key = await questions.report(
                reader.reader, ReportedKind.QUESTION, released.id, ReportReason.OTHER, "Gefällt mir nicht."
            )
            await questions.close_report(key, reader.id, remove=False)
        assert (await net.see(released)).text == "Wer weiß es?"

    @SQLITE
    async def test_a_flood_of_reports_is_refused(self, net: NetworkOfTowns, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("knowledge.questions.reporting.MOST_REPORTS", 1)
        reader = await net.person("Olga", await net.town("120640001002"))
        released = [await net.release("Eins?"), await net.release("Zwei?")]
        assert limits.MOST_REPORTS > 1
        async with net.questions() as questions:
            said = (ReportReason.OTHER, "Gefällt mir nicht.")
            await questions.report(reader.reader, ReportedKind.QUESTION, released[0].id, *said)
            with pytest.raises(TooManyQuestions):
                await questions.report(reader.reader, ReportedKind.QUESTION, released[1].id, *said)
