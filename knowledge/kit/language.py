"""The language in which people are spoken to: German unless they, or the locale, say English.

Sources carry plain English; gettext catalogues under ``knowledge/locale`` carry the German.
"""

import gettext
from contextvars import ContextVar
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
