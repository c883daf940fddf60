"""Looking at the indexes without changing them: through their owner where one runs, otherwise directly."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from knowledge.jobs.repository import JobRepository
from knowledge.kit.database import Database
from knowledge.kit.errors import AllmendeError, Unavailable
from knowledge.kit.language import _, ngettext
from knowledge.kit.settings import Settings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.indexes.followed import Followed
from knowledge.library.indexes.jobs import VECTORS_JOB
from knowledge.library.indexes.lock import IndexesOwned, OwnerLock
from knowledge.library.indexes.owner import IndexFolders
from knowledge.library.indexes.owner_socket import OwnerClient
from knowledge.library.indexes.port import IndexQuery, VectorsState
from knowledge.library.indexes.repository import ChangeRepository, IndexRepository
from knowledge.library.indexes.vectors import VectorsIndex
from knowledge.library.indexes.vectors_errors import VectorsIndexDamaged, VectorsModelChanged, VectorsUnavailable
from knowledge.library.indexes.words import WordsIndex, WordsIndexDamaged
from knowledge.operations.findings import Finding, fine, problem, warning
from knowledge.operations.house_checks import find_model


@dataclass(frozen=True, slots=True)
class Expected:
    """What the indexes should hold: passages, and how much would still change that.

    ``changes`` is for the words: documents in the change log that this data folder's index has yet to look at.
    """

    passages: int
    changes: int
    vectors_jobs: int


async def check_indexes(settings: Settings, database: Database) -> AsyncIterator[Finding]:
    """Yield what there is to say about both indexes."""
    root = IndexFolders(settings.data_folder / "indexes").root
    expected = await _expected(database, IndexFolders(root).words)
    lock = OwnerLock(root)
    try:
        lock.take()
    except IndexesOwned:
        for finding in await _ask_owner(root, expected):
            yield finding
        return
    try:
        yield await asyncio.to_thread(_look_at_words, IndexFolders(root).words, expected)
        if (vectors := await asyncio.to_thread(_look_at_vectors, settings, expected)) is not None:
            yield vectors
    finally:
        lock.release()


async def _expected(database: Database, words: Path) -> Expected:
    followed = await asyncio.to_thread(Followed.read, words)
    async with unit_of_work(database, writes=False) as unit:
        indexes = IndexRepository(unit.session)
        if followed is None:
            changes = await indexes.published_from(None)
        else:
            named = await ChangeRepository(unit.session).after(followed.position)
            left = await indexes.published_from(followed.filled_to) if followed.filling else 0
            changes = len({change.document for change in named}) + left
        return Expected(
            await indexes.passage_count(), changes, await JobRepository(unit.session).unfinished([VECTORS_JOB])
        )


async def _ask_owner(root: Path, expected: Expected) -> list[Finding]:
    try:
        client = await OwnerClient.connect(root)
        try:
            hits = await client.find(IndexQuery("allmende", limit=1))
            changes = await client.words_waiting()
        finally:
            await client.close()
    except Unavailable:
        message = _("Another process holds the indexes, but does not answer yet.")
        return [warning("indexes.owner", message, _("If it goes on, please end that process and start it again."))]
    return [
        fine("indexes.owner", _("Another process holds the indexes and answers.")),
        _compared(_Side.WORDS, hits.total, expected.passages, changes),
        vectors_finding(hits.vectors_state, hits.model),
    ]


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
        return _compared(_Side.WORDS, 0, expected.passages, expected.changes)
    try:
        with WordsIndex.open(folder) as words:
            return _compared(_Side.WORDS, words.count(), expected.passages, expected.changes)
    except WordsIndexDamaged as error:
        message = _("The words index is damaged or of another version.")
        todo = _("The next command that searches builds it anew; or run: allmende reindex")
        return problem("indexes.words", message, todo, error=type(error).__name__)


def _look_at_vectors(settings: Settings, expected: Expected) -> Finding | None:
    """Count the vectors; nothing is said where there is no model, or where it cannot be found."""
    try:
        model = find_model(settings)
    except (AllmendeError, OSError):
        return None
    if model is None:
        return None
    folder = IndexFolders(settings.data_folder / "indexes").vectors
    if settings.chroma.chroma_url is None and not (folder.is_dir() and any(folder.iterdir())):
        return _compared(_Side.VECTORS, 0, expected.passages, expected.vectors_jobs)
    return _opened_vectors(_vectors_index(settings, folder, model.fingerprint), model.fingerprint, expected)


def _opened_vectors(index: VectorsIndex, model: str, expected: Expected) -> Finding:
    try:
        index.open()
        return _compared(_Side.VECTORS, index.count(), expected.passages, expected.vectors_jobs)
    except VectorsModelChanged:
        return vectors_finding("other_model", model)
    except VectorsUnavailable:
        return vectors_finding("away", model)
    except VectorsIndexDamaged:
        message = _("The vector index is damaged.")
        todo = _("The next command that searches builds it anew; or run: allmende reindex")
        return problem("indexes.vectors", message, todo)
    finally:
        index.close()


def _vectors_index(settings: Settings, folder: Path, fingerprint: str) -> VectorsIndex:
    url, token = settings.chroma.chroma_url, settings.chroma.chroma_token
    if url is None:
        return VectorsIndex.embedded(folder, fingerprint)
    return VectorsIndex.on_server(url, fingerprint, token=token.get_secret_value() if token else None)


class _Side(StrEnum):
    WORDS = "indexes.words"
    VECTORS = "indexes.vectors"


def _compared(side: _Side, found: int, passages: int, waiting: int) -> Finding:
    """Say how far an index is; ``waiting`` counts changes that it has yet to read, or jobs."""
    facts = {"found": found, "expected": passages, "changes" if side is _Side.WORDS else "jobs": waiting}
    name = _("words index") if side is _Side.WORDS else _("vector index")
    if found == passages:
        message = _("The {index} holds all {count} passages.").format(index=name, count=found)
        return fine(side.value, message, **facts)
    message = _("The {index} holds {found} passages instead of {expected}.")
    message = message.format(index=name, found=found, expected=passages)
    if waiting and side is _Side.WORDS:
        todo = ngettext(
            "{count} changed document is still to be read from the database: it happens while Allmende runs here.",
            "{count} changed documents are still to be read from the database: it happens while Allmende runs here.",
            waiting,
        ).format(count=waiting)
    elif waiting:
        todo = _("Jobs that bring it up to date are waiting: the next command that searches does them.")
    else:
        todo = _("The next command that searches mends this; or run: allmende reindex")
    return warning(side.value, message, todo, **facts)
