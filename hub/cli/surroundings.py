"""What every command needs: settings, the data folder, the database, and a voice on standard error."""

import asyncio
import os
import re
import sys
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from knowledge.kit.database import Database
from knowledge.kit.logs import configure_logs
from knowledge.kit.settings import Settings, load_settings
from knowledge.library.indexes.access import LibraryIndexes
from knowledge.operations.schema import ensure_schema

_T = TypeVar("_T")
# Control characters other than tabs and line ends, and those that turn the direction of writing: in a document's text
# or a file's name, they could steer a terminal or show what is not there.
STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Settings and the opened database of one command."""

    settings: Settings
    database: Database

    def indexes(self) -> LibraryIndexes:
        """Return the indexes, to be opened with ``async with``; what they have to say goes to standard error."""
        return LibraryIndexes(self.settings, self.database, say=say)


def harmless(text: str) -> str:
    """Return a text with nothing in it that steers a terminal; what did is shown as a question mark in a box."""
    return STEERING.sub("\N{REPLACEMENT CHARACTER}", text)


def say(message: str) -> None:
    """Tell the person something that is not the result."""
    sys.stderr.write(f"{harmless(message)}\n")
    sys.stderr.flush()


def put(text: str) -> None:
    """Write a part of the result."""
    sys.stdout.write(f"{harmless(text)}\n")
    sys.stdout.flush()


@asynccontextmanager
async def opened(*, check: bool = True) -> AsyncIterator[Surroundings]:
    """Read the settings, make the data folder, open the database and see that its version fits.

    Args:
        check: ``False`` for the commands that mend what the check would refuse.
    """
    settings = load_settings()
    configure_logs(level=settings.logs.log_level, style=settings.logs.log_format)
    os.umask(0o077)  # the library may hold what is for one house only
    settings.data_folder.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database_url, pool=settings.database.database_pool)
    try:
        if check:
            await ensure_schema(database)
        yield Surroundings(settings, database)
    finally:
        await database.close()


def run_async(work: Callable[[], Coroutine[Any, Any, _T]], *, lasts: bool = False) -> _T:
    """Run a command's asynchronous part.

    Args:
        work: what it does.
        lasts: whether it goes on until it is told to end, so that the quicker event loop is worth loading.
    """
    threading.excepthook = _in_thread
    with asyncio.Runner(loop_factory=_quick_loop if lasts else None) as runner:
        return runner.run(work())


def _quick_loop() -> asyncio.AbstractEventLoop:
    """Return libuv's event loop, which takes less time for what goes on around each request, and a moment to load."""
    import uvloop

    return uvloop.new_event_loop()


def _in_thread(raised: threading.ExceptHookArgs) -> None:
    """Pass over what a database's thread has to tell a command that has ended: it said already why it did."""
    late = isinstance(raised.exc_value, RuntimeError) and "loop is closed" in str(raised.exc_value)
    if not late:
        threading.__excepthook__(raised)
