"""Every lesson that comes with the program, taken with the real handlers from its first to its last message."""

from dataclasses import replace

import pytest

from bot.core.messages import EventKind, Incoming, Outgoing
from bot.core.pictures import described_text
from bot.core.turn import Glance, Turn
from bot.handlers.lesson_choices import NAME, begin_key
from bot.handlers.lessons import choose
from bot.matrix.rendering import with_legend
from knowledge.access.visibility import Viewer
from knowledge.chats.service import ChatService
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.language import choose_language
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work
from knowledge.lessons.checking import LONGEST_MESSAGE, MOST_MESSAGES
from knowledge.lessons.schemas import LessonText
from knowledge.lessons.seeding import seed_lessons
from knowledge.lessons.service import LessonService
from knowledge.lessons.steps import QuestionStep
from knowledge.models.chat import ChatKind
from tests.bot.core.world import ANNA, ChatNetwork, direct, services_for


async def look(database: Database, unit: UnitOfWork) -> Glance:
    """Return what is known of somebody who writes in their direct chat."""
    chats, place = ChatService(unit.session), direct(ANNA)
    identity = await chats.keep_person(await chats.look_up_person(ANNA.network, ANNA.address))
    chat = await chats.keep_chat(await chats.look_up_chat(place.network, place.chat, ChatKind.DIRECT), of=identity.id)
    incoming = Incoming("$1", EventKind.CHOICE, place, ANNA, now())
    return Glance(services_for(database, [ChatNetwork()]), incoming, identity, chat, Viewer(None))


async def press(glance: Glance, unit: UnitOfWork, key: str) -> Outgoing:
    """Choose something, and return what is said then, which is one message."""
    turn = Turn(replace(glance, choice=key.removeprefix(f"{NAME}:")), unit)
    await choose(turn)
    [said] = turn.said
    return said.message


async def taken(glance: Glance, unit: UnitOfWork, lesson: LessonText) -> list[Outgoing]:
    """Take a lesson, with the answer to each question about which most is said, and return all messages."""
    said = [await press(glance, unit, begin_key(lesson.entry.id))]
    said.append(await press(glance, unit, said[-1].choices[0].key))
    for step in lesson.steps:
        if isinstance(step, QuestionStep):
            longest = max(step.choices, key=lambda choice: (not choice.correct, len(choice.explanation)))
            said.append(await press(glance, unit, said[-1].choices[step.choices.index(longest)].key))
        said.append(await press(glance, unit, said[-1].choices[0].key))
    return said


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_at_most_fifteen_messages_of_at_most_nine_hundred_characters(database: Database) -> None:
    languages, most, longest = set(), 0, 0
    async with unit_of_work(database) as unit:
        await seed_lessons(unit.session)
        service, glance = LessonService(unit), await look(database, unit)
        lessons = await service.found(Viewer(None))
        for lesson in lessons:
            choose_language(lesson.language)
            said = await taken(glance, unit, await service.get(lesson.id, Viewer(None)))
            shown = [with_legend(text, message.choices).plain for message in said if (text := described_text(message))]
            assert lesson.title in shown[-1].splitlines()[0], lesson.key
            assert len(shown) == len(said) <= MOST_MESSAGES, lesson.key
            assert max(map(len, shown)) <= LONGEST_MESSAGE, (lesson.key, max(shown, key=len))
            languages.add(lesson.language)
            most, longest = max(most, len(said)), max(longest, *map(len, shown))
    assert (languages, len(lessons) >= 26, most > 8, longest > 500) == ({"de", "en"}, True, True, True)
