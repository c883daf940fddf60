"""Telling people by the bot what happened elsewhere: written with what happened, told once after its commit."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.jobs.repository import JobRepository
from knowledge.kit.clock import now
from knowledge.kit.ids import new_id
from knowledge.models.notice import Notice
from knowledge.notices.jobs import NOTICE_JOB
from knowledge.notices.repository import NoticeRepository


async def tell(  # noqa: PLR0913 - one of three ways to say whom, each by its name
    session: AsyncSession,
    kind: str,
    *,
    member_id: UUID | None = None,
    identity_id: UUID | None = None,
    circle_id: UUID | None = None,
    data: dict[str, Any] | None = None,
) -> None:
    """Have somebody told something, in the transaction in which it happens.

    Args:
        session: that transaction.
        kind: which text it is; the bot's handlers know the kinds (``TELLERS``).
        member_id: whom to tell, in the direct chat where they were seen last.
        identity_id: or the very chat identity to tell.
        circle_id: or the circle in whose group it is said.
        data: what the text needs: identifiers rather than words, because it is made only when it is told.
    """
    if member_id is None and identity_id is None and circle_id is None:
        return
    whom = {"member_id": member_id, "identity_id": identity_id, "circle_id": circle_id}
    notice = Notice(id=new_id(), kind=kind, **whom, data=data or {}, created_at=now())
    await NoticeRepository(session).add(notice)
    await JobRepository(session).ask(NOTICE_JOB, str(notice.id))


async def tell_each(
    session: AsyncSession, kind: str, whom: Sequence[Mapping[str, UUID]], data: dict[str, Any] | None = None
) -> None:
    """Have many told the same thing, as ``tell`` does one by one.

    Args:
        session: the transaction in which it happens.
        kind: which text it is.
        whom: for each ``member_id``, ``identity_id`` or ``circle_id``.
        data: what the text needs.
    """
    await tell_all(
        session, [Notice(id=new_id(), kind=kind, data=dict(data or {}), created_at=now(), **one) for one in whom]
    )


async def tell_all(session: AsyncSession, notices: Sequence[Notice]) -> None:
    """Have many told, each something of their own, in the transaction in which it happens."""
    await NoticeRepository(session).add_all(notices)
    await JobRepository(session).ask_many(NOTICE_JOB, [str(notice.id) for notice in notices])
