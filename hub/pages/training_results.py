"""What became of a training: sums, from three people on."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from hub.dependencies import MayManageTrainings, Reading
from hub.pages.training_parts import MANAGED, Tab, TrainingView, managed_tabs, publisher_of, view_of
from hub.rendering import render
from knowledge.figures.rule import part_to_tell
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.questions.schemas import FEWEST_TOLD
from knowledge.trainings.feedback import FeedbackService, FeedbackSums
from knowledge.trainings.schemas import TrainingEntry
from knowledge.trainings.service import TrainingService

router = APIRouter()
RESULTS = f"{MANAGED}/ergebnisse"


@dataclass(frozen=True, slots=True)
class ResultsPage:
    """Numbers with what each counts, and what was said without names."""

    training: TrainingView
    tabs: Sequence[Tab]
    address: str
    numbers: Sequence[tuple[int, str]]
    comments: Sequence[str]


@router.get(RESULTS)
async def results(request: Request, visitor: MayManageTrainings, session: Reading, key: UUID) -> HTMLResponse:
    """Show what became of a training."""
    unit = UnitOfWork(session)
    entry = await TrainingService(unit).get_managed(key, publisher_of(visitor))
    said, view = await FeedbackService(unit).sums(key), view_of(entry, manages=True)
    page = ResultsPage(
        training=view,
        tabs=managed_tabs(entry),
        address=f"{view.manage_path}/ergebnisse",
        numbers=[*_people(entry), *_said(said)],
        comments=said.comments if said else (),
    )
    return await render(request, "trainings/results.html", page)


def _people(entry: TrainingEntry) -> list[tuple[int, str]]:
    sums = entry.sums
    if sums is None:
        return []
    whole = sums.registered if sums.registered >= FEWEST_TOLD else None
    return _told((whole, _("registered")), (part_to_tell(sums.attended, sums.registered), _("took part")))


def _said(said: FeedbackSums | None) -> list[tuple[int, str]]:
    if said is None:
        return []
    helped = part_to_tell(said.helped, said.said)
    return _told((said.said, _("said how it was")), (helped, _("say that it helped them")))


def _told(*counted: tuple[int | None, str]) -> list[tuple[int, str]]:
    return [(count, name) for count, name in counted if count is not None]
