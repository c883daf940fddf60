"""Audiences: several circles that a document is for, all of which find it and nobody else."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.visibility import VisibilityNeedsCircle
from knowledge.circles.repository import AudienceRepository
from knowledge.kit.ids import new_id


async def audience_of(session: AsyncSession, circles: Collection[UUID]) -> UUID:
    """Return the audience of just these circles, made if need be. Raises ``VisibilityNeedsCircle`` for none."""
    wanted = set(circles)
    if not wanted:
        raise VisibilityNeedsCircle
    repository = AudienceRepository(session)
    known = await repository.of_exactly(wanted)
    if known is not None:
        return known
    audience = new_id()
    await repository.add(audience, wanted)
    return audience


async def circles_of(session: AsyncSession, audience: UUID) -> set[UUID]:
    """Return the circles of an audience."""
    return await AudienceRepository(session).circles(audience)


async def audiences_with(session: AsyncSession, circle: UUID) -> tuple[UUID, ...]:
    """Return the audiences that a circle belongs to, whose documents its group may find."""
    return tuple(await AudienceRepository(session).with_circle(circle))
