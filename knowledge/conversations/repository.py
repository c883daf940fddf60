"""The statements about exchanges, the messages sent for them, and votes."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.models.answer import Answer, Question
from knowledge.models.chat import Chat, ChatKind, Network
from knowledge.models.conversation import Exchange, SentMessage, Vote
from knowledge.models.message import OutgoingMessage, SendState


class ConversationRepository:
    """Exchanges over one session; whoever opened the session commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, exchange: Exchange) -> None:
        """Take in a new exchange, so that messages can refer to it."""
        self._session.add(exchange)
        await self._session.flush()

    async def is_group(self, chat_id: UUID) -> bool:
        """Whether others read along in a chat."""
        return await self._session.scalar(select(Chat.kind).where(Chat.id == chat_id)) is ChatKind.GROUP

    async def add_question(self, question: Question) -> None:
        """Take in the words of a question that has no answer yet."""
        self._session.add(question)
        await self._session.flush()

    async def get(self, key: UUID) -> Exchange | None:
        """Return an exchange."""
        return await self._session.get(Exchange, key)

    async def by_question(self, chat_id: UUID, event: str) -> Sequence[Exchange]:
        """Return the exchanges about the question of this message, the first one first."""
        statement = select(Exchange).where(Exchange.chat_id == chat_id, Exchange.question_event == event)
        return (await self._session.scalars(statement.order_by(Exchange.created_at))).all()

    async def by_message(self, network: Network, event: str) -> tuple[Exchange, UUID] | None:
        """Return the exchange that a message of the bot belongs to, and the chat that the message stands in."""
        statement = (
            select(Exchange, SentMessage.chat_id)
            .join(SentMessage, SentMessage.exchange_id == Exchange.id)
            .where(SentMessage.network == network, SentMessage.event == event)
        )
        row = (await self._session.execute(statement)).first()
        return (row[0], row[1]) if row else None

    async def latest_in_thread(self, chat_id: UUID, thread: str) -> Exchange | None:
        """Return the latest answered exchange of a thread, or the one whose question the thread began with."""
        statement = (
            select(Exchange)
            .where(Exchange.chat_id == chat_id, or_(Exchange.thread == thread, Exchange.question_event == thread))
            .where(Exchange.answer_id.is_not(None))
            .order_by(Exchange.created_at.desc())
        )
        return await self._session.scalar(statement.limit(1))

    async def latest_in_chat(self, chat_id: UUID, since: datetime) -> Exchange | None:
        """Return the latest exchange that was held in a direct chat, or whose answer was sent there."""
        sent_here = select(SentMessage.exchange_id).where(
            SentMessage.chat_id == chat_id, SentMessage.exchange_id.is_not(None), SentMessage.created_at >= since
        )
        statement = (
            select(Exchange)
            .where(or_(Exchange.chat_id == chat_id, Exchange.id.in_(sent_here)))
            .where(Exchange.created_at >= since, Exchange.answer_id.is_not(None))
            .order_by(Exchange.created_at.desc())
        )
        return await self._session.scalar(statement.limit(1))

    async def question(self, key: UUID | None) -> Question | None:
        """Return the words of a question, unless they were erased."""
        return await self._session.get(Question, key) if key else None

    async def answer(self, key: UUID | None) -> Answer | None:
        """Return the trace of an answer."""
        return await self._session.get(Answer, key) if key else None

    async def sent(self, exchange: UUID) -> Sequence[tuple[SentMessage, Chat]]:
        """Return the messages of an exchange with their chats, in the order in which they were sent."""
        statement = (
            select(SentMessage, Chat)
            .join(Chat, Chat.id == SentMessage.chat_id)
            .where(SentMessage.exchange_id == exchange)
            .order_by(SentMessage.created_at, SentMessage.position)
        )
        return [(row[0], row[1]) for row in (await self._session.execute(statement)).all()]

    async def copies(self, exchange: UUID, question_event: str) -> Sequence[Exchange]:
        """Return the exchanges that answer the same question elsewhere."""
        statement = select(Exchange).where(Exchange.follows_id == exchange, Exchange.question_event == question_event)
        return (await self._session.scalars(statement)).all()

    async def cancel_unsent(self, exchange: UUID) -> None:
        """Keep what waits to be said for an exchange from being said."""
        statement = (
            update(OutgoingMessage)
            .where(OutgoingMessage.exchange_id == exchange, OutgoingMessage.state == SendState.WAITING)
            .values(state=SendState.FAILED, payload=None, error="withdrawn")
        )
        await self._session.execute(statement)

    async def forget_messages(self, exchange: UUID) -> None:
        """Forget which messages belong to an exchange."""
        await self._session.execute(delete(SentMessage).where(SentMessage.exchange_id == exchange))

    async def delete_exchange(self, exchange: Exchange) -> None:
        """Delete an exchange with its messages' rows; its question and answer stay."""
        await self.forget_messages(exchange.id)
        await self._session.delete(exchange)
        await self._session.flush()

    async def delete_words(self, question: UUID | None, answer: UUID | None) -> None:
        """Delete the words of a question and the trace of its answer, with its votes."""
        if answer is not None:
            await self._session.execute(delete(Vote).where(Vote.answer_id == answer))
            await self._session.execute(delete(Answer).where(Answer.id == answer))
        if question is not None:
            await self._session.execute(delete(Question).where(Question.id == question))

    async def vote(self, answer: UUID, voter: str) -> Vote | None:
        """Return what somebody said of an answer."""
        return await self._session.scalar(select(Vote).where(Vote.answer_id == answer, Vote.voter == voter))

    async def add_vote(self, vote: Vote) -> None:
        """Take in a vote."""
        self._session.add(vote)
        await self._session.flush()

    async def delete_vote(self, vote: Vote) -> None:
        """Take a vote back."""
        await self._session.delete(vote)
        await self._session.flush()

    async def count_votes(self, answer: UUID) -> dict[bool, int]:
        """Count the votes on an answer."""
        statement = select(Vote.helpful, func.count()).where(Vote.answer_id == answer).group_by(Vote.helpful)
        return {bool(row[0]): int(row[1]) for row in (await self._session.execute(statement)).all()}

    async def offers_since(self, chat_id: UUID, moment: datetime) -> int:
        """Count the answers that were offered in a chat without being asked for."""
        statement = select(func.count()).where(
            Exchange.chat_id == chat_id, Exchange.answer_id.is_(None), Exchange.created_at >= moment
        )
        return (await self._session.scalar(statement)) or 0

    async def expired(self, moment: datetime, limit: int) -> Sequence[Exchange]:
        """Return exchanges that nobody may come back to any more."""
        statement = select(Exchange).where(Exchange.expires_at < moment).order_by(Exchange.expires_at)
        return (await self._session.scalars(statement.limit(limit))).all()

    async def delete_expired_messages(self, moment: datetime) -> None:
        """Forget messages that nobody may come back to any more."""
        await self._session.execute(delete(SentMessage).where(SentMessage.expires_at < moment))

    async def unlink_voters(self, answer: UUID) -> None:
        """Forget the digests of those who voted on an answer; their votes stay."""
        await self._session.execute(update(Vote).where(Vote.answer_id == answer).values(voter=None))
