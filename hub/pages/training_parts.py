"""Trainings as pages show them: in lists, whole, and to whoever runs them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from hub.pages.library_parts import safe_link
from hub.pages.training_words import (
    REGISTRATION_BADGES,
    STATE_BADGES,
    language_name,
    level_name,
    moment_words,
    month_words,
    paragraphs,
    span_words,
    state_name,
    visibility_name,
)
from knowledge.access.rights import Right, Visitor
from knowledge.contributions.schemas import Author
from knowledge.kit.clock import HOME, now
from knowledge.kit.language import _, ngettext
from knowledge.models.training import RegistrationState, TrainingState
from knowledge.organisations.states import state_name as land_name
from knowledge.trainings.schemas import DateEntry, Publisher, RegistrationEntry, TrainingEntry, TrainingReader

TRAININGS = "/schulungen"
OWN, MANAGE = f"{TRAININGS}/meine", f"{TRAININGS}/verwalten"
ITEM = f"{TRAININGS}/{{key:uuid}}"
MANAGED = f"{MANAGE}/{{key:uuid}}"
# Up to so many free places are counted.
FEW = 5

Tab = tuple[str, str, int | None]
Badge = tuple[str, str]


@dataclass(frozen=True, slots=True)
class DateView:
    """One date: for a tile, and in words."""

    id: UUID
    day: str
    month: str
    year: str
    words: str
    is_over: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class TrainingView:
    """A training as it is read.

    ``when`` and ``where`` are short, for lists; ``facts`` are names and values, longer ones as paragraphs.
    ``cancelled`` is the reason. ``numbers`` says to whoever runs it how many there are.
    """

    id: UUID
    path: str
    manage_path: str
    title: str
    summary: str
    outcomes: Sequence[str]
    audience: Sequence[str]
    level_name: str
    topics: Sequence[str]
    publisher: str
    dates: Sequence[DateView]
    when: str
    where: str
    badges: Sequence[Badge]
    facts: Sequence[tuple[str, str | Sequence[str]]]
    is_over: bool
    cancelled: str
    numbers: str

    @property
    def first(self) -> DateView | None:
        """The next date, or the last one."""
        return next((date for date in self.dates if not date.is_over), self.dates[-1] if self.dates else None)


def reader_of(visitor: Visitor) -> TrainingReader:
    """Return whoever visits as a reader of trainings."""
    house = visitor.member.organisation_id if visitor.member else None
    return TrainingReader(visitor.member_id, visitor.viewer, house)


def author_of(visitor: Visitor) -> Author:
    """Return whoever visits as somebody who takes part. Raises ``SignInNeeded``."""
    return Author(visitor.known.id, visitor.known.organisation_id)


def publisher_of(visitor: Visitor) -> Publisher:
    """Return whoever visits as somebody who runs trainings; administrators run all of them."""
    member = visitor.known
    return Publisher(member.id, member.organisation_id, administrator=visitor.may(Right.MEMBERS_MANAGE))


def may_manage(visitor: Visitor, entry: TrainingEntry) -> bool:
    """Whether a visitor runs a training."""
    if not visitor.may(Right.TRAININGS_MANAGE):
        return False
    return publisher_of(visitor).manages(entry.organisation_id, entry.created_by)


def view_of(entry: TrainingEntry, *, manages: bool = False) -> TrainingView:
    """Return a training as it is shown; to whoever runs it, with how many people there are."""
    dates = [_date(date) for date in entry.dates]
    return TrainingView(
        id=entry.id,
        path=f"{TRAININGS}/{entry.id}",
        manage_path=f"{MANAGE}/{entry.id}",
        title=entry.title or _("without a title"),
        summary=entry.summary,
        outcomes=paragraphs(entry.outcomes),
        audience=paragraphs(entry.audience),
        level_name=level_name(entry.level),
        topics=[topic.name for topic in entry.topics],
        publisher=entry.organisation_name or "",
        dates=dates,
        when=_when(entry, dates),
        where=_where(entry),
        badges=_badges(entry, manages=manages),
        facts=_facts(entry, manages=manages),
        is_over=entry.is_over,
        cancelled=(entry.cancel_reason or "–") if entry.state is TrainingState.CANCELLED else "",
        numbers=_numbers(entry) if manages and entry.state is not TrainingState.DRAFT else "",
    )


def _date(date: DateEntry) -> DateView:
    local = date.starts_at.astimezone(HOME)
    return DateView(
        id=date.id,
        day=str(local.day),
        month=month_words(local.date()),
        year=str(local.year),
        words=span_words(date.starts_at, date.ends_at),
        is_over=date.ends_at <= now(),
    )


def _when(entry: TrainingEntry, dates: Sequence[DateView]) -> str:
    if not dates:
        return _("no date yet")
    shown = next((date for date in dates if not date.is_over), dates[-1])
    more = len(dates) - 1
    if not more:
        return shown.words
    if entry.has_started and not entry.is_over:
        return ngettext("next: {date} (of {count} date)", "next: {date} (of {count} dates)", more + 1).format(
            date=shown.words, count=more + 1
        )
    text = ngettext("{date}, and {count} more date", "{date}, and {count} more dates", more)
    return text.format(date=shown.words, count=more)


def _where(entry: TrainingEntry) -> str:
    if entry.online:
        return ", ".join(filter(None, [_("online"), entry.region]))
    return entry.region or land_name(entry.state_key) or ""


def _badges(entry: TrainingEntry, *, manages: bool) -> list[Badge]:
    if manages and entry.state is not TrainingState.PUBLISHED:
        return [(state_name(entry.state), STATE_BADGES[entry.state])]
    if entry.state is TrainingState.CANCELLED:
        return [(_("cancelled"), "danger")]
    found = [_own_badge(entry, entry.registration)] if entry.registration else []
    if entry.is_over:
        return [*found, (_("over"), "neutral")]
    if entry.registration and entry.registration.is_live and not manages:
        return found
    return [badge for badge in (*found, _places_badge(entry)) if badge]


def _own_badge(entry: TrainingEntry, registration: RegistrationEntry) -> Badge:
    if entry.is_over and registration.state is RegistrationState.REGISTERED:
        return (_("you took part"), "success") if registration.attended else (_("you were registered"), "neutral")
    names = {
        RegistrationState.REGISTERED: _("you are registered"),
        RegistrationState.WAITING: _("you are on the waiting list"),
        RegistrationState.OFFERED: _("a place is kept for you"),
        RegistrationState.LAPSED: _("your offer lapsed"),
        RegistrationState.CANCELLED: _("you cancelled"),
    }
    return names[registration.state], REGISTRATION_BADGES[registration.state]


def _places_badge(entry: TrainingEntry) -> Badge | None:
    if not entry.is_open and not entry.is_full:
        return _("registration closed"), "neutral"
    if entry.free is None:
        return None
    if entry.is_full:
        return (_("full, waiting list"), "warning") if entry.waiting_list else (_("full"), "neutral")
    if entry.free <= FEW:
        return ngettext("{count} place left", "{count} places left", entry.free).format(count=entry.free), "warning"
    return _("places free"), "success"


def _facts(entry: TrainingEntry, *, manages: bool) -> list[tuple[str, str | Sequence[str]]]:
    return [
        (_("Where"), _where(entry)),
        (_("Level"), level_name(entry.level)),
        (_("Trainers"), paragraphs(entry.trainers)),
        (_("Offered by"), entry.organisation_name or ""),
        (_("Costs"), paragraphs(entry.costs)),
        (_("Places"), _places(entry)),
        (_("Register until"), _until(entry)),
        (_("Accessibility"), paragraphs(entry.accessibility)),
        (_("Language"), language_name(entry.language)),
        (_("Topics"), ", ".join(topic.name for topic in entry.topics)),
        (_("Who may find it"), visibility_name(entry.visibility) if manages else ""),
    ]


def _until(entry: TrainingEntry) -> str:
    """Return until when one may register, as long as one may."""
    return moment_words(entry.closes_at) if entry.closes_at and entry.closes_at > now() else ""


def _places(entry: TrainingEntry) -> str:
    if entry.capacity is None:
        return _("as many as want to")
    text = ngettext("{count} place", "{count} places", entry.capacity).format(count=entry.capacity)
    waiting = _("with a waiting list")
    return f"{text}, {waiting}" if entry.waiting_list else text


def _numbers(entry: TrainingEntry) -> str:
    """Return how many there are, in words, for whoever runs it."""
    sums = entry.sums
    if sums is None:
        return ""
    if entry.capacity is None:
        taken = _("{count} registered").format(count=sums.registered)
    else:
        taken = _("{count} of {all} places taken").format(count=sums.registered, all=entry.capacity)
    offered = _("{count} offered").format(count=sums.offered) if sums.offered else ""
    waiting = _("{count} waiting").format(count=sums.waiting) if sums.waiting else ""
    return " · ".join(filter(None, [taken, offered, waiting]))


# What somebody's own part in it is


@dataclass(frozen=True, slots=True)
class Part:
    """What somebody's own part in a training is, and what they can do.

    ``lines`` are said about their registration, ``lines_before`` above the form to register; ``why_not`` says why there
    is no such form. ``place`` and ``link`` are there for those who have a place.
    """

    status: str = ""
    kind: str = "neutral"
    lines: Sequence[str] = ()
    lines_before: Sequence[str] = ()
    why_not: str = ""
    needs_sign_in: bool = False
    place: str = ""
    link: str = ""
    link_is_safe: bool = False
    answers: Sequence[tuple[str, str]] = ()
    certificate: str = ""
    is_offered: bool = False
    is_full: bool = False
    can_register: bool = False
    can_cancel: bool = False
    can_ask: bool = False
    calendar: bool = False


def part_of(entry: TrainingEntry, visitor: Visitor) -> Part:
    """Return what a visitor's part in a training is."""
    registration = entry.registration
    is_on = entry.state is TrainingState.PUBLISHED and not entry.is_over
    live = registration is not None and registration.is_live
    shows = is_on and live
    # Shortly before it begins nothing is offered any more: then whoever waits takes a free place themselves.
    waits = registration is not None and registration.state is RegistrationState.WAITING
    can_register = (not live or (waits and not entry.is_full)) and entry.is_open and visitor.member is not None
    link = entry.link or ""
    return Part(
        status=_own_badge(entry, registration)[0] if registration else "",
        kind=_own_badge(entry, registration)[1] if registration else "neutral",
        lines=_lines(entry, registration) if registration else (),
        lines_before=_lines_before(entry) if can_register else (),
        why_not="" if can_register or live else _why_not(entry, visitor),
        needs_sign_in=visitor.member is None and entry.is_open,
        place=entry.place if entry.shows_place and shows else "",
        link=link if entry.shows_place and shows else "",
        link_is_safe=safe_link(link) is not None,
        answers=_answers(entry, registration) if registration else (),
        certificate="/nachweise" if registration and registration.attended else "",
        is_offered=is_on and registration is not None and registration.state is RegistrationState.OFFERED,
        is_full=entry.is_full,
        can_register=can_register,
        can_cancel=is_on and live and not _began_last(entry),
        can_ask=is_on and visitor.member is not None,
        calendar=bool(entry.dates) and is_on,
    )


def _began_last(entry: TrainingEntry) -> bool:
    """Whether its last date began."""
    return bool(entry.dates) and entry.dates[-1].starts_at <= now()


def _lines(entry: TrainingEntry, registration: RegistrationEntry) -> list[str]:
    if registration.state is RegistrationState.WAITING and registration.position:
        place = _("You are number {position} on the waiting list.").format(position=registration.position)
        hours = ngettext(
            "When a place becomes free we write to you; you then have {count} hour to accept it.",
            "When a place becomes free we write to you; you then have {count} hours to accept it.",
            entry.offer_hours,
        )
        return [place, hours.format(count=entry.offer_hours)]
    if registration.state is RegistrationState.OFFERED and registration.offered_until:
        until = moment_words(registration.offered_until)
        return [_("A place became free. It is kept for you until {moment}.").format(moment=until)]
    if registration.state is RegistrationState.LAPSED:
        return [_("The place was not accepted in time and went to the next person.")]
    return []


def _lines_before(entry: TrainingEntry) -> list[str]:
    if not entry.is_full:
        return []
    text = ngettext(
        "All places are taken. If one becomes free it is offered to you, and you have {count} hour to accept it.",
        "All places are taken. If one becomes free it is offered to you, and you have {count} hours to accept it.",
        entry.offer_hours,
    )
    return [text.format(count=entry.offer_hours)]


def _why_not(entry: TrainingEntry, visitor: Visitor) -> str:
    if entry.state is not TrainingState.PUBLISHED or entry.is_over:
        return ""
    if entry.is_open and visitor.member is None:
        return _("Please sign in to register.")
    if entry.has_started:
        return _("The training has begun, so registration is closed.")
    if entry.deadline is not None and entry.deadline <= now():
        return _("Registration ended on {moment}.").format(moment=moment_words(entry.deadline))
    return _("All places are taken, and there is no waiting list.") if entry.is_full else ""


def _answers(entry: TrainingEntry, registration: RegistrationEntry) -> list[tuple[str, str]]:
    given = [(question.text, registration.answers.get(str(question.id), "")) for question in entry.questions]
    return [(text, answer) for text, answer in given if answer]


# Ways around


def tabs_for(visitor: Visitor) -> list[Tab]:
    """Return what there is about trainings for a visitor."""
    tabs: list[Tab] = [(_("What is coming"), TRAININGS, None)]
    if visitor.member is not None:
        tabs.append((_("My trainings"), OWN, None))
    if visitor.may(Right.TRAININGS_MANAGE):
        tabs.append((_("Manage"), MANAGE, None))
    return tabs


def managed_tabs(entry: TrainingEntry) -> list[Tab]:
    """Return what there is about one training for whoever runs it; nobody takes part in a draft."""
    path = f"{MANAGE}/{entry.id}"
    overview, materials = (_("Overview"), path, None), (_("Materials"), f"{path}/material", None)
    if entry.state is TrainingState.DRAFT:
        return [overview, materials]
    people, asked = (_("Participants"), f"{path}/teilnehmende", None), (_("Questions"), f"{path}/fragen", None)
    return [overview, people, asked, materials, (_("Results"), f"{path}/ergebnisse", None)]
