"""Exchanges: keeping what a conversation needs to go on, for as long as somebody may come back to it, and votes."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.conversations.repository import ConversationRepository
from knowledge.conversations.schemas import Anchor, ExchangeEntry, SentEntry, Votes
from knowledge.gaps.jobs import look_at_gaps_again
from knowledge.kit.clock import now
from knowledge.kit.ids import new_id
from knowledge.kit.language import current_language
from knowledge.library.answers.followups import Before
from knowledge.library.answers.schemas import PreparedAnswer
from knowledge.library.answers.traces import keep_answer
from knowledge.models.answer import Answer, Question
from knowledge.models.chat import Chat, Network
from knowledge.models.conversation import Exchange, SentMessage, Vote
from knowledge.watches.repository import WatchRepository

# In a direct chat the next question may go on from the last one within this time; in a thread, as long as it lives.
GOES_ON_WITHIN = timedelta(hours=1)
# Follow-ups of follow-ups are read together up to so many questions back.
LONGEST_CHAIN = 4
# An answer that nobody asked for may be fetched this long.
OFFER_LASTS = timedelta(days=1)
# Private words: 16 bytes of the exchange's key and 16 of its digest, so that nobody can guess one.
WORD_MARK, WORD_BYTES = "p-", 32
EXPIRED_TOGETHER = 500


class ConversationService:
    """Exchanges within one transaction of the caller's."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self.repository = ConversationRepository(session)

    async def keep(
        self,
        prepared: PreparedAnswer,
        anchor: Anchor,
        *,
        asker_id: UUID | None,
        days: int,
        follows_id: UUID | None = None,
    ) -> ExchangeEntry:
        """Keep an answer and the exchange by which its asker can come back to it for ``days``."""
        await keep_answer(self._session, prepared, shared=await self.repository.is_group(anchor.chat_id))
        await self._session.flush()
        return await self._add(
            anchor,
            timedelta(days=days),
            asker_id=asker_id,
            question_id=prepared.question_id,
            answer_id=prepared.answer_id,
            follows_id=follows_id,
        )

    async def offer(self, question: str, anchor: Anchor) -> ExchangeEntry:
        """Keep the words of a question whose answer is offered, for a day at most and without the person."""
        words = Question(id=new_id(), text=question, language=current_language(), created_at=now())
        await self.repository.add_question(words)
        return await self._add(anchor, OFFER_LASTS, question_id=words.id)

    async def _add(self, anchor: Anchor, lasts: timedelta, **links: UUID | None) -> ExchangeEntry:
        moment = now()
        exchange = Exchange(
            id=new_id(),
            chat_id=anchor.chat_id,
            thread=anchor.thread,
            question_event=anchor.question_event,
            vote_salt=secrets.token_hex(32),
            created_at=moment,
            expires_at=moment + lasts,
            **links,
        )
        await self.repository.add(exchange)
        return _entry(exchange)

    async def take_offer(self, exchange: ExchangeEntry) -> None:
        """Erase the words that were kept for an offer; that there was one stays known for the limit per hour."""
        await self.repository.delete_words(exchange.question_id, None)

    async def offers_since(self, chat_id: UUID, moment: datetime) -> int:
        """Count the answers that were offered in a chat since ``moment``."""
        return await self.repository.offers_since(chat_id, moment)

    async def get(self, key: UUID) -> ExchangeEntry | None:
        """Return an exchange that people may still come back to."""
        return _live(await self.repository.get(key))

    async def about_question(self, chat_id: UUID, event: str) -> list[ExchangeEntry]:
        """Return the exchanges about the question of a message, the first one first."""
        return [_entry(row) for row in await self.repository.by_question(chat_id, event) if _is_live(row)]

    async def question_text(self, exchange: ExchangeEntry) -> str | None:
        """Return the words of the question, unless they were erased."""
        question = await self.repository.question(exchange.question_id)
        return question.text if question else None

    async def answer(self, exchange: ExchangeEntry) -> Answer | None:
        """Return the trace of the answer."""
        return await self.repository.answer(exchange.answer_id)

    async def sent(self, exchange: UUID) -> list[SentEntry]:
        """Return the bot's messages of an exchange, in order; parts of one message have the same number."""
        entries: list[SentEntry] = []
        number = -1
        for message, chat in await self.repository.sent(exchange):
            number += message.position == 0 or number < 0
            entries.append(_sent(message, chat, number))
        return entries

    async def came_before(
        self, chat_id: UUID, *, thread: str | None, is_direct: bool, replied_to: str | None = None, network: Network
    ) -> tuple[ExchangeEntry, Before] | None:
        """Return the exchange that a new question here may go on from, and what was asked and cited in it.

        ``replied_to`` is the event that the new message replies to. In a group without thread or reply there is none.
        """
        exchange = await self._before(chat_id, thread, is_direct=is_direct, replied_to=replied_to, network=network)
        if exchange is None or not _is_live(exchange):
            return None
        before = await self._read(exchange)
        return (_entry(exchange), before) if before else None

    async def read_before(self, exchange: ExchangeEntry) -> Before | None:
        """Return what the question of an exchange went on from, where it did."""
        current = await self.repository.get(exchange.id)
        for _step in range(LONGEST_CHAIN):
            follows = await self.repository.get(current.follows_id) if current and current.follows_id else None
            if follows is None:
                return None
            if follows.question_event != exchange.anchor.question_event:
                return await self._read(follows)
            current = follows
        return None

    async def _before(
        self, chat_id: UUID, thread: str | None, *, is_direct: bool, replied_to: str | None, network: Network
    ) -> Exchange | None:
        if replied_to:
            found = await self.repository.by_message(network, replied_to)
            if found and found[1] == chat_id:
                return found[0]
            if asked := await self.repository.by_question(chat_id, replied_to):
                return asked[-1]
        if thread:
            return await self.repository.latest_in_thread(chat_id, thread)
        if is_direct:
            return await self.repository.latest_in_chat(chat_id, now() - GOES_ON_WITHIN)
        return None

    async def _read(self, exchange: Exchange) -> Before | None:
        """Return the questions of an exchange and of those that it follows, and what the last answer cited."""
        texts: list[str] = []
        documents: frozenset[UUID] = frozenset()
        current: Exchange | None = exchange
        for _step in range(LONGEST_CHAIN):
            if current is None:
                break
            question = await self.repository.question(current.question_id)
            if question is not None and question.text not in texts:
                texts.append(question.text)
            documents = documents or _cited(await self.repository.answer(current.answer_id))
            current = await self.repository.get(current.follows_id) if current.follows_id else None
        return Before(tuple(texts), documents) if texts else None

    async def correct(self, exchange: ExchangeEntry, prepared: PreparedAnswer) -> ExchangeEntry:
        """Put a new question and answer in the place of the old ones, which are erased with their votes."""
        row = await self.repository.get(exchange.id)
        if row is None:
            return exchange  # it was taken back meanwhile
        await keep_answer(self._session, prepared)
        await self._session.flush()
        row.question_id, row.answer_id = prepared.question_id, prepared.answer_id
        await self._session.flush()
        if exchange.question_id and not prepared.reply.answered:
            await WatchRepository(self._session).move(exchange.question_id, prepared.question_id)
        await self._forget_copied_words(exchange)
        await self.repository.delete_words(exchange.question_id, exchange.answer_id)
        await look_at_gaps_again(self._session)
        await self.repository.cancel_unsent(exchange.id)
        return _entry(row)

    async def erase(self, exchange: ExchangeEntry) -> None:
        """Erase an exchange: the question's words, the trace, votes, watches, and the words of its copies."""
        row = await self.repository.get(exchange.id)
        if row is None:
            return
        await self._forget_copied_words(exchange)
        await self.repository.cancel_unsent(row.id)
        await self.repository.delete_exchange(row)
        await self.repository.delete_words(exchange.question_id, exchange.answer_id)
        await look_at_gaps_again(self._session)

    async def _forget_copied_words(self, exchange: ExchangeEntry) -> None:
        """Erase the words of a question where it was answered once more for somebody in private."""
        for copy in await self.repository.copies(exchange.id, exchange.anchor.question_event):
            await self.repository.delete_words(copy.question_id, None)

    async def is_copied(self, exchange: ExchangeEntry) -> bool:
        """Whether the same question was answered again from this exchange, in private or for the group."""
        return bool(await self.repository.copies(exchange.id, exchange.anchor.question_event))

    async def vote(self, exchange: ExchangeEntry, identity: UUID, *, helpful: bool) -> bool:
        """Note whether an answer helped somebody, or that they changed their mind; returns whether anything changed."""
        voter = _voter(exchange, identity)
        if voter is None or exchange.answer_id is None:
            return False
        vote = await self.repository.vote(exchange.answer_id, voter)
        if vote is None:
            await self.repository.add_vote(
                Vote(id=new_id(), answer_id=exchange.answer_id, voter=voter, helpful=helpful, created_at=now())
            )
            return True
        changed = vote.helpful is not helpful
        vote.helpful = helpful
        await self._session.flush()
        return changed

    async def take_vote_back(self, exchange: ExchangeEntry, identity: UUID, *, helpful: bool) -> None:
        """Forget what somebody said of an answer, unless they have said the opposite since."""
        voter = _voter(exchange, identity)
        vote = await self.repository.vote(exchange.answer_id, voter) if voter and exchange.answer_id else None
        if vote is not None and vote.helpful is helpful:
            await self.repository.delete_vote(vote)

    async def votes(self, exchange: ExchangeEntry) -> Votes:
        """Count the votes on an exchange's answer."""
        counts = await self.repository.count_votes(exchange.answer_id) if exchange.answer_id else {}
        return Votes(counts.get(True, 0), counts.get(False, 0))

    async def by_word(self, word: str) -> ExchangeEntry | None:
        """Return the exchange that a private word stands for, while it lives."""
        key = _key_of(word)
        exchange = await self.get(key) if key else None
        expected = private_word(exchange) if exchange else None
        return exchange if expected and hmac.compare_digest(expected, word) else None

    async def expire(self) -> int:
        """Erase exchanges and messages' rows that nobody may come back to any more; returns how many exchanges.

        The words of offers that nobody took go with them.
        """
        moment = now()
        expired: Sequence[Exchange] = await self.repository.expired(moment, EXPIRED_TOGETHER)
        for exchange in expired:
            if exchange.answer_id is None:
                await self.repository.delete_words(exchange.question_id, None)
            else:
                await self.repository.unlink_voters(exchange.answer_id)
            await self.repository.delete_exchange(exchange)
        await self.repository.delete_expired_messages(moment)
        return len(expired)


def private_word(exchange: ExchangeEntry) -> str | None:
    """Return the word that brings an answer to the direct chat of whoever says it; it dies with the exchange."""
    if exchange.vote_salt is None:
        return None
    mark = hmac.new(exchange.vote_salt.encode(), b"private" + exchange.id.bytes, hashlib.sha256).digest()[:16]
    return WORD_MARK + base64.urlsafe_b64encode(exchange.id.bytes + mark).decode().rstrip("=")


def _key_of(word: str) -> UUID | None:
    if not word.isascii() or not word.startswith(WORD_MARK):
        return None
    try:
        values = base64.b64decode(f"{word.removeprefix(WORD_MARK)}=", altchars=b"-_", validate=True)
    except ValueError:
        return None
    return UUID(bytes=values[:16]) if len(values) == WORD_BYTES else None


def _voter(exchange: ExchangeEntry, identity: UUID) -> str | None:
    if exchange.vote_salt is None:
        return None
    return hmac.new(exchange.vote_salt.encode(), identity.bytes, hashlib.sha256).hexdigest()


def _cited(answer: Answer | None) -> frozenset[UUID]:
    if answer is None or not answer.answered:
        return frozenset()
    return frozenset(UUID(item["document"]) for item in answer.trace.get("shown", ()))


def _is_live(exchange: Exchange) -> bool:
    return exchange.expires_at > now()


def _live(exchange: Exchange | None) -> ExchangeEntry | None:
    return _entry(exchange) if exchange is not None and _is_live(exchange) else None


def _entry(row: Exchange) -> ExchangeEntry:
    return ExchangeEntry(
        id=row.id,
        anchor=Anchor(row.chat_id, row.thread, row.question_event),
        asker_id=row.asker_id,
        question_id=row.question_id,
        answer_id=row.answer_id,
        follows_id=row.follows_id,
        vote_salt=row.vote_salt,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )


def _sent(message: SentMessage, chat: Chat, number: int) -> SentEntry:
    return SentEntry(
        event=message.event,
        network=message.network,
        chat_id=chat.id,
        chat=chat.address,
        kind=chat.kind,
        number=number,
        choices=tuple((key, emoji) for key, emoji in message.choices),
    )
