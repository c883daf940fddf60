"""The vector index together with the model that makes its vectors; it may be off or away, and the words go on."""

import asyncio
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from knowledge.jobs.worker import Interrupted
from knowledge.kit.errors import Unavailable
from knowledge.kit.language import _
from knowledge.kit.logs import get_logger
from knowledge.kit.settings import Settings
from knowledge.library.embedding.models import EmbeddingConfig
from knowledge.library.embedding.runtimes import Embedder, load_embedder
from knowledge.library.indexes.port import Embedded, IndexQuery, VectorsFound, VectorsState
from knowledge.library.indexes.schemas import Hit, IndexedPassage
from knowledge.library.indexes.vectors import (
    VectorsIndex,
    VectorsIndexDamaged,
    VectorsModelChanged,
    VectorsUnavailable,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Passages embedded in one go: enough to fill batches, few enough that whoever ends the command waits a second or two.
EMBEDDED_TOGETHER = 64
# After a server did not answer, searches leave it alone for so many seconds instead of waiting each time.
REST = 5.0

# Lies beside the vectors while they were passed over: documents changed while no model was configured.
BEHIND_FILE = "vectors.behind"

Say = Callable[[str], None]


class VectorsOfOtherModel(Unavailable):
    """Vectors cannot be written beside those of another model; the jobs wait until somebody decides."""

    code = "vectors.other_model"

    def __init__(self) -> None:
        super().__init__(_("The vector index was built with another language model. Please run: allmende reindex"))


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
        self._interrupted = False
        self._log = get_logger()
        self.rebuilt = False
        """Whether the index was found damaged and emptied."""

    @classmethod
    async def open(cls, settings: Settings, folder: Path, say: Say) -> Self:
        """Load the model and open the index; a damaged one is emptied, to be filled again by its owner."""
        embedder = await _load_beside_chroma(settings, say)
        if embedder is None:
            return cls(None, None, state="off")
        index = _describe(settings, folder, embedder.fingerprint)
        side = cls(index, embedder, state="ok")
        try:
            side.rebuilt = await asyncio.to_thread(_open_or_empty, index)
        except VectorsModelChanged as error:
            side._state = "other_model"
            say(error.message)
        except VectorsUnavailable:
            side._rest()
            say(_("The vector index is away; until it is back, the library is searched by words alone."))
        if side.rebuilt:
            say(_("The vector index was damaged; it is built anew from the database."))
        return side

    @property
    def is_off(self) -> bool:
        """Whether words alone are wanted."""
        return self._state == "off"

    @property
    def model(self) -> str | None:
        """What tells the model from others."""
        return self._embedder.fingerprint if self._embedder else None

    async def search(self, query: IndexQuery) -> VectorsFound:
        """Return the nearest passages and in what state the vectors are."""
        hits, state = await self._find(query)
        return VectorsFound(hits, state, self.model)

    async def _find(self, query: IndexQuery) -> tuple[list[Hit], VectorsState]:
        if self._index is None or self._embedder is None or self._state == "other_model":
            return [], self._state
        if time.monotonic() < self._rest_until:
            return [], "away"
        try:
            return await asyncio.to_thread(_search, self._index, self._embedder, query), "ok"
        except VectorsModelChanged:
            # A server was away when this process began, and came back with what another model had made.
            self._state = "other_model"
            return [], self._state
        except (VectorsUnavailable, VectorsIndexDamaged) as error:
            self._log.warning("vectors_search_failed", error=type(error).__name__)
            self._rest()
            return [], "away"

    async def embed(self, texts: Sequence[str]) -> Embedded | None:
        """Return vectors of texts as of questions; ``None`` without a model. Neither index nor server is needed."""
        embedder = self._embedder
        if embedder is None:
            return None
        return Embedded(embedder.fingerprint, await asyncio.to_thread(_embed, embedder, texts))

    async def add(self, passages: Sequence[IndexedPassage]) -> None:
        """Embed passages and take them in. Raises ``VectorsUnavailable``, ``VectorsOfOtherModel``, ``Interrupted``."""
        index, embedder = self._index, self._embedder
        if index is None or embedder is None:
            return
        for start in range(0, len(passages), EMBEDDED_TOGETHER):
            if self._interrupted:
                raise Interrupted
            part = passages[start : start + EMBEDDED_TOGETHER]
            vectors = await asyncio.to_thread(embedder.embed_passages, [embedded_text(item) for item in part])
            await self._write(index.add, part, vectors)

    async def forget(self, documents: Sequence[UUID]) -> None:
        """Remove all vectors of these documents. Raises ``VectorsUnavailable`` or ``VectorsOfOtherModel``."""
        if self._index is not None:
            await self._write(self._index.delete_documents, [document.hex for document in documents])

    async def count(self) -> int | None:
        """Count the passages; ``None`` where that says nothing (no model, another model, server away)."""
        if self._index is None or self._state == "other_model":
            return None
        try:
            return await asyncio.to_thread(self._index.count)
        except VectorsModelChanged:
            self._state = "other_model"
        except (VectorsUnavailable, VectorsIndexDamaged):
            self._rest()
        return None

    async def reset(self) -> None:
        """Throw all vectors away, also those of another model. Raises ``VectorsUnavailable``."""
        if self._index is not None:
            await asyncio.to_thread(self._index.reset)
            self._state = "ok"

    def interrupt(self) -> None:
        """Let the work that goes on end soon, by ``Interrupted``."""
        self._interrupted = True

    async def close(self) -> None:
        """Give back files and connections."""
        if self._index is not None:
            await asyncio.to_thread(self._index.close)

    async def _write(self, work: Callable[..., None], *values: Any) -> None:
        if self._state == "other_model":
            raise VectorsOfOtherModel
        try:
            await asyncio.to_thread(work, *values)
        except VectorsModelChanged as error:
            self._state = "other_model"
            raise VectorsOfOtherModel from error

    def _rest(self) -> None:
        self._rest_until = time.monotonic() + REST


def embedded_text(passage: IndexedPassage) -> str:
    """Return what the model reads of a passage: the headings above it help where its own words say little."""
    return "\n".join((*passage.headings[-2:], passage.text))


async def _load_beside_chroma(settings: Settings, say: Say) -> Embedder | None:
    """Load the model while Chroma is loaded, too: either takes a good part of a second.

    What both import must be there before: Python hands out half-imported modules rather than let two threads that
    import in a circle wait for each other for ever.
    """
    if settings.embedding.embedding_model == "none":
        return None
    await asyncio.to_thread(_import_shared)
    embedder, _places = await asyncio.gather(
        asyncio.to_thread(_load, settings, say),
        asyncio.to_thread(import_module, "knowledge.library.indexes.vectors_places"),
    )
    return embedder


def _import_shared() -> None:
    for name in ("numpy", "httpx", "tokenizers"):
        import_module(name)


def _load(settings: Settings, say: Say) -> Embedder | None:
    wanted = settings.embedding
    config = EmbeddingConfig(
        model=wanted.embedding_model,
        runtime=wanted.embedding_runtime,
        query_prefix=wanted.embedding_query_prefix,
        passage_prefix=wanted.embedding_passage_prefix,
        threads=wanted.embedding_threads,
    )
    return load_embedder(config, settings.models_folder, progress=say)


def _describe(settings: Settings, folder: Path, fingerprint: str) -> VectorsIndex:
    if settings.chroma.chroma_url is None:
        return VectorsIndex.embedded(folder, fingerprint)
    token = settings.chroma.chroma_token
    return VectorsIndex.on_server(
        settings.chroma.chroma_url, fingerprint, token=token.get_secret_value() if token else None
    )


def _open_or_empty(index: VectorsIndex) -> bool:
    """Open the index; returns whether it had to be emptied because it was damaged."""
    try:
        index.open()
    except VectorsIndexDamaged as error:
        get_logger().warning("vectors_index_damaged", error=type(error).__name__)
        index.reset()
        return True
    return False


def _embed(embedder: Embedder, texts: Sequence[str]) -> "NDArray[np.float32]":
    import numpy as np

    vectors = np.zeros((len(texts), embedder.dimension), dtype=np.float32)
    for row, text in enumerate(texts):
        vectors[row] = embedder.embed_query(text)
    return vectors


def _search(index: VectorsIndex, embedder: Embedder, query: IndexQuery) -> list[Hit]:
    return index.search(embedder.embed_query(query.text), limit=query.limit, access=query.access)
