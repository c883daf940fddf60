"""Signing in with the directory of one's organisation: there, back, and joining where nobody knows one yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse

from hub.auth.visiting import cookie_name, drop_cookie, lifetime_of, set_cookie
from hub.auth.ways import end_former, own_way, welcome
from hub.dependencies import Anybody, Member, Reading, Services, Writing
from hub.messages import redirect
from hub.pages.sign_in import caller_of
from hub.rendering import render
from hub.services import HubServices
from knowledge.access.sessions import Sessions
from knowledge.access.throttle import Throttle
from knowledge.directories.errors import (
    AnswerForged,
    DirectoryAway,
    DirectoryDenied,
    DirectoryMisset,
    JoinRefused,
    LinkTaken,
    NotForYou,
    ProviderUnfit,
    ProviderUnknown,
    SignInStale,
    VisitOver,
)
from knowledge.directories.joining import Joining
from knowledge.directories.linking import Links
from knowledge.directories.providers import Providers
from knowledge.directories.schemas import Arrival, Joined, Linked, ProviderEntry, Recognised, WayBack
from knowledge.directories.signing_in import Begun, DirectorySignIns
from knowledge.directories.visits import JOIN_LASTS, VISIT_LASTS, visit_name
from knowledge.kit.errors import AllmendeError, Conflict, InvalidInput
from knowledge.kit.logs import get_logger
from knowledge.kit.mail import WrongDomain
from knowledge.kit.unit_of_work import unit_of_work

router = APIRouter()
Typed = Annotated[str, Form(max_length=2000)]
CHOOSE, PROBLEM, JOIN, ACCOUNT = (
    "/anmelden/verzeichnis",
    "/anmelden/verzeichnis/problem",
    "/anmelden/verzeichnis/beitreten",
    "/konto",
)
COOKIE, JOIN_COOKIE = "allmende_directory", "allmende_directory_join"
# What is counted apart from signing in with a password.
PURPOSE = "directory "
# What can go wrong on the way, by what its page is asked for.
_Failure = type[DirectoryAway | DirectoryMisset | DirectoryDenied | AnswerForged | NotForYou | VisitOver]
_TOLD: tuple[_Failure, ...] = (DirectoryAway, DirectoryMisset, DirectoryDenied, AnswerForged, NotForYou, VisitOver)
_PLAIN: tuple[type[ProviderUnknown | LinkTaken | SignInStale], ...] = (ProviderUnknown, LinkTaken, SignInStale)
EXPECTED = (*_TOLD, *_PLAIN, ProviderUnfit)


@dataclass(frozen=True, slots=True)
class ChoosePage:
    """Whose directory it is; ``address`` is what somebody typed to find theirs."""

    providers: Sequence[ProviderEntry]
    way: str
    address: str
    problem: str


@dataclass(frozen=True, slots=True)
class LeavingPage:
    """On the way to a directory: where that is, for browsers that do not go by themselves."""

    name: str
    host: str
    address: str


@dataclass(frozen=True, slots=True)
class ProblemPage:
    """What went wrong, and where to go from there."""

    message: str
    is_known: bool


@dataclass(frozen=True, slots=True)
class JoinPage:
    """Joining: whose directory it is, whether that needs a code, what was typed and what is wrong with it."""

    organisation: str
    admitted: bool
    name: str
    code: str
    problems: dict[str, str]


@router.get(CHOOSE)
async def choose(
    request: Request, _visitor: Anybody, services: Services, session: Reading, weiter: str = "/"
) -> Response:
    """Show whose directories there are."""
    found = await Providers(session, services.access_key).list(enabled=True)
    return await render(request, "sign_in/directories.html", ChoosePage(found, own_way(weiter), "", ""))


@router.post(CHOOSE)
async def find(
    request: Request, _visitor: Anybody, services: Services, address: Typed = "", weiter: Typed = "/"
) -> Response:
    """Find somebody's directory by the address that they receive mail at; it is looked at, and not kept."""
    async with unit_of_work(services.database, writes=False) as unit:
        providers = Providers(unit.session, services.access_key)
        try:
            found = await providers.for_address(address)
        except WrongDomain as error:
            page = ChoosePage(await providers.list(enabled=True), own_way(weiter), address, error.message)
            return await render(request, "sign_in/directories.html", page, status=422)
        if len(found) != 1:
            problem = ProviderUnknown().message if not found else ""
            page = ChoosePage(found or await providers.list(enabled=True), own_way(weiter), address, problem)
            return await render(request, "sign_in/directories.html", page, status=200 if found else 422)
    return await _leave(request, services, found[0].id, weiter)


@router.post("/anmelden/verzeichnis/{provider_id:uuid}")
async def leave(
    request: Request, _visitor: Anybody, services: Services, provider_id: UUID, weiter: Typed = "/"
) -> Response:
    """Go to a directory."""
    return await _leave(request, services, provider_id, weiter)


@router.get("/anmelden/verzeichnis/rueckkehr")
async def come_back(  # noqa: PLR0913, PLR0917 - what directories send back
    request: Request,
    visitor: Anybody,
    services: Services,
    state: str = "",
    code: str = "",
    iss: str = "",
    error: str = "",
) -> Response:
    """Let somebody in whom a directory sends back."""
    async with unit_of_work(services.database) as unit:
        await Throttle(unit.session, services.access_key, purpose=PURPOSE).take(address=caller_of(request))
    kept = f"{COOKIE}_{visit_name(state)}"
    sealed = request.cookies.get(cookie_name(request, kept), "")
    way_back = WayBack(state, code, iss, error)
    try:
        outcome = await _ways(services).come_back(sealed, way_back, session_id=visitor.session_id)
    except EXPECTED as failure:
        response = await _failed(request, services, failure)
    else:
        await _succeeded(request, services)
        response = await _received(request, services, outcome)
    drop_cookie(request, response, kept)
    return response


@router.get(PROBLEM)
async def problem(request: Request, visitor: Anybody, art: str = "") -> HTMLResponse:
    """Say what went wrong, at an address that holds nothing of what came back."""
    error = _error(art)
    page = ProblemPage(error.message, visitor.member is not None)
    return await render(request, "sign_in/directory_problem.html", page, error=error)


@router.get(JOIN)
async def join_form(request: Request, _visitor: Anybody, services: Services) -> Response:
    """Show how to join."""
    try:
        arrival = _arrival(request, services)
        return await _join_page(request, services, arrival, name=arrival.name)
    except EXPECTED as failure:
        return await _failed(request, services, failure)


@router.post(JOIN)
async def join(request: Request, _visitor: Anybody, services: Services, name: Typed = "", code: Typed = "") -> Response:
    """Join, and be signed in."""
    try:
        arrival = _arrival(request, services)
        async with unit_of_work(services.database) as unit:
            throttle = Throttle(unit.session, services.access_key, purpose=PURPOSE)
            await throttle.take(address=caller_of(request), name=arrival.key)
        try:
            token, joined = await _join(request, services, arrival, name=name, code=code)
        except (JoinRefused, InvalidInput, Conflict) as wrong:
            if isinstance(wrong, EXPECTED):
                raise
            problems = {"code" if isinstance(wrong, JoinRefused) else "name": wrong.message}
            return await _join_page(request, services, arrival, name=name, code=code, problems=problems)
    except EXPECTED as failure:
        return await _failed(request, services, failure)
    response = await welcome(request, joined.member.id, token, joined.way, directory=arrival.provider_id)
    drop_cookie(request, response, JOIN_COOKIE)
    return response


@router.post("/konto/verzeichnis/{provider_id:uuid}")
async def link(request: Request, visitor: Member, services: Services, provider_id: UUID) -> Response:
    """Go to a directory to link an account there."""
    return await _leave(request, services, provider_id, ACCOUNT, links=(visitor.known.id, visitor.session_id))


@router.post("/konto/verzeichnis/{link_id:uuid}/loesen")
async def unlink(visitor: Member, services: Services, unit: Writing, link_id: UUID) -> Response:
    """Forget an account in a directory."""
    await Links(unit.session, services.access_key).unlink(visitor.known.id, link_id)
    return redirect(ACCOUNT, said="account.directory_unlinked")


async def _leave(
    request: Request,
    services: HubServices,
    provider_id: UUID,
    way: str,
    links: tuple[UUID | None, UUID | None] = (None, None),
) -> Response:
    """Lead to a directory: by a page of ours, because a form may lead nowhere but here (Content-Security-Policy)."""
    try:
        begun = await _ways(services).begin(provider_id, own_way(way), member_id=links[0], session_id=links[1])
    except EXPECTED as failure:
        return await _failed(request, services, failure)
    return await _leaving(request, begun)


async def _leaving(request: Request, begun: Begun) -> Response:
    page = LeavingPage(begun.provider.name, urlsplit(begun.address).hostname or "", begun.address)
    response = await render(request, "sign_in/leaving.html", page)
    response.headers["Refresh"] = f"0; url={begun.address}"
    set_cookie(request, response, f"{COOKIE}_{visit_name(begun.state)}", begun.sealed, lasts=VISIT_LASTS)
    return response


async def _received(request: Request, services: HubServices, outcome: Recognised | Linked | Arrival) -> Response:
    if isinstance(outcome, Linked):
        return redirect(ACCOUNT, said="account.directory_linked")
    if isinstance(outcome, Arrival):
        response = redirect(JOIN)
        set_cookie(request, response, JOIN_COOKIE, _ways(services).seal(outcome), lasts=JOIN_LASTS)
        return response
    async with unit_of_work(services.database) as unit:
        await end_former(request, unit)
        opened = await Sessions(unit.session, lifetime_of(services.settings)).open(
            outcome.member_id, device=request.headers.get("user-agent", ""), second_factor=outcome.second_factor
        )
    return await welcome(request, opened.member_id, opened.token, outcome.way, directory=outcome.provider_id)


async def _join(
    request: Request, services: HubServices, arrival: Arrival, *, name: str, code: str
) -> tuple[str, Joined]:
    async with unit_of_work(services.database) as unit:
        joined = await Joining(unit, services.access_key).join(arrival, name=name, code=code)
        await Throttle(unit.session, services.access_key, purpose=PURPOSE).succeeded(
            address=caller_of(request), name=arrival.key
        )
        await end_former(request, unit)
        opened = await Sessions(unit.session, lifetime_of(services.settings)).open(
            joined.member.id, device=request.headers.get("user-agent", ""), second_factor=joined.second_factor
        )
    return opened.token, joined


async def _join_page(  # noqa: PLR0913 - what was typed, each by its name
    request: Request,
    services: HubServices,
    arrival: Arrival,
    *,
    name: str,
    code: str = "",
    problems: dict[str, str] | None = None,
) -> HTMLResponse:
    async with unit_of_work(services.database, writes=False) as unit:
        provider = await Providers(unit.session, services.access_key).get(arrival.provider_id, enabled=True)
    page = JoinPage(provider.organisation_name, arrival.admitted and provider.admits, name, code, problems or {})
    return await render(request, "sign_in/join.html", page, status=422 if problems else 200)


async def _failed(request: Request, services: HubServices, failure: AllmendeError) -> Response:
    """Lead to the page that says what went wrong; what was not in vain for guessing is not counted."""
    get_logger().info("directory_sign_in_failed", code=failure.code, reason=failure.detail)
    if isinstance(failure, (DirectoryAway, DirectoryMisset, ProviderUnfit)):
        await _succeeded(request, services)
    return redirect(f"{PROBLEM}?art={failure.code.rpartition('.')[2]}")


async def _succeeded(request: Request, services: HubServices) -> None:
    async with unit_of_work(services.database) as unit:
        throttle = Throttle(unit.session, services.access_key, purpose=PURPOSE)
        await throttle.succeeded(address=caller_of(request))


def _error(art: str) -> AllmendeError:
    """Return the error of this name; where there is none such, that a visit is over."""
    for told in _TOLD:
        if told.code.rpartition(".")[2] == art:
            return told("shown")
    for plain in _PLAIN:
        if plain.code.rpartition(".")[2] == art:
            return plain()
    return DirectoryMisset("shown") if art == ProviderUnfit.code.rpartition(".")[2] else VisitOver("shown")


def _arrival(request: Request, services: HubServices) -> Arrival:
    return _ways(services).open_arrival(request.cookies.get(cookie_name(request, JOIN_COOKIE), ""))


def _ways(services: HubServices) -> DirectorySignIns:
    hub = services.settings.hub
    return DirectorySignIns(services.database, services.access_key, services.directories, hub.address)
