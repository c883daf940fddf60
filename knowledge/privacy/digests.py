"""Digests by which somebody who was erased is recognised in an old backup, and by nobody else's data.

A digest alone says nothing; with its key, every address would have to be tried, and each try is slow on purpose.
"""

import asyncio
import hashlib
import secrets
from collections.abc import Iterable
from uuid import UUID

from knowledge.models.chat import Network

# About 20 milliseconds and 8 MB a try.
COST, BLOCK = 1 << 13, 8
KEY_BYTES, DIGEST_BYTES = 16, 32


def identity_subject(network: Network, address: str) -> str:
    """Return what stands for somebody on a chat network."""
    return f"{network.value}:{address}"


def member_subject(member_id: UUID) -> str:
    """Return what stands for a member."""
    return f"member:{member_id.hex}"


def new_key() -> str:
    """Return a fresh key."""
    return secrets.token_hex(KEY_BYTES)


def digest_of(subject: str, key: str) -> str:
    """Return the digest of a person under a key, in hex."""
    digest = hashlib.scrypt(subject.encode(), salt=bytes.fromhex(key), n=COST, r=BLOCK, p=1, dklen=DIGEST_BYTES)
    return digest.hex()


async def digests_of(subjects: Iterable[str], key: str) -> dict[str, str]:
    """Return the digests of many people by the person, without holding up everybody else."""
    wanted = list(subjects)
    return await asyncio.to_thread(lambda: {subject: digest_of(subject, key) for subject in wanted})
