"""Paths as publishers keep them: lessons in an order."""

import re
from collections.abc import Sequence
from uuid import UUID

from knowledge.access.visibility import access_token
from knowledge.audit.service import record
from knowledge.kit.clock import now
from knowledge.kit.errors import InvalidInput
from knowledge.kit.ids import new_id
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.lessons.entries import path_entries
from knowledge.lessons.errors import LessonChanged, LessonKeyTaken, NothingToPublish, UnknownLesson, UnknownPath
from knowledge.lessons.path_file import MOST_LESSONS, PathSource
from knowledge.lessons.repository import LessonRepository, PathRepository, insert_once
from knowledge.lessons.schemas import PathDraft, PathEntry
from knowledge.lessons.service import publishes_for
from knowledge.models.document import Visibility
from knowledge.models.lesson import LessonPath, LessonState
from knowledge.trainings.schemas import Publisher

_KEY = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?")
LONGEST_TITLE, LONGEST_SUMMARY, LONGEST_OUTCOMES = 120, 300, 600


class PathInvalid(InvalidInput):
    """A path lacks something, or has too much of it."""

    code = "lessons.path_invalid"


class PathService:
    """Paths within one unit of work; ``by`` is the publisher, or ``None`` for the command line."""

    def __init__(self, unit: UnitOfWork) -> None:
        self._unit = unit
        self._lessons = LessonRepository(unit.session)
        self._paths = PathRepository(unit.session)

    async def managed(self, by: Publisher | None) -> Sequence[PathEntry]:
        """Return the paths that a publisher manages, with all of their lessons."""
        everything = by is None or by.administrator
        organisation, member = (None, None) if everything or by is None else (by.organisation_id, by.member_id)
        return await path_entries(self._lessons, await self._paths.managed(organisation, member), None)

    async def draft(self, path_id: UUID, by: Publisher | None) -> PathEntry:
        """Return a path as its publisher sees it. Raises UnknownPath."""
        return await self._entry(await self._managed(path_id, by))

    async def write(
        self, draft: PathDraft, by: Publisher | None, *, path_id: UUID | None = None, revision: int | None = None
    ) -> PathEntry:
        """Keep a new path, or change one; a change of a published one holds at once, and no run is lost.

        Raises LessonKeyTaken, LessonChanged, UnknownPath, UnknownLesson, PathInvalid.
        """
        _check(draft)
        await self._check_lessons(draft, by)
        if path_id is None:
            path = await self.add(draft, by)
        else:
            path = await self._managed(path_id, by)
            if revision is not None and revision != path.revision:
                raise LessonChanged
        await self.apply(path, draft)
        path.shipped = False
        await self._lessons.flush()
        return await self._entry(path)

    async def apply(self, path: LessonPath, draft: PathDraft) -> None:
        """Let what a draft says hold for a path."""
        path.title, path.summary, path.outcomes = draft.title.strip(), draft.summary.strip(), draft.outcomes.strip()
        path.level, path.language, path.visibility = draft.level, draft.language, draft.visibility
        path.access = access_token(draft.visibility, path.organisation_id)
        path.revision += 1
        path.updated_at = now()
        await self._paths.set_items(path.id, draft.lessons)

    async def publish(self, path_id: UUID, by: Publisher | None) -> PathEntry:
        """Let everybody who may find a path take it.

        Raises UnknownPath; NothingToPublish where one of its lessons is not published.
        """
        path = await self._managed(path_id, by)
        entry = await self._entry(path)
        hidden = [lesson.title for lesson in entry.lessons if lesson.state is not LessonState.PUBLISHED]
        if not entry.lessons or hidden:
            problem = _("A path can be published when all of its lessons are. These are not yet: {titles}")
            raise NothingToPublish(problem.format(titles=", ".join(hidden) or "–"))
        return await self._set_state(path, LessonState.PUBLISHED, by)

    async def withdraw(self, path_id: UUID, by: Publisher | None) -> PathEntry:
        """Take a path back; its lessons stay, and circles that take it come to its end. Raises UnknownPath."""
        return await self._set_state(await self._managed(path_id, by), LessonState.WITHDRAWN, by)

    # Within

    async def _set_state(self, path: LessonPath, state: LessonState, by: Publisher | None) -> PathEntry:
        if path.state is not state:
            path.state = state
            path.revision += 1
            path.updated_at = now()
            await self._lessons.flush()
            member = by.member_id if by else None
            await record(self._unit.session, f"lessons:path_{state.value}", ("lesson_path", path.id), by=member)
        return await self._entry(path)

    async def _entry(self, path: LessonPath) -> PathEntry:
        row = await self._paths.get(path.id)
        if row is None:
            raise UnknownPath
        (entry,) = await path_entries(self._lessons, [row], None)
        return entry

    async def _managed(self, path_id: UUID, by: Publisher | None) -> LessonPath:
        path = await self._paths.locked(path_id)
        if path is None or not (by is None or by.manages(path.organisation_id, path.created_by)):
            raise UnknownPath
        return path

    async def add(self, draft: PathDraft, by: Publisher | None) -> LessonPath:
        """Keep a new path that says nothing yet. Raises LessonKeyTaken."""
        organisation = publishes_for(by, draft.organisation_id)
        values = {
            "id": new_id(),
            "key": draft.key,
            "title": draft.title,
            "summary": "",
            "outcomes": "",
            "level": draft.level,
            "language": draft.language,
            "organisation_id": organisation,
            "visibility": draft.visibility,
            "access": access_token(draft.visibility, organisation),
            "state": LessonState.DRAFT,
            "shipped": False,
            "revision": 0,
            "created_by": by.member_id if by else None,
            "created_at": now(),
            "updated_at": now(),
        }
        if not await insert_once(self._unit.session, LessonPath, values, ["key"]):
            raise LessonKeyTaken(draft.key)
        path = await self._paths.by_key(draft.key)
        if path is None:
            raise UnknownPath
        return path

    async def _check_lessons(self, draft: PathDraft, by: Publisher | None) -> None:
        """Raise UnknownLesson for what the publisher may not put into a path: others' drafts."""
        rows = await self._lessons.by_ids(draft.lessons, newest=True)
        usable = {
            row[0].id
            for row in rows
            if row[0].state is LessonState.PUBLISHED
            or by is None
            or by.manages(row[0].organisation_id, row[0].created_by)
        }
        if not usable.issuperset(draft.lessons):
            raise UnknownLesson


def _check(draft: PathDraft) -> None:
    if not _KEY.fullmatch(draft.key):
        problem = _("A key consists of small letters a to z, digits and dashes, such as “what-ai-is”.")
        raise PathInvalid(problem)
    if not 0 < len(draft.title.strip()) <= LONGEST_TITLE:
        raise PathInvalid(_("Please give a title of at most {count} characters.").format(count=LONGEST_TITLE))
    if len(draft.summary) > LONGEST_SUMMARY or len(draft.outcomes) > LONGEST_OUTCOMES:
        problem = _("Summary and outcomes may have at most {summary} and {outcomes} characters.")
        raise PathInvalid(problem.format(summary=LONGEST_SUMMARY, outcomes=LONGEST_OUTCOMES))
    if not 0 < len(draft.lessons) <= MOST_LESSONS or len(set(draft.lessons)) < len(draft.lessons):
        raise PathInvalid(_("A path has 1 to {count} lessons, each once.").format(count=MOST_LESSONS))
    if draft.visibility not in (Visibility.PUBLIC, Visibility.NETWORK):
        raise PathInvalid(_("Please choose one of these: {values}.").format(values="public, network"))


def path_draft(source: PathSource, lessons: tuple[UUID, ...], organisation_id: UUID | None = None) -> PathDraft:
    """Return a path of a file, with the lessons that its keys mean, as it is to be kept."""
    return PathDraft(
        key=source.key,
        title=source.title,
        lessons=lessons,
        summary=source.summary,
        outcomes=source.outcomes,
        level=source.level,
        language=source.language,
        visibility=source.visibility,
        organisation_id=organisation_id,
    )
