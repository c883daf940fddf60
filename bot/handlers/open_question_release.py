"""„Ins Netzwerk geben" and ``/weitergeben``: its asker releases a question that the library could not answer."""

from dataclasses import dataclass, replace
from uuid import UUID

from bot.core.answer_text import echo
from bot.core.dialogue import Dialogue, Draft
from bot.core.dialogues import begin_dialogue
from bot.core.messages import Choice
from bot.core.text import RichText, note, paragraph, quote, rich
from bot.core.turn import ChoiceHandler, Command, Glance, Handler, Turn
from bot.handlers.answers import RELEASE, RELEASE_WORD, exchange_key, release_choice, too_old
from bot.handlers.filling import filled
from bot.handlers.open_question_draft import reaches
from bot.handlers.open_question_steps import STEPS, following, fresh_data, look_at
from bot.handlers.profile import warn_once
from bot.handlers.wording import command, whom_to_ask
from knowledge.chats.dialogues import DialogueBook
from knowledge.chats.outbox import Outbox
from knowledge.conversations.schemas import ExchangeEntry
from knowledge.conversations.service import ConversationService
from knowledge.kit.errors import AllmendeError
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work
from knowledge.library.answers.followups import read_signs
from knowledge.questions.schemas import PreparedQuestion

NAMES = ("weitergeben", "asknetwork")
LONGEST_ECHO = 200
# „…, ohne dass es verklumpt" points back within a question; with more words than this, one need not ask about it.
SAYS_LITTLE = 3


@dataclass(frozen=True, slots=True)
class Opening:
    """What somebody wants to ask the network: perhaps the question of an exchange, and what was found about it.

    ``goes_on``: it goes on from another question, or reads as if it did; others may not understand it alone.
    """

    exchange: ExchangeEntry | None = None
    text: str = ""
    found: PreparedQuestion | AllmendeError | None = None
    goes_on: bool = False


# Looking, outside of the transaction


async def _prepare_choice(glance: Glance) -> Opening:
    key = exchange_key(glance)
    return await _prepare_exchange(glance, key) if key else Opening()


async def prepare_releasing(glance: Glance, word: str) -> Opening:
    """Prepare what ``continue_releasing`` does with a word that a link brought."""
    try:
        key = UUID(word.removeprefix(RELEASE_WORD))
    except ValueError:
        return Opening()
    return await _prepare_exchange(glance, key)


async def _prepare_exchange(glance: Glance, key: UUID) -> Opening:
    async with unit_of_work(glance.services.database, writes=False) as unit:
        conversations = ConversationService(unit.session)
        exchange = await conversations.get(key)
        text = await conversations.question_text(exchange) if exchange else None
        goes_on = exchange is not None and await conversations.read_before(exchange) is not None
    if exchange is None or not text:
        return Opening()
    goes_on = goes_on or _says_little(text)
    return replace(await _look(glance, exchange, text), goes_on=goes_on)


def _says_little(text: str) -> bool:
    """Whether words point to what came before, and say too little themselves to be understood alone."""
    signs = read_signs(text)
    return signs.needs_before and signs.content_words <= SAYS_LITTLE


async def _look(glance: Glance, exchange: ExchangeEntry | None, text: str) -> Opening:
    own = exchange is None or exchange.asker_id == glance.identity.id
    found = await look_at(glance, text) if own and glance.is_direct and glance.identity.verified else None
    return Opening(exchange, text, found)


async def _prepare_command(glance: Glance) -> Opening:
    if glance.argument:
        return await _look(glance, None, glance.argument) if glance.is_direct else Opening(None, glance.argument)
    if glance.chat.is_new:
        return Opening()
    async with unit_of_work(glance.services.database, writes=False) as unit:
        exchange = await _last(glance, unit)
    return await _prepare_exchange(glance, exchange.id) if exchange else Opening()


async def _last(glance: Glance, unit: UnitOfWork) -> ExchangeEntry | None:
    """Return the exchange of the answer that is replied to, or in a direct chat the last one."""
    incoming, conversations = glance.incoming, ConversationService(unit.session)
    if incoming.reply_to is not None:
        sent = await Outbox(unit.session).sent(glance.network, incoming.reply_to)
        return await conversations.get(sent.exchange_id) if sent and sent.exchange_id else None
    if not glance.is_direct:
        return None
    found = await conversations.came_before(glance.chat.id, thread=None, is_direct=True, network=glance.network)
    return found[0] if found else None


# Beginning


async def choose_release(turn: Turn) -> None:
    """Begin with the question of an answer, privately."""
    opening = turn.prepared
    if not isinstance(opening, Opening) or opening.exchange is None:
        _say_alone(turn, too_old())
    elif turn.incoming.sender.anonymous or opening.exchange.asker_id != turn.identity.id:
        if turn.glance.features.can_write_first:
            _say_alone(turn, rich(_("Somebody else asked this. Ask me yourself, and you can give your question on.")))
    else:
        await _begin(turn, opening)


async def continue_releasing(turn: Turn, word: str) -> bool:
    """Go on in the direct chat with what was begun in a group; ``False`` for any other word."""
    if not word.startswith(RELEASE_WORD):
        return False
    if not isinstance(turn.prepared, Opening):
        turn.prepared = await prepare_releasing(turn.glance, word)
    await choose_release(turn)
    if not turn.said:
        turn.say(rich(_("Somebody else asked this. Ask me yourself, and you can give your question on.")))
    return True


async def give_on(turn: Turn) -> None:
    """Begin with the last question, with the words behind the command, or go on with a draft."""
    opening = turn.prepared if isinstance(turn.prepared, Opening) else Opening()
    if opening.exchange is not None and opening.exchange.asker_id != turn.identity.id:
        opening = Opening()
    if turn.glance.is_direct or opening.exchange is not None or not await may_use_network(turn):
        await _begin(turn, opening)
        return
    sentence = _("Please reply with {command} to the answer that you mean, or write to me in a chat of our own.")
    turn.say(rich(paragraph(*filled(sentence, command=command(turn.glance, *NAMES)))))


async def _begin(turn: Turn, opening: Opening) -> None:
    if not await may_use_network(turn):
        return
    if not turn.glance.is_direct:
        await _invite(turn, opening)
        return
    if isinstance(opening.found, AllmendeError):
        turn.say(rich(opening.found.message))
        return
    await warn_once(turn)
    left = await DialogueBook(turn.unit.session, turn.identity.id, turn.chat.id).named(ASKING.name)
    if opening.found is None and left is not None:
        await begin_dialogue(turn, ASKING)
        return
    question = opening.exchange.question_id if opening.exchange else None
    data = fresh_data(opening.found, question=question)
    if opening.goes_on:
        data["goes_on"] = True
    await begin_dialogue(turn, ASKING, data, step="words" if opening.goes_on else following(Draft(data)))


async def _invite(turn: Turn, opening: Opening) -> None:
    """Ask somebody in a group to go on alone, where nobody else reads what they decide."""
    if opening.exchange is None:
        return
    if not await reaches(turn):
        turn.say(rich(_("Let us do this in our own chat.")), choices=release_choice(turn.glance, opening.exchange))
        return
    choice = Choice(f"{RELEASE}:{opening.exchange.id.hex}", _("Ask the network"), "🤝")
    text = rich(
        paragraph(_("You asked in the group:")),
        quote(echo(opening.text, LONGEST_ECHO)),
        paragraph(_("Colleagues elsewhere may know. You see everything before it is sent.")),
    )
    turn.say_privately(text, choices=(choice,))


async def may_use_network(turn: Turn) -> bool:
    """Whether this is a member; others are told how to become one."""
    if turn.identity.verified and not turn.incoming.sender.anonymous:
        return True
    sentence = _("The network answers members. {join} takes a minute, with a code or an official mail address.")
    join = command(turn.glance, "beitreten", "join")
    _say_alone(turn, rich(paragraph(*filled(sentence, join=join)), note(whom_to_ask(turn.glance))))
    return False


def _say_alone(turn: Turn, text: RichText) -> None:
    """Say what is for one person alone, wherever the network lets the bot."""
    if turn.glance.is_direct or not turn.glance.features.can_write_first or turn.incoming.sender.anonymous:
        turn.say(text)
    else:
        turn.say_privately(text)


ASKING = Dialogue("open_question", "words", STEPS)
COMMANDS = (
    Command(
        NAMES,
        lambda: _("Give your last question on to colleagues in the network"),
        Handler(give_on, _prepare_command),
        offered=lambda glance: glance.is_direct and glance.identity.verified,
        personal=True,
    ),
)
CHOICES = (ChoiceHandler(RELEASE, Handler(choose_release, _prepare_choice)),)
DIALOGUES = (ASKING,)
