"""Exchanges, votes and private words on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.chats.service import ChatService
from knowledge.conversations.schemas import Anchor, ExchangeEntry, Votes
from knowledge.conversations.service import ConversationService, private_word
from knowledge.kit.clock import now, use_clock
from knowledge.library.answers.followups import Before
from knowledge.library.answers.schemas import PreparedAnswer, Reply
from knowledge.models.answer import Answer, Question
from knowledge.models.chat import ChatKind, Network
from knowledge.models.conversation import Exchange, SentMessage, Vote
from knowledge.models.message import OutgoingMessage, SendState

DOCUMENT = uuid4()


def prepared(question: str, *, cites: UUID | None = DOCUMENT) -> PreparedAnswer:
    """Return an answer to keep."""
    shown = [{"document": str(cites)}] if cites else []
    reply = Reply(bool(cites), 0.9, "", [], [], answer_id="", took_ms=1.0, hints=[])
    return PreparedAnswer(question, reply, {"shown": shown, "passages": []}, uuid4(), uuid4())


async def group(session: AsyncSession, kind: ChatKind = ChatKind.GROUP) -> tuple[UUID, UUID]:
    """Keep a chat and a person in it; returns both keys."""
    chats = ChatService(session)
    person = await chats.keep_person(await chats.look_up_person(Network.MATRIX, "@anna:ort"))
    chat = await chats.keep_chat(await chats.look_up_chat(Network.MATRIX, f"!{kind.value}", kind), of=person.id)
    return chat.id, person.id


async def asked(
    session: AsyncSession, question: str, event: str = "$1", *, thread: str | None = None, follows: UUID | None = None
) -> ExchangeEntry:
    """Keep a question in the group."""
    chat, person = await group(session)
    anchor = Anchor(chat, thread, event)
    service = ConversationService(session)
    return await service.keep(prepared(question), anchor, asker_id=person, days=14, follows_id=follows)


async def send(session: AsyncSession, exchange: ExchangeEntry, event: str, position: int = 0) -> None:
    """Note a message of the bot as sent."""
    message = SentMessage(
        network=Network.MATRIX,
        event=event,
        chat_id=exchange.anchor.chat_id,
        exchange_id=exchange.id,
        position=position,
        choices=[],
        created_at=now(),
        expires_at=now() + timedelta(days=14),
    )
    session.add(message)
    await session.flush()


class TestWhatCameBefore:
    async def test_a_reply_goes_on_from_the_message_replied_to(self, session: AsyncSession) -> None:
        exchange = await asked(session, "Was ist ein Konvoi?")
        await send(session, exchange, "$answer")
        found = await ConversationService(session).came_before(
            exchange.anchor.chat_id, thread=None, is_direct=False, replied_to="$answer", network=Network.MATRIX
        )
        assert found is not None
        assert found[1] == Before(("Was ist ein Konvoi?",), frozenset({DOCUMENT}))

    async def test_follow_ups_of_follow_ups_are_read_together(self, session: AsyncSession) -> None:
        first = await asked(session, "Was ist ein Konvoi?", "$1", thread="$t")
        await asked(session, "Und was kostet er?", "$2", thread="$t", follows=first.id)
        found = await ConversationService(session).came_before(
            first.anchor.chat_id, thread="$t", is_direct=False, network=Network.MATRIX
        )
        assert found is not None
        assert found[1].questions == ("Und was kostet er?", "Was ist ein Konvoi?")

    async def test_a_room_without_thread_or_reply_has_no_before(self, session: AsyncSession) -> None:
        exchange = await asked(session, "Was ist ein Konvoi?")
        found = await ConversationService(session).came_before(
            exchange.anchor.chat_id, thread=None, is_direct=False, network=Network.MATRIX
        )
        assert found is None

    async def test_a_direct_chat_forgets_after_an_hour(self, session: AsyncSession) -> None:
        chat, person = await group(session, ChatKind.DIRECT)
        service = ConversationService(session)
        await service.keep(prepared("Was?"), Anchor(chat, None, "$1"), asker_id=person, days=14)
        soon = await service.came_before(chat, thread=None, is_direct=True, network=Network.MATRIX)
        later = now() + timedelta(hours=2)
        use_clock(lambda: later)
        assert soon is not None
        assert await service.came_before(chat, thread=None, is_direct=True, network=Network.MATRIX) is None


class TestVotes:
    async def test_everybody_has_one(self, session: AsyncSession) -> None:
        exchange, service = await asked(session, "Was?"), ConversationService(session)
        anna, ben = uuid4(), uuid4()
        changes = [
            await service.vote(exchange, anna, helpful=True),
            await service.vote(exchange, anna, helpful=True),
            await service.vote(exchange, anna, helpful=False),
            await service.vote(exchange, ben, helpful=True),
        ]
        assert changes == [True, False, True, True]
        assert await service.votes(exchange) == Votes(1, 1)

    async def test_the_same_person_looks_different_below_another_answer(self, session: AsyncSession) -> None:
        service, anna = ConversationService(session), uuid4()
        for event in ("$1", "$2"):
            await service.vote(await asked(session, "Was?", event), anna, helpful=True)
        voters = (await session.scalars(select(Vote.voter))).all()
        assert len(set(voters)) == 2

    async def test_without_the_salt_nobody_can_vote(self, session: AsyncSession) -> None:
        exchange = replace(await asked(session, "Was?"), vote_salt=None)
        assert not await ConversationService(session).vote(exchange, uuid4(), helpful=True)


class TestPrivateWords:
    async def test_a_word_stands_for_its_exchange(self, session: AsyncSession) -> None:
        exchange = await asked(session, "Was?")
        word = private_word(exchange) or ""
        found = await ConversationService(session).by_word(word)
        assert found is not None
        assert found.id == exchange.id
        assert len(word) <= 64

    async def test_others_stand_for_nothing(self, session: AsyncSession) -> None:
        one, other = await asked(session, "Was?", "$1"), await asked(session, "Wo?", "$2")
        word, wrong = private_word(one) or "", private_word(other) or ""
        mixed = [word[:24] + wrong[24:], word[:-1], word + "A", "p-", "p-äöü", "", "p-" + "A" * 43, "x" + word[1:]]
        service = ConversationService(session)
        assert [await service.by_word(guess) for guess in mixed] == [None] * len(mixed)

    async def test_it_dies_with_the_exchange(self, session: AsyncSession) -> None:
        word = private_word(await asked(session, "Was?")) or ""
        later = now() + timedelta(days=15)
        use_clock(lambda: later)
        assert await ConversationService(session).by_word(word) is None


class TestCorrecting:
    async def test_old_words_trace_and_votes_go(self, session: AsyncSession) -> None:
        exchange, service = await asked(session, "Alt?"), ConversationService(session)
        await service.vote(exchange, uuid4(), helpful=False)
        corrected = await service.correct(exchange, prepared("Neu?"))
        assert corrected.id == exchange.id
        assert (await session.scalars(select(Question.text))).all() == ["Neu?"]
        assert (await session.scalars(select(Answer.id))).all() == [corrected.answer_id]
        assert (await session.scalars(select(Vote.id))).all() == []


class TestErasing:
    async def test_what_waits_to_be_said_is_never_said(self, session: AsyncSession) -> None:
        exchange = await asked(session, "Was?")
        message = OutgoingMessage(network=Network.MATRIX, chat="!group", payload={"text": "…"}, exchange_id=exchange.id)
        session.add(message)
        await session.flush()
        await ConversationService(session).erase(exchange)
        session.expire_all()
        [left] = (await session.scalars(select(OutgoingMessage))).all()
        assert (left.state, left.payload) == (SendState.FAILED, None)

    async def test_words_go_where_it_was_answered_in_private_as_well(self, session: AsyncSession) -> None:
        exchange = await asked(session, "Geheim?", "$1")
        await asked(session, "Geheim?", "$1", follows=exchange.id)
        await ConversationService(session).erase(exchange)
        assert (await session.scalars(select(Question.text))).all() == []


class TestExpiring:
    async def test_link_and_messages_go_and_votes_stay_without_the_voter(self, session: AsyncSession) -> None:
        exchange, service = await asked(session, "Was?"), ConversationService(session)
        await send(session, exchange, "$answer")
        await service.vote(exchange, uuid4(), helpful=True)
        assert await service.expire() == 0
        later = datetime.now(UTC) + timedelta(days=15)
        use_clock(lambda: later)
        assert await service.expire() == 1
        assert (await session.scalars(select(Exchange.id))).all() == []
        assert (await session.scalars(select(SentMessage.event))).all() == []
        session.expire_all()
        assert [(vote.voter, vote.helpful) for vote in (await session.scalars(select(Vote))).all()] == [(None, True)]
        assert (await session.scalars(select(Question.text))).all() == ["Was?"]

    async def test_parts_of_a_message_count_as_one(self, session: AsyncSession) -> None:
        exchange = await asked(session, "Was?")
        for event, position in (("$a", 0), ("$b", 1), ("$more", 0)):
            await send(session, exchange, event, position)
        sent = await ConversationService(session).sent(exchange.id)
        assert [(entry.event, entry.number) for entry in sent] == [("$a", 0), ("$b", 0), ("$more", 1)]
