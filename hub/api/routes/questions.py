"""Open questions: what others would like to know, asking the network, and what becomes of one's own question."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from hub.api.dependencies import Caller, Creating, Reading, Requires, Services, Writing
from hub.api.etags import IfNoneMatch, etag_of
from hub.api.paging import Page, Paged
from hub.api.problems import problems
from hub.api.schemas_questions import (
    LookedAtQuestion,
    NewOpenQuestion,
    OpenQuestion,
    OpenQuestionWithAnswers,
    QuestionText,
    TopicChoice,
    answer_of,
    looked_at_of,
    question_of,
    with_answers,
)
from hub.pages.contribution_parts import author_of
from hub.pages.question_parts import questions_in
from knowledge.access.rights import Right
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.models.question import OpenQuestionState, ReleasedAs
from knowledge.questions.preparing import prepare_question
from knowledge.questions.schemas import OpenQuestionEntry, PreparedQuestion, Reader, ReleaseWishes
from knowledge.questions.service import QuestionService
from knowledge.tokens.scopes import TokenScope

router = APIRouter(tags=["Questions"])

MayRead = Annotated[Caller, Depends(Requires(Right.NETWORK_USE, TokenScope.QUESTIONS_READ))]
MayReadOwn = Annotated[Caller, Depends(Requires(Right.NETWORK_USE, TokenScope.QUESTIONS_READ, member=True))]
MayWrite = Annotated[Caller, Depends(Requires(Right.NETWORK_USE, TokenScope.QUESTIONS_WRITE, member=True))]


class Which(StrEnum):
    """Which questions are listed."""

    # What takes answers and may be read.
    OPEN = "open"
    # What the caller asked or joined, also what is over.
    MINE = "mine"
    # What was brought to the caller and waits for them.
    ASKED_OF_ME = "asked_of_me"


def reader_of(caller: Caller) -> Reader:
    """Return whoever calls as a reader of open questions; a service asked nothing and answered nothing."""
    key = caller.member_id or (caller.token.id if caller.token else None)
    return Reader(key or caller.member.id, caller.viewer)


def usual_mask(caller: Caller) -> ReleasedAs:
    """Return as whom somebody speaks who does not say it: what gives away least of what is usual."""
    return ReleasedAs.ORGANISATION if caller.member.organisation_id is not None else ReleasedAs.ANONYMOUS


@router.get("/questions", summary="List open questions", response_model=Page[OpenQuestion])
async def list_questions(  # noqa: PLR0913, PLR0917 - each is asked for by type
    caller: MayRead,
    session: Reading,
    services: Services,
    paging: Paged,
    show: Annotated[
        Which,
        Query(
            description=(
                "`open`: what takes answers, of everybody. `mine`: what you asked or joined, also what is over. "
                "`asked_of_me`: what was brought to you because you offered help."
            )
        ),
    ] = Which.OPEN,
    topic: Annotated[
        UUID | None, Query(description="Only `open` ones with this topic, or one below it.", examples=[None])
    ] = None,
) -> Page[OpenQuestion]:
    """List open questions, the newest first.

    Each is shown as its asker released it: with a name, an organisation or neither. What you may not read is not there,
    in no list and no count. Services see `open` ones only.
    """
    service, reader = questions_in(UnitOfWork(session), services), reader_of(caller)
    if show is Which.OPEN:
        topics = {topic} if topic else None
        found = await service.open_for(reader, topics, paging.fetch, offset=paging.offset)
        return paging.page([question_of(entry) for entry in found])
    entries = await _own(service, caller, reader, show)
    return paging.page([question_of(entry) for entry in paging.slice(entries)])


async def _own(service: QuestionService, caller: Caller, reader: Reader, show: Which) -> Sequence[OpenQuestionEntry]:
    if show is Which.MINE:
        return await service.of_member(caller.member.id, viewer=caller.viewer)
    return await service.asked_of(Reader(caller.member.id, reader.viewer))


@router.post("/questions/check", summary="Look at a question before its release")
async def check_question(body: QuestionText, caller: MayReadOwn, services: Services) -> LookedAtQuestion:
    """Look at a question without keeping anything of it.

    Returns what looks like personal data in it, the topics that its words suggest, and open questions of others that
    are like it: joining one of those (`PUT /questions/{question_id}/joined`) brings answers sooner.
    """
    return looked_at_of(await _prepared(body.text, caller, services))


async def _prepared(text: str, caller: Caller, services: Services) -> PreparedQuestion:
    return await prepare_question(services.answers, services.database, text, caller.viewer, member_id=caller.member.id)


async def looked_at(body: NewOpenQuestion, caller: MayWrite, services: Services) -> PreparedQuestion:
    """Look at a question before the transaction begins: that takes a while."""
    return await _prepared(body.text, caller, services)


LookedAt = Annotated[PreparedQuestion, Depends(looked_at)]


@router.post("/questions", status_code=201, summary="Release a question to the network")
async def release_question(
    body: NewOpenQuestion, caller: MayWrite, services: Services, prepared: LookedAt, unit: Creating
) -> OpenQuestion:
    """Release a question to the network.

    It is brought to circles with its topics and to people who offered help with them. The same words sent twice are one
    question. `POST /questions/check` tells beforehand what is to be decided.
    """
    topics = None if body.topics is None else tuple(body.topics)
    wishes = ReleaseWishes(body.released_as or usual_mask(caller), topics=topics, knows_findings=body.findings_may_stay)
    made = await questions_in(unit, services).release(author_of(caller.visitor), prepared, wishes)
    return question_of(made)


@router.get("/questions/{question_id}", summary="Read an open question with its answers", responses=problems(404))
async def read_question(
    question_id: UUID,
    caller: MayRead,
    session: Reading,
    services: Services,
    seen: IfNoneMatch,
) -> OpenQuestionWithAnswers:
    """Read one open question, also one that is over.

    Answers are there for whoever has the question (who asked or joined it), and one's own for their author. What
    asker and answerer write to each other is there for these two.
    """
    service, reader = questions_in(UnitOfWork(session), services), reader_of(caller)
    entry = await service.get(question_id, reader)
    over = entry.state is OpenQuestionState.WITHDRAWN
    answers = [] if over else [answer_of(one) for one in await service.answers(question_id, reader)]
    shown = with_answers(entry, answers)
    return seen.answer(shown, etag_of(shown.model_dump(mode="json")))


@router.delete("/questions/{question_id}", status_code=204, summary="Take one's question back", responses=problems(404))
async def withdraw_question(question_id: UUID, caller: MayWrite, unit: Writing, services: Services) -> None:
    """Take your own question back: its words are erased, and those who had got it are told.

    Whoever answered keeps their answer as a draft of a contribution. Doing it twice is doing it once.
    """
    await questions_in(unit, services).withdraw(question_id, author_of(caller.visitor))


@router.put("/questions/{question_id}/topics", summary="Set a question's topics", responses=problems(404, 409))
async def change_question_topics(
    question_id: UUID,
    body: TopicChoice,
    caller: MayWrite,
    unit: Writing,
    services: Services,
) -> OpenQuestion:
    """Set the topics of your own question; it is brought to whom it fits now. Topics that there are not are left out.

    409 where the question is over.
    """
    service = questions_in(unit, services)
    return question_of(await service.change_topics(question_id, author_of(caller.visitor), body.topics))


@router.put(
    "/questions/{question_id}/joined", summary="Say that a question concerns us, too", responses=problems(404, 409)
)
async def join_question(question_id: UUID, caller: MayWrite, unit: Writing, services: Services) -> OpenQuestion:
    """Say that you have the same question: you are told of its answers, and may read those that there are.

    Doing it twice is doing it once. 409 for your own question, and for one that is over.
    """
    service = questions_in(unit, services)
    return question_of(await service.join(question_id, author_of(caller.visitor), viewer=caller.viewer))


@router.delete("/questions/{question_id}/joined", status_code=204, summary="Say that a question concerns us no more")
async def leave_question(question_id: UUID, caller: MayWrite, unit: Writing, services: Services) -> None:
    """Say that you have the question no more. Where you had not, nothing happens."""
    await questions_in(unit, services).leave(question_id, caller.member.id)


@router.post(
    "/questions/{question_id}/decline", status_code=204, summary="Say that one cannot help", responses=problems(404)
)
async def decline_question(question_id: UUID, caller: MayWrite, unit: Writing, services: Services) -> None:
    """Hand on a question that was brought to you (`asked_of_me`): somebody else may be asked instead.

    Nobody is told. Where it was not brought to you, nothing happens; twice is once.
    """
    service = questions_in(unit, services)
    await service.get(question_id, reader_of(caller))
    await service.decline(question_id, caller.member.id)


@router.post("/questions/{question_id}/reopen", summary="Open one's question again", responses=problems(404, 409))
async def reopen_question(question_id: UUID, caller: MayWrite, unit: Writing, services: Services) -> OpenQuestion:
    """Open your question again that something published seemed to answer: it was not that. 409 in any other state."""
    return question_of(await questions_in(unit, services).not_it(question_id, author_of(caller.visitor)))
