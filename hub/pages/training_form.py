"""The form that describes a training: what it is filled with, and what is read from it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import count
from typing import Any, TypeVar
from uuid import UUID

from starlette.datastructures import FormData

from hub.forms import FormWrong
from hub.pages.contribution_parts import typed_texts
from hub.pages.library_parts import read_choice, read_id, read_number
from hub.pages.review_parts import typed_in
from knowledge.kit.clock import HOME
from knowledge.kit.errors import InvalidInput
from knowledge.kit.language import _
from knowledge.models.document import Visibility
from knowledge.models.training import Level
from knowledge.trainings.checking import LONGEST
from knowledge.trainings.errors import TrainingInvalid
from knowledge.trainings.schemas import DateDraft, QuestionDraft, TrainingDraft, TrainingEntry
from knowledge.trainings.times import MOST_DATES, fold_of, is_twice, local_moment, read_day, read_time

TOPIC = "thema"
MOST_ROWS = MOST_DATES
# After it, nothing can be repeated every week: there are no more dates then.
LAST_DAY = date(9990, 1, 1)
# Where nobody says a time of day: the end of that day.
END_OF_DAY = time(23, 59)
# What a field of a draft is called in the form, where that is another name.
FIELDS = {"deadline": "deadline_day", "state_key": "area", "topics": "topics", "questions": "questions"}
OTHER_TEXTS = ("level", "online", "link", "area", "capacity", "offer_hours", "language", "visibility", "waiting_list")
DEADLINE = ("deadline_day", "deadline_time", "deadline_fold")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class DateRow:
    """One date as it is typed; ``asks`` for which of two, where its time comes twice."""

    number: int
    id: str = ""
    day: str = ""
    starts: str = ""
    ends: str = ""
    fold: str = ""
    asks: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing is typed there."""
        return not (self.day or self.starts or self.ends)


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A question for registration as it is typed."""

    number: int
    id: str = ""
    text: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True)
class TrainingForm:
    """All that is typed into the form."""

    values: Mapping[str, str] = field(default_factory=dict)
    dates: Sequence[DateRow] = (DateRow(1),)
    questions: Sequence[QuestionRow] = ()
    topics: frozenset[str] = frozenset()

    def hidden(self) -> list[tuple[str, str]]:
        """Return all of it as names and values, for a page that asks once more."""
        fields = [(name, value) for name, value in self.values.items() if value]
        for row in self.dates:
            names = {"date": row.id, "day": row.day, "from": row.starts, "to": row.ends, "fold": row.fold}
            fields += [(f"{name}-{row.number}", value) for name, value in names.items()]
        for question in self.questions:
            fields += [(f"question-{question.number}", question.text), (f"asked-{question.number}", question.id)]
            fields += [(f"needed-{question.number}", "1")] if question.required else []
        return [*fields, *((TOPIC, topic) for topic in sorted(self.topics))]


def empty_form() -> TrainingForm:
    """Return a form for a new training."""
    usual = {"level": Level.BEGINNER.value, "online": "0", "waiting_list": "1", "offer_hours": "24", "language": "de"}
    return TrainingForm({**usual, "visibility": Visibility.NETWORK.value})


def filled_with(entry: TrainingEntry) -> TrainingForm:
    """Return a form with what a training says."""
    values = {name: getattr(entry, name) for name in LONGEST}
    values |= {"level": entry.level.value, "online": "1" if entry.online else "0", "link": entry.link or ""}
    values |= {"area": entry.district_key or entry.state_key or "", "language": entry.language}
    values |= {"capacity": "" if entry.capacity is None else str(entry.capacity), "offer_hours": str(entry.offer_hours)}
    values |= {"visibility": entry.visibility.value, "waiting_list": "1" if entry.waiting_list else ""}
    if entry.deadline is not None:
        local, fold = entry.deadline.astimezone(HOME), fold_of(entry.deadline)
        values |= {"deadline_day": local.date().isoformat(), "deadline_time": f"{local:%H:%M}"}
        values |= {"deadline_fold": "" if fold is None else str(fold)}
    dates = [_date_row(number, one.starts_at, one.ends_at, one.id) for number, one in enumerate(entry.dates, 1)]
    questions = [
        QuestionRow(number, str(one.id), one.text, one.required) for number, one in enumerate(entry.questions, 1)
    ]
    return TrainingForm(values, dates or (DateRow(1),), questions, frozenset(str(topic.id) for topic in entry.topics))


def _date_row(number: int, starts_at: datetime, ends_at: datetime, key: UUID) -> DateRow:
    start, end = starts_at.astimezone(HOME), ends_at.astimezone(HOME)
    folds = [fold for fold in (fold_of(starts_at), fold_of(ends_at)) if fold is not None]
    day, fold = start.date().isoformat(), str(folds[0]) if folds else ""
    return DateRow(number, str(key), day, f"{start:%H:%M}", f"{end:%H:%M}", fold, asks=bool(folds))


# Reading


def read_form(form: FormData) -> TrainingForm:
    """Return what was typed, as it is."""
    typed = typed_in(form)
    values = {name: typed.get(name, "") for name in (*LONGEST, *OTHER_TEXTS, *DEADLINE)}
    dates = [_typed_date(typed, number) for number in _numbers(typed, "day-")]
    questions = [_typed_question(typed, number) for number in _numbers(typed, "question-")]
    return TrainingForm(values, dates or (DateRow(1),), questions, frozenset(typed_texts(form, TOPIC)))


def _numbers(typed: Mapping[str, str], start: str) -> list[int]:
    """Return the numbers of the rows that were sent."""
    found = (read_number(name.removeprefix(start)) for name in typed if name.startswith(start))
    return sorted({number for number in found if number})[:MOST_ROWS]


def _typed_date(typed: Mapping[str, str], number: int) -> DateRow:
    said = {name: typed.get(f"{name}-{number}", "").strip()[:40] for name in ("date", "day", "from", "to", "fold")}
    row = DateRow(number, said["date"], said["day"], said["from"], said["to"], said["fold"])
    return replace(row, asks=_comes_twice(row))


def _typed_question(typed: Mapping[str, str], number: int) -> QuestionRow:
    text, needed = typed.get(f"question-{number}", ""), f"needed-{number}" in typed
    return QuestionRow(number, typed.get(f"asked-{number}", "")[:40], text, needed)


def _comes_twice(row: DateRow) -> bool:
    try:
        day = read_day(row.day)
        return any(is_twice(day, read_time(clock)) for clock in (row.starts, row.ends) if clock)
    except TrainingInvalid:
        return False


def draft_of(form: TrainingForm) -> TrainingDraft:
    """Return the training that a form describes. Raises ``FormWrong`` for what cannot be read."""
    reading, values = _Reader(), form.values
    dates = [reading.take(f"day-{row.number}", partial(_read_date, row)) for row in form.dates if not row.is_empty]
    capacity = reading.take("capacity", lambda: _whole(values, "capacity"))
    hours = reading.take("offer_hours", lambda: _whole(values, "offer_hours"))
    deadline = reading.take("deadline_day", lambda: _read_deadline(values))
    if reading.errors:
        raise FormWrong(reading.errors)
    area = values.get("area", "")
    texts: dict[str, Any] = {name: values.get(name, "") for name in LONGEST}
    return TrainingDraft(
        **texts,
        level=read_choice(Level, values.get("level")) or Level.BEGINNER,
        online=values.get("online") == "1",
        link=values.get("link", "").strip() or None,
        state_key=area[:2] or None,
        district_key=area if len(area) > 2 else None,
        capacity=capacity,
        waiting_list=values.get("waiting_list") == "1",
        offer_hours=24 if hours is None else hours,
        deadline=deadline,
        language=values.get("language", "") or "de",
        visibility=read_choice(Visibility, values.get("visibility")) or Visibility.NETWORK,
        dates=tuple(date for date in dates if date is not None),
        topics=tuple(key for key in map(read_id, sorted(form.topics)) if key is not None),
        questions=tuple(QuestionDraft(row.text, row.required, read_id(row.id)) for row in form.questions),
    )


class _Reader:
    """Reads one field after the other and notes what is wrong with each."""

    def __init__(self) -> None:
        self.errors: dict[str, str] = {}

    def take(self, name: str, read: Callable[[], _T]) -> _T | None:
        """Return what was read, or note why not."""
        try:
            return read()
        except InvalidInput as error:
            self.errors[name] = error.message
            return None


def _read_date(row: DateRow) -> DateDraft:
    if not (row.day and row.starts and row.ends):
        raise TrainingInvalid(_("Please enter the day, from when and to when, or leave the whole row empty."))
    day, fold = read_day(row.day), _fold(row.fold)
    starts, ends = (local_moment(day, read_time(clock), fold=fold) for clock in (row.starts, row.ends))
    return DateDraft(starts, ends, read_id(row.id))


def _fold(text: str) -> int | None:
    return int(text) if text in ("0", "1") else None


def _whole(values: Mapping[str, str], name: str) -> int | None:
    text = values.get(name, "").strip()
    number = read_number(text)
    if text and number is None:
        raise TrainingInvalid(_("Please enter a whole number."))
    return number


def _read_deadline(values: Mapping[str, str]) -> datetime | None:
    day, clock = values.get("deadline_day", "").strip(), values.get("deadline_time", "").strip()
    if not day:
        if clock:
            raise TrainingInvalid(_("Please enter the day, too."))
        return None
    return local_moment(
        read_day(day), read_time(clock) if clock else END_OF_DAY, fold=_fold(values.get("deadline_fold", ""))
    )


def asks_deadline(form: TrainingForm) -> bool:
    """Whether the deadline's time comes twice, so that it must be said which one is meant."""
    values = form.values
    if not values.get("deadline_day") or not values.get("deadline_time"):
        return False
    return _comes_twice(DateRow(0, day=values["deadline_day"], starts=values["deadline_time"]))


def errors_of(error: InvalidInput) -> dict[str, str]:
    """Return what is wrong, by the field's name in the form."""
    if isinstance(error, FormWrong):
        return dict(error.errors)
    name = error.field if isinstance(error, TrainingInvalid) else ""
    return {FIELDS.get(name, name): error.message}


# Changing how many rows there are


def with_date(form: TrainingForm) -> TrainingForm:
    """Return the form with one more row for a date, at the same times as the last one."""
    last = form.dates[-1]
    row = DateRow(last.number + 1, starts=last.starts, ends=last.ends)
    return replace(form, dates=[*form.dates, row][:MOST_ROWS])


def with_series(form: TrainingForm, times: int) -> TrainingForm:
    """Return the form with the last date repeated every week, until there are so many of it.

    Raises ``FormWrong`` where there is no date to repeat, or the number makes no sense.
    """
    known = [row for row in form.dates if not row.is_empty]
    first = _day_of(known[-1]) if known else None
    if first is None or first > LAST_DAY:
        raise FormWrong({"dates": _("Please enter the first date; then it can be repeated.")})
    if not 2 <= times <= MOST_DATES:
        raise FormWrong(
            {"times": _("Please enter how many dates there are to be, from 2 to {most}.").format(most=MOST_DATES)}
        )
    last = known[-1]
    numbers = count(last.number + 1)
    days = [first + timedelta(weeks=week) for week in range(1, times)]
    rows = [replace(last, number=next(numbers), id="", day=day.isoformat(), fold="") for day in days]
    return replace(form, dates=[replace(row, asks=_comes_twice(row)) for row in [*known, *rows]][:MOST_ROWS])


def _day_of(row: DateRow) -> date | None:
    try:
        return read_day(row.day)
    except TrainingInvalid:
        return None


def without_date(form: TrainingForm, number: int) -> TrainingForm:
    """Return the form without one of its dates."""
    return replace(form, dates=[row for row in form.dates if row.number != number] or [DateRow(1)])


def with_question(form: TrainingForm) -> TrainingForm:
    """Return the form with one more row for a question."""
    number = form.questions[-1].number + 1 if form.questions else 1
    return replace(form, questions=[*form.questions, QuestionRow(number)])


def without_question(form: TrainingForm, number: int) -> TrainingForm:
    """Return the form without one of its questions."""
    return replace(form, questions=[row for row in form.questions if row.number != number])
