"""Making two documents one: links, versions and counts of the one that goes lead to the one that stays."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.audit.service import record
from knowledge.kit.errors import Conflict
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.library.browsing.repository import BrowsingRepository
from knowledge.library.service import LibraryService
from knowledge.models.document import Document, Status

# Documents that may have been merged one into the other; more than that is a circle.
LONGEST_CHAIN = 50


class NotMergeable(Conflict):
    """Two documents cannot become one."""

    code = "documents.not_mergeable"


async def merge_documents(unit: UnitOfWork, goes: Document, stays: Document, *, by: UUID | None) -> None:
    """Merge a document into another one, which stays as it is; the first one is withdrawn.

    Args:
        unit: the transaction.
        goes: is found no more; its address leads to the other one, where its versions are listed.
        stays: gets what was counted for the first one.
        by: the member who does it.

    Raises ``NotMergeable`` for a document and itself, and where the one that is to stay is withdrawn.
    """
    if goes.id == stays.id:
        raise NotMergeable(_("A document cannot be merged with itself."))
    if stays.status is not Status.PUBLISHED:
        raise NotMergeable(_("“{title}” is withdrawn. Please restore it first.").format(title=stays.title[:200]))
    documents = BrowsingRepository(unit.session)
    await LibraryService(unit).withdraw(goes)
    goes.merged_into_id = stays.id
    stays.merged_into_id = None
    await documents.repoint(goes.id, stays.id)
    await unit.session.flush()
    await record(unit.session, "library:merge", ("document", goes.id), by=by, into=str(stays.id))


async def where_it_went(session: AsyncSession, document: Document) -> Document | None:
    """Return the document that another one was merged into, however often; ``None`` for one that was not."""
    documents, found = BrowsingRepository(session), document
    for _step in range(LONGEST_CHAIN):
        if found.merged_into_id is None:
            return found if found is not document else None
        following = await documents.get(found.merged_into_id)
        if following is None:
            return None
        found = following
    return None


async def earlier_documents(session: AsyncSession, document: Document) -> Sequence[Document]:
    """Return the documents that became this one."""
    return await BrowsingRepository(session).merged_into(document.id)
