"""„Zugänge für Programme": tokens by which other programs use the API, one's own and those of other systems."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData

from hub.dependencies import MayManageMembers, Member, Reading, Writing
from hub.messages import redirect
from hub.pages.library_parts import read_choice, read_number, read_text
from hub.pages.review_parts import typed_in, whole_or_nothing
from hub.rendering import render
from knowledge.access.rights import RIGHTS, Visitor
from knowledge.kit.clock import now
from knowledge.kit.errors import AllmendeError, InvalidInput, NotFound
from knowledge.kit.language import _, ngettext
from knowledge.tokens.schemas import IssuedToken, TokenEntry
from knowledge.tokens.scopes import FOR_SERVICES, RIGHT_NEEDED, TokenScope
from knowledge.tokens.service import LONGEST_NAME, USUAL_DAYS, Tokens, TokenWish

router = APIRouter()
OWN, SERVICES = "/konto/zugaenge", "/zugaenge"
DAYS = (7, 30, 90, 180, 365)


@dataclass(frozen=True, slots=True)
class TokenLine:
    """A token in the list; ``finds`` is what a service finds, ``by`` who made it."""

    id: UUID
    name: str
    hint: str
    purposes: Sequence[str]
    ends_at: datetime
    is_over: bool
    used_on: date | None
    finds: str
    by: str


@dataclass(frozen=True, slots=True)
class TokensPage:
    """The tokens there are, and the form for another one.

    ``for_services``: they are those of other systems. ``asks_factor``: with a second factor there would be more to
    choose from.
    """

    tokens: Sequence[TokenLine]
    for_services: bool
    action: str
    purposes: Sequence[tuple[str, str]]
    days: Sequence[tuple[str, str]]
    longest: int
    asks_factor: bool
    typed: Mapping[str, str]
    ticked: Sequence[str]
    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class MadePage:
    """A token, shown this once."""

    name: str
    secret: str
    ends_at: datetime
    back: str


@router.get(OWN)
async def own_tokens(request: Request, visitor: Member, session: Reading) -> HTMLResponse:
    """Show one's own tokens."""
    tokens = await Tokens(session).own(visitor.known.id)
    return await render(request, "access_tokens/tokens.html", _page(tokens, _own_scopes(visitor), visitor))


@router.post(OWN)
async def make_own(request: Request, visitor: Member, unit: Writing) -> Response:
    """Make a token of one's own, and show it this once."""
    form, tokens = await request.form(), Tokens(unit.session)
    try:
        issued = await whole_or_nothing(unit, tokens.make_own(_wish(form), by=visitor))
    except InvalidInput as error:
        known = await tokens.own(visitor.known.id)
        page = _page(known, _own_scopes(visitor), visitor, form=form, error=error)
        return await render(request, "access_tokens/tokens.html", page, status=error.status)
    return await _show(request, issued, OWN)


@router.post(f"{OWN}/{{token_id}}/beenden")
async def end_own(token_id: UUID, visitor: Member, unit: Writing) -> Response:
    """End one of one's own tokens."""
    await Tokens(unit.session).revoke_own(token_id, by=visitor)
    return redirect(OWN, said="tokens.ended")


@router.get(SERVICES)
async def service_tokens(request: Request, _visitor: MayManageMembers, session: Reading) -> HTMLResponse:
    """Show the tokens of other systems."""
    page = _page(await Tokens(session).of_services(), _service_scopes())
    return await render(request, "access_tokens/tokens.html", page)


@router.post(SERVICES)
async def make_for_service(request: Request, visitor: MayManageMembers, unit: Writing) -> Response:
    """Make a token of another system, and show it this once."""
    form, tokens = await request.form(), Tokens(unit.session)
    try:
        issued = await whole_or_nothing(unit, tokens.make_for_service(_wish(form), by=visitor))
    except (InvalidInput, NotFound) as error:
        page = _page(await tokens.of_services(), _service_scopes(), form=form, error=error)
        return await render(request, "access_tokens/tokens.html", page, status=422)
    return await _show(request, issued, SERVICES)


@router.post(f"{SERVICES}/{{token_id}}/beenden")
async def end_service(token_id: UUID, visitor: MayManageMembers, unit: Writing) -> Response:
    """End a token of another system."""
    await Tokens(unit.session).revoke(token_id, by=visitor)
    return redirect(SERVICES, said="tokens.ended")


async def _show(request: Request, issued: IssuedToken, back: str) -> HTMLResponse:
    entry = issued.entry
    response = await render(
        request, "access_tokens/made.html", MadePage(entry.name, issued.secret, entry.expires_at, back)
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _wish(form: FormData) -> TokenWish:
    typed = typed_in(form)
    scopes = [read_choice(TokenScope, value) for value in form.getlist("zwecke") if isinstance(value, str)]
    return TokenWish(
        name=read_text(typed, "name", longest=LONGEST_NAME + 1),
        scopes=[scope for scope in scopes if scope is not None],
        days=read_number(typed.get("tage")) or 0,
        organisation=read_text(typed, "organisation"),
    )


def _own_scopes(visitor: Visitor) -> list[TokenScope]:
    """Return what one can choose from in this session."""
    return [scope for scope in TokenScope if scope not in RIGHT_NEEDED or visitor.may(RIGHT_NEEDED[scope])]


def _service_scopes() -> list[TokenScope]:
    return [scope for scope in TokenScope if scope in FOR_SERVICES]


def _page(
    tokens: Sequence[TokenEntry],
    scopes: Sequence[TokenScope],
    owner: Visitor | None = None,
    *,
    form: FormData | None = None,
    error: AllmendeError | None = None,
) -> TokensPage:
    """Return the page of one's own tokens, or without an owner of other systems'."""
    words = purpose_texts()
    typed = typed_in(form) if form is not None else {"tage": str(USUAL_DAYS)}
    return TokensPage(
        tokens=[_line(entry) for entry in tokens],
        for_services=owner is None,
        action=OWN if owner else SERVICES,
        purposes=[(scope.value, words[scope]) for scope in scopes],
        days=[(str(days), ngettext("{count} day", "{count} days", days).format(count=days)) for days in DAYS],
        longest=LONGEST_NAME,
        asks_factor=owner is not None and _would_gain(owner),
        typed=typed,
        ticked=[value for value in (form.getlist("zwecke") if form is not None else ()) if isinstance(value, str)],
        errors={"": error.message} if error else {},
    )


def _would_gain(visitor: Visitor) -> bool:
    """Whether a second factor would give more to choose from."""
    rights = RIGHTS[visitor.known.role]
    return not visitor.second_factor and any(right in rights for right in RIGHT_NEEDED.values())


def _line(entry: TokenEntry) -> TokenLine:
    words, whose = purpose_texts(), entry.organisation_name
    return TokenLine(
        id=entry.id,
        name=entry.name,
        hint=entry.hint,
        purposes=[words[scope] for scope in TokenScope if scope in entry.scopes],
        ends_at=entry.expires_at,
        is_over=entry.expires_at <= now(),
        used_on=entry.used_on,
        finds=_("what people of {name} find").format(name=whose) if whose else _("what is public"),
        by=entry.member_name or "",
    )


def purpose_texts() -> dict[TokenScope, str]:
    """Return what a token may be used for, in words."""
    return {
        TokenScope.SEARCH_READ: _("Search and ask"),
        TokenScope.DOCUMENTS_READ: _("Read documents"),
        TokenScope.CONTRIBUTIONS_READ: _("Read contributions"),
        TokenScope.CONTRIBUTIONS_WRITE: _("Contribute"),
        TokenScope.REVIEW_READ: _("See what waits for review"),
        TokenScope.REVIEW_WRITE: _("Decide on contributions"),
        TokenScope.QUESTIONS_READ: _("Read open questions"),
        TokenScope.QUESTIONS_WRITE: _("Ask and answer in the network"),
        TokenScope.PEERS_READ: _("Find colleagues"),
        TokenScope.PEERS_WRITE: _("Ask for contact and answer that"),
        TokenScope.MEMBERS_READ: _("Read the list of members"),
        TokenScope.MEMBERS_WRITE: _("Invite and change members"),
        TokenScope.ORGANISATIONS_READ: _("Read organisations"),
        TokenScope.ORGANISATIONS_WRITE: _("Change organisations"),
        TokenScope.CIRCLES_READ: _("Read circles"),
        TokenScope.CIRCLES_WRITE: _("Change circles"),
        TokenScope.TRAININGS_READ: _("Read trainings"),
        TokenScope.TRAININGS_WRITE: _("Register for trainings and look after them"),
    }
