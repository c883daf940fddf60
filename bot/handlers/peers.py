"""``/kollegen``: organisations and people to talk to about something, with the reason in words."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from bot.core.messages import Choice
from bot.core.text import Block, RichText, Span, bold, heading, item, link, note, paragraph, rich
from bot.core.turn import ChoiceHandler, Command, Glance, Handler, Turn
from bot.handlers.answers import exchange_key, personal_viewer, release_choice, too_old
from bot.handlers.filling import filled
from bot.handlers.open_question_draft import reaches
from bot.handlers.open_question_release import may_use_network
from bot.handlers.watching import DIGITS
from bot.handlers.wording import command, shows_public_only
from knowledge.conversations.schemas import ExchangeEntry
from knowledge.conversations.service import ConversationService
from knowledge.kit.errors import AllmendeError
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.peers.profile import language_name
from knowledge.peers.schemas import PeerAsker, PeerFinds, PeerOrganisation, PeerPerson
from knowledge.peers.service import find_peers
from knowledge.peers.wording import read_alike

NAMES = ("kollegen", "peers")
# The choice to ask a person for contact.
ASK = "cask"
# Of each on a phone's screen.
MOST_SHOWN = 4
# Bytes of a topic's identifier in a choice, which has room for 40 letters in all.
TOPIC_BYTES = 9


@dataclass(frozen=True, slots=True)
class Looked:
    """Who was found for some words; ``exchange``: the question that it began from."""

    words: str
    finds: PeerFinds | None = None
    problem: str = ""
    exchange: ExchangeEntry | None = None


# Looking, outside of the transaction


async def _prepare_command(glance: Glance) -> Looked:
    return await _look(glance, glance.argument)


async def _prepare_choice(glance: Glance) -> Looked | None:
    """Look for colleagues on what a question was about."""
    key = exchange_key(glance)
    async with unit_of_work(glance.services.database, writes=False) as unit:
        conversations = ConversationService(unit.session)
        exchange = await conversations.get(key) if key else None
        question = await conversations.question_text(exchange) if exchange else None
        before = await conversations.read_before(exchange) if exchange else None
    if exchange is None or question is None:
        return None
    words = [question, *(before.questions if before else ())]
    return await _look(glance, _subject(words), exchange)


def _subject(questions: Sequence[str]) -> str:
    """Return what questions are about; the first one that says it, without asking for organisations like ours."""
    for question in questions:
        asked = read_alike(question)
        if asked is None or asked.words:
            return asked.words if asked else question
    return questions[0]


async def _look(glance: Glance, words: str, exchange: ExchangeEntry | None = None) -> Looked:
    if not glance.identity.verified or glance.incoming.sender.anonymous:
        return Looked(words)
    try:
        finds = await find_peers(
            glance.services.answers, glance.services.database, words, asker_of(glance), limit=MOST_SHOWN
        )
    except AllmendeError as error:
        return Looked(words, problem=error.message)
    return Looked(words, finds, exchange=exchange)


def asker_of(glance: Glance) -> PeerAsker:
    """Return as who somebody looks here. People are found where they can be told alone, and in no foreign house."""
    alone = glance.is_direct or glance.features.can_write_first
    return PeerAsker(
        glance.identity.member_id,
        glance.identity.organisation_id,
        glance.viewer if not glance.is_direct else personal_viewer(glance),
        with_people=alone and not shows_public_only(glance),
    )


# Saying


async def show_peers(turn: Turn) -> None:
    """Name whom to talk to: in a group organisations alone, people to the one who asked alone."""
    if not await may_use_network(turn):
        return
    looked = turn.prepared
    if not isinstance(looked, Looked) or (looked.finds is None and not looked.problem):
        turn.say(too_old())
    elif looked.finds is None:
        turn.say(rich(looked.problem))
    elif turn.glance.is_direct:
        _say_all(turn, looked, looked.finds)
    else:
        await _say_in_group(turn, looked, looked.finds)


def _say_all(turn: Turn, looked: Looked, finds: PeerFinds) -> None:
    if finds.nothing:
        _say_nothing(turn, looked)
        return
    blocks = [*_organisation_blocks(turn.glance, finds), *_people_blocks(finds.people), *_hints(turn, finds)]
    turn.say(rich(*blocks), choices=ask_choices(finds.people))


async def _say_in_group(turn: Turn, looked: Looked, finds: PeerFinds) -> None:
    if not finds.organisations:
        _say_nothing(turn, looked)
    else:
        alone = note(*filled(_("I name people in our own chat alone: {command}"), command=_example(turn, looked.words)))
        turn.say(rich(*_organisation_blocks(turn.glance, finds), alone))
    if finds.people and await reaches(turn):
        text = rich(*_people_blocks(finds.people), *_promise())
        turn.say_privately(text, choices=ask_choices(finds.people))


def _example(turn: Turn, words: str) -> Span:
    return command(turn.glance, *NAMES, argument=" ".join(words.split())[:60])


def _organisation_blocks(glance: Glance, finds: PeerFinds) -> list[Block]:
    if not finds.organisations:
        return []
    hub = glance.services.settings.hub
    address = hub.address if hub.hub_url is not None else None
    return [heading(_("Organisations")), *(_organisation(one, address) for one in finds.organisations)]


def _organisation(one: PeerOrganisation, hub: str | None) -> Block:
    spans: list[str | Span] = [bold(one.name), f" ({one.label}): {one.reason}" if one.reason else f" ({one.label})"]
    for document in one.documents[:2]:
        spans.append("\n– ")
        spans.append(link(document.title, f"{hub}/dokument/{document.id}") if hub else Span(document.title))
    return item(*spans)


def _people_blocks(people: Sequence[PeerPerson]) -> list[Block]:
    if not people:
        return []
    lines = [item(f"{number}. ", bold(who_words(one)), _about(one)) for number, one in enumerate(people, start=1)]
    return [heading(_("People")), *lines]


def who_words(one: PeerPerson) -> str:
    """Return a person as others may see them: by organisation alone."""
    if one.organisation_name is None:
        return _("somebody of the network")
    return _("somebody of {organisation}").format(organisation=one.organisation_name)


def _about(one: PeerPerson) -> str:
    spoken = ", ".join(map(language_name, one.languages))
    parts = [one.reason, _("speaks {languages}").format(languages=spoken) if spoken else ""]
    said = "; ".join(part for part in parts if part)
    return f": {said}" if said else ""


def ask_choices(people: Sequence[PeerPerson]) -> tuple[Choice, ...]:
    """Return the choice to ask each of the people for contact."""
    return tuple(
        Choice(ask_key(one), _("Ask {number} for contact").format(number=number), digit)
        for number, (digit, one) in enumerate(zip(DIGITS, people, strict=False), start=1)
    )


def ask_key(one: PeerPerson) -> str:
    """Return the key of the choice to ask somebody about a topic."""
    topic = _packed(one.topic.id.bytes[:TOPIC_BYTES]) if one.topic else ""
    return f"{ASK}:{_packed(one.member_id.bytes)}{topic}"


def read_ask_key(choice: str) -> tuple[UUID, bytes] | None:
    """Return the person, and the beginning of the topic's identifier, in a choice; ``None`` for anything else."""
    try:
        person = UUID(bytes=base64.b64decode(f"{choice[:22]}==", altchars=b"-_", validate=True))
        return person, base64.b64decode(choice[22:], altchars=b"-_", validate=True)
    except ValueError:
        return None


def _packed(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _hints(turn: Turn, finds: PeerFinds) -> list[Block]:
    if finds.people:
        return _promise()
    if shows_public_only(turn.glance):
        return _elsewhere(turn)
    return []


def _promise() -> list[Block]:
    return [note(_("Nobody learns that you looked. Names are exchanged only when both of you say yes."))]


def _elsewhere(turn: Turn) -> list[Block]:
    """Say where people are named, as this is a foreign house."""
    hub = turn.services.settings.hub
    if hub.hub_url is None:
        return [note(_("Here I name only what is public. People are found on Matrix and in the hub."))]
    said = note(_("Here I name only what is public. People are found in the hub:"), " ")
    return [said, paragraph(link(_("Colleagues in the hub"), f"{hub.address}/netzwerk"))]


def _say_nothing(turn: Turn, looked: Looked) -> None:
    words = " ".join(looked.words.split())
    if not words:
        turn.say(_nobody_alike(turn))
        return
    blocks = [
        paragraph(_("Nobody has told of “{words}” here yet, or offered help with it.").format(words=words[:200])),
        *(_elsewhere(turn) if shows_public_only(turn.glance) else []),
    ]
    if looked.exchange is not None and looked.exchange.asker_id == turn.identity.id:
        blocks.append(paragraph(_("You can give your question on to the network: somebody may know.")))
        turn.say(rich(*blocks), choices=release_choice(turn.glance, looked.exchange))
        return
    sentence = _("Ask the network, and I bring your question to those who may know: {command}")
    ask = command(turn.glance, "weitergeben", "asknetwork", argument=_("your question"))
    turn.say(rich(*blocks, paragraph(*filled(sentence, command=ask))))


def _nobody_alike(turn: Turn) -> RichText:
    if turn.identity.organisation_id is None:
        return rich(_("I do not know whom you work for, so I cannot say who is like you."), _how(turn))
    return rich(_("Nobody like you takes part yet, as far as I may say."), _how(turn))


def _how(turn: Turn) -> Block:
    sentence = _("With a topic I look for those who know about it: {command}")
    return paragraph(*filled(sentence, command=command(turn.glance, *NAMES, argument=_("electronic files"))))


SHOW = Handler(show_peers, _prepare_command, asks=True)
COMMANDS = (
    Command(
        NAMES,
        lambda: _("Who has done it, or can help: organisations and people"),
        SHOW,
        offered=lambda glance: glance.identity.verified,
        personal=True,
    ),
)
CHOICES = (ChoiceHandler("peersof", Handler(show_peers, _prepare_choice, asks=True)),)
