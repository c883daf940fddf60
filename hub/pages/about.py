"""What Allmende says about itself: what it is, what it keeps, how accessible it is, and who runs it.

The facts come from the settings and constants that the program itself works with, so these pages cannot promise
anything else.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from hub.auth.directory_sessions import COOKIE as IN_COOKIE
from hub.auth.visiting import COOKIE as SESSION_COOKIE
from hub.auth.visiting import OUTLIVES
from hub.colours import COOKIE as COLOURS_COOKIE
from hub.dependencies import Anybody, Reading, Services
from hub.forms import KEPT_COOKIE
from hub.messages import COOKIE as SAID_COOKIE
from hub.messages import LASTS as SAID_LASTS
from hub.pages.chat import COOKIE as CHAT_COOKIE
from hub.pages.directory_sign_in import COOKIE as DIRECTORY_COOKIE
from hub.pages.directory_sign_in import JOIN_COOKIE
from hub.pages.library_parts import kind_name
from hub.rendering import render
from hub.security.languages import COOKIE as LANGUAGE_COOKIE
from hub.security.languages import YEAR
from knowledge.about.activities import activities
from knowledge.about.facts import LibraryFacts, library_facts, model_name, networks_on
from knowledge.about.operator import Operator, missing_settings, operator_of
from knowledge.about.schemas import Activity
from knowledge.access.forms import KEPT_LASTS
from knowledge.access.rights import Right, Visitor
from knowledge.directories.visits import JOIN_LASTS, VISIT_LASTS
from knowledge.kit.language import _, ngettext
from knowledge.kit.settings import Settings
from knowledge.library.answers.confidence import ANSWER_LINE
from knowledge.models.chat import Network
from knowledge.models.document import Kind
from knowledge.operations.program import program_version

router = APIRouter()
# The day of the last self-assessment: when the tests in the browser were last changed in what they look at.
ASSESSED_ON = date(2026, 11, 22)


@dataclass(frozen=True, slots=True)
class ImprintPage:
    """Who offers these pages; ``lacking`` are the settings that are missing, told to who ``may_set`` them."""

    operator: Operator
    lacking: Sequence[str]
    may_set: bool


@dataclass(frozen=True, slots=True)
class AboutPage:
    """What this is and on what it stands; ``line`` is the confidence from which on it answers, of 100."""

    operator: Operator
    lacking: Sequence[str]
    may_set: bool
    model: str | None
    line: int
    library: LibraryFacts
    networks: Sequence[str]
    version: str
    kind_name: Callable[[Kind], str]


@dataclass(frozen=True, slots=True)
class Cookie:
    """What the browser keeps."""

    name: str
    why: str
    lasts: str


@dataclass(frozen=True, slots=True)
class PrivacyPage:
    """What is kept, for what, how long, and who sees it."""

    operator: Operator
    lacking: Sequence[str]
    may_set: bool
    model: str | None
    networks: Sequence[str]
    telegram: bool
    thread_days: int
    activities: Sequence[Activity]
    cookies: Sequence[Cookie]
    lasting: Callable[[timedelta], str]


@dataclass(frozen=True, slots=True)
class Check:
    """Something that the tests look at."""

    what: str
    how: str
    result: str


@dataclass(frozen=True, slots=True)
class AccessibilityPage:
    """How accessible the hub is, as measured."""

    operator: Operator
    lacking: Sequence[str]
    may_set: bool
    address: str
    checks: Sequence[Check]
    assessed_on: date
    version: str


@router.get("/impressum")
async def imprint(request: Request, visitor: Anybody, services: Services) -> HTMLResponse:
    """Say who offers these pages."""
    return await render(request, "about/imprint.html", ImprintPage(*_operator(services.settings, visitor)))


@router.get("/ueber")
async def about(request: Request, visitor: Anybody, session: Reading, services: Services) -> HTMLResponse:
    """Say what this is, and on what its answers stand."""
    settings = services.settings
    line = settings.answers.answer_line
    page = AboutPage(
        *_operator(settings, visitor),
        model=model_name(settings.embedding),
        line=round((ANSWER_LINE if line is None else line) * 100),
        library=await library_facts(session, visitor.viewer),
        networks=[network_text(network, settings) for network in networks_on(settings)],
        version=program_version(),
        kind_name=kind_name,
    )
    return await render(request, "about/about.html", page)


@router.get("/datenschutz")
async def privacy(request: Request, visitor: Anybody, services: Services) -> HTMLResponse:
    """Say what is kept about people."""
    settings = services.settings
    on = networks_on(settings)
    page = PrivacyPage(
        *_operator(settings, visitor),
        model=model_name(settings.embedding),
        networks=[network_text(network, settings) for network in on],
        telegram=Network.TELEGRAM in on,
        thread_days=settings.chats.chat_thread_days,
        activities=activities(settings),
        cookies=cookies(settings),
        lasting=lasting,
    )
    return await render(request, "about/privacy.html", page)


@router.get("/barrierefreiheit")
async def accessibility(request: Request, visitor: Anybody, services: Services) -> HTMLResponse:
    """Say how accessible the hub is, what is not, and whom to tell."""
    settings = services.settings
    page = AccessibilityPage(
        *_operator(settings, visitor),
        address=settings.hub.address,
        checks=checks(),
        assessed_on=ASSESSED_ON,
        version=program_version(),
    )
    return await render(request, "about/accessibility.html", page)


def _operator(settings: Settings, visitor: Visitor) -> tuple[Operator, Sequence[str], bool]:
    return operator_of(settings), missing_settings(settings), visitor.may(Right.MEMBERS_MANAGE)


def network_text(network: Network, settings: Settings) -> str:
    """Return where people reach this Allmende on a network, and whose house that is."""
    if network is Network.MATRIX:
        server = urlsplit(settings.matrix.matrix_homeserver or "").hostname or ""
        return _("On Matrix, by the server {server}.").format(server=server)
    if network is Network.TELEGRAM:
        if settings.telegram.telegram_visibility == "public":
            return _("On Telegram, a foreign house: only what is public is shown there.")
        return _("On Telegram, a foreign house.")
    return _("By e-mail, for who asked for it: it only sends, and nobody reads answers to it.")


def cookies(settings: Settings) -> list[Cookie]:
    """Return what browsers keep of the hub."""
    session = timedelta(days=settings.hub.hub_session_days) + OUTLIVES
    return [
        Cookie(SESSION_COOKIE, _("who you are, after signing in"), lasting(session)),
        Cookie(DIRECTORY_COOKIE, _("to come back from the sign-in of your organisation"), lasting(VISIT_LASTS)),
        Cookie(JOIN_COOKIE, _("the same, until you have joined"), lasting(JOIN_LASTS)),
        Cookie(IN_COOKIE, _("at which organisation you signed in, to sign out there, too"), lasting(session)),
        Cookie(CHAT_COOKIE, _("your conversation, where you have not signed in"), _("until the browser is closed")),
        Cookie(KEPT_COOKIE, _("to give back what you typed when your session ended"), lasting(KEPT_LASTS)),
        Cookie(SAID_COOKIE, _("which message the next page shows, such as “Published.”"), lasting(SAID_LASTS)),
        Cookie(LANGUAGE_COOKIE, _("the language that you chose"), lasting(timedelta(seconds=YEAR))),
        Cookie(COLOURS_COOKIE, _("the colours that you chose"), lasting(timedelta(seconds=YEAR))),
    ]


def lasting(period: timedelta) -> str:
    """Return a period in words, in the largest unit that fits it."""
    minutes = int(period.total_seconds() // 60)
    if minutes < 60:
        return ngettext("{count} minute", "{count} minutes", minutes).format(count=minutes)
    if minutes % (24 * 60):
        hours = minutes // 60
        return ngettext("{count} hour", "{count} hours", hours).format(count=hours)
    years, days = divmod(period.days, 365)
    if years > 2 and not days:
        return ngettext("{count} year", "{count} years", years).format(count=years)
    return ngettext("{count} day", "{count} days", period.days).format(count=period.days)


def checks() -> list[Check]:
    """Return what the tests in the browser look at, as the statement on accessibility says it."""
    passed = _("passes")
    return [
        Check(
            _("Every page of the hub, as the person for whom it is"),
            _("axe-core with the rules of WCAG 2.0 to 2.2, A and AA; 1280 pixels wide in light colours, 320 in dark"),
            _("no violation"),
        ),
        Check(
            _("Every page, 320 pixels wide"),
            _("whether anything sticks out (this is 1280 pixels at 400 percent)"),
            _("nothing does"),
        ),
        Check(_("Every page"), _("weight with all that it loads, at most 100 kB; no errors in the browser"), _("kept")),
        Check(
            _("Whole ways: signing in, searching, contributing, reviewing, asking the network, registering"),
            _("by keyboard alone"),
            passed,
        ),
        Check(_("The same ways"), _("without JavaScript"), passed),
        Check(_("Certificates as PDF"), _("structure, language, title, alternative text; PDF/A"), _("present")),
    ]
