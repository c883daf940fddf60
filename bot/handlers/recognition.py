"""„Fragen erkennen": offering an answer to what is clearly a question, in groups that want it.

What is not clearly a question is never stored or logged; ``clearly_asks`` decides that without looking anything up,
so that such a message need not be kept even for a moment.
"""

import re
from datetime import timedelta

from bot.core.answer_text import rich_answer
from bot.core.messages import Choice
from bot.core.text import rich
from bot.core.turn import ChoiceHandler, Glance, Handler, Turn
from bot.handlers.answers import Again, answer_again, answer_choices, events_of, exchange_key, too_old
from knowledge.conversations.schemas import Anchor
from knowledge.conversations.service import ConversationService
from knowledge.kit.clock import now
from knowledge.kit.errors import InvalidInput
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work
from knowledge.library.text.analysis import is_function_word, is_light_word, words_of

# From this confidence on an answer is offered without being asked for; an answer that is asked for needs less.
OFFER_LINE = 0.7
SHORTEST, LONGEST = 15, 400
FEWEST_WORDS, FEWEST_CONTENT_WORDS = 4, 2

_BEGINS = re.compile(
    r"(?:(?:hallo|hi|moin|guten \w+)(?: (?:zusammen|alle|allerseits|in die runde))?|liebe \S+|kurze frage|"
    r"(?:mal )?(?:eine )?frage|hello(?: all)?|quick question)[\s,:!–-]+",
    re.IGNORECASE,
)
_QUESTION_WORD = re.compile(
    r"\b(?:wer|wem|wen|wessen|was|wann|wo|wohin|woher|wie|wieso|weshalb|warum|wozu|womit|worauf|wofür|woran|wovon|"
    r"welche[mnrs]?|wieviel|who|what|when|where|how|why|which)\b",
    re.IGNORECASE,
)
_VERB_FIRST = re.compile(
    r"(?:hat|haben|gibt|kann|können|darf|dürfen|muss|müssen|soll|sollen|ist|sind|braucht|brauchen|gilt|kennt|lohnt|"
    r"weiß|wissen|macht|nutzt|fällt|is|are|does|do|can|may|must|should|has|have)\b",
    re.IGNORECASE,
)
# Said to somebody: „du", „ihr da", a name with „@", or at the end of a sentence asking for a yes.
_TO_SOMEBODY = re.compile(
    r"@\w|\b(?:du|dir|dich|dein\w*|hast|bist|kannst|willst|magst|könntest|würdest|kommst|gehst|siehst)\b", re.IGNORECASE
)
_RHETORICAL = re.compile(
    r"\b(?:oder|nicht wahr|gell|ne|right|isn't it)\s*\?+\s*$|\b(?:wer (?:hätte|weiß) (?:das|schon)|was soll(?:'s| das)|"
    r"wie kann man nur|geht's noch|muss das sein|who cares|why not)\b|[!?]{2,}",
    re.IGNORECASE,
)
_ABOUT_US = re.compile(
    r"\b(?:treffen|mittag\w*|kaffee|feierabend|urlaub|sitzung heute|meeting|termin heute|link|passwort|kommt (?:noch )?"
    r"jemand|wer kommt|wer ist da|hört ihr|seht ihr|alles klar|wie geht)\b",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"^\s*>|https?://", re.MULTILINE)


def clearly_asks(text: str) -> bool:
    """Tell whether a message is clearly a question about a matter: not to a person, not rhetorical, not about us."""
    text = " ".join(text.split())
    if not SHORTEST <= len(text) <= LONGEST or not text.rstrip(' .)“"').endswith("?"):
        return False
    if any(pattern.search(text) for pattern in (_TO_SOMEBODY, _RHETORICAL, _ABOUT_US, _QUOTED)):
        return False
    asked = _BEGINS.sub("", re.split(r"(?<=[.!?])\s+", text)[-1])
    if not (_VERB_FIRST.match(asked) or _QUESTION_WORD.search(asked)):
        return False
    words = words_of(text)
    content = [word for word in words if not is_function_word(word) and not is_light_word(word)]
    return len(words) >= FEWEST_WORDS and len(content) >= FEWEST_CONTENT_WORDS


async def _prepare(glance: Glance) -> str | None:
    """Return the question that an answer may be offered to; ``None`` for everything else."""
    circle, text = glance.chat.circle, glance.incoming.text
    if circle is None or not circle.recognises or glance.chat.paused or not clearly_asks(text):
        return None
    if glance.incoming.sender.is_bot or glance.incoming.reply_to:
        return None
    async with unit_of_work(glance.services.database, writes=False) as unit:
        if await _is_limit_reached(glance, unit):
            return None
    try:
        prepared = await glance.services.answers.prepare(text, glance.viewer)
    except InvalidInput:
        return None
    reply = prepared.reply
    return text if reply.answered and reply.confidence >= OFFER_LINE else None


async def _is_limit_reached(glance: Glance, unit: UnitOfWork) -> bool:
    offers = await ConversationService(unit.session).offers_since(glance.chat.id, now() - timedelta(hours=1))
    return offers >= glance.services.settings.chats.chat_offers_per_hour


async def _offer(turn: Turn) -> None:
    question = turn.prepared
    if question is None or await _is_limit_reached(turn.glance, turn.unit):
        return
    anchor = Anchor(turn.chat.id, turn.incoming.place.thread, turn.incoming.event)
    exchange = await ConversationService(turn.unit.session).offer(question, anchor)
    turn.say(
        rich(_("The library may have an answer to this.")),
        choices=(Choice(f"offer:{exchange.id.hex}", _("Show the answer"), "💡"),),
        exchange_id=exchange.id,
    )


async def _prepare_shown(glance: Glance) -> Again | None:
    key = exchange_key(glance)
    async with unit_of_work(glance.services.database, writes=False) as unit:
        conversations = ConversationService(unit.session)
        offer = await conversations.get(key) if key else None
        question = await conversations.question_text(offer) if offer else None
    return await answer_again(glance, offer, question, glance.viewer) if offer and question else None


async def _show(turn: Turn) -> None:
    """Put the answer in the place of the offer; the words that were kept for the offer are the question's now."""
    again = turn.prepared
    conversations = ConversationService(turn.unit.session)
    offer = await conversations.get(again.exchange.id) if isinstance(again, Again) else None
    if not isinstance(again, Again) or offer is None or offer.question_id is None:
        turn.say(too_old())
        return
    sent = await conversations.sent(offer.id)
    days = turn.services.settings.chats.chat_thread_days
    exchange = await conversations.keep(again.prepared, offer.anchor, asker_id=turn.identity.id, days=days)
    await conversations.take_offer(offer)
    answered = again.prepared.reply.answered
    choices = answer_choices(turn.glance, exchange, answered=answered, has_more=again.has_more)
    text = rich_answer(again.prepared.reply)
    turn.change(events_of(sent, turn.chat), text, choices=choices, exchange_id=exchange.id)


OVERHEARD = Handler(_offer, _prepare)
CHOICES = (ChoiceHandler("offer", Handler(_show, _prepare_shown, asks=True)),)
