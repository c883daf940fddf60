"""Numbers, months and size classes as people write them."""

from datetime import date, timedelta

from knowledge.figures.months import add_months, months_between
from knowledge.figures.schemas import Period
from knowledge.kit.language import _, current_language
from knowledge.library.experiences import SIZES

# A space that no line breaks at.
NO_BREAK = "\u00a0"
_MONTHS = {
    "de": ("Jan", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}


def number_text(value: float, *, digits: int = 0) -> str:
    """Write a number as people of the current language do: 1.234,5 or 1,234.5."""
    text = f"{value:,.{digits}f}"
    return text.translate(str.maketrans(",.", ".,")) if current_language() == "de" else text


def percent_text(value: float) -> str:
    """Write a percentage."""
    return number_text(value) + (NO_BREAK if current_language() == "de" else "") + "%"


def period_text(period: Period) -> str:
    """Write the months of a period: Jan 2026, Jan–Mär 2026, Nov 2025–Jan 2026."""
    first, last = period.first, add_months(period.until, -1)
    return _span_text(first, last, str(first.year), str(last.year))


def short_period_text(period: Period) -> str:
    """Write the months of a period as briefly as can be: Jan 26, Jan–Mär 26."""
    first, last = period.first, add_months(period.until, -1)
    # Less than a year needs one year only: Dez–Jan 26.
    year = f"{last:%y}"
    return _span_text(first, last, year if length_of(period) < 12 else f"{first:%y}", year)


def _span_text(first: date, last: date, *years: str) -> str:
    if first == last:
        return f"{_month(first)} {years[0]}"
    if years[0] == years[1]:
        return f"{_month(first)}–{_month(last)} {years[1]}"
    return f"{_month(first)} {years[0]}–{_month(last)} {years[1]}"


def length_of(period: Period) -> int:
    """Return how many months there are in a period."""
    return months_between(period.first, period.until)


def last_day(until: date) -> date:
    """Return the last day of a period."""
    return until - timedelta(days=1)


def size_text(place: int) -> str:
    """Write a size class, such as „2.001 bis 5.000"."""
    if place >= len(SIZES):
        return _("more than {count}").format(count=number_text(SIZES[-1]))
    upper = number_text(SIZES[place])
    if place == 0:
        return _("up to {count}").format(count=upper)
    return _("{first} to {last}").format(first=number_text(SIZES[place - 1] + 1), last=upper)


def _month(day: date) -> str:
    return _MONTHS[current_language()][day.month - 1]
