"""„Bescheid geben": remembering a question for its asker, and finding what fits it once it is published."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.visibility import Viewer
from knowledge.jobs.repository import JobRepository
from knowledge.kit.clock import now
from knowledge.kit.errors import InvalidInput, Unavailable
from knowledge.kit.ids import new_id
from knowledge.kit.language import _
from knowledge.library.answers.schemas import PreparedAnswer
from knowledge.library.answers.service import AnswerService
from knowledge.models.answer import Question
from knowledge.models.conversation import Watch
from knowledge.models.document import Document
from knowledge.watches.jobs import KEY, WATCH_JOB
from knowledge.watches.repository import WatchRepository
from knowledge.watches.schemas import WatchEntry

# More than anybody keeps in mind; whoever notes more is asked to take something back first.
MOST_PER_PERSON = 50


class TooManyWatches(InvalidInput):
    """Somebody waits to hear of very many things."""

    code = "watches.too_many"

    def __init__(self) -> None:
        super().__init__(
            _("Your list holds {count} questions. Please take one off first.").format(count=MOST_PER_PERSON)
        )


class StillIndexing(Unavailable):
    """What was published cannot be found yet."""

    code = "watches.still_indexing"

    def __init__(self) -> None:
        super().__init__(_("The search index is being brought up to date."))


@dataclass(frozen=True, slots=True)
class FreshViewer(Viewer):
    """Somebody who looks only at what was published or changed since a moment."""

    since: datetime | None = None

    def may_find(self, document: Document) -> bool:
        """Whether this viewer may find ``document`` and it is new to them."""
        return Viewer.may_find(self, document) and (self.since is None or document.updated_at >= self.since)


class WatchService:
    """Watches within one transaction of the caller's."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._watches = WatchRepository(session)

    async def remember(self, question: UUID, identity: UUID, *, chat_id: UUID | None, days: int) -> WatchEntry | None:
        """Remember a question for somebody; once more for the same question prolongs it.

        Returns ``None`` where the words of the question were erased meanwhile.

        Something may have been published between asking and this, so it is looked for at once. Raises
        ``TooManyWatches``.
        """
        words = await self._watches.question(question)
        if words is None:
            return None
        watch = await self._watches.of(question, identity)
        if watch is None:
            if len(await self._watches.open_of(identity)) >= MOST_PER_PERSON:
                raise TooManyWatches
            watch = Watch(id=new_id(), question_id=question, identity_id=identity, chat_id=chat_id, created_at=now())
        watch.expires_at, watch.told_at = now() + timedelta(days=days), None
        await self._watches.add(watch)
        await JobRepository(self._session).ask(WATCH_JOB, KEY)
        return _entry(watch, words)

    async def listed(self, identity: UUID) -> list[WatchEntry]:
        """Return what somebody waits to hear of, the oldest first."""
        return [_entry(watch, question) for watch, question in await self._watches.open_of(identity)]

    async def forget(self, key: UUID, identity: UUID) -> bool:
        """Forget one of somebody's own watches; returns whether there was one."""
        watch = await self._watches.get(key)
        if watch is None or watch.identity_id != identity:
            return False
        await self._watches.delete(watch)
        return True

    async def forget_question(self, question: UUID, identity: UUID) -> bool:
        """Forget what somebody noted about a question; returns whether there was something."""
        watch = await self._watches.of(question, identity)
        if watch is None:
            return False
        await self._watches.delete(watch)
        return True

    async def open_keys(self) -> Sequence[UUID]:
        """Return the keys of all watches that wait."""
        return await self._watches.open_keys()

    async def open_watch(self, key: UUID) -> WatchEntry | None:
        """Return one watch, unless it was taken back, has expired, or its person was told."""
        found = await self._watches.open_watch(key)
        return _entry(*found) if found else None

    async def told(self, key: UUID) -> bool:
        """Note that somebody is told in this transaction; returns ``False`` where that had happened, or need not."""
        found = await self._watches.open_watch(key)
        if found is None:
            return False
        found[0].told_at = now()
        await self._session.flush()
        return True

    async def expire(self) -> None:
        """Erase watches that have expired or whose person was told."""
        await self._watches.delete_done(now())


async def check_indexed(answers: AnswerService) -> None:
    """Raise ``StillIndexing`` while documents wait to be found here by their words."""
    if await answers.words_waiting():
        raise StillIndexing


async def find_news(answers: AnswerService, watch: WatchEntry, viewer: Viewer) -> PreparedAnswer | None:
    """Return a confident answer from what ``viewer`` may find and was published since the question was asked."""
    fresh = FreshViewer(viewer.access, viewer.state_key, watch.asked_at)
    prepared = await answers.prepare(watch.question, fresh)
    return prepared if prepared.reply.answered else None


def _entry(watch: Watch, question: Question) -> WatchEntry:
    return WatchEntry(
        id=watch.id,
        identity_id=watch.identity_id,
        chat_id=watch.chat_id,
        question=question.text,
        language=question.language,
        asked_at=question.created_at,
        expires_at=watch.expires_at,
    )
