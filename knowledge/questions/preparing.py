"""Before a question is released: what looks like personal data in it, its topics, and who asked the same."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from knowledge.access.visibility import Viewer
from knowledge.gaps.likeness import (
    COSINE_WEIGHT,
    UNRELATED,
    Wording,
    kept_vector,
    read_wording,
    resemblance,
    scale_start,
)
from knowledge.kit.database import Database
from knowledge.kit.errors import Unavailable
from knowledge.kit.ids import new_id
from knowledge.kit.language import current_language
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.answers.service import AnswerService
from knowledge.personal_data.finder import find_personal_data
from knowledge.questions.base import LONGEST_QUESTION, checked_text, visibilities_for
from knowledge.questions.repository import QuestionRepository
from knowledge.questions.schemas import OpenQuestionEntry, PreparedQuestion
from knowledge.questions.showing import Showing
from knowledge.topics.suggesting import suggest_topics

if TYPE_CHECKING:
    from knowledge.library.indexes.port import Embedded

SIMILAR_LINE = 0.3
"""From this likeness on an open question is shown as similar. With bench/data/gap_questions.jsonl, 93 of 100 who ask
what others asked in other words are shown one of those, and 4 of 10 are shown one that means something else. Whoever
asks decides; nobody else puts two questions together."""

MOST_SIMILAR = 3


async def prepare_question(
    answers: AnswerService, database: Database, text: str, asker_viewer: Viewer, *, member_id: UUID | None = None
) -> PreparedQuestion:
    """Look at a question before its release; outside of any transaction.

    Args:
        answers: embeds the question, where there is a model.
        database: to look up similar ones.
        text: the words as they would be released.
        asker_viewer: what the asker may find where they are: similar questions are shown to them by it.
        member_id: who asks; their own questions are no similar ones.

    Raises ``QuestionInvalid`` where it is empty or too long.
    """
    text = checked_text(text, LONGEST_QUESTION)
    embedded = await _embed(answers, text)
    vector = kept_vector(embedded.vectors[0]) if embedded else None
    model = embedded.model if embedded else None
    wording = read_wording(text, vector=vector, model=model)
    start = scale_start(embedded.vectors[1:]) if embedded else 0.0
    return PreparedQuestion(
        text=text,
        language=current_language(),
        findings=tuple(find_personal_data(text)),
        topics=tuple(await suggest_topics(answers, database, text, asker_viewer)),
        similar=await _similar(database, wording, start, asker_viewer, member_id or new_id()),
        vector=vector,
        model=model,
    )


async def _embed(answers: AnswerService, text: str) -> "Embedded | None":
    """Return vectors of the text and of questions that show where the model's scale begins."""
    try:
        return await answers.embed([text, *UNRELATED])
    except Unavailable:
        return None  # the words alone have to do


async def _similar(
    database: Database, wording: Wording, start: float, viewer: Viewer, member_id: UUID
) -> tuple[OpenQuestionEntry, ...]:
    async with unit_of_work(database, writes=False) as unit:
        repository = QuestionRepository(unit.session)
        others = await repository.comparable(member_id, visibilities_for(viewer))
        nearest = await asyncio.to_thread(nearest_of, wording, others, start)
        rows = {row[0].id: row for row in await repository.rows(nearest)}
        shown = [rows[key] for key in nearest if key in rows]
        return tuple(await Showing(repository, member_id, viewer).questions(shown))


def nearest_of(
    wording: Wording, others: Sequence[tuple[UUID, str, bytes | None, str | None]], start: float = 0.0
) -> list[UUID]:
    """Return the keys of the questions that seem to mean the same, the nearest first.

    Args:
        wording: the new question.
        others: key, words, embedding and its model of each open question.
        start: the cosine that says nothing with the model (``scale_start``).
    """
    likeness = [
        (_likeness(wording, read_wording(text, vector=vector, model=model), start), key)
        for key, text, vector, model in others
    ]
    best = sorted((one for one in likeness if one[0] >= SIMILAR_LINE), key=lambda one: -one[0])
    return [key for _, key in best[:MOST_SIMILAR]]


def _likeness(one: Wording, other: Wording, start: float) -> float:
    words = resemblance(one, other)
    if one.vector is None or other.vector is None or one.model != other.model:
        return words
    start = min(start, 0.99)
    cosine = min(1.0, max(0.0, (float(one.vector @ other.vector) - start) / (1 - start)))
    return COSINE_WEIGHT * cosine + (1 - COSINE_WEIGHT) * words
