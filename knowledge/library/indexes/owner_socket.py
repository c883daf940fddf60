"""Asking the owner of the indexes from another process on the same machine: one JSON line there, one back."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from knowledge.kit.errors import AllmendeError, Unavailable
from knowledge.kit.language import _
from knowledge.kit.logs import get_logger
from knowledge.library.indexes.port import IndexHits, IndexQuery

SOCKET_FILE = "owner.sock"
# A question has at most 20,000 characters; other words and hits come on top.
LONGEST_LINE = 4 * 1024 * 1024
# How long an owner may take for one search, in seconds.
PATIENCE = 30

Find = Callable[[IndexQuery], Awaitable[IndexHits]]


class OwnerGone(Unavailable):
    """Nobody answers at the socket: the owner has just ended, or is not ready yet."""

    code = "indexes.owner_gone"

    def __init__(self) -> None:
        super().__init__(_("The process that holds the indexes does not answer."))


@contextmanager
def _short_address(folder: Path) -> Iterator[str]:
    """Give an address for the socket that is short enough: the system allows 107 bytes, folders lie deeper."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}/{SOCKET_FILE}"
    finally:
        os.close(descriptor)


class OwnerSocket:
    """The owner's end: answers searches of other processes of the same user."""

    def __init__(self, folder: Path, find: Find) -> None:
        self._folder = folder
        self._find = find
        self._server: asyncio.Server | None = None
        self._log = get_logger()

    async def open(self) -> None:
        """Begin to listen; the lock makes sure that an old socket belongs to nobody."""
        (self._folder / SOCKET_FILE).unlink(missing_ok=True)
        previous = os.umask(0o177)
        try:
            with _short_address(self._folder) as address:
                self._server = await asyncio.start_unix_server(self._serve, address, limit=LONGEST_LINE)
        finally:
            os.umask(previous)

    async def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()
        (self._folder / SOCKET_FILE).unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                writer.write(json.dumps(await self._reply(line)).encode() + b"\n")
                await writer.drain()
        except (ConnectionError, ValueError) as error:
            self._log.info("owner_socket_closed", error=type(error).__name__)
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _reply(self, line: bytes) -> dict[str, Any]:
        try:
            return {"hits": (await self._find(IndexQuery.from_json(json.loads(line)))).as_json()}
        except AllmendeError as error:
            return {"error": error.message}
        except (KeyError, TypeError, ValueError) as error:
            self._log.warning("owner_socket_request", error=type(error).__name__)
            return {"error": _("The request could not be read. Do both processes run the same version?")}


class OwnerClient:
    """The other end: asks the owner. Keeps one connection for many questions."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._turn = asyncio.Lock()

    @classmethod
    async def connect(cls, folder: Path) -> "OwnerClient":
        """Connect to the owner. Raises ``OwnerGone``."""
        try:
            with _short_address(folder) as address:
                reader, writer = await asyncio.open_unix_connection(address, limit=LONGEST_LINE)
        except OSError as error:
            raise OwnerGone from error
        return cls(reader, writer)

    async def find(self, query: IndexQuery) -> IndexHits:
        """Ask the owner. Raises ``OwnerGone`` when it ended meanwhile."""
        async with self._turn:
            try:
                self._writer.write(json.dumps(query.as_json()).encode() + b"\n")
                await self._writer.drain()
                line = await asyncio.wait_for(self._reader.readline(), PATIENCE)
            except (OSError, TimeoutError) as error:
                raise OwnerGone from error
        if not line:
            raise OwnerGone
        reply = json.loads(line)
        if "error" in reply:
            raise Unavailable(reply["error"])
        return IndexHits.from_json(reply["hits"])

    async def close(self) -> None:
        """Hang up."""
        self._writer.close()
        with suppress(ConnectionError):
            await self._writer.wait_closed()
