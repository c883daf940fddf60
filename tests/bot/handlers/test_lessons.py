"""Learning in the chat: choosing, taking a lesson step by step, stopping and going on, and old buttons."""

import pytest

from bot.core.messages import EventKind, Outgoing
from knowledge.lessons.checking import LONGEST_MESSAGE
from knowledge.models.lesson import LessonAnswer, LessonRun
from tests.bot.handlers.contributing_world import ANNA, BEN, FORUM, ROOM, TINA, TOM, Desk, direct
from tests.bot.handlers.lesson_world import ALT, last_message, links_of, same_person, take_watering, teach

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def _at_the_question(desk: Desk) -> None:
    await desk.write(ANNA, "/learn watering")
    for label in ("1: Watering trees", "Begin", "Go on", "Go on"):
        said = await desk.press(ANNA, label)
    assert said.startswith("Step 3 of 4")


class TestTaking:
    async def test_from_the_list_to_the_end(self, desk: Desk) -> None:
        await teach(desk)
        opening, first, picture, question, answer, linked, end = taken = await take_watering(desk, ANNA)
        begun = "Watering trees\n\nWhat Watering trees is about.\n\nfor beginners · 2 minutes · 4 steps"
        assert opening == f"{begun}\n\nHow far you are and what you answer, only you see."
        assert first == "Step 1 of 4\n\nWhy water?\n\nYoung trees have short roots."
        assert picture == "Step 2 of 4\n\nThis is how it looks."
        assert question == "Step 3 of 4\n\nWhen do you water?\n\n1. At noon\n2. In the evening"
        assert answer == "That is right.\nThen it stays in the ground."
        assert linked == "Step 4 of 4\n\nWhat others have learned:"
        assert end.startswith("Done: Watering trees\n\nWhat Watering trees is about.\n\nSources\n\n· Garden office")
        assert links_of(last_message(desk, ANNA)) == ["https://trees.example/book"]
        assert all(0 < len(text) <= LONGEST_MESSAGE for text in taken)
        said = [await desk.press(ANNA, "Helped"), await desk.press(ANNA, "Did not help")]
        assert said == ["Thank you. This is counted without your name."] * 2
        [run] = await desk.rows(LessonRun)
        assert (run.active, run.done_at is not None, run.member_id, run.helpful) == (False, True, None, False)

    @only_sqlite
    async def test_the_picture_comes_with_words_for_what_it_shows(self, desk: Desk) -> None:
        await teach(desk)
        await _at_the_question(desk)
        [shown] = [message.attachment for message in desk.networks[ANNA.network].sent if message.attachment]
        assert (shown.alt, shown.is_picture, shown.width, shown.height) == (ALT, True, 64, 48)

    @only_sqlite
    async def test_a_question_is_answered_by_number_or_press_and_not_passed_by(self, desk: Desk) -> None:
        await teach(desk)
        await _at_the_question(desk)
        assert [choice.label for choice in last_message(desk, ANNA).choices] == ["Answer 1", "Answer 2", "Stop"]
        wrong = await desk.write(ANNA, "1")
        assert wrong.startswith("Not quite.\nThen much of it dries up.\n\nRight is: In the evening")
        assert (await desk.press(ANNA, "Answer 2")).startswith("That is right.")
        [kept] = await desk.rows(LessonAnswer)
        assert (kept.choice, kept.correct) == (0, False)
        # The library is asked by the last step, and the lesson goes on below its answer.
        await desk.press(ANNA, "Go on")
        assert "does not know anything about this yet" in await desk.press(ANNA, "Benches below")
        assert (await desk.press(ANNA, "Go on")).startswith("Done: Watering trees")


@only_sqlite
class TestStopping:
    async def test_a_member_goes_on_where_they_are_on_another_network(self, desk: Desk) -> None:
        await teach(desk)
        await same_person(desk, await desk.make_member(ANNA), TINA)
        await _at_the_question(desk)
        assert "“Watering trees” is kept where you are, step 3 of 4." in await desk.press(ANNA, "Stop")
        assert "Go on with\n1. Watering trees (step 3 of 4)" in await desk.write(TINA, "/learn")
        assert (await desk.press(TINA, "1: Watering trees")).startswith("We go on with “Watering trees”.\n\nStep 3")
        assert (await desk.press(TINA, "Answer 2")).startswith("That is right.")
        assert (await desk.press(ANNA, "Go on")).startswith("We go on with “Watering trees”.\n\nStep 3")
        assert len(await desk.rows(LessonRun)) == 1
        assert "Go on with" not in await desk.write(BEN, "/learn")


@only_sqlite
class TestOldButtons:
    async def test_they_do_no_harm(self, desk: Desk) -> None:
        await teach(desk)
        await desk.write(TINA, "/learn watering")
        for label in ("1: Watering trees", "Begin"):
            await desk.press(TINA, label)
        first = last_message(desk, TINA)
        await desk.press(TINA, "Go on")
        assert await self.press_again(desk, first) == []  # pressed twice: what comes next stands there already
        await desk.press(TINA, "Go on")
        [said] = await self.press_again(desk, first)
        assert "We go on with “Watering trees”.\n\nStep 3 of 4" in said.text.plain if said.text else ""
        [run] = await desk.rows(LessonRun)
        assert run.step == 2

    async def press_again(self, desk: Desk, message: Outgoing) -> list[Outgoing]:
        """Press the first button of a message from before."""
        choice, about = message.choices[0].key, desk.event_of(message)
        return await desk.happen(TINA, kind=EventKind.CHOICE, choice=choice, about=about)

    async def test_nobody_presses_for_somebody_else(self, desk: Desk) -> None:
        await teach(desk)
        await desk.write(TINA, "/learn watering")
        await desk.press(TINA, "1: Watering trees")
        opening = last_message(desk, TINA)
        choice, about = opening.choices[0].key, desk.event_of(opening)
        [said] = await desk.happen(TOM, direct(TINA), kind=EventKind.CHOICE, choice=choice, about=about)
        assert "no such lesson" in str(said.text)


@only_sqlite
class TestList:
    async def test_by_level_with_minutes_or_by_words(self, desk: Desk) -> None:
        await teach(desk)
        said = await desk.write(ANNA, "/learn")
        assert said.startswith(
            "Learn\n\nLearning paths\n1. Trees for all (2 lessons, 4 minutes)\n\n"
            "Lessons for beginners\n2. Watering trees (2 minutes)\n\n"
            "Lessons for advanced learners\n3. Cutting trees (2 minutes)"
        )
        found = await desk.write(ANNA, "/lernen cutting")
        assert ("Cutting trees" in found, "Watering" in found) == (True, False)
        assert "Good to have done before: Watering trees" in await desk.press(ANNA, "1: Cutting trees")
        nothing = await desk.write(ANNA, "/learn dragons")
        assert nothing == "I have no lesson about “dragons”.\n\n!learn shows all that there are."

    async def test_what_is_for_the_network_is_for_members_and_not_on_telegram(self, desk: Desk) -> None:
        await teach(desk, "network")
        for person in (BEN, TINA):
            await desk.make_member(person)
        assert await desk.write(ANNA, "/learn") == "There are no lessons here yet."
        assert "Painting benches" in await desk.write(BEN, "/learn")
        assert (await desk.write(TINA, "/learn")).startswith("There are no lessons here yet.")

    async def test_in_a_group_it_points_to_the_direct_chat(self, desk: Desk) -> None:
        await teach(desk)
        said = {message.place.chat: str(message.text) for message in await desk.happen(ANNA, ROOM, "/learn")}
        assert ["Trees for all" in said[chat] for chat in (direct(ANNA).chat, ROOM.chat)] == [True, False]
        [pointer] = await desk.happen(TINA, FORUM, "/learn")
        assert [choice.address for choice in pointer.choices] == ["https://chat.example/bot?start=lernen"]
        assert "Trees for all" in await desk.write(TINA, "/start lernen")


@only_sqlite
class TestPath:
    async def test_one_lesson_leads_to_the_next_and_to_the_record(self, desk: Desk) -> None:
        await teach(desk)
        await desk.make_member(ANNA)
        await desk.write(ANNA, "/learn")
        assert (await desk.press(ANNA, "1: Trees for all")).startswith("Watering trees")
        for label in ("Begin", "Go on", "Go on", "Answer 2", "Go on", "Go on"):
            said = await desk.press(ANNA, label)
        assert "Of the learning path “Trees for all” you have done 1 of 2." in said
        opening = await desk.press(ANNA, "Next: Cutting trees")
        assert opening.startswith("Cutting trees")
        assert "Good to have done before" not in opening
        for label in ("Begin", "Go on", "Go on"):
            said = await desk.press(ANNA, label)
        assert "You have completed the learning path “Trees for all”." in said
        assert "Your record of it: !certificates" in said
        assert "Get the record" in [choice.label for choice in last_message(desk, ANNA).choices]
        listed = await desk.write(ANNA, "/learn")
        assert "Trees for all (2 lessons, 4 minutes, completed)" in listed
        assert "Watering trees (2 minutes, done)" in listed
