"""``/schulung`` for those who publish: their trainings with how many come, a new one, publishing, cancelling."""

from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

from bot.core.dialogue import Dialogue, Draft, Prompt, Step
from bot.core.dialogues import begin_dialogue
from bot.core.messages import Choice
from bot.core.text import Block, bold, note, paragraph, quote, rich
from bot.core.turn import ChoiceHandler, Command, Glance, Handler, Turn
from bot.handlers.experience_draft import help_blocks, note_miss
from bot.handlers.open_question_draft import STOP, split_key, stop_choice
from bot.handlers.training_entering import ENTERING, NAMES, publisher
from bot.handlers.training_text import (
    LONGEST_LABEL,
    MANAGED,
    counts_line,
    free_line,
    publisher_of,
    title_line,
    training_blocks,
    when_line,
)
from bot.handlers.trainings import show_trainings
from bot.handlers.watching import DIGITS
from knowledge.access.rights import RIGHTS, NotAllowed, Right
from knowledge.kit.errors import AllmendeError, NotFound
from knowledge.kit.language import _, ngettext
from knowledge.models.chat import Network
from knowledge.models.document import Visibility
from knowledge.models.training import TrainingState
from knowledge.trainings.checking import checked_reason
from knowledge.trainings.errors import UnknownTraining
from knowledge.trainings.schemas import RegistrationSums, TrainingEntry
from knowledge.trainings.service import TrainingService

# What a choice does, behind „tpub:" and before the training's identifier.
NEW, SHOW, PUBLISH, CANCEL, DISCARD, SURELY, NOTHING = "n", "s", "p", "c", "d", "x", "o"
FRESH = frozenset({"neu", "neue", "new"})
SEND = ":send"
MOST_SHOWN = 6


class NotHere(NotFound):
    """A training may not be shown in a foreign house, not even to whoever runs it."""

    code = "trainings.not_here"

    def __init__(self) -> None:
        super().__init__(_("This training may not be shown on Telegram. Please go on in the hub."))


async def manage(turn: Turn) -> None:
    """Show a publisher what they run; to all others, and in groups, what is coming."""
    by = await publisher_of(turn.unit, turn.identity) if turn.glance.is_direct else None
    argument = turn.glance.argument.casefold().strip()
    if by is None or (argument and argument not in FRESH):
        await show_trainings(turn)
    elif argument in FRESH:
        await begin_dialogue(turn, ENTERING)
    else:
        await _list(turn, await TrainingService(turn.unit).managed(by))


async def _list(turn: Turn, entries: list[TrainingEntry]) -> None:
    running = [one for one in entries if one.state is not TrainingState.CANCELLED and not one.is_over][:MOST_SHOWN]
    blocks: list[Block] = [paragraph(bold(_("Trainings that you run")))] if running else []
    blocks += [
        paragraph(f"{number}. ", bold(_title(turn, one)), f"\n{_state_line(one)}")
        for number, one in enumerate(running, 1)
    ]
    choices = [
        Choice(f"tpub:{SHOW}{one.id.hex}", f"{number}. {_title(turn, one)[:LONGEST_LABEL]}", DIGITS[number - 1])
        for number, one in enumerate(running, 1)
    ]
    if not running:
        blocks = [paragraph(_("You run no training at the moment."))]
    turn.say(rich(*blocks), choices=(*choices, Choice(f"tpub:{NEW}", _("A new training"), "➕")))


def _title(turn: Turn, entry: TrainingEntry) -> str:
    """Return its title; in a foreign house only of those that are public."""
    return title_line(entry) if _may_show(turn, entry) else _("a training of the network")


def _may_show(turn: Turn, entry: TrainingEntry) -> bool:
    access = turn.glance.viewer.access
    abroad = turn.glance.network is Network.TELEGRAM
    return not abroad or access is None or entry.access in access or entry.visibility is Visibility.PUBLIC


def _state_line(entry: TrainingEntry) -> str:
    if entry.state is TrainingState.DRAFT:
        return " · ".join((when_line(entry), _("a draft")))
    return " · ".join((when_line(entry), counts_line(entry.sums or RegistrationSums()), free_line(entry)))


# One of them


async def choose(turn: Turn) -> None:
    """Do what was chosen below a training that somebody runs."""
    if not turn.glance.is_direct:
        return
    if turn.incoming.sender.anonymous:
        raise NotAllowed
    mark, key = split_key(turn.glance.choice)
    if mark == NEW:
        await publisher(turn)
        await begin_dialogue(turn, ENTERING)
    elif mark == NOTHING:
        turn.say(rich(_("Everything stays as it is.")))
    elif key is None or mark not in _DEEDS:
        raise UnknownTraining
    else:
        await _DEEDS[mark](turn, key)


async def _entry(turn: Turn, key: UUID) -> TrainingEntry:
    entry = await TrainingService(turn.unit).get_managed(key, await publisher(turn))
    if not _may_show(turn, entry):
        raise NotHere
    return entry


async def _show(turn: Turn, key: UUID) -> None:
    entry = await _entry(turn, key)
    turn.say(rich(*training_blocks(entry, turn.glance.network)), choices=_choices(turn, entry))


def _choices(turn: Turn, entry: TrainingEntry) -> tuple[Choice, ...]:
    key, hub = entry.id.hex, turn.services.settings.hub
    choices = []
    if entry.state is TrainingState.DRAFT:
        choices.append(Choice(f"tpub:{PUBLISH}{key}", _("Publish it"), "✅"))
        choices.append(Choice(f"tpub:{DISCARD}{key}", _("Delete the draft"), "🗑️"))
    elif entry.state is TrainingState.PUBLISHED and not entry.is_over:
        choices.append(Choice(f"tpub:{CANCEL}{key}", _("It does not take place"), "✖️"))
    if hub.hub_url is not None:
        choices.append(Choice("tpub:hub", _("See it in the hub"), None, f"{hub.address}{MANAGED.format(key=entry.id)}"))
    return tuple(choices)


async def _publish(turn: Turn, key: UUID) -> None:
    await _entry(turn, key)
    entry = await TrainingService(turn.unit).publish(key, await publisher(turn))
    text = _("Published. Whoever may find it can register now: {title}").format(title=title_line(entry))
    turn.say(rich(paragraph(bold(text))))


async def _ask_discarding(turn: Turn, key: UUID) -> None:
    entry = await _entry(turn, key)
    yes = Choice(f"tpub:{SURELY}{key.hex}", _("Yes, delete it"), "🗑️")
    text = _("Shall the draft “{title}” be deleted?").format(title=title_line(entry))
    turn.say(rich(text), choices=(yes, Choice(f"tpub:{NOTHING}", _("Leave it as it is"), "↩️")))


async def _discard(turn: Turn, key: UUID) -> None:
    await TrainingService(turn.unit).discard(key, await publisher(turn))
    turn.say(rich(_("The draft is deleted.")))


# Cancelling


async def _begin_cancelling(turn: Turn, key: UUID) -> None:
    entry = await _entry(turn, key)
    await begin_dialogue(turn, CANCELLING, {"training": key.hex, "title": title_line(entry)})


async def _ask_reason(turn: Turn, draft: Draft) -> Prompt:
    head = _("Why does “{title}” not take place?").format(title=draft.data["title"])
    blocks = help_blocks(turn, draft) or [paragraph(bold(head)), note(_("Everybody who registered reads it."))]
    return Prompt(rich(*blocks), (stop_choice(),))


async def _take_reason(turn: Turn, draft: Draft, answer: str) -> str | None:
    if answer == STOP:
        return _stopped(turn)
    draft.data["reason"] = checked_reason(answer)
    return "confirm"


async def _ask_confirm(turn: Turn, draft: Draft) -> Prompt:
    sums = (await _entry(turn, UUID(draft.data["training"]))).sums or RegistrationSums()
    told = sums.registered + sums.offered + sums.waiting
    people = ngettext("{count} person is told.", "{count} people are told.", told).format(count=told)
    head = _("Shall “{title}” be cancelled?").format(title=draft.data["title"])
    blocks = [*help_blocks(turn, draft), paragraph(bold(head)), quote(draft.data["reason"])]
    choices = (Choice(SEND, _("Yes, call it off"), "✖️"), Choice(STOP, _("Leave it as it is"), "↩️"))
    return Prompt(rich(*blocks, note(f"{people} ", _("It cannot be taken back."))), choices)


async def _take_confirm(turn: Turn, draft: Draft, answer: str) -> str | None:
    if answer == STOP:
        return _stopped(turn)
    if answer != SEND:
        note_miss(draft, _("I do not know what to do with this here. Please choose below."))
        return "confirm"
    try:
        by = await publisher(turn)
        await TrainingService(turn.unit).cancel(UUID(draft.data["training"]), by, draft.data["reason"])
    except AllmendeError as error:
        turn.say(rich(error.message))
        return None
    turn.say(rich(_("Cancelled. Everybody who registered is told now.")))
    return None


def _stopped(turn: Turn) -> str | None:
    turn.say(rich(_("Everything stays as it is.")))
    return None


def _offered(glance: Glance) -> bool:
    role = glance.identity.role
    return glance.is_direct and role is not None and Right.TRAININGS_MANAGE in RIGHTS[role]


Deed = Callable[[Turn, UUID], Awaitable[None]]
_DEEDS: Mapping[str, Deed] = {
    SHOW: _show,
    PUBLISH: _publish,
    CANCEL: _begin_cancelling,
    DISCARD: _ask_discarding,
    SURELY: _discard,
}
CANCELLING = Dialogue(
    "training_cancelling",
    "reason",
    {"reason": Step(_ask_reason, _take_reason), "confirm": Step(_ask_confirm, _take_confirm)},
    keep_days=7,
)
COMMANDS = (
    Command(NAMES, lambda: _("Trainings that you run: new, publish, cancel"), Handler(manage), offered=_offered),
)
CHOICES = (ChoiceHandler("tpub", Handler(choose)),)
DIALOGUES = (CANCELLING,)
