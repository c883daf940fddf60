"""What the library already has near a contribution, as far as its moderator may see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.contributions.publishing import experience_blocks
from knowledge.contributions.schemas import ContributionEntry
from knowledge.kit.errors import InvalidInput, Unavailable
from knowledge.library.answers.schemas import SearchResult
from knowledge.library.answers.service import AnswerService
from knowledge.library.repository import DocumentRepository
from knowledge.library.text.duplicates import bands, fingerprint, is_near_duplicate
from knowledge.models.document import Document, Kind, Status
from knowledge.review.queue import seeing, sees
from knowledge.review.repository import ReviewRepository
from knowledge.review.schemas import Reviewer

SHOWN = 5
SEARCHED = 15
# Beginnings say what a text is about; the whole of it would only take longer.
LONGEST_QUERY = 400


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A document near a contribution; ``is_same`` where it is in the main the same text."""

    id: UUID
    title: str
    kind: Kind
    passage: str
    is_same: bool = False


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The nearest documents, the same text first; ``is_away`` says that the library could not be searched."""

    documents: tuple[Neighbour, ...] = ()
    is_away: bool = False


async def find_neighbours(
    session: AsyncSession, answers: AnswerService, reviewer: Reviewer, entry: ContributionEntry
) -> Neighbours:
    """Return what is near a contribution, but for the document that it corrects."""
    found: dict[UUID, Neighbour] = {}
    for document in await _same_text(session, entry):
        if sees(reviewer, document) and document.status is Status.PUBLISHED:
            found[document.id] = Neighbour(document.id, document.title, document.kind, "", is_same=True)
    is_away = False
    try:
        reply = await answers.search(_query(entry.fields), seeing(reviewer), limit=SEARCHED)
    except InvalidInput:
        pass
    except Unavailable:
        is_away = True
    else:
        for neighbour in await _searched(session, reviewer, reply.results):
            found.setdefault(neighbour.id, neighbour)
    if entry.corrects_id is not None:
        found.pop(entry.corrects_id, None)
    return Neighbours(tuple(found.values())[:SHOWN], is_away)


async def _searched(session: AsyncSession, reviewer: Reviewer, results: Sequence[SearchResult]) -> list[Neighbour]:
    """Return each document once, with the best of its passages; checked once more against the database."""
    known = await ReviewRepository(session).documents({UUID(result.document) for result in results})
    nearest: dict[UUID, Neighbour] = {}
    for result in results:
        document = known.get(UUID(result.document))
        if document is not None and document.status is Status.PUBLISHED and sees(reviewer, document):
            neighbour = Neighbour(document.id, document.title, document.kind, result.passage)
            nearest.setdefault(document.id, neighbour)
    return list(nearest.values())


async def _same_text(session: AsyncSession, entry: ContributionEntry) -> list[Document]:
    """Return documents that would be near-duplicates of what a contribution will be published as."""
    mark = fingerprint("\n".join(block.text for block in experience_blocks(entry).blocks))
    if not mark:
        return []
    sharing = await DocumentRepository(session).sharing_bands(bands(mark), but=UUID(int=0))
    return [document for document, theirs in sharing if is_near_duplicate(mark, theirs)]


def _query(fields: Mapping[str, Any]) -> str:
    said = [str(fields.get(name) or "") for name in ("title", "done", "suggestion", "quote")]
    return " ".join(" ".join(said).split())[:LONGEST_QUERY]
