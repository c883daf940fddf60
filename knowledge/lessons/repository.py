"""The statements on lessons, their versions, pictures and topics, and on paths."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from knowledge.access.visibility import Viewer
from knowledge.kit.ids import new_id
from knowledge.kit.inserting import insert_into
from knowledge.models.base import Base
from knowledge.models.document import Document
from knowledge.models.lesson import (
    Lesson,
    LessonPath,
    LessonPathItem,
    LessonPicture,
    LessonState,
    LessonTopic,
    LessonVersion,
)
from knowledge.models.organisation import Organisation
from knowledge.models.topic import DocumentTopic

# A lesson with one of its versions, and the name of its publisher.
LessonRow = tuple[Lesson, LessonVersion, str | None]
PathRow = tuple[LessonPath, str | None]


_MISSING = (Lesson.state == LessonState.PUBLISHED, Lesson.document_id.is_(None))


class OfferRow(NamedTuple):
    """What an offer of a lesson says, and the document that the lesson is in the library."""

    id: UUID
    key: str
    document_id: UUID | None
    title: str
    minutes: int


def found_by(viewer: Viewer, table: type[Lesson] | type[LessonPath]) -> list[ColumnElement[bool]]:
    """Return what holds for lessons or paths that somebody may find now."""
    conditions: list[ColumnElement[bool]] = [table.state == LessonState.PUBLISHED]
    if viewer.access is not None:
        conditions.append(table.access.in_(sorted(viewer.access)))
    return conditions


class LessonRepository:
    """Lessons over one session; whoever opened it commits."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def add(self, *rows: Base) -> None:
        """Take in new rows."""
        self.session.add_all(rows)
        await self.session.flush()

    async def flush(self) -> None:
        """Write what was changed so far."""
        await self.session.flush()

    async def locked(self, lesson_id: UUID) -> Lesson | None:
        """Return a lesson as it is now, for changing it."""
        statement = select(Lesson).where(Lesson.id == lesson_id).with_for_update()
        return await self.session.scalar(statement.execution_options(populate_existing=True))

    async def get(self, lesson_id: UUID) -> Lesson | None:
        """Return a lesson."""
        return await self.session.get(Lesson, lesson_id)

    async def by_key(self, key: str) -> Lesson | None:
        """Return the lesson with a key."""
        return await self.session.scalar(select(Lesson).where(Lesson.key == key))

    async def keys(self) -> dict[str, UUID]:
        """Return all lessons by key."""
        return dict((await self.session.execute(select(Lesson.key, Lesson.id))).all())

    async def titles(self, keys: Collection[str], viewer: Viewer) -> dict[str, str]:
        """Return the titles of lessons that somebody may find, by key."""
        same = (LessonVersion.lesson_id == Lesson.id, LessonVersion.number == Lesson.published_version)
        statement = select(Lesson.key, LessonVersion.title).join(LessonVersion, same[0] & same[1])
        seen = statement.where(Lesson.key.in_(keys), *found_by(viewer, Lesson))
        return dict((await self.session.execute(seen)).all())

    async def version(self, lesson_id: UUID, number: int) -> LessonVersion | None:
        """Return a version of a lesson."""
        same = (LessonVersion.lesson_id == lesson_id, LessonVersion.number == number)
        return await self.session.scalar(select(LessonVersion).where(*same))

    async def version_by_id(self, version_id: UUID) -> LessonVersion | None:
        """Return a version by its identifier."""
        return await self.session.get(LessonVersion, version_id)

    async def versions(self, lesson_id: UUID) -> Sequence[LessonVersion]:
        """Return all versions of a lesson, the newest first."""
        statement = select(LessonVersion).where(LessonVersion.lesson_id == lesson_id)
        return (await self.session.scalars(statement.order_by(LessonVersion.number.desc()))).all()

    async def published(self, *conditions: ColumnElement[bool]) -> list[LessonRow]:
        """Return lessons in the version that is published, by title."""
        return await self._rows(LessonVersion.number == Lesson.published_version, *conditions)

    async def newest(self, *conditions: ColumnElement[bool]) -> list[LessonRow]:
        """Return lessons in their newest version, by title."""
        return await self._rows(LessonVersion.number == Lesson.version, *conditions)

    async def findable(self, viewer: Viewer, *, keys: Collection[str] | None = None) -> list[LessonRow]:
        """Return the lessons that somebody may find, all or those with these keys."""
        wanted = [] if keys is None else [Lesson.key.in_(keys)]
        return await self.published(*found_by(viewer, Lesson), *wanted)

    async def managed(self, organisation_id: UUID | None, member_id: UUID | None) -> list[LessonRow]:
        """Return what an organisation publishes or a member made; without either, all."""
        return await self.newest(*_managed(Lesson, organisation_id, member_id))

    async def by_ids(self, lessons: Collection[UUID], *, newest: bool = False) -> list[LessonRow]:
        """Return lessons by identifier, in the published version or the newest one."""
        rows = self.newest if newest else self.published
        return await rows(Lesson.id.in_(lessons))

    async def without_document(self) -> Sequence[UUID]:
        """Return the published lessons that the library does not hold yet."""
        return (await self.session.scalars(select(Lesson.id).where(*_MISSING).order_by(Lesson.id))).all()

    async def take_without_document(self, lesson_id: UUID) -> LessonRow | None:
        """Return a lesson that the library does not hold yet, and keep others from taking it, too."""
        missing = select(Lesson.id).where(Lesson.id == lesson_id, *_MISSING).with_for_update(skip_locked=True)
        rows = await self.published(Lesson.id.in_((await self.session.scalars(missing)).all()))
        return rows[0] if rows else None

    async def offers_of(self, documents: Collection[UUID], viewer: Viewer) -> list[OfferRow]:
        """Return the lessons that somebody may find which documents stand for."""
        return await self._offers(*found_by(viewer, Lesson), Lesson.document_id.in_(documents))

    async def offers_about(self, topics: Collection[UUID], viewer: Viewer, language: str) -> list[OfferRow]:
        """Return the lessons that somebody may find, in a language, which are about one of these topics."""
        fits = select(LessonTopic.lesson_id).where(LessonTopic.topic_id.in_(topics))
        spoken = LessonVersion.language == language
        return await self._offers(*found_by(viewer, Lesson), Lesson.id.in_(fits), spoken)

    async def _offers(self, *conditions: ColumnElement[bool]) -> list[OfferRow]:
        """Read only what an offer says: it is looked for with every answer."""
        statement = (
            select(Lesson.id, Lesson.key, Lesson.document_id, LessonVersion.title, LessonVersion.minutes)
            .join(LessonVersion, LessonVersion.lesson_id == Lesson.id)
            .where(LessonVersion.number == Lesson.published_version, *conditions)
            .order_by(Lesson.key)
        )
        return [OfferRow(*row) for row in (await self.session.execute(statement)).all()]

    async def shipped(self) -> dict[str, tuple[Lesson, str]]:
        """Return the lessons that came with the program and nobody changed since, with their text, by key."""
        rows = await self.newest(Lesson.shipped.is_(True))
        return {lesson.key: (lesson, version.source) for lesson, version, _name in rows}

    async def _rows(self, *conditions: ColumnElement[bool]) -> list[LessonRow]:
        statement = (
            select(Lesson, LessonVersion, Organisation.name)
            .join(LessonVersion, LessonVersion.lesson_id == Lesson.id)
            .outerjoin(Organisation, Organisation.id == Lesson.organisation_id)
            .where(*conditions)
            .order_by(LessonVersion.title, Lesson.key)
        )
        return [(row[0], row[1], row[2]) for row in (await self.session.execute(statement)).all()]

    # Topics

    async def topics(self, lessons: Collection[UUID]) -> dict[UUID, tuple[UUID, ...]]:
        """Return the topics of lessons; those without any are left out."""
        found: defaultdict[UUID, list[UUID]] = defaultdict(list)
        statement = select(LessonTopic.lesson_id, LessonTopic.topic_id).where(LessonTopic.lesson_id.in_(lessons))
        for lesson, topic in (await self.session.execute(statement.order_by(LessonTopic.topic_id))).all():
            found[lesson].append(topic)
        return {lesson: tuple(topics) for lesson, topics in found.items()}

    async def set_topics(self, lesson_id: UUID, topics: Collection[UUID]) -> None:
        """Say what a lesson is about."""
        await self.session.execute(delete(LessonTopic).where(LessonTopic.lesson_id == lesson_id))
        await self.add(*(LessonTopic(lesson_id=lesson_id, topic_id=topic) for topic in sorted(topics)))

    async def topics_of_documents(self, documents: Collection[UUID]) -> dict[UUID, int]:
        """Return the topics of documents, with the number of documents that have each."""
        counted: defaultdict[UUID, int] = defaultdict(int)
        statement = select(DocumentTopic.topic_id).where(DocumentTopic.document_id.in_(documents))
        for topic in await self.session.scalars(statement):
            counted[topic] += 1
        return dict(counted)

    async def covered_topics(self) -> set[UUID]:
        """Return the topics of all published lessons."""
        statement = select(LessonTopic.topic_id).join(Lesson, Lesson.id == LessonTopic.lesson_id)
        return set(await self.session.scalars(statement.where(Lesson.state == LessonState.PUBLISHED)))

    # Pictures

    async def picture_digests(self, lesson_id: UUID) -> dict[str, str]:
        """Return the digest of the newest picture by each name."""
        statement = select(LessonPicture.name, LessonPicture.digest).where(LessonPicture.lesson_id == lesson_id)
        ordered = statement.order_by(LessonPicture.created_at, LessonPicture.id)
        return dict((await self.session.execute(ordered)).all())

    async def has_picture(self, lesson_id: UUID, name: str, digest: str) -> bool:
        """Whether a lesson has this picture."""
        return await self.session.scalar(select(LessonPicture.id).where(*_picture(lesson_id, name, digest))) is not None

    async def picture(self, lesson_id: UUID, name: str, digest: str) -> LessonPicture | None:
        """Return a picture with its content."""
        statement = select(LessonPicture).where(*_picture(lesson_id, name, digest))
        return await self.session.scalar(statement.options(undefer(LessonPicture.content)))

    # The library

    async def document(self, document_id: UUID) -> Document | None:
        """Return a document."""
        return await self.session.get(Document, document_id)

    async def document_of_source(self, source: str) -> Document | None:
        """Return the document with a source."""
        return await self.session.scalar(select(Document).where(Document.source == source))

    async def organisation_name(self, organisation_id: UUID) -> str | None:
        """Return the name of an organisation."""
        return await self.session.scalar(select(Organisation.name).where(Organisation.id == organisation_id))

    async def organisation_key(self, organisation_id: UUID) -> str | None:
        """Return the key of an organisation."""
        return await self.session.scalar(select(Organisation.key).where(Organisation.id == organisation_id))


class PathRepository:
    """Paths over one session; whoever opened it commits."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def locked(self, path_id: UUID) -> LessonPath | None:
        """Return a path as it is now, for changing it."""
        statement = select(LessonPath).where(LessonPath.id == path_id).with_for_update()
        return await self.session.scalar(statement.execution_options(populate_existing=True))

    async def by_key(self, key: str) -> LessonPath | None:
        """Return the path with a key."""
        return await self.session.scalar(select(LessonPath).where(LessonPath.key == key))

    async def findable(self, viewer: Viewer) -> list[PathRow]:
        """Return the paths that somebody may find, by title."""
        return await self._rows(*found_by(viewer, LessonPath))

    async def managed(self, organisation_id: UUID | None, member_id: UUID | None) -> list[PathRow]:
        """Return what an organisation publishes or a member made; without either, all."""
        return await self._rows(*_managed(LessonPath, organisation_id, member_id))

    async def get(self, path_id: UUID) -> PathRow | None:
        """Return a path with its publisher."""
        rows = await self._rows(LessonPath.id == path_id)
        return rows[0] if rows else None

    async def with_key(self, key: str) -> PathRow | None:
        """Return a path by its key, with its publisher."""
        rows = await self._rows(LessonPath.key == key)
        return rows[0] if rows else None

    async def items(self, paths: Collection[UUID]) -> dict[UUID, list[UUID]]:
        """Return the lessons of paths in their order."""
        found: defaultdict[UUID, list[UUID]] = defaultdict(list)
        statement = select(LessonPathItem.path_id, LessonPathItem.lesson_id).where(LessonPathItem.path_id.in_(paths))
        for path, lesson in (await self.session.execute(statement.order_by(LessonPathItem.position))).all():
            found[path].append(lesson)
        return dict(found)

    async def set_items(self, path_id: UUID, lessons: Sequence[UUID]) -> None:
        """Say which lessons a path has, in this order."""
        await self.session.execute(delete(LessonPathItem).where(LessonPathItem.path_id == path_id))
        rows = [
            LessonPathItem(path_id=path_id, lesson_id=lesson, position=number)
            for number, lesson in enumerate(lessons, start=1)
        ]
        self.session.add_all(rows)
        await self.session.flush()

    async def _rows(self, *conditions: ColumnElement[bool]) -> list[PathRow]:
        statement = (
            select(LessonPath, Organisation.name)
            .outerjoin(Organisation, Organisation.id == LessonPath.organisation_id)
            .where(*conditions)
            .order_by(LessonPath.title, LessonPath.key)
        )
        return [(row[0], row[1]) for row in (await self.session.execute(statement)).all()]


def _managed(
    table: type[Lesson] | type[LessonPath], organisation_id: UUID | None, member_id: UUID | None
) -> list[ColumnElement[bool]]:
    own = []
    if organisation_id is not None:
        own.append(table.organisation_id == organisation_id)
    if member_id is not None:
        own.append(table.created_by == member_id)
    return [or_(*own)] if own else []


def _picture(lesson_id: UUID, name: str, digest: str) -> tuple[ColumnElement[bool], ...]:
    return (LessonPicture.lesson_id == lesson_id, LessonPicture.name == name, LessonPicture.digest == digest)


async def insert_once(session: AsyncSession, table: type[Base], values: dict[str, Any], unique: list[str]) -> bool:
    """Take in a row unless there is one with the same unique columns; returns whether it was taken in."""
    row = {"id": new_id(), **values} if "id" in table.__table__.columns else values
    statement = insert_into(session, table).values(row).on_conflict_do_nothing(index_elements=unique)
    inserted = await session.execute(statement.returning(*table.__mapper__.primary_key))
    return inserted.first() is not None
