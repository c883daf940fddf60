"""What there is to say about documents in a list, beyond their own rows."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from itertools import combinations
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.visibility import Viewer
from knowledge.library.browsing.repository import BrowsingRepository
from knowledge.library.repository import DocumentRepository
from knowledge.library.text.duplicates import is_near_duplicate
from knowledge.models.document import Document


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


# Pairs that are looked at; boilerplate that a thousand documents share would make half a million.
MOST_PAIRS = 20_000
# Parts of their fingerprints that two texts of half the same runs share, all but surely.
SHARED_PARTS = 2
# Candidates for near-duplicates of one document.
LOOKED_AT = 20


async def pairs_of_near_duplicates(session: AsyncSession) -> list[tuple[UUID, UUID]]:
    """Return the pairs of documents in the whole library that have nearly the same text."""
    repository = DocumentRepository(session)
    shared: Counter[tuple[UUID, UUID]] = Counter()
    for group in sorted(await repository.sharing_a_band(), key=len):
        if len(shared) + len(group) * len(group) // 2 > MOST_PAIRS:
            break
        shared.update(combinations(sorted(group), 2))
    pairs = sorted(pair for pair, parts in shared.items() if parts >= SHARED_PARTS)
    marks = await repository.fingerprints_of({document for pair in pairs for document in pair})
    known = [pair for pair in pairs if marks.keys() >= set(pair)]
    return [pair for pair in known if is_near_duplicate(marks[pair[0]], marks[pair[1]])]


async def near_duplicates_of(session: AsyncSession, document: Document) -> list[Document]:
    """Return the published documents of the whole library that have nearly the same text as this one."""
    repository = DocumentRepository(session)
    sharing = await BrowsingRepository(session).sharing_most(document.id, Viewer(None), limit=LOOKED_AT)
    marks = await repository.fingerprints([document.id, *(other.id for other in sharing)])
    own = marks.get(document.id, b"")
    return [other for other in sharing if is_near_duplicate(own, marks.get(other.id, b""))]
