"""When digests come: once a week, on a day and at an hour where the municipalities are."""

from datetime import UTC, datetime, time, timedelta

from knowledge.kit.clock import HOME
from knowledge.kit.errors import InvalidInput
from knowledge.kit.language import _

LAST_DAY, LAST_HOUR = 6, 23
WEEK = timedelta(days=7)


class DigestTimeInvalid(InvalidInput):
    """No such day of the week, or no such hour."""

    code = "digests.time_invalid"

    def __init__(self) -> None:
        super().__init__(_("Please choose a day of the week and an hour."))


def check_time(day: int | None, hour: int) -> None:
    """Raise DigestTimeInvalid for a day (0 is Monday, ``None`` is never) or an hour that there is not."""
    if (day is not None and not 0 <= day <= LAST_DAY) or not 0 <= hour <= LAST_HOUR:
        raise DigestTimeInvalid


def last_due(moment: datetime, day: int, hour: int) -> datetime:
    """Return the last time at or before a moment that is this day of the week (0 is Monday) and hour."""
    here = moment.astimezone(HOME)
    date = here.date() - timedelta(days=(here.weekday() - day) % 7)
    due = _at(datetime.combine(date, time(hour)))
    return due if due <= moment else _at(datetime.combine(date - WEEK, time(hour)))


def next_due(moment: datetime, day: int, hour: int) -> datetime:
    """Return the first time after a moment that is this day of the week and hour."""
    last = last_due(moment, day, hour).astimezone(HOME)
    return _at(datetime.combine(last.date() + WEEK, time(hour)))


def _at(local: datetime) -> datetime:
    return local.replace(tzinfo=HOME).astimezone(UTC)


def day_name(day: int) -> str:
    """Return what a day of the week is called."""
    names = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))
    return names[day]


# As people write them in the chat, whatever language they speak.
_DAYS = (
    ("montag", "montags", "mo", "monday", "mon"),
    ("dienstag", "dienstags", "di", "tuesday", "tue"),
    ("mittwoch", "mittwochs", "mi", "wednesday", "wed"),
    ("donnerstag", "donnerstags", "do", "thursday", "thu"),
    ("freitag", "freitags", "fr", "friday", "fri"),
    ("samstag", "samstags", "sonnabend", "sa", "saturday", "sat"),
    ("sonntag", "sonntags", "so", "sunday", "sun"),
)


def read_day(word: str) -> int | None:
    """Return the day of the week (0 is Monday) that a word names in German or English."""
    folded = word.strip().strip(".,").casefold()
    return next((day for day, names in enumerate(_DAYS) if folded in names), None)
