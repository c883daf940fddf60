"""Gaps of the library that call for a training: asked by several, and no lesson or training is about it yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.rights import stranger
from knowledge.gaps.schemas import FEWEST, GapEntry, GapFilter
from knowledge.gaps.service import PER_PAGE, GapService
from knowledge.kit.clock import now
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.lessons.repository import LessonRepository
from knowledge.lessons.taught.repository import TaughtRepository
from knowledge.topics.tree import TopicEntry


@dataclass(frozen=True, slots=True)
class TrainingGap:
    """A gap with what it is about; ``heading`` is its wording, redacted, ``at_least`` how many asked, in steps."""

    gap_id: UUID
    heading: str
    at_least: int
    askers: str
    topics: tuple[TopicEntry, ...]


async def training_gaps(session: AsyncSession, *, limit: int = 20) -> Sequence[TrainingGap]:
    """Return the gaps that call for a training, those first that most people asked.

    What several people asked in vain, has a topic, and no published lesson and no training to come is about one of its
    topics. The caller checks that its reader may read gaps.
    """
    taught = await LessonRepository(session).covered_topics()
    taught |= await TaughtRepository(session).topics_to_come(now())
    return [
        TrainingGap(gap.id, gap.heading, gap.at_least, gap.askers, gap.topics)
        for gap in await _open_gaps(session)
        if gap.at_least >= FEWEST and gap.topics and not any(topic.id in taught for topic in gap.topics)
    ][:limit]


async def _open_gaps(session: AsyncSession) -> list[GapEntry]:
    service = GapService(UnitOfWork(session), stranger())
    found: list[GapEntry] = []
    page = 1
    while True:
        part = await service.open_gaps(GapFilter(), page=page)
        found += part.entries
        if page * PER_PAGE >= part.count:
            return sorted(found, key=lambda gap: -gap.at_least)
        page += 1
