"""What stories about open questions need besides the chat: people of several municipalities, and what they offer."""

from sqlalchemy import select

from knowledge.circles.service import CircleService
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work
from knowledge.members.invitations import InvitationService
from knowledge.models.chat import Chat, ChatKind, Circle
from knowledge.models.member import Findable, Member, Role
from knowledge.models.topic import MemberTopic, Stance, Topic, TopicKind, TopicWord
from knowledge.organisations.schemas import NewOrganisation
from knowledge.organisations.service import OrganisationService
from knowledge.topics.tree import load_tree
from knowledge.topics.words import fold_topic

# Who comes from where: the first name is what stories call their code by.
PEOPLE = {
    "asker": ("Anna Ahorn", "Musterau"),
    "colleague": ("Ben Birke", "Lindenau"),
    "next": ("Cleo Distel", "Altdorf"),
    "publisher": ("Petra Pappel", "Kompetenzzentrum"),
}
ROLES = {"publisher": Role.PUBLISHER}


async def invite_people(database_url: str) -> dict[str, str]:
    """Make a code for each of the people, and return the codes."""
    database = Database(database_url)
    try:
        async with unit_of_work(database) as unit:
            return {code: await _invite(unit, code, *person) for code, person in PEOPLE.items()}
    finally:
        await database.close()


async def _invite(unit: UnitOfWork, code: str, name: str, house: str) -> str:
    made = await OrganisationService(unit.session).add(NewOrganisation(name=house, state="BB"))
    role = ROLES.get(code, Role.MEMBER)
    return (await InvitationService(unit.session).invite(role, organisation_key=made.key, name=name)).code


async def offer_help(database: Database, name: str, word: str) -> None:
    """Let somebody say that they help with a topic, which is made where there is none."""
    async with unit_of_work(database) as unit:
        member = await unit.session.scalar(select(Member).where(Member.name == name))
        assert member is not None, f"{name} does not belong"
        member.findable = Findable.ON
        topic = await _topic(unit, word)
        unit.session.add(MemberTopic(member_id=member.id, topic_id=topic, stance=Stance.HELPS))


async def _topic(unit: UnitOfWork, word: str) -> object:
    known = (await load_tree(unit.session)).find(word)
    if known is not None:
        return known.id
    topic = Topic(id=new_id(), key=f"test.{fold_topic(word)}", kind=TopicKind.FIELD, name_de=word, name_en=word)
    unit.session.add(topic)
    await unit.session.flush()
    unit.session.add(TopicWord(id=new_id(), topic_id=topic.id, word=word, folded=fold_topic(word)))
    return topic.id


async def make_circle(database: Database, word: str) -> None:
    """Let the group belong to a circle with a topic, whose people a moderator vouches for."""
    async with unit_of_work(database) as unit:
        await _topic(unit, word)
        made = await CircleService(unit.session).add(f"Kreis {word}")
        circle = await unit.session.get(Circle, made.id)
        group = await unit.session.scalar(select(Chat).where(Chat.kind == ChatKind.GROUP))
        assert circle is not None
        assert group is not None, "there is no group yet"
        circle.chat_id, circle.topics, circle.language = group.id, [word], "en"
        circle.vouched_at = circle.created_at
