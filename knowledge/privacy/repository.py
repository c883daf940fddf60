"""The statements about one person: what is kept, and erasing it."""

from collections.abc import Collection, Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Column, ColumnElement, FromClause, Table, delete, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from knowledge.chats.outbox import UNMADE
from knowledge.kit.clock import now
from knowledge.members.jobs import SEND_CODE
from knowledge.models.answer import Answer, Question
from knowledge.models.base import Base
from knowledge.models.chat import Chat, ChatIdentity, ChatKind, Circle, Network
from knowledge.models.conversation import Dialogue, Exchange, Vote, Watch
from knowledge.models.erasure import Erasure
from knowledge.models.invitation import Invitation
from knowledge.models.job import Job
from knowledge.models.mail import MailSubscription
from knowledge.models.member import Member
from knowledge.models.message import Cursor, IncomingEvent, OutgoingMessage, SendState
from knowledge.models.organisation import Organisation
from knowledge.privacy.schemas import ErasureRecord

# A question with where it was asked, its words and its answer, as far as they are there.
ExchangeRow = tuple[Exchange, Chat, Question | None, Answer | None]


class PersonRepository:
    """What is kept about people, over one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def identity(self, key: UUID) -> ChatIdentity | None:
        """Return somebody on a network."""
        return await self._session.get(ChatIdentity, key)

    async def identities_of(self, member_id: UUID) -> Sequence[ChatIdentity]:
        """Return a member's addresses on all networks."""
        statement = select(ChatIdentity).where(ChatIdentity.member_id == member_id)
        return (await self._session.scalars(statement.order_by(ChatIdentity.created_at, ChatIdentity.id))).all()

    async def mail_wishes(self, identity_id: UUID) -> MailSubscription | None:
        """Return what is wanted at an e-mail address."""
        return await self._session.get(MailSubscription, identity_id)

    async def all_addresses(self) -> Sequence[tuple[UUID, Network, str, Any]]:
        """Return everybody with address and the moment since when they are known."""
        statement = select(ChatIdentity.id, ChatIdentity.network, ChatIdentity.address, ChatIdentity.created_at)
        return [(row[0], row[1], row[2], row[3]) for row in (await self._session.execute(statement)).all()]

    async def all_members(self) -> Sequence[UUID]:
        """Return the identifiers of all members."""
        return (await self._session.scalars(select(Member.id))).all()

    async def member(self, key: UUID) -> Member | None:
        """Return a member."""
        return await self._session.get(Member, key)

    async def organisation_name(self, key: UUID | None) -> str | None:
        """Return the name of an organisation."""
        return await self._session.scalar(select(Organisation.name).where(Organisation.id == key)) if key else None

    async def vouched_circles(self, member_id: UUID) -> Sequence[str]:
        """Return the names of the circles that a member vouches for."""
        return (await self._session.scalars(select(Circle.name).where(Circle.vouched_by == member_id))).all()

    async def direct_chats(self, identities: Collection[UUID]) -> Sequence[Chat]:
        """Return the direct chats of some identities."""
        statement = select(Chat).where(Chat.identity_id.in_(identities), Chat.kind == ChatKind.DIRECT)
        return (await self._session.scalars(statement.order_by(Chat.created_at.desc()))).all()

    async def exchanges(self, identities: Collection[UUID]) -> Sequence[ExchangeRow]:
        """Return the exchanges that link to the identities, with chat, words and answer."""
        statement = (
            select(Exchange, Chat, Question, Answer)
            .join(Chat, Chat.id == Exchange.chat_id)
            .outerjoin(Question, Question.id == Exchange.question_id)
            .outerjoin(Answer, Answer.id == Exchange.answer_id)
            .where(_asked_by(identities))
            .order_by(Exchange.created_at, Exchange.id)
        )
        return [(row[0], row[1], row[2], row[3]) for row in (await self._session.execute(statement)).all()]

    async def salted(self) -> Sequence[tuple[UUID, str]]:
        """Return answers with the salt that makes their voters unrecognisable, as long as there is one."""
        statement = select(Exchange.answer_id, Exchange.vote_salt).where(
            Exchange.vote_salt.is_not(None), exists().where(Vote.answer_id == Exchange.answer_id)
        )
        rows = (await self._session.execute(statement)).all()
        return [(answer, salt) for answer, salt in rows if answer is not None and salt is not None]

    async def vote(self, answer: UUID, voter: str) -> bool | None:
        """Return what a voter said of an answer."""
        return await self._session.scalar(select(Vote.helpful).where(Vote.answer_id == answer, Vote.voter == voter))

    async def watches(self, identities: Collection[UUID]) -> Sequence[tuple[Watch, Question]]:
        """Return what the identities want to hear about."""
        statement = (
            select(Watch, Question)
            .join(Question, Question.id == Watch.question_id)
            .where(Watch.identity_id.in_(identities))
            .order_by(Watch.created_at, Watch.id)
        )
        return [(row[0], row[1]) for row in (await self._session.execute(statement)).all()]

    async def dialogues(self, identities: Collection[UUID]) -> Sequence[Dialogue]:
        """Return the identities' dialogues and drafts."""
        statement = select(Dialogue).where(Dialogue.identity_id.in_(identities)).order_by(Dialogue.updated_at)
        return (await self._session.scalars(statement)).all()

    async def invitations(self, identities: Collection[UUID], member: Member | None) -> Sequence[Invitation]:
        """Return the codes that were made for the identities or the member, also the one that made the member."""
        statement = select(Invitation).where(_made_for(identities, member)).order_by(Invitation.created_at)
        return (await self._session.scalars(statement)).all()

    async def waiting_to_be_handled(self, network: Network) -> Sequence[IncomingEvent]:
        """Return the events of a network that wait, oldest first."""
        statement = select(IncomingEvent).where(
            IncomingEvent.network == network, IncomingEvent.handled_at.is_(None), IncomingEvent.payload.is_not(None)
        )
        return (await self._session.scalars(statement.order_by(IncomingEvent.id))).all()

    async def waiting_to_be_sent(self, identities: Collection[UUID]) -> Sequence[OutgoingMessage]:
        """Return what waits for the identities' direct chats, or answers them elsewhere."""
        statement = select(OutgoingMessage).where(
            OutgoingMessage.state == SendState.WAITING, await self._meant_for(identities)
        )
        return (await self._session.scalars(statement.order_by(OutgoingMessage.id))).all()

    async def _meant_for(self, identities: Collection[UUID]) -> ColumnElement[bool]:
        chats = [(chat.network, chat.address) for chat in await self.direct_chats(identities)]
        mine = select(Exchange.id).where(_asked_by(identities)).scalar_subquery()
        return or_(
            OutgoingMessage.exchange_id.in_(mine),
            OutgoingMessage.chat.in_([f"{UNMADE}{key.hex}" for key in identities]),
            *((OutgoingMessage.network == network) & (OutgoingMessage.chat == chat) for network, chat in chats),
        )


class EraseRepository(PersonRepository):
    """Erasing people, over one session; whoever opened it commits."""

    async def delete_messages(self, identities: Collection[UUID]) -> None:
        """Delete what was said to the identities, or waits to be said, with the note that it was sent."""
        await self._session.execute(delete(OutgoingMessage).where(await self._meant_for(identities)))

    async def delete_event_notes(self, network: Network, chats: Collection[str]) -> None:
        """Delete the notes of handled events whose identifiers begin with a direct chat's address."""
        for chat in chats:
            inside = IncomingEvent.event.startswith(f"{chat}/", autoescape=True)
            handled = IncomingEvent.handled_at.is_not(None)
            await self._session.execute(delete(IncomingEvent).where(IncomingEvent.network == network, inside, handled))

    async def close_events(self, keys: Collection[int]) -> None:
        """Take the content out of events that wait, and leave them as handled."""
        closed = update(IncomingEvent).where(IncomingEvent.id.in_(keys))
        await self._session.execute(closed.values(payload=None, handled_at=now()))

    async def unlink_vote(self, answer: UUID, voter: str) -> None:
        """Keep a vote without whoever gave it."""
        mine = update(Vote).where(Vote.answer_id == answer, Vote.voter == voter)
        await self._session.execute(mine.values(voter=None))

    async def delete_questions(self, identities: Collection[UUID]) -> None:
        """Delete the words of what the identities asked, also where others took them up, and exchanges and watches.

        Where somebody else waits for an answer to the same words, those stay.
        """
        exchanges = (await self._session.scalars(select(Exchange.id).where(_asked_by(identities)))).all()
        asked = select(Exchange.question_id).where(
            or_(Exchange.id.in_(exchanges), Exchange.follows_id.in_(exchanges) & _same_question())
        )
        watched = select(Watch.question_id).where(Watch.identity_id.in_(identities))
        questions = set((await self._session.scalars(asked.union(watched))).all()) - {None}
        await self._delete(Watch.__table__, Watch.identity_id.in_(identities))
        await self._delete(Exchange.__table__, Exchange.id.in_(exchanges))
        awaited = exists().where(Watch.question_id == Question.id)
        unwanted = select(Question.id).where(Question.id.in_(questions), ~awaited)
        gone = (await self._session.scalars(unwanted)).all()
        await self._delete(Question.__table__, Question.id.in_(gone))

    async def delete_people(self, identities: Collection[UUID]) -> None:
        """Delete identities with their direct chats, drafts, and all that hangs on these."""
        await self._delete(Chat.__table__, Chat.identity_id.in_(identities))
        await self._delete(ChatIdentity.__table__, ChatIdentity.id.in_(identities))

    async def delete_invitations(self, identities: Collection[UUID], member: Member | None) -> None:
        """Delete the codes that were made for the identities or the member, and the mails that wait with them."""
        codes = (await self._session.scalars(select(Invitation.id).where(_made_for(identities, member)))).all()
        waiting = (Job.kind == SEND_CODE) & Job.key.in_([str(code) for code in codes])
        await self._session.execute(delete(Job).where(waiting))
        await self._delete(Invitation.__table__, Invitation.id.in_(codes))

    async def delete_member(self, member: Member) -> None:
        """Delete a member; what others decided or wrote refers to nobody from then on."""
        await self._delete(Member.__table__, Member.id == member.id)

    async def delete_rows(self, column: InstrumentedAttribute[Any], value: UUID) -> None:
        """Delete the rows with a value in a column, and do to those that refer to them what the tables say."""
        await self._delete(column.class_.__table__, column == value)

    async def _delete(self, table: FromClause, condition: ColumnElement[bool]) -> None:
        """Delete rows, and do to those that refer to them what the tables say.

        The database does so by itself, but not within a restore: there, SQLite looks at references at the end only.
        """
        for child in Base.metadata.tables.values():
            for column in child.columns:
                for reference in column.foreign_keys:
                    if reference.column.table is table:
                        dependent = column.in_(select(reference.column).where(condition))
                        await self._cut(child, column, dependent, reference.ondelete)
        await self._session.execute(delete(cast(Table, table)).where(condition))

    async def _cut(self, child: Table, column: Column[Any], dependent: ColumnElement[bool], rule: str | None) -> None:
        if rule == "CASCADE":
            await self._delete(child, dependent)
        elif rule == "SET NULL":
            await self._session.execute(update(child).where(dependent).values({column.name: None}))

    async def forget_traffic(self) -> None:
        """Forget events and messages that wait, and how far the networks' events were read.

        In a restored backup they are old and were dealt with since; reading the networks from there on again would
        bring back what was written meanwhile, also by people who were erased.
        """
        await self._session.execute(delete(Cursor))
        closed = update(IncomingEvent).where(IncomingEvent.handled_at.is_(None))
        await self._session.execute(closed.values(payload=None, handled_at=now()))
        await self._session.execute(delete(OutgoingMessage).where(OutgoingMessage.state == SendState.WAITING))

    async def records(self) -> Sequence[ErasureRecord]:
        """Return who was erased, without who, oldest first."""
        rows = (await self._session.scalars(select(Erasure).order_by(Erasure.erased_at, Erasure.digest))).all()
        return [ErasureRecord(row.digest, row.key, row.erased_at) for row in rows]

    async def keep_records(self, records: Collection[ErasureRecord]) -> None:
        """Keep records; one that is known gets its latest moment."""
        for record in records:
            known = await self._session.get(Erasure, record.digest)
            if known is None:
                self._session.add(Erasure(digest=record.digest, key=record.key, erased_at=record.erased_at))
            elif known.erased_at < record.erased_at:
                known.erased_at = record.erased_at
        await self._session.flush()


def _asked_by(identities: Collection[UUID]) -> ColumnElement[bool]:
    """What somebody asked, and all of their direct chats, whose other side is always them."""
    chats = select(Chat.id).where(Chat.identity_id.in_(identities))
    return or_(Exchange.asker_id.in_(identities), Exchange.chat_id.in_(chats.scalar_subquery()))


def _same_question() -> ColumnElement[bool]:
    """What answers elsewhere the very message that another exchange is about."""
    before = aliased(Exchange)
    return exists().where(before.id == Exchange.follows_id, before.question_event == Exchange.question_event)


def _made_for(identities: Collection[UUID], member: Member | None) -> ColumnElement[bool]:
    mine = Invitation.identity_id.in_(identities)
    if member is None:
        return mine
    # A used code knows its member by the name alone.
    used = Invitation.used_at.is_not(None) & (Invitation.name == member.name)
    return or_(mine, Invitation.member_id == member.id, used)
