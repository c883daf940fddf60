"""Reading standard input line by line without standing in the way of anything else that goes on."""

import asyncio
import codecs
import os
import sys
import threading
from collections.abc import AsyncIterator, Callable

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
    lines: asyncio.Queue[str | None] = asyncio.Queue(maxsize=1000)

    def deliver(line: str | None) -> None:
        asyncio.run_coroutine_threadsafe(lines.put(line), loop).result()

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
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    rest = ""
    try:
        while chunk := os.read(descriptor, CHUNK):
            *lines, rest = (rest + decoder.decode(chunk)).split("\n")
            rest = rest[:LONGEST_KEPT]
            for line in lines:
                deliver(line[:LONGEST_KEPT].removesuffix("\r"))
        rest += decoder.decode(b"", final=True)
        if rest:
            deliver(rest.removesuffix("\r"))
        deliver(None)
    except (RuntimeError, asyncio.CancelledError):
        return  # the loop has ended; nobody listens any more
