"""The list of erasures outside of the database, so that a backup that is older than an erasure cannot undo it.

One line an erasure: the moment, the key, the digest. It is written anew as a whole, so it is there whole or not at all.
"""

import asyncio
import os
import tempfile
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from filelock import FileLock

from knowledge.kit.clock import now
from knowledge.kit.logs import get_logger
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.privacy.digests import DIGEST_BYTES, KEY_BYTES
from knowledge.privacy.schemas import ErasureRecord

NAME = "erasures.log"
# Older backups must not be restored any more; what this leaves is then of no use.
KEPT = timedelta(days=3 * 365)
# Seconds to wait for another process that writes.
PATIENCE = 10


class ErasureLog:
    """The file ``erasures.log`` of one folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME

    @classmethod
    def of(cls, path: Path) -> Self:
        """Return the list that is in this very file."""
        log = cls(path.parent)
        log.path = path
        return log

    def exists(self) -> bool:
        """Whether anything was ever written."""
        return self.path.is_file()

    def read(self) -> Sequence[ErasureRecord]:
        """Return what is written; lines that cannot be read are passed over and logged. Raises ``OSError``."""
        if not self.exists():
            return []
        lines = self.path.read_text(encoding="ascii", errors="replace").splitlines()
        records = [record for line in lines if (record := _parse(line)) is not None]
        if len(records) < len(lines):
            get_logger().warning("erasure_log_damaged", lines=len(lines) - len(records))
        return records

    def add(self, records: Iterable[ErasureRecord]) -> None:
        """Write records that are not there yet; those that are too old to matter go. Raises ``OSError``."""
        with FileLock(self.path.with_suffix(".lock"), timeout=PATIENCE):
            before = list(self.read())
            kept = current(merged([*before, *records]))
            if kept != before:
                _replace(self.path, kept)


def note_after_commit(unit: UnitOfWork, folder: Path, records: Sequence[ErasureRecord]) -> None:
    """Write erasures into the list of a folder once they are committed; where that fails, the hourly run does it."""

    async def write() -> None:
        await asyncio.to_thread(_write, folder, records)

    unit.after_commit(write)


def _write(folder: Path, records: Sequence[ErasureRecord]) -> None:
    try:
        ErasureLog(folder).add(records)
    except OSError as error:
        get_logger().error("erasure_log_not_written", error=type(error).__name__)


def merged(records: Iterable[ErasureRecord]) -> list[ErasureRecord]:
    """Return each erasure once, with its latest moment, in the order of time."""
    latest: dict[str, ErasureRecord] = {}
    for record in records:
        known = latest.get(record.digest)
        if known is None or known.erased_at < record.erased_at:
            latest[record.digest] = record
    return sorted(latest.values(), key=lambda record: (record.erased_at, record.digest))


def current(records: Iterable[ErasureRecord]) -> list[ErasureRecord]:
    """Return those that still matter."""
    return [record for record in records if record.erased_at > now() - KEPT]


def _parse(line: str) -> ErasureRecord | None:
    try:
        moment, key, digest = line.split()
        erased_at = datetime.fromisoformat(moment)
        fits = len(bytes.fromhex(key)) == KEY_BYTES and len(bytes.fromhex(digest)) == DIGEST_BYTES
    except ValueError:
        return None
    return ErasureRecord(digest, key, erased_at) if fits and erased_at.tzinfo else None


def _replace(path: Path, records: Iterable[ErasureRecord]) -> None:
    lines = [f"{record.erased_at.isoformat()} {record.key} {record.digest}\n" for record in records]
    descriptor, name = tempfile.mkstemp(prefix=f".{NAME}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.writelines(lines)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
