"""The vector index together with the model that makes its vectors; it may be off or away, and the words go on."""

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self
from uuid import UUID

from knowledge.kit.errors import Unavailable
from knowledge.kit.language import _
from knowledge.kit.logs import get_logger
from knowledge.kit.settings import Settings
from knowledge.library.embedding.runtimes import Embedder
from knowledge.library.indexes.port import IndexQuery, VectorsState
from knowledge.library.indexes.schemas import Hit, IndexedPassage
from knowledge.library.indexes.vectors import VectorsIndex, VectorsModelChanged, VectorsUnavailable

# Passages embedded in one go: enough to fill batches, few enough to stop soon.
EMBEDDED_TOGETHER = 256
# After a server did not answer, searches leave it alone for so many seconds instead of waiting each time.
REST = 5.0

Say = Callable[[str], None]


class VectorsOfOtherModel(Unavailable):
    """New vectors would not fit beside those of another model."""

    code = "vectors.other_model"

    def __init__(self) -> None:
        super().__init__(_("The vector index was built with another model. Please run: allmende reindex"))


class VectorSide:
    """The vectors' half of searching. Made by :meth:`open`."""

    def __init__(self, index: VectorsIndex | None, embedder: Embedder | None, *, other_model: bool = False) -> None:
        self._index = index
        self._embedder = embedder
        self._other_model = other_model
        self._rest_until = 0.0
        self._log = get_logger()

    @classmethod
    async def open(cls, settings: Settings, folder: Path, say: Say) -> Self:
        """Load the model and open the index; where there is no model, there are no vectors."""
        embedder = await asyncio.to_thread(_load, settings, say)
        if embedder is None:
            return cls(None, None)
        index = await asyncio.to_thread(_index, settings, folder, embedder)
        side = cls(index, embedder)
        await side._check_model(say)
        return side

    @property
    def model(self) -> str | None:
        """The fingerprint of the model."""
        return self._embedder.fingerprint if self._embedder else None

    async def _check_model(self, say: Say) -> None:
        assert self._index is not None  # noqa: S101 - called by open() with an index only
        try:
            await asyncio.to_thread(self._index.open)
        except VectorsModelChanged as error:
            self._other_model = True
            say(error.message)
        except VectorsUnavailable as error:
            self._rest()
            say(error.message)

    async def search(self, query: IndexQuery) -> tuple[list[Hit], VectorsState]:
        """Return the nearest passages and in what state the vectors are."""
        if self._index is None or self._embedder is None:
            return [], "off"
        if self._other_model:
            return [], "other_model"
        if time.monotonic() < self._rest_until:
            return [], "away"
        try:
            return await asyncio.to_thread(self._search, self._index, self._embedder, query), "ok"
        except VectorsUnavailable:
            self._rest()
            return [], "away"

    @staticmethod
    def _search(index: VectorsIndex, embedder: Embedder, query: IndexQuery) -> list[Hit]:
        return index.search(embedder.embed_query(query.text), limit=query.limit, access=query.access)

    async def add(self, passages: Sequence[IndexedPassage]) -> None:
        """Embed passages and take them in. Raises ``VectorsUnavailable`` or ``VectorsOfOtherModel``."""
        if self._index is None or self._embedder is None:
            return
        if self._other_model:
            raise VectorsOfOtherModel
        for start in range(0, len(passages), EMBEDDED_TOGETHER):
            part = passages[start : start + EMBEDDED_TOGETHER]
            vectors = await asyncio.to_thread(self._embedder.embed_passages, [embedded_text(item) for item in part])
            await asyncio.to_thread(self._index.add, part, vectors)

    async def forget(self, documents: Sequence[UUID]) -> None:
        """Remove all vectors of these documents. Raises ``VectorsUnavailable``."""
        if self._index is not None:
            await asyncio.to_thread(self._index.delete_documents, [document.hex for document in documents])

    async def count(self) -> int | None:
        """Count the passages; ``None`` where that says nothing (no model, another model, server away)."""
        if self._index is None or self._other_model:
            return None
        try:
            return await asyncio.to_thread(self._index.count)
        except VectorsUnavailable:
            self._rest()
            return None

    async def reset(self) -> None:
        """Throw all vectors away. Raises ``VectorsUnavailable``."""
        if self._index is not None:
            await asyncio.to_thread(self._index.reset)
            self._other_model = False

    async def close(self) -> None:
        """Give back files and connections."""
        if self._index is not None:
            await asyncio.to_thread(self._index.close)

    def _rest(self) -> None:
        self._log.warning("vectors_away")
        self._rest_until = time.monotonic() + REST


def embedded_text(passage: IndexedPassage) -> str:
    """Return what the model reads of a passage: the headings above it help where its own words say little."""
    return "\n".join((*passage.headings[-2:], passage.text))


def _load(settings: Settings, say: Say) -> Embedder | None:
    """Load the model; it is exported on first use, which takes some seconds."""
    if settings.embedding.embedding_model == "none":
        return None
    raise NotImplementedError


def _index(settings: Settings, folder: Path, embedder: Embedder) -> VectorsIndex:
    raise NotImplementedError(settings, folder, embedder)
