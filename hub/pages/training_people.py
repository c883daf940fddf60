"""Who takes part in a training and who waits: for running it, as long as that takes, and for nothing else."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy.ext.asyncio import AsyncSession

from hub.dependencies import MayManageTrainings, Reading, Writing
from hub.messages import redirect
from hub.pages.contribution_parts import typed_texts
from hub.pages.library_parts import read_id
from hub.pages.training_parts import MANAGED, Tab, TrainingView, managed_tabs, publisher_of, view_of
from hub.pages.training_words import registration_name
from hub.rendering import local_date, render
from knowledge.access.rights import Visitor
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.models.training import RegistrationState, TrainingState
from knowledge.trainings.registering import RegistrationService
from knowledge.trainings.schemas import HOLDING, ParticipantEntry, TrainingEntry
from knowledge.trainings.service import TrainingService

router = APIRouter()
PEOPLE = f"{MANAGED}/teilnehmende"
# What a spreadsheet would take for a formula.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class PersonView:
    """Somebody who registered; ``state`` where it is not simply that they take part, ``answers`` by question."""

    id: UUID
    name: str
    organisation: str
    answers: Sequence[str]
    attended: bool
    state: str
    since: datetime


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """Who takes part, and the waiting list in its order. ``can_note``: it began; ``gone`` counts who cancelled."""

    training: TrainingView
    tabs: Sequence[Tab]
    address: str
    questions: Sequence[str]
    taking_part: Sequence[PersonView]
    waiting: Sequence[PersonView]
    gone: int
    can_note: bool
    is_cleared: bool


@router.get(PEOPLE)
async def people(request: Request, visitor: MayManageTrainings, session: Reading, key: UUID) -> HTMLResponse:
    """Show who takes part and who waits."""
    entry, found = await _found(session, visitor, key)
    held, waiting = _held(found), [one for one in found if one.state is RegistrationState.WAITING]
    view = view_of(entry, manages=True)
    page = PeoplePage(
        training=view,
        tabs=managed_tabs(entry),
        address=f"{view.manage_path}/teilnehmende",
        questions=[question.text for question in entry.questions],
        taking_part=[] if entry.cleared_at else [_person(one, entry) for one in held],
        waiting=[] if entry.cleared_at else [_person(one, entry) for one in waiting],
        gone=len(found) - len(held) - len(waiting),
        can_note=entry.state is TrainingState.PUBLISHED and entry.has_started and entry.cleared_at is None,
        is_cleared=entry.cleared_at is not None,
    )
    return await render(request, "trainings/people.html", page)


@router.post(PEOPLE)
async def note(request: Request, visitor: MayManageTrainings, unit: Writing, key: UUID) -> Response:
    """Note who was there, of those who were shown."""
    form = await request.form()
    shown, present = (_keys(typed_texts(form, name)) for name in ("gezeigt", "war_da"))
    noted = {registration: registration in present for registration in shown}
    await RegistrationService(unit).note_attendance(key, publisher_of(visitor), noted)
    return redirect(request.url.path, said="trainings.attendance")


@router.get(f"{PEOPLE}/tabelle")
async def table(visitor: MayManageTrainings, session: Reading, key: UUID) -> Response:
    """Give the list as a file of comma-separated values."""
    entry, found = await _found(session, visitor, key)
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=";")
    questions = [question.text for question in entry.questions]
    until = _("Please delete this list once the training is done, 30 days after the last date at the latest.")
    writer.writerow([until])
    writer.writerow(map(_cell, [_("Name"), _("Organisation"), _("State"), _("Since"), *questions]))
    for one in _held(found) if entry.cleared_at is None else ():
        person = _person(one, entry)
        state = registration_name(one.state)
        writer.writerow(
            map(_cell, [person.name, person.organisation, state, local_date(one.created_at), *person.answers])
        )
    headers = {"Content-Disposition": 'attachment; filename="teilnehmende.csv"', "Cache-Control": "private, no-store"}
    return Response(file.getvalue().encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=headers)


async def _found(
    session: AsyncSession, visitor: Visitor, key: UUID
) -> tuple[TrainingEntry, Sequence[ParticipantEntry]]:
    unit, by = UnitOfWork(session), publisher_of(visitor)
    entry = await TrainingService(unit).get_managed(key, by)
    return entry, await RegistrationService(unit).participants(key, by)


def _held(found: Sequence[ParticipantEntry]) -> list[ParticipantEntry]:
    return [one for one in found if one.state in HOLDING]


def _person(one: ParticipantEntry, entry: TrainingEntry) -> PersonView:
    return PersonView(
        id=one.registration_id,
        name=one.name or "–",
        organisation=one.organisation_name or "",
        answers=[one.answers.get(question.id, "") for question in entry.questions],
        attended=bool(one.attended),
        state=registration_name(one.state) if one.state is RegistrationState.OFFERED else "",
        since=one.created_at,
    )


def _keys(texts: Sequence[str]) -> list[UUID]:
    return [key for key in map(read_id, texts) if key is not None]


def _cell(text: str) -> str:
    """Return a text as a cell that no spreadsheet calculates with."""
    return f"'{text}" if text.startswith(_FORMULAS) else text
