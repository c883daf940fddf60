"""People who do things that are counted, for tests of figures; everything is made up."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work
from knowledge.models.answer import Answer, AnswerDocument
from knowledge.models.base import Base
from knowledge.models.certificate import Certificate, CertificateKind
from knowledge.models.chat import Chat, ChatIdentity, ChatKind, Network
from knowledge.models.contribution import Contribution, ContributionKind, ContributionState
from knowledge.models.conversation import Exchange, Vote
from knowledge.models.document import Document, Kind, Rights, Status, Visibility
from knowledge.models.lesson import Lesson, LessonRun, LessonVersion
from knowledge.models.member import Member
from knowledge.models.organisation import Organisation, OrganisationKind
from knowledge.models.topic import DocumentTopic, Topic, TopicKind
from knowledge.models.training import Registration, RegistrationState, Training, TrainingState

LINKED = timedelta(days=14)
DAY = timedelta(days=1)


@dataclass(slots=True)
class World:
    """A database and what is put into it; ``write`` puts all that was made since the last time."""

    database: Database
    lesson: UUID = field(default_factory=new_id)
    version: UUID = field(default_factory=new_id)
    _rows: list[Base] = field(default_factory=list)

    def _add(self, *rows: Base) -> None:
        self._rows.extend(rows)

    async def write(self) -> None:
        """Put what was made into the database, in its order."""
        async with unit_of_work(self.database) as unit:
            await self._flush(unit)

    async def _flush(self, unit: UnitOfWork) -> None:
        rows, self._rows = self._rows, []
        kinds = list(dict.fromkeys(type(row) for row in rows))
        for kind in kinds:
            unit.session.add_all([row for row in rows if type(row) is kind])
            await unit.session.flush()

    def house(self, name: str, population: int | None = 4_000, state: str = "12", **more: object) -> UUID:
        """Make a municipality."""
        key, kind = new_id(), OrganisationKind.MUNICIPALITY
        values = {"name": name, "search_name": name.casefold(), "population": population, "state_key": state, **more}
        self._add(Organisation(id=key, key=f"ort-{name}".casefold(), kind=kind, **values))
        return key

    def member(self, house: UUID | None = None) -> UUID:
        """Make a member."""
        key = new_id()
        self._add(Member(id=key, name="Kim Beispiel", search_name="kim beispiel", organisation_id=house))
        return key

    def person(self, member: UUID | None = None, network: Network = Network.MATRIX) -> tuple[UUID, UUID]:
        """Make a chat account and its direct chat; returns both."""
        identity, chat = new_id(), new_id()
        self._add(ChatIdentity(id=identity, network=network, address=f"@{identity}", member_id=member))
        self._add(Chat(id=chat, network=network, address=f"!{chat}", kind=ChatKind.DIRECT, identity_id=identity))
        return identity, chat

    def group(self) -> UUID:
        """Make a group."""
        key = new_id()
        self._add(Chat(id=key, network=Network.MATRIX, address=f"!{key}", kind=ChatKind.GROUP))
        return key

    def ask(
        self,
        at: datetime,
        who: tuple[UUID, UUID] | None = None,
        *,
        answered: bool = True,
        helped: bool | None = None,
        document: UUID | None = None,
    ) -> UUID:
        """Let somebody ask; without ``who``, nobody can say who it was."""
        key = new_id()
        self._add(Answer(id=key, answered=answered, confidence=0.5, trace={}, created_at=at))
        if document is not None:
            self._add(AnswerDocument(answer_id=key, document_id=document))
        if who is not None:
            identity, chat = who
            times = {"created_at": at, "expires_at": at + LINKED}
            self._add(
                Exchange(id=new_id(), chat_id=chat, question_event=f"${key}", asker_id=identity, answer_id=key, **times)
            )
        if helped is not None:
            self._add(Vote(id=new_id(), answer_id=key, helpful=helped, created_at=at))
        return key

    def vote(self, answer: UUID, at: datetime, *, helped: bool = True) -> None:
        """Let somebody in a group say whether an answer helped."""
        self._add(Vote(id=new_id(), answer_id=answer, voter=new_id().hex, helpful=helped, created_at=at))

    def shared(self, at: datetime, chat: UUID, *, answered: bool = True) -> UUID:
        """Let a question be asked in a group, by somebody of whom nothing is known any more."""
        key = self.ask(at, answered=answered)
        times = {"created_at": at, "expires_at": at + LINKED}
        self._add(Exchange(id=new_id(), chat_id=chat, question_event=f"${key}", answer_id=key, **times))
        return key

    def topic(self, name: str, above: UUID | None = None) -> UUID:
        """Make a topic."""
        key = new_id()
        self._add(Topic(id=key, key=name, kind=TopicKind.FIELD, name_de=name, name_en=name, parent_id=above))
        return key

    def document(self, at: datetime, *topics: UUID, access: str = "network") -> UUID:
        """Make a document about topics."""
        key = new_id()
        values = {"kind": Kind.EXPERIENCE, "rights": Rights.FULL, "status": Status.PUBLISHED, "access": access}
        times = {"created_at": at, "updated_at": at}
        visibility = Visibility.PUBLIC if access == "public" else Visibility.NETWORK
        self._add(
            Document(
                id=key, source=str(key), title="Beispiel", visibility=visibility, added_by="test", **values, **times
            )
        )
        for topic in topics:
            self._add(DocumentTopic(document_id=key, topic_id=topic))
        return key

    def contribute(self, sent: datetime, by: UUID | None, decided: datetime | None = None, **more: object) -> UUID:
        """Let somebody contribute; ``decided`` is when it was published. ``more``: other columns."""
        key = new_id()
        state = ContributionState.WAITING if decided is None else ContributionState.PUBLISHED
        times = {"submitted_at": sent, "decided_at": decided, "created_at": sent}
        values = {"kind": ContributionKind.EXPERIENCE, "state": state, "member_id": by, **times, **more}
        self._add(Contribution(id=key, **values))
        return key

    def training(self, ends: datetime, access: str = "network") -> UUID:
        """Make a training that was held."""
        key = new_id()
        times = {"starts_at": ends - timedelta(hours=3), "ends_at": ends}
        self._add(Training(id=key, title="Beispiel", access=access, state=TrainingState.PUBLISHED, **times))
        return key

    def register(self, training: UUID, member: UUID | None, number: int, *, came: bool | None = True) -> None:
        """Register somebody for a training."""
        state = RegistrationState.REGISTERED
        self._add(
            Registration(id=new_id(), training_id=training, member_id=member, state=state, number=number, attended=came)
        )

    def certify(self, at: datetime, member: UUID | None) -> None:
        """Give somebody a certificate."""
        words = {"name": "", "title": "Beispiel", "learned": "", "publisher": "", "minutes": 60}
        key = new_id()
        self._add(
            Certificate(
                id=key,
                kind=CertificateKind.TRAINING,
                member_id=member,
                completed_on=at.date(),
                code_digest=key.hex,
                issued_at=at,
                **words,
            )
        )

    def some_lesson(self) -> UUID:
        """Make another lesson with a version; what is learned next is learned in it."""
        self.lesson, self.version = new_id(), new_id()
        self._add(Lesson(id=self.lesson, key=self.lesson.hex, access="public", visibility=Visibility.PUBLIC))
        self._add(
            LessonVersion(id=self.version, lesson_id=self.lesson, number=1, title="Beispiel", source="", steps=[])
        )
        return self.lesson

    def learn(self, at: datetime, member: UUID) -> None:
        """Let somebody complete the lesson."""
        row = {"lesson_id": self.lesson, "version_id": self.version, "done_at": at, "active": False}
        self._add(LessonRun(id=new_id(), member_id=member, started_at=at, **row))
