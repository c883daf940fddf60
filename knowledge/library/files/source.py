"""Opening a stranger's file: only ordinary files, no links followed, nothing that could block."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from knowledge.library.files.errors import EmptyFile, FileTooLarge, ForbiddenFile, MissingFile, NotRegularFile
from knowledge.library.files.limits import MEGABYTE, ReadLimits

# Without O_NONBLOCK, opening a FIFO would wait for a writer for ever.
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Source:
    """An open file with its name and what it may cost."""

    file: BinaryIO
    name: str
    limits: ReadLimits

    @property
    def suffix(self) -> str:
        """The extension, lower case, with its dot."""
        return Path(self.name).suffix.lower()

    def whole(self) -> bytes:
        """Return all bytes; the size was checked when it was opened."""
        self.file.seek(0)
        return self.file.read(self.limits.size + 1)


def _open_plainly(path: Path) -> int:
    try:
        return os.open(path, _FLAGS)
    except PermissionError as error:
        raise ForbiddenFile(detail=str(error.errno)) from error
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:
        raise MissingFile(detail=type(error).__name__) from error
    except OSError as error:  # a link (ELOOP), a socket or a device without a driver (ENXIO, ENODEV)
        raise NotRegularFile(detail=str(error.errno)) from error


def _check(descriptor: int, limits: ReadLimits) -> None:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise NotRegularFile
    if status.st_size == 0:
        raise EmptyFile
    if status.st_size > limits.size:
        raise FileTooLarge(size=-(-status.st_size // MEGABYTE), limit=limits.size // MEGABYTE)


@contextmanager
def open_source(path: Path, limits: ReadLimits) -> Iterator[Source]:
    """Open ``path`` for reading.

    Raises MissingFile, ForbiddenFile, NotRegularFile, EmptyFile or FileTooLarge, before a byte is read.
    """
    descriptor = _open_plainly(path)
    try:
        _check(descriptor, limits)
    except BaseException:
        os.close(descriptor)
        raise
    with os.fdopen(descriptor, "rb") as file:
        yield Source(file, path.name, limits)


def check_file(path: Path, limits: ReadLimits) -> None:
    """Raise what ``open_source`` would raise, and leave the file alone otherwise."""
    with open_source(path, limits):
        return
