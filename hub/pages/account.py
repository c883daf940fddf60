"""One's own account: where one is signed in, password and second factor, and what one had typed."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import segno
from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy.ext.asyncio import AsyncSession

from hub.auth.directory_sessions import directory_of, forget_directory_soon
from hub.auth.visiting import COOKIE, drop_cookie, lifetime_of, presence_of, sign_in_cookie
from hub.auth.ways import drop_kept
from hub.dependencies import Anybody, Member, Reading, Services, StrongMember, Writing
from hub.forms import kept_token
from hub.messages import redirect
from hub.pages.directory_sign_out import OFFER
from hub.pages.sign_in import caller_of
from hub.rendering import render
from hub.services import HubServices
from knowledge.access.credentials import Credentials, Offer, Wish
from knowledge.access.forms import Forms
from knowledge.access.rights import SignInNeeded, Visitor
from knowledge.access.schemas import CredentialEntry, SessionEntry
from knowledge.access.sessions import SessionNotFound, Sessions
from knowledge.access.signing_in import SignInRefused
from knowledge.directories.linking import Links
from knowledge.directories.providers import Providers
from knowledge.directories.schemas import LinkEntry, ProviderEntry
from knowledge.kit.errors import AllmendeError, Conflict, InvalidInput

router = APIRouter()
Typed = Annotated[str, Form(max_length=2000)]
ACCOUNT, WAY_IN = "/konto", "/konto/zugang"


@dataclass(frozen=True, slots=True)
class AccountPage:
    """Who one is, one's sessions, and what one signs in with (nothing yet: ``None``).

    ``links`` are accounts in directories, ``linkable`` directories in which one may have an account.
    """

    sessions: Sequence[SessionEntry]
    current: UUID | None
    credential: CredentialEntry | None
    links: Sequence[LinkEntry]
    linkable: Sequence[ProviderEntry]


@dataclass(frozen=True, slots=True)
class WayInPage:
    """Setting or changing password and second factor.

    ``sets_up``: all at once, because there is none yet or a recovery link stands in for it. ``problems`` are sentences
    by field. ``picture`` is the QR code of the offered secret, as the address of an image.
    """

    sets_up: bool
    credential: CredentialEntry | None
    login: str
    offer: Offer
    picture: str
    problems: dict[str, str]


@dataclass(frozen=True, slots=True)
class CodesPage:
    """Recovery codes, shown this once."""

    codes: Sequence[str]


@dataclass(frozen=True, slots=True)
class KeptPage:
    """What somebody had typed when their session was over; nothing where it is gone.

    ``had_files``: there were files, too, which have to be chosen again.
    """

    target: str
    had_files: bool
    fields: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Typed:
    """What is wrong with a form, and what of it is shown again."""

    error: AllmendeError | None = None
    login: str = ""
    sealed: str | None = None


@router.get(ACCOUNT)
async def account(request: Request, visitor: Member, services: Services, session: Reading) -> HTMLResponse:
    """Show the account."""
    member_id = visitor.known.id
    links = await Links(session, services.access_key).of_member(member_id)
    page = AccountPage(
        await Sessions(session, lifetime_of(services.settings)).of_member(member_id),
        visitor.session_id,
        await Credentials(session, services.passwords, services.access_key).entry(member_id),
        links,
        await _linkable(session, services, visitor, links),
    )
    return await render(request, "account/account.html", page)


@router.post("/konto/sitzungen/{session_id}/beenden")
async def end_session(visitor: Member, unit: Writing, session_id: UUID) -> Response:
    """End one of one's sessions."""
    await Sessions(unit.session).end(visitor.known.id, session_id)
    return redirect(ACCOUNT, said="account.session_ended")


@router.post("/konto/sitzungen/beenden")
async def end_sessions(visitor: Member, unit: Writing) -> Response:
    """End all of one's sessions but this one."""
    await Sessions(unit.session).end_all(visitor.known.id, but=visitor.session_id)
    return redirect(ACCOUNT, said="account.sessions_ended")


@router.post("/abmelden")
async def sign_out(request: Request, visitor: Anybody, unit: Writing) -> Response:
    """End this session; whoever has none is signed out already. Where it began at a directory, that comes next."""
    if visitor.member is not None and visitor.session_id is not None:
        with suppress(SessionNotFound):  # ended elsewhere in this moment
            await Sessions(unit.session).end(visitor.member.id, visitor.session_id)
    provider_id = directory_of(request)
    response = redirect(OFFER) if provider_id else redirect("/", said="account.signed_out")
    drop_cookie(request, response, COOKIE)
    if provider_id is not None:
        forget_directory_soon(request, response, provider_id)
    return response


@router.get(WAY_IN)
async def way_in(request: Request, visitor: Member, services: Services, session: Reading) -> HTMLResponse:
    """Show how to set or change password and second factor."""
    ways = Credentials(session, services.passwords, services.access_key)
    return await _show(request, visitor, ways)


@router.post(WAY_IN)
async def set_up(  # noqa: PLR0913, PLR0917 - each parameter is a field of the form
    request: Request,
    visitor: Member,
    services: Services,
    unit: Writing,
    login: Typed = "",
    new_password: Typed = "",
    repeated: Typed = "",
    secret: Typed = "",
    code: Typed = "",
) -> Response:
    """Set password and second factor at once; the session has the second factor from then on."""
    ways = Credentials(unit.session, services.passwords, services.access_key)
    presence, session_id = await presence_of(request), _session_of(visitor)
    wish = Wish(login, new_password, repeated, secret, code)
    recovers = presence is not None and presence.recovers
    try:
        codes = await ways.set_up(visitor.known, wish, session_id=session_id, recovers=recovers)
    except (InvalidInput, Conflict) as error:
        return await _show(request, visitor, ways, _Typed(error, login, secret))
    token = await Sessions(unit.session).strengthen(session_id)
    response = await render(request, "account/codes.html", CodesPage(codes))
    sign_in_cookie(request, response, token)
    return response


@router.post("/konto/passwort")
async def change_password(  # noqa: PLR0913, PLR0917 - each parameter is a field of the form
    request: Request,
    visitor: StrongMember,
    services: Services,
    unit: Writing,
    password: Typed = "",
    new_password: Typed = "",
    repeated: Typed = "",
) -> Response:
    """Set another password."""
    session_id, ways = _session_of(visitor), Credentials(unit.session, services.passwords, services.access_key)
    try:
        await ways.check_old(visitor.known, password, address=caller_of(request))
        await ways.change_password(visitor.known, new_password, repeated, session_id=session_id)
    except InvalidInput as error:  # the try in vain counts: what was done until here is committed
        return await _show(request, visitor, ways, _Typed(error))
    return redirect(ACCOUNT, said="account.password_set")


@router.post("/konto/zweiter-faktor")
async def change_factor(  # noqa: PLR0913, PLR0917 - each parameter is a field of the form
    request: Request,
    visitor: StrongMember,
    services: Services,
    unit: Writing,
    password: Typed = "",
    secret: Typed = "",
    code: Typed = "",
) -> Response:
    """Set another second factor, with new recovery codes."""
    session_id, ways = _session_of(visitor), Credentials(unit.session, services.passwords, services.access_key)
    try:
        await ways.check_old(visitor.known, password, address=caller_of(request))
        codes = await ways.change_factor(visitor.known, secret, code, session_id=session_id)
    except InvalidInput as error:  # as above
        return await _show(request, visitor, ways, _Typed(error, sealed=secret))
    return await render(request, "account/codes.html", CodesPage(codes))


@router.get("/konto/formular")
async def kept_form(request: Request, visitor: Member, session: Reading) -> HTMLResponse:
    """Show what somebody had typed, with a button that sends it again."""
    kept = await Forms(session).kept(kept_token(request), visitor.known.id)
    page = KeptPage(kept.path, kept.had_files, kept.fields) if kept else KeptPage("", had_files=False, fields=())
    return await render(request, "account/kept.html", page, status=200 if kept else 404)


@router.post("/konto/formular/verwerfen")
async def drop_form(request: Request, _visitor: Member, unit: Writing) -> Response:
    """Throw away what had been typed."""
    response = redirect("/")
    await drop_kept(request, response, unit)
    return response


async def _show(request: Request, visitor: Visitor, ways: Credentials, typed: _Typed | None = None) -> HTMLResponse:
    typed = typed or _Typed()
    presence, error = await presence_of(request), typed.error
    entry = await ways.entry(visitor.known.id)
    offer = ways.offer(visitor.known, typed.sealed)
    page = WayInPage(
        sets_up=entry is None or (presence is not None and presence.recovers),
        credential=entry,
        login=typed.login or (entry.login if entry else ""),
        offer=offer,
        picture=segno.make(offer.address, error="m").svg_data_uri(scale=5, border=4, light="white"),
        problems={_field_of(error): error.message} if error else {},
    )
    return await render(request, "account/way_in.html", page, error=error)


async def _linkable(
    session: AsyncSession, services: HubServices, visitor: Visitor, links: Sequence[LinkEntry]
) -> Sequence[ProviderEntry]:
    """Return the directories of somebody's organisation in which no account of theirs is linked yet."""
    known, organisation = {link.provider_id for link in links}, visitor.known.organisation_id
    found = await Providers(session, services.access_key).list(enabled=True)
    return [entry for entry in found if entry.organisation_id == organisation and entry.id not in known]


def _field_of(error: AllmendeError) -> str:
    fields = {
        "access.login_unfit": "login",
        "access.login_taken": "login",
        "access.password_unfit": "new_password",
        "access.not_repeated": "repeated",
        "access.code_wrong": "code",
        SignInRefused.code: "password",
    }
    return fields.get(error.code, "")


def _session_of(visitor: Visitor) -> UUID:
    if visitor.session_id is None:
        raise SignInNeeded
    return visitor.session_id
