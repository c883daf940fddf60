"""Writing and changing a training; before a published one changes, it is shown what registered people are told."""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from hub.dependencies import MayManageTrainings, Reading, Writing
from hub.messages import redirect
from hub.pages.library_parts import read_id, read_number
from hub.pages.question_parts import TopicGroup, groups_of
from hub.pages.review_parts import typed_in, whole_or_nothing
from hub.pages.training_changes import Change, changes_between
from hub.pages.training_form import (
    TrainingForm,
    asks_deadline,
    draft_of,
    empty_form,
    errors_of,
    filled_with,
    read_form,
    with_date,
    with_question,
    with_series,
    without_date,
    without_question,
)
from hub.pages.training_manage import people_of
from hub.pages.training_parts import MANAGE, MANAGED, TrainingView, publisher_of, view_of
from hub.pages.training_words import language_name, level_name, visibility_name
from hub.pages.trainings import home_of
from hub.rendering import render
from knowledge.access.rights import Right, Visitor
from knowledge.gaps.service import GapService
from knowledge.kit.errors import AllmendeError, Conflict, InvalidInput
from knowledge.kit.language import LANGUAGES, _
from knowledge.kit.revisions import Stale
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.models.document import Visibility
from knowledge.models.training import Level, TrainingState
from knowledge.organisations.states import STATES
from knowledge.topics.tree import load_tree
from knowledge.trainings.changing import TOLD
from knowledge.trainings.checking import LONGEST, LONGEST_QUESTION, checked_draft
from knowledge.trainings.schemas import Publisher, TrainingDraft, TrainingEntry
from knowledge.trainings.service import TrainingService

router = APIRouter()
NEW, EDIT = f"{MANAGE}/neu", f"{MANAGED}/bearbeiten"
VISIBILITIES = (Visibility.NETWORK, Visibility.PUBLIC, Visibility.HOUSE)

Options = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class FormPage:
    """The form. ``now`` is what a training says where somebody else changed it in the meantime."""

    heading: str
    action: str
    cancel: str
    form: TrainingForm
    times: str
    errors: Mapping[str, str]
    revision: str
    now: Options
    is_published: bool
    groups: Sequence[TopicGroup]
    levels: Options
    languages: Options
    areas: Options
    visibilities: Options
    asks_deadline: bool
    longest: Mapping[str, int]
    longest_question: int = LONGEST_QUESTION


@dataclass(frozen=True, slots=True)
class CheckPage:
    """What changes, and who is told of which fields; ``hidden`` carries the form along."""

    training: TrainingView
    action: str
    changes: Sequence[Change]
    fields: Sequence[str]
    told: int
    revision: str
    hidden: Options


@dataclass(frozen=True, slots=True)
class _Sent:
    """A form that was sent: what is typed, by which button, and of which state of the training."""

    form: TrainingForm
    do: str
    times: str
    revision: str
    error: AllmendeError | None = None


class _OnlyTried(Exception):
    """Ends a trial, so that nothing of it stays."""


# A new training


@router.get(NEW)
async def new(request: Request, visitor: MayManageTrainings, session: Reading) -> HTMLResponse:
    """Show an empty form; for a gap, with its words."""
    form = await _begun(session, visitor, read_id(request.query_params.get("luecke")))
    return await _show(request, session, visitor, _Sent(form, "", "", ""))


async def _begun(session: AsyncSession, visitor: Visitor, gap: UUID | None) -> TrainingForm:
    form = empty_form()
    if gap is None or not visitor.may(Right.GAPS_READ):
        return form
    start = await GapService(UnitOfWork(session), visitor).start_document(gap)
    tree = await load_tree(session)
    topics = {str(found.id) for name in start.topics if (found := tree.find(name)) is not None}
    return replace(form, values={**form.values, "title": start.title}, topics=frozenset(topics))


@router.post(NEW)
async def create(request: Request, visitor: MayManageTrainings, unit: Writing) -> Response:
    """Keep a new training as a draft."""
    sent = read_sent(await request.form())
    try:
        stepped = another_row(sent)
        if stepped is not None:
            return await _show(request, unit.session, visitor, replace(sent, form=stepped))
        creating = TrainingService(unit).create(draft_of(sent.form), publisher_of(visitor))
        made = await whole_or_nothing(unit, creating)
    except InvalidInput as error:
        return await _show(request, unit.session, visitor, replace(sent, error=error))
    return redirect(f"{MANAGE}/{made.id}", said="trainings.saved")


# One that is there


@router.get(EDIT)
async def edit(request: Request, visitor: MayManageTrainings, session: Reading, key: UUID) -> HTMLResponse:
    """Show the form with what a training says."""
    entry = await TrainingService(UnitOfWork(session)).get_managed(key, publisher_of(visitor))
    sent = _Sent(filled_with(entry), "", "", str(entry.revision))
    return await _show(request, session, visitor, sent, entry)


@router.post(EDIT)
async def change(request: Request, visitor: MayManageTrainings, unit: Writing, key: UUID) -> Response:
    """Change a draft; of a published training, show first what changes and who is told."""
    sent, by = read_sent(await request.form()), publisher_of(visitor)
    entry = await TrainingService(unit).get_managed(key, by)
    try:
        stepped = another_row(sent)
        if stepped is not None:
            return await _show(request, unit.session, visitor, replace(sent, form=stepped), entry)
        draft = draft_of(sent.form)
        acting = TrainingService(unit).change(key, draft, by, read_number(sent.revision) or 0)
        if entry.state is TrainingState.PUBLISHED and sent.do != "confirm":
            await _tried(unit, acting)
            return await _show_check(request, unit, by, entry, sent)
        await whole_or_nothing(unit, acting)
    except (InvalidInput, Conflict) as error:
        return await _show(request, unit.session, visitor, replace(sent, error=error), entry)
    return redirect(f"{MANAGE}/{key}", said="trainings.changed")


async def _tried(unit: UnitOfWork, acting: Awaitable[TrainingEntry]) -> None:
    """Do something, and take it back again. Raises what it raises."""
    try:
        async with unit.session.begin_nested():
            await acting
            raise _OnlyTried
    except _OnlyTried:
        return


async def _show_check(
    request: Request, unit: UnitOfWork, by: Publisher, entry: TrainingEntry, sent: _Sent
) -> HTMLResponse:
    before = await TrainingService(unit).draft(entry.id, by)
    tree = await load_tree(unit.session)
    changes = changes_between(before, checked_draft(draft_of(sent.form)), tree)
    told = [change.name for change in changes if change.field in (*TOLD, "dates")]
    page = CheckPage(
        training=view_of(entry, manages=True),
        action=f"{MANAGE}/{entry.id}/bearbeiten",
        changes=changes,
        fields=told,
        told=people_of(entry),
        revision=sent.revision,
        hidden=sent.form.hidden(),
    )
    return await render(request, "trainings/check.html", page)


# What both have in common


def read_sent(form: FormData) -> _Sent:
    """Return a form as it was sent."""
    typed = typed_in(form)
    return _Sent(read_form(form), typed.get("do", "save"), typed.get("times", ""), typed.get("revision", ""))


def another_row(sent: _Sent) -> TrainingForm | None:
    """Return the form with other rows, where its button asks for that. Raises ``FormWrong``."""
    name, _dash, text = sent.do.rpartition("-")
    number = read_number(text) or 0
    if name == "remove-date":
        return without_date(sent.form, number)
    if name == "remove-question":
        return without_question(sent.form, number)
    if sent.do == "weekly":
        return with_series(sent.form, read_number(sent.times.strip()) or 0)
    if sent.do == "back":
        return sent.form
    more = {"date": with_date, "question": with_question}
    return more[sent.do](sent.form) if sent.do in more else None


async def _show(
    request: Request,
    session: AsyncSession,
    visitor: Visitor,
    sent: _Sent,
    entry: TrainingEntry | None = None,
) -> HTMLResponse:
    tree, error = await load_tree(session), sent.error
    is_stale = isinstance(error, Stale) and entry is not None
    page = FormPage(
        heading=_("Change “{title}”").format(title=entry.title) if entry else _("New training"),
        action=f"{MANAGE}/{entry.id}/bearbeiten" if entry else NEW,
        cancel=f"{MANAGE}/{entry.id}" if entry else MANAGE,
        form=sent.form,
        times=sent.times,
        errors=_errors(error),
        # Who saves once more has seen what it says now.
        revision=str(entry.revision) if entry and is_stale else sent.revision,
        now=await _now(session, visitor, entry, sent) if entry and is_stale else (),
        is_published=entry is not None and entry.state is TrainingState.PUBLISHED,
        groups=groups_of(tree),
        levels=[(level.value, level_name(level)) for level in Level],
        languages=[(code, language_name(code)) for code in LANGUAGES],
        areas=await _areas(session, visitor, sent.form.values.get("area", "")),
        visibilities=[(one.value, visibility_name(one)) for one in VISIBILITIES],
        asks_deadline=asks_deadline(sent.form),
        longest=LONGEST,
    )
    return await render(request, "trainings/form.html", page, status=error.status if error else 200)


def _errors(error: AllmendeError | None) -> Mapping[str, str]:
    if error is None:
        return {}
    return errors_of(error) if isinstance(error, InvalidInput) else {"": error.message}


async def _now(session: AsyncSession, visitor: Visitor, entry: TrainingEntry, sent: _Sent) -> list[tuple[str, str]]:
    """Return what a training says now where that is something else than what was typed."""
    before = await TrainingService(UnitOfWork(session)).draft(entry.id, publisher_of(visitor))
    typed = _readable(sent.form)
    if typed is None:
        return []
    changes = changes_between(before, typed, await load_tree(session))
    return [(change.name, change.before) for change in changes]


def _readable(form: TrainingForm) -> TrainingDraft | None:
    try:
        return checked_draft(draft_of(form))
    except InvalidInput:
        return None


async def _areas(session: AsyncSession, visitor: Visitor, chosen: str) -> list[tuple[str, str]]:
    """Return where a training may be: the own district first, then the Länder."""
    home = await home_of(session, visitor)
    areas = [(key, name) for key, (_short, name) in STATES.items()]
    if home and home.district_key:
        areas.insert(0, (home.district_key, _("our district: {name}").format(name=home.district)))
    if chosen and chosen not in dict(areas):
        areas.append((chosen, _("district {key}").format(key=chosen)))
    return areas
