"""Registering for a training, cancelling, taking an offered place; what is asked is asked one after the other."""

from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

from bot.core.dialogue import Dialogue, Draft, Prompt, Step
from bot.core.dialogues import begin_dialogue
from bot.core.messages import Choice
from bot.core.replies import not_for_groups
from bot.core.text import RichText, bold, item, note, paragraph, rich
from bot.core.turn import Turn
from bot.handlers.answers import personal_viewer
from bot.handlers.experience_draft import help_blocks, note_hit, note_miss
from bot.handlers.filling import filled
from bot.handlers.open_question_draft import STOP, reaches, split_key, stop_choice
from bot.handlers.profile import warn_once
from bot.handlers.training_text import (
    ACCEPT,
    CANCEL,
    DECLINE,
    REGISTER,
    SURELY,
    calendar_choice,
    kept_note,
    member_of,
    nothing_choice,
    offered_until,
    own_choices,
    reader_of,
    spot_blocks,
    title_line,
    training_blocks,
    training_choices,
    when_line,
)
from bot.handlers.wording import command, whom_to_ask
from knowledge.kit.errors import AllmendeError, NotFound
from knowledge.kit.language import _, ngettext
from knowledge.models.chat import Network
from knowledge.models.training import RegistrationState
from knowledge.trainings.checking import LONGEST_ANSWER
from knowledge.trainings.errors import AnswersInvalid
from knowledge.trainings.registering import RegistrationService
from knowledge.trainings.schemas import QuestionEntry, RegistrationEntry, TrainingEntry, TrainingReader
from knowledge.trainings.service import TrainingService

# How the word of a link begins that brings somebody from a group to a training.
TRAINING_WORD = "schulung-"
SEND, ANEW = ":send", ":anew"
# What somebody writes who has nothing to answer.
SKIPPING = frozenset({"", "-", "–", "—", "skip", "überspringen", "weiter"})


async def _training(turn: Turn, key: UUID) -> TrainingEntry:
    return await TrainingService(turn.unit).get(key, reader_of(turn))


# Who may, and where


async def may_take_part(turn: Turn) -> bool:
    """Whether this is a member of the network; others are told how to become one."""
    if turn.incoming.sender.anonymous:
        turn.say(not_for_groups())
        return False
    if turn.identity.verified:
        return True
    sentence = _("To register you need to belong to the network: {join}. It takes a minute.")
    join = command(turn.glance, "beitreten", "join")
    turn.say(rich(paragraph(*filled(sentence, join=join)), note(whom_to_ask(turn.glance))))
    return False


async def go_on_alone(turn: Turn, key: UUID) -> None:
    """Show the training to somebody of a group in their own chat, where they register."""
    if await reaches(turn):
        reader = TrainingReader(turn.identity.member_id, personal_viewer(turn.glance), turn.identity.organisation_id)
        entry = await TrainingService(turn.unit).get(key, reader)
        turn.say_privately(rich(*training_blocks(entry, turn.glance.network)), choices=training_choices(entry))
        return
    address = turn.services.direct_link(turn.glance.network, f"{TRAINING_WORD}{key.hex}")
    choices = (Choice("train:chat", _("To our chat"), None, address),) if address else ()
    turn.say(rich(_("Let us do this in our own chat.")), choices=choices)


async def continue_training(turn: Turn, word: str) -> bool:
    """Go on in the direct chat with what was begun in a group; ``False`` for any other word."""
    key = split_key(word)[1] if word.startswith(TRAINING_WORD) else None
    if key is None:
        return False
    entry = await _training(turn, key)
    turn.say(rich(*training_blocks(entry, turn.glance.network)), choices=training_choices(entry))
    return True


# Registering


async def register(turn: Turn, key: UUID) -> None:
    """Register somebody with one tap; where something is asked, ask it first."""
    if not await may_take_part(turn):
        return
    if not turn.glance.is_direct:
        await go_on_alone(turn, key)
        return
    await warn_once(turn)
    entry = await _training(turn, key)
    if not entry.questions or (entry.registration is not None and entry.registration.is_live):
        await _register(turn, entry, {})
        return
    data = {"training": key.hex, "title": title_line(entry), "place": 0, "answers": {}}
    await begin_dialogue(turn, REGISTERING, data)


async def _register(turn: Turn, entry: TrainingEntry, answers: Mapping[str, str]) -> None:
    viewer = turn.glance.viewer
    registered = await RegistrationService(turn.unit).register(entry.id, member_of(turn), dict(answers), viewer=viewer)
    say_registered(turn, await _training(turn, entry.id), registered)


def say_registered(turn: Turn, entry: TrainingEntry, registration: RegistrationEntry) -> None:
    """Say that somebody has a place, or waits for one, with what they can do then."""
    calendar = (calendar_choice(entry.id),) if registration.state is RegistrationState.REGISTERED else ()
    text = registered_text(entry, registration, turn.glance.network)
    turn.say(text, choices=(*calendar, *own_choices(registration)))


def registered_text(entry: TrainingEntry, registration: RegistrationEntry, network: Network) -> RichText:
    """Return that somebody has a place, or waits for one, and what is kept of it."""
    title = title_line(entry)
    if registration.state is RegistrationState.WAITING:
        said = _("You are on the waiting list for “{title}”, at number {position}.")
        head = said.format(title=title, position=registration.position or 1)
        told = _("When a place becomes free, I ask you; you then have {hours} to accept it.")
        blocks = [note(told.format(hours=hours_text(entry.offer_hours)))]
    elif registration.state is RegistrationState.OFFERED:
        said = _("A place in “{title}” is kept for you until {moment}.")
        head, blocks = said.format(title=title, moment=offered_until(registration)), []
    else:
        head = _("You are registered: {title}").format(title=title)
        blocks = [
            paragraph(when_line(entry)),
            *spot_blocks(entry, network),
            note(_("I remind you a day and an hour before.")),
        ]
    return rich(paragraph(bold(head)), *blocks, kept_note(entry))


def hours_text(hours: int) -> str:
    """Return how long somebody has."""
    if hours % 24 == 0 and hours >= 48:
        days = hours // 24
        return ngettext("{count} day", "{count} days", days).format(count=days)
    return ngettext("{count} hour", "{count} hours", hours).format(count=hours)


# What is asked at registration


def _question(entry: TrainingEntry, draft: Draft) -> QuestionEntry | None:
    """Return the question that comes next; the publisher may have changed them meanwhile."""
    answers = draft.data["answers"]
    skipped = draft.data.setdefault("skipped", [])
    return next((one for one in entry.questions if one.id.hex not in answers and one.id.hex not in skipped), None)


async def _entry_of(turn: Turn, draft: Draft) -> TrainingEntry:
    return await _training(turn, UUID(draft.data["training"]))


async def _ask_question(turn: Turn, draft: Draft) -> Prompt:
    entry = await _entry_of(turn, draft)
    question = _question(entry, draft)
    done = len(draft.data["answers"]) + len(draft.data["skipped"])
    count = _("Question {number} of {count}").format(number=done + 1, count=len(entry.questions))
    blocks = help_blocks(turn, draft) or [note(f"{title_line(entry)} · {count}")]
    blocks.append(paragraph(bold(question.text if question else _("Is there anything else?"))))
    # Nothing to choose below: a number that somebody answers would be taken for that of a choice.
    stop = command(turn.glance, "abbrechen", "cancel")
    if question is not None and question.required:
        blocks.append(note(*filled(_("Simply write. {stop} ends it, and you are not registered."), stop=stop)))
    else:
        skipping = _("Simply write; “–” skips the question. {stop} ends it, and you are not registered.")
        blocks.append(note(*filled(skipping, stop=stop)))
    return Prompt(rich(*blocks))


async def _take_answer(turn: Turn, draft: Draft, answer: str) -> str | None:
    entry = await _entry_of(turn, draft)
    question = _question(entry, draft)
    if question is not None and not _note_answer(draft, question, answer):
        return "question"
    note_hit(draft)
    return "question" if _question(entry, draft) is not None else "confirm"


def _note_answer(draft: Draft, question: QuestionEntry, answer: str) -> bool:
    text = answer.strip()
    skips = text.casefold() in SKIPPING
    if skips and question.required:
        note_miss(draft, _("The organiser needs an answer to this."))
        return False
    if skips:
        draft.data["skipped"].append(question.id.hex)
        return True
    if not text or len(text) > LONGEST_ANSWER:
        note_miss(draft, _("Please answer in at most {most} characters.").format(most=LONGEST_ANSWER))
        return False
    draft.data["answers"][question.id.hex] = text
    return True


async def _ask_confirm(turn: Turn, draft: Draft) -> Prompt:
    entry, answers = await _entry_of(turn, draft), draft.data["answers"]
    blocks = [
        *help_blocks(turn, draft),
        paragraph(bold(_("Shall I register you? {title}").format(title=title_line(entry)))),
    ]
    blocks.append(paragraph(when_line(entry)))
    blocks += [item(bold(one.text), " ", answers[one.id.hex]) for one in entry.questions if one.id.hex in answers]
    label = _("Onto the waiting list") if entry.is_full else _("Register for it")
    choices = (Choice(SEND, label, "✅"), Choice(ANEW, _("Answer anew"), "✏️"), stop_choice())
    return Prompt(rich(*blocks, kept_note(entry)), choices)


async def _take_confirm(turn: Turn, draft: Draft, answer: str) -> str | None:
    if answer == STOP:
        return _stop(turn)
    if answer == ANEW:
        draft.data["answers"], draft.data["skipped"] = {}, []
        return "question"
    if answer != SEND:
        note_miss(draft, _("I do not know what to do with this here. Please choose below."))
        return "confirm"
    entry = await _entry_of(turn, draft)
    answers = {str(UUID(key)): text for key, text in draft.data["answers"].items()}
    try:
        await _register(turn, entry, answers)
    except AnswersInvalid as error:
        note_miss(draft, error.message)
        draft.data["answers"], draft.data["skipped"] = {}, []
        return "question"
    except AllmendeError as error:
        turn.say(rich(error.message))
    return None


def _stop(turn: Turn) -> str | None:
    turn.say(rich(_("Cancelled. You are not registered.")))
    return None


# Cancelling, and an offered place: about one's own registration


async def _own(turn: Turn, key: UUID) -> RegistrationEntry | None:
    """Return somebody's own registration, in their own chat; elsewhere it is no matter."""
    if not turn.glance.is_direct or not await may_take_part(turn):
        return None
    return await RegistrationService(turn.unit).get(key, member_of(turn).member_id)


async def ask_cancelling(turn: Turn, key: UUID) -> None:
    """Ask once whether somebody does not come."""
    registration = await _own(turn, key)
    if registration is None:
        return
    if not registration.is_live:
        turn.say(rich(_("You are not registered for this training.")))
        return
    waits = registration.state is RegistrationState.WAITING
    what = _("Shall I take you off the waiting list?") if waits else _("Shall I cancel your registration?")
    yes = _("Yes, take me off") if waits else _("Yes, cancel it")
    text = rich(paragraph(bold(what)), paragraph(await _title_here(turn, registration.training_id)))
    turn.say(text, choices=(Choice(f"train:{SURELY}{key.hex}", yes, "✖️"), nothing_choice()))


async def _title_here(turn: Turn, key: UUID) -> str:
    """Return a training's title; one cancels also where it may not be shown."""
    try:
        return title_line(await _training(turn, key))
    except NotFound:
        return _("a training of the network")


async def cancel(turn: Turn, key: UUID) -> None:
    """Cancel somebody's registration."""
    registration = await _own(turn, key)
    if registration is not None:
        await RegistrationService(turn.unit).cancel(key, member_of(turn).member_id)
        turn.say(rich(_("Cancelled. Thank you for saying so; somebody else may be glad of the place.")))


async def accept(turn: Turn, key: UUID) -> None:
    """Take the place that is offered to somebody."""
    if await _own(turn, key) is None:
        return
    registration = await RegistrationService(turn.unit).accept_offer(key, member_of(turn).member_id)
    try:
        entry = await _training(turn, registration.training_id)
    except NotFound:  # it may not be shown in this house
        turn.say(rich(paragraph(bold(_("You have the place."))), note(_("Everything about it stands in the hub."))))
        return
    say_registered(turn, entry, registration)


async def decline(turn: Turn, key: UUID) -> None:
    """Let the place go to the next one."""
    if await _own(turn, key) is not None:
        await RegistrationService(turn.unit).decline_offer(key, member_of(turn).member_id)
        turn.say(rich(_("Noted. The place goes to the next one on the list.")))


Deed = Callable[[Turn, UUID], Awaitable[None]]
DEEDS: Mapping[str, Deed] = {
    REGISTER: register,
    CANCEL: ask_cancelling,
    SURELY: cancel,
    ACCEPT: accept,
    DECLINE: decline,
}
REGISTERING = Dialogue(
    "training_registration",
    "question",
    {"question": Step(_ask_question, _take_answer), "confirm": Step(_ask_confirm, _take_confirm)},
    keep_days=7,
)
DIALOGUES = (REGISTERING,)
