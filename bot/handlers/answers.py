"""What can be done with an answer: read more of it, have it in private, share it, take it away."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from bot.core.answer_text import echo, phone_sized, quotation_blocks, rich_answer, source_blocks
from bot.core.messages import Choice, Outgoing, Place
from bot.core.text import RichText, note, rich
from bot.core.turn import ChoiceHandler, Glance, Handler, Said, Turn
from bot.handlers.lesson_choices import kept_choices
from knowledge.access.visibility import Viewer
from knowledge.chats.schemas import ChatEntry
from knowledge.chats.service import ChatService
from knowledge.circles.audience import viewer_for
from knowledge.conversations.schemas import Anchor, ExchangeEntry, SentEntry
from knowledge.conversations.service import ConversationService, private_word
from knowledge.kit.ids import new_id
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work
from knowledge.library.answers.followups import Before
from knowledge.library.answers.further import Further, find_further
from knowledge.library.answers.schemas import PreparedAnswer
from knowledge.models.chat import ChatKind, Network
from knowledge.peers.alike import AlikeAsker, prepare_answer

LONGEST_ECHO = 200
# The choice by which an asker gives a question on to the network, and the word of the link that does the same.
RELEASE, RELEASE_WORD = "net", "netz-"


@dataclass(frozen=True, slots=True)
class Again:
    """The answer to a question that was asked before, for other eyes."""

    exchange: ExchangeEntry
    question: str
    prepared: PreparedAnswer
    has_more: bool
    # Where it is shared; empty for the direct chat.
    group: ChatEntry | None = None


def helped_choices(exchange: ExchangeEntry, helpful: str = "", unhelpful: str = "") -> tuple[Choice, ...]:
    """Return the choices to say whether an answer helped, perhaps with a mark behind each."""
    return (
        Choice(f"vote:+{exchange.id.hex}", _("Helped") + helpful, "👍"),
        Choice(f"vote:-{exchange.id.hex}", _("Did not help") + unhelpful, "👎"),
    )


def more_choice(exchange: ExchangeEntry) -> Choice:
    """Return „Mehr dazu"."""
    return Choice(f"more:{exchange.id.hex}", _("More about this"), "➕")


def watch_choice(exchange: ExchangeEntry) -> Choice:
    """Return the choice to hear when something fitting is published."""
    return Choice(f"watch:{exchange.id.hex}", _("Tell me later"), "🔔")


def release_choice(glance: Glance, exchange: ExchangeEntry) -> tuple[Choice, ...]:
    """Return „Ins Netzwerk geben"; from a group it leads to the direct chat where the bot cannot write first."""
    address = None
    if not glance.is_direct and not glance.features.can_write_first:
        address = glance.services.direct_link(glance.network, f"{RELEASE_WORD}{exchange.id.hex}")
        if address is None:
            return ()
    return (Choice(f"{RELEASE}:{exchange.id.hex}", _("Ask the network"), "🤝", address),)


def colleagues_choice(exchange: ExchangeEntry) -> Choice:
    """Return the choice to look for colleagues who know about what was asked."""
    return Choice(f"peersof:{exchange.id.hex}", _("Find colleagues"), "👥")


def answer_choices(glance: Glance, exchange: ExchangeEntry, *, answered: bool, has_more: bool) -> tuple[Choice, ...]:
    """Return what can be chosen below an answer in the place where it was asked."""
    # A visitor's browser is where nobody can be told anything later.
    is_visitor = glance.network is Network.WEB and not glance.identity.verified
    watching = () if is_visitor else (watch_choice(exchange),)
    unanswered = [*watching, *release_choice(glance, exchange)]
    choices = [*helped_choices(exchange)] if answered else unanswered
    if has_more:
        choices.append(more_choice(exchange))
    if not glance.is_direct and answered:
        choices += _private_choice(glance, exchange)
    return (*choices, *delete_choice(glance, exchange))


def possible_choices(glance: Glance, exchange: ExchangeEntry) -> tuple[Choice, ...]:
    """Return everything that may stand below an answer in this place, in its order and once."""
    choices = (*answer_choices(glance, exchange, answered=True, has_more=True), colleagues_choice(exchange))
    if glance.is_direct:
        choices = (*private_choices(glance, exchange, has_more=True), colleagues_choice(exchange))
    return tuple({choice.key: choice for choice in choices}.values())


async def choices_there(turn: Turn, exchange: ExchangeEntry, sent: Sequence[SentEntry]) -> tuple[Choice, ...]:
    """Return what stands below an answer from now on: as it was sent, with the votes marked, and links.

    In a direct chat the person's own choice is marked, in a group how many chose it.
    """
    there = {key for entry in sent for key, _emoji in entry.choices}
    if any(entry.number for entry in sent):
        there.discard(more_choice(exchange).key)  # what it brings stands there already
    votes = await ConversationService(turn.unit.session).votes(exchange)
    marks = [_mark(count, direct=turn.glance.is_direct) for count in (votes.helpful, votes.unhelpful)]
    marked = {choice.key: choice for choice in helped_choices(exchange, *marks)}
    possible = possible_choices(turn.glance, exchange)
    left = (marked.get(choice.key, choice) for choice in possible if choice.key in there or choice.address)
    return (*left, *kept_choices(there))


def _mark(count: int, *, direct: bool) -> str:
    if not count:
        return ""
    return " ✓" if direct else f" ({count})"


def _private_choice(glance: Glance, exchange: ExchangeEntry) -> list[Choice]:
    """Return „Nur für mich": a link where the bot cannot write first, for then only the person can begin."""
    address = None
    if not glance.features.can_write_first:
        word = private_word(exchange)
        address = glance.services.direct_link(glance.network, word) if word else None
        if address is None:
            return []
    return [Choice(f"private:{exchange.id.hex}", _("Only for me"), "🔒", address)]


def delete_choice(glance: Glance, exchange: ExchangeEntry) -> tuple[Choice, ...]:
    """Return „Löschen" on networks that do not tell of deletions."""
    return () if glance.features.tells_deletions else (Choice(f"delete:{exchange.id.hex}", _("Delete"), "🗑"),)


async def has_further(glance: Glance, prepared: PreparedAnswer, viewer: Viewer) -> bool:
    """Whether „Mehr dazu" would show anything beyond this answer."""
    if not prepared.reply.answered:
        return False
    async with unit_of_work(glance.services.database, writes=False) as unit:
        return bool(await find_further(unit.session, prepared.trace, prepared.question, viewer))


async def chosen_exchange(turn: Turn) -> ExchangeEntry | None:
    """Return the exchange that a choice names; it was offered below a message in this chat."""
    key = exchange_key(turn.glance)
    return await ConversationService(turn.unit.session).get(key) if key else None


def exchange_key(glance: Glance) -> UUID | None:
    """Return the key in a choice, after a mark perhaps."""
    try:
        return UUID(glance.choice.lstrip("+-"))
    except ValueError:
        return None


def events_of(sent: list[SentEntry], chat: ChatEntry, *, number: int | None = None) -> tuple[str, ...]:
    """Return the events of an exchange's messages in a chat: of all, or of the one with this number."""
    return tuple(
        entry.event for entry in sent if entry.chat_id == chat.id and (number is None or entry.number == number)
    )


def change_choices(turn: Turn, events: tuple[str, ...], choices: tuple[Choice, ...], exchange: ExchangeEntry) -> None:
    """Put other choices below a message; its text stays."""
    message = Outgoing(turn.incoming.place, None, choices, edits=events, automatic=True)
    turn.said.append(Said(message, exchange.id))


# „Mehr dazu"


async def _more(turn: Turn) -> None:
    exchange = await chosen_exchange(turn)
    conversations = ConversationService(turn.unit.session)
    answer = await conversations.answer(exchange) if exchange else None
    if exchange is None or answer is None:
        turn.say(too_old())
        return
    sent = await conversations.sent(exchange.id)
    if any(entry.number for entry in sent if entry.chat_id == turn.chat.id):
        return  # it stands here already
    question = await conversations.question_text(exchange) or ""
    hub = turn.services.settings.hub.hub_url
    further = await find_further(turn.unit.session, answer.trace, question, turn.glance.viewer, hub=hub)
    turn.say(_further_text(further), exchange_id=exchange.id)
    if turn.glance.features.buttons:
        left = [item for item in await choices_there(turn, exchange, sent) if item.key != more_choice(exchange).key]
        change_choices(turn, events_of(sent, turn.chat, number=0), tuple(left), exchange)


def _further_text(further: Further) -> RichText:
    if not further:
        return rich(_("There is no more about this that may be shown here."))
    citations = [*further.around, *further.others]
    marks = [f"[{number}]" for number in range(1, len(citations) + 1)] if len(citations) > 1 else [""]
    text = rich(*quotation_blocks(citations, marks), *source_blocks(citations, marks))
    return text + rich(note(_("Put together automatically from quotations.")))


def too_old() -> RichText:
    """Return what is said when an answer can no longer be come back to."""
    return rich(_("This answer is too old to go on from. Please ask again."))


# „Nur für mich"


async def _prepare_private(glance: Glance) -> Again | None:
    key = exchange_key(glance)
    async with unit_of_work(glance.services.database, writes=False) as unit:
        conversations = ConversationService(unit.session)
        exchange = await conversations.get(key) if key else None
        question = await conversations.question_text(exchange) if exchange else None
    return await _for_the_person(glance, exchange, question)


async def prepare_privately(glance: Glance, word: str) -> Again | None:
    """Prepare what ``continue_privately`` says: the answer that a private word stands for, with the person's rights.

    Returns ``None`` for a word that is none, or no longer one.
    """
    async with unit_of_work(glance.services.database, writes=False) as unit:
        conversations = ConversationService(unit.session)
        exchange = await conversations.by_word(word)
        question = await conversations.question_text(exchange) if exchange else None
    return await _for_the_person(glance, exchange, question)


async def _for_the_person(glance: Glance, exchange: ExchangeEntry | None, question: str | None) -> Again | None:
    if exchange is None or question is None:
        return None
    return await answer_again(glance, exchange, question, personal_viewer(glance))


async def continue_privately(turn: Turn, word: str) -> bool:
    """Say in this direct chat the answer that a private word stands for; ``False`` for a word that is none.

    Where ``prepare_privately`` was not called before, it is done here.
    """
    again = turn.prepared if isinstance(turn.prepared, Again) else await prepare_privately(turn.glance, word)
    if again is None or not turn.glance.is_direct:
        return False
    await _say_privately(turn, again)
    return True


def personal_viewer(glance: Glance) -> Viewer:
    """Return what the event's person may find in their direct chat."""
    direct = ChatEntry(new_id(), glance.network, "", ChatKind.DIRECT)
    return viewer_for(
        direct, glance.identity, telegram_visibility=glance.services.settings.telegram.telegram_visibility
    )


async def answer_again(
    glance: Glance, exchange: ExchangeEntry, question: str, viewer: Viewer, group: ChatEntry | None = None
) -> Again:
    """Answer the question of an exchange once more, as it stands there, for other eyes."""
    async with unit_of_work(glance.services.database, writes=False) as unit:
        before = await ConversationService(unit.session).read_before(exchange)
    prepared = phone_sized(await prepare_again(glance, question, viewer, before))
    return Again(exchange, question, prepared, await has_further(glance, prepared, viewer), group)


async def prepare_again(glance: Glance, question: str, viewer: Viewer, before: Before | None) -> PreparedAnswer:
    """Make the answer to a question for the eyes of ``viewer``. Raises what asking the library raises."""
    asker = AlikeAsker(viewer, glance.identity.organisation_id)
    return await prepare_answer(glance.services.answers, glance.services.database, question, asker, before)


async def _private(turn: Turn) -> None:
    if not isinstance(turn.prepared, Again):
        turn.say_privately(too_old())
        return
    await _say_privately(turn, turn.prepared)


async def _say_privately(turn: Turn, again: Again) -> None:
    """Keep the answer as an exchange of its own, about the same question, and say it in the direct chat."""
    conversations = ConversationService(turn.unit.session)
    asked = again.exchange.anchor
    exchange = await conversations.keep(
        again.prepared,
        Anchor(asked.chat_id, asked.thread, asked.question_event),
        asker_id=turn.identity.id,
        days=turn.services.settings.chats.chat_thread_days,
        follows_id=again.exchange.id,
    )
    asked_again = echo(again.question, LONGEST_ECHO)
    text = rich(note(_("Only for you, about the question: “{question}”").format(question=asked_again)))
    text += rich_answer(again.prepared.reply)
    choices = private_choices(turn.glance, exchange, has_more=again.has_more)
    if not again.prepared.reply.answered:
        choices = (
            watch_choice(exchange),
            *release_choice(turn.glance, exchange),
            *delete_choice(turn.glance, exchange),
        )
    if turn.glance.is_direct:
        turn.say(text, choices=choices, exchange_id=exchange.id)
    else:
        turn.say_privately(text, choices=choices, exchange_id=exchange.id)


def private_choices(glance: Glance, exchange: ExchangeEntry, *, has_more: bool) -> tuple[Choice, ...]:
    """Return what can be chosen below an answer that somebody has in private."""
    more = (more_choice(exchange),) if has_more else ()
    share = Choice(f"share:{exchange.id.hex}", _("Share with all"), "📣")
    return (*helped_choices(exchange), *more, share, *delete_choice(glance, exchange))


# „Mit allen teilen"


async def _origin(unit: UnitOfWork, exchange: ExchangeEntry) -> ExchangeEntry | None:
    """Return the exchange in the group whose question this one answers in private."""
    origin = await ConversationService(unit.session).get(exchange.follows_id) if exchange.follows_id else None
    if origin is None or origin.anchor.question_event != exchange.anchor.question_event:
        return None
    return origin


async def _prepare_share(glance: Glance) -> Again | None:
    key = exchange_key(glance)
    async with unit_of_work(glance.services.database, writes=False) as unit:
        conversations = ConversationService(unit.session)
        exchange = await conversations.get(key) if key else None
        if exchange is None or await _origin(unit, exchange) is None:
            return None
        question = await conversations.question_text(exchange)
        group = await ChatService(unit.session).chat(exchange.anchor.chat_id)
    if question is None or group is None or group.kind is not ChatKind.GROUP or exchange.asker_id != glance.identity.id:
        return None
    visibility = glance.services.settings.telegram.telegram_visibility
    # Whose Land it is says something of the person: a group's answer has no notes on that.
    viewer = Viewer(viewer_for(group, glance.identity, telegram_visibility=visibility).access)
    return await answer_again(glance, exchange, question, viewer, group)


async def _share(turn: Turn) -> None:
    again = turn.prepared
    if not isinstance(again, Again) or again.group is None:
        turn.say(rich(_("This can no longer be shared.")))
        return
    conversations = ConversationService(turn.unit.session)
    if await conversations.is_copied(again.exchange):
        turn.say(rich(_("This is shared already.")))
        return
    if not again.prepared.reply.answered:
        turn.say(rich(_("Nothing in this answer may be shown to the whole group.")))
        return
    place, exchange = await _share_exchange(turn, again, again.group)
    answer = rich(note(_("Shared by somebody from this group:"))) + rich_answer(again.prepared.reply)
    more = (more_choice(exchange),) if again.has_more else ()
    turn.say_at(
        place,
        answer,
        choices=(*helped_choices(exchange), *more, *delete_choice(turn.glance, exchange)),
        reply_to=again.exchange.anchor.question_event,
        automatic=True,
        exchange_id=exchange.id,
    )
    turn.say(rich(_("Shared, as far as all of the group may see it.")))


async def _share_exchange(turn: Turn, again: Again, group: ChatEntry) -> tuple[Place, ExchangeEntry]:
    asked = again.exchange.anchor
    exchange = await ConversationService(turn.unit.session).keep(
        again.prepared,
        Anchor(group.id, asked.thread, asked.question_event),
        asker_id=turn.identity.id,
        days=turn.services.settings.chats.chat_thread_days,
        follows_id=again.exchange.id,
    )
    return Place(group.network, group.address, group.kind, asked.thread), exchange


# „Löschen"


async def _delete(turn: Turn) -> None:
    exchange = await chosen_exchange(turn)
    # Others see the choice too, but it is not theirs.
    if exchange is not None and exchange.asker_id == turn.identity.id:
        await take_back(turn, exchange)


async def take_back(turn: Turn, exchange: ExchangeEntry) -> None:
    """Take an exchange's messages away from its chats, and erase what was stored of it."""
    conversations = ConversationService(turn.unit.session)
    by_place: dict[Place, list[str]] = {}
    for entry in await conversations.sent(exchange.id):
        thread = exchange.anchor.thread if entry.chat_id == exchange.anchor.chat_id else None
        by_place.setdefault(Place(entry.network, entry.chat, entry.kind, thread), []).append(entry.event)
    for place, events in by_place.items():
        turn.take_away(tuple(events), place=place)
    if turn.glance.network is Network.WEB:  # where we keep what was asked, too
        turn.take_away((exchange.anchor.question_event, turn.incoming.event))
    await conversations.erase(exchange)


MORE = Handler(_more)
PRIVATE = Handler(_private, _prepare_private, asks=True)
SHARE = Handler(_share, _prepare_share, asks=True)
DELETE = Handler(_delete)
CHOICES = (
    ChoiceHandler("more", MORE),
    ChoiceHandler("private", PRIVATE),
    ChoiceHandler("share", SHARE),
    ChoiceHandler("delete", DELETE),
)
