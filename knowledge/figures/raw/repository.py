"""The statements that read what sums are made from; what they give is counted and thrown away."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Executable, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.visibility import NETWORK, PUBLIC
from knowledge.figures.schemas import ATTENDED, DAYS, NO, REGISTERED, YES, Seen
from knowledge.library.experiences import SIZES
from knowledge.models.answer import Answer, AnswerDocument
from knowledge.models.certificate import Certificate
from knowledge.models.chat import Chat, ChatIdentity, ChatKind, Network
from knowledge.models.contribution import Attribution, Contribution, ContributionState
from knowledge.models.conversation import Exchange, Vote
from knowledge.models.document import Document
from knowledge.models.lesson import LessonRun
from knowledge.models.member import Member
from knowledge.models.organisation import Organisation, OrganisationKind
from knowledge.models.topic import DocumentTopic
from knowledge.models.training import Registration, RegistrationState, Training, TrainingState

# What everybody in the network may know of: a training of one house is not even counted for others.
SHARED = (PUBLIC, NETWORK)
WAITS = (ContributionState.WAITING, ContributionState.ASKED, ContributionState.POSTPONED)
# What the official register has and had not to give up since.
_IN_REGISTER = (
    Organisation.kind == OrganisationKind.MUNICIPALITY,
    Organisation.register_date.is_not(None),
    Organisation.dissolved_on.is_(None),
    Organisation.unincorporated.is_(False),
)
Pair = tuple[datetime, datetime]


class RawRepository:
    """Rows to count, over one session; from one moment on and before another."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def answers(self, span: Pair) -> list[Seen]:
        """Return what was asked, and by whom as long as the link lives; ``part`` says whether it was answered."""
        statement = (
            select(Answer.id, Answer.created_at, Answer.answered, _asker())
            .outerjoin(Exchange, Exchange.answer_id == Answer.id)
            .outerjoin(ChatIdentity, ChatIdentity.id == Exchange.asker_id)
            .where(_within(Answer.created_at, span))
        )
        return [Seen(row[0], row[1], _said(row[2]), row[3]) for row in await self._rows(statement)]

    async def votes(self, span: Pair) -> list[Seen]:
        """Return what people said of answers.

        In a direct chat it was whoever asked. In a group, different votes on one answer are of different people.
        """
        direct = case((Chat.kind == ChatKind.DIRECT, _asker()), else_=None)
        statement = (
            select(Vote.id, Vote.created_at, Vote.helpful, direct, Vote.answer_id)
            .outerjoin(Exchange, Exchange.answer_id == Vote.answer_id)
            .outerjoin(Chat, Chat.id == Exchange.chat_id)
            .outerjoin(ChatIdentity, ChatIdentity.id == Exchange.asker_id)
            .where(_within(Vote.created_at, span))
        )
        return [Seen(row[0], row[1], _said(row[2]), row[3], together=row[4]) for row in await self._rows(statement)]

    async def topics(self, span: Pair) -> list[Seen]:
        """Return what was asked and answered from the library, by each topic of what was cited; ``part`` names it."""
        statement = (
            select(Answer.id, Answer.created_at, DocumentTopic.topic_id, _asker())
            .join(AnswerDocument, AnswerDocument.answer_id == Answer.id)
            .join(Document, Document.id == AnswerDocument.document_id)
            .join(DocumentTopic, DocumentTopic.document_id == Document.id)
            .outerjoin(Exchange, Exchange.answer_id == Answer.id)
            .outerjoin(ChatIdentity, ChatIdentity.id == Exchange.asker_id)
            .where(_within(Answer.created_at, span), Document.access.in_(SHARED))
        )
        return [Seen(row[0], row[1], str(row[2]), row[3]) for row in await self._rows(statement)]

    async def published(self, span: Pair) -> list[Seen]:
        """Return what was contributed and published, with the days it took; and who decided, as another part.

        The organisation is named only where the document names it.
        """
        decided, by = Contribution.decided_at, Contribution.decided_by
        named = case((Contribution.attribution == Attribution.ORGANISATION, Contribution.organisation_id), else_=None)
        statement = select(
            Contribution.id,
            decided,
            Contribution.member_id,
            by,
            named,
            Contribution.submitted_at,
        ).where(
            _within(decided, span),
            Contribution.submitted_at.is_not(None),
            Contribution.state == ContributionState.PUBLISHED,
        )
        seen = []
        for item, at, author, decider, house, since in await self._rows(statement):
            seen.append(Seen(item, at, DAYS, author, house, value=_days(since, at)))
            seen.append(Seen(item, at, "decided", decider, house))
        return seen

    async def waiting(self, moment: datetime) -> list[Seen]:
        """Return what waited for a decision at a moment, with the days it had waited."""
        decided, state = Contribution.decided_at, Contribution.state
        statement = select(Contribution.id, Contribution.submitted_at, Contribution.member_id).where(
            Contribution.submitted_at < moment,
            or_(state.in_(WAITS), and_(decided >= moment, state != ContributionState.WITHDRAWN)),
        )
        rows = await self._rows(statement)
        return [Seen(item, since, DAYS, author, value=_days(since, moment)) for item, since, author in rows]

    async def trainings(self, span: Pair) -> list[Seen]:
        """Return the trainings that were held."""
        statement = select(Training.id, Training.ends_at).where(*_held(span))
        return [Seen(row[0], row[1]) for row in await self._rows(statement)]

    async def participation(self, span: Pair) -> list[Seen]:
        """Return who was registered for trainings that are over, and who of them took part, as another part."""
        statement = (
            select(Registration.id, Training.ends_at, Registration.member_id, Training.id, Registration.attended)
            .join(Training, Training.id == Registration.training_id)
            .where(*_held(span), Registration.state == RegistrationState.REGISTERED)
        )
        seen = []
        for item, at, member, training, attended in await self._rows(statement):
            seen.append(Seen(item, at, REGISTERED, member, together=training))
            if attended:
                seen.append(Seen(item, at, ATTENDED, member, together=training))
        return seen

    async def certificates(self, span: Pair) -> list[Seen]:
        """Return the certificates that were issued and hold."""
        statement = (
            select(Certificate.id, Certificate.issued_at, Certificate.member_id, Member.organisation_id)
            .outerjoin(Member, Member.id == Certificate.member_id)
            .where(_within(Certificate.issued_at, span), Certificate.revoked_at.is_(None))
        )
        return [Seen(row[0], row[1], person=row[2], organisation=row[3]) for row in await self._rows(statement)]

    async def lessons(self, span: Pair) -> list[Seen]:
        """Return the lessons that were done for the first time."""
        statement = (
            select(
                LessonRun.id,
                LessonRun.done_at,
                func.coalesce(LessonRun.member_id, _asker()),
                Member.organisation_id,
            )
            .outerjoin(ChatIdentity, ChatIdentity.id == LessonRun.identity_id)
            .outerjoin(Member, Member.id == LessonRun.member_id)
            .where(_within(LessonRun.done_at, span))
        )
        return [Seen(row[0], row[1], person=row[2], organisation=row[3]) for row in await self._rows(statement)]

    async def taking_part(self) -> Sequence[tuple[UUID, UUID, int | None, str | None]]:
        """Return member, municipality, its population and state of everybody who works for a municipality."""
        statement = (
            select(Member.id, Organisation.id, Organisation.population, Organisation.state_key)
            .join(Organisation, Organisation.id == Member.organisation_id)
            .where(Member.active.is_(True), Organisation.kind == OrganisationKind.MUNICIPALITY)
        )
        return [(row[0], row[1], row[2], row[3]) for row in await self._rows(statement)]

    async def by_state(self) -> dict[str, int]:
        """Count the municipalities of the official register by Land."""
        statement = select(Organisation.state_key, func.count()).where(*_IN_REGISTER).group_by(Organisation.state_key)
        return {row[0]: row[1] for row in await self._rows(statement) if row[0] is not None}

    async def by_size(self) -> dict[str, int]:
        """Count the municipalities of the official register by the number of their size class."""
        population = Organisation.population
        place = case(*((population <= upper, number) for number, upper in enumerate(SIZES)), else_=len(SIZES))
        # Grouped by its name: PostgreSQL takes the same expression with other parameters for another one.
        statement = select(place.label("place"), func.count()).where(*_IN_REGISTER, population.is_not(None))
        statement = statement.group_by("place")
        return {str(row[0]): row[1] for row in await self._rows(statement)}

    async def _rows(self, statement: Executable) -> Sequence[Any]:
        return (await self._session.execute(statement)).all()


def _days(since: datetime, until: datetime) -> float:
    return (until - since) / timedelta(days=1)


def _asker() -> ColumnElement[UUID]:
    """Who it was: the member, else the chat account; a browser that nobody signed in with may be anybody's."""
    account = case((ChatIdentity.network == Network.WEB, None), else_=ChatIdentity.id)
    return func.coalesce(ChatIdentity.member_id, account)


def _within(column: Any, span: Pair) -> ColumnElement[bool]:
    return and_(column >= span[0], column < span[1])


def _held(span: Pair) -> tuple[ColumnElement[bool], ...]:
    """Trainings that ended within a time, and that everybody may know of."""
    held = Training.state == TrainingState.PUBLISHED
    return _within(Training.ends_at, span), held, Training.access.in_(SHARED)


def _said(yes: bool) -> str:
    return YES if yes else NO
