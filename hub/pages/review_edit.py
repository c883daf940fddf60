"""Changing the words of a contribution, and folding one into an experience that is there already."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from hub.dependencies import MayReview, Reading
from hub.messages import redirect
from hub.pages.review_desk import AtDesk, Trouble, show_gone
from hub.pages.review_parts import (
    QUEUE,
    act_name,
    filter_address,
    filter_fields,
    read_filter,
    read_key,
    read_number,
    reviewer_of,
)
from hub.rendering import render
from knowledge.contributions.checking import LONGEST_QUOTE, LONGEST_SUGGESTION, QUOTE, SUGGESTION, label_of
from knowledge.contributions.errors import FieldInvalid
from knowledge.contributions.fields import BY_NAME, MOST_TOPICS, value_label
from knowledge.kit.errors import AllmendeError
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.models.contribution import Attribution
from knowledge.models.document import Document
from knowledge.review.comparing import Comparison, compare
from knowledge.review.errors import StaleForm, UnknownContribution
from knowledge.review.fields import is_suggestion, names_of, needed_names, typed_text
from knowledge.review.item import shown_text
from knowledge.review.looking import ContributionReader, Looked
from knowledge.review.merging import check_can_merge, fields_of, possible_targets
from knowledge.review.queue import correction_title
from knowledge.review.schemas import OPEN, Act, MergeTarget, QueueFilter, Reviewer

router = APIRouter()
ITEM = f"{QUEUE}/{{key}}"
# Before the name of a field in forms: what was typed, and what it was when the form was made.
TYPED, WAS = "field_", "was_"
SHORT = 300


@dataclass(frozen=True, slots=True)
class FormField:
    """One field of a form; ``changed`` compares what it was when the form was made with what others made of it.

    ``options`` are the values to choose from; ``other`` is what the other text of a merge says.
    """

    name: str
    label: str
    value: str
    was: str
    is_needed: bool
    longest: int | None
    rows: int
    options: Sequence[tuple[str, str]] = ()
    hint: str = ""
    changed: Comparison | None = None
    other: str = ""


@dataclass(frozen=True, slots=True)
class EditPage:
    """The form for the words of a contribution."""

    key: UUID
    title: str
    revision: int
    query: str
    came_from: Sequence[tuple[str, str]]
    fields: Sequence[FormField]
    errors: Mapping[str, str]
    problem: str
    meanwhile: Sequence[Act]
    act_name: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class MergePage:
    """Finding an experience to merge with; or, once one is chosen, both texts and the form for what comes of them."""

    key: UUID
    title: str
    revision: int
    query: str
    came_from: Sequence[tuple[str, str]]
    searched: str
    has_searched: bool
    targets: Sequence[Document]
    target: Document | None
    fields: Sequence[FormField]
    errors: Mapping[str, str]
    problem: str
    is_stale: bool
    meanwhile: Sequence[Act]
    act_name: Callable[[str], str]


@router.get(f"{ITEM}/bearbeiten")
async def edit_form(request: Request, key: UUID, visitor: MayReview, session: Reading) -> HTMLResponse:
    """Show the form for the words of a contribution."""
    reader = ContributionReader(session, reviewer_of(visitor))
    came_from = read_filter(request.query_params)
    try:
        found = await reader.look(key)
    except UnknownContribution as error:
        return await show_gone(request, error, {}, came_from)
    return await render(request, "review/edit.html", _edit_page(found, reviewer_of(visitor), came_from))


@router.post(f"{ITEM}/bearbeiten")
async def edit(desk: AtDesk) -> Response:
    """Save the words of a contribution."""
    trouble = await desk.attempt(desk.service.edit(desk.key, desk.revision, _typed_fields(desk.typed)))
    if trouble is None:
        return redirect(f"{QUEUE}/{desk.key}?{desk.query}", said="review.edited")
    reviewer = reviewer_of(desk.visitor)
    reader = ContributionReader(desk.unit.session, reviewer)
    try:
        found = await reader.look(desk.key)
    except UnknownContribution as error:
        return await show_gone(desk.request, error, desk.typed, desk.came_from)
    meanwhile = await reader.acts_since(desk.key, desk.revision) if isinstance(trouble.error, StaleForm) else ()
    page = _edit_page(found, reviewer, desk.came_from, trouble=trouble, meanwhile=meanwhile)
    return await render(desk.request, "review/edit.html", page, status=trouble.error.status)


def _edit_page(
    found: Looked,
    reviewer: Reviewer,
    came_from: QueueFilter,
    *,
    trouble: Trouble | None = None,
    meanwhile: Sequence[Act] = (),
) -> EditPage:
    known = {name: typed_text(found.row.fields.get(name)) for name in names_of(found.row.fields)}
    return EditPage(
        key=found.row.id,
        title=_title(found, reviewer),
        revision=found.row.revision,
        query=filter_address(came_from),
        came_from=filter_fields(came_from),
        fields=[_form_field(name, known, found.row.fields, trouble) for name in known],
        errors=_errors(trouble),
        problem=_problem(trouble),
        meanwhile=meanwhile,
        act_name=act_name,
    )


@router.get(f"{ITEM}/zusammenfuehren")
async def merge_form(request: Request, key: UUID, visitor: MayReview, session: Reading) -> HTMLResponse:
    """Find an experience to merge with; with one chosen, show both texts and the form."""
    desk = _Merging(UnitOfWork(session), reviewer_of(visitor), read_filter(request.query_params))
    searched = request.query_params.get("q", "")[:SHORT]
    target = read_key(request.query_params.get("dokument"))
    try:
        page = await desk.page(key, searched, target)
    except UnknownContribution as error:
        return await show_gone(request, error, {}, desk.came_from)
    return await render(request, "review/merge.html", page)


@router.post(f"{ITEM}/zusammenfuehren")
async def merge(desk: AtDesk) -> Response:
    """Fold a contribution into an experience."""
    target = read_key(desk.typed.get("target")) or UUID(int=0)
    following = await desk.following()
    chosen = MergeTarget(target, read_number(desk.typed.get("version")))
    act = desk.service.merge(desk.key, desk.revision, chosen, _typed_fields(desk.typed))
    trouble = await desk.attempt(act)
    if trouble is None and following is not None:
        return redirect(f"{QUEUE}/{following}?{desk.query}", said="review.merged")
    if trouble is None:
        return redirect(f"{QUEUE}?{desk.query}", said="review.all_done")
    merging = _Merging(desk.unit, reviewer_of(desk.visitor), desk.came_from)
    try:
        page = await merging.page(desk.key, "", target, trouble=trouble)
    except UnknownContribution as error:
        return await show_gone(desk.request, error, desk.typed, desk.came_from)
    return await render(desk.request, "review/merge.html", page, status=trouble.error.status)


@dataclass(frozen=True, slots=True)
class _Merging:
    """Puts the page for merging together."""

    unit: UnitOfWork
    reviewer: Reviewer
    came_from: QueueFilter

    async def page(self, key: UUID, searched: str, target: UUID | None, *, trouble: Trouble | None = None) -> MergePage:
        """Return the page. Raises ``UnknownContribution``."""
        reader = ContributionReader(self.unit.session, self.reviewer)
        found = await reader.look(key)
        document, problem = await self._target(reader, found, target)
        stale = trouble is not None and isinstance(trouble.error, StaleForm)
        return MergePage(
            key=key,
            title=_title(found, self.reviewer),
            revision=found.row.revision,
            query=filter_address(self.came_from),
            came_from=filter_fields(self.came_from),
            searched=searched or ("" if document else str(found.row.fields.get("title") or "")),
            has_searched=bool(searched),
            targets=await possible_targets(self.unit.session, self.reviewer, found.row, searched) if searched else (),
            target=document,
            fields=await self._fields(found, document, trouble) if document else (),
            errors=_errors(trouble),
            problem=_problem(trouble) or problem,
            is_stale=stale,
            meanwhile=await reader.acts_since(key, trouble.revision) if trouble and stale else (),
            act_name=act_name,
        )

    async def _target(
        self, reader: ContributionReader, found: Looked, target: UUID | None
    ) -> tuple[Document | None, str]:
        """Return the document, or why it cannot be that one."""
        if found.row.state not in OPEN or is_suggestion(found.row.fields):
            return None, _("This contribution cannot be merged.")
        if target is None:
            return None, ""
        try:
            return await check_can_merge(reader.repository, self.reviewer, found.row, target), ""
        except AllmendeError as error:
            return None, error.message

    async def _fields(self, found: Looked, document: Document, trouble: Trouble | None) -> list[FormField]:
        """Return the fields with the document's words, beside what the contribution says."""
        old = await fields_of(self.unit, document)
        known = {name: typed_text(old.get(name)) for name in BY_NAME}
        made = [_form_field(name, known, {}, trouble) for name in known]
        said = dict(found.row.fields)
        if found.row.attribution is Attribution.ANONYMOUS:
            said.pop("contact", None)
        return [replace(one, other=shown_text(one.name, said.get(one.name))) for one in made]


def _form_field(name: str, known: Mapping[str, str], fields: Mapping[str, Any], trouble: Trouble | None) -> FormField:
    """Return a field with what it holds, or what was typed into it; and what others changed meanwhile."""
    typed = trouble.typed if trouble else {}
    was = typed.get(WAS + name, known[name])
    changed = compare(was, known[name]) if trouble and isinstance(trouble.error, StaleForm) else None
    kind = BY_NAME.get(name)
    longest = kind.longest if kind else {SUGGESTION: LONGEST_SUGGESTION, QUOTE: LONGEST_QUOTE}[name]
    choices = kind.values if kind else None
    return FormField(
        name=name,
        label=label_of(name),
        value=typed.get(TYPED + name, known[name]),
        was=known[name],
        is_needed=name in needed_names(fields),
        longest=None if kind and kind.is_list else longest,
        rows=0 if longest <= SHORT else 8,
        options=[(one.value, value_label(one)) for one in choices] if choices else (),
        hint=_("At most {count}, parted by commas.").format(count=MOST_TOPICS) if kind and kind.is_list else "",
        changed=changed if changed and changed.differs else None,
    )


def _typed_fields(typed: Mapping[str, str]) -> dict[str, str]:
    return {name.removeprefix(TYPED): text for name, text in typed.items() if name.startswith(TYPED)}


def _errors(trouble: Trouble | None) -> dict[str, str]:
    if trouble is None or not isinstance(trouble.error, FieldInvalid):
        return {}
    return {TYPED + trouble.error.field: trouble.error.message}


def _problem(trouble: Trouble | None) -> str:
    return "" if trouble is None or isinstance(trouble.error, FieldInvalid) else trouble.error.message


def _title(found: Looked, reviewer: Reviewer) -> str:
    title = str(found.row.fields.get("title") or "")
    return title or correction_title(found.row.kind, found.corrected, reviewer)
