"""A published lesson stands in the library as a document, so that it is found and cited by its words."""

import hashlib
from collections.abc import Iterator
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from knowledge.kit.database import Database
from knowledge.kit.errors import AllmendeError
from knowledge.kit.logs import get_logger
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work
from knowledge.lessons.repository import LessonRepository
from knowledge.lessons.steps import LessonBlock, LessonBlockKind, PictureStep, QuestionStep, unpack_steps
from knowledge.library.files.blocks import Block, ParsedFile
from knowledge.library.schemas import Description
from knowledge.library.service import IncomingFile, LibraryService
from knowledge.models.document import Document, Kind, Rights, Status
from knowledge.models.lesson import Lesson, LessonVersion
from knowledge.topics.tree import load_tree

MEDIA_TYPE = "text/x-allmende-lesson"
ADDED_BY = "lesson"


def source_of(key: str) -> str:
    """Return what the document of a lesson is known by."""
    return f"lernen:{key}"


async def shelve(unit: UnitOfWork, lesson: Lesson, version: LessonVersion, publisher: str | None) -> Document:
    """Put the published version of a lesson into the library, in place of the one before.

    Its questions stay out: what is wrong among their answers must never be quoted. Where somebody withdrew its document
    in the library, it stays so.

    Raises what ``LibraryService.take_in`` raises.
    """
    library, repository = LibraryService(unit), LessonRepository(unit.session)
    said = await _description(repository, lesson, version, publisher)
    file = _file(lesson.key, version)
    document = await library.is_unchanged(file.source, file.content_hash)
    if document is None:
        await library.take_in(file, said, added_by=ADDED_BY)
        document = await repository.document_of_source(file.source)
    if document is None:
        raise LookupError(file.source)
    # Described after it was taken in, too: what was said of the version before does not outlive it.
    await library.describe(document, said)
    lesson.document_id = document.id
    await unit.session.flush()
    return document


async def bring_back(unit: UnitOfWork, document: Document) -> None:
    """Let the document of a lesson be found again that somebody publishes."""
    await LibraryService(unit).restore(document)


async def take_off(unit: UnitOfWork, lesson: Lesson) -> None:
    """Take a lesson out of the library."""
    document = await LessonRepository(unit.session).document_of_source(source_of(lesson.key))
    if document is not None and document.status is Status.PUBLISHED:
        await LibraryService(unit).withdraw(document)


async def shelve_missing(database: Database) -> int:
    """Put published lessons into the library that it does not hold yet, such as those that come with the program.

    Each in a transaction of its own, so that one which the library refuses keeps none back. Returns how many were put.
    """
    async with unit_of_work(database, writes=False) as unit:
        missing = await LessonRepository(unit.session).without_document()
    done = 0
    for key in missing:
        try:
            done += await _shelve_one(database, key)
        except (AllmendeError, SQLAlchemyError, LookupError, ValueError) as error:
            get_logger().warning("lesson_not_shelved", lesson=str(key), problem=type(error).__name__)
    if done:
        get_logger().info("lessons_shelved", lessons=done)
    return done


async def _shelve_one(database: Database, key: UUID) -> bool:
    async with unit_of_work(database) as unit:
        row = await LessonRepository(unit.session).take_without_document(key)
        if row is None:
            return False
        await shelve(unit, *row)
        return True


async def _description(
    repository: LessonRepository, lesson: Lesson, version: LessonVersion, publisher: str | None
) -> Description:
    organisation = await repository.organisation_key(lesson.organisation_id) if lesson.organisation_id else None
    return Description(
        title=version.title,
        kind=Kind.TRAINING,
        publisher=publisher,
        organisation=organisation,
        year=version.created_at.year,
        rights=Rights.FULL,
        language=version.language,
        visibility=lesson.visibility,
        topics=await _topic_names(repository, lesson.id),
        details={"lesson": lesson.key},
    )


async def _topic_names(repository: LessonRepository, lesson_id: UUID) -> tuple[str, ...]:
    tree = await load_tree(repository.session)
    topics = (await repository.topics([lesson_id])).get(lesson_id, ())
    return tuple(sorted(entry.name_de for topic in topics if (entry := tree.get(topic)) is not None))


def _file(key: str, version: LessonVersion) -> IncomingFile:
    blocks = tuple(_blocks(version))
    words = "\n".join([version.title, *(f"{block.kind} {block.text}" for block in blocks)]).encode()
    parsed = ParsedFile(blocks, version.title, {}, MEDIA_TYPE)
    return IncomingFile(source_of(key), hashlib.sha256(words).hexdigest(), len(words), parsed)


def _blocks(version: LessonVersion) -> Iterator[Block]:
    yield Block("heading", version.title, level=1)
    if version.summary:
        yield Block("paragraph", version.summary)
    for step in unpack_steps(version.steps):
        if isinstance(step, QuestionStep):
            continue
        yield from _library_blocks(step.caption if isinstance(step, PictureStep) else step.blocks)


def _library_blocks(blocks: tuple[LessonBlock, ...]) -> Iterator[Block]:
    items: list[str] = []
    for block in blocks:
        text = " ".join(block.plain.split())
        if block.kind is LessonBlockKind.ITEM:
            items.append(text)
            continue
        if items:
            yield Block("list", "\n".join(items))
            items = []
        is_heading = block.kind is LessonBlockKind.HEADING
        yield Block("heading", text, level=2) if is_heading else Block("paragraph", text)
    if items:
        yield Block("list", "\n".join(items))
