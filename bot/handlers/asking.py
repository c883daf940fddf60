"""Questions: asked, changed, and taken back."""

import re
from dataclasses import dataclass

from bot.core.answer_text import phone_sized, rich_answer
from bot.core.messages import Choice
from bot.core.text import RichText, note, rich
from bot.core.turn import Command, Glance, Handler, Turn
from bot.handlers.answers import answer_choices, colleagues_choice, events_of, has_further, prepare_again, take_back
from bot.handlers.lesson_offer import offer_lesson
from bot.handlers.wording import command
from knowledge.chats.service import ChatService
from knowledge.conversations.schemas import Anchor, ExchangeEntry
from knowledge.conversations.service import ConversationService
from knowledge.kit.clock import now
from knowledge.kit.errors import InvalidInput
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.answers.followups import Before
from knowledge.library.answers.schemas import PreparedAnswer
from knowledge.peers.alike import ALIKE

NAMES = ("frage", "ask")
_COMMAND = re.compile(rf"\s*(?:\*\s+)?[/!](?:{'|'.join(NAMES)})(?:@\w+)?(?:\s+|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its answer; ``corrects``: it stands in the place of what was asked there before."""

    prepared: PreparedAnswer
    before: ExchangeEntry | None
    has_more: bool
    corrects: ExchangeEntry | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A question that cannot be looked for, and why, for the person."""

    message: str


def asked_text(glance: Glance) -> str:
    """Return what is asked, without a command before it."""
    return (glance.argument or _COMMAND.sub("", glance.incoming.text, count=1)).strip()


async def prepare_question(glance: Glance) -> Asked | Refused | None:
    """Make the answer to a question; ``None`` where nothing is asked."""
    question = asked_text(glance)
    if not any(letter.isalnum() for letter in question):
        return None
    incoming = glance.incoming
    async with unit_of_work(glance.services.database, writes=False) as unit:
        found = await ConversationService(unit.session).came_before(
            glance.chat.id,
            thread=incoming.place.thread,
            is_direct=glance.is_direct,
            replied_to=incoming.reply_to if incoming.reply_to_bot else None,
            network=glance.network,
        )
    exchange, before = found or (None, None)
    return await _answer(glance, question, exchange, before)


async def _answer(
    glance: Glance, question: str, exchange: ExchangeEntry | None, before: Before | None
) -> Asked | Refused:
    try:
        prepared = await prepare_again(glance, question, glance.viewer, before)
    except InvalidInput as error:
        return Refused(error.message)
    prepared = phone_sized(prepared)
    follows = exchange if prepared.follows else None
    return Asked(prepared, follows, await has_further(glance, prepared, glance.viewer))


async def _ask(turn: Turn) -> None:
    asked = turn.prepared
    if isinstance(asked, Refused):
        turn.say(rich(asked.message))
    elif isinstance(asked, Asked):
        await say_answer(turn, asked)
    else:
        turn.say(_how_to_ask())


def _how_to_ask() -> RichText:
    return rich(
        _("What would you like to know? Please write your question in a sentence or a few words."),
        _("For example: How long does a digital building application take?"),
    )


async def prepare_words(glance: Glance, words: str) -> Asked | Refused:
    """Make the answer to words that nobody wrote here, such as those that a lesson looks for."""
    return await _answer(glance, words, None, None)


async def say_prepared(turn: Turn, prepared: Asked | Refused, *, more: tuple[Choice, ...] = ()) -> None:
    """Say what ``prepare_words`` made, with ``more`` to choose below it."""
    if isinstance(prepared, Refused):
        turn.say(rich(prepared.message), choices=more)
    else:
        await say_answer(turn, prepared, more=more)


async def say_answer(turn: Turn, asked: Asked, *, more: tuple[Choice, ...] = ()) -> ExchangeEntry:
    """Keep an answer with the link by which its asker can come back to it, and say it."""
    place = turn.incoming.place
    exchange = await ConversationService(turn.unit.session).keep(
        asked.prepared,
        Anchor(turn.chat.id, place.thread, turn.incoming.event),
        asker_id=turn.identity.id,
        days=turn.services.settings.chats.chat_thread_days,
        follows_id=asked.before.id if asked.before else None,
    )
    lines, learning = await offer_lesson(turn, asked.prepared)
    text = await _introduction(turn) + rich_answer(asked.prepared.reply) + rich(*lines)
    choices = (*_choices(turn.glance, exchange, asked), *learning, *more)
    turn.say(text, choices=choices, exchange_id=exchange.id)
    return exchange


def _choices(glance: Glance, exchange: ExchangeEntry, asked: Asked) -> tuple[Choice, ...]:
    prepared = asked.prepared
    choices = answer_choices(glance, exchange, answered=prepared.reply.answered, has_more=asked.has_more)
    return (*choices, colleagues_choice(exchange)) if ALIKE in prepared.trace else choices


async def _introduction(turn: Turn) -> RichText:
    """Tell somebody new what the bot is, once and in a line, before their first answer in a direct chat."""
    if not turn.glance.is_direct or turn.identity.introduced_at is not None:
        return RichText(())
    await ChatService(turn.unit.session).change_person(turn.identity.id, introduced_at=now())
    told = _(
        "I am a machine and quote from the network’s library. Only what you write to me is kept, apart from who you "
        "are. More about this:"
    )
    return rich(note(told, " ", command(turn.glance, "ueber", "about")))


# Changed


async def _prepare_edited(glance: Glance) -> Asked | Refused | None:
    async with unit_of_work(glance.services.database, writes=False) as unit:
        conversations = ConversationService(unit.session)
        known = await conversations.about_question(glance.chat.id, glance.incoming.about or "")
        old = await conversations.question_text(known[0]) if known else None
        before = await conversations.read_before(known[0]) if known else None
    if not known:
        return await prepare_question(glance) if _is_for_the_bot(glance) else None
    question = asked_text(glance)
    if known[0].asker_id != glance.identity.id or question == old or not any(map(str.isalnum, question)):
        return None
    asked = await _answer(glance, question, None, before)
    return asked if isinstance(asked, Refused) else Asked(asked.prepared, None, asked.has_more, known[0])


def _is_for_the_bot(glance: Glance) -> bool:
    """Whether a message that was no question before has become one by the change."""
    incoming = glance.incoming
    return incoming.mentioned or _COMMAND.match(incoming.text) is not None


async def _edited(turn: Turn) -> None:
    asked = turn.prepared
    if not isinstance(asked, Asked):
        if isinstance(asked, Refused):
            turn.say(rich(asked.message))
        return
    if asked.corrects is None:
        await say_answer(turn, asked)
        return
    await _correct(turn, asked, asked.corrects)


async def _correct(turn: Turn, asked: Asked, known: ExchangeEntry) -> None:
    conversations = ConversationService(turn.unit.session)
    if await conversations.get(known.id) is None:
        return  # it was taken back meanwhile
    sent = await conversations.sent(known.id)
    exchange = await conversations.correct(known, asked.prepared)
    events = events_of(sent, turn.chat, number=0)
    text, choices = rich_answer(asked.prepared.reply), _choices(turn.glance, exchange, asked)
    if events:
        turn.change(events, text, choices=choices, exchange_id=exchange.id)
    else:
        turn.say(text, choices=choices, exchange_id=exchange.id)
    if rest := tuple(event for event in events_of(sent, turn.chat) if event not in events):
        turn.take_away(rest)


# Taken back


async def _redacted(turn: Turn) -> None:
    """Take back all that was said and stored about a question whose message is gone."""
    conversations = ConversationService(turn.unit.session)
    for exchange in await conversations.about_question(turn.chat.id, turn.incoming.about or ""):
        await take_back(turn, exchange)


# What cannot be taken


async def _unreadable(turn: Turn) -> None:
    turn.say(
        rich(
            _("I could not decrypt your message."),
            _("Please send it once more. If that does not help, write to me in a chat of our own."),
        )
    )


def _about() -> str:
    return _("Ask the library a question")


QUESTION = Handler(_ask, prepare_question, asks=True)
EDITED = Handler(_edited, _prepare_edited, asks=True)
REDACTED = Handler(_redacted)
UNREADABLE = Handler(_unreadable)
COMMANDS = (Command(NAMES, _about, QUESTION),)
