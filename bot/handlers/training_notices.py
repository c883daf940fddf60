"""What people are told of trainings: a place, the waiting list, changes, questions and answers, reminders, afterwards.

Each teller looks at that moment whether it still holds. Where a training may not be shown in a foreign house, its title
and everything about it are left out, and the hub is pointed to.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from uuid import UUID

from bot.core.answer_text import echo
from bot.core.messages import Choice
from bot.core.text import Block, bold, item, link, note, paragraph, quote, rich
from bot.handlers.telling import Teller, Telling, Words
from bot.handlers.training_changes import changed_blocks
from bot.handlers.training_moments import span_text
from bot.handlers.training_registration import hours_text
from bot.handlers.training_text import (
    CANCEL,
    INQUIRIES,
    LONGEST_TITLE,
    ONE,
    calendar_choice,
    offer_choices,
    offered_until,
    place_spans,
    publisher_of,
    spot_blocks,
    title_line,
    when_line,
)
from knowledge.access.visibility import PUBLIC
from knowledge.kit.clock import HOME, now
from knowledge.kit.errors import NotFound
from knowledge.kit.language import _, date_text
from knowledge.library.addresses import document_path
from knowledge.models.chat import Network
from knowledge.models.training import RegistrationState, ReminderKind, TrainingState
from knowledge.trainings.materials import MaterialService
from knowledge.trainings.registering import RegistrationService
from knowledge.trainings.reminding import ReminderEntry, reminder_to_tell
from knowledge.trainings.schemas import RegistrationEntry, TrainingEntry, TrainingReader
from knowledge.trainings.service import TrainingService
from knowledge.trainings.times import last_day_named

# Materials that are named; of more the hub tells.
MOST_MATERIALS = 5


@dataclass(frozen=True, slots=True)
class Told:
    """What a notice is about. ``shown``: whether it may be written where it is told."""

    entry: TrainingEntry
    registration: RegistrationEntry
    shown: bool

    @property
    def title(self) -> str:
        """What the training is called here."""
        return title_line(self.entry) if self.shown else _("a training of the network")


def _reader(telling: Telling) -> TrainingReader:
    return TrainingReader(telling.to.member_id, telling.viewer, telling.to.organisation_id)


async def _read(telling: Telling, key: UUID) -> tuple[TrainingEntry, bool] | None:
    """Return a training with whether it may be shown here; ``None`` where it is not for this person at all."""
    service = TrainingService(telling.unit)
    try:
        return await service.get(key, _reader(telling)), True
    except NotFound:
        pass
    try:
        return await service.get(key, _reader(replace(telling, at_home=True))), False
    except NotFound:
        return None


async def _of_registration(telling: Telling) -> Told | None:
    """Return what a notice about somebody's own registration is about."""
    key, member = telling.key("registration"), telling.to.member_id
    if key is None or member is None:
        return None
    try:
        registration = await RegistrationService(telling.unit).get(key, member)
    except NotFound:
        return None
    found = await _read(telling, registration.training_id)
    return Told(found[0], registration, found[1]) if found is not None else None


async def _of_training(telling: Telling) -> Told | None:
    """Return what a notice about a training is about, for somebody who has or hopes for a place in it."""
    key = telling.key("training")
    found = await _read(telling, key) if key is not None else None
    if found is None or found[0].registration is None or not found[0].registration.is_live:
        return None
    return Told(found[0], found[0].registration, found[1])


def _hub(telling: Telling, key: UUID) -> list[Block]:
    return telling.hub(ONE.format(key=key), _("See it in the hub"))


# One's own registration

TellsOwn = Callable[[Telling, Told], Awaitable[Words | None]]


async def _own(kind: RegistrationState, tells: TellsOwn, telling: Telling) -> Words | None:
    """Tell of one's own registration, as long as it stands so."""
    told = await _of_registration(telling)
    if told is None or told.registration.state is not kind or told.entry.is_over:
        return None
    if told.entry.state is not TrainingState.PUBLISHED:
        return None
    return await tells(telling, told)


async def _registered(telling: Telling, told: Told) -> Words | None:
    blocks = [paragraph(bold(_("You are registered: {title}").format(title=told.title)))]
    if told.shown:
        blocks += [paragraph(when_line(told.entry)), *spot_blocks(told.entry, telling.to.network)]
    blocks.append(note(_("I remind you a day and an hour before.")))
    choices = (calendar_choice(told.entry.id),) if told.shown else ()
    return rich(*blocks, *_hub(telling, told.entry.id)), (*choices, _cancelling(told.registration))


def _cancelling(registration: RegistrationEntry) -> Choice:
    return Choice(f"train:{CANCEL}{registration.id.hex}", _("Cancel my registration"), "✖️")


async def _waiting(telling: Telling, told: Told) -> Words | None:
    said = _("You are on the waiting list for “{title}”, at number {position}.")
    head = said.format(title=told.title, position=told.registration.position or 1)
    more = _("When a place becomes free, I ask you; you then have {hours} to accept it.")
    blocks = [paragraph(bold(head)), note(more.format(hours=hours_text(told.entry.offer_hours)))]
    leave = Choice(f"train:{CANCEL}{told.registration.id.hex}", _("Leave the waiting list"), "✖️")
    return rich(*blocks, *_hub(telling, told.entry.id)), (leave,)


async def _offered(telling: Telling, told: Told) -> Words | None:
    until = told.registration.offered_until
    if until is None or until <= now():
        return None
    blocks = [paragraph(bold(_("A place has become free for you: {title}").format(title=told.title)))]
    if told.shown:
        blocks.append(paragraph(when_line(told.entry)))
    kept = _("It is kept for you until {moment}. Would you like to have it?")
    blocks.append(paragraph(kept.format(moment=offered_until(told.registration))))
    return rich(*blocks, *_hub(telling, told.entry.id)), offer_choices(told.registration.id)


async def _lapsed(telling: Telling, told: Told) -> Words | None:
    head = _("The place in “{title}” was not accepted in time and went on to the next one.").format(title=told.title)
    blocks = [paragraph(head), note(_("If you still want to come, you can register again."))]
    return rich(*blocks, *_hub(telling, told.entry.id)), ()


# The training


async def _changed(telling: Telling) -> Words | None:
    told = await _of_training(telling)
    fields = telling.data.get("fields")
    if told is None or not isinstance(fields, list) or told.entry.state is not TrainingState.PUBLISHED:
        return None
    head = paragraph(bold(_("Something has changed: {title}").format(title=told.title)))
    choices = (_cancelling(told.registration),) if told.registration.state is RegistrationState.REGISTERED else ()
    if not told.shown:
        return rich(head, note(_in_hub()), *_hub(telling, told.entry.id)), choices
    changed = changed_blocks(told.entry, [str(name) for name in fields], telling.to.network)
    if not changed:
        return None
    return rich(head, *changed, note(_("Everything else stays as it was.")), *_hub(telling, told.entry.id)), choices


def _in_hub() -> str:
    return _("It may not be written on Telegram; everything about it stands in the hub.")


async def _cancelled(telling: Telling) -> Words | None:
    told = await _of_training(telling)
    if told is None or told.entry.state is not TrainingState.CANCELLED:
        return None
    head = paragraph(bold(_("Does not take place: {title}").format(title=told.title)))
    if not told.shown:
        return rich(head, note(_in_hub()), *_hub(telling, told.entry.id)), ()
    reason = told.entry.cancel_reason
    blocks = [paragraph(_("It was to be on {when}.").format(when=when_line(told.entry)))]
    blocks += [paragraph(_("The organiser writes:")), quote(reason)] if reason else []
    return rich(head, *blocks, *_hub(telling, told.entry.id)), ()


# Questions to whoever runs it


async def _asked(telling: Telling) -> Words | None:
    key, by = telling.key("inquiry"), await publisher_of(telling.unit, telling.to)
    if key is None or by is None:
        return None
    try:
        inquiry = await RegistrationService(telling.unit).inquiry(key, by)
    except NotFound:
        return None
    if inquiry.answer is not None:
        return None
    place = telling.hub(INQUIRIES.format(key=inquiry.training_id), _("Answer in the hub"))
    if _is_abroad(telling):
        return rich(paragraph(bold(_("Somebody asks about a training that you run."))), note(_in_hub()), *place), ()
    who = inquiry.member_name or _("Somebody")
    head = _("{who} asks about “{title}”:").format(who=who, title=inquiry.training_title)
    told = note(_("Choose “Answer”, or simply reply to this message."))
    answer = Choice(f"trainq:{inquiry.id.hex}", _("Answer"), "💬")
    return rich(paragraph(bold(head)), quote(inquiry.text), told, *place), (answer,)


def _is_abroad(telling: Telling) -> bool:
    """Whether what members write may not be shown here."""
    access = telling.viewer.access
    return telling.to.network is Network.TELEGRAM and access is not None and access <= {PUBLIC}


async def _answered(telling: Telling) -> Words | None:
    key, member = telling.key("inquiry"), telling.to.member_id
    if key is None or member is None:
        return None
    try:
        inquiry = await RegistrationService(telling.unit).own_inquiry(key, member)
    except NotFound:
        return None
    found = await _read(telling, inquiry.training_id)
    if inquiry.answer is None or found is None:
        return None
    place = _hub(telling, inquiry.training_id)
    if not found[1]:
        return rich(paragraph(bold(_("Your question about a training is answered."))), note(_in_hub()), *place), ()
    head = _("About your question on “{title}” the organiser writes:").format(title=title_line(found[0]))
    return rich(paragraph(bold(head)), quote(inquiry.answer), *place), ()


# Reminders


async def _reminder(telling: Telling, moment: datetime | None = None) -> Words | None:
    told_at = moment or now()
    reminder = await reminder_to_tell(telling.unit.session, telling.data, told_at)
    if reminder is None or reminder.member_id != telling.to.member_id:
        return None
    shown = reminder.shown_to(telling.viewer)
    title = echo(reminder.title, LONGEST_TITLE) if shown else _("a training of the network")
    blocks = [paragraph(bold(_soon(reminder, told_at).format(title=title)))]
    blocks.append(paragraph(span_text(reminder.starts_at, reminder.ends_at)))
    blocks += _spot(telling, reminder) if shown else [note(_("Place and link stand in the hub."))]
    if reminder.late:
        blocks.append(note(_("I was away for a while, so this reminder comes late.")))
    cancelling = Choice(f"train:{CANCEL}{reminder.registration_id.hex}", _("I cannot come"), "✖️")
    return rich(*blocks, *_hub(telling, reminder.training_id)), (cancelling,)


def _soon(reminder: ReminderEntry, moment: datetime) -> str:
    """Return the first line of a reminder, true at the moment when it is told."""
    if reminder.kind is ReminderKind.HOUR:
        return _("Begins soon: {title}") if reminder.late else _("Begins in an hour: {title}")
    days = (reminder.starts_at.astimezone(HOME).date() - moment.astimezone(HOME).date()).days
    return _("Tomorrow: {title}") if days == 1 else _("Today: {title}")


def _spot(telling: Telling, reminder: ReminderEntry) -> list[Block]:
    """Return where it is; in a foreign house only of public trainings."""
    if telling.to.network is Network.TELEGRAM and reminder.access != PUBLIC:
        return [note(_("Place and link may not be written on Telegram; they stand in the hub."))]
    return [item(bold(label), " ", span) for label, span in place_spans(reminder.place, reminder.link)]


# Afterwards


async def _followed_up(telling: Telling) -> Words | None:
    told = await _of_registration(telling)
    if told is None or told.registration.state is not RegistrationState.REGISTERED:
        return None
    blocks = [paragraph(bold(_("How was it? {title}").format(title=told.title)))]
    blocks.append(paragraph(_("Did it help you? The organiser sees sums only, and no name.")))
    blocks += await _materials(telling, told)
    blocks.append(note(_certificate_line(told)))
    key = told.registration.id.hex
    choices = [
        Choice(f"fb:h{key}", _("Helped"), "👍"),
        Choice(f"fb:n{key}", _("Did not help"), "👎"),
        Choice(f"fb:w{key}", _("In my words"), "💬"),
    ]
    if told.registration.attended:
        choices.append(Choice(f"cert:t{told.entry.id.hex}", _("Get the certificate"), "📄"))
    return rich(*blocks, *_hub(telling, told.entry.id)), tuple(choices)


def _certificate_line(told: Told) -> str:
    ends_at = told.entry.ends_at
    until = date_text(last_day_named(ends_at)) if ends_at is not None else ""
    if told.registration.attended:
        return _("You can have your certificate now, until {day}; then it is deleted who was there.").format(day=until)
    said = _("Once the organiser has noted who was there, /certificates gets your certificate, until {day}.")
    return said.format(day=until)


async def _materials(telling: Telling, told: Told) -> list[Block]:
    """Return what goes with it, as links to the library; where nothing is to be read yet, nothing."""
    found = await MaterialService(telling.unit).shown(told.entry.id, telling.viewer)
    if not found:
        return []
    hub = telling.services.settings.hub
    lines = [
        item(link(one.title, f"{hub.address}{document_path(one.document_id)}"))
        if hub.hub_url is not None and one.document_id is not None
        else item(one.title)
        for one in found[:MOST_MATERIALS]
    ]
    return [paragraph(_("What goes with it, to read again:")), *lines]


_STATES: Mapping[str, tuple[RegistrationState, TellsOwn]] = {
    "training.registered": (RegistrationState.REGISTERED, _registered),
    "training.waiting": (RegistrationState.WAITING, _waiting),
    "training.offered": (RegistrationState.OFFERED, _offered),
    "training.lapsed": (RegistrationState.LAPSED, _lapsed),
}
TELLERS: Mapping[str, Teller] = {
    **{kind: partial(_own, state, tells) for kind, (state, tells) in _STATES.items()},
    "training.changed": _changed,
    "training.cancelled": _cancelled,
    "training.asked": _asked,
    "training.answered": _answered,
    "training.reminder": _reminder,
    "training.followed_up": _followed_up,
}
