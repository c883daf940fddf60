"""Dates and times of a training, read from plain words: „12.3.2027 9–12 Uhr"."""

import re
from dataclasses import dataclass
from datetime import date, time

from bot.handlers.training_wishes import MONTHS, day_of
from knowledge.kit.errors import InvalidInput
from knowledge.kit.language import _

# More of them in one message are a slip.
MOST_DATES = 40
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_DAY = re.compile(
    rf"(?:(?P<year>\d{{4}})-(?P<month>\d{{1,2}})-(?P<day>\d{{1,2}})"
    rf"|(?P<d>\d{{1,2}})\.\s?(?:(?P<m>\d{{1,2}})\.|(?P<name>{_MONTH})\.?)\s?(?P<y>\d{{4}}|\d{{2}}(?![\d:.]))?"
    rf"|(?P<ed>\d{{1,2}}) (?P<ename>{_MONTH}) (?P<ey>\d{{4}}))",
    re.IGNORECASE,
)
_CLOCK = r"(\d{1,2})(?:[:.](\d{2}))?"
_TIMES = re.compile(rf"{_CLOCK}\s*(?:uhr|h)?\s*(?:-|–|—|bis|to|until)\s*{_CLOCK}\s*(?:uhr|h|o'clock)?", re.IGNORECASE)
_ONE_TIME = re.compile(rf"{_CLOCK}\s*(?:uhr|h\b|o'clock)", re.IGNORECASE)
_WEEKLY = re.compile(r"(?:wöchentlich|weekly|jede woche|every week)", re.IGNORECASE)
_COUNT = re.compile(r"(\d{1,2})\s*(?:mal|-mal|x|×|termine|times|dates)\b", re.IGNORECASE)


class DatesUnreadable(InvalidInput):
    """Words are no date with its times."""

    code = "trainings.dates_unreadable"


@dataclass(frozen=True, slots=True)
class LocalDate:
    """A date where the municipalities are, from when to when."""

    day: date
    starts: time
    ends: time


@dataclass(frozen=True, slots=True)
class WrittenDates:
    """What was written: dates, or a first one that comes again each week, ``weeks`` times in all."""

    dates: tuple[LocalDate, ...]
    weeks: int = 1


def read_dates(text: str, today: date) -> WrittenDates:
    """Return the dates with their times in a text. Raises DatesUnreadable."""
    found = list(_DAY.finditer(text))
    if not found:
        raise DatesUnreadable(_("I see no date in that. Please write it like this: 12.3.2027 9–12 Uhr"))
    if len(found) > MOST_DATES:
        raise DatesUnreadable(_("These are too many dates; {most} at most.").format(most=MOST_DATES))
    ends = [match.start() for match in found[1:]] + [len(text)]
    parts = [(match, text[match.end() : end]) for match, end in zip(found, ends, strict=True)]
    # „12.3. und 19.3.2027, 9–12 Uhr": times that stand once are those of all.
    common = _times(parts[-1][1])
    dates = [LocalDate(_day(match, today), *(_times(rest) or common or _no_times(rest))) for match, rest in parts]
    return WrittenDates(tuple(dates), _weeks(text) if len(dates) == 1 else 1)


def read_day(text: str, today: date) -> date:
    """Return the one day in a text; without a year, the next one of that name. Raises DatesUnreadable."""
    found = _DAY.search(text)
    if found is None:
        raise DatesUnreadable(_("I see no date in that. Please write it like this: 12.3.2027"))
    return _day(found, today)


def _day(match: re.Match[str], today: date) -> date:
    parts = match.groupdict()
    name = parts["name"] or parts["ename"]
    month = MONTHS[name.casefold()] if name else int(parts["month"] or parts["m"])
    year = int(parts["year"] or parts["y"] or parts["ey"] or 0)
    day = int(parts["day"] or parts["d"] or parts["ed"])
    found = day_of(day, month, year + 2000 if 0 < year < 100 else year, today)
    if found is None:
        problem = _("There is no such day: {day}. Please write it with its year, like this: 12.3.2027")
        raise DatesUnreadable(problem.format(day=match[0].strip()))
    return found


def _times(text: str) -> tuple[time, time] | None:
    found = _TIMES.search(text)
    if found is None:
        return None
    first, last = (int(found[1]), int(found[2] or 0)), (int(found[3]), int(found[4] or 0))
    for hour, minute in (first, last):
        if hour > 23 or minute > 59:
            raise DatesUnreadable(_("There is no such time: {time}").format(time=f"{hour}:{minute:02d}"))
    return time(*first), time(*last)


def _no_times(text: str) -> tuple[time, time]:
    if _ONE_TIME.search(text):
        raise DatesUnreadable(_("Please also write when it ends, like this: 12.3.2027 9–12 Uhr"))
    raise DatesUnreadable(_("Please also write from when to when, like this: 12.3.2027 9–12 Uhr"))


def _weeks(text: str) -> int:
    if not _WEEKLY.search(text):
        return 1
    found = _COUNT.search(_TIMES.sub(" ", text))
    if found is None or not 1 <= int(found[1]) <= MOST_DATES:
        raise DatesUnreadable(_("How often? Please write it like this: 12.3.2027 9–12 Uhr, wöchentlich, 4 Termine"))
    return int(found[1])
