"""Signing in: with a one-time link from the bot or by e-mail, or with a password and a second factor."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse

from hub.auth.visiting import lifetime_of, visitor_of
from hub.auth.ways import end_former, own_way, welcome
from hub.dependencies import Anybody, Member, Services
from hub.messages import redirect
from hub.rendering import render
from hub.services import HubServices
from knowledge.access.credentials import Credentials
from knowledge.access.links import AccessLinks, LinkRefused
from knowledge.access.sessions import Sessions
from knowledge.access.signing_in import Claim, SignInRefused, SignIns
from knowledge.access.throttle import Throttle
from knowledge.directories.providers import Providers
from knowledge.directories.schemas import ProviderEntry
from knowledge.kit.mail import WrongAddress
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.mailing.kinds import mail_is_on
from knowledge.mailing.service import MailingService
from knowledge.models.access import LinkPurpose

router = APIRouter()
Typed = Annotated[str, Form(max_length=2000)]


@dataclass(frozen=True, slots=True)
class SignInPage:
    """The form with name, password and code; where to go afterwards, and whether something typed waits there.

    ``by_mail``: whether links are sent by e-mail; ``mail_problem`` is what is wrong with the address for that.
    ``directories``: those of organisations whose people sign in there.
    """

    way: str
    is_kept: bool
    login: str
    problem: str
    by_mail: bool = False
    mail_problem: str = ""
    directories: Sequence[ProviderEntry] = ()


@dataclass(frozen=True, slots=True)
class StepUpPage:
    """Password and code for somebody who came by a link; without a password yet, the way to set one."""

    way: str
    is_kept: bool
    has_password: bool
    problem: str


@dataclass(frozen=True, slots=True)
class LinkPage:
    """One button: a link that was only looked at, such as by a chat that shows previews, is not used up."""

    problem: str


@router.get("/anmelden")
async def sign_in_form(
    request: Request, visitor: Anybody, services: Services, weiter: str = "/", formular: str = ""
) -> Response:
    """Show the form; whoever is signed in goes on."""
    if visitor.member is not None:
        return redirect(own_way(weiter))
    page = SignInPage(own_way(weiter), bool(formular), login="", problem="", by_mail=mail_is_on(services.settings))
    return await _show(request, services, page)


@router.post("/anmelden")
async def sign_in(  # noqa: PLR0913, PLR0917 - each parameter is a field of the form
    request: Request,
    _visitor: Anybody,
    services: Services,
    login: Typed = "",
    password: Typed = "",
    code: Typed = "",
    weiter: Typed = "/",
    formular: Typed = "",
) -> Response:
    """Sign somebody in with password and second factor."""
    claim = Claim(login, password, code, caller_of(request))
    try:
        opened = await _sign_ins(services).sign_in(claim, device=request.headers.get("user-agent", ""))
    except SignInRefused as error:
        by_mail = mail_is_on(services.settings)
        page = SignInPage(own_way(weiter), bool(formular), login=login, problem=error.message, by_mail=by_mail)
        return await _show(request, services, page, status=422)
    return await welcome(request, opened.member_id, opened.token, weiter)


@router.post("/anmelden/post")
async def mail_link(request: Request, _visitor: Anybody, services: Services, address: Typed = "") -> Response:
    """Have a one-time link sent by e-mail; the answer is the same whether the address belongs to anybody."""
    if not mail_is_on(services.settings):
        return redirect("/anmelden")
    try:
        async with unit_of_work(services.database) as unit:
            throttle, name = Throttle(unit.session, services.access_key), f"mail {address.strip().lower()}"
            await throttle.take(address=caller_of(request), name=name)
            await MailingService(unit).ask_sign_in(address)
            # A whole town hall may ask from one address; nothing can be guessed by it.
            await throttle.succeeded(address=caller_of(request))
    except WrongAddress as error:
        page = SignInPage("/", is_kept=False, login="", problem="", by_mail=True, mail_problem=error.message)
        return await _show(request, services, page, status=422)
    return redirect("/anmelden", said="account.link_mailed")


@router.get("/anmelden/link/{token}")
async def link_page(request: Request, _visitor: Anybody) -> HTMLResponse:
    """Show the button; nothing is looked up, so every link looks alike."""
    return await render(request, "sign_in/link.html", LinkPage(problem=""))


@router.post("/anmelden/link/{token}")
async def use_link(request: Request, _visitor: Anybody, services: Services, token: str) -> Response:
    """Use a one-time link up."""
    address = caller_of(request)
    async with unit_of_work(services.database) as unit:
        await Throttle(unit.session, services.access_key).take(address=address)
    try:
        async with unit_of_work(services.database) as unit:
            used = await AccessLinks(unit.session).use(token)
            await Throttle(unit.session, services.access_key).succeeded(address=address)
            await end_former(request, unit)
            recovers = used.purpose is LinkPurpose.RECOVERY
            opened = await Sessions(unit.session, lifetime_of(services.settings)).open(
                used.member_id,
                device=request.headers.get("user-agent", ""),
                second_factor=recovers,
                recovery=recovers,
            )
    except LinkRefused as error:
        return await render(request, "sign_in/link.html", LinkPage(problem=error.message), status=422)
    return await welcome(request, opened.member_id, opened.token, "/konto/zugang" if recovers else "/")


@router.get("/anmelden/bestaetigen")
async def step_up_form(
    request: Request, visitor: Member, services: Services, weiter: str = "/", formular: str = ""
) -> Response:
    """Ask somebody who came by a link for password and code."""
    if visitor.second_factor:
        return redirect(own_way(weiter))
    page = StepUpPage(own_way(weiter), bool(formular), await _login_of(request, services) is not None, "")
    return await render(request, "sign_in/step_up.html", page)


@router.post("/anmelden/bestaetigen")
async def step_up(  # noqa: PLR0913, PLR0917 - each parameter is a field of the form
    request: Request,
    visitor: Member,
    services: Services,
    password: Typed = "",
    code: Typed = "",
    weiter: Typed = "/",
    formular: Typed = "",
) -> Response:
    """Give a session the rights that need a second factor."""
    login = await _login_of(request, services)
    session_id = visitor.session_id
    if login is None or session_id is None:
        return redirect("/konto/zugang")
    try:
        claim = Claim(login, password, code, caller_of(request))
        token = await _sign_ins(services).confirm(visitor.known.id, session_id, claim)
    except SignInRefused as error:
        page = StepUpPage(own_way(weiter), is_kept=bool(formular), has_password=True, problem=error.message)
        return await render(request, "sign_in/step_up.html", page, status=422)
    return await welcome(request, visitor.known.id, token, weiter)


def caller_of(request: Request) -> str:
    """Return the address that a request comes from."""
    return request.client.host if request.client else ""


async def _show(request: Request, services: HubServices, page: SignInPage, *, status: int = 200) -> Response:
    """Show the form, with the directories that there are."""
    async with unit_of_work(services.database, writes=False) as unit:
        found = await Providers(unit.session, services.access_key).list(enabled=True)
    return await render(request, "sign_in/form.html", replace(page, directories=found), status=status)


async def _login_of(request: Request, services: HubServices) -> str | None:
    visitor = await visitor_of(request)
    async with unit_of_work(services.database, writes=False) as unit:
        ways = Credentials(unit.session, services.passwords, services.access_key)
        entry = await ways.entry(visitor.known.id)
    return entry.login if entry else None


def _sign_ins(services: HubServices) -> SignIns:
    return SignIns(services.database, services.passwords, services.access_key, lifetime_of(services.settings))
