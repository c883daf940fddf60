"""Looking at the indexes without changing them: through their owner where one runs, otherwise directly."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

from knowledge.jobs.repository import JobRepository
from knowledge.kit.database import Database
from knowledge.kit.errors import Unavailable
from knowledge.kit.language import _
from knowledge.kit.settings import Settings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.indexes.jobs import VECTORS_JOB, WORDS_JOB
from knowledge.library.indexes.lock import IndexesOwned, OwnerLock
from knowledge.library.indexes.owner import IndexFolders
from knowledge.library.indexes.owner_socket import OwnerClient
from knowledge.library.indexes.port import IndexHits, IndexQuery, VectorsState
from knowledge.library.indexes.repository import IndexRepository
from knowledge.library.indexes.words import WordsIndex, WordsIndexDamaged
from knowledge.operations.findings import Finding, fine, problem, warning


@dataclass(frozen=True, slots=True)
class Expected:
    """What the indexes should hold: passages, and how many jobs would still change that."""

    passages: int
    words_jobs: int
    vectors_jobs: int


async def check_indexes(settings: Settings, database: Database) -> AsyncIterator[Finding]:
    """Yield what there is to say about both indexes."""
    expected = await _expected(database)
    root = IndexFolders(settings.data_folder / "indexes").root
    lock = OwnerLock(root)
    try:
        lock.take()
    except IndexesOwned:
        for finding in await _ask_owner(root, expected):
            yield finding
        return
    try:
        yield await asyncio.to_thread(_look_at_words, IndexFolders(root).words, expected)
    finally:
        lock.release()


async def _expected(database: Database) -> Expected:
    async with unit_of_work(database, writes=False) as unit:
        jobs = JobRepository(unit.session)
        return Expected(
            await IndexRepository(unit.session).passage_count(),
            await jobs.unfinished([WORDS_JOB]),
            await jobs.unfinished([VECTORS_JOB]),
        )


async def _ask_owner(root: Path, expected: Expected) -> list[Finding]:
    try:
        client = await OwnerClient.connect(root)
        try:
            hits = await client.find(IndexQuery("allmende", limit=1))
        finally:
            await client.close()
    except Unavailable:
        message = _("Another process holds the indexes, but does not answer yet.")
        return [warning("indexes.owner", message, _("If it goes on, please end that process and start it again."))]
    return [
        fine("indexes.owner", _("Another process holds the indexes and answers.")),
        _compared_words(hits.total, expected),
        *_vectors_at_owner(hits),
    ]


def _vectors_at_owner(hits: IndexHits) -> Iterator[Finding]:
    yield vectors_finding(hits.vectors_state, hits.model)


def vectors_finding(state: VectorsState, model: str | None) -> Finding:
    """Return what the state of the vectors means."""
    if state == "other_model":
        message = _("The vectors were made with another model, so words alone are searched.")
        return problem("indexes.vectors", message, _("Please run: allmende reindex"), model=model)
    if state == "away":
        message = _("The vector index does not answer, so words alone are searched.")
        return problem("indexes.vectors", message, _("Please see whether its server runs."), model=model)
    if state == "off":
        return fine("indexes.vectors", _("There is no vector index: no language model is configured."), model=None)
    return fine("indexes.vectors", _("The vector index answers."), model=model)


def _look_at_words(folder: Path, expected: Expected) -> Finding:
    if not folder.is_dir() or not any(folder.iterdir()):
        return _compared_words(0, expected)
    try:
        with WordsIndex.open(folder) as words:
            return _compared_words(words.count(), expected)
    except WordsIndexDamaged as error:
        message = _("The words index is damaged or of another version.")
        todo = _("The next command that searches builds it anew; or run: allmende reindex")
        return problem("indexes.words", message, todo, error=type(error).__name__)


def _compared_words(found: int, expected: Expected) -> Finding:
    facts = {"found": found, "expected": expected.passages, "jobs": expected.words_jobs}
    if found == expected.passages:
        return fine("indexes.words", _("The words index holds all {count} passages.").format(count=found), **facts)
    message = _("The words index holds {found} passages instead of {expected}.")
    message = message.format(found=found, expected=expected.passages)
    if expected.words_jobs:
        todo = _("Jobs that bring it up to date are waiting: the next command that searches does them.")
    else:
        todo = _("The next command that searches mends this; or run: allmende reindex")
    return warning("indexes.words", message, todo, **facts)
