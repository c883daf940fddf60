"""Keeping a record of privileged acts, in the transaction of the act itself."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.audit.repository import AuditRepository
from knowledge.kit.logs import get_logger
from knowledge.models.audit import AuditEntry


async def record(
    session: AsyncSession, action: str, thing: tuple[str, UUID | str], *, by: UUID | None, **details: Any
) -> None:
    """Note a privileged act.

    Args:
        session: the transaction of the act.
        action: what was done, as ``area:action``, such as ``review:publish``.
        thing: what it was done to: its kind, such as ``contribution``, and its identifier.
        by: the member who did it; ``None`` for the command line.
        details: identifiers and values of enumerations only: no names, no words of anybody, no content.
    """
    kind, identifier = thing
    entry = AuditEntry(action=action, object_kind=kind, object_id=str(identifier), actor_id=by, details=details)
    await AuditRepository(session).add(entry)
    get_logger().info("audit", action=action, kind=kind, object=str(identifier), by=str(by))
