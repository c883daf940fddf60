"""Asking the owner of the indexes from another process on the same machine: one JSON line there, one back."""

import asyncio
import json
import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from knowledge.kit.errors import AllmendeError, Unavailable
from knowledge.kit.language import _
from knowledge.kit.logs import get_logger
from knowledge.library.indexes.port import (
    Embedded,
    HeldIndexes,
    IndexHits,
    IndexQuery,
    VectorsFound,
    keys_to_look_for,
    texts_to_embed,
)

SOCKET_FILE = "owner.sock"
# Where Linux shows a process what it has open.
DESCRIPTORS = Path("/proc/self/fd")
# A question has at most 20,000 characters; other words and hits come on top.
LONGEST_LINE = 4 * 1024 * 1024
# Keys of documents in one line.
KEYS_TOGETHER = 10_000
# How long an owner may take for one search, in seconds.
PATIENCE = 30


class OwnerGone(Unavailable):
    """Nobody answers at the socket: the owner has just ended, or is not ready yet."""

    code = "indexes.owner_gone"

    def __init__(self) -> None:
        super().__init__(
            _(
                "Another Allmende process holds the indexes but does not answer. Please try again; if it goes on, end "
                "that process and start it again."
            )
        )


class OtherVersion(Unavailable):
    """The owner and the process that asks it do not understand each other."""

    code = "indexes.other_version"

    def __init__(self) -> None:
        super().__init__(
            _(
                "The process that holds the indexes seems to be of another version of Allmende. Please end it and "
                "start it again."
            )
        )


@contextmanager
def _short_address(folder: Path) -> Iterator[str]:
    """Give an address for the socket that is short enough: the system allows 107 bytes, folders lie deeper."""
    if not DESCRIPTORS.is_dir():
        yield str(folder / SOCKET_FILE)
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield str(DESCRIPTORS / str(descriptor) / SOCKET_FILE)
    finally:
        os.close(descriptor)


class OwnerSocket:
    """The owner's end: answers what other processes of the same user ask."""

    def __init__(self, folder: Path, owner: HeldIndexes) -> None:
        self._folder = folder
        self._owner = owner
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()
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
        """Stop listening and hang up, so that those who ask go to the next owner."""
        if self._server is not None:
            self._server.close()
        (self._folder / SOCKET_FILE).unlink(missing_ok=True)
        for talk in self._talks:
            talk.cancel()
        if self._talks:
            await asyncio.wait(self._talks)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.current_task()
        if talk is not None:
            self._talks.add(talk)
            talk.add_done_callback(self._talks.discard)
        try:
            while line := await reader.readline():
                writer.write(json.dumps(await self._reply(line)).encode() + b"\n")
                await writer.drain()
        except asyncio.CancelledError:
            pass  # the owner ends; nobody waits for this task's result
        except (ConnectionError, ValueError) as error:
            self._log.info("owner_socket_closed", error=type(error).__name__)
        finally:
            writer.close()

    async def _answer(self, asked: Any) -> dict[str, Any]:
        if "waiting" in asked:
            return {"count": await self._owner.words_waiting(keys_to_look_for(asked["waiting"]))}
        if "vectors" in asked:
            return {"vectors": (await self._owner.find_vectors(IndexQuery.from_json(asked["vectors"]))).as_json()}
        if "embed" not in asked:
            return {"hits": (await self._owner.find(IndexQuery.from_json(asked))).as_json()}
        embedded = await self._owner.embed(texts_to_embed(asked["embed"]))
        return {"embedded": None if embedded is None else embedded.as_json()}

    async def _reply(self, line: bytes) -> dict[str, Any]:
        try:
            return await self._answer(json.loads(line))
        except AllmendeError as error:
            return {"error": error.message}
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            self._log.warning("owner_socket_request", error=type(error).__name__)
            return {"error": OtherVersion().message}
        except Exception as error:  # noqa: BLE001 - the edge: one question must not end the talk, nor the owner
            self._log.error("owner_socket_failed", error=type(error).__name__, exc_info=True)
            return {"error": _("The search failed. The process that holds the indexes says more in its log.")}


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
        """Ask the owner. Raises ``OwnerGone`` when it ended meanwhile, ``Unavailable`` with what it could not do."""
        reply = await self._ask(query.as_json())
        try:
            return IndexHits.from_json(reply["hits"])
        except (KeyError, TypeError, ValueError) as error:
            raise OtherVersion from error

    async def find_vectors(self, query: IndexQuery) -> VectorsFound:
        """Ask the owner for its vectors alone. Raises what ``find`` raises."""
        reply = await self._ask({"vectors": query.as_json()})
        try:
            return VectorsFound.from_json(reply["vectors"])
        except (KeyError, TypeError, ValueError) as error:
            raise OtherVersion from error

    async def embed(self, texts: Sequence[str]) -> Embedded | None:
        """Have a few texts (``EMBEDDED_TOGETHER``) embedded by the owner. Raises what ``find`` raises."""
        reply = await self._ask({"embed": list(texts)})
        try:
            values = reply["embedded"]
            return None if values is None else Embedded.from_json(values)
        except (KeyError, TypeError, ValueError) as error:
            raise OtherVersion from error

    async def words_waiting(self, keys: Collection[str] | None = None) -> int:
        """Ask the owner how many of these documents (all, without keys) it has yet to look at. Raises as ``find``."""
        parts: list[list[str] | None] = [None] if keys is None else _parts(list(keys))
        counted = 0
        for part in parts:
            reply = await self._ask({"waiting": part})
            try:
                counted += int(reply["count"])
            except (KeyError, TypeError, ValueError) as error:
                raise OtherVersion from error
        return counted

    async def _ask(self, asked: dict[str, Any]) -> dict[str, Any]:
        async with self._turn:
            try:
                self._writer.write(json.dumps(asked).encode() + b"\n")
                await self._writer.drain()
                line = await asyncio.wait_for(self._reader.readline(), PATIENCE)
            except (OSError, TimeoutError) as error:
                raise OwnerGone from error
            except ValueError as error:
                raise OtherVersion from error
        if not line.endswith(b"\n"):
            raise OwnerGone
        try:
            reply: dict[str, Any] = json.loads(line)
            error_message = reply.get("error")
        except (AttributeError, ValueError) as error:
            raise OtherVersion from error
        if error_message is not None:
            raise Unavailable(str(error_message))
        return reply

    async def close(self) -> None:
        """Hang up."""
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()


def _parts(keys: list[str]) -> list[list[str] | None]:
    return [keys[start : start + KEYS_TOGETHER] for start in range(0, len(keys), KEYS_TOGETHER)]
