"""One owner: the embedded indexes of a data folder belong to one process at a time.

Two writers would ruin the embedded vector index without a word, so the owner holds a lock that the operating system
takes back when the process ends, however it ends.
"""

from pathlib import Path

from filelock import FileLock, Timeout

from knowledge.kit.errors import Unavailable
from knowledge.kit.language import _

LOCK_FILE = "owner.lock"


class IndexesOwned(Unavailable):
    """Another process holds the indexes."""

    code = "indexes.owned"

    def __init__(self) -> None:
        super().__init__(_("Another Allmende process holds the indexes of this data folder."))


class OwnerLock:
    """The right to open the indexes in ``folder``."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(folder / LOCK_FILE)

    def take(self) -> None:
        """Take the lock, or raise ``IndexesOwned`` at once."""
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise IndexesOwned from error

    def release(self) -> None:
        """Give the lock back."""
        self._lock.release()
