"""The vector index: Chroma, embedded in a folder or on a server, behind one class.

Light to import; Chroma is loaded when an index is opened or first used.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from knowledge.library.indexes.schemas import Hit, IndexedPassage
from knowledge.library.indexes.vectors_errors import VectorsIndexDamaged, VectorsModelChanged, VectorsUnavailable

if TYPE_CHECKING:
    import numpy as np
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection
    from numpy.typing import NDArray

    from knowledge.library.indexes.vectors_places import Place

__all__ = ["VectorsIndex", "VectorsIndexDamaged", "VectorsModelChanged", "VectorsUnavailable"]

COLLECTION = "allmende-passages"
# Recall of the best 100 among 100,000 is 0.93 with these, 0.64 with Chroma's defaults, for 3 instead of 1 ms.
GRAPH = {"space": "cosine", "max_neighbors": 32, "ef_construction": 200, "ef_search": 300}
# Chroma takes at most 5,461 at once; a smaller batch holds up searches for less long.
ADDED_TOGETHER, DELETED_TOGETHER, ASKED_TOGETHER = 500, 100, 1000
# How many times the wanted number is taken from the graph before passages that may not be found are left out.
GENEROUS = (1.5, 6.0)

T = TypeVar("T")


class VectorsIndex:
    """One vector per passage. Safe to use from many threads; made by :meth:`embedded` or :meth:`on_server`.

    Where not said otherwise, methods raise ``VectorsUnavailable`` when Chroma cannot be reached or written now (the
    next call tries again), ``VectorsIndexDamaged`` when files are damaged, and ``VectorsModelChanged`` when the index
    holds vectors of another model; after these two, :meth:`reset` makes it usable.
    """

    def __init__(self, find_place: "Callable[[], Place]", fingerprint: str, *, collection: str = COLLECTION) -> None:
        self._find_place = find_place
        self._fingerprint = fingerprint
        self._name = collection
        self._place: Place | None = None
        self._client: Client | None = None
        self._collection: Collection | None = None
        self._closed = False
        self._turn = threading.RLock()

    @classmethod
    def embedded(cls, folder: Path, fingerprint: str) -> Self:
        """Describe an index in a folder of this machine, which only one process may open at a time.

        Args:
            folder: is made when missing, and belongs to the index alone.
            fingerprint: of the model whose vectors are kept.
        """

        def place() -> "Place":
            from knowledge.library.indexes.vectors_places import EmbeddedPlace

            return EmbeddedPlace(folder.absolute())

        return cls(place, fingerprint)

    @classmethod
    def on_server(cls, url: str, fingerprint: str, *, token: str | None = None) -> Self:
        """Describe an index on a Chroma server.

        Args:
            url: such as ``http://localhost:8001``.
            fingerprint: of the model whose vectors are kept.
            token: sent with every request, for a proxy that asks for one.
        """

        def place() -> "Place":
            from knowledge.library.indexes.vectors_places import ServerPlace

            return ServerPlace(url, token=token)

        return cls(place, fingerprint)

    def open(self) -> None:
        """Open the index now, look whether it is sound, and load what searches need; an empty one is made."""
        self._use(lambda collection: self._here().probe(collection))

    def add(self, passages: Sequence[IndexedPassage], vectors: "NDArray[np.float32]") -> None:
        """Take in passages with their vectors, shape (n, dimension); those already there are replaced."""
        if len(passages) != len(vectors):
            raise ValueError(f"{len(passages)} passages, {len(vectors)} vectors")
        for start in range(0, len(passages), ADDED_TOGETHER):
            part = passages[start : start + ADDED_TOGETHER]
            self._use(_adding(part, vectors[start : start + len(part)]))

    def delete_documents(self, ids: Iterable[str]) -> None:
        """Remove all passages of these documents (UUIDs as hex digits)."""
        for part in _parts(sorted(set(ids)), DELETED_TOGETHER):
            self._use(_deleting(part))

    def search(self, vector: "NDArray[np.float32]", *, limit: int, access: frozenset[str] | None = None) -> list[Hit]:
        """Return the nearest passages, best first, scored by cosine.

        Args:
            vector: of the question, shape (dimension,).
            limit: the largest number of hits.
            access: only passages with one of these ``access`` values; ``None`` is everything.
        """
        if limit < 1 or (access is not None and not access):
            return []
        return self._use(lambda collection: _nearest(collection, vector, limit, access))

    def count(self) -> int:
        """Count the passages."""
        return self._use(lambda collection: collection.count())

    def missing(self, ids: Iterable[int]) -> set[int]:
        """Return those of the passages that are not in the index."""
        wanted = set(ids)
        for part in _parts([str(number) for number in sorted(wanted)], ASKED_TOGETHER):
            wanted -= self._use(_asking(part))
        return wanted

    def reset(self) -> None:
        """Throw all vectors away, also damaged files or another model's, and go on with this model."""
        with self._turn:
            try:
                self._make_anew()
            except VectorsIndexDamaged:
                self._let_go()
                self._here().wipe()
                self._make_anew()

    def close(self) -> None:
        """Give back files and connections for good."""
        with self._turn:
            self._closed = True
            self._let_go()

    def _use(self, work: "Callable[[Collection], T]") -> T:
        for _attempt in range(2):
            try:
                with self._here().errors():
                    return work(self._connected())
            except _not_found():
                # Somebody else made the collection anew, or the server was emptied.
                with self._turn:
                    self._collection = None
        raise VectorsUnavailable(detail="the collection vanishes again and again")

    def _connected(self) -> "Collection":
        with self._turn:
            if self._collection is None:
                self._collection = self._own_collection(self._connected_client())
            return self._collection

    def _connected_client(self) -> "Client":
        if self._closed:
            raise VectorsUnavailable(detail="the index was closed")
        if self._client is None:
            self._client = self._here().connect()
        return self._client

    def _here(self) -> "Place":
        with self._turn:
            if self._place is None:
                self._place = self._find_place()
            return self._place

    def _own_collection(self, client: "Client") -> "Collection":
        try:
            found = client.get_collection(self._name, embedding_function=None)
        except _not_found():
            return self._create(client)
        built_with = (found.metadata or {}).get("fingerprint")
        if built_with == self._fingerprint:
            return found
        if found.count():
            raise VectorsModelChanged(detail=f"built with {built_with}, now {self._fingerprint}")
        client.delete_collection(self._name)
        return self._create(client)

    def _create(self, client: "Client") -> "Collection":
        graph: Any = {"hnsw": GRAPH}
        metadata = {"fingerprint": self._fingerprint}
        return client.get_or_create_collection(
            self._name, configuration=graph, metadata=metadata, embedding_function=None
        )

    def _make_anew(self) -> None:
        with self._here().errors():
            client = self._connected_client()
            self._collection = None
            try:
                client.delete_collection(self._name)
            except _not_found():
                pass
            self._collection = self._create(client)

    def _let_go(self) -> None:
        client, self._client, self._collection = self._client, None, None
        if client is not None:
            self._here().disconnect(client)


def _not_found() -> type[Exception]:
    from chromadb.errors import NotFoundError

    return NotFoundError


def _parts(values: Sequence[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(values), size):
        yield list(values[start : start + size])


def _adding(passages: Sequence[IndexedPassage], vectors: "NDArray[np.float32]") -> "Callable[[Collection], None]":
    ids = [str(passage.id) for passage in passages]
    notes = [{"document": passage.document, "access": passage.access} for passage in passages]
    values: Any = vectors
    return lambda collection: collection.upsert(ids=ids, embeddings=values, metadatas=[*notes])


def _deleting(documents: list[str]) -> "Callable[[Collection], None]":
    def work(collection: "Collection") -> None:
        collection.delete(where=_one_of("document", documents))

    return work


def _asking(ids: list[str]) -> "Callable[[Collection], set[int]]":
    return lambda collection: {int(number) for number in collection.get(ids=ids, include=[])["ids"]}


def _nearest(
    collection: "Collection", vector: "NDArray[np.float32]", limit: int, access: frozenset[str] | None
) -> list[Hit]:
    """Search the graph; what may not be found is left out afterwards.

    Chroma's own filter reads every row first: 0.1 to 0.5 s among 100,000 passages, against 5 ms this way. It remains
    for the case that nearly everything near may not be found.
    """
    if access is None:
        return [hit for hit, _ in _query(collection, vector, limit)]
    for times in GENEROUS:
        wanted = int(limit * times)
        found = list(_query(collection, vector, wanted, include=["distances", "metadatas"]))
        allowed = [hit for hit, note in found if note.get("access") in access]
        if len(allowed) >= limit or len(found) < wanted:
            return allowed[:limit]
    return [hit for hit, _ in _query(collection, vector, limit, where=_one_of("access", sorted(access)))]


def _query(
    collection: "Collection", vector: "NDArray[np.float32]", limit: int, **options: Any
) -> Iterator[tuple[Hit, Mapping[str, Any]]]:
    options.setdefault("include", ["distances"])
    queries: Any = vector.reshape(1, -1)
    found = collection.query(query_embeddings=queries, n_results=limit, **options)
    ids, distances = found["ids"][0], (found["distances"] or [[]])[0]
    notes: Sequence[Any] = (found["metadatas"] or [[{}] * len(ids)])[0]
    for number, distance, note in zip(ids, distances, notes, strict=True):
        yield Hit(id=int(number), score=1.0 - float(distance)), note or {}


def _one_of(key: str, values: Sequence[str]) -> Any:
    """Return Chroma's filter for one of some values."""
    return {key: {"$in": list(values)}}
