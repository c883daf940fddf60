"""„In 5 Minuten lernen: …" below an answer: at most one lesson, and only where it truly fits."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.kit.language import current_language
from knowledge.lessons.repository import LessonRepository, OfferRow
from knowledge.lessons.runs.repository import RunRepository
from knowledge.lessons.schemas import Learner, LessonOffer


async def suggest_lesson(
    session: AsyncSession, documents: Sequence[UUID], learner: Learner, *, further: Sequence[UUID] = ()
) -> LessonOffer | None:
    """Return the lesson that fits an answer, if there is one that somebody may find and has not finished.

    The best is one that was cited itself, then one that came near; else one in the language that is spoken whose topic
    is a topic of what was cited: the more cited documents have it, the better.

    Args:
        session: of the transaction in which the answer is kept.
        documents: what the answer cites, best first.
        learner: who asks; in a group, nobody with the group's viewer.
        further: what came near besides, best first.
    """
    repository = LessonRepository(session)
    named = list(dict.fromkeys([*documents, *further]))
    if not named:
        return None
    rows = await repository.offers_of(named, learner.viewer)
    chosen = sorted(rows, key=lambda row: named.index(row.document_id or named[0]))
    if not chosen and documents:
        chosen = await _by_topic(repository, documents, learner)
    done = await _finished(session, [row.id for row in chosen], learner)
    offered = next((row for row in chosen if row.id not in done), None)
    return LessonOffer(offered.id, offered.key, offered.title, offered.minutes) if offered is not None else None


async def _by_topic(repository: LessonRepository, documents: Sequence[UUID], learner: Learner) -> list[OfferRow]:
    counted = await repository.topics_of_documents(documents)
    if not counted:
        return []
    rows = await repository.offers_about(counted, learner.viewer, current_language())
    topics = await repository.topics([row.id for row in rows])

    def fits(row: OfferRow) -> tuple[int, int, str]:
        own = topics.get(row.id, ())
        # A lesson that is about little else fits better.
        return -sum(counted.get(topic, 0) for topic in own), len(own), row.key

    return sorted(rows, key=fits)


async def _finished(session: AsyncSession, lessons: Sequence[UUID], learner: Learner) -> set[UUID]:
    if not lessons or not learner.is_known:
        return set()
    owner = (learner.member_id, None if learner.member_id is not None else learner.identity_id)
    return await RunRepository(session).done_lessons(owner, lessons)
