"""Reading what is said about a document: what a person typed is checked, what a file says of itself is only taken."""

import re
from collections.abc import Mapping
from datetime import date
from urllib.parse import urlsplit

from knowledge.access.visibility import VisibilityNeedsCircle
from knowledge.kit.clock import today
from knowledge.kit.errors import InvalidInput
from knowledge.kit.language import _
from knowledge.library.schemas import Description
from knowledge.models.document import Kind, Visibility

# The oldest printed texts of town halls are younger.
FIRST_YEAR = 1450
LANGUAGE = re.compile(r"[a-z]{2}\Z")
LONGEST = 500
# What a file may say of itself beyond the common fields, such as an experience's outcome.
DETAILS = ("status", "would_do_again")


class WrongDescription(InvalidInput):
    """Something that was said about a document cannot be right."""

    code = "documents.wrong_description"


def check_year(year: int) -> int:
    """Return ``year``. Raises ``WrongDescription`` for one that no document can come from."""
    if not FIRST_YEAR <= year <= today().year + 1:
        raise WrongDescription(
            _("The year {year} cannot be right; years go from {first} to {last}.").format(
                year=year, first=FIRST_YEAR, last=today().year + 1
            )
        )
    return year


def check_url(url: str) -> str:
    """Return ``url``. Raises ``WrongDescription`` for anything but an address of the web."""
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"[\s<>\"]", url):
        raise WrongDescription(_("The address must begin with https:// or http://, without spaces."))
    return url


def check_period(valid_from: date | None, valid_until: date | None) -> None:
    """Raise ``WrongDescription`` for a period that ends before it begins."""
    if valid_from and valid_until and valid_until < valid_from:
        raise WrongDescription(_("The validity ends before it begins."))


def check_circle(given: Description) -> None:
    """Raise ``VisibilityNeedsCircle`` or ``WrongDescription`` where circle and visibility do not go together."""
    if given.circle is None and given.visibility is Visibility.CIRCLE:
        raise VisibilityNeedsCircle
    if given.circle is not None and given.visibility is not Visibility.CIRCLE:
        raise WrongDescription(_("A circle goes only with the visibility “circle”."))


def check_description(given: Description) -> Description:
    """Return what a person said about a document. Raises ``WrongDescription`` with what cannot be right."""
    if given.year is not None:
        check_year(given.year)
    if given.url is not None:
        check_url(given.url)
    check_period(given.valid_from, given.valid_until)
    check_circle(given)
    if given.language is not None and not LANGUAGE.match(given.language):
        raise WrongDescription(_("For --language, please give the two letters of a language, such as de or en."))
    for text in (given.title, given.publisher, given.licence, *given.topics):
        if text is not None and not 0 < len(text.strip()) <= LONGEST:
            raise WrongDescription(
                _("A title, publisher, licence or topic has from 1 to {longest} characters.").format(longest=LONGEST)
            )
    return given


def described_by_file(properties: Mapping[str, str | list[str]]) -> Description:
    """Return what a file says about itself, as far as it makes sense.

    A file cannot decide who may find it or what may be shown of it: visibility and rights are for people to say.
    """

    def text(name: str) -> str | None:
        value = properties.get(name)
        return value.strip()[:LONGEST] or None if isinstance(value, str) else None

    kind = text("kind")
    language = (text("language") or "").lower()[:2]
    return Description(
        kind=Kind(kind) if kind in set(Kind) else None,
        publisher=text("publisher"),
        organisation=text("organisation"),
        year=_year(text("year")),
        licence=text("licence"),
        url=_url(text("url")),
        language=language if LANGUAGE.match(language) else None,
        state=text("state"),
        valid_from=_date(text("valid_from")),
        valid_until=_date(text("valid_until")),
        review_by=_date(text("review_by")),
        topics=_topics(properties.get("topics")),
        details={name: value for name in DETAILS if (value := text(name))},
    )


def _topics(value: str | list[str] | None) -> tuple[str, ...]:
    names = value.split(",") if isinstance(value, str) else value or []
    return tuple(name.strip()[:LONGEST] for name in names[:20] if name.strip())


def _year(value: str | None) -> int | None:
    if value is None or not value.isdecimal() or not FIRST_YEAR <= int(value[:6]) <= today().year + 1:
        return None
    return int(value)


def _url(value: str | None) -> str | None:
    try:
        return check_url(value) if value else None
    except WrongDescription:
        return None


def _date(value: str | None) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        return None
