"""Trainings as calendars know them (iCalendar, RFC 5545)."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard, vText

from knowledge.kit.clock import HOME
from knowledge.kit.language import _

MEDIA_TYPE = "text/calendar; charset=utf-8"
PRODUCT = "-//Allmende//Schulungen//DE"
# Below the hub's address: where a training is read.
TRAININGS = "/schulungen"
# How often calendars are asked to look again; those that follow such wishes at all.
LOOK_AGAIN = timedelta(hours=1)
# What a calendar file may not hold: signs that are no text, but for line ends.
_NO_TEXT = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]+")
_LINE_ENDS = re.compile(r"\r\n?|[\u2028\u2029\x0b\x0c\x85]")


@dataclass(frozen=True, slots=True)
class CalendarDate:
    """One date; ``id`` makes its UID, ``sequence`` and ``changed_at`` say how new this is."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    sequence: int = 0
    cancelled: bool = False
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEntry:
    """A training with all of its dates, also those that were taken out.

    ``place`` and ``link`` are for registered people; ``region`` is what everybody may read. ``tentative``: its reader
    waits for a place. ``since``: when its reader's registration last changed, where they have one.
    """

    id: UUID
    title: str
    summary: str = ""
    outcomes: str = ""
    publisher: str = ""
    online: bool = False
    place: str = ""
    link: str | None = None
    region: str = ""
    cancelled: bool = False
    cancel_reason: str = ""
    registered: bool = False
    tentative: bool = False
    since: datetime | None = None
    created_at: datetime
    dates: tuple[CalendarDate, ...]


def event_calendar(entry: CalendarEntry, *, registered: bool, hub: str | None = None) -> bytes:
    """Return the calendar file of one training.

    Args:
        entry: the training.
        registered: whether its reader is registered: only then place and link are in it.
        hub: the hub's own address, where people can reach one.
    """
    calendar = _calendar(_one_line(entry.title))
    _add(calendar, _events(entry, registered=registered, hub=hub))
    return bytes(calendar.to_ical())


def feed(entries: Iterable[CalendarEntry], *, name: str, hub: str | None = None) -> bytes:
    """Return a calendar of many trainings; each one says whether its reader is registered.

    Args:
        entries: the trainings.
        name: what calendars call it.
        hub: the hub's own address, where people can reach one.
    """
    calendar = _calendar(name)
    for entry in entries:
        _add(calendar, _events(entry, registered=entry.registered, hub=hub))
    return bytes(calendar.to_ical())


def uid(date_id: UUID) -> str:
    """Return what calendars know a date by; it is the same for ever and for everybody."""
    return f"{date_id}@schulungen.allmende"


def clean(text: str) -> str:
    """Return a text without signs that calendars stumble over."""
    return _NO_TEXT.sub(" ", _LINE_ENDS.sub("\n", text)).strip()


def _one_line(text: str) -> str:
    return " ".join(clean(text).split())


def _calendar(name: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    # The first is the standard's name of it (RFC 7986), the second what most calendars read.
    calendar.add("name", vText(name))
    calendar.add("x-wr-calname", vText(name))
    calendar.add("x-wr-timezone", HOME.key)
    calendar.add("refresh-interval", LOOK_AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    calendar.add_component(_timezone())
    return calendar


def _timezone() -> Timezone:
    """Return Central European Time as it has been since 1996, with the rule by which it changes."""
    zone = Timezone()
    zone.add("tzid", HOME.key)
    for part, name, start, offsets, month in (
        (TimezoneDaylight(), "CEST", "1996-03-31T02:00:00", (1, 2), 3),
        (TimezoneStandard(), "CET", "1996-10-27T03:00:00", (2, 1), 10),
    ):
        part.add("tzname", name)
        part.add("dtstart", datetime.fromisoformat(start))
        part.add("tzoffsetfrom", timedelta(hours=offsets[0]))
        part.add("tzoffsetto", timedelta(hours=offsets[1]))
        part.add("rrule", {"freq": "yearly", "bymonth": month, "byday": "-1su"})
        zone.add_component(part)
    return zone


def _add(calendar: Calendar, events: Sequence[Event]) -> None:
    for event in events:
        calendar.add_component(event)


def _events(entry: CalendarEntry, *, registered: bool, hub: str | None) -> list[Event]:
    return [_event(entry, date, registered=registered, hub=hub) for date in entry.dates]


def _event(entry: CalendarEntry, date: CalendarDate, *, registered: bool, hub: str | None) -> Event:
    event = Event()
    cancelled = entry.cancelled or date.cancelled
    changed = max(filter(None, (date.changed_at, entry.since)), default=entry.created_at)
    event.add("uid", uid(date.id))
    event.add("sequence", date.sequence)
    event.add("dtstamp", _whole(changed))
    event.add("last-modified", _whole(changed))
    event.add("created", _whole(entry.created_at))
    starts, ends = _span(date)
    event.add("dtstart", starts)
    event.add("dtend", ends)
    event.add("summary", _title(entry, cancelled=cancelled))
    event.add("status", "CANCELLED" if cancelled else "TENTATIVE" if entry.tentative else "CONFIRMED")
    # Who waits for a place, and whom nothing keeps any more, is free at that time.
    event.add("transp", "TRANSPARENT" if cancelled or entry.tentative else "OPAQUE")
    where = _where(entry, registered=registered)
    if where:
        event.add("location", where)
    event.add("description", _description(entry, cancelled=cancelled, registered=registered))
    if hub is not None:
        event.add("url", f"{hub.rstrip('/')}{TRAININGS}/{entry.id}")
    return event


def _span(date: CalendarDate) -> tuple[datetime, datetime]:
    """Return start and end as a calendar reads them.

    A local time that exists twice means its first one there; for the second one, both are said in UTC.
    """
    starts, ends = date.starts_at.astimezone(HOME), date.ends_at.astimezone(HOME)
    if starts.fold or ends.fold:
        return starts.astimezone(UTC), ends.astimezone(UTC)
    return starts, ends


def _title(entry: CalendarEntry, *, cancelled: bool) -> str:
    title = _one_line(entry.title)
    if cancelled:
        return _("Cancelled: {title}").format(title=title)
    return _("Waiting list: {title}").format(title=title) if entry.tentative else title


def _where(entry: CalendarEntry, *, registered: bool) -> str:
    """Return the place; the region alone for those who are not registered."""
    if registered:
        place = clean(entry.place) or (entry.link or "") or clean(entry.region)
        if place:
            return place
    return _("online") if entry.online else clean(entry.region)


def _description(entry: CalendarEntry, *, cancelled: bool, registered: bool) -> str:
    lines = [clean(entry.summary), clean(entry.outcomes)]
    if cancelled:
        reason = clean(entry.cancel_reason)
        lines.insert(0, _("Reason: {reason}").format(reason=reason) if reason else _("This date was cancelled."))
    elif registered and entry.link:
        lines.insert(0, _("Link to take part: {link}").format(link=clean(entry.link)))
    elif not registered:
        lines.append(_("Place or link is shown to those who are registered."))
    if entry.publisher:
        lines.append(_("Publisher: {publisher}").format(publisher=clean(entry.publisher)))
    return "\n\n".join(line for line in lines if line)


def _whole(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)
