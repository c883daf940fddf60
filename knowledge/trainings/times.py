"""Local times: entered and shown where the municipalities are, stored in UTC.

In spring an hour is skipped, in autumn one comes twice. The first is refused, for the second it must be said which.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from knowledge.kit.clock import HOME
from knowledge.kit.language import _, date_text
from knowledge.trainings.errors import TimeMissing, TimeTwice, TrainingInvalid
from knowledge.trainings.schemas import DateDraft

MOST_DATES = 60
# Years beyond are slips, and calendars end somewhere.
FIRST_YEAR, LAST_YEAR = 2000, 2199
# Names are kept so long after the last date, or after a training was cancelled.
NAMES_KEPT = timedelta(days=30)


def last_day_named(ends_at: datetime) -> date:
    """Return the last whole day on which it is kept who was there, and a certificate can be made."""
    return (ends_at + NAMES_KEPT).astimezone(HOME).date() - timedelta(days=1)


def local_moment(day: date, clock: time, *, fold: int | None = None) -> datetime:
    """Return the moment, in UTC, when the clocks show a time.

    Args:
        day: the date.
        clock: the time on the clock.
        fold: which one is meant where a time comes twice: 0 the first, 1 the second; otherwise it does not matter.

    Raises ``TimeMissing`` where the clocks skip the time, ``TimeTwice`` where it comes twice and ``fold`` is not given,
    ``TrainingInvalid`` for years that make no sense.
    """
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise TrainingInvalid(_("Please check the year: {year}.").format(year=day.year), field="dates")
    local = datetime.combine(day, clock.replace(tzinfo=None, fold=0))
    first, second = (local.replace(tzinfo=HOME, fold=which).astimezone(UTC) for which in (0, 1))
    if first == second:
        return first
    values = {"time": f"{clock:%H:%M}", "day": date_text(day)}
    if first.astimezone(HOME).replace(tzinfo=None) != local:
        problem = _("{time} does not exist on {day}: the clocks go forward then. Please choose another time.")
        raise TimeMissing(problem.format(**values), field="dates")
    if fold is None:
        problem = _(
            "{time} comes twice on {day}, because the clocks go back. "
            "Please say whether the first or the second is meant."
        )
        raise TimeTwice(problem.format(**values), field="dates")
    return second if fold else first


def is_twice(day: date, clock: time) -> bool:
    """Whether a time comes twice on a day."""
    try:
        local_moment(day, clock)
    except TimeTwice:
        return True
    except TimeMissing:
        return False
    return False


def fold_of(moment: datetime) -> int | None:
    """Return which one a moment is where its local time comes twice (0 or 1); ``None`` where it does not."""
    local = moment.astimezone(HOME)
    return local.fold if is_twice(local.date(), local.time()) else None


def read_day(text: str) -> date:
    """Read a day as people write it (31.12.2026, 31.12.26) or as forms send it. Raises ``TrainingInvalid``."""
    written = text.strip()
    for shape in ("%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y"):
        try:
            return datetime.strptime(written, shape).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    problem = _("There is no such day: {text}. Please write it as 31.12.2026.")
    raise TrainingInvalid(problem.format(text=written[:40]), field="dates")


def read_time(text: str) -> time:
    """Read a time as people write it (14:30, 14.30, 14). Raises ``TrainingInvalid``."""
    written = text.strip().lower().removesuffix("uhr").strip().replace(".", ":")
    for shape in ("%H:%M", "%H:%M:%S", "%H"):
        try:
            return datetime.strptime(written, shape).time()  # noqa: DTZ007 - the zone is that of the municipalities
        except ValueError:
            continue
    problem = _("There is no such time: {text}. Please write it as 14:30.")
    raise TrainingInvalid(problem.format(text=text.strip()[:40]), field="dates")


def weekly(first: DateDraft, count: int, *, weeks: int = 1) -> tuple[DateDraft, ...]:
    """Return a series: the first date and those after it, at the same time on the clock.

    Args:
        first: the first date.
        count: how many dates in all.
        weeks: how many weeks lie between them.

    Raises ``TrainingInvalid`` for a count or distance that makes no sense, ``TimeMissing`` and ``TimeTwice`` where a
    date falls on a change of the clocks.
    """
    if not 1 <= count <= MOST_DATES:
        problem = _("A series has from 1 to {most} dates.").format(most=MOST_DATES)
        raise TrainingInvalid(problem, field="dates")
    if not 1 <= weeks <= MOST_DATES:
        raise TrainingInvalid(_("Please enter how many weeks lie between the dates: at least 1."), field="dates")
    return (first, *(moved(first, days=7 * weeks * step) for step in range(1, count)))


def moved(entry: DateDraft, *, days: int) -> DateDraft:
    """Return a new date some days later, at the same time on the clock. Raises ``TimeMissing``, ``TimeTwice``."""
    starts_at, ends_at = (_later(moment, days) for moment in (entry.starts_at, entry.ends_at))
    return DateDraft(starts_at, ends_at)


def _later(moment: datetime, days: int) -> datetime:
    local = moment.astimezone(HOME)
    try:
        day = local.date() + timedelta(days=days)
    except OverflowError as error:
        raise TrainingInvalid(_("Please check the year: {year}.").format(year=date.max.year), field="dates") from error
    return local_moment(day, local.time())


def start_and_end(
    day: date, starts: time, ends: time, *, date_id: UUID | None = None, fold: int | None = None
) -> DateDraft:
    """Return a date on one day, from one time on the clock to another. Raises as ``local_moment`` does."""
    return DateDraft(local_moment(day, starts, fold=fold), local_moment(day, ends, fold=fold), date_id)


def in_order(dates: Sequence[DateDraft]) -> tuple[DateDraft, ...]:
    """Return dates in the order in which they begin."""
    return tuple(sorted(dates, key=lambda entry: (entry.starts_at, entry.ends_at)))
