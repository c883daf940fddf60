"""One's own data: all that is kept, as a page and as files, and erasing it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy.ext.asyncio import AsyncSession

from hub.auth.visiting import COOKIE, drop_cookie, lifetime_of
from hub.dependencies import Anybody, Member, Reading, Services, Writing
from hub.forms import KEPT_COOKIE
from hub.messages import redirect
from hub.pages.sign_in import caller_of
from hub.rendering import render
from hub.services import HubServices
from knowledge.access.credentials import Credentials
from knowledge.access.rights import Visitor
from knowledge.access.sessions import Sessions
from knowledge.kit.clock import now
from knowledge.kit.errors import InvalidInput
from knowledge.kit.language import _
from knowledge.members.directory.service import LastAdministrator, MemberDirectory
from knowledge.privacy.disclosure import DisclosureService
from knowledge.privacy.erasure_log import note_after_commit
from knowledge.privacy.schemas import PersonalData
from knowledge.privacy.service import PrivacyService
from knowledge.privacy.told import files
from knowledge.privacy.told.erasing import what_goes, what_stays
from knowledge.privacy.told.parts import Section
from knowledge.privacy.told.person import sections

router = APIRouter()
Typed = Annotated[str, Form(max_length=2000)]
DATA, ERASE, ERASED = "/konto/daten", "/konto/loeschen", "/konto/geloescht"
# Whoever has no password shows that it is them by a link that they used so recently.
SIGNED_IN_JUST_NOW = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class DataPage:
    """Everything that is kept about somebody; ``notes``: what is not, and what others keep."""

    made_at: datetime
    sections: Sequence[Section]
    votes: Sequence[str]
    notes: Sequence[str]


@dataclass(frozen=True, slots=True)
class ErasePage:
    """What goes and what stays; ``asks_password``, or else ``is_fresh``: how they show that it is them."""

    goes: Sequence[str]
    stays: Sequence[str]
    asks_password: bool
    is_fresh: bool
    minutes: int
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ErasedPage:
    """Everything is erased."""


class EraseUnconfirmed(InvalidInput):
    """Somebody did not say that they want everything erased."""

    code = "privacy.unconfirmed"

    def __init__(self) -> None:
        super().__init__(_("Please say that you want everything about you erased."))


class SignInTooOld(InvalidInput):
    """Somebody without a password has been signed in for too long."""

    code = "privacy.sign_in_too_old"

    def __init__(self) -> None:
        super().__init__(_("You signed in too long ago. Please sign in with a new link first."))


@router.get(DATA)
async def own_data(request: Request, visitor: Member, services: Services, session: Reading) -> HTMLResponse:
    """Show everything."""
    data = await _everything(session, visitor)
    page = DataPage(data.made_at, sections(data), files.votes(data), files.notes(services.settings.chats))
    return await render(request, "account/data.html", page)


@router.get(f"{DATA}/text")
async def own_text(visitor: Member, services: Services, session: Reading) -> Response:
    """Give everything as a file to read."""
    content = files.readable_file(await _everything(session, visitor), services.settings.chats)
    return _file(content, files.readable_name(), "text/plain; charset=utf-8")


@router.get(f"{DATA}/json")
async def own_json(visitor: Member, services: Services, session: Reading) -> Response:
    """Give everything as a file for machines."""
    content = files.machine_file(await _everything(session, visitor), services.settings.chats)
    return _file(content, files.MACHINE_NAME, "application/json")


async def _everything(session: AsyncSession, visitor: Visitor) -> PersonalData:
    return await DisclosureService(session).of_member(visitor.known.id)


def _file(content: bytes, name: str, kind: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return Response(content, media_type=kind, headers=headers)


@router.get(ERASE)
async def ask_to_erase(request: Request, visitor: Member, services: Services, session: Reading) -> HTMLResponse:
    """Say what would be gone and what would stay, and ask once."""
    return await _ask(request, visitor, services, session)


@router.post(ERASE)
async def erase(  # noqa: PLR0913, PLR0917 - each parameter is a field of the form
    request: Request,
    visitor: Member,
    services: Services,
    unit: Writing,
    password: Typed = "",
    confirmed: Typed = "",
) -> Response:
    """Erase whoever is signed in, with all accounts, and end their sessions."""
    try:
        if not confirmed:
            raise EraseUnconfirmed
        await MemberDirectory(unit.session).keep_an_administrator(visitor.known.id)
        await _check(visitor, services, unit.session, password, caller_of(request))
    except (InvalidInput, LastAdministrator) as error:  # a try in vain counts: what was done until here is committed
        field = {EraseUnconfirmed.code: "confirmed", LastAdministrator.code: "", SignInTooOld.code: ""}
        problem = {field.get(error.code, "password"): error.message}
        return await _ask(request, visitor, services, unit.session, problem, status=error.status)
    erased = await PrivacyService(unit.session).erase_member(visitor.known.id)
    note_after_commit(unit, services.settings.data_folder, erased.records)
    response = redirect(ERASED)
    drop_cookie(request, response, COOKIE)
    drop_cookie(request, response, KEPT_COOKIE)
    return response


@router.get(ERASED)
async def all_erased(request: Request, visitor: Anybody) -> HTMLResponse:  # noqa: ARG001 - names the right
    """Say that everything is erased, to nobody in particular."""
    return await render(request, "account/erased.html", ErasedPage())


async def _check(visitor: Visitor, services: HubServices, session: AsyncSession, password: str, address: str) -> None:
    """See that it is them: by the password, or, where there is none, by a link that was used just now."""
    ways = Credentials(session, services.passwords, services.access_key)
    if await ways.entry(visitor.known.id) is not None:
        await ways.check_old(visitor.known, password, address=address)
    elif not await _is_fresh(visitor, services, session):
        raise SignInTooOld


async def _is_fresh(visitor: Visitor, services: HubServices, session: AsyncSession) -> bool:
    entries = await Sessions(session, lifetime_of(services.settings)).of_member(visitor.known.id)
    since = [entry.created_at for entry in entries if entry.id == visitor.session_id]
    return any(now() < moment + SIGNED_IN_JUST_NOW for moment in since)


async def _ask(  # noqa: PLR0913, PLR0917 - what a page is made of, and what is wrong with the form
    request: Request,
    visitor: Visitor,
    services: HubServices,
    session: AsyncSession,
    errors: Mapping[str, str] | None = None,
    status: int = 200,
) -> HTMLResponse:
    ways = Credentials(session, services.passwords, services.access_key)
    page = ErasePage(
        what_goes(everywhere=True),
        what_stays(everywhere=True),
        asks_password=await ways.entry(visitor.known.id) is not None,
        is_fresh=await _is_fresh(visitor, services, session),
        minutes=int(SIGNED_IN_JUST_NOW.total_seconds()) // 60,
        errors=errors or {},
    )
    return await render(request, "account/erase.html", page, status=status)
