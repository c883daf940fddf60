"""Libraries of any size for measuring, filled past the import so that a hundred thousand passages take a minute.

The vectors are random: what a search among them costs does not depend on what they mean.
"""

import asyncio
import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from bench.runs import Library
from bench.synthetic import TextMaker
from knowledge.access.visibility import access_token
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.kit.settings import Settings, load_settings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.embedding.models import EmbeddingConfig
from knowledge.library.embedding.runtimes import load_embedder
from knowledge.library.files.blocks import Block
from knowledge.library.indexes.access import LibraryIndexes
from knowledge.library.indexes.owner import IndexFolders
from knowledge.library.indexes.repository import IndexRepository
from knowledge.library.indexes.vectors import COLLECTION, GRAPH, VectorsIndex
from knowledge.library.repository import DocumentRepository
from knowledge.library.service import pack_blocks
from knowledge.library.text.duplicates import fingerprint
from knowledge.models.document import Document, DocumentVersion, Kind, Rights, Status, Visibility
from knowledge.operations.schema import ensure_schema

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PASSAGES_OF_DOCUMENT = 200
# Builds a graph in a quarter of the time. Random vectors have no near ones that a careful building could bring
# together, and a search in the graph visits as many of them.
QUICK_GRAPH = {**GRAPH, "ef_construction": 40, "sync_threshold": 20_000}
WORDS_ALONE = {"ALLMENDE_EMBEDDING_MODEL": "none"}


def quiet(_text: str) -> None:
    """Take what is said to a person and keep it to yourself."""


def read_settings(library: Library) -> Settings:
    """Return the settings that the library's commands have, whatever this process was started with."""
    with _environment(library):
        return load_settings()


@contextmanager
def _environment(library: Library) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(library.environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@dataclass(frozen=True, slots=True)
class Shape:
    """How many passages a library has in all and in each document.

    ``quick``: build the graph of vectors with less care than the program does, for libraries that would take hours.
    """

    passages: int
    per_document: int = PASSAGES_OF_DOCUMENT
    quick: bool = False


def fill(
    library: Library,
    passages: int | Shape,
    *,
    seed: int = 1,
    vectors: bool = True,
    visibility: Visibility = Visibility.NETWORK,
) -> None:
    """Put seeded texts into the library and into its indexes.

    Args:
        library: is empty.
        passages: how many, or how many in each document as well.
        seed: makes the texts and the vectors.
        vectors: whether to fill the vector index, too, for the default model.
        visibility: who finds the texts: the network or everybody.
    """
    shape = passages if isinstance(passages, Shape) else Shape(passages)
    asyncio.run(_fill(library, shape, seed=seed, vectors=vectors, visibility=visibility))


async def _fill(library: Library, shape: Shape, *, seed: int, vectors: bool, visibility: Visibility) -> None:
    alone = read_settings(Library(library.folder, {**library.settings, **WORDS_ALONE}))
    library.folder.mkdir(parents=True, exist_ok=True)
    database = Database(alone.database_url)
    try:
        await ensure_schema(database)
        await _fill_database(database, shape, seed, visibility)
        async with LibraryIndexes(alone, database, say=quiet) as indexes:
            await indexes.drain(kinds=(), left=lambda _count: None)
        if vectors:
            await _fill_vectors(read_settings(library), database, seed=seed, quick=shape.quick)
    finally:
        await database.close()


def fill_vectors(library: Library, *, seed: int, quick: bool) -> None:
    """Fill the vector index of a library that has texts, from the beginning."""

    async def work() -> None:
        settings = read_settings(library)
        shutil.rmtree(IndexFolders(settings.data_folder / "indexes").vectors, ignore_errors=True)
        database = Database(settings.database_url)
        try:
            await _fill_vectors(settings, database, seed=seed, quick=quick)
        finally:
            await database.close()

    asyncio.run(work())


async def _fill_database(database: Database, shape: Shape, seed: int, visibility: Visibility) -> None:
    maker = TextMaker(seed)
    for start in range(0, shape.passages, shape.per_document):
        count = min(shape.per_document, shape.passages - start)
        document = _document(f"text-{start:07}.md", maker.heading(), visibility)
        texts = [maker.passage() for _each in range(count)]
        async with unit_of_work(database) as unit:
            repository = DocumentRepository(unit.session)
            repository.add(document)
            await repository.flush()
            repository.add(_version(document, texts))
            rows = [_row(document, position, text, maker.heading()) for position, text in enumerate(texts)]
            await repository.replace_passages(document.id, rows)


def _document(source: str, title: str, visibility: Visibility) -> Document:
    moment = now()
    return Document(
        id=new_id(),
        source=source,
        kind=Kind.LITERATURE,
        title=title,
        rights=Rights.FULL,
        language="de",
        visibility=visibility,
        access=access_token(visibility, None),
        status=Status.PUBLISHED,
        topics=[],
        details={},
        version=1,
        added_by="bench",
        created_at=moment,
        updated_at=moment,
    )


def _version(document: Document, texts: Sequence[str]) -> DocumentVersion:
    text = "\n".join(texts)
    return DocumentVersion(
        id=new_id(),
        document_id=document.id,
        number=1,
        content_hash=hashlib.sha256(text.encode()).hexdigest(),
        media_type="text/markdown",
        size=len(text.encode()),
        blocks=pack_blocks([Block("paragraph", text) for text in texts]),
        fingerprint=fingerprint(text),
        added_by="bench",
        created_at=now(),
    )


def _row(document: Document, position: int, text: str, heading: str) -> dict[str, object]:
    place = {"place": None, "number": None, "last_number": None, "label": None}
    own = {"document_id": document.id, "position": position, "text": text, "headings": [heading]}
    return {**own, **place, "quotable": True}


async def _fill_vectors(settings: Settings, database: Database, *, seed: int, quick: bool) -> None:
    import numpy as np

    model = await asyncio.to_thread(load_embedder, EmbeddingConfig(), settings.models_folder, progress=quiet)
    assert model is not None, "the default model makes vectors"
    chance = np.random.default_rng(seed)
    folder = IndexFolders(settings.data_folder / "indexes").vectors
    if quick:
        _begin_quick_graph(folder, model.fingerprint)
    index = VectorsIndex.embedded(folder, model.fingerprint)
    index.open()
    try:
        async with unit_of_work(database, writes=False) as unit:
            keys = DocumentRepository(unit.session).keys()
            documents = [key async for key in keys]
            async for passages in IndexRepository(unit.session).passages(documents):
                vectors = random_vectors(chance, len(passages), model.dimension)
                await asyncio.to_thread(index.add, passages, vectors)
    finally:
        index.close()


def _begin_quick_graph(folder: Path, fingerprint: str) -> None:
    from knowledge.library.indexes.vectors_places import EmbeddedPlace

    place, graph = EmbeddedPlace(folder), cast("Any", {"hnsw": QUICK_GRAPH})
    client = place.connect()
    client.create_collection(
        COLLECTION, configuration=graph, metadata={"fingerprint": fingerprint}, embedding_function=None
    )
    place.disconnect(client)


def random_vectors(chance: "np.random.Generator", count: int, dimension: int) -> "NDArray[np.float32]":
    """Return normalised vectors without any meaning, shape (count, dimension)."""
    import numpy as np

    vectors = chance.standard_normal((count, dimension), dtype=np.float32)
    normalised: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return normalised
