"""„Inhalt melden": anybody can say what is wrong with a document that they may read."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.keys import AccessKey
from knowledge.access.repository import AttemptRepository
from knowledge.kit.clock import now
from knowledge.kit.errors import InvalidInput
from knowledge.kit.ids import new_id
from knowledge.kit.language import _
from knowledge.kit.logs import get_logger
from knowledge.kit.often import TooOften
from knowledge.library.repository import DocumentRepository
from knowledge.models.contribution import Report, ReportReason
from knowledge.models.document import Document

LONGEST_REPORT = 3000
# Reports from one address within an hour: a town hall shares one.
MOST_PER_HOUR = 10
HOUR = timedelta(hours=1)


class TooManyReports(TooOften):
    """Somebody reports more than people do."""

    code = "reports.too_many"

    def __init__(self, wait: timedelta) -> None:
        super().__init__(_("There were many reports from you just now. Please try again in an hour."), wait=wait)


async def report_document(
    session: AsyncSession, document: Document, reason: ReportReason, text: str, *, member_id: UUID | None
) -> UUID:
    """Keep what somebody says about a document, for moderators to look at. Raises ``InvalidInput``."""
    text = text.replace("\x00", "").strip()
    if not text:
        raise InvalidInput(_("Please say in a sentence what is wrong."))
    if len(text) > LONGEST_REPORT:
        raise InvalidInput(_("Please write at most {count} characters.").format(count=LONGEST_REPORT))
    report = Report(id=new_id(), document_id=document.id, member_id=member_id, reason=reason, text=text)
    documents = DocumentRepository(session)
    documents.add(report)
    await documents.flush()
    get_logger().info("document_reported", document=str(document.id), reason=reason.value, report=str(report.id))
    return report.id


async def count_report(session: AsyncSession, key: AccessKey, sender: str) -> None:
    """Count a report from a member or network address, of which only a digest is kept. Raises ``TooManyReports``."""
    attempts, digest, moment = AttemptRepository(session), key.digest(f"report:{sender}"), now()
    row = (await attempts.of([digest])).get(digest)
    if row is None or moment - row.since >= HOUR:
        await attempts.set(digest, 1, moment)
    elif row.count >= MOST_PER_HOUR:
        raise TooManyReports(row.since + HOUR - moment)
    else:
        await attempts.set(digest, row.count + 1, row.since)
