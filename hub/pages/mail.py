"""E-mail: one's own address and what comes there, confirming it, and getting out again with one click."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse

from hub.dependencies import Anybody, Member, Reading, Services, Writing
from hub.messages import redirect
from hub.pages.administration_parts import taken_back
from hub.rendering import render
from hub.services import HubServices
from knowledge.access.rights import Visitor
from knowledge.kit.errors import AllmendeError, InvalidInput
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.mailing.errors import ConfirmationRefused, UnknownToken
from knowledge.mailing.kinds import MailWish, mail_is_on
from knowledge.mailing.schemas import MailEntry, Wishes
from knowledge.mailing.service import MailingService
from knowledge.mailing.tokens import Confirmation, Leaving, MailTokens

router = APIRouter()
Typed = Annotated[str, Form(max_length=400)]
Ticked = Annotated[list[str] | None, Form(max_length=10)]
PATH = "/konto/post"
# What a mail programme sends that unsubscribes somebody (RFC 8058).
ONE_CLICK = "One-Click"


@dataclass(frozen=True, slots=True)
class MailPage:
    """One's address and what comes there.

    ``entry`` is the confirmed address, ``pending`` the one that waits for its link; ``options`` are the things that
    can be wanted, ``ticked`` those that are.
    """

    is_on: bool
    entry: MailEntry | None
    pending: MailEntry | None
    options: list[tuple[str, str, str]]
    ticked: list[str]
    preferred: bool
    address: str
    problem: str


@dataclass(frozen=True, slots=True)
class ConfirmPage:
    """One button: a link that was only looked at, as many mail filters do, confirms nothing."""

    address: str
    is_done: bool
    problem: str


@dataclass(frozen=True, slots=True)
class LeavePage:
    """Getting out: of what (``wish``; empty for everything), and whether that is done."""

    wish: str
    name: str
    is_out: bool
    all_out: bool


@router.get(PATH)
async def show(request: Request, visitor: Member, services: Services, session: Reading) -> HTMLResponse:
    """Show one's address and what comes there."""
    return await _show(request, services, await MailingService(UnitOfWork(session)).of_member(visitor.known.id))


@router.post(PATH)
async def claim(  # noqa: PLR0913, PLR0917 - each parameter is a field of the form
    request: Request,
    visitor: Member,
    services: Services,
    unit: Writing,
    address: Typed = "",
    wish: Ticked = None,
    preferred: Typed = "",
) -> Response:
    """Take an address; nothing comes there before it is confirmed, but for the link for that."""
    if not mail_is_on(services.settings):
        return redirect(PATH)
    mailing, wishes = MailingService(unit), _wishes(wish or [], preferred)
    try:
        async with taken_back(unit):
            await mailing.claim(visitor.known.id, address, wishes)
    except InvalidInput as error:
        entries = await mailing.of_member(visitor.known.id)
        return await _show(request, services, entries, problem=error, address=address)
    return redirect(PATH, said="mail.asked")


@router.post(f"{PATH}/wuensche")
async def change(visitor: Member, unit: Writing, wish: Ticked = None, preferred: Typed = "") -> Response:
    """Say what is wanted."""
    await MailingService(unit).change(visitor.known.id, _wishes(wish or [], preferred))
    return redirect(PATH, said="mail.changed")


@router.post(f"{PATH}/{{identity_id}}/entfernen")
async def remove(visitor: Member, unit: Writing, identity_id: UUID) -> Response:
    """Erase an address of one's own."""
    await MailingService(unit).remove(visitor.known.id, identity_id)
    return redirect(PATH, said="mail.removed")


def _wishes(ticked: list[str], preferred: str) -> Wishes:
    return Wishes(**{wish.value: wish.value in ticked for wish in MailWish}, preferred=bool(preferred))


async def _show(
    request: Request,
    services: HubServices,
    entries: list[MailEntry],
    *,
    problem: AllmendeError | None = None,
    address: str = "",
) -> HTMLResponse:
    entry = next((one for one in entries if one.is_confirmed), None)
    pending = next((one for one in entries if not one.is_confirmed), None)
    wishes = entry.wishes if entry else Wishes()
    is_left = entry is not None and entry.unsubscribed_at is not None
    page = MailPage(
        is_on=mail_is_on(services.settings),
        entry=entry,
        pending=pending,
        options=_options(),
        ticked=[] if is_left else [wish.value for wish in MailWish if wishes.wants(wish)],
        preferred=wishes.preferred,
        address=address,
        problem=problem.message if problem else "",
    )
    return await render(request, "mail/mail.html", page, error=problem)


def _options() -> list[tuple[str, str, str]]:
    return [
        (
            MailWish.ANSWERS.value,
            _("Answers and questions"),
            _("Answers to your questions, questions back, requests of peers, what becomes of your contributions."),
        ),
        (MailWish.REMINDERS.value, _("Reminders"), _("What waits for you or is due.")),
        (MailWish.DIGESTS.value, _("What is new"), _("Your own digest, on the day that you chose in your profile.")),
    ]


# Confirming


@router.get("/post/bestaetigen/{token}")
async def confirm_page(
    request: Request, visitor: Anybody, services: Services, session: Reading, token: str
) -> HTMLResponse:
    """Show the button."""
    mailing = MailingService(UnitOfWork(session))
    try:
        entry = await mailing.pending(_confirmation(services, visitor, token))
    except ConfirmationRefused as error:
        return await _confirm_page(request, ConfirmPage("", is_done=False, problem=error.message))
    return await _confirm_page(request, ConfirmPage(entry.address, is_done=False, problem=""))


@router.post("/post/bestaetigen/{token}")
async def confirm(request: Request, visitor: Anybody, services: Services, unit: Writing, token: str) -> HTMLResponse:
    """Confirm an address."""
    try:
        entry = await MailingService(unit).confirm(_confirmation(services, visitor, token))
    except ConfirmationRefused as error:
        return await _confirm_page(request, ConfirmPage("", is_done=False, problem=error.message))
    return await _confirm_page(request, ConfirmPage(entry.address, is_done=True, problem=""))


def _confirmation(services: HubServices, visitor: Visitor, token: str) -> Confirmation | None:
    """Return what a link says; nothing to somebody who is signed in as another member than the one who asked."""
    said = MailTokens(services.access_key).read_confirmation(token)
    is_others = said is not None and visitor.member is not None and visitor.member.id != said.member_id
    return None if is_others else said


async def _confirm_page(request: Request, page: ConfirmPage) -> HTMLResponse:
    return await render(request, "mail/confirm.html", page, status=422 if page.problem else 200)


# Unsubscribing


@router.get("/abmelden/{token}")
async def leave_page(
    request: Request, _visitor: Anybody, services: Services, session: Reading, token: str
) -> HTMLResponse:
    """Show the button; nobody has to sign in. Raises ``UnknownToken``."""
    leaving = _leaving(services, token)
    entry = await MailingService(UnitOfWork(session)).repository.by_identity(leaving.identity_id)
    if entry is None:
        raise UnknownToken
    return await _leave_page(request, leaving, entry)


@router.post("/abmelden/{token}")
async def leave_at_once(
    request: Request,
    _visitor: Anybody,
    services: Services,
    unit: Writing,
    token: str,
    sent: Annotated[str, Form(alias="List-Unsubscribe", max_length=40)] = "",
) -> HTMLResponse:
    """Unsubscribe somebody whose mail programme asks for it; whatever else is sent does nothing."""
    leaving, mailing = _leaving(services, token), MailingService(unit)
    if sent == ONE_CLICK:
        return await _leave_page(request, leaving, await mailing.leave(leaving.identity_id, leaving.wish))
    entry = await mailing.repository.by_identity(leaving.identity_id)
    if entry is None:
        raise UnknownToken
    return await _leave_page(request, leaving, entry)


@router.post("/abmelden/{token}/aendern")
async def leave(
    _visitor: Anybody, services: Services, unit: Writing, token: str, what: Annotated[str, Form(max_length=20)] = ""
) -> Response:
    """Unsubscribe somebody from what the link is about (``out``) or from everything (``all``), or undo that."""
    leaving, mailing = _leaving(services, token), MailingService(unit)
    wish = None if what.endswith("all") else leaving.wish
    if what.startswith("back"):
        await mailing.come_back(leaving.identity_id, wish)
    elif what in ("out", "all"):
        await mailing.leave(leaving.identity_id, wish)
    return redirect(f"/abmelden/{token}")


def _leaving(services: HubServices, token: str) -> Leaving:
    leaving = MailTokens(services.access_key).read_leaving(token)
    if leaving is None:
        raise UnknownToken
    return leaving


async def _leave_page(request: Request, leaving: Leaving, entry: MailEntry) -> HTMLResponse:
    wish = leaving.wish
    all_out = entry.unsubscribed_at is not None
    is_out = all_out or (wish is not None and not entry.wishes.wants(wish))
    name = next((text for value, text, _hint in _options() if wish is not None and value == wish.value), "")
    return await render(request, "mail/leave.html", LeavePage(wish.value if wish else "", name, is_out, all_out))
