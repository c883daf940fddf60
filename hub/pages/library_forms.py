"""The form that describes a document: what it is filled with, and what is read from it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from hub.forms import FormWrong
from hub.pages.library_parts import kind_name, read_choice, read_day, read_number, read_text, rights_name
from hub.pages.library_parts import visibility_name as who_finds
from knowledge.access.rights import Visitor
from knowledge.access.visibility import access_token
from knowledge.circles.service import CircleService, read_topics
from knowledge.kit.errors import AllmendeError
from knowledge.kit.language import _, current_language
from knowledge.library.browsing.schemas import Caretaker
from knowledge.library.descriptions import LONGEST, WrongDescription, check_url, check_year
from knowledge.library.schemas import Description
from knowledge.models.document import Document, Kind, Rights, Visibility
from knowledge.models.organisation import Organisation
from knowledge.organisations.schemas import Match
from knowledge.organisations.service import OrganisationService
from knowledge.organisations.states import STATES, find_state

LONGEST_ADDRESS = 2000
TEXTS = ("title", "publisher", "licence")
DATES = ("valid_from", "valid_until", "review_by")
# Languages that are offered; what a document has already stays possible.
LANGUAGES = ("de", "en", "cs", "da", "fr", "nl", "pl", "tr", "uk")
_T = TypeVar("_T")
Options = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Choices:
    """What the fields with choices offer."""

    kinds: Options
    rights: Options
    visibilities: Options
    circles: Options
    states: Options
    languages: Options


async def choices_for(session: AsyncSession, visitor: Visitor, document: Document | None = None) -> Choices:
    """Return what may be chosen: of the circles, only those that the visitor may know of."""
    language = [document.language] if document else []
    return Choices(
        kinds=[(kind.value, kind_name(kind)) for kind in Kind],
        rights=[(rights.value, rights_name(rights)) for rights in Rights],
        visibilities=[(visibility.value, who_finds(visibility)) for visibility in Visibility],
        circles=await _circles(session, visitor, document),
        states=[(key, name) for key, (_short, name) in STATES.items()],
        languages=[(code, _language_name(code)) for code in dict.fromkeys((*LANGUAGES, *language))],
    )


def _language_name(code: str) -> str:
    # Babel knows the names of all languages, and is loaded only when one is to be shown.
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(code).get_display_name(current_language()) or code
    except (UnknownLocaleError, ValueError):
        return code


async def _circles(session: AsyncSession, visitor: Visitor, document: Document | None) -> list[tuple[str, str]]:
    caretaker = Caretaker.of(visitor)
    sees_all = caretaker.access is None and caretaker.scope.is_everything
    known = await CircleService(session).list()
    chosen = [
        circle
        for circle in known
        if sees_all
        or (document is not None and document.circle_id == circle.id)
        or (visitor.viewer.access or frozenset()) & {access_token(Visibility.CIRCLE, None, circle.id)}
    ]
    return [(circle.name, circle.name) for circle in chosen]


def filled_with(document: Document, organisation: Organisation | None, circle: str | None) -> dict[str, str]:
    """Return what the form shows of a document, by field."""
    values: dict[str, Any] = {
        "title": document.title,
        "kind": document.kind.value,
        "organisation": organisation.key if organisation else None,
        "visibility": document.visibility.value,
        "circle": circle,
        "rights": document.rights.value,
        "state": document.state_key,
        "topics": ", ".join(document.topics),
    }
    for name in ("publisher", "year", "licence", "url", "language", *DATES):
        values[name] = getattr(document, name)
    return {name: "" if value is None else str(value) for name, value in values.items()}


async def read_description(session: AsyncSession, visitor: Visitor, typed: Mapping[str, str]) -> Description:
    """Return what a form says about a document. Raises ``FormWrong``."""
    reading = _Reader()
    circles = {name for name, _label in await choices_for_circles(session, visitor, typed)}
    organisation = await reading.later("organisation", _organisation(session, read_text(typed, "organisation")))
    title, publisher, licence = (reading.take(name, partial(_short, typed, name)) for name in TEXTS)
    visibility = read_choice(Visibility, typed.get("visibility")) or Visibility.NETWORK
    circle = reading.take("circle", lambda: _circle(typed, visibility, circles))
    if visibility is Visibility.HOUSE and not organisation:
        reading.errors.setdefault("organisation", _("For whom? Please name the organisation that alone may find it."))
    begin, end, review = (reading.take(name, partial(_day, typed, name)) for name in DATES)
    if begin and end and end < begin:
        reading.errors["valid_until"] = _("The validity ends before it begins.")
    said = Description(
        title=title,
        publisher=publisher,
        licence=licence,
        kind=read_choice(Kind, typed.get("kind")) or Kind.OTHER,
        organisation=organisation,
        year=reading.take("year", lambda: _year(read_text(typed, "year"))),
        rights=read_choice(Rights, typed.get("rights")) or Rights.FULL,
        url=reading.take("url", lambda: _url(typed.get("url", "").strip())),
        language=read_text(typed, "language")[:2].lower() or None,
        visibility=visibility,
        circle=circle,
        state=reading.take("state", lambda: _state(read_text(typed, "state"))),
        valid_from=begin,
        valid_until=end,
        review_by=review,
        topics=tuple(reading.take("topics", lambda: read_topics(typed.get("topics", "")[:5000])) or ()),
    )
    if reading.errors:
        raise FormWrong(reading.errors)
    return said


async def choices_for_circles(session: AsyncSession, visitor: Visitor, typed: Mapping[str, str]) -> Options:
    """Return the circles that may be chosen, and the one that the document has already."""
    known = list(await _circles(session, visitor, None))
    before = read_text(typed, "circle_before")
    return [*known, (before, before)] if before else known


class _Reader:
    """Reads one field after the other and notes what is wrong with each."""

    def __init__(self) -> None:
        self.errors: dict[str, str] = {}

    def take(self, name: str, read: Callable[[], _T]) -> _T | None:
        """Return what was read, or note why not."""
        try:
            return read()
        except AllmendeError as error:
            self.errors[name] = error.message
            return None

    async def later(self, name: str, reading: Any) -> Any:
        """Return what takes a look into the database, or note why not."""
        try:
            return await reading
        except AllmendeError as error:
            self.errors[name] = error.message
            return None


def _short(typed: Mapping[str, str], name: str) -> str | None:
    text = read_text(typed, name, longest=LONGEST + 1)
    if len(text) > LONGEST:
        raise WrongDescription(_("Please write at most {count} characters.").format(count=LONGEST))
    return text or None


def _day(typed: Mapping[str, str], name: str) -> date | None:
    return read_day(typed.get(name))


def _circle(typed: Mapping[str, str], visibility: Visibility, known: set[str]) -> str | None:
    if visibility is not Visibility.CIRCLE:
        return None
    name = read_text(typed, "circle")
    if not name and typed.get("several"):
        return None
    if name not in known:
        raise WrongDescription(_("Please choose the circle that alone may find it."))
    return name


def _year(text: str) -> int | None:
    if not text:
        return None
    year = read_number(text)
    if year is None:
        raise WrongDescription(_("Please give a year in four digits."))
    return check_year(year)


def _url(text: str) -> str | None:
    return check_url(text[:LONGEST_ADDRESS]) if text else None


def _state(text: str) -> str | None:
    return find_state(text) if text else None


async def _organisation(session: AsyncSession, text: str) -> str | None:
    """Return the key of the organisation that a person means by its key or name. Raises ``WrongDescription``."""
    if not text:
        return None
    organisations = OrganisationService(session)
    found = [one for one in await organisations.find(text, limit=3) if one.match in (Match.KEY, Match.EXACT)]
    if len(found) > 1:
        listed = "; ".join(f"{one.name} ({one.key})" for one in found)
        raise WrongDescription(_("Several are called so; please enter the key: {names}").format(names=listed))
    return (await organisations.get_usable(found[0].key if found else text)).key
