"""„Lücken": what several people asked and the library does not answer, and what can be done about it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from hub.dependencies import MayReadGaps, Reading, Services, Writing
from hub.messages import redirect
from hub.pages.contribution_parts import OWN, author_of
from hub.pages.library_parts import read_choice, read_id, read_page, read_text
from hub.pages.review_parts import typed_in, whole_or_nothing
from hub.rendering import render
from knowledge.access.visibility import PUBLIC
from knowledge.contributions.service import ContributionService
from knowledge.gaps.schemas import GapDetail, GapEntry, GapFilter
from knowledge.gaps.service import PER_PAGE, GapService
from knowledge.kit.errors import AllmendeError, InvalidInput
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.models.gap import GapState
from knowledge.questions.errors import TooManyQuestions
from knowledge.questions.preparing import prepare_question
from knowledge.questions.schemas import PreparedQuestion

router = APIRouter()
GAPS = "/luecken"
ITEM = f"{GAPS}/{{key:uuid}}"
# What a form holds: the words for the network, and that what looks like personal data in them may stay.
TEXT, MAY_STAY = "text", "bleibt"
LONGEST = 4000
SHOWN_STATES = (GapState.OPEN, GapState.CLOSED, GapState.DISMISSED)


@dataclass(frozen=True, slots=True)
class GapsPage:
    """The gaps in a state, the weightiest first; ``topics`` and ``states`` are what they can be filtered by."""

    gaps: Sequence[GapEntry]
    count: int
    state: str
    states: Sequence[tuple[str, str]]
    topic: str
    topics: Sequence[tuple[str, str]]
    in_scope_only: bool
    page: int
    pages: int
    address: str


@dataclass(frozen=True, slots=True)
class OneGapPage:
    """One gap; ``text`` is what the form for the network shows, ``asks`` whether it was sent and needs a look."""

    gap: GapDetail
    state: str
    text: str
    longest: int
    errors: Mapping[str, str]
    asks: bool = False


@dataclass(frozen=True, slots=True)
class Looked:
    """Words for the network as they were typed and looked at; ``error`` says why they cannot be released."""

    typed: Mapping[str, str]
    prepared: PreparedQuestion | None = None
    error: InvalidInput | None = None
    # What may be shown on Telegram at most.
    abroad: str = PUBLIC


async def looked_at(request: Request, visitor: MayReadGaps, services: Services) -> Looked:
    """Look at what a form wants to ask the network, before the transaction begins: that takes a while."""
    typed = typed_in(await request.form())
    text = read_text(typed, TEXT, longest=LONGEST)
    abroad = services.settings.telegram.telegram_visibility
    try:
        prepared = await prepare_question(services.answers, services.database, text, visitor.viewer)
        return Looked(typed, prepared, abroad=abroad)
    except InvalidInput as error:
        return Looked(typed, error=error)


LookedAt = Annotated[Looked, Depends(looked_at)]


@router.get(GAPS)
async def list_gaps(request: Request, visitor: MayReadGaps, session: Reading) -> HTMLResponse:
    """Show the gaps."""
    state = read_choice(GapState, request.query_params.get("stand"))
    state = state if state in SHOWN_STATES else GapState.OPEN
    wanted, page = GapFilter(read_id(request.query_params.get("thema")), state), read_page(request.query_params)
    found = await GapService(UnitOfWork(session), visitor).open_gaps(wanted, page=page)
    chosen = str(wanted.topic) if wanted.topic else ""
    shown = GapsPage(
        gaps=found.entries,
        count=found.count,
        state=state.value,
        states=[(each.value, state_name(each)) for each in SHOWN_STATES],
        topic=chosen,
        topics=[(str(topic.id), topic.name) for topic in found.topics],
        in_scope_only=not visitor.scope.is_everything,
        page=page,
        pages=max(1, math.ceil(found.count / PER_PAGE)),
        address=f"{GAPS}?{urlencode({'stand': state.value, 'thema': chosen})}&seite=",
    )
    return await render(request, "gaps/list.html", shown)


@router.post(f"{GAPS}/aktualisieren")
async def look_now(visitor: MayReadGaps, unit: Writing) -> Response:
    """Have the gaps looked at now instead of within the hour."""
    await GapService(unit, visitor).look_now()
    return redirect(GAPS, said="gaps.looking")


@router.get(ITEM)
async def show_gap(request: Request, key: UUID, visitor: MayReadGaps, session: Reading) -> HTMLResponse:
    """Show one gap."""
    return await render(request, "gaps/gap.html", await _page(GapService(UnitOfWork(session), visitor), key))


@router.post(f"{ITEM}/verwerfen")
async def dismiss(key: UUID, visitor: MayReadGaps, unit: Writing) -> Response:
    """Say that it is none."""
    await GapService(unit, visitor).dismiss(key)
    return redirect(f"{GAPS}/{key}", said="gaps.dismissed")


@router.post(f"{ITEM}/oeffnen")
async def restore(key: UUID, visitor: MayReadGaps, unit: Writing) -> Response:
    """Take that back, or that something answers it."""
    await GapService(unit, visitor).restore(key)
    return redirect(GAPS, said="gaps.restored")


@router.post(f"{ITEM}/schreiben")
async def write_document(key: UUID, visitor: MayReadGaps, unit: Writing) -> Response:
    """Begin a contribution with the words of the gap; the form for it comes next."""
    draft = await GapService(unit, visitor).start_document(key)
    fields = {"title": draft.title, "topics": list(draft.topics)}
    entry = await ContributionService(unit).start(author_of(visitor), fields=fields)
    return RedirectResponse(f"{OWN}/{entry.id}/bearbeiten", 303)


@router.post(f"{ITEM}/fragen")
async def ask_network(request: Request, key: UUID, visitor: MayReadGaps, looked: LookedAt, unit: Writing) -> Response:
    """Ask the network as one's organisation."""
    service = GapService(unit, visitor, abroad=looked.abroad)
    if looked.prepared is None:
        return await _again(request, service, key, looked, looked.error)
    may_stay = MAY_STAY in looked.typed
    asking = service.ask_network(key, author_of(visitor), looked.prepared, knows_findings=may_stay)
    try:
        question = await whole_or_nothing(unit, asking)
    except (InvalidInput, TooManyQuestions) as error:
        return await _again(request, service, key, looked, error)
    return redirect(f"/fragen/{question}", said="gaps.asked")


async def _again(
    request: Request, service: GapService, key: UUID, looked: Looked, error: AllmendeError | None
) -> HTMLResponse:
    errors = {TEXT: error.message} if error else {}
    page = await _page(service, key, text=looked.typed.get(TEXT, ""), errors=errors)
    return await render(request, "gaps/gap.html", page, status=422, error=error)


async def _page(
    service: GapService, key: UUID, *, text: str | None = None, errors: Mapping[str, str] | None = None
) -> OneGapPage:
    detail = await service.get(key)
    return OneGapPage(
        gap=detail,
        state=state_name(detail.entry.state),
        text=detail.entry.heading if text is None else text,
        longest=LONGEST,
        errors=errors or {},
        asks=text is not None,
    )


def state_name(state: GapState) -> str:
    """Return where a gap stands."""
    names = {
        GapState.FORMING: _("forming"),
        GapState.OPEN: _("open"),
        GapState.CLOSED: _("answered"),
        GapState.DISMISSED: _("set aside"),
    }
    return names[state]
