"""How trainings read on a phone: when and where, what is free, and what one can do with them."""

from collections.abc import Sequence
from uuid import UUID

from bot.core.answer_text import cut_at_sentence, echo
from bot.core.messages import Choice
from bot.core.text import Block, Span, bold, heading, item, link, note, paragraph
from bot.core.turn import Turn
from bot.handlers.experience_draft import author_of
from bot.handlers.open_question_draft import NotAMember
from bot.handlers.open_question_text import capital
from bot.handlers.training_moments import moment_text, span_text
from knowledge.access.rights import NotAllowed
from knowledge.chats.schemas import IdentityEntry
from knowledge.contributions.schemas import Author
from knowledge.kit.clock import now
from knowledge.kit.language import _, ngettext
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.models.chat import Network
from knowledge.models.document import Visibility
from knowledge.models.training import Level, RegistrationState, TrainingState
from knowledge.trainings.schemas import (
    DateEntry,
    Publisher,
    RegistrationEntry,
    RegistrationSums,
    TrainingEntry,
    TrainingReader,
)
from knowledge.trainings.service import TrainingService

# What a choice does, behind „train:" and before an identifier: of the training, or of the person's own registration.
SHOW, REGISTER, CALENDAR, ASK = "s", "r", "k", "q"
CANCEL, SURELY, ACCEPT, DECLINE = "c", "x", "a", "d"
NOTHING = "o"
LONGEST_TITLE, LONGEST_LABEL, LONGEST_TEXT, LONGEST_FACT = 120, 26, 600, 250
MOST_DATES = 6
# Where trainings stand in the hub.
ALL, OWN, ONE = "/schulungen", "/schulungen/meine", "/schulungen/{key}"
MANAGED, INQUIRIES = "/schulungen/verwalten/{key}", "/schulungen/verwalten/{key}/fragen"


def reader_of(turn: Turn) -> TrainingReader:
    """Return who reads; in a group the group, and nobody's own registration is shown there."""
    identity = turn.identity
    if not turn.glance.is_direct:
        return TrainingReader(None, turn.glance.viewer)
    return TrainingReader(identity.member_id, turn.glance.viewer, identity.organisation_id)


def member_of(turn: Turn) -> Author:
    """Return the member who acts. Raises ``NotAMember``."""
    author = author_of(turn)
    if author is None:
        raise NotAMember
    return author


async def publisher_of(unit: UnitOfWork, identity: IdentityEntry) -> Publisher | None:
    """Return as whom somebody manages trainings; ``None`` for those who may not."""
    if identity.member_id is None:
        return None
    try:
        return await TrainingService(unit).publisher(identity.member_id)
    except NotAllowed:
        return None


# Lines


def title_line(entry: TrainingEntry, limit: int = LONGEST_TITLE) -> str:
    """Return a title in one line."""
    return echo(entry.title, limit)


def when_line(entry: TrainingEntry) -> str:
    """Return the first date that is not over, and how many more there are."""
    dates = _ahead(entry.dates)
    if not dates:
        return _("no date yet")
    first = span_text(dates[0].starts_at, dates[0].ends_at)
    left = len(dates) - 1
    if not left:
        return first
    more = ngettext("and {count} more date", "and {count} more dates", left).format(count=left)
    return f"{first}, {more}"


def _ahead(dates: Sequence[DateEntry]) -> Sequence[DateEntry]:
    moment = now()
    return [one for one in dates if one.ends_at > moment] or dates


def where_line(entry: TrainingEntry) -> str:
    """Return where it is, as everybody may read it."""
    if entry.online:
        return _("online")
    return echo(entry.region, LONGEST_FACT) or _("on site")


def places_line(entry: TrainingEntry) -> str:
    """Return in a few words whether one can still come."""
    if entry.state is not TrainingState.PUBLISHED or entry.is_over:
        return _past_line(entry)
    if entry.registration is not None and entry.registration.is_live:
        return own_line(entry.registration)
    return free_line(entry)


def _past_line(entry: TrainingEntry) -> str:
    if entry.state is TrainingState.DRAFT:
        return _("a draft")
    return _("was cancelled") if entry.state is TrainingState.CANCELLED else _("over")


def free_line(entry: TrainingEntry) -> str:
    """Return how many places are free."""
    if entry.is_full:
        return _("fully booked, waiting list") if entry.is_open else _("fully booked")
    if not entry.is_open:
        return _("registration is closed")
    if entry.free is None:
        return _("free places")
    return ngettext("{count} place left", "{count} places left", entry.free).format(count=entry.free)


def own_line(registration: RegistrationEntry) -> str:
    """Return where the reader's own registration stands."""
    if registration.state is RegistrationState.REGISTERED:
        return _("you are registered")
    if registration.state is RegistrationState.WAITING:
        if registration.position is None:
            return _("you are on the waiting list")
        return _("you are number {position} on the waiting list").format(position=registration.position)
    if registration.state is RegistrationState.OFFERED:
        return _("a place is kept for you until {moment}").format(moment=offered_until(registration))
    if registration.state is RegistrationState.LAPSED:
        return _("the place that was kept for you went to somebody else")
    return _("you cancelled")


def offered_until(registration: RegistrationEntry) -> str:
    """Return until when a place is kept for somebody."""
    return moment_text(registration.offered_until) if registration.offered_until is not None else ""


def level_word(level: Level) -> str:
    """Return what one should know already."""
    return {
        Level.BEGINNER: _("for beginners"),
        Level.INTERMEDIATE: _("with some knowledge"),
        Level.ADVANCED: _("for advanced learners"),
    }[level]


def summary_line(entry: TrainingEntry) -> str:
    """Return when, where and whether places are free, in one line."""
    return " · ".join((when_line(entry), where_line(entry), places_line(entry)))


# One training


def hides_spot(network: Network, entry: TrainingEntry) -> bool:
    """Whether place and link are not written here: in a foreign house those of public trainings are."""
    return network is Network.TELEGRAM and entry.visibility is not Visibility.PUBLIC


def training_blocks(entry: TrainingEntry, network: Network) -> list[Block]:
    """Return all that a reader wants to know of a training; place and link where the reader may see them here."""
    blocks = [heading(title_line(entry))]
    if entry.state is TrainingState.CANCELLED:
        blocks.append(cancelled_block(entry))
    elif entry.registration is not None and entry.registration.is_live and not entry.is_over:
        blocks.append(paragraph(bold(f"{capital(own_line(entry.registration))}.")))
    if entry.summary:
        blocks.append(paragraph(cut_at_sentence(entry.summary, LONGEST_TEXT)))
    blocks += date_blocks(entry)
    blocks += [item(bold(_("Where:")), " ", where_line(entry)), *spot_blocks(entry, network)]
    blocks += [item(bold(label), " ", cut_at_sentence(text, LONGEST_TEXT)) for label, text in _facts(entry) if text]
    if entry.state is TrainingState.PUBLISHED and not entry.is_over:
        blocks.append(item(bold(_("Places:")), " ", free_line(entry)))
    if entry.sums is not None:
        blocks.append(item(bold(_("Registrations:")), " ", counts_line(entry.sums)))
    return blocks


def cancelled_block(entry: TrainingEntry) -> Block:
    """Return that it does not take place, and why."""
    reason = echo(entry.cancel_reason, LONGEST_TEXT)
    said = _("This training was cancelled. Reason: {reason}") if reason else _("This training was cancelled.")
    return paragraph(bold(said.format(reason=reason)))


def date_blocks(entry: TrainingEntry) -> list[Block]:
    """Return the dates, one a line; of very many, the first ones."""
    lines = [span_text(one.starts_at, one.ends_at) for one in entry.dates[:MOST_DATES]]
    left = len(entry.dates) - MOST_DATES
    if left > 0:
        lines.append(ngettext("and {count} more date", "and {count} more dates", left).format(count=left))
    return [item(bold(_("When:")), " ", "\n".join(lines) or _("no date yet"))]


def spot_blocks(entry: TrainingEntry, network: Network) -> list[Block]:
    """Return the very place and the link for those who may see them."""
    found = place_spans(entry.place, entry.link) if entry.shows_place else []
    if found and hides_spot(network, entry):
        return [note(_("Place and link may not be written on Telegram; they stand in the hub."))]
    return [item(bold(label), " ", span) for label, span in found]


def place_spans(place: str, address: str | None) -> list[tuple[str, str | Span]]:
    """Return place and link, each with its label, as far as there are any."""
    found: list[tuple[str, str | Span]] = []
    if place:
        found.append((_("Place:"), echo(place, LONGEST_FACT)))
    if address:
        found.append((_("Link to take part:"), link(address, address)))
    return found


def _facts(entry: TrainingEntry) -> list[tuple[str, str]]:
    return [
        (_("Afterwards you can:"), entry.outcomes),
        (_("For:"), entry.audience),
        (_("Level:"), level_word(entry.level)),
        (_("Topics:"), ", ".join(topic.name for topic in entry.topics)),
        (_("With:"), entry.trainers),
        (_("Organiser:"), entry.organisation_name or ""),
        (_("Costs:"), entry.costs),
        (_("Accessibility:"), entry.accessibility),
        (_("Register until:"), moment_text(entry.deadline) if entry.deadline is not None else ""),
    ]


def counts_line(sums: RegistrationSums) -> str:
    """Return how many come, and how many wait."""
    coming, waits = _("{count} registered").format(count=sums.registered), sums.waiting + sums.offered
    waiting = _("{count} on the waiting list").format(count=waits)
    return f"{coming}, {waiting}" if waits else coming


# Choices


def training_choices(entry: TrainingEntry) -> tuple[Choice, ...]:
    """Return what a learner can do with a training where it stands."""
    key = entry.id.hex
    choices = list(own_choices(entry.registration)) if entry.registration is not None else []
    if not choices and entry.is_open:
        label = _("Onto the waiting list") if entry.is_full else _("Register for it")
        choices.append(Choice(f"train:{REGISTER}{key}", label, "✅"))
    if entry.state is TrainingState.PUBLISHED and not entry.is_over:
        choices.append(Choice(f"train:{ASK}{key}", _("Ask the organiser"), "💬"))
        choices.append(calendar_choice(entry.id))
    return tuple(choices)


def calendar_choice(training_id: UUID) -> Choice:
    """Return the choice that sends the calendar file."""
    return Choice(f"train:{CALENDAR}{training_id.hex}", _("Calendar file"), "📅")


def own_choices(registration: RegistrationEntry) -> tuple[Choice, ...]:
    """Return what somebody can do with their own registration, whose identifier these choices hold."""
    key = registration.id.hex
    if registration.state is RegistrationState.OFFERED:
        return offer_choices(registration.id)
    if registration.state is RegistrationState.REGISTERED:
        return (Choice(f"train:{CANCEL}{key}", _("Cancel my registration"), "✖️"),)
    if registration.state is RegistrationState.WAITING:
        return (Choice(f"train:{CANCEL}{key}", _("Leave the waiting list"), "✖️"),)
    return ()


def offer_choices(registration_id: UUID) -> tuple[Choice, ...]:
    """Return the answers to an offered place."""
    return (
        Choice(f"train:{ACCEPT}{registration_id.hex}", _("I take the place"), "✅"),
        Choice(f"train:{DECLINE}{registration_id.hex}", _("Not this time"), "↩️"),
    )


def nothing_choice() -> Choice:
    """Return the choice that leaves everything as it is."""
    return Choice(f"train:{NOTHING}", _("Leave it as it is"), "↩️")


def kept_note(entry: TrainingEntry) -> Block:
    """Return what is kept of a registration, and for how long."""
    if not entry.questions:
        return note(
            _("The organiser sees your name and your organisation. 30 days after the training they are deleted.")
        )
    return note(
        _(
            "The organiser sees your name, your organisation and your answers. 30 days after the training they are "
            "deleted."
        )
    )
