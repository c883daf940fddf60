"""What the network's pages show: open questions with answers, contact requests, a handover, an address for mail."""

from dataclasses import dataclass, field
from uuid import UUID

from knowledge.access.visibility import network_member
from knowledge.contributions.schemas import Author
from knowledge.gaps.states import GapStates
from knowledge.kit.clock import now
from knowledge.kit.ids import new_id
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.members.service import MemberService
from knowledge.models.chat import ChatIdentity, Network
from knowledge.models.contribution import ReportReason
from knowledge.models.document import Document
from knowledge.models.gap import GapQuestion, GapState
from knowledge.models.handover import Handover, HandoverReason, HandoverState
from knowledge.models.mail import MailSubscription
from knowledge.models.member import Findable
from knowledge.models.question import ReleasedAs
from knowledge.models.topic import Stance
from knowledge.peers.contacts import ContactService
from knowledge.peers.profile import ProfileService
from knowledge.questions.schemas import PreparedQuestion, Reader, ReleaseWishes, ReportedKind
from knowledge.questions.service import QuestionService
from knowledge.topics.tree import load_tree

ASKED = "Wer hat seine Radwege mit Sensoren gezählt, und was hat der Rat damit angefangen?"
ANSWER = "Wir zählen seit zwei Jahren an drei Stellen. Der Rat hat danach den Winterdienst umgestellt."
WISH = "Wir wollen den Zustand unserer Straßen erfassen und würden gern von Ihnen hören, wie es lief."
ADDRESS = "member@kleinow.example"


@dataclass
class NetworkStage:
    """What is there; filled by ``build``."""

    topic: UUID | None = None
    questions: dict[str, UUID] = field(default_factory=dict)
    answers: dict[str, UUID] = field(default_factory=dict)
    requests: dict[str, UUID] = field(default_factory=dict)
    mail: dict[str, UUID] = field(default_factory=dict)
    gap: UUID | None = None

    async def build(
        self, unit: UnitOfWork, people: dict[str, UUID], houses: dict[str, UUID], documents: list[UUID]
    ) -> None:
        """Put all of it into a database with people; adds a colleague of another house."""
        people["colleague"] = (await MemberService(unit.session).add("Kollegin Beispiel", "seefeld")).id
        authors = {"member": Author(people["member"], houses["kleinow"])}
        authors["colleague"] = Author(people["colleague"], houses["seefeld"])
        await self._profiles(unit, people)
        await self._questions(unit, authors)
        await self._requests(unit, authors)
        await self._duties(unit, people, houses, documents)

    async def _profiles(self, unit: UnitOfWork, people: dict[str, UUID]) -> None:
        profiles, found = (
            ProfileService(unit),
            (await load_tree(unit.session)).find("Straßenbau und Straßenunterhaltung"),
        )
        assert found is not None
        self.topic = found.id
        for who in ("member", "colleague"):
            await profiles.set_topics(people[who], Stance.HELPS, [found.id])
            await profiles.set_languages(people[who], ["de", "pl"])
            await profiles.set_findable(people[who], Findable.ON)
            address = f"@{who}:chat.example"
            unit.session.add(ChatIdentity(id=new_id(), network=Network.MATRIX, address=address, member_id=people[who]))
        await unit.session.flush()

    async def _questions(self, unit: UnitOfWork, authors: dict[str, Author]) -> None:
        service, asker, helper = QuestionService(unit), authors["member"], authors["colleague"]
        assert self.topic is not None
        wishes = ReleaseWishes(topics=(self.topic,))
        mine = await service.release(asker, PreparedQuestion(ASKED, "de"), wishes)
        asked = await service.release(helper, PreparedQuestion("Wer hat Splitt statt Salz gestreut?", "de"), wishes)
        self.questions = {"mine": mine.id, "asked": asked.id}
        answer = await service.answer(mine.id, helper, ANSWER, answered_as=ReleasedAs.NAME)
        self.answers["received"] = answer.id
        given = await service.answer(asked.id, asker, "Wir, zwei Winter lang. Die Gehwege blieben griffig.")
        self.answers["given"] = given.id
        await service.write(answer.id, asker, "Welche Sensoren sind das?")
        await service.write(answer.id, helper, "Einfache Schläuche quer über den Weg.")
        reader = Reader(asker.member_id, network_member(asker.organisation_id))
        await service.report(reader, ReportedKind.ANSWER, answer.id, ReportReason.WRONG, "Das stimmt so nicht.")
        self.gap = new_id()
        gaps = GapStates(unit.session)
        await gaps.take_in(GapQuestion(gap_id=self.gap, open_question_id=mine.id), None, asked_at=now())
        assert await gaps.settle(self.gap) is GapState.OPEN

    async def _requests(self, unit: UnitOfWork, authors: dict[str, Author]) -> None:
        service, one, other = ContactService(unit), authors["member"], authors["colleague"]
        received = await service.ask(other, one.member_id, WISH, self.topic)
        accepted = await service.ask(one, other.member_id, WISH, self.topic)
        await service.accept(accepted.id, other.member_id)
        self.requests = {"received": received.id, "accepted": accepted.id}

    async def _duties(
        self, unit: UnitOfWork, people: dict[str, UUID], houses: dict[str, UUID], documents: list[UUID]
    ) -> None:
        handover = Handover(id=new_id(), state=HandoverState.OPEN, reason=HandoverReason.LEAVING)
        handover.member_id, handover.organisation_id = people["releaser"], houses["kleinow"]
        unit.session.add(handover)
        await unit.session.flush()
        (await unit.session.get_one(Document, documents[0])).steward_id = people["member"]
        (await unit.session.get_one(Document, documents[1])).handover_id = handover.id
        for number, confirmed in enumerate((now(), None)):
            identity = ChatIdentity(id=new_id(), network=Network.MAIL, address=f"{number}{ADDRESS}")
            identity.member_id = people["member"]
            unit.session.add(identity)
            await unit.session.flush()
            unit.session.add(MailSubscription(identity_id=identity.id, confirmed_at=confirmed))
            self.mail["confirmed" if confirmed else "pending"] = identity.id
