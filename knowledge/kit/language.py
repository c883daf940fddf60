"""The language in which people are spoken to: German unless they, or the locale, say English.

Sources carry plain English; gettext catalogues under ``knowledge/locale`` carry the German.
"""

import gettext
from contextvars import ContextVar
from datetime import date
from functools import cache
from pathlib import Path

LANGUAGES = ("de", "en")
CATALOGUES = Path(__file__).resolve().parent.parent / "locale"

_current: ContextVar[str] = ContextVar("language", default="de")


def choose_language(language: str) -> None:
    """Speak ``language`` (``de`` or ``en``) from here on in this task; anything else is German."""
    _current.set(language if language in LANGUAGES else "de")


def current_language() -> str:
    """Return ``de`` or ``en``."""
    return _current.get()


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation("allmende", CATALOGUES, [language], fallback=True)


def _(message: str) -> str:
    """Translate a sentence into the current language."""
    return _catalogue(_current.get()).gettext(message)


def ngettext(singular: str, plural: str, count: int) -> str:
    """Translate a sentence that depends on a count into the current language."""
    return _catalogue(_current.get()).ngettext(singular, plural, count)


def date_text(day: date) -> str:
    """Write a date as people of the current language do: 31.12.2026, or 31 December 2026."""
    # Babel knows the ways of all languages, and is loaded only when a date is to be shown.
    from babel.dates import format_date

    return format_date(day, format="medium" if _current.get() == "de" else "long", locale=_locale())


def _locale() -> str:
    return "de_DE" if _current.get() == "de" else "en_GB"
