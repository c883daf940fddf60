"""Writing a file so that it is there whole or not at all."""

import errno
import fcntl
import glob
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from knowledge.kit.errors import AllmendeError, Conflict, Unavailable
from knowledge.kit.language import _

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
NO_PERMISSION = (errno.EACCES, errno.EPERM, errno.EROFS)


class FileExists(Conflict):
    """There is something of this name already."""

    code = "file.exists"

    def __init__(self, file: Path) -> None:
        super().__init__(_("“{file}” exists already and stays as it is. Please choose another name.").format(file=file))


class FileNotWritten(Unavailable):
    """The file could not be written; nothing of it is left."""

    code = "file.not_written"


@contextmanager
def new_file(target: Path) -> Iterator[IO[bytes]]:
    """Yield a stream whose content becomes the file ``target``, for its owner only, when everything went well.

    Raises ``FileExists``, or ``FileNotWritten`` saying why.
    """
    if os.path.lexists(target):
        raise FileExists(target)
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{target.name[:100]}.", suffix=".part", dir=target.parent)
    except OSError as error:
        raise _explained(error, target) from error
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            with suppress(OSError):  # file systems without locks
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        _give_name(draft, target)
    except OSError as error:
        raise _explained(error, target) from error
    finally:
        draft.unlink(missing_ok=True)


def remove_abandoned(folder: Path, beginning: str) -> int:
    """Remove what was left of files, whose names begin so, by whoever was killed while writing; returns how many."""
    removed = 0
    for draft in folder.glob(f".{glob.escape(beginning)}*.part"):
        with suppress(OSError), draft.open("rb") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)  # whoever is still writing holds it
            draft.unlink()
            removed += 1
    return removed


def _give_name(draft: Path, target: Path) -> None:
    """Name the finished file; a file that came by that name meanwhile is never overwritten."""
    try:
        os.link(draft, target)
    except FileExistsError as error:
        raise FileExists(target) from error
    except OSError:
        # File systems of memory sticks know no second names.
        if os.path.lexists(target):
            raise FileExists(target) from None
        draft.rename(target)
    with suppress(OSError):
        _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _explained(error: OSError, target: Path) -> AllmendeError:
    folder = target.parent.absolute()
    if error.errno in NO_ROOM:
        message = _(
            "There is no room left in “{folder}”; nothing was written. Please make room or choose another place."
        )
    elif error.errno in NO_PERMISSION:
        message = _("No permission to write in “{folder}”; nothing was written. Please choose another place.")
    elif error.errno in (errno.ENOENT, errno.ENOTDIR):
        message = _("There is no folder “{folder}”. Please make it, or choose another place.")
    else:
        message = _("Nothing could be written in “{folder}”. Please choose another place.")
    return FileNotWritten(message.format(folder=folder), detail=repr(error))
