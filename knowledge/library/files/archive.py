"""Zipped formats: what is inside, and whether it is safe to unpack."""

import zipfile
from typing import BinaryIO

from knowledge.library.files.errors import DamagedFile, EncryptedFile, ZipBomb
from knowledge.library.files.limits import MEGABYTE, ReadLimits

_HARMLESS = 20 * MEGABYTE  # below this, a high ratio costs nothing
_MOST_MEMBERS = 20_000


def check_archive(file: BinaryIO, limits: ReadLimits) -> frozenset[str]:
    """Return the names of an archive's members.

    Raises DamagedFile, EncryptedFile, or ZipBomb where it would unpack to more than the limits allow. The sizes that
    the directory states are upper bounds: zipfile never reads more of a member than it states.
    """
    try:
        file.seek(0)
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise DamagedFile(detail=type(error).__name__) from error
    if any(member.flag_bits & 0x1 for member in members):
        raise EncryptedFile
    packed, unpacked = sum(m.compress_size for m in members), sum(m.file_size for m in members)
    # Members that overlap state together more than there is: the trick of the densest bombs.
    overlapping = packed > file.seek(0, 2) + MEGABYTE
    file.seek(0)
    too_dense = unpacked > _HARMLESS and unpacked > limits.ratio * max(packed, 1)
    if overlapping or too_dense or unpacked > limits.unpacked or len(members) > _MOST_MEMBERS:
        raise ZipBomb(detail=f"{len(members)} members, {packed} to {unpacked} bytes")
    return frozenset(member.filename for member in members)


def read_member(file: BinaryIO, name: str, most: int) -> bytes:
    """Return at most ``most`` bytes of one member."""
    try:
        file.seek(0)
        with zipfile.ZipFile(file) as archive, archive.open(name) as member:
            return member.read(most)
    except (zipfile.BadZipFile, KeyError, OSError, RuntimeError, NotImplementedError) as error:
        raise DamagedFile(detail=type(error).__name__) from error
