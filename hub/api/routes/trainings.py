"""Trainings: what is coming, registering and cancelling, and one's own certificates."""

import asyncio
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from hub.api.dependencies import Caller, Reading, Requires, Services, Writing
from hub.api.etags import IfNoneMatch, etag_of
from hub.api.paging import Page, Paged
from hub.api.problems import problems
from hub.api.schemas_trainings import (
    Answers,
    Certificate,
    OfferReply,
    Registration,
    Training,
    certificate_of,
    registration_of,
    training_of,
)
from hub.pages.training_parts import author_of, reader_of
from knowledge.access.rights import Right
from knowledge.certificates.document import file_name, make_pdf, verification_address
from knowledge.certificates.service import CertificateService
from knowledge.kit.clock import now
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.organisations.states import STATES
from knowledge.tokens.scopes import TokenScope
from knowledge.trainings.errors import UnknownRegistration
from knowledge.trainings.registering import RegistrationService
from knowledge.trainings.schemas import TrainingWishes
from knowledge.trainings.service import TrainingService

router = APIRouter(tags=["Trainings"])
LONGEST_WITHIN = 400
PDF = "application/pdf"

AnybodyMayRead = Annotated[Caller, Depends(Requires(Right.LIBRARY_READ, TokenScope.TRAININGS_READ, free=True))]
MayRead = Annotated[Caller, Depends(Requires(Right.NETWORK_USE, TokenScope.TRAININGS_READ, member=True))]
MayRegister = Annotated[Caller, Depends(Requires(Right.NETWORK_USE, TokenScope.TRAININGS_WRITE, member=True))]
MayReadOwn = Annotated[Caller, Depends(Requires(Right.ACCOUNT_MANAGE, TokenScope.TRAININGS_READ, member=True))]


async def wishes_of(
    topic: Annotated[UUID | None, Query(description="With this topic, or one below it.")] = None,
    state: Annotated[
        str | None,
        Query(
            pattern=f"^({'|'.join(STATES)})$",
            description="In this Land (its key), or online.",
            examples=["12"],
        ),
    ] = None,
    district: Annotated[
        str | None,
        Query(pattern="^[0-9]{5}$", description="In this district (its key), or online.", examples=["12061"]),
    ] = None,
    online: Annotated[bool | None, Query(description="Online only, or on site only.")] = None,
    within_days: Annotated[
        int | None, Query(ge=1, le=LONGEST_WITHIN, description="Beginning within so many days.", examples=[30])
    ] = None,
) -> TrainingWishes:
    """Return what somebody looks for."""
    return TrainingWishes(
        topics=frozenset({topic} if topic else ()),
        state_key=state,
        district_key=district,
        online=online,
        until=None if within_days is None else now() + timedelta(days=within_days),
    )


@router.get("/trainings", summary="List what is coming", response_model=Page[Training])
async def list_trainings(
    caller: AnybodyMayRead, session: Reading, wishes: Annotated[TrainingWishes, Depends(wishes_of)], paging: Paged
) -> Page[Training]:
    """List trainings that are coming or still run, in the order in which they begin.

    Without a token, what is public. Place and link are there for those who have a place.
    """
    found = await TrainingService(UnitOfWork(session)).coming(
        reader_of(caller.visitor), wishes, limit=paging.fetch, offset=paging.offset
    )
    return paging.page([training_of(entry) for entry in found])


@router.get("/trainings/mine", summary="List one's own registrations", response_model=Page[Training])
async def list_own_trainings(caller: MayRead, session: Reading, paging: Paged) -> Page[Training]:
    """List the trainings in which you have or hope for a place, in the order in which they begin, also past ones."""
    found = await RegistrationService(UnitOfWork(session)).of_member(caller.member.id)
    return paging.page([training_of(entry) for entry in paging.slice(found)])


@router.get("/trainings/{training_id}", summary="Read a training", responses=problems(404))
async def read_training(training_id: UUID, caller: AnybodyMayRead, session: Reading, seen: IfNoneMatch) -> Training:
    """Read one training that was published, also one that is cancelled or over."""
    entry = await TrainingService(UnitOfWork(session)).get(training_id, reader_of(caller.visitor))
    found = training_of(entry)
    return seen.answer(found, etag_of(found.model_dump(mode="json")))


@router.put("/trainings/{training_id}/registration", summary="Register for a training", responses=problems(404, 409))
async def register_for_training(training_id: UUID, body: Answers, caller: MayRegister, unit: Writing) -> Registration:
    """Register for a training: for a place as long as there is one, then for the waiting list.

    Twice is once. Whoever is offered a place takes it by this, too. 409 where it is too late, or all is full; 422 where
    an answer is missing that is needed.
    """
    made = await RegistrationService(unit).register(
        training_id, author_of(caller.visitor), body.answers, viewer=caller.viewer
    )
    return registration_of(made)


@router.delete("/trainings/{training_id}/registration", summary="Cancel a registration", responses=problems(404, 409))
async def cancel_registration(training_id: UUID, caller: MayRegister, unit: Writing) -> Registration:
    """Cancel your registration; the place goes to whoever waits. Twice is once.

    404 where you are not registered, 409 once the last date began.
    """
    registration = await _registration(unit, caller, training_id)
    return registration_of(await RegistrationService(unit).cancel(registration, caller.member.id))


@router.post(
    "/trainings/{training_id}/registration/offer", summary="Take a place that is offered", responses=problems(404, 409)
)
async def answer_offer(training_id: UUID, body: OfferReply, caller: MayRegister, unit: Writing) -> Registration:
    """Take or decline a place that became free and is kept for you. Declining ends the registration.

    409 where no place is kept for you, or not any more.
    """
    service = RegistrationService(unit)
    acting = service.accept_offer if body.accept else service.decline_offer
    return registration_of(await acting(await _registration(unit, caller, training_id), caller.member.id))


async def _registration(unit: UnitOfWork, caller: Caller, training_id: UUID) -> UUID:
    """Return one's own registration. Raises ``UnknownTraining``, ``UnknownRegistration``."""
    entry = await TrainingService(unit).get(training_id, reader_of(caller.visitor))
    if entry.registration is None:
        raise UnknownRegistration
    return entry.registration.id


# Certificates


@router.get("/certificates", summary="List one's own certificates", response_model=Page[Certificate])
async def list_certificates(
    caller: MayReadOwn, session: Reading, services: Services, paging: Paged
) -> Page[Certificate]:
    """List your certificates, the latest first; none that you revoked."""
    found = await CertificateService(UnitOfWork(session), services.access_key).of_member(caller.member.id)
    base = services.settings.hub.address
    shown = [certificate_of(one, verification_address(base, one.code)) for one in paging.slice(found)]
    return paging.page(shown)


class PdfResponse(Response):
    """A certificate as a file."""

    media_type = PDF


@router.get(
    "/certificates/{certificate_id}/pdf",
    summary="Read a certificate as a PDF",
    response_class=PdfResponse,
    responses={
        **problems(404),
        200: {
            "description": "The certificate (PDF/A, tagged).",
            "content": {PDF: {"schema": {"type": "string", "format": "binary"}}},
        },
    },
)
async def read_certificate(certificate_id: UUID, caller: MayReadOwn, session: Reading, services: Services) -> Response:
    """Read one of your certificates as a file."""
    entry = await CertificateService(UnitOfWork(session), services.access_key).get(certificate_id, caller.member.id)
    address = verification_address(services.settings.hub.address, entry.code)
    pdf = await asyncio.to_thread(make_pdf, entry, address)
    headers = {
        "Content-Disposition": f'attachment; filename="{file_name(entry)}"',
        "Cache-Control": "private, no-store",
    }
    return PdfResponse(pdf, headers=headers)
