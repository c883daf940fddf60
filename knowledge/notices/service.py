"""Telling people by the bot what happened elsewhere: written with what happened, told once after its commit."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.jobs.repository import JobRepository
from knowledge.kit.clock import now
from knowledge.kit.ids import new_id
from knowledge.models.notice import Notice
from knowledge.notices.jobs import NOTICE_JOB
from knowledge.notices.repository import NoticeRepository


async def tell(
    session: AsyncSession,
    kind: str,
    *,
    member_id: UUID | None = None,
    identity_id: UUID | None = None,
    data: dict[str, Any] | None = None,
) -> None:
    """Have somebody told something, in the transaction in which it happens.

    Args:
        session: that transaction.
        kind: which text it is; the bot knows the kinds (``bot/handlers/notices.py``).
        member_id: whom to tell, in the direct chat where they were seen last.
        identity_id: or the very chat identity to tell.
        data: what the text needs: identifiers rather than words, because it is made only when it is told.
    """
    if member_id is None and identity_id is None:
        return
    notice = Notice(
        id=new_id(), kind=kind, member_id=member_id, identity_id=identity_id, data=data or {}, created_at=now()
    )
    await NoticeRepository(session).add(notice)
    await JobRepository(session).ask(NOTICE_JOB, str(notice.id))
