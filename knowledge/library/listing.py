"""What there is to say about documents in a list, beyond their own rows."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from itertools import combinations
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.library.repository import DocumentRepository
from knowledge.library.text.duplicates import is_near_duplicate


async def near_duplicates(session: AsyncSession, documents: Collection[UUID]) -> Mapping[UUID, list[UUID]]:
    """Return for each of the documents those others among them that have nearly the same text."""
    repository, wanted = DocumentRepository(session), set(documents)
    groups = [sorted(group & wanted) for group in await repository.sharing_a_band()]
    pairs = {pair for group in groups for pair in combinations(group, 2)}
    marks = await repository.fingerprints_of({document for pair in pairs for document in pair})
    found: defaultdict[UUID, list[UUID]] = defaultdict(list)
    for one, other in sorted(pairs):
        if is_near_duplicate(marks[one], marks[other]):
            found[one].append(other)
            found[other].append(one)
    return found
