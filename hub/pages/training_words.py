"""What the pages about trainings have in common: days and times in words, and names for values."""

from collections.abc import Sequence
from datetime import date, datetime

from knowledge.kit.clock import HOME
from knowledge.kit.language import _, current_language
from knowledge.models.document import Visibility
from knowledge.models.training import Level, RegistrationState, TrainingState

LONG = {"de": "EEEE, d. MMMM y", "en": "EEEE, d MMMM y"}
MONTH = {"de": "MMM", "en": "MMM"}


def day_words(day: date) -> str:
    """Return a day with its weekday: „Dienstag, 2. März 2027"."""
    return _formatted(day, LONG)


def month_words(day: date) -> str:
    """Return a month, short."""
    return _formatted(day, MONTH)


def _formatted(day: date, patterns: dict[str, str]) -> str:
    # Babel knows the ways of all languages, and is loaded only when a date is to be shown.
    from babel.dates import format_date

    language = current_language()
    return format_date(day, format=patterns[language], locale="de_DE" if language == "de" else "en_GB")


def clock_words(moment: datetime) -> str:
    """Return a time of day; in the hour that comes twice, with which of the two it is."""
    local = moment.astimezone(HOME)
    text = f"{local:%H:%M}"
    if not comes_twice(local):
        return text
    which = _("winter time") if local.fold else _("summer time")
    return f"{text} ({which})"


def comes_twice(local: datetime) -> bool:
    """Whether a local time is one of the hour that comes twice when summer time ends."""
    first, second = (local.replace(fold=fold).utcoffset() for fold in (0, 1))
    return first is not None and second is not None and first > second


def span_words(starts_at: datetime, ends_at: datetime) -> str:
    """Return from when to when something is; with the day of the end where that is another one."""
    start, end = starts_at.astimezone(HOME), ends_at.astimezone(HOME)
    if start.date() == end.date():
        text = _("{day}, {start} to {end}")
        return text.format(day=day_words(start.date()), start=clock_words(starts_at), end=clock_words(ends_at))
    text = _("{day}, {start}, to {other_day}, {end}")
    values = {"start": clock_words(starts_at), "end": clock_words(ends_at)}
    return text.format(day=day_words(start.date()), other_day=day_words(end.date()), **values)


def moment_words(moment: datetime) -> str:
    """Return day and time with the weekday."""
    day = day_words(moment.astimezone(HOME).date())
    return _("{day}, {time}").format(day=day, time=clock_words(moment))


def paragraphs(text: str) -> Sequence[str]:
    """Return the paragraphs of a text."""
    return [part.strip() for part in text.replace("\r\n", "\n").split("\n\n") if part.strip()]


def level_name(level: Level) -> str:
    """Return what one should know already."""
    names = {
        Level.BEGINNER: _("for beginners"),
        Level.INTERMEDIATE: _("with some experience"),
        Level.ADVANCED: _("for the experienced"),
    }
    return names[level]


def language_name(code: str) -> str:
    """Return in which language a training is held."""
    return {"de": _("German"), "en": _("English")}.get(code, code)


def visibility_name(visibility: Visibility) -> str:
    """Return who may find a training."""
    names = {
        Visibility.HOUSE: _("only our own organisation"),
        Visibility.CIRCLE: _("certain circles"),
        Visibility.NETWORK: _("the network (verified members)"),
        Visibility.PUBLIC: _("everybody, also without signing in"),
    }
    return names[visibility]


def state_name(state: TrainingState) -> str:
    """Return where a training stands."""
    names = {
        TrainingState.DRAFT: _("Draft"),
        TrainingState.PUBLISHED: _("Published"),
        TrainingState.CANCELLED: _("Cancelled"),
    }
    return names[state]


def registration_name(state: RegistrationState) -> str:
    """Return where a registration stands."""
    names = {
        RegistrationState.REGISTERED: _("registered"),
        RegistrationState.WAITING: _("on the waiting list"),
        RegistrationState.OFFERED: _("a place is offered"),
        RegistrationState.LAPSED: _("offer not accepted in time"),
        RegistrationState.CANCELLED: _("cancelled by themselves"),
    }
    return names[state]


REGISTRATION_BADGES = {
    RegistrationState.REGISTERED: "success",
    RegistrationState.WAITING: "info",
    RegistrationState.OFFERED: "warning",
    RegistrationState.LAPSED: "neutral",
    RegistrationState.CANCELLED: "neutral",
}
STATE_BADGES = {
    TrainingState.DRAFT: "neutral",
    TrainingState.PUBLISHED: "success",
    TrainingState.CANCELLED: "danger",
}
