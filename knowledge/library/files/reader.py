"""Reading strangers' files in worker processes that can be limited, killed and replaced."""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import knowledge
from knowledge.library.files.blocks import ParsedFile
from knowledge.library.files.errors import FileUnreadable, ReaderBroke, ReadingTooSlow
from knowledge.library.files.limits import ReadLimits
from knowledge.library.files.source import check_file
from knowledge.library.files.wire import HEADER, frame, pack_limits, unpack, unpack_header

__all__ = ["FileReader", "ReadLimits"]

_START_SECONDS = 30.0
_LEAVE_SECONDS = 1.0
_BYTES_PER_CHARACTER = 12  # JSON writes what is beyond the basic plane as two escapes
_LARGE_ANSWER = 1_000_000
_INHERITED = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "TZ", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV")


class _WorkerDied(Exception):
    """The process is gone."""


class FileReader:
    """Reads files one by one in ``workers`` reused processes, which start when first needed.

    Use it as an async context manager; leaving it ends the processes.
    """

    def __init__(self, limits: ReadLimits, *, workers: int = 1) -> None:
        if workers < 1:
            raise ValueError("a reader needs at least one worker")
        self._limits = limits
        self._free = asyncio.Semaphore(workers)
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        workers = [*self._idle, *self._busy]
        self._idle.clear()
        await asyncio.gather(*(worker.leave() for worker in workers))

    async def read(self, path: Path) -> ParsedFile:
        """Read one file into blocks.

        Raises a FileUnreadable (see ``errors``) that says what is wrong with this file and what to do; the reader
        stays usable. Cancelling kills the process that was reading.
        """
        path = Path(os.path.abspath(path))  # noqa: ASYNC240, PTH100 - follows no links, and touches no disk
        check_file(path, self._limits)
        async with self._free:
            worker = await self._hire()
            self._busy.add(worker)
            try:
                return await self._ask(worker, path)
            finally:
                self._busy.discard(worker)

    async def _hire(self) -> "_Worker":
        while self._idle:
            worker = self._idle.pop()
            if worker.is_alive:
                return worker
            await worker.kill()
        return await _Worker.start(self._limits)

    async def _ask(self, worker: "_Worker", path: Path) -> ParsedFile:
        try:
            async with asyncio.timeout(self._limits.seconds):
                body = await worker.ask(path)
        except TimeoutError as error:
            await worker.kill()
            raise ReadingTooSlow(seconds=_readable(self._limits.seconds)) from error
        except _WorkerDied as error:
            status = await worker.kill()
            raise ReaderBroke(detail=f"worker ended with {status}") from error
        except BaseException:
            await worker.kill()
            raise
        self._idle.append(worker)
        return await asyncio.to_thread(unpack, body) if len(body) > _LARGE_ANSWER else unpack(body)


def _readable(seconds: float) -> int | str:
    return int(seconds) if seconds == int(seconds) else f"{seconds:g}"


def _environment() -> dict[str, str]:
    """No passwords or keys of the parent; our own package can be imported, the caller's folder cannot."""
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    root = str(Path(str(knowledge.__file__)).resolve().parent.parent)
    paths = [root, *filter(None, [inherited.get("PYTHONPATH")])]
    return inherited | {"PYTHONPATH": os.pathsep.join(paths), "PYTHONUTF8": "1"}


class _Worker:
    """One process, with its pipes."""

    def __init__(self, process: Process, longest: int) -> None:
        self._process = process
        self._longest = longest
        self._leaves = False

    @classmethod
    async def start(cls, limits: ReadLimits) -> "_Worker":
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",  # without it, a folder's own yaml.py would be imported from there
            "-m",
            "knowledge.library.files.worker",
            pack_limits(limits),
            str(os.getpid()),
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            cwd="/",
            env=_environment(),
            start_new_session=True,  # Ctrl-C in the terminal is for the parent alone
        )
        worker = cls(process, _BYTES_PER_CHARACTER * limits.characters + 200 * limits.blocks)
        try:
            async with asyncio.timeout(_START_SECONDS):
                await worker._receive()
        except (_WorkerDied, TimeoutError) as error:
            status = await worker.kill()
            raise FileUnreadable(detail=f"worker did not start: {status}") from error
        except BaseException:
            await worker.kill()
            raise
        return worker

    @property
    def is_alive(self) -> bool:
        output = self._process.stdout
        return not self._leaves and self._process.returncode is None and output is not None and not output.at_eof()

    async def ask(self, path: Path) -> bytes:
        """Have a file read, and return the JSON of the answer."""
        stdin = self._process.stdin
        if stdin is None:
            raise _WorkerDied
        try:
            stdin.write(frame({"path": str(path)}))
            await stdin.drain()
        except (BrokenPipeError, ConnectionResetError) as error:
            raise _WorkerDied from error
        return await self._receive()

    async def _receive(self) -> bytes:
        stdout = self._process.stdout
        if stdout is None:
            raise _WorkerDied
        try:
            length, self._leaves = unpack_header(await stdout.readexactly(HEADER))
            if length > self._longest:
                raise _WorkerDied
            return await stdout.readexactly(length)
        except (asyncio.IncompleteReadError, ConnectionResetError) as error:
            raise _WorkerDied from error

    async def leave(self) -> None:
        """Let the process end by itself, and kill it if it does not."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(_LEAVE_SECONDS):
                await self._process.wait()
        await self.kill()

    async def kill(self) -> int:
        """End the process at once, and return its exit status."""
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.kill()
        return await asyncio.shield(self._process.wait())
