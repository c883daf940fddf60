"""„Was ich betreue", „Übergabe" and „Nachfolge offen": who looks after what, and who does when somebody goes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy.ext.asyncio import AsyncSession

from hub.dependencies import MayUseNetwork, Reading, Writing
from hub.messages import redirect
from hub.pages.contribution_parts import author_of
from hub.pages.review_parts import read_key, typed_in
from hub.rendering import render
from knowledge.access.rights import Visitor
from knowledge.contributions.errors import FieldInvalid, TooMany
from knowledge.freshness.service import FreshnessService
from knowledge.handover.errors import AskedTooOften, NoColleague, NoHouse
from knowledge.handover.interview import draft_of
from knowledge.handover.schemas import Area, Duties, DutyDocument, HandoverEntry
from knowledge.handover.service import HandoverService
from knowledge.kit.language import _, date_text
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.models.handover import HandoverState

router = APIRouter()
CARE, HANDOVER, SUCCESSION = "/betreuung", "/uebergabe", "/nachfolge"
LONGEST = {"area": 150, "needs": 6000, "stands": 6000}
# Which of our fields a refused field of a draft came from.
_FROM = {"title": "area", "situation": "area", "done": "needs", "outcome": "stands"}


@dataclass(frozen=True, slots=True)
class CarePage:
    """The documents that somebody looks after, with the day by which each is to be looked at."""

    documents: Sequence[tuple[DutyDocument, str]]


@dataclass(frozen=True, slots=True)
class WithdrawPage:
    """The question whether a document shall really be withdrawn."""

    key: UUID
    title: str


@dataclass(frozen=True, slots=True)
class HandoverPage:
    """The interview: what is looked after, one thing to write down, and who takes over."""

    duties: Duties
    successors: Sequence[tuple[UUID, str]]
    longest: Mapping[str, int]
    typed: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OpenHandover:
    """Something to be handed over; ``may_take``: the visitor can say yes, ``asked``: it is theirs to answer."""

    entry: HandoverEntry
    may_take: bool
    asked: bool


@dataclass(frozen=True, slots=True)
class SuccessionPage:
    """What is to be handed over in the visitor's house."""

    handovers: Sequence[OpenHandover]


@router.get(CARE)
async def care(request: Request, visitor: MayUseNetwork, session: Reading) -> HTMLResponse:
    """Show what the visitor looks after."""
    duties = await HandoverService(session).looking_after(visitor.known.id)
    listed = [(one, date_text(one.review_by) if one.review_by else "") for one in duties.documents]
    return await render(request, "handover/care.html", CarePage(listed))


@router.post(f"{CARE}/{{key}}/aktuell")
async def still_current(key: UUID, visitor: MayUseNetwork, unit: Writing) -> Response:
    """Note that a document still holds."""
    await FreshnessService(unit).still_current(key, visitor.known.id)
    return redirect(CARE, said="care.still_current")


@router.get(f"{CARE}/{{key}}/zurueckziehen")
async def withdraw_form(request: Request, key: UUID, visitor: MayUseNetwork, session: Reading) -> HTMLResponse:
    """Ask whether a document shall really be withdrawn."""
    document = await FreshnessService(UnitOfWork(session)).get(key, visitor.known.id)
    return await render(request, "handover/withdraw.html", WithdrawPage(key, document.title))


@router.post(f"{CARE}/{{key}}/zurueckziehen")
async def withdraw(key: UUID, visitor: MayUseNetwork, unit: Writing) -> Response:
    """Withdraw a document."""
    await FreshnessService(unit).withdraw(key, author_of(visitor))
    return redirect(CARE, said="contributions.withdrawn")


@router.get(HANDOVER)
async def handover_form(request: Request, visitor: MayUseNetwork, session: Reading) -> HTMLResponse:
    """Show the interview."""
    return await render(request, "handover/interview.html", await _interview(session, visitor))


@router.post(f"{HANDOVER}/notiz")
async def write_down(request: Request, visitor: MayUseNetwork, unit: Writing) -> Response:
    """Keep what somebody writes down about one thing as a draft."""
    typed = typed_in(await request.form())
    texts = {name: typed.get(name, "").strip() for name in LONGEST}
    errors = {name: _("Please write something.") for name, text in texts.items() if not text}
    many: TooMany | None = None
    if not errors:
        try:
            await draft_of(unit, author_of(visitor), Area(texts["area"], texts["needs"], texts["stands"]))
        except FieldInvalid as error:
            errors = {_FROM.get(error.field, "area"): error.message}
        except TooMany as error:
            many, errors = error, {"area": error.message}
    if errors:
        page = await _interview(unit.session, visitor, texts, errors)
        return await render(request, "handover/interview.html", page, status=422, error=many)
    return redirect(HANDOVER, said="handover.noted")


@router.post(HANDOVER)
async def hand_over(request: Request, visitor: MayUseNetwork, unit: Writing) -> Response:
    """Ask a colleague to take over, or mark the succession as open."""
    typed = typed_in(await request.form())
    successor = read_key(typed.get("successor", ""))
    try:
        await HandoverService(unit.session).begin(visitor.known.id, successor)
    except (AskedTooOften, NoColleague, NoHouse) as error:
        page = await _interview(unit.session, visitor, typed, {"successor": error.message})
        return await render(request, "handover/interview.html", page, status=422)
    return redirect(CARE, said="handover.offered" if successor else "handover.open")


async def _interview(
    session: AsyncSession,
    visitor: Visitor,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> HandoverPage:
    service, member = HandoverService(session), visitor.known.id
    duties, colleagues = await service.looking_after(member), await service.colleagues(member)
    successors = [(colleague.id, colleague.name) for colleague in colleagues]
    return HandoverPage(duties, successors, LONGEST, typed or {}, errors or {})


@router.get(SUCCESSION)
async def succession(request: Request, visitor: MayUseNetwork, session: Reading) -> HTMLResponse:
    """Show what is to be handed over in the visitor's own house."""
    organisation, member = visitor.known.organisation_id, visitor.known.id
    found = await HandoverService(session).undecided(organisation) if organisation else []
    listed = [
        _shown(entry.shown_to(visitor.viewer), member)
        for entry in found
        if entry.documents or entry.successor_id == member
    ]
    return await render(request, "handover/succession.html", SuccessionPage(listed))


def _shown(entry: HandoverEntry, member: UUID) -> OpenHandover:
    asked = entry.state is HandoverState.OFFERED and entry.successor_id == member
    is_open = entry.state is HandoverState.OPEN and entry.member_id != member
    return OpenHandover(entry, asked or is_open, asked)


@router.post(f"{SUCCESSION}/{{key}}/uebernehmen")
async def take_over(key: UUID, visitor: MayUseNetwork, unit: Writing) -> Response:
    """Take over."""
    await HandoverService(unit.session).accept(key, visitor.known.id)
    return redirect(CARE, said="handover.accepted")


@router.post(f"{SUCCESSION}/{{key}}/ablehnen")
async def decline(key: UUID, visitor: MayUseNetwork, unit: Writing) -> Response:
    """Do not take over."""
    await HandoverService(unit.session).decline(key, visitor.known.id)
    return redirect(SUCCESSION, said="handover.declined")
