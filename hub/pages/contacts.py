"""„Kontakte": requests by double yes, made and received; the cards that were exchanged; and whom one has blocked."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from hub.dependencies import MayUseNetwork, Reading, Writing
from hub.messages import redirect
from hub.pages.contribution_parts import author_of
from hub.pages.peers import CONTACTS, network_tabs
from hub.pages.question_texts import TypedText, read_typed, undecided
from hub.pages.review_parts import read_key, typed_in, whole_or_nothing
from hub.rendering import render
from knowledge.kit.cleaning import clean_line
from knowledge.kit.errors import AllmendeError
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.models.chat import Network
from knowledge.peers.contacts import ContactService
from knowledge.peers.errors import RequestOver, UnknownColleague, UnknownPeer, UnknownRequest
from knowledge.peers.requests.words import LONGEST
from knowledge.peers.schemas import Blocked, Colleague, ContactBook, ContactCard, ContactEntry, Outlook

router = APIRouter()
ITEM = f"{CONTACTS}/{{key:uuid}}"
ASK = f"{CONTACTS}/anfragen"
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class CardView:
    """What somebody gave after both said yes; addresses with the word for their network."""

    name: str
    organisation: str | None
    addresses: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class RequestLine:
    """A request as the visitor may see it, with the other side's card once both said yes."""

    entry: ContactEntry
    state: str
    badge: str
    is_open: bool
    card: CardView | None


@dataclass(frozen=True, slots=True)
class ContactsPage:
    """All requests of a member, and whom they have blocked."""

    tabs: Sequence[tuple[str, str, int | None]]
    address: str
    to_me: Sequence[RequestLine]
    mine: Sequence[RequestLine]
    blocked: Sequence[Blocked]


@dataclass(frozen=True, slots=True)
class ContactPage:
    """One request."""

    line: RequestLine


@dataclass(frozen=True, slots=True)
class AskPage:
    """A request that was typed and is not sent yet: to be looked at once more, or why it cannot be sent."""

    to: str
    topic: str
    typed: TypedText
    problem: str
    longest: int = LONGEST


@dataclass(frozen=True, slots=True)
class PassOnPage:
    """Naming a colleague: the name that was typed, and who there is of that name."""

    line: RequestLine
    name: str
    colleagues: Sequence[Colleague]
    problem: str
    longest: int = LONGEST_NAME


@router.get(CONTACTS)
async def contacts(request: Request, visitor: MayUseNetwork, session: Reading) -> HTMLResponse:
    """Show all requests."""
    service, member = ContactService(UnitOfWork(session)), visitor.known.id
    book: ContactBook = await service.of_member(member)
    page = ContactsPage(
        tabs=network_tabs(),
        address=CONTACTS,
        to_me=[await _line(service, entry, member) for entry in book.to_me],
        mine=[await _line(service, entry, member) for entry in book.mine],
        blocked=await service.blocked(member),
    )
    return await render(request, "contacts/contacts.html", page)


@router.get(ITEM)
async def contact(request: Request, key: UUID, visitor: MayUseNetwork, session: Reading) -> HTMLResponse:
    """Show one request."""
    service, member = ContactService(UnitOfWork(session)), visitor.known.id
    line = await _line(service, await service.get(key, member), member)
    return await render(request, "contacts/contact.html", ContactPage(line))


@router.post(ASK)
async def ask(request: Request, visitor: MayUseNetwork, unit: Writing) -> Response:
    """Ask a person for contact, with one's own words."""
    form = await request.form()
    fields, typed = typed_in(form), read_typed(form)
    to, topic = read_key(fields.get("an")), read_key(fields.get("thema"))
    if to is None:
        raise UnknownPeer
    error: AllmendeError | None = None
    if not typed.unseen:
        act = ContactService(unit).ask(author_of(visitor), to, typed.text, topic)
        try:
            await whole_or_nothing(unit, act)
        except AllmendeError as raised:
            error = raised
        else:
            return redirect(CONTACTS, said="contacts.asked")
    problem = error.message if error else undecided()
    page = AskPage(str(to), str(topic or ""), typed, problem)
    return await render(request, "contacts/ask.html", page, error=error)


@router.post(f"{ITEM}/zusagen")
async def accept(key: UUID, visitor: MayUseNetwork, unit: Writing) -> Response:
    """Say yes: names and addresses are exchanged."""
    await ContactService(unit).accept(key, visitor.known.id)
    return redirect(f"{CONTACTS}/{key}", said="contacts.accepted")


@router.post(f"{ITEM}/absagen")
async def decline(key: UUID, visitor: MayUseNetwork, unit: Writing) -> Response:
    """Say no, without a reason."""
    await ContactService(unit).decline(key, visitor.known.id)
    return redirect(CONTACTS, said="contacts.declined")


@router.post(f"{ITEM}/zurueckziehen")
async def withdraw(key: UUID, visitor: MayUseNetwork, unit: Writing) -> Response:
    """Take one's own request back."""
    await ContactService(unit).withdraw(key, visitor.known.id)
    return redirect(CONTACTS, said="contacts.withdrawn")


@router.post(f"{ITEM}/sperren")
async def block(key: UUID, visitor: MayUseNetwork, unit: Writing) -> Response:
    """Say no, and want no requests from this person any more."""
    await ContactService(unit).block(key, visitor.known.id)
    return redirect(CONTACTS, said="contacts.blocked")


@router.post(f"{CONTACTS}/gesperrt/{{key:uuid}}/aufheben")
async def unblock(key: UUID, visitor: MayUseNetwork, unit: Writing) -> Response:
    """Let somebody ask again."""
    await ContactService(unit).unblock(visitor.known.id, key)
    return redirect(CONTACTS, said="contacts.unblocked")


@router.get(f"{ITEM}/weitergeben")
async def pass_on_form(request: Request, key: UUID, visitor: MayUseNetwork, session: Reading) -> HTMLResponse:
    """Ask for a colleague's name."""
    line = await _to_decide(ContactService(UnitOfWork(session)), key, visitor.known.id)
    return await render(request, "contacts/pass_on.html", PassOnPage(line, "", (), ""))


@router.post(f"{ITEM}/weitergeben")
async def pass_on(request: Request, key: UUID, visitor: MayUseNetwork, unit: Writing) -> Response:
    """Show the colleagues of a name; or, where one was chosen, pass the request on."""
    fields = typed_in(await request.form())
    service, member = ContactService(unit), visitor.known.id
    line = await _to_decide(service, key, member)
    colleague, name = read_key(fields.get("kollege")), clean_line(fields.get("name", ""))[:LONGEST_NAME]
    try:
        if colleague is not None:
            await whole_or_nothing(unit, service.pass_on(key, member, colleague))
            return redirect(CONTACTS, said="contacts.passed_on")
        found = await service.colleagues(key, member, name) if name else []
        if not found:
            raise UnknownColleague
    except UnknownColleague as error:
        page = PassOnPage(line, name, (), error.message)
        return await render(request, "contacts/pass_on.html", page, status=422)
    return await render(request, "contacts/pass_on.html", PassOnPage(line, name, found, ""))


async def _to_decide(service: ContactService, key: UUID, member: UUID) -> RequestLine:
    """Return a request that waits for this member. Raises ``UnknownRequest``, ``RequestOver``."""
    entry = await service.get(key, member)
    if entry.is_mine or entry.outlook is not Outlook.WAITING:
        raise RequestOver
    return await _line(service, entry, member)


async def _line(service: ContactService, entry: ContactEntry, member: UUID) -> RequestLine:
    state, badge = _state_of(entry)
    return RequestLine(
        entry=entry,
        state=state,
        badge=badge,
        is_open=entry.outlook is Outlook.WAITING,
        card=await _card_of(service, entry, member) if entry.outlook is Outlook.EXCHANGED else None,
    )


async def _card_of(service: ContactService, entry: ContactEntry, member: UUID) -> CardView | None:
    """Return what was exchanged, as long as the other side takes part."""
    try:
        return _card(await service.exchanged(entry.id, member))
    except UnknownRequest:
        return None


def _card(card: ContactCard) -> CardView:
    return CardView(
        card.name, card.organisation, [(_NETWORKS.get(one, ""), address) for one, address in card.addresses]
    )


_NETWORKS = {Network.MATRIX: "Matrix", Network.MAIL: "E-Mail", Network.TELEGRAM: "Telegram"}


def _state_of(entry: ContactEntry) -> tuple[str, str]:
    if entry.outlook is Outlook.WAITING:
        return (_("on its way"), "info") if entry.is_mine else (_("waits for you"), "warning")
    words = {
        Outlook.EXCHANGED: _("both said yes"),
        Outlook.NOT_AVAILABLE: _("not available"),
        Outlook.WITHDRAWN: _("taken back"),
        Outlook.DECLINED: _("you said no"),
        Outlook.PASSED_ON: _("you named a colleague"),
        Outlook.OVER: _("over"),
    }
    return words[entry.outlook], "success" if entry.outlook is Outlook.EXCHANGED else "neutral"
