"""Trainings for whoever runs them: drafts, changes, publishing, cancelling, and who takes part."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from hub.api.dependencies import Caller, Creating, Reading, Requires, Writing
from hub.api.etags import IfMatch, IfNoneMatch, etag_of
from hub.api.paging import Page, Paged
from hub.api.problems import problems
from hub.api.schemas_trainings import (
    Attendance,
    AttendanceWanted,
    CancelReason,
    ManagedTraining,
    Participant,
    TrainingWanted,
    draft_of,
    managed_of,
    participant_of,
)
from hub.pages.training_parts import publisher_of
from knowledge.access.rights import Right
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.tokens.scopes import TokenScope
from knowledge.trainings.errors import UnknownRegistration
from knowledge.trainings.registering import RegistrationService
from knowledge.trainings.schemas import HOLDING, LIVE, Standing, TrainingEntry
from knowledge.trainings.service import TrainingService

router = APIRouter(tags=["Trainings"])

MayRead = Annotated[Caller, Depends(Requires(Right.TRAININGS_MANAGE, TokenScope.TRAININGS_READ, member=True))]
MayManage = Annotated[Caller, Depends(Requires(Right.TRAININGS_MANAGE, TokenScope.TRAININGS_WRITE, member=True))]


@router.get("/managed-trainings", summary="List the trainings that one runs", response_model=Page[ManagedTraining])
async def list_managed_trainings(
    caller: MayRead,
    session: Reading,
    paging: Paged,
    standing: Annotated[Standing, Query(description="Where they stand.")] = Standing.COMING,
) -> Page[ManagedTraining]:
    """List the trainings that you run: your own and your organisation's; administrators run all."""
    found = await TrainingService(UnitOfWork(session)).standing(
        publisher_of(caller.visitor), standing, limit=paging.fetch, offset=paging.offset
    )
    return paging.page([managed_of(entry) for entry in found])


@router.post("/managed-trainings", status_code=201, summary="Begin a training")
async def create_training(body: TrainingWanted, caller: MayManage, unit: Creating) -> ManagedTraining:
    """Keep a training as a draft, which only those who run it see. It belongs to your organisation."""
    return managed_of(await TrainingService(unit).create(draft_of(body), publisher_of(caller.visitor)))


@router.get("/managed-trainings/{training_id}", summary="Read a training that one runs", responses=problems(404))
async def read_managed_training(
    training_id: UUID, caller: MayRead, session: Reading, seen: IfNoneMatch
) -> ManagedTraining:
    """Read one training that you run, in whatever state."""
    entry = await TrainingService(UnitOfWork(session)).get_managed(training_id, publisher_of(caller.visitor))
    return seen.answer(managed_of(entry), _etag(entry))


@router.put("/managed-trainings/{training_id}", summary="Change a training", responses=problems(404, 409))
async def change_training(
    training_id: UUID, body: TrainingWanted, caller: MayManage, unit: Writing, expected: IfMatch
) -> ManagedTraining:
    """Change a training; the whole of it is sent. A date or question without its `id` is a new one.

    Once it is published, those who registered are told which fields changed. 409 where it is cancelled or over.
    """
    service, by = TrainingService(unit), publisher_of(caller.visitor)
    before = await service.get_managed(training_id, by)
    expected.hold(_etag(before))
    changed = await service.change(training_id, draft_of(body), by, before.revision)
    expected.changed(_etag(changed))
    return managed_of(changed)


@router.delete(
    "/managed-trainings/{training_id}", status_code=204, summary="Delete a draft", responses=problems(404, 409)
)
async def discard_training(training_id: UUID, caller: MayManage, unit: Writing) -> None:
    """Delete a draft. 409 where it was published already: that can be cancelled."""
    await TrainingService(unit).discard(training_id, publisher_of(caller.visitor))


@router.post("/managed-trainings/{training_id}/publish", summary="Publish a training", responses=problems(404, 409))
async def publish_training(training_id: UUID, caller: MayManage, unit: Writing) -> ManagedTraining:
    """Publish a draft. Twice is once.

    422 where something is missing or lies in the past, 409 where it was cancelled.
    """
    return managed_of(await TrainingService(unit).publish(training_id, publisher_of(caller.visitor)))


@router.post("/managed-trainings/{training_id}/cancel", summary="Cancel a training", responses=problems(404, 409))
async def cancel_training(training_id: UUID, body: CancelReason, caller: MayManage, unit: Writing) -> ManagedTraining:
    """Cancel a published training; everybody who has or hopes for a place is told, once. Twice is once.

    409 for drafts, and for what is over.
    """
    return managed_of(await TrainingService(unit).cancel(training_id, publisher_of(caller.visitor), body.reason))


@router.get(
    "/managed-trainings/{training_id}/participants",
    summary="List who takes part",
    response_model=Page[Participant],
    responses=problems(404),
)
async def list_participants(training_id: UUID, caller: MayRead, session: Reading, paging: Paged) -> Page[Participant]:
    """List who has a place and who waits, in the order in which they came: for running the training, for nothing else.

    Thirty days after the last date nobody is named here any more; please delete by then what you kept, too.
    """
    unit, by = UnitOfWork(session), publisher_of(caller.visitor)
    entry = await TrainingService(unit).get_managed(training_id, by)
    found = [] if entry.cleared_at else await RegistrationService(unit).participants(training_id, by)
    live = [one for one in found if one.state in LIVE]
    return paging.page([participant_of(one) for one in paging.slice(live)])


@router.put("/managed-trainings/{training_id}/attendance", summary="Note who was there", responses=problems(404, 409))
async def note_attendance(training_id: UUID, body: AttendanceWanted, caller: MayManage, unit: Writing) -> Attendance:
    """Note who of those with a place was there, from the beginning of the training on. Twice is once.

    Who was there may have a certificate. 404 for somebody without a place in it; 409 before it begins, and once the
    names are deleted.
    """
    service, by = RegistrationService(unit), publisher_of(caller.visitor)
    noted = {one.registration_id: one.attended for one in body.items}
    holding = {one.registration_id for one in await service.participants(training_id, by) if one.state in HOLDING}
    if not noted.keys() <= holding:
        raise UnknownRegistration
    found = await service.note_attendance(training_id, by, noted)
    return Attendance(items=[participant_of(one) for one in found if one.registration_id in noted])


def _etag(entry: TrainingEntry) -> str:
    return etag_of(entry.id, entry.revision)
