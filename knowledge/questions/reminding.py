"""Never silence: unanswered questions are brought to the competence centre, then to the gaps; and expire when over."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from knowledge.gaps.jobs import look_at_gaps
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.logs import get_logger
from knowledge.kit.repeating import repeat
from knowledge.kit.settings import Settings
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work
from knowledge.models.member import Role
from knowledge.models.question import OpenQuestion, OpenQuestionState
from knowledge.notices.service import tell
from knowledge.questions.base import reopen_question
from knowledge.questions.privacy import expire
from knowledge.questions.repository import QuestionRepository
from knowledge.questions.routing import route_again
from knowledge.questions.waiting.repository import WaitingRepository
from knowledge.questions.working_days import after_working_days

EVERY = timedelta(hours=1)
# When the competence centre is reminded, at the earliest how often, and when a question stands among the gaps.
WORKING_DAYS = 3
AT_MOST_EVERY = timedelta(hours=20)
OVERDUE_AFTER = timedelta(days=14)
REMINDER = "question.reminder"
# What its asker is told of a question whose answer was withdrawn from the library.
REOPENED = "reopened"


@dataclass(frozen=True, slots=True)
class Reminded:
    """What one look did: questions that were reminded of, and that became overdue."""

    reminded: int = 0
    overdue: int = 0


async def remind(database: Database, moment: datetime) -> Reminded:
    """Remind the competence centre of what has no answer after three working days, mark what has none after two weeks.

    All that is due is one reminder, at most one a day. Askers are told where their question is.
    """
    async with unit_of_work(database) as unit:
        reminded = await _remind_centre(unit, moment)
    async with unit_of_work(database) as unit:
        overdue = await _mark_overdue(unit, moment)
    if reminded or overdue:
        get_logger().info("questions_reminded", reminded=reminded, overdue=overdue)
    return Reminded(reminded, overdue)


async def _remind_centre(unit: UnitOfWork, moment: datetime) -> int:
    waiting = WaitingRepository(unit.session)
    candidates = await waiting.not_reminded(moment - timedelta(days=WORKING_DAYS))
    due = [key for key, released, state in candidates if after_working_days(released, WORKING_DAYS, state) <= moment]
    if not due or await waiting.told_since(REMINDER, moment - AT_MOST_EVERY):
        return 0
    marked = await waiting.mark_reminded(due, moment)
    if not marked:
        return 0
    for member in await waiting.able(Role.PUBLISHER) or await waiting.able(Role.ADMINISTRATOR):
        await tell(unit.session, REMINDER, member_id=member, data={"count": len(marked)})
    await _tell_askers(unit, marked, "reminded")
    return len(marked)


async def _mark_overdue(unit: UnitOfWork, moment: datetime) -> int:
    waiting = WaitingRepository(unit.session)
    due = await waiting.not_overdue(moment - OVERDUE_AFTER)
    marked = await waiting.mark_overdue(due, moment) if due else ()
    if marked:
        await _tell_askers(unit, marked, "overdue")
        await look_at_gaps(unit.session)
    return len(marked)


async def reopen(database: Database) -> int:
    """Open the questions again whose answer was withdrawn from the library, and tell their askers; returns how many."""
    async with unit_of_work(database) as unit:
        questions = await WaitingRepository(unit.session).without_document()
        for question in questions:
            await reopen_question(unit.session, question)
        await unit.session.flush()
        await _tell_askers(unit, [one for one in questions if one.state is OpenQuestionState.OPEN], REOPENED)
    if questions:
        get_logger().info("questions_reopened", questions=len(questions))
    return len(questions)


async def _tell_askers(unit: UnitOfWork, questions: Sequence[OpenQuestion], stage: str) -> None:
    repository = QuestionRepository(unit.session)
    for question in questions:
        member, identity = question.member_id, question.identity_id
        if member is None:
            continue
        data = {"question": str(question.id), "stage": stage}
        if identity is not None and await repository.speaks_for(identity, member):
            await tell(unit.session, "question.waiting", identity_id=identity, data=data)
        else:
            await tell(unit.session, "question.waiting", member_id=member, data=data)


async def look_after(database: Database, settings: Settings, moment: datetime) -> None:
    """Do all that is to be done with the time: open again, remind, bring questions to those who came since, expire."""
    await reopen(database)
    await remind(database, moment)
    await route_again(database, moment, abroad=settings.telegram.telegram_visibility)
    async with unit_of_work(database) as unit:
        await expire(unit.session, moment)


async def keep_reminders(database: Database, settings: Settings, stop: asyncio.Event) -> None:
    """Look now and every hour until ``stop`` is set."""
    await repeat(lambda: look_after(database, settings, now()), stop, every=EVERY, name="question_reminders")
