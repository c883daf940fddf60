"""Asking the questions of gaps again when something was published, and closing the gaps that it answers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from knowledge.access.visibility import network_member
from knowledge.gaps.collected.repository import CollectedRepository
from knowledge.gaps.collecting import Collector
from knowledge.gaps.news import Again, answered_by
from knowledge.gaps.repository import GapRepository
from knowledge.gaps.states import ALIVE, OVERLAP, GapStates
from knowledge.jobs.worker import JobKind
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.answers.service import AnswerService
from knowledge.models.gap import GapQuestion, GapState
from knowledge.models.job import Job
from knowledge.topics.suggesting import suggest_topics
from knowledge.watches.service import check_indexed

# Questions of one gap that are asked again, the newest of them: they speak for the others.
MOST_ASKED = 8
# Gaps whose topics are looked for in one run, and for how long that is tried.
NAMED_TOGETHER, NAMED_WITHIN = 200, timedelta(hours=2)
TOPICS = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a gap, and the document that answers it now, if one does."""

    row: GapQuestion
    document: UUID | None


def gap_job(answers: AnswerService, database: Database) -> JobKind:
    """Return how the job ``knowledge.gaps.jobs.GAP_JOB`` is done: all that is to be done about gaps."""

    async def look(_jobs: Sequence[Job]) -> None:
        await look_after_gaps(answers, database)

    return JobKind(look)


async def look_after_gaps(answers: AnswerService, database: Database) -> None:
    """Collect questions, ask again what something published may answer, and say which gaps are open.

    Interrupted at any moment, the next run goes on. Raises ``Unavailable`` (also while what was published is not in the
    index yet): then it is to be tried again.
    """
    await Collector(answers, database).run()
    await check_indexed(answers)
    await _reopen(database)
    await ask_again(answers, database)
    await settle_all(database)
    await _name_topics(answers, database)


async def ask_again(answers: AnswerService, database: Database) -> None:
    """Ask the questions of gaps again, each gap in transactions of its own."""
    async with unit_of_work(database, writes=False) as unit:
        keys = await CollectedRepository(unit.session).to_ask_again(OVERLAP)
    for key in keys:
        await _look_at(answers, database, key)


async def _look_at(answers: AnswerService, database: Database, key: UUID) -> None:
    moment = now()
    asked = await _ask(answers, database, key)
    async with unit_of_work(database) as unit:
        states = GapStates(unit.session)
        gap = await states.repository.locked(key)
        if gap is None:
            return
        gap.looked_at = moment
        if gap.state is GapState.CLOSED:
            # Who asked since and would find an answer now does not speak for opening it again.
            answered = [item.row.asker for item in asked if item.document and item.row.asker]
            await states.repository.forget_some(key, answered)
            return
        document = _most_answered_by(asked)
        if document and await CollectedRepository(unit.session).found_by_all([document]):
            await states.close(key, document)


def _most_answered_by(asked: Sequence[Asked]) -> UUID | None:
    """Return the document that answers more than half of the questions."""
    votes = Counter(item.document for item in asked if item.document)
    best = votes.most_common(1)
    return best[0][0] if best and best[0][1] * 2 > len(asked) else None


async def _ask(answers: AnswerService, database: Database, key: UUID) -> list[Asked]:
    async with unit_of_work(database, writes=False) as unit:
        collected = CollectedRepository(unit.session)
        gap = await GapRepository(unit.session).get(key)
        rows = await collected.newest_questions(key, MOST_ASKED)
        badly = await collected.badly_answered([row[0].question_id for row in rows if row[0].question_id])
    asked = []
    # Many ask in the same words.
    found: dict[Again, UUID | None] = {}
    for row, text, asked_at, known in rows:
        is_bad = row.question_id in badly
        # A question without an answer may have been asked where less is shown than a member finds: the first time, it
        # is asked of all there is.
        is_first = gap is None or gap.looked_at is None or row.created_at > gap.looked_at
        since = asked_at if is_first or not gap or not gap.looked_at else max(asked_at, gap.looked_at - OVERLAP)
        again = Again(text, None if is_first and not is_bad else since, badly_answered=is_bad)
        if known is None and again not in found:
            found[again] = await answered_by(answers, again)
        asked.append(Asked(row, known or found[again]))
    return asked


async def _reopen(database: Database) -> None:
    async with unit_of_work(database, writes=False) as unit:
        keys = await CollectedRepository(unit.session).closed_by_what_is_gone()
    for key in keys:
        async with unit_of_work(database) as unit:
            await GapStates(unit.session).reopen(key)


async def settle_all(database: Database) -> None:
    """Count who asked, and show what enough people asked."""
    async with unit_of_work(database, writes=False) as unit:
        keys = await CollectedRepository(unit.session).to_settle()
    for key in keys:
        async with unit_of_work(database) as unit:
            await GapStates(unit.session).settle(key)


async def _name_topics(answers: AnswerService, database: Database) -> None:
    """Say what open gaps are about: what was said on releasing, else what their words are near to."""
    async with unit_of_work(database, writes=False) as unit:
        keys = await CollectedRepository(unit.session).without_topics(now() - NAMED_WITHIN, NAMED_TOGETHER)
    for key in keys:
        async with unit_of_work(database, writes=False) as unit:
            gaps = GapRepository(unit.session)
            topics = await gaps.released_topics(key)
            words = " ".join(row[1] for row in await gaps.words([key], TOPICS))
        if not topics and words:
            suggested = await suggest_topics(answers, database, words, network_member(), limit=TOPICS)
            topics = {topic.id for topic in suggested}
        async with unit_of_work(database) as unit:
            gaps = GapRepository(unit.session)
            if topics and (gap := await gaps.locked(key)) is not None and gap.state in ALIVE:
                await gaps.set_topics(key, topics)
