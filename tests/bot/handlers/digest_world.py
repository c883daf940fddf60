"""A week in the network around the desk: what was published, what is asked, and the time at which digests come."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from bot.core.messages import Person, Place
from bot.handlers.digests import digest_job
from knowledge.chats.service import ChatService
from knowledge.digests.jobs import DIGEST_JOB
from knowledge.digests.keeping import plan_digests
from knowledge.jobs.worker import Worker
from knowledge.kit.ids import new_id
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.chat import Circle
from knowledge.models.digest import Digest, DigestState
from knowledge.models.document import Document, Kind, Rights, Status, Visibility
from knowledge.models.question import OpenQuestion, OpenQuestionTopic, ReleasedAs
from knowledge.models.topic import DocumentTopic, MemberTopic, Stance, Topic, TopicKind
from tests.bot.handlers.contributing_world import Desk

# A Monday at eight where the municipalities are, the Saturday before, and the Monday after.
MONDAY = datetime(2026, 11, 23, 7, tzinfo=UTC)
SATURDAY = MONDAY - timedelta(days=2)
NEXT = MONDAY + timedelta(days=7)
AKTEN, FEUER = "E-Akte", "Feuerwehr"


async def add_topics(desk: Desk) -> None:
    """Make two topics, which is quicker than all that come with the program."""
    async with unit_of_work(desk.database) as unit:
        for name in (AKTEN, FEUER):
            unit.session.add(Topic(id=new_id(), key=name, kind=TopicKind.FIELD, name_de=name, name_en=name))


async def topic(desk: Desk, name: str) -> UUID:
    """Return one of the topics."""
    async with desk.database.session(writes=False) as session:
        return (await session.scalars(select(Topic.id).where(Topic.key == name))).one()


async def add_circle(desk: Desk, place: Place, person: Person, *topics: str, **values: Any) -> UUID:
    """Link a group, in which somebody wrote, to a circle that a moderator vouches for; ``values`` are columns of it."""
    await desk.write(person, "/help", place, mentioned=True)
    key = await desk.add_circle(f"Kreis {place.chat}")
    async with unit_of_work(desk.database) as unit:
        chat = await ChatService(unit.session).look_up_chat(place.network, place.chat, place.kind)
        circle = await unit.session.get_one(Circle, key)
        circle.chat_id, circle.topics, circle.language, circle.vouched_at = chat.id, list(topics), "en", SATURDAY
        for name, value in values.items():
            setattr(circle, name, value)
    return key


async def change_circle(desk: Desk, key: UUID, **values: Any) -> None:
    """Set columns of a circle."""
    async with unit_of_work(desk.database) as unit:
        circle = await unit.session.get_one(Circle, key)
        for name, value in values.items():
            setattr(circle, name, value)


async def add_document(desk: Desk, title: str, *topics: str, **values: Any) -> UUID:
    """Publish something for the network on Saturday; ``values`` are columns of the document."""
    key = new_id()
    known = {
        "kind": Kind.EXPERIENCE,
        "visibility": Visibility.NETWORK,
        "access": "network",
        "status": Status.PUBLISHED,
        "created_at": SATURDAY,
        "updated_at": SATURDAY,
    }
    fixed = {"rights": Rights.FULL, "added_by": "test"}
    async with unit_of_work(desk.database) as unit:
        unit.session.add(Document(id=key, source=key.hex, title=title, **fixed, **{**known, **values}))
        await unit.session.flush()
        for name in topics:
            found = (await unit.session.scalars(select(Topic.id).where(Topic.key == name))).one()
            unit.session.add(DocumentTopic(document_id=key, topic_id=found))
    return key


async def add_question(desk: Desk, text: str, *topics: str, **values: Any) -> UUID:
    """Release an open question on Saturday; ``values`` are columns of it."""
    key = new_id()
    known = {"released_as": ReleasedAs.ORGANISATION, "created_at": SATURDAY, "news_since": SATURDAY}
    async with unit_of_work(desk.database) as unit:
        unit.session.add(OpenQuestion(id=key, text=text, **{**known, **values}))
        await unit.session.flush()
        for name in topics:
            found = (await unit.session.scalars(select(Topic.id).where(Topic.key == name))).one()
            unit.session.add(OpenQuestionTopic(open_question_id=key, topic_id=found))
    return key


async def declare(desk: Desk, member: UUID, name: str, stance: Stance = Stance.HELPS) -> None:
    """Let a member declare a topic."""
    found = await topic(desk, name)
    async with unit_of_work(desk.database) as unit:
        unit.session.add(MemberTopic(member_id=member, topic_id=found, stance=stance))


async def a_week(desk: Desk) -> None:
    """Let Saturday come, on which digests are noted, and Monday, on which they are sent."""
    await until(desk, SATURDAY, MONDAY)


async def until(desk: Desk, *moments: datetime) -> None:
    """Let moments come one after the other."""
    for moment in moments:
        await plan_digests(desk.database, moment)
        await send(desk)
        await plan_digests(desk.database, moment)


async def send(desk: Desk) -> None:
    """Do the jobs that are asked for."""
    worker = Worker(desk.database, {DIGEST_JOB: digest_job(desk.services, desk.bot.post)}, name="test")
    while await worker.work_once(DIGEST_JOB):
        pass
    await desk.bot.settle()


async def states(desk: Desk) -> list[DigestState]:
    """Return where all digests stand, in the order of their time."""
    async with desk.database.session(writes=False) as session:
        return list(await session.scalars(select(Digest.state).order_by(Digest.due_at)))


def digests_in(desk: Desk, place: Place) -> list[str]:
    """Return the digests that were said in a place."""
    sent = [message for message in desk.networks[place.network].sent if message.place.chat == place.chat]
    return [message.text.plain for message in sent if message.about == "digest" and message.text]
