"""Reading standard input line by line without standing in the way of anything else that goes on."""

import asyncio
import codecs
import os
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import suppress

# Characters of a line that are kept; whoever reads it refuses far shorter ones, but must see that it was too long.
LONGEST_KEPT = 100_000
CHUNK = 65_536


async def typed_lines(*, prompt: str = "") -> AsyncIterator[str]:
    """Yield the lines of standard input without their ends, until it is closed.

    A thread reads, straight from the descriptor: neither the event loop nor the end of the program waits for it.

    Args:
        prompt: shown before each line when somebody types.
    """
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[str | None] = asyncio.Queue(maxsize=100)

    def deliver(line: str | None) -> None:
        asyncio.run_coroutine_threadsafe(lines.put(line), loop).result()

    if sys.stdin is None:  # closed by whoever called
        return
    threading.Thread(target=_read, args=(sys.stdin.fileno(), deliver), daemon=True).start()
    while True:
        if prompt and sys.stdin.isatty():
            sys.stderr.write(prompt)
            sys.stderr.flush()
        line = await lines.get()
        if line is None:
            return
        yield line


def _read(descriptor: int, deliver: Callable[[str | None], None]) -> None:
    with suppress(RuntimeError, CancelledError):  # the loop has ended; nobody listens any more
        for line in _lines(descriptor):
            deliver(line)
        deliver(None)


def _lines(descriptor: int) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    rest = ""
    while chunk := _chunk(descriptor):
        *lines, rest = (rest + decoder.decode(chunk)).split("\n")
        rest = rest[:LONGEST_KEPT]
        for line in lines:
            yield line[:LONGEST_KEPT].removesuffix("\r")
    rest += decoder.decode(b"", final=True)
    if rest:
        yield rest.removesuffix("\r")


def _chunk(descriptor: int) -> bytes:
    """Read what is there; what cannot be read, such as a folder or a terminal that was closed, has ended."""
    try:
        return os.read(descriptor, CHUNK)
    except OSError:
        return b""
