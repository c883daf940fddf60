"""What people asked about a training, and answering it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from hub.dependencies import MayManageTrainings, Reading, Writing
from hub.messages import redirect
from hub.pages.review_parts import typed_in, whole_or_nothing
from hub.pages.training_parts import MANAGED, Tab, TrainingView, managed_tabs, publisher_of, view_of
from hub.rendering import render
from knowledge.access.rights import Visitor
from knowledge.kit.errors import AllmendeError, Conflict, InvalidInput
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.trainings.checking import LONGEST_INQUIRY
from knowledge.trainings.registering import RegistrationService
from knowledge.trainings.schemas import InquiryEntry
from knowledge.trainings.service import TrainingService

router = APIRouter()
INQUIRIES = f"{MANAGED}/fragen"


@dataclass(frozen=True, slots=True)
class InquiriesPage:
    """What was asked, with what was typed as an answer to which."""

    training: TrainingView
    tabs: Sequence[Tab]
    address: str
    inquiries: Sequence[InquiryEntry]
    typed: Mapping[UUID, str]
    errors: Mapping[str, str]
    longest: int = LONGEST_INQUIRY


@router.get(INQUIRIES)
async def inquiries(request: Request, visitor: MayManageTrainings, session: Reading, key: UUID) -> HTMLResponse:
    """Show what was asked."""
    return await _show(request, UnitOfWork(session), visitor, key)


@router.post(f"{INQUIRIES}/{{inquiry:uuid}}")
async def answer(request: Request, visitor: MayManageTrainings, unit: Writing, key: UUID, inquiry: UUID) -> Response:
    """Answer a question."""
    text = typed_in(await request.form()).get("antwort", "")
    try:
        await whole_or_nothing(unit, RegistrationService(unit).answer(inquiry, publisher_of(visitor), text))
    except (InvalidInput, Conflict) as error:
        return await _show(request, unit, visitor, key, (inquiry, text, error))
    return redirect(request.url.path.rpartition("/")[0], said="trainings.answered")


async def _show(
    request: Request,
    unit: UnitOfWork,
    visitor: Visitor,
    key: UUID,
    refused: tuple[UUID, str, AllmendeError] | None = None,
) -> HTMLResponse:
    by = publisher_of(visitor)
    entry = await TrainingService(unit).get_managed(key, by)
    view = view_of(entry, manages=True)
    page = InquiriesPage(
        training=view,
        tabs=managed_tabs(entry),
        address=f"{view.manage_path}/fragen",
        inquiries=await RegistrationService(unit).inquiries(key, by),
        typed={refused[0]: refused[1]} if refused else {},
        errors={f"antwort-{refused[0].hex}": refused[2].message} if refused else {},
    )
    return await render(request, "trainings/inquiries.html", page, status=refused[2].status if refused else 200)
