"""People of the network around the desk: who asks, who offered help, and a circle with topics in a group."""

from uuid import UUID

from sqlalchemy import select, update

from bot.core.messages import Person, Place
from knowledge.chats.service import ChatService
from knowledge.kit.ids import new_id
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.chat import Chat, Circle
from knowledge.models.member import Findable, Member
from knowledge.models.question import OpenQuestion
from knowledge.models.topic import MemberTopic, Stance, Topic, TopicKind, TopicWord
from knowledge.topics.words import fold_topic
from tests.bot.handlers.contributing_world import Desk

QUESTION = "Wer hat Erfahrung mit einer E-Akte im Bauamt?"
RECORDS = "digital.records"


async def topic_of(desk: Desk) -> UUID:
    """Return the one topic that there is, which is quicker than all that come with the program."""
    async with unit_of_work(desk.database) as unit:
        known = await unit.session.scalar(select(Topic.id).where(Topic.key == RECORDS))
        if known is not None:
            return known
        topic = Topic(id=new_id(), key=RECORDS, kind=TopicKind.FIELD, name_de="E-Akte", name_en="Electronic records")
        unit.session.add(topic)
        await unit.session.flush()
        unit.session.add(TopicWord(id=new_id(), topic_id=topic.id, word="E-Akte", folded=fold_topic("E-Akte")))
        return topic.id


async def make_helper(desk: Desk, person: Person) -> UUID:
    """Make somebody a member who offered help with a topic, and who has written to the bot."""
    topic, member = await topic_of(desk), await desk.make_member(person, findable=Findable.ON)
    async with unit_of_work(desk.database) as unit:
        unit.session.add(MemberTopic(member_id=member, topic_id=topic, stance=Stance.HELPS))
    await desk.write(person, "/help")
    return member


async def make_circle(desk: Desk, place: Place, person: Person, *topics: str) -> UUID:
    """Link a group to a circle with topics, whose people a moderator vouches for."""
    await topic_of(desk)
    await desk.write(person, "/help", place, mentioned=True)
    circle = await desk.add_circle("Kreis Akten")
    async with unit_of_work(desk.database) as unit:
        chat = await ChatService(unit.session).look_up_chat(place.network, place.chat, place.kind)
        row = await unit.session.get(Circle, circle)
        assert row is not None
        row.chat_id, row.topics = chat.id, list(topics or ("E-Akte",))
        row.vouched_at, row.language = row.created_at, "en"
    return circle


async def release(desk: Desk, person: Person, question: str = QUESTION, whom: str = "Organisation only") -> str:
    """Let somebody give a question on in the usual way; returns what was said last."""
    await desk.write(person, f"/asknetwork {question}")
    await desk.press(person, whom)
    said = await desk.press(person, "Send it")
    await desk.tell()
    return said


async def open_question(desk: Desk) -> OpenQuestion:
    """Return the only open question."""
    [question] = await desk.rows(OpenQuestion)
    assert isinstance(question, OpenQuestion)
    return question


async def suspend(desk: Desk, member: UUID) -> None:
    """Let a member leave."""
    async with unit_of_work(desk.database) as unit:
        await unit.session.execute(update(Member).where(Member.id == member).values(active=False))


async def pause(desk: Desk, place: Place) -> None:
    """Have the bot be silent in a group."""
    async with unit_of_work(desk.database) as unit:
        await unit.session.execute(update(Chat).where(Chat.address == place.chat).values(paused=True))
