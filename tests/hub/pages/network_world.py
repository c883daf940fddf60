"""Open questions, answers and contact requests for tests of the hub's pages about the network."""

from typing import Any
from uuid import UUID

from knowledge.access.visibility import network_member
from knowledge.contributions.schemas import Author
from knowledge.kit.ids import new_id
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.chat import ChatIdentity, Network
from knowledge.models.member import Findable
from knowledge.models.topic import Stance, Topic, TopicKind
from knowledge.peers.contacts import ContactService
from knowledge.peers.profile import ProfileService
from knowledge.questions.schemas import OpenQuestionEntry, PreparedQuestion, Reader, ReleaseWishes
from knowledge.questions.service import QuestionService
from knowledge.topics.tree import load_tree
from tests.hub.signed_in import Hub

ASKED = "Wer hat schon einen Trinkbrunnen am Marktplatz gebaut, und was kostet der Betrieb?"
ANSWERED = "Wir haben zwei Brunnen. Der Betrieb kostet uns 900 Euro im Jahr."
WISHED = "Wir planen einen Trinkbrunnen und würden gern hören, wie es bei Ihnen lief."


def author(hub: Hub, who: str = "member") -> Author:
    """Return somebody as an author."""
    return Author(hub.people[who].id, hub.people[who].organisation_id)


def reader(hub: Hub, who: str) -> Reader:
    """Return somebody as a reader of open questions, as the hub sees them."""
    return Reader(hub.people[who].id, network_member(hub.people[who].organisation_id))


# Some topics, with their English names and what they lie below.
TOPICS = {
    "Wasser und Wärme": ("Water and heating", None),
    "Trinkwasser": ("Drinking water", "Wasser und Wärme"),
    "Schulen": ("Schools", None),
}


async def topic(hub: Hub, name: str) -> UUID:
    """Return a topic, which is added where it is not there yet."""
    async with unit_of_work(hub.database, writes=False) as unit:
        found = (await load_tree(unit.session)).find(name)
    if found is not None:
        return found.id
    english, above = TOPICS[name]
    parent, key = await topic(hub, above) if above else None, new_id()
    async with hub.writing() as unit:
        unit.session.add(Topic(id=key, key=name, kind=TopicKind.FIELD, parent_id=parent, name_de=name, name_en=english))
    return key


async def released(hub: Hub, who: str = "member", text: str = ASKED, **wishes: Any) -> UUID:
    """Release a question."""
    async with hub.writing() as unit:
        made = await QuestionService(unit).release(
            author(hub, who), PreparedQuestion(text, "de"), ReleaseWishes(**{"topics": (), **wishes})
        )
    return made.id


async def answered(hub: Hub, question: UUID, who: str = "neighbour", text: str = ANSWERED, **more: Any) -> UUID:
    """Answer a question."""
    async with hub.writing() as unit:
        made = await QuestionService(unit).answer(question, author(hub, who), text, knows_findings=True, **more)
    return made.id


async def written(hub: Hub, answer: UUID, who: str, text: str) -> UUID:
    """Write a word more about an answer."""
    async with hub.writing() as unit:
        return (await QuestionService(unit).write(answer, author(hub, who), text, knows_findings=True)).id


async def seen(hub: Hub, question: UUID, who: str = "member") -> OpenQuestionEntry:
    """Return a question as somebody sees it."""
    async with unit_of_work(hub.database, writes=False) as unit:
        return await QuestionService(unit).get(question, reader(hub, who))


async def findable(hub: Hub, who: str, *words: str) -> list[UUID]:
    """Let somebody, who is on Matrix, offer help with topics and be found; returns the topics."""
    topics, member = [await topic(hub, word) for word in words], hub.people[who].id
    async with hub.writing() as unit:
        await ProfileService(unit).set_topics(member, Stance.HELPS, topics)
        await ProfileService(unit).set_findable(member, Findable.ON)
        address = f"@{who}:ort.example"
        unit.session.add(ChatIdentity(id=new_id(), network=Network.MATRIX, address=address, member_id=member))
    return topics


async def requested(hub: Hub, who: str = "member", to: str = "neighbour", text: str = WISHED) -> UUID:
    """Let somebody ask somebody for contact, who can be found."""
    topics = await findable(hub, to, "Trinkwasser")
    async with hub.writing() as unit:
        made = await ContactService(unit).ask(author(hub, who), hub.people[to].id, text, topics[0])
    return made.id
