"""Noting that something was taken back, in the transaction that does so."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.models.chat import Network
from knowledge.privacy.digests import digests_of, identity_subject, new_key
from knowledge.privacy.taken_back.kinds import TakenBack, digest_of_row
from knowledge.privacy.taken_back.repository import TakenBackRepository


async def note_taken_back(session: AsyncSession, what: TakenBack, row: UUID) -> None:
    """Remember, without the words, that a row was taken back; the list outside of the database has it within a minute.

    Twice is once.
    """
    repository = TakenBackRepository(session)
    key = await present_key(session)
    await repository.keep(digest_of_row(what, row, key), key)


async def note_address_gone(session: AsyncSession, network: Network, address: str) -> None:
    """Remember, without the address, that somebody took an address of theirs out; giving it again later counts."""
    repository = TakenBackRepository(session)
    key = await present_key(session)
    for digest in (await digests_of([identity_subject(network, address)], key)).values():
        await repository.keep(digest, key)


async def present_key(session: AsyncSession) -> str:
    """Return the key for new records: that of the newest one, so that a restore has few keys to try."""
    return await TakenBackRepository(session).newest_key() or new_key()
