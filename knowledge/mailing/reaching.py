"""By which of their chats or addresses a member is reached."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.mailing.repository import MailingRepository
from knowledge.notices.repository import NoticeRepository


async def reachable(session: AsyncSession, member_id: UUID, kind: str) -> UUID | None:
    """Return the identity by which somebody who takes part is reached for something, where there is a way.

    Args:
        session: the caller's transaction.
        member_id: who.
        kind: ``answers``, ``reminders`` or ``digests``, or the kind of a notice.
    """
    if not await MailingRepository(session).takes_part(member_id):
        return None
    return await NoticeRepository(session).way_to(member_id, kind)
