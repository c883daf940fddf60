"""„Wie weit sind wir?" in the chat: the questions, what comes of them, and that it stays with the person."""

import pytest

from bot.core.messages import Person
from knowledge.access.visibility import network_member
from knowledge.kit.ids import new_id
from knowledge.kit.language import choose_language
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.lessons.schemas import Learner
from knowledge.lessons.self_check import SelfCheckService, load_self_check
from knowledge.models.lesson import SelfCheck
from knowledge.models.topic import Topic, TopicKind
from tests.bot.handlers.contributing_world import ANNA, ROOM, Desk
from tests.bot.handlers.digest_world import add_question
from tests.bot.handlers.lesson_world import last_message

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SOURCE = load_self_check("en")
COUNT = len(SOURCE.questions)


async def answer_all(desk: Desk, person: Person, *, well: bool = False) -> str:
    """Answer all questions with what counts least, or most, and return what is said at the end."""
    said = ""
    for question in SOURCE.questions:
        points = [answer.points for answer in question.answers]
        place = points.index(max(points) if well else min(points))
        said = await desk.press(person, f"Answer {place + 1}")
    return said


class TestAnswering:
    async def test_from_the_first_question_to_what_has_changed(self, desk: Desk) -> None:
        choose_language("en")
        begun = await desk.write(ANNA, "/wieweit")
        assert begun.startswith("How far are we?")
        assert "nobody else sees them" in begun
        assert f"Question 1 of {COUNT}\n\n{SOURCE.questions[0].text}\n\n1. " in begun
        said = await answer_all(desk, ANNA)
        assert "Where you stand" in said
        assert f"· {SOURCE.dimensions[0].title}: at the beginning (0 of 10)" in said
        assert "Your answers stay with you" in said
        labels = [choice.label for message in desk.networks[ANNA.network].sent for choice in message.choices]
        assert not any(label.startswith(("Colleagues", "Open questions")) for label in labels)
        [row] = await desk.rows(SelfCheck)
        assert (row.member_id, len(row.answers)) == (None, COUNT)
        assert (await desk.write(ANNA, "/readiness")).startswith("Where you stand")
        await desk.press(ANNA, "Answer anew")
        assert "far along (10 of 10); before: at the beginning" in await answer_all(desk, ANNA, well=True)
        assert "deleted" in await desk.press(ANNA, "Delete my answers")
        assert await desk.rows(SelfCheck) == []

    async def test_stopped_and_gone_on_with_and_never_in_a_group(self, desk: Desk) -> None:
        await desk.write(ANNA, "/readiness")
        assert "choose one of the answers" in await desk.write(ANNA, "perhaps")
        assert f"Question 2 of {COUNT}" in await desk.write(ANNA, "2")
        assert "is kept" in await desk.press(ANNA, "Go on later")
        again = await desk.write(ANNA, "/readiness")
        assert f"Question 2 of {COUNT}" in again
        assert "How far are we?" not in again
        said = await desk.write(ANNA, "/readiness", ROOM)
        assert "where nobody else reads along" in said
        assert "Question" not in said


class TestHelp:
    async def test_colleagues_and_open_questions_are_for_members(self, desk: Desk) -> None:
        topic = SOURCE.dimensions[0].topic
        assert topic is not None
        async with unit_of_work(desk.database) as unit:
            unit.session.add(Topic(id=new_id(), key="t", kind=TopicKind.FIELD, name_de=topic, name_en=topic))
        learner = Learner(await desk.make_member(ANNA), None, network_member())
        async with unit_of_work(desk.database) as unit:
            await SelfCheckService(unit.session, SOURCE).keep(learner, {one.key: 0 for one in SOURCE.questions})
        assert f"What may help with: {SOURCE.dimensions[0].title}" in await desk.write(ANNA, "/readiness")
        assert "Nobody has told of" in await desk.press(ANNA, "Colleagues")
        assert "Nobody has an open question about" in await desk.press(ANNA, "Open questions")
        # Somebody's question is found by its topic.
        question = await add_question(desk, "Wer hat ein Ziel?", "t")
        said = await desk.press(ANNA, "Open questions")
        assert f"Open in the network about “{topic}”:\n\n1. Wer hat ein Ziel?" in said
        assert f"open:s{question.hex}" in [choice.key for choice in last_message(desk, ANNA).choices]
