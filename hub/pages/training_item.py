"""One training: all about it, one's own part in it, asking, and saying how it was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from hub.dependencies import Anybody, MayUseNetwork, Reading, Writing
from hub.messages import redirect
from hub.pages.review_parts import typed_in, whole_or_nothing
from hub.pages.training_parts import (
    ITEM,
    MANAGE,
    TRAININGS,
    Part,
    TrainingView,
    author_of,
    may_manage,
    part_of,
    publisher_of,
    reader_of,
    view_of,
)
from hub.rendering import render
from knowledge.access.rights import Visitor
from knowledge.kit.errors import AllmendeError, Conflict, InvalidInput
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.library.addresses import document_path
from knowledge.models.training import RegistrationState
from knowledge.trainings.checking import LONGEST_ANSWER, LONGEST_INQUIRY
from knowledge.trainings.errors import AnswersInvalid, TooManyInquiries, UnknownRegistration
from knowledge.trainings.feedback import LONGEST_COMMENT, FeedbackService
from knowledge.trainings.materials import MaterialService
from knowledge.trainings.registering import RegistrationService
from knowledge.trainings.schemas import HOLDING, InquiryEntry, TrainingEntry
from knowledge.trainings.service import TrainingService

router = APIRouter()
HELPED, COMMENT, QUESTION = "geholfen", "kommentar", "frage"

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AskedView:
    """A question at registration, with what was typed."""

    name: str
    text: str
    required: bool
    value: str


@dataclass(frozen=True, slots=True)
class FeedbackView:
    """How somebody found it; ``given``: they said something already."""

    given: bool
    helped: str
    comment: str
    longest: int = LONGEST_COMMENT


@dataclass(frozen=True, slots=True)
class TrainingPage:
    """One training.

    ``materials`` are titles with addresses, ``inquiries`` what the visitor asked. ``manage`` leads there whoever runs
    it, ``waiting`` counts the questions that wait for their answer.
    """

    training: TrainingView
    part: Part
    questions: Sequence[AskedView]
    materials: Sequence[tuple[str, str]]
    feedback: FeedbackView | None
    inquiries: Sequence[InquiryEntry]
    manage: str
    waiting: int
    typed_question: str
    errors: Texts
    longest_answer: int = LONGEST_ANSWER
    longest_question: int = LONGEST_INQUIRY


@dataclass(frozen=True, slots=True)
class LeavePage:
    """Asking once more; ``is_held``: they have a place."""

    training: TrainingView
    is_held: bool


@dataclass(frozen=True, slots=True)
class _Refused:
    """What did not work: why, what was typed, and which field it is about."""

    error: AllmendeError
    typed: Texts = field(default_factory=dict)
    field: str = ""


@router.get(ITEM)
async def training(request: Request, visitor: Anybody, session: Reading, key: UUID) -> HTMLResponse:
    """Show one training."""
    return await _show(request, UnitOfWork(session), visitor, key)


@router.post(f"{ITEM}/anmelden")
async def register(request: Request, visitor: MayUseNetwork, unit: Writing, key: UUID) -> Response:
    """Register, for a place or the waiting list."""
    entry = await TrainingService(unit).get(key, reader_of(visitor))
    typed = typed_in(await request.form())
    answers = {str(question.id): typed.get(field_of(question.id), "") for question in entry.questions}
    registering = RegistrationService(unit).register(key, author_of(visitor), answers, viewer=visitor.viewer)
    try:
        made = await whole_or_nothing(unit, registering)
    except (InvalidInput, Conflict) as error:
        return await _show(request, unit, visitor, key, _Refused(error, typed))
    said = "trainings.registered" if made.state is RegistrationState.REGISTERED else "trainings.waiting"
    return redirect(f"{TRAININGS}/{key}", said=said)


@router.get(f"{ITEM}/abmelden")
async def ask_to_leave(request: Request, visitor: MayUseNetwork, session: Reading, key: UUID) -> Response:
    """Ask whether somebody really wants to cancel."""
    entry = await TrainingService(UnitOfWork(session)).get(key, reader_of(visitor))
    if entry.registration is None or not entry.registration.is_live:
        return redirect(f"{TRAININGS}/{key}")
    page = LeavePage(view_of(entry), entry.registration.state in HOLDING)
    return await render(request, "trainings/leave.html", page)


@router.post(f"{ITEM}/abmelden")
async def leave(request: Request, visitor: MayUseNetwork, unit: Writing, key: UUID) -> Response:
    """Cancel one's registration."""
    registration = await _registration(unit, visitor, key)
    try:
        await whole_or_nothing(unit, RegistrationService(unit).cancel(registration, visitor.known.id))
    except Conflict as error:
        return await _show(request, unit, visitor, key, _Refused(error))
    return redirect(f"{TRAININGS}/{key}", said="trainings.left")


@router.post(f"{ITEM}/platz")
async def take_place(request: Request, visitor: MayUseNetwork, unit: Writing, key: UUID) -> Response:
    """Accept or decline a place that is offered."""
    service, accepts = RegistrationService(unit), typed_in(await request.form()).get("antwort") == "ja"
    acting = service.accept_offer if accepts else service.decline_offer
    registration = await _registration(unit, visitor, key)
    try:
        await whole_or_nothing(unit, acting(registration, visitor.known.id))
    except Conflict as error:
        return await _show(request, unit, visitor, key, _Refused(error))
    return redirect(f"{TRAININGS}/{key}", said="trainings.accepted" if accepts else "trainings.declined")


@router.post(f"{ITEM}/fragen")
async def ask(request: Request, visitor: MayUseNetwork, unit: Writing, key: UUID) -> Response:
    """Ask whoever runs a training."""
    typed = typed_in(await request.form())
    asking = RegistrationService(unit).ask(key, author_of(visitor), typed.get(QUESTION, ""), viewer=visitor.viewer)
    try:
        await whole_or_nothing(unit, asking)
    except (InvalidInput, TooManyInquiries) as error:
        return await _show(request, unit, visitor, key, _Refused(error, typed, QUESTION))
    return redirect(f"{TRAININGS}/{key}", said="trainings.asked")


@router.post(f"{ITEM}/rueckmeldung")
async def say(request: Request, visitor: MayUseNetwork, unit: Writing, key: UUID) -> Response:
    """Say how it was."""
    entry = await TrainingService(unit).get(key, reader_of(visitor))
    typed = typed_in(await request.form())
    helped = {"ja": True, "nein": False}.get(typed.get(HELPED, ""))
    if entry.registration is None:
        return redirect(f"{TRAININGS}/{key}")
    if helped is None:
        error = InvalidInput(_("Please say whether it helped you."))
        return await _show(request, unit, visitor, key, _Refused(error, typed, HELPED))
    giving = FeedbackService(unit).give(
        entry.registration.id, visitor.known.id, helped=helped, comment=typed.get(COMMENT, "")
    )
    try:
        await whole_or_nothing(unit, giving)
    except InvalidInput as error:
        return await _show(request, unit, visitor, key, _Refused(error, typed, COMMENT))
    return redirect(f"{TRAININGS}/{key}", said="trainings.feedback")


def field_of(question: UUID) -> str:
    """Return what the field of a question at registration is called."""
    return f"antwort-{question.hex}"


async def _registration(unit: UnitOfWork, visitor: Visitor, key: UUID) -> UUID:
    """Return one's own registration. Raises ``UnknownRegistration``."""
    entry = await TrainingService(unit).get(key, reader_of(visitor))
    if entry.registration is None:
        raise UnknownRegistration
    return entry.registration.id


async def _show(
    request: Request, unit: UnitOfWork, visitor: Visitor, key: UUID, refused: _Refused | None = None
) -> HTMLResponse:
    entry = await TrainingService(unit).get(key, reader_of(visitor))
    values = refused.typed if refused else {}
    materials = await MaterialService(unit).shown(key, visitor.viewer)
    runs = may_manage(visitor, entry)
    page = TrainingPage(
        training=view_of(entry),
        part=part_of(entry, visitor),
        questions=[
            AskedView(field_of(one.id), one.text, one.required, values.get(field_of(one.id), ""))
            for one in entry.questions
        ],
        materials=[(one.title, document_path(one.document_id) if one.document_id else "") for one in materials],
        feedback=await _feedback(unit, entry, visitor, values),
        inquiries=await _asked(unit, visitor, key),
        manage=f"{MANAGE}/{entry.id}" if runs else "",
        waiting=await _waiting(unit, visitor, key) if runs else 0,
        typed_question=values.get(QUESTION, ""),
        errors=_errors(refused) if refused else {},
    )
    return await render(request, "trainings/training.html", page, error=refused.error if refused else None)


async def _asked(unit: UnitOfWork, visitor: Visitor, key: UUID) -> Sequence[InquiryEntry]:
    """Return what the visitor asked."""
    return await RegistrationService(unit).own_inquiries(key, visitor.member_id) if visitor.member_id else ()


async def _waiting(unit: UnitOfWork, visitor: Visitor, key: UUID) -> int:
    """Count the questions that wait for an answer of whoever runs the training."""
    found = await RegistrationService(unit).inquiries(key, publisher_of(visitor))
    return sum(one.answer is None for one in found)


def _errors(refused: _Refused) -> dict[str, str]:
    """Return what is wrong, by field."""
    error = refused.error
    if isinstance(error, AnswersInvalid) and error.questions:
        return {field_of(UUID(question)): error.message for question in error.questions}
    return {refused.field: error.message}


async def _feedback(unit: UnitOfWork, entry: TrainingEntry, visitor: Visitor, values: Texts) -> FeedbackView | None:
    registration = entry.registration
    if registration is None or not entry.is_over:
        return None
    try:
        said = await FeedbackService(unit).of_registration(registration.id, visitor.known.id)
    except AllmendeError:
        return None
    helped = {True: "ja", False: "nein", None: ""}[said.helped]
    return FeedbackView(said.helped is not None, values.get(HELPED, helped), values.get(COMMENT, said.comment))
