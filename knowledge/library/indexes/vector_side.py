"""The vector index together with the model that makes its vectors; it may be off or away, and the words go on."""

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self
from uuid import UUID

from knowledge.kit.language import _
from knowledge.kit.logs import get_logger
from knowledge.kit.settings import Settings
from knowledge.library.embedding.models import EmbeddingConfig
from knowledge.library.embedding.runtimes import Embedder, load_embedder
from knowledge.library.indexes.port import IndexQuery, VectorsState
from knowledge.library.indexes.schemas import Hit, IndexedPassage
from knowledge.library.indexes.vectors import (
    VectorsIndex,
    VectorsIndexDamaged,
    VectorsModelChanged,
    VectorsUnavailable,
)

# Passages embedded in one go: enough to fill batches, few enough to stop soon.
EMBEDDED_TOGETHER = 256
# After a server did not answer, searches leave it alone for so many seconds instead of waiting each time.
REST = 5.0

Say = Callable[[str], None]


class VectorSide:
    """The vectors' half of searching. Made by :meth:`open`.

    Args:
        index: where the vectors are; ``None`` where words alone are wanted.
        embedder: makes them.
        state: what is known of them at the beginning.
    """

    def __init__(self, index: VectorsIndex | None, embedder: Embedder | None, *, state: VectorsState) -> None:
        self._index = index
        self._embedder = embedder
        self._state = state
        self._rest_until = 0.0
        self._log = get_logger()

    @classmethod
    async def open(cls, settings: Settings, folder: Path, say: Say) -> Self:
        """Load the model and open the index; a damaged one is emptied, to be filled again by its owner."""
        embedder = await asyncio.to_thread(_load, settings, say)
        if embedder is None:
            return cls(None, None, state="off")
        index = _describe(settings, folder, embedder.fingerprint)
        side = cls(index, embedder, state="ok")
        try:
            await asyncio.to_thread(_open_or_empty, index)
        except VectorsModelChanged as error:
            side._state = "other_model"
            say(error.message)
        except VectorsUnavailable:
            side._rest()
            say(_("The vector index is away; until it is back, the library is searched by words alone."))
        return side

    @property
    def model(self) -> str | None:
        """What tells the model from others."""
        return self._embedder.fingerprint if self._embedder else None

    async def search(self, query: IndexQuery) -> tuple[list[Hit], VectorsState]:
        """Return the nearest passages and in what state the vectors are."""
        if self._index is None or self._embedder is None or self._state == "other_model":
            return [], self._state
        if time.monotonic() < self._rest_until:
            return [], "away"
        try:
            return await asyncio.to_thread(_search, self._index, self._embedder, query), "ok"
        except (VectorsUnavailable, VectorsIndexDamaged) as error:
            self._log.warning("vectors_search_failed", error=type(error).__name__)
            self._rest()
            return [], "away"

    async def add(self, passages: Sequence[IndexedPassage]) -> None:
        """Embed passages and take them in. Raises ``VectorsUnavailable`` or ``VectorsModelChanged``."""
        if self._index is None or self._embedder is None:
            return
        for start in range(0, len(passages), EMBEDDED_TOGETHER):
            part = passages[start : start + EMBEDDED_TOGETHER]
            vectors = await asyncio.to_thread(self._embedder.embed_passages, [embedded_text(item) for item in part])
            await asyncio.to_thread(self._index.add, part, vectors)

    async def forget(self, documents: Sequence[UUID]) -> None:
        """Remove all vectors of these documents. Raises ``VectorsUnavailable`` or ``VectorsModelChanged``."""
        if self._index is not None:
            await asyncio.to_thread(self._index.delete_documents, [document.hex for document in documents])

    async def count(self) -> int | None:
        """Count the passages; ``None`` where that says nothing (no model, another model, server away)."""
        if self._index is None or self._state == "other_model":
            return None
        try:
            return await asyncio.to_thread(self._index.count)
        except VectorsUnavailable:
            self._rest()
            return None

    async def reset(self) -> None:
        """Throw all vectors away, also those of another model. Raises ``VectorsUnavailable``."""
        if self._index is not None:
            await asyncio.to_thread(self._index.reset)
            self._state = "ok"

    async def close(self) -> None:
        """Give back files and connections."""
        if self._index is not None:
            await asyncio.to_thread(self._index.close)

    def _rest(self) -> None:
        self._rest_until = time.monotonic() + REST


def embedded_text(passage: IndexedPassage) -> str:
    """Return what the model reads of a passage: the headings above it help where its own words say little."""
    return "\n".join((*passage.headings[-2:], passage.text))


def _load(settings: Settings, say: Say) -> Embedder | None:
    wanted = settings.embedding
    config = EmbeddingConfig(
        model=wanted.embedding_model,
        runtime=wanted.embedding_runtime,
        query_prefix=wanted.embedding_query_prefix,
        passage_prefix=wanted.embedding_passage_prefix,
        threads=wanted.embedding_threads,
    )
    return load_embedder(config, settings.data_folder / "models", progress=say)


def _describe(settings: Settings, folder: Path, fingerprint: str) -> VectorsIndex:
    if settings.chroma.chroma_url is None:
        return VectorsIndex.embedded(folder, fingerprint)
    token = settings.chroma.chroma_token
    return VectorsIndex.on_server(
        settings.chroma.chroma_url, fingerprint, token=token.get_secret_value() if token else None
    )


def _open_or_empty(index: VectorsIndex) -> None:
    try:
        index.open()
    except VectorsIndexDamaged as error:
        get_logger().warning("vectors_index_damaged", error=type(error).__name__)
        index.reset()


def _search(index: VectorsIndex, embedder: Embedder, query: IndexQuery) -> list[Hit]:
    return index.search(embedder.embed_query(query.text), limit=query.limit, access=query.access)
