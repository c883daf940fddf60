"""``/merken``: asking the author of a group's message whether it may become a draft; only their yes counts.

Nothing of the message is kept before that yes. Whoever asked learns no more than that it was asked.
"""

from dataclasses import dataclass, replace
from uuid import UUID

from bot.core.adapter import ReadMessage
from bot.core.messages import HANDING_OVER, HANDS_OVER, Choice, EventKind, Outgoing, Person
from bot.core.text import note, paragraph, quote, rich
from bot.core.turn import ChoiceHandler, Command, Glance, Handler, Said, Turn
from bot.handlers.experience import may_contribute
from bot.handlers.experience_draft import author_of
from bot.handlers.filling import filled
from bot.handlers.wording import command
from knowledge.chats.service import ChatService
from knowledge.contributions.service import ContributionService
from knowledge.contributions.splitting import split_into_fields
from knowledge.keeping.schemas import KeepEntry
from knowledge.keeping.service import KeepService
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.chat import ChatKind

NAME = HANDS_OVER.removesuffix(":")
START_WORD = "merken"
# Characters of their own words that an author sees again.
LONGEST_ECHO = 300


# Asking


async def prepare_request(glance: Glance) -> ReadMessage | None:
    """Look who wrote the message that is replied to; what it says is looked at only where it is the asker's own."""
    incoming = glance.incoming
    if incoming.reply_to is None:
        return None
    if incoming.reply_author is not None and glance.features.buttons:
        return ReadMessage(incoming.reply_author, incoming.handed_over or "", incoming.reply_author.is_bot)
    return await glance.services.read_message(incoming.place, incoming.reply_to)


async def ask_author(turn: Turn) -> None:
    """Ask the author below their message, or begin at once where the author is the one who asks."""
    found, incoming = turn.prepared, turn.incoming
    if incoming.reply_to is None:
        sentence = _("Please reply with {command} to the message that is worth keeping; I then ask its author.")
        written = command(turn.glance, *HANDING_OVER)
        turn.say(rich(paragraph(*filled(sentence, command=written))))
    elif not isinstance(found, ReadMessage):
        turn.say(rich(_("I cannot find this message any more, or there are no words in it.")))
    elif found.by_machine or found.author.is_bot or (incoming.reply_to_bot and _is_mine(turn, found.author)):
        turn.say(rich(_("A machine wrote this, so there is nobody to ask. Only people's own words are kept.")))
    elif found.author.anonymous:
        turn.say(rich(_("This was written in the name of the group or of a channel, so I do not know whom to ask.")))
    elif found.author.address == incoming.sender.address:
        await _keep_own(turn, found.text)
    else:
        await _ask(turn, incoming.reply_to, found.author)


def _is_mine(turn: Turn, author: Person) -> bool:
    return author.address == turn.services.accounts.get(turn.glance.network)


async def _ask(turn: Turn, event: str, author: Person) -> None:
    requests = KeepService(turn.unit.session)
    request = await requests.ask(turn.chat.id, event, author=author.address, requested_by=turn.identity.id)
    if request is None:
        turn.say(rich(_("The author was asked about this message already.")))
        return
    text = rich(
        paragraph(
            _(
                "Somebody here would like to keep this message as a lesson learned. Only whoever wrote it can say yes; "
                "then it becomes a draft of theirs, which nobody else sees until they send it."
            )
        ),
        note(_("Without a yes nothing of it is stored. In a week I forget this question.")),
    )
    place = turn.incoming.place
    if place.thread == turn.incoming.event:  # a thread that only the command itself would open
        place = replace(place, thread=None)
    turn.said.append(Said(Outgoing(place, text, _choices(turn, request), reply_to=event)))


def _choices(turn: Turn, request: KeepEntry) -> tuple[Choice, ...]:
    yes = Choice(f"{HANDS_OVER}{request.id.hex}", _("Yes, it is mine: keep it"), "📌")
    link = turn.services.direct_link(turn.glance.network, START_WORD)
    if turn.glance.features.can_write_first or link is None:
        return (yes,)
    return yes, Choice("keep:chat", _("To our chat"), None, link)


async def _keep_own(turn: Turn, words: str) -> None:
    """Make a draft of the words of whoever asks."""
    if not words:
        turn.say(rich(_("I cannot find this message any more, or there are no words in it.")))
    elif not await may_contribute(turn):
        return
    elif not await _reaches(turn):
        link = turn.services.direct_link(turn.glance.network, START_WORD)
        choices = (Choice("keep:chat", _("To our chat"), None, link),) if link else ()
        await _make_draft(turn, words)
        turn.say(rich(_("Let us go on in our own chat.")), choices=choices)
    else:
        await _keep(turn, words)


async def _reaches(turn: Turn) -> bool:
    """Whether the bot can write to the person alone."""
    if turn.glance.features.can_write_first:
        return True
    return await ChatService(turn.unit.session).direct_chat(turn.identity.id) is not None


# The author's yes


@dataclass(frozen=True, slots=True)
class Yes:
    """The author has said yes; ``words`` are missing where the message is gone meanwhile."""

    request: KeepEntry
    words: str | None


async def prepare_yes(glance: Glance) -> Yes | None:
    """Fetch the words that the author gives; ``None`` for everybody else's press."""
    incoming = glance.incoming
    key = _key(glance.choice)
    if key is None or incoming.kind is not EventKind.CHOICE or incoming.sender.anonymous:
        return None
    async with unit_of_work(glance.services.database, writes=False) as unit:
        request = await KeepService(unit.session).open(key, author=incoming.sender.address)
    if request is None:
        return None
    if incoming.handed_over is not None:
        return Yes(request, incoming.handed_over)
    found = await glance.services.read_message(incoming.place, request.event)
    is_own = found is not None and found.author.address == incoming.sender.address
    return Yes(request, found.text if found is not None and is_own else None)


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


async def take_yes(turn: Turn) -> None:
    """Make the draft; presses of others do nothing at all."""
    yes = turn.prepared
    requests = KeepService(turn.unit.session)
    if not isinstance(yes, Yes) or await requests.open(yes.request.id, author=turn.incoming.sender.address) is None:
        return
    if yes.words is None:
        await requests.close(yes.request.id)
        await _tell(turn, _("Your message is not there any more, so nothing was kept."))
    elif not turn.identity.verified:
        # The question stays open: once they belong, they may press again.
        await _explain_joining(turn)
    else:
        await requests.close(yes.request.id)
        await _keep(turn, yes.words)


async def _keep(turn: Turn, words: str) -> None:
    if not turn.identity.verified:
        await _explain_joining(turn)
        return
    draft = await _make_draft(turn, words)
    if draft is None or not await _reaches(turn):
        return  # they find it by the link to our chat
    text = rich(
        paragraph(_("Your message is a draft of yours now; nobody else sees it.")),
        quote(words[:LONGEST_ECHO] + (" …" if len(words) > LONGEST_ECHO else "")),
        note(_("Go on with it whenever you like, or delete it.")),
    )
    choices = (
        Choice(f"mine:e{draft.hex}", _("Go on with it"), "✏️"),
        Choice(f"mine:w{draft.hex}", _("Delete it"), "🗑️"),
    )
    turn.say_privately(text, choices=choices)


async def _make_draft(turn: Turn, words: str) -> UUID | None:
    author = author_of(turn)
    if author is None:
        return None
    fields = (split_into_fields(words) if "\n" in words else {}) or {"done": words}
    return (await ContributionService(turn.unit).start(author, fields=fields)).id


async def _explain_joining(turn: Turn) -> None:
    await _tell(
        turn,
        _(
            "To keep your message as a lesson learned you need to belong to the network first: {join}. "
            "Then press again."
        ),
    )


async def _tell(turn: Turn, sentence: str) -> None:
    """Tell the person alone, where the network lets the bot; nobody else learns of it."""
    if await _reaches(turn):
        join = command(turn.glance, "beitreten", "join")
        turn.say_privately(rich(paragraph(*filled(sentence, join=join))))


COMMANDS = (
    Command(
        HANDING_OVER,
        lambda: _("In reply to a message: ask its author whether it may be kept as a lesson learned"),
        Handler(ask_author, prepare_request),
        where=frozenset({ChatKind.GROUP}),
        personal=True,
    ),
)
CHOICES = (ChoiceHandler(NAME, Handler(take_yes, prepare_yes)),)
