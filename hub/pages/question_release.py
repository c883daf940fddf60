"""„Eine Frage ins Netzwerk geben": the words, who asked the same already, topics, as whom; then it goes out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData

from hub.dependencies import MayUseNetwork, Services, Writing
from hub.messages import redirect
from hub.pages.contribution_parts import author_of
from hub.pages.question_parts import (
    QUESTIONS,
    Masks,
    Place,
    QuestionView,
    TopicGroup,
    mask_of,
    masks_of,
    read_mask,
    read_topics,
    topic_groups,
    view_of,
)
from hub.pages.question_texts import TypedText, look_at, read_typed, undecided
from hub.pages.review_parts import typed_in, whole_or_nothing
from hub.rendering import render
from knowledge.kit.errors import AllmendeError, InvalidInput
from knowledge.questions.base import LONGEST_QUESTION
from knowledge.questions.preparing import prepare_question
from knowledge.questions.schemas import PreparedQuestion, ReleaseWishes

router = APIRouter()
NEW = f"{QUESTIONS}/neu"
# The button that lets the question go, and the mark of the page on which topics could be chosen.
SEND, CHOSEN = "senden", "themen_gewaehlt"


@dataclass(frozen=True, slots=True)
class WordsPage:
    """The first step: the question in one's own words."""

    text: str
    errors: Mapping[str, str]
    longest: int = LONGEST_QUESTION


@dataclass(frozen=True, slots=True)
class CheckPage:
    """The second step: who asked the same, what looks like personal data, topics, as whom, and how others read it."""

    typed: TypedText
    similar: Sequence[QuestionView]
    topics: Sequence[tuple[str, str]]
    chosen: Sequence[str]
    groups: Sequence[TopicGroup]
    masks: Masks
    errors: Mapping[str, str]
    longest: int = LONGEST_QUESTION


@dataclass(frozen=True, slots=True)
class Looked:
    """A question as it was typed and looked at; ``error`` says why it cannot be released as it is."""

    typed: TypedText
    prepared: PreparedQuestion | None
    error: InvalidInput | None = None


async def looked_at(request: Request, visitor: MayUseNetwork, services: Services) -> Looked:
    """Look at the question that a form holds, before the transaction begins: that takes a while."""
    typed, member = read_typed(await request.form()), visitor.known.id
    try:
        prepared = await prepare_question(
            services.answers, services.database, typed.text, visitor.viewer, member_id=member
        )
    except InvalidInput as error:
        return Looked(typed, None, error)
    return Looked(look_at(prepared.text, seen=[one.text for one in typed.found] if not typed.unseen else ()), prepared)


LookedAt = Annotated[Looked, Depends(looked_at)]


@router.get(NEW)
async def words_form(request: Request, visitor: MayUseNetwork) -> HTMLResponse:  # noqa: ARG001 - the right counts
    """Show the empty form."""
    return await render(request, "questions/words.html", WordsPage("", {}))


@router.post(NEW)
async def release(
    request: Request, visitor: MayUseNetwork, services: Services, looked: LookedAt, unit: Writing
) -> Response:
    """Show what is to be decided about a question; or, where that was done, release it."""
    form = await request.form()
    if looked.prepared is None:
        errors = {"text": looked.error.message} if looked.error and typed_in(form).get("text") is not None else {}
        return await render(request, "questions/words.html", WordsPage(looked.typed.text, errors), status=422)
    place = Place(request, visitor, unit, services)
    if SEND not in form or looked.typed.unseen:
        return await _check(place, looked, looked.prepared, form)
    wishes = ReleaseWishes(mask_of(form, visitor), topics=read_topics(form), knows_findings=True)
    try:
        entry = await whole_or_nothing(unit, place.questions.release(author_of(visitor), looked.prepared, wishes))
    except AllmendeError as error:
        return await _check(place, looked, looked.prepared, form, error)
    return redirect(f"{QUESTIONS}/{entry.id}", said="questions.released")


async def _check(
    place: Place, looked: Looked, prepared: PreparedQuestion, form: FormData, error: AllmendeError | None = None
) -> HTMLResponse:
    chosen = [str(key) for key in read_topics(form)] if CHOSEN in form else [str(topic.id) for topic in prepared.topics]
    groups = await topic_groups(place.unit.session)
    names = {key: name for group in groups for key, name in group.topics}
    near = dict.fromkeys([*(str(topic.id) for topic in prepared.topics), *chosen])
    page = CheckPage(
        typed=looked.typed,
        similar=[view_of(entry) for entry in prepared.similar],
        topics=[(key, names[key]) for key in near if key in names],
        chosen=chosen,
        groups=[replace(group, topics=[pair for pair in group.topics if pair[0] not in near]) for group in groups],
        masks=await masks_of(place.unit, place.visitor, read_mask(form)),
        errors=_errors(looked, form, error),
    )
    return await render(place.request, "questions/check.html", page, error=error)


def _errors(looked: Looked, form: FormData, error: AllmendeError | None) -> dict[str, str]:
    if error is not None:
        return {"": error.message}
    return {"text": undecided()} if SEND in form and looked.typed.unseen else {}
