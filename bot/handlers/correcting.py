"""``/korrektur``: saying below an answer what is wrong in one of its sources; a moderator reads it."""

from dataclasses import dataclass
from uuid import UUID

from bot.core.commands import says_something
from bot.core.dialogue import Dialogue, Draft, Prompt, Step
from bot.core.dialogues import begin_dialogue
from bot.core.messages import Choice
from bot.core.text import note, paragraph, quote, rich
from bot.core.turn import ChoiceHandler, Command, Handler, Turn
from bot.handlers.answers import too_old
from bot.handlers.experience import begin_with, may_contribute
from bot.handlers.experience_draft import (
    BACK,
    LATER,
    SEND,
    author_of,
    back_choice,
    draft_data,
    fields_of,
    help_blocks,
    later_choice,
    note_hit,
    note_miss,
)
from bot.handlers.experience_personal import ask_personal, open_findings, take_personal
from bot.handlers.experience_review import sent_text
from bot.handlers.filling import filled
from bot.handlers.watching import DIGITS
from bot.handlers.wording import command
from knowledge.chats.outbox import Outbox
from knowledge.chats.service import ChatService
from knowledge.contributions.checking import LONGEST_QUOTE, LONGEST_SUGGESTION, QUOTE, SUGGESTION
from knowledge.contributions.schemas import Author, ContributionEntry
from knowledge.contributions.service import ContributionService
from knowledge.conversations.schemas import ExchangeEntry
from knowledge.conversations.service import ConversationService
from knowledge.kit.language import _

START_WORD = "korrektur-"
LONGEST_TITLE = 60


@dataclass(frozen=True, slots=True)
class Source:
    """A source of an answer, as it was shown."""

    document: UUID
    title: str
    quote: str


# Which source


async def correct(turn: Turn) -> None:
    """Ask which source of an answer is meant, in the person's direct chat."""
    if not await may_contribute(turn):
        return
    exchange = await _exchange(turn)
    if exchange is None:
        sentence = _("Please reply with {command} to the answer in which something is wrong.")
        turn.say(rich(paragraph(*filled(sentence, command=command(turn.glance, "korrektur", "correct")))))
        return
    if turn.glance.is_direct or await _reaches(turn):
        await offer_sources(turn, exchange)
        return
    link = turn.services.direct_link(turn.glance.network, f"{START_WORD}{exchange.id.hex}")
    choices = (Choice("fix:chat", _("To our chat"), None, link),) if link else ()
    turn.say(rich(_("Let us do this in our own chat.")), choices=choices)


async def _exchange(turn: Turn) -> ExchangeEntry | None:
    """Return the answer that is replied to, or in a direct chat the last one."""
    incoming, conversations = turn.incoming, ConversationService(turn.unit.session)
    if incoming.reply_to is not None:
        sent = await Outbox(turn.unit.session).sent(turn.glance.network, incoming.reply_to)
        return await conversations.get(sent.exchange_id) if sent and sent.exchange_id else None
    if not turn.glance.is_direct:
        return None
    found = await conversations.came_before(turn.chat.id, thread=None, is_direct=True, network=turn.glance.network)
    return found[0] if found else None


async def _reaches(turn: Turn) -> bool:
    if turn.glance.features.can_write_first:
        return True
    return await ChatService(turn.unit.session).direct_chat(turn.identity.id) is not None


async def offer_sources(turn: Turn, exchange: ExchangeEntry) -> None:
    """Let the person choose the source that is meant."""
    sources = await _sources(turn, exchange)
    if not sources:
        _say_privately(turn, _("This answer has no source that could be corrected."))
        return
    author = author_of(turn)
    if author is not None and turn.glance.is_direct and len(sources) == 1:
        await _begin(turn, author, sources[0])
        return
    choices = tuple(
        Choice(f"fix:{number}{exchange.id.hex}", source.title[:LONGEST_TITLE], digit)
        for number, (digit, source) in enumerate(zip(DIGITS, sources, strict=False), start=1)
    )
    _say_privately(turn, _("In which source is something wrong?"), *choices)


def _say_privately(turn: Turn, sentence: str, *choices: Choice) -> None:
    if turn.glance.is_direct:
        turn.say(rich(sentence), choices=choices)
    else:
        turn.say_privately(rich(sentence), choices=choices)


async def _sources(turn: Turn, exchange: ExchangeEntry) -> list[Source]:
    answer = await ConversationService(turn.unit.session).answer(exchange)
    shown = answer.trace.get("shown", []) if answer else []
    sources: dict[str, Source] = {}
    for one in shown:
        sources.setdefault(one["document"], Source(UUID(one["document"]), one["title"] or "", one.get("quote") or ""))
    return list(sources.values())


async def continue_correcting(turn: Turn, word: str) -> bool:
    """Go on in the direct chat with what was begun in a group; ``False`` for any other word."""
    if not word.startswith(START_WORD):
        return False
    try:
        key = UUID(word.removeprefix(START_WORD))
    except ValueError:
        return False
    exchange = await ConversationService(turn.unit.session).get(key)
    if exchange is None:
        turn.say(too_old())
    elif await may_contribute(turn):
        await offer_sources(turn, exchange)
    return True


async def choose_source(turn: Turn) -> None:
    """Begin with the source that was chosen."""
    author, number = author_of(turn), turn.glance.choice[:1]
    if author is None or not turn.glance.is_direct or not number.isdecimal():
        return
    key = _key(turn.glance.choice[1:])
    exchange = await ConversationService(turn.unit.session).get(key) if key else None
    sources = await _sources(turn, exchange) if exchange else []
    if not 1 <= int(number) <= len(sources):
        turn.say(too_old())
        return
    await _begin(turn, author, sources[int(number) - 1])


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


async def _begin(turn: Turn, author: Author, source: Source) -> None:
    """Begin to correct a document: the own house's experience in its fields, anything else by a suggestion."""
    entry = await ContributionService(turn.unit).start(author, corrects=source.document, viewer=turn.glance.viewer)
    if SUGGESTION not in entry.fields:
        await begin_with(turn, await draft_data(turn, entry), step="overview")
        return
    # Begun only to see whether and how it can be corrected; what is not sent leaves no draft behind.
    await ContributionService(turn.unit).withdraw(entry.id, author)
    fields = {QUOTE: source.quote[:LONGEST_QUOTE]}
    data = {"document": source.document.hex, "title": source.title, "fields": fields}
    await begin_dialogue(turn, CORRECTION, data)


async def begin_suggestion(turn: Turn, entry: ContributionEntry) -> None:
    """Go on with a suggestion that waits to be decided, or was given back."""
    data = {"contribution": entry.id.hex, "title": "", "fields": dict(entry.fields)}
    await begin_dialogue(turn, CORRECTION, data)


# What is wrong


async def _ask_text(turn: Turn, draft: Draft) -> Prompt:
    quoted = str(fields_of(draft).get(QUOTE) or "")
    title = str(draft.data.get("title") or "")
    so_far = str(fields_of(draft).get(SUGGESTION) or "")
    blocks = help_blocks(turn, draft) or [
        *([paragraph(_("About “{title}”:").format(title=title))] if title else []),
        *([quote(quoted)] if quoted else []),
        paragraph(_("What is wrong, and what should stand there instead?")),
        *([note(_("So far: {text}").format(text=so_far))] if so_far else []),
    ]
    return Prompt(rich(*blocks), (later_choice(),))


async def _take_text(turn: Turn, draft: Draft, answer: str) -> str | None:
    if answer == LATER:
        turn.say(rich(_("Gladly. Nothing was sent.")))
        return None
    if not says_something(answer) or len(answer) > LONGEST_SUGGESTION:
        problem = _("Please write it in a few sentences, at most {count} characters.")
        note_miss(draft, problem.format(count=LONGEST_SUGGESTION))
        return "text"
    note_hit(draft)
    fields_of(draft)[SUGGESTION] = answer.strip()
    return _next(draft)


def _next(draft: Draft) -> str:
    """Return the step before sending; what is quoted from the library is no finding about people."""
    draft.data.setdefault("kept", [])
    quoted = fields_of(draft).get(QUOTE)
    only = Draft({"fields": {QUOTE: quoted}}) if quoted else Draft()
    draft.data["kept"] += [[found.finding.kind.value, found.finding.text] for found in open_findings(only)]
    return "personal" if open_findings(draft) else "confirm"


async def _take_personal(turn: Turn, draft: Draft, answer: str) -> str | None:
    if answer == LATER:
        turn.say(rich(_("Gladly. Nothing was sent.")))
        return None
    take_personal(draft, answer)
    return "personal" if open_findings(draft) else "confirm"


async def _ask_confirm(turn: Turn, draft: Draft) -> Prompt:
    blocks = help_blocks(turn, draft) or [
        note(_("This is what the moderators read:")),
        quote(str(fields_of(draft)[SUGGESTION])),
        paragraph(_("Shall I send it like this?")),
    ]
    return Prompt(rich(*blocks), (Choice(SEND, _("Send it off"), "✅"), back_choice(), later_choice()))


async def _take_confirm(turn: Turn, draft: Draft, answer: str) -> str | None:
    if answer == BACK:
        note_hit(draft)
        return "text"
    if answer == LATER:
        turn.say(rich(_("Gladly. Nothing was sent.")))
        return None
    if answer != SEND:
        note_miss(draft, _("I do not know what to do with this here. Please choose below."))
        return "confirm"
    await _send(turn, draft)
    return None


async def _send(turn: Turn, draft: Draft) -> None:
    author, service, fields = author_of(turn), ContributionService(turn.unit), fields_of(draft)
    if author is None:
        await may_contribute(turn)
        return
    if draft.data.get("contribution"):
        key = UUID(draft.data["contribution"])
        await service.reopen(key, author)
        await service.change(key, author, fields=fields)
    else:
        document = UUID(draft.data["document"])
        key = (await service.start(author, fields=fields, corrects=document, viewer=turn.glance.viewer)).id
    turn.say(sent_text(turn, (await service.submit(key, author)).state))


CORRECTION = Dialogue(
    "correction",
    "text",
    {
        "text": Step(_ask_text, _take_text),
        "personal": Step(ask_personal, _take_personal),
        "confirm": Step(_ask_confirm, _take_confirm),
    },
)
COMMANDS = (
    Command(
        ("korrektur", "correct"),
        lambda: _("In reply to an answer: say what is wrong in one of its sources"),
        Handler(correct),
        offered=lambda glance: glance.identity.verified,
        personal=True,
    ),
)
CHOICES = (ChoiceHandler("fix", Handler(choose_source)),)
DIALOGUES = (CORRECTION,)
