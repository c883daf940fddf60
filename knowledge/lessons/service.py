"""Lessons as publishers keep them: written, published in versions, withdrawn; and reading them."""

from collections.abc import Sequence
from uuid import UUID

from knowledge.access.visibility import Viewer, access_token
from knowledge.audit.service import record
from knowledge.kit.clock import now
from knowledge.kit.ids import new_id
from knowledge.kit.language import _
from knowledge.kit.logs import get_logger
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.lessons.entries import lesson_entries, may_find
from knowledge.lessons.errors import (
    LessonChanged,
    LessonInvalid,
    LessonKeyTaken,
    LessonProblem,
    NothingToPublish,
    UnknownLesson,
)
from knowledge.lessons.markdown import LessonSource, read_lesson, read_references
from knowledge.lessons.preparing import line_of
from knowledge.lessons.repository import LessonRepository, LessonRow, insert_once
from knowledge.lessons.runs.repository import RunRepository
from knowledge.lessons.schemas import LessonDraft, LessonEntry, LessonText, VersionEntry
from knowledge.lessons.shelving import bring_back, shelve, take_off
from knowledge.lessons.steps import pack_steps, pictures_of, unpack_steps, with_digests
from knowledge.models.lesson import Lesson, LessonPicture, LessonState, LessonVersion
from knowledge.topics.tree import TopicTree, load_tree
from knowledge.trainings.schemas import Publisher

# Fewer people than this are not counted where others can see it.
FEWEST = 3


class LessonService:
    """Lessons within one unit of work.

    ``by`` is the publisher, whose right to manage lessons the caller checks; ``None`` is the command line.
    """

    def __init__(self, unit: UnitOfWork) -> None:
        self._unit = unit
        self._lessons = LessonRepository(unit.session)
        self._tree: TopicTree | None = None

    # Reading

    async def get(self, lesson_id: UUID, viewer: Viewer) -> LessonText:
        """Return a lesson in its published version. Raises UnknownLesson, also where it may not be found."""
        rows = await self._lessons.by_ids([lesson_id])
        return await self._text(self._seen(rows, viewer))

    async def with_key(self, key: str, viewer: Viewer) -> LessonText:
        """Return a lesson by its key. Raises UnknownLesson, also where it may not be found."""
        rows = await self._lessons.findable(viewer, keys=[key])
        return await self._text(self._seen(rows, viewer))

    async def found(self, viewer: Viewer) -> Sequence[LessonEntry]:
        """Return all lessons that somebody may find, by title."""
        return await lesson_entries(self._lessons, await self._lessons.findable(viewer))

    async def picture(self, lesson_id: UUID, name: str, digest: str) -> LessonPicture | None:
        """Return a picture with its content; who may see it is the caller's to check."""
        return await self._lessons.picture(lesson_id, name, digest)

    async def topic_names(self, lessons: Sequence[LessonEntry]) -> dict[UUID, str]:
        """Return the names of the topics of lessons."""
        tree = await load_tree(self._unit.session)
        topics = {topic for lesson in lessons for topic in lesson.topics}
        return {topic: entry.name for topic in topics if (entry := tree.get(topic)) is not None}

    # Managing

    async def managed(self, by: Publisher | None) -> Sequence[LessonEntry]:
        """Return the lessons that a publisher manages, in their newest version."""
        if by is None or by.administrator:
            return await lesson_entries(self._lessons, await self._lessons.managed(None, None))
        return await lesson_entries(self._lessons, await self._lessons.managed(by.organisation_id, by.member_id))

    async def draft(self, lesson_id: UUID, by: Publisher | None, *, number: int | None = None) -> LessonText:
        """Return a lesson as its publisher sees it, in its newest version or another one. Raises UnknownLesson."""
        lesson = await self._managed(lesson_id, by)
        rows = await self._lessons.newest(Lesson.id == lesson.id)
        if number is None or not rows:
            return await self._text(rows[0] if rows else None)
        version = await self._lessons.version(lesson.id, number)
        if version is None:
            raise UnknownLesson
        return await self._text((rows[0][0], version, rows[0][2]))

    async def versions(self, lesson_id: UUID, by: Publisher | None) -> Sequence[VersionEntry]:
        """Return the versions of a lesson, the newest first. Raises UnknownLesson."""
        lesson = await self._managed(lesson_id, by)
        learners = await RunRepository(self._unit.session).learners_by_version(lesson.id)
        return [
            VersionEntry(
                number=version.number,
                title=version.title,
                created_at=version.created_at,
                created_by=version.created_by,
                published=version.number == lesson.published_version,
                learners=count if (count := learners.get(version.id, 0)) >= FEWEST else None,
            )
            for version in await self._lessons.versions(lesson.id)
        ]

    async def write(
        self,
        draft: LessonDraft,
        by: Publisher | None,
        *,
        lesson_id: UUID | None = None,
        revision: int | None = None,
    ) -> LessonEntry:
        """Keep a new lesson, or a new version of one; nobody learns it before it is published.

        Args:
            draft: what ``prepare_lesson`` made of its text.
            by: who writes.
            lesson_id: the lesson that gets a new version; a text that is the same as before makes none.
            revision: the one that was changed; somebody else's change meanwhile is not written over.

        Raises LessonKeyTaken, LessonChanged, UnknownLesson, LessonInvalid where a picture is missing.
        """
        if lesson_id is None:
            lesson = await self.add(draft, by)
            get_logger().info("lesson_added", lesson=str(lesson.id))
        else:
            lesson = await self._managed(lesson_id, by)
            if revision is not None and revision != lesson.revision:
                raise LessonChanged
            if draft.source.key != lesson.key:
                problem = _("The key of a lesson stays the same; this one is “{key}”.").format(key=lesson.key)
                raise LessonInvalid([LessonProblem(line_of_key(draft.source.source), problem, "key_changed")])
        if await self.add_version(lesson, draft, by):
            lesson.shipped = False
            if lesson.state is not LessonState.PUBLISHED:
                await self._apply(lesson, draft.source)
            await self._lessons.flush()
        return await self._entry(lesson)

    async def add_version(self, lesson: Lesson, draft: LessonDraft, by: Publisher | None) -> bool:
        """Let a lesson have a new version, unless it says the same; returns whether it has one."""
        digests = await self._take_pictures(lesson, draft)
        steps = pack_steps(with_digests(draft.source.steps, digests))
        newest = await self._lessons.version(lesson.id, lesson.version) if lesson.version else None
        if newest is not None and (newest.source, newest.steps) == (draft.source.source, steps):
            return False
        source = draft.source
        lesson.version += 1
        lesson.revision += 1
        lesson.updated_at = now()
        version = LessonVersion(
            id=new_id(),
            lesson_id=lesson.id,
            number=lesson.version,
            title=source.title,
            summary=source.summary,
            level=source.level,
            minutes=source.minutes,
            language=source.language,
            source=source.source,
            steps=steps,
            needs=list(source.needs),
            created_by=by.member_id if by else None,
        )
        await self._lessons.add(version)
        return True

    async def publish(self, lesson_id: UUID, by: Publisher | None) -> LessonEntry:
        """Let everybody who may find a lesson learn its newest version; who is in the middle stays on theirs.

        Raises UnknownLesson, NothingToPublish.
        """
        lesson = await self._managed(lesson_id, by)
        version = await self.release(lesson)
        entry = await self._entry(lesson)
        await bring_back(self._unit, await shelve(self._unit, lesson, version, entry.publisher))
        await self._record("publish", lesson, by)
        return await self._entry(lesson)

    async def release(self, lesson: Lesson, source: LessonSource | None = None) -> LessonVersion:
        """Let the newest version of a lesson be the one that is learned; the library follows (``shelve_missing``).

        ``source`` is what was read of it just now. Raises NothingToPublish.
        """
        version = await self._lessons.version(lesson.id, lesson.version)
        if version is None:
            raise NothingToPublish(_("There is nothing written yet that could be published."))
        await self._apply(lesson, source or read_lesson(version.source))
        lesson.state, lesson.published_version = LessonState.PUBLISHED, lesson.version
        lesson.document_id = None
        lesson.revision += 1
        lesson.updated_at = now()
        await self._lessons.flush()
        return version

    async def withdraw(self, lesson_id: UUID, by: Publisher | None) -> LessonEntry:
        """Take a lesson back: nobody begins it, who is in the middle may finish. Raises UnknownLesson."""
        lesson = await self._managed(lesson_id, by)
        if lesson.state is not LessonState.WITHDRAWN:
            lesson.state = LessonState.WITHDRAWN
            lesson.shipped = False
            lesson.revision += 1
            lesson.updated_at = now()
            await take_off(self._unit, lesson)
            await self._record("withdraw", lesson, by)
        return await self._entry(lesson)

    async def find_unknown(self, keys: Sequence[str]) -> list[str]:
        """Return the keys that no lesson has."""
        known = await self._lessons.keys()
        return [key for key in keys if key not in known]

    # Within

    def _seen(self, rows: Sequence[LessonRow], viewer: Viewer) -> LessonRow | None:
        return next((row for row in rows if may_find(row[0], viewer)), None)

    async def _text(self, row: LessonRow | None) -> LessonText:
        if row is None:
            raise UnknownLesson
        (entry,) = await lesson_entries(self._lessons, [row])
        source = row[1].source
        return LessonText(entry, unpack_steps(row[1].steps), source, read_references(source))

    async def _entry(self, lesson: Lesson) -> LessonEntry:
        rows = await self._lessons.newest(Lesson.id == lesson.id)
        (entry,) = await lesson_entries(self._lessons, rows)
        return entry

    async def _managed(self, lesson_id: UUID, by: Publisher | None) -> Lesson:
        lesson = await self._lessons.locked(lesson_id)
        if lesson is None or not (by is None or by.manages(lesson.organisation_id, lesson.created_by)):
            raise UnknownLesson
        return lesson

    async def add(self, draft: LessonDraft, by: Publisher | None) -> Lesson:
        """Keep a new lesson that has no version yet. Raises LessonKeyTaken."""
        source = draft.source
        organisation = publishes_for(by, draft.organisation_id)
        values = {
            "id": new_id(),
            "key": source.key,
            "organisation_id": organisation,
            "visibility": source.visibility,
            "access": access_token(source.visibility, organisation),
            "state": LessonState.DRAFT,
            "published_version": 0,
            "version": 0,
            "shipped": False,
            "revision": 1,
            "created_by": by.member_id if by else None,
            "created_at": now(),
            "updated_at": now(),
        }
        if not await insert_once(self._unit.session, Lesson, values, ["key"]):
            raise LessonKeyTaken(source.key)
        lesson = await self._lessons.by_key(source.key)
        if lesson is None:
            raise UnknownLesson
        return lesson

    async def _apply(self, lesson: Lesson, source: LessonSource) -> None:
        """Let what is said of the lesson as a whole hold: who may find it, and what it is about."""
        lesson.visibility = source.visibility
        lesson.access = access_token(source.visibility, lesson.organisation_id)
        if self._tree is None:
            self._tree = await load_tree(self._unit.session)
        await self._lessons.set_topics(lesson.id, self._tree.resolve(source.topics))

    async def _take_pictures(self, lesson: Lesson, draft: LessonDraft) -> dict[str, str]:
        """Keep new pictures, and return the digest of each picture of the lesson by its name."""
        known = await self._lessons.picture_digests(lesson.id)
        names = pictures_of(draft.source.steps)
        missing = [name for name in names if name not in known and name not in draft.pictures]
        if missing:
            said = _("The picture “{name}” is missing. Please send it along.")
            text = draft.source.source
            problems = [
                LessonProblem(line_of(text, name), said.format(name=name), "picture_missing") for name in missing
            ]
            raise LessonInvalid(problems)
        for name in names:
            picture = draft.pictures.get(name)
            if picture is None:
                continue
            known[name] = picture.digest
            if not await self._lessons.has_picture(lesson.id, name, picture.digest):
                row = LessonPicture(
                    id=new_id(),
                    lesson_id=lesson.id,
                    name=name,
                    digest=picture.digest,
                    media_type=picture.media_type,
                    width=picture.width,
                    height=picture.height,
                    content=picture.content,
                )
                await self._lessons.add(row)
        return known

    async def _record(self, act: str, lesson: Lesson, by: Publisher | None) -> None:
        member = by.member_id if by else None
        await record(self._unit.session, f"lessons:{act}", ("lesson", lesson.id), by=member, version=lesson.version)


def publishes_for(by: Publisher | None, wished: UUID | None) -> UUID | None:
    """Return the organisation that a publisher publishes for; administrators may name one."""
    if by is None or by.administrator:
        return wished or (by.organisation_id if by else None)
    return by.organisation_id


def line_of_key(text: str) -> int:
    """Return the line that names the key of a lesson."""
    lines = enumerate(text.split("\n"), start=1)
    return next((number for number, line in lines if line.strip().startswith("key:")), 0)
