"""Answers to open questions: giving one, what helped, a word more, taking one's own back."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from hub.api.dependencies import Caller, Creating, Reading, Requires, Services, Writing
from hub.api.paging import Page, Paged
from hub.api.problems import problems
from hub.api.routes.questions import reader_of, usual_mask
from hub.api.schemas_questions import (
    AnswerMessage,
    Helped,
    NewAnswerMessage,
    NewOpenAnswer,
    OpenAnswer,
    answer_of,
    message_of,
)
from hub.pages.contribution_parts import author_of
from hub.pages.question_parts import questions_in
from knowledge.access.rights import Right
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.tokens.scopes import TokenScope

router = APIRouter(tags=["Questions"])

MayRead = Annotated[Caller, Depends(Requires(Right.NETWORK_USE, TokenScope.QUESTIONS_READ, member=True))]
MayWrite = Annotated[Caller, Depends(Requires(Right.NETWORK_USE, TokenScope.QUESTIONS_WRITE, member=True))]


@router.post(
    "/questions/{question_id}/answers", status_code=201, summary="Answer an open question", responses=problems(404, 409)
)
async def answer_question(
    question_id: UUID,
    body: NewOpenAnswer,
    caller: MayWrite,
    unit: Creating,
    services: Services,
) -> OpenAnswer:
    """Answer an open question of somebody else; asker and those who joined it are told.

    The same answer sent twice is one. 409 for your own question, and for one that takes no answers any more.
    """
    service = questions_in(unit, services)
    # Only what they may read is there to be answered.
    await service.get(question_id, reader_of(caller))
    made = await service.answer(
        question_id,
        author_of(caller.visitor),
        body.text,
        answered_as=body.answered_as or usual_mask(caller),
        knows_findings=body.findings_may_stay,
    )
    return answer_of(made)


@router.get("/answers", summary="List one's own answers", response_model=Page[OpenAnswer])
async def list_own_answers(caller: MayRead, session: Reading, services: Services, paging: Paged) -> Page[OpenAnswer]:
    """List what you answered, the newest first."""
    service = questions_in(UnitOfWork(session), services)
    found = await service.answers_of(caller.member.id, reader_of(caller))
    return paging.page([answer_of(entry) for entry in paging.slice(found)])


@router.get("/answers/{answer_id}", summary="Read an answer", responses=problems(404))
async def read_answer(answer_id: UUID, caller: MayRead, session: Reading, services: Services) -> OpenAnswer:
    """Read one answer: your own, or one to a question that you asked or joined."""
    service = questions_in(UnitOfWork(session), services)
    return answer_of(await service.find_answer(answer_id, reader_of(caller)))


@router.delete("/answers/{answer_id}", status_code=204, summary="Take one's answer back", responses=problems(404))
async def withdraw_answer(answer_id: UUID, caller: MayWrite, unit: Writing, services: Services) -> None:
    """Take your own answer back: its words, and what was written about it, are erased. Twice is once."""
    await questions_in(unit, services).withdraw_answer(answer_id, author_of(caller.visitor))


@router.put("/answers/{answer_id}/helped", summary="Say whether an answer helped", responses=problems(404))
async def mark_answer(answer_id: UUID, body: Helped, caller: MayWrite, unit: Writing, services: Services) -> OpenAnswer:
    """Say whether an answer to your question helped; several may.

    Its author hears of it once. As long as any answer helped, the question counts as answered.
    """
    service = questions_in(unit, services)
    return answer_of(await service.mark_helped(answer_id, author_of(caller.visitor), body.helped))


@router.post(
    "/answers/{answer_id}/messages",
    status_code=201,
    summary="Write a word more about an answer",
    responses=problems(404, 409),
)
async def write_about_answer(
    answer_id: UUID,
    body: NewAnswerMessage,
    caller: MayWrite,
    unit: Creating,
    services: Services,
) -> AnswerMessage:
    """Write to the other side of an answer: asker to answerer, or the other way round.

    Each side knows of the other what was released. 409 where the other side takes part no more.
    """
    service = questions_in(unit, services)
    made = await service.write(answer_id, author_of(caller.visitor), body.text, knows_findings=body.findings_may_stay)
    return message_of(made)
