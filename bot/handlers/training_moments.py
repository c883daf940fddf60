"""Moments as people read them where the municipalities are: „Fr, 12.3.2027, 9–12 Uhr"."""

from datetime import datetime

from knowledge.digests.schedule import day_name
from knowledge.kit.clock import HOME
from knowledge.kit.language import _, current_language, date_text
from knowledge.trainings.times import fold_of


def moment_text(moment: datetime) -> str:
    """Return a moment."""
    return f"{day_text(moment)}, {_one_clock(moment)}"


def span_text(starts_at: datetime, ends_at: datetime) -> str:
    """Return from when to when; the day once where it is the same."""
    if starts_at.astimezone(HOME).date() != ends_at.astimezone(HOME).date():
        return _("{start} until {end}").format(start=moment_text(starts_at), end=moment_text(ends_at))
    clocks = _("from {start} to {end}").format(start=clock_text(starts_at), end=clock_text(ends_at))
    return f"{day_text(starts_at)}, {clocks}"


def day_text(moment: datetime) -> str:
    """Return a day with its day of the week."""
    local = moment.astimezone(HOME).date()
    return f"{_short_day(local.weekday())}, {date_text(local)}"


def clock_text(moment: datetime) -> str:
    """Return the time on the clock; where it comes twice, which of the two."""
    local = moment.astimezone(HOME)
    # German has „9 Uhr" for full hours, English no short way that fits everywhere.
    is_short = current_language() == "de" and not local.minute
    clock = str(local.hour) if is_short else f"{local.hour}:{local.minute:02d}"
    fold = fold_of(moment)
    if fold is None:
        return clock
    which = _("(winter time)") if fold else _("(summer time)")
    return f"{clock} {which}"


def _one_clock(moment: datetime) -> str:
    return _("at {time}").format(time=clock_text(moment))


def _short_day(day: int) -> str:
    return day_name(day)[: 2 if current_language() == "de" else 3]
