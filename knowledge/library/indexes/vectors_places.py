"""The two places where Chroma may be: embedded in a folder, or a server."""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast
from urllib.parse import urlsplit

import chromadb
import httpx
from chromadb.api.shared_system_client import SharedSystemClient
from chromadb.config import Settings
from chromadb.errors import InternalError, NotFoundError

from knowledge.kit.errors import AllmendeError
from knowledge.library.indexes.vectors_errors import VectorsIndexDamaged, VectorsUnavailable
from knowledge.library.indexes.vectors_files import find_damage

if TYPE_CHECKING:
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection

# Seconds to wait for a server: answers go on without it, indexing may take longer.
CONNECT_SECONDS, SEARCH_SECONDS, WORK_SECONDS = 1.0, 2.0, 30.0
# What SQLite and the system say when the files are sound but cannot be written just now.
PASSING_TROUBLES = ("disk is full", "readonly", "read-only", "is locked", "too many open files", "no space left")


class Place(Protocol):
    """Where Chroma is."""

    def connect(self) -> "Client":
        """Open a client. Raises ``VectorsUnavailable`` or ``VectorsIndexDamaged``."""
        ...

    def disconnect(self, client: "Client") -> None:
        """Give back files and connections."""
        ...

    def probe(self, collection: "Collection") -> None:
        """Look whether an index that was opened can be searched, and load it."""
        ...

    def wipe(self) -> None:
        """Throw everything away that keeps a client from opening, if that is possible here."""
        ...

    def errors(self) -> contextlib.AbstractContextManager[None]:
        """Turn what Chroma raises into our own errors; ``NotFoundError`` passes."""
        ...


class EmbeddedPlace:
    """Chroma in this process, in a folder that no other process may have open (its owner holds a lock)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def connect(self) -> "Client":
        """Open the folder, which is made when missing."""
        damage = find_damage(self._folder)
        if damage:
            raise VectorsIndexDamaged(detail=damage)
        with self.errors():
            self._folder.mkdir(parents=True, exist_ok=True)
            try:
                return cast("Client", chromadb.PersistentClient(self._folder, settings=_settings()))
            except BaseException:
                # Chroma keeps what it could not start, and would hand it out at the next try.
                SharedSystemClient._identifier_to_system.pop(str(self._folder), None)
                raise

    def disconnect(self, client: "Client") -> None:
        """Close the files."""
        client.close()

    def probe(self, collection: "Collection") -> None:
        """Search for one of the vectors; this loads the graph, and Chroma complains if it cannot."""
        vectors = collection.get(limit=1, include=["embeddings"])["embeddings"]
        if vectors is not None and len(vectors) and not collection.query(vectors[0], n_results=1)["ids"][0]:
            raise VectorsIndexDamaged(detail="a vector is not found by itself")

    def wipe(self) -> None:
        """Remove the folder."""
        with self.errors():
            if self._folder.exists():
                shutil.rmtree(self._folder)

    @contextlib.contextmanager
    def errors(self) -> Iterator[None]:
        """Turn Chroma's errors into damage, or into being away where the disk is full or not writable."""
        try:
            yield
        except (InternalError, OSError) as error:
            passing = any(trouble in str(error).lower() for trouble in PASSING_TROUBLES)
            if passing or isinstance(error, OSError):
                raise VectorsUnavailable(detail=str(error)) from error
            raise VectorsIndexDamaged(detail=str(error)) from error


class ServerPlace:
    """A Chroma server, which may go away and come back."""

    def __init__(self, url: str, *, token: str | None = None) -> None:
        """Take the server's address, such as ``http://localhost:8001``, and the token that a proxy before it wants."""
        self._url = urlsplit(url)
        # Chroma's own header, and the usual one.
        self._headers = {"X-Chroma-Token": token, "Authorization": f"Bearer {token}"} if token else {}

    def connect(self) -> "Client":
        """Connect; the server must answer within a second or two."""
        with self.errors():
            # Chroma's client waits for ever for its first answers, so see first whether there will be any.
            self._greet()
            secure = self._url.scheme == "https"
            client = chromadb.HttpClient(
                host=self._url.hostname or "",
                port=self._url.port or (443 if secure else 80),
                ssl=secure,
                headers=dict(self._headers),
                settings=_settings(),
            )
            for session in _sessions(client):
                session.event_hooks = {"request": [_limit_time]}
            return cast("Client", client)

    def _greet(self) -> None:
        timeout = httpx.Timeout(SEARCH_SECONDS, connect=CONNECT_SECONDS)
        url = f"{self._url.scheme}://{self._url.netloc}/api/v2/heartbeat"
        httpx.get(url, headers=self._headers, timeout=timeout).raise_for_status()

    def disconnect(self, client: "Client") -> None:
        """Close the connections."""
        for session in _sessions(client):
            session.close()
        client.close()

    def probe(self, collection: "Collection") -> None:
        """See that the collection is there."""
        collection.count()

    def wipe(self) -> None:
        """Do nothing: a server's files are not ours."""

    @contextlib.contextmanager
    def errors(self) -> Iterator[None]:
        """Turn everything that a server, or a proxy before it, may answer into being away."""
        try:
            yield
        except (NotFoundError, AllmendeError):
            raise
        except Exception as error:
            # Chroma raises bare exceptions for answers that it does not know, such as those of a proxy.
            raise VectorsUnavailable(detail=f"{type(error).__name__}: {error}") from error


def _settings() -> Settings:
    """Return settings that send nothing and do not depend on a ``.env`` that happens to lie where we were called."""
    quiet: dict[str, Any] = {
        "_env_file": None,
        "anonymized_telemetry": False,
        "chroma_otel_collection_endpoint": "",
        "chroma_otel_granularity": None,
    }
    return Settings(**quiet)


def _sessions(client: Any) -> list[httpx.Client]:
    """Return the connections of a client and of the administrator that it makes for itself and never closes."""
    return [client._server._session, client._admin_client._server._session]


def _limit_time(request: httpx.Request) -> None:
    seconds = SEARCH_SECONDS if request.url.path.endswith("/query") else WORK_SECONDS
    request.extensions["timeout"] = httpx.Timeout(seconds, connect=CONNECT_SECONDS).as_dict()
