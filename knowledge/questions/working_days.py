"""Working days in the Länder: from Monday to Friday, without the public holidays there."""

from datetime import date, datetime, timedelta

from knowledge.kit.clock import HOME

SATURDAY = 5
# Days that are the same each year: (month, day), and in which Länder (by key; empty: in all).
_FIXED: tuple[tuple[int, int, frozenset[str]], ...] = (
    (1, 1, frozenset()),
    (1, 6, frozenset({"08", "09", "15"})),
    (3, 8, frozenset({"11", "13"})),
    (5, 1, frozenset()),
    (8, 15, frozenset({"10"})),
    (9, 20, frozenset({"16"})),
    (10, 3, frozenset()),
    (10, 31, frozenset({"01", "02", "03", "04", "12", "13", "14", "15", "16"})),
    (11, 1, frozenset({"05", "07", "08", "09", "10"})),
    (12, 25, frozenset()),
    (12, 26, frozenset()),
)
# Days counted from Easter Sunday. Easter and Whit Sunday are Sundays anyway.
_FROM_EASTER: tuple[tuple[int, frozenset[str]], ...] = (
    (-2, frozenset()),
    (1, frozenset()),
    (39, frozenset()),
    (50, frozenset()),
    (60, frozenset({"05", "06", "07", "08", "09", "10"})),
)
_REPENTANCE = frozenset({"14"})


def easter(year: int) -> date:
    """Return Easter Sunday of a year (the rule of Gauss with Lichtenberg's corrections)."""
    century = year // 100
    moon = 15 + (3 * century + 3) // 4 - (8 * century + 13) // 25
    sun = 2 - (3 * century + 3) // 4
    golden = year % 19
    seed = (19 * golden + moon) % 30
    limit = seed // 29 + (seed // 28 - seed // 29) * (golden // 11)
    border = 21 + seed - limit
    sunday = 7 - (year + year // 4 + sun) % 7
    return date(year, 3, 1) + timedelta(days=border + 7 - (border - sunday) % 7 - 1)


def is_holiday(day: date, state: str | None) -> bool:
    """Whether a day is a public holiday in the whole of a Land; without one, only what is one everywhere.

    Args:
        day: the day.
        state: the Land's key in the official register.
    """
    for month, number, states in _FIXED:
        if (day.month, day.day) == (month, number):
            return not states or state in states
    since_easter = (day - easter(day.year)).days
    for distance, states in _FROM_EASTER:
        if since_easter == distance:
            return not states or state in states
    return state in _REPENTANCE and day == _day_of_repentance(day.year)


def _day_of_repentance(year: int) -> date:
    """Return the Wednesday before 23 November."""
    last = date(year, 11, 22)
    return last - timedelta(days=(last.weekday() - 2) % 7)


def is_working_day(day: date, state: str | None) -> bool:
    """Whether people work on a day in a Land."""
    return day.weekday() < SATURDAY and not is_holiday(day, state)


def after_working_days(moment: datetime, count: int, state: str | None) -> datetime:
    """Return the moment so many working days later, at the same time of day where the municipalities are."""
    local = moment.astimezone(HOME)
    day = local.date()
    while count:
        day += timedelta(days=1)
        count -= is_working_day(day, state)
    return datetime.combine(day, local.time(), tzinfo=HOME)
