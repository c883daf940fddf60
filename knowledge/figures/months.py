"""Whole months, where the municipalities are."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time

from knowledge.kit.clock import HOME


def month_of(day: date) -> date:
    """Return the first day of the month of a day."""
    return day.replace(day=1)


def month_at(moment: datetime) -> date:
    """Return the first day of the month that a moment lies in."""
    return month_of(moment.astimezone(HOME).date())


def add_months(month: date, count: int) -> date:
    """Return the first day of a month so many months later, or earlier."""
    number = month.year * 12 + month.month - 1 + count
    return date(number // 12, number % 12 + 1, 1)


def months_between(first: date, until: date) -> int:
    """Return how many months there are from ``first`` to before ``until``."""
    return (until.year - first.year) * 12 + until.month - first.month


def step_start(month: date, step: int) -> date:
    """Return where the step of so many months (1, or 3 for a quarter) begins that a month lies in."""
    return date(month.year, (month.month - 1) // step * step + 1, 1)


def begins(day: date) -> datetime:
    """Return the moment when a day begins."""
    return datetime.combine(day, time(), HOME).astimezone(UTC)


def ends_of_steps(first: date, due: date, step: int) -> Iterator[date]:
    """Give the ends of the steps from ``first`` on that are not after ``due``."""
    end = add_months(first, step)
    while end <= due:
        yield end
        end = add_months(end, step)
