"""Nothing of a person stays in gaps when they are erased, or a question of theirs is."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.gaps.collected.repository import CollectedRepository
from knowledge.gaps.repository import GapRepository
from knowledge.gaps.states import GapStates, asker_digest


async def forget_askers(session: AsyncSession, people: Collection[UUID]) -> None:
    """Forget that these members and chat identities asked anything, in the transaction that erases them.

    Their questions leave the gaps with the rows that hold the words. A question whose link to them was over stays,
    without anything that could tell who asked it.
    """
    gaps, states = GapRepository(session), GapStates(session)
    await tidy_gaps(session)
    await gaps.forget_digests([asker_digest(salt, person) for salt in await gaps.salts() for person in people])
    for key in await CollectedRepository(session).to_settle():
        await states.settle(key)


async def tidy_gaps(session: AsyncSession) -> None:
    """Take out what was taken back, and gaps that nothing is left of; after questions were erased or expired."""
    gaps = GapRepository(session)
    await gaps.drop_withdrawn()
    await gaps.drop_empty()
