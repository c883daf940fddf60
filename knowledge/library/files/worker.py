"""A process that reads strangers' files, so that what goes wrong in there stays in there.

Started by ``reader`` as ``python -m knowledge.library.files.worker LIMITS PARENT``; asks come in on standard input and
answers leave on standard output (see ``wire``). It imports nothing of the database, the indexes or the models.
"""

import ctypes
import json
import os
import resource
import signal
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from knowledge.library.files.errors import DamagedFile, FileUnreadable, TooMuchMemory
from knowledge.library.files.limits import MEGABYTE, ReadLimits
from knowledge.library.files.parse import parse_file
from knowledge.library.files.wire import HEADER, frame, pack_error, pack_file, unpack_limits

_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_GRACE = 10  # seconds after which a worker ends itself, should its parent be unable to
_RETIREMENT = 0.4  # of the memory allowed; a worker that grew beyond it is replaced after its answer


def _die_with_parent(parent: int) -> None:
    """Ask Linux to end this process with its parent; elsewhere, the end of standard input and the alarm do."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(0)


def _restrict(limits: ReadLimits) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for kind, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_DATA, limits.memory),
        (resource.RLIMIT_FSIZE, 10 * MEGABYTE),  # it writes nothing but Python's compiled modules
    ):
        _, hard = resource.getrlimit(kind)
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with suppress(ValueError, OSError):  # some systems know a limit but do not set it
            resource.setrlimit(kind, (allowed, allowed))


def _read_message(stream: BinaryIO) -> dict[str, str] | None:
    header = stream.read(HEADER)
    if len(header) < HEADER:
        return None
    body = stream.read(int.from_bytes(header, "big"))
    message: dict[str, str] = json.loads(body)
    return message


def _where(error: BaseException) -> str:
    """Name the kind of an error and the line of code, never the text that caused it."""
    frames = traceback.extract_tb(error.__traceback__)
    last = frames[-1] if frames else None
    return f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}" if last else type(error).__name__


def answer(path: Path, limits: ReadLimits) -> dict[str, object]:
    """Return the parsed file or its error as plain data; never raises."""
    try:
        return pack_file(parse_file(path, limits))
    except FileUnreadable as error:
        return pack_error(error)
    except MemoryError:
        return pack_error(TooMuchMemory(limit=limits.memory // MEGABYTE))
    except Exception as error:  # noqa: BLE001 - the edge: parsers fail in every way on damaged files
        return pack_error(DamagedFile(detail=_where(error)))


def _serve(asks: BinaryIO, answers: BinaryIO, limits: ReadLimits) -> None:
    answers.write(frame({"ready": True}))
    answers.flush()
    while (ask := _read_message(asks)) is not None:
        signal.alarm(int(limits.seconds) + _GRACE)
        reply = answer(Path(ask["path"]), limits)
        grown = _resident() > _RETIREMENT * limits.memory
        answers.write(frame(reply, last=grown))
        answers.flush()
        signal.alarm(0)
        if grown:
            return


def _resident() -> int:
    """Return the memory that this process holds now, in bytes.

    The peak that ``getrusage`` tells would not do: a child begins with the peak of the process that started it.
    """
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()
    except OSError:  # not Linux
        return 0


def main() -> None:
    """Serve until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    _die_with_parent(int(sys.argv[2]))
    limits = unpack_limits(sys.argv[1])
    _restrict(limits)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not run into the answers
    _serve(sys.stdin.buffer, answers, limits)


if __name__ == "__main__":
    main()
