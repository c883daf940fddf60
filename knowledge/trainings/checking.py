"""What a training may be: cleaned as it is entered, and refused with a clear word where it cannot be so."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from knowledge.kit.cleaning import clean_line, clean_text
from knowledge.kit.clock import HOME
from knowledge.kit.language import LANGUAGES, _, date_text
from knowledge.models.document import Visibility
from knowledge.organisations.states import STATES
from knowledge.trainings.errors import AnswersInvalid, TrainingInvalid
from knowledge.trainings.schemas import DateDraft, QuestionDraft, QuestionEntry, TrainingDraft
from knowledge.trainings.times import MOST_DATES, in_order

LONGEST: Mapping[str, int] = {
    "title": 200,
    "summary": 2000,
    "outcomes": 3000,
    "audience": 1000,
    "trainers": 500,
    "place": 500,
    "region": 200,
    "costs": 300,
    "accessibility": 1000,
}
# Texts on one line; the others may have several.
ON_ONE_LINE = frozenset({"title", "region", "costs"})
LONGEST_LINK, LONGEST_REASON, LONGEST_INQUIRY = 1000, 1000, 2000
LONGEST_QUESTION, MOST_QUESTIONS, LONGEST_ANSWER = 300, 10, 1000
MOST_TOPICS = 5
MOST_PLACES, MOST_OFFER_HOURS = 10_000, 24 * 14
# One date lasts no longer, all dates lie within, and none lies further ahead.
LONGEST_DATE, LONGEST_SERIES, FURTHEST = timedelta(days=7), timedelta(days=366), timedelta(days=3 * 366)
_SCHEMES = frozenset({"http", "https"})
_NOT_IN_LINKS = re.compile(r"[\s\\<>\"`]")


def field_label(name: str) -> str:
    """Return what people call a field of a training; the name itself where there is none."""
    labels = {
        "title": _("Title"),
        "summary": _("What it is about"),
        "outcomes": _("What you can do afterwards"),
        "audience": _("For whom"),
        "level": _("Level"),
        "trainers": _("Trainers"),
        "online": _("Online or on site"),
        "place": _("Place"),
        "link": _("Link"),
        "region": _("Town or region"),
        "capacity": _("Places"),
        "deadline": _("Register until"),
        "costs": _("Costs"),
        "accessibility": _("Accessibility"),
        "language": _("Language"),
        "visibility": _("Visibility"),
        "dates": _("Dates"),
        "topics": _("Topics"),
        "questions": _("Questions at registration"),
        "offer_hours": _("Time to accept a place"),
        "state_key": _("Federal state"),
    }
    return labels.get(name, name)


def checked_draft(draft: TrainingDraft) -> TrainingDraft:
    """Return a draft as it is kept. Raises ``TrainingInvalid``.

    What only a published training needs (dates that lie ahead, a place) is left to ``check_ready``.
    """
    texts: dict[str, Any] = {name: _text(name, getattr(draft, name)) for name in LONGEST}
    if not texts["title"]:
        raise TrainingInvalid(_("Please enter a title."), field="title")
    _check_numbers(draft)
    if draft.visibility is Visibility.CIRCLE:
        raise TrainingInvalid(_("A training cannot be for one circle only."), field="visibility")
    if draft.language not in LANGUAGES:
        raise TrainingInvalid(_("Please choose German or English."), field="language")
    if len(draft.topics) > MOST_TOPICS:
        raise TrainingInvalid(_("Please choose {most} topics at most.").format(most=MOST_TOPICS), field="topics")
    return replace(
        draft,
        **texts,
        link=checked_link(draft.link),
        dates=_checked_dates(draft.dates),
        topics=tuple(dict.fromkeys(draft.topics)),
        questions=_checked_questions(draft.questions),
        **_checked_area(draft),
    )


def _text(name: str, given: str) -> str:
    text = clean_line(given) if name in ON_ONE_LINE else clean_text(given)
    if len(text) > LONGEST[name]:
        problem = _("“{field}” is too long: {length} characters, at most {longest} fit.")
        values = {"field": field_label(name), "length": len(text), "longest": LONGEST[name]}
        raise TrainingInvalid(problem.format(**values), field=name)
    return text


def _check_numbers(draft: TrainingDraft) -> None:
    if draft.capacity is not None and not 1 <= draft.capacity <= MOST_PLACES:
        problem = _("Please enter from 1 to {most} places, or none for no limit.").format(most=MOST_PLACES)
        raise TrainingInvalid(problem, field="capacity")
    if not 1 <= draft.offer_hours <= MOST_OFFER_HOURS:
        problem = _("Please enter from 1 to {most} hours for accepting a place.").format(most=MOST_OFFER_HOURS)
        raise TrainingInvalid(problem, field="offer_hours")


def checked_link(link: str | None) -> str | None:
    """Return a link that may be shown to people, ``None`` for an empty one. Raises ``TrainingInvalid``."""
    text = (link or "").strip()
    if not text:
        return None
    try:
        parts = urlsplit(text)
        named = parts.scheme in _SCHEMES and bool(parts.hostname) and parts.username is None and parts.port != 0
    except ValueError:
        named = False
    if not named or not text.isprintable() or _NOT_IN_LINKS.search(text) or len(text) > LONGEST_LINK:
        problem = _("Please enter a complete address that begins with https:// or http://.")
        raise TrainingInvalid(problem, field="link")
    return text


def _checked_area(draft: TrainingDraft) -> dict[str, Any]:
    """Return Land and district; a district brings its Land with it."""
    district, state = draft.district_key or None, draft.state_key or None
    if district is not None:
        if len(district) != 5 or not district.isascii() or not district.isdigit():
            raise TrainingInvalid(_("There is no such district."), field="state_key")
        state = district[:2]
    if state is not None and state not in STATES:
        raise TrainingInvalid(_("There is no such federal state."), field="state_key")
    return {"state_key": state, "district_key": district}


def _checked_questions(questions: Sequence[QuestionDraft]) -> tuple[QuestionDraft, ...]:
    kept = [replace(question, text=clean_line(question.text)) for question in questions]
    kept = [question for question in kept if question.text]
    if len(kept) > MOST_QUESTIONS:
        problem = _("Please ask {most} questions at most.").format(most=MOST_QUESTIONS)
        raise TrainingInvalid(problem, field="questions")
    if any(len(question.text) > LONGEST_QUESTION for question in kept):
        problem = _("A question may have {longest} characters at most.").format(longest=LONGEST_QUESTION)
        raise TrainingInvalid(problem, field="questions")
    return tuple(kept)


def _checked_dates(dates: Sequence[DateDraft]) -> tuple[DateDraft, ...]:
    kept = in_order(dates)
    if len(kept) > MOST_DATES:
        raise TrainingInvalid(_("A series has from 1 to {most} dates.").format(most=MOST_DATES), field="dates")
    for date in kept:
        _check_length(date)
    for before, after in pairwise(kept):
        if after.starts_at < before.ends_at:
            problem = _("Two dates overlap on {day}. Please correct one of them.").format(day=_day(after.starts_at))
            raise TrainingInvalid(problem, field="dates")
    if kept and kept[-1].ends_at - kept[0].starts_at > LONGEST_SERIES:
        raise TrainingInvalid(_("All dates of a training must lie within one year."), field="dates")
    return kept


def _check_length(date: DateDraft) -> None:
    if date.ends_at <= date.starts_at:
        problem = _("The date on {day} ends before it begins. Please correct the times.")
        raise TrainingInvalid(problem.format(day=_day(date.starts_at)), field="dates")
    if date.ends_at - date.starts_at > LONGEST_DATE:
        problem = _("The date on {day} lasts longer than a week. Please enter several dates.")
        raise TrainingInvalid(problem.format(day=_day(date.starts_at)), field="dates")


def check_ready(draft: TrainingDraft, moment: datetime) -> None:
    """Raise ``TrainingInvalid`` where a checked draft lacks what a published training needs."""
    check_ready_but_dates(draft)
    for date in draft.dates:
        check_ahead(date, moment)
    check_deadline_ahead(draft, moment)


def check_ready_but_dates(draft: TrainingDraft) -> None:
    """Raise ``TrainingInvalid`` as ``check_ready`` does, whenever the dates and the deadline are."""
    if not draft.dates:
        raise TrainingInvalid(_("Please enter at least one date before you publish."), field="dates")
    if not draft.online and not draft.place:
        problem = _("Please enter the place, or say that the training is online.")
        raise TrainingInvalid(problem, field="place")
    if draft.deadline is not None and draft.deadline > draft.dates[0].starts_at:
        problem = _("The deadline for registering must not be after the training begins.")
        raise TrainingInvalid(problem, field="deadline")


def check_ahead(date: DateDraft, moment: datetime) -> None:
    """Raise ``TrainingInvalid`` where a date lies in the past, or so far ahead that it must be a slip."""
    if date.starts_at <= moment:
        problem = _("The date on {day} lies in the past. Please enter one that is still to come.")
        raise TrainingInvalid(problem.format(day=_day(date.starts_at)), field="dates")
    if date.starts_at > moment + FURTHEST:
        problem = _("The date on {day} is more than three years away. Please check the year.")
        raise TrainingInvalid(problem.format(day=_day(date.starts_at)), field="dates")


def check_deadline_ahead(draft: TrainingDraft, moment: datetime) -> None:
    """Raise ``TrainingInvalid`` where nobody could register any more."""
    if draft.deadline is not None and draft.deadline <= moment:
        raise TrainingInvalid(_("The deadline for registering lies in the past."), field="deadline")


def _day(moment: datetime) -> str:
    return date_text(moment.astimezone(HOME).date())


def checked_reason(text: str) -> str:
    """Return why a training is cancelled. Raises ``TrainingInvalid`` where nothing, or too much, is said."""
    reason = clean_text(text)
    if not reason:
        problem = _("Please say why the training is cancelled. Everybody who registered reads it.")
        raise TrainingInvalid(problem, field="reason")
    if len(reason) > LONGEST_REASON:
        problem = _("The reason may have {longest} characters at most.").format(longest=LONGEST_REASON)
        raise TrainingInvalid(problem, field="reason")
    return reason


def checked_inquiry(text: str) -> str:
    """Return what somebody asks whoever runs a training, or the answer to it. Raises ``TrainingInvalid``."""
    words = clean_text(text)
    if not words:
        raise TrainingInvalid(_("Please write something."), field="text")
    if len(words) > LONGEST_INQUIRY:
        problem = _("This is too long: please write {longest} characters at most.").format(longest=LONGEST_INQUIRY)
        raise TrainingInvalid(problem, field="text")
    return words


def checked_answers(questions: Sequence[QuestionEntry], given: Mapping[str, str]) -> dict[str, str]:
    """Return the answers at registration that belong to a question, by its id as text. Raises ``AnswersInvalid``.

    Ids are taken with and without hyphens; answers to questions that are not there any more are left out.
    """
    by_key = {key.replace("-", ""): clean_text(text) for key, text in given.items()}
    answers = {str(question.id): by_key.get(question.id.hex, "") for question in questions}
    missing = [question for question in questions if question.required and not answers[str(question.id)]]
    if missing:
        problem = _("Please answer: {question}").format(question=missing[0].text)
        raise AnswersInvalid(problem, tuple(str(question.id) for question in missing))
    too_long = tuple(key for key, text in answers.items() if len(text) > LONGEST_ANSWER)
    if too_long:
        problem = _("An answer may have {longest} characters at most.").format(longest=LONGEST_ANSWER)
        raise AnswersInvalid(problem, too_long)
    return {key: text for key, text in answers.items() if text}
