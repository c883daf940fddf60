"""The command line without its start: every command is a process of its own, forked from one that has imported it all.

Python and our imports take more than a second to start, most commands a tenth of that. What a command gets is its own:
process, arguments, folder, environment, standard streams. Where the start itself matters, tests start Python anew.
"""

import atexit
import gc
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import IO

PROJECT = Path(__file__).resolve().parents[2]
# Standard input, output and error, and where its number and its exit code are reported.
STREAMS = 4
# Bytes of a call: its arguments and its environment.
LONGEST = 1 << 20
# What is imported by the first work of a command only.
LATER = ("aiosqlite", "chromadb", "numpy", "sqlalchemy.dialects.sqlite.aiosqlite", "knowledge.operations.migrating")
Call = tuple[list[str], str, dict[str, str]]


def can_be_warm(settings: Mapping[str, str]) -> bool:
    """Return whether none of these settings changes how Python itself starts."""
    return all(name.startswith("ALLMENDE_") for name in settings)


class Warm:
    """The process that has imported everything, seen from the tests."""

    def __init__(self, language: str) -> None:
        self._calls, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._lock = threading.Lock()
        environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
        command = [sys.executable, "-W", "default", "-m", "tests.hub.warm", str(theirs.fileno()), language]
        self._process = subprocess.Popen(
            command, cwd=PROJECT, env=environment, pass_fds=[theirs.fileno()], start_new_session=True
        )
        theirs.close()
        atexit.register(self._end)

    def _end(self) -> None:
        self._calls.close()
        self._process.wait()

    def start(
        self, arguments: Sequence[str], folder: Path, environment: Mapping[str, str], streams: Sequence[int]
    ) -> "Command":
        """Start a command.

        Args:
            arguments: the command with its options.
            folder: where it is called.
            environment: all of its environment.
            streams: its standard input, output and error.
        """
        call: Call = (list(arguments), str(folder), dict(environment))
        report, theirs = os.pipe()
        try:
            with self._lock:
                socket.send_fds(self._calls, [json.dumps(call).encode()], [*streams, theirs])
        finally:
            os.close(theirs)
        return Command(report)

    def begin(self, arguments: Sequence[str], folder: Path, environment: Mapping[str, str]) -> "Command":
        """Start a command with pipes; see ``start``."""
        (given, stdin), (stdout, printed), (stderr, said) = os.pipe(), os.pipe(), os.pipe()
        try:
            command = self.start(arguments, folder, environment, (given, printed, said))
        finally:
            for stream in (given, printed, said):
                os.close(stream)
        command.stdin = os.fdopen(stdin, "w", encoding="utf-8")
        command.stdout, command.stderr = (os.fdopen(stream, encoding="utf-8") for stream in (stdout, stderr))
        return command


class Command:
    """A command that goes on; it can do what the tests need of ``subprocess.Popen``."""

    def __init__(self, report: int) -> None:
        self._report = os.fdopen(report, "rb")
        self.pid = int(self._report.readline())
        self.returncode: int | None = None
        self.stdin: IO[str] | None = None
        self.stdout: IO[str] | None = None
        self.stderr: IO[str] | None = None

    def poll(self) -> int | None:
        """Return its exit code, if it has ended."""
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end, and return its exit code as ``subprocess`` does. Raises ``TimeoutExpired``."""
        if self.returncode is None:
            if not select.select([self._report], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("allmende", timeout or 0)
            with self._report:
                self.returncode = int(self._report.read())
        return self.returncode

    def communicate(self, text: str = "", timeout: float | None = None) -> tuple[str, str]:
        """Write the last of its input, and read what it writes to its end. Raises ``TimeoutExpired``."""
        with ThreadPoolExecutor(2) as readers:
            reading = [readers.submit(_read, stream) for stream in (self.stdout, self.stderr)]
            if self.stdin is not None and not self.stdin.closed:
                with suppress(BrokenPipeError), self.stdin:
                    self.stdin.write(text)
            try:
                self.wait(timeout)
            except subprocess.TimeoutExpired:
                self.kill()
                raise
            printed, said = (read.result() for read in reading)
        return printed, said

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Tell it to end."""
        self.send_signal(signal.SIGTERM)


def _read(stream: IO[str] | None) -> str:
    if stream is None or stream.closed:
        return ""
    with stream:
        return stream.read()


@cache
def warm(language: str) -> Warm:
    """Return the process that speaks a language; the first call starts it."""
    return Warm(language)


def language_in(environment: Mapping[str, str]) -> str:
    """Return the language that a command will speak."""
    names = ("ALLMENDE_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
    wanted = next((environment[name] for name in names if environment.get(name)), "")
    return "en" if wanted.lower().startswith("en") else "de"


def serve(calls: socket.socket) -> Call:
    """Fork a process for each call until there are no more; returns, in the process of a call, what is called."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        message, streams, _flags, _address = socket.recv_fds(calls, LONGEST, STREAMS)
        if not message:
            os._exit(0)
        if os.fork() == 0:
            break
        for stream in streams:
            os.close(stream)
    calls.close()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    *standard, report = streams
    attend(standard, report)
    os.close(report)
    take_over(standard)
    call: Call = json.loads(message)
    return call


def attend(streams: Sequence[int], report: int) -> None:
    """Fork once more; returns in the new process only, while this one waits and reports."""
    child = os.fork()
    if child == 0:
        return
    for stream in streams:
        os.close(stream)
    os.write(report, f"{child}\n".encode())
    _child, status = os.waitpid(child, 0)
    os.write(report, str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def take_over(streams: Sequence[int]) -> None:
    """Make these the standard streams, and open them as Python does when it starts."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", buffering=1, closefd=False)  # noqa: SIM115


def load(language: str) -> None:
    """Import what commands need; the texts of their help are made then."""
    from knowledge.kit.language import choose_language

    choose_language(language)
    for name in LATER:
        import_module(name)
    import_module("hub.cli.main")
    import_module("hub.cli.app").create_app()


def main() -> None:
    """Serve calls; in the process of a call, do what is called."""
    load(sys.argv[2])
    gc.collect()
    gc.freeze()
    arguments, folder, environment = serve(socket.socket(fileno=int(sys.argv[1])))
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[0] = folder
    sys.argv[1:] = arguments
    runpy.run_module("hub.cli", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
