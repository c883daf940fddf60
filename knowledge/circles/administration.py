"""What the hub shows of circles and sets for them.

A moderator who looks after some topics only has to do with the circles that have one of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.rights import Visitor
from knowledge.audit.service import record
from knowledge.circles.repository import CircleRepository
from knowledge.circles.schemas import CircleStatus
from knowledge.circles.service import CircleNotFound, CircleService, read_topics
from knowledge.kit.errors import Conflict, InvalidInput
from knowledge.kit.language import LANGUAGES, _
from knowledge.kit.revisions import refuse_stale, revision_of
from knowledge.members.invitations import InvitationService
from knowledge.members.schemas import IssuedCode
from knowledge.models.chat import Network
from knowledge.topics.tree import load_tree

MOST_DOCUMENTS = 200


class NoGroup(Conflict):
    """There is nobody to vouch for."""

    code = "circles.no_group"

    def __init__(self) -> None:
        super().__init__(_("This circle has no group yet, so there is nobody to vouch for."))


class TopicNeeded(InvalidInput):
    """A moderator of some topics makes a circle without one of them."""

    code = "circles.topic_needed"

    def __init__(self) -> None:
        super().__init__(_("Please give the circle at least one of the topics that you look after."))


@dataclass(frozen=True, slots=True, kw_only=True)
class CircleChange:
    """How a circle is to be: ``language`` may be empty, ``topics`` are parted by commas.

    ``digest_day`` is the day of the week on which its digest comes (0 is Monday; ``None``: never).
    """

    language: str
    topics: str
    recognises: bool
    paused: bool
    digest_day: int | None = 0
    digest_hour: int = 8


@dataclass(frozen=True, slots=True)
class CircleDocument:
    """A document that is for a circle."""

    id: UUID
    title: str


def circle_revision(circle: CircleStatus) -> str:
    """Return the revision of a circle's settings."""
    digest = (circle.digest_day, circle.digest_hour)
    return revision_of(circle.language, circle.topics, circle.recognises_since is not None, circle.paused, digest)


def what_it_finds(circle: CircleStatus, telegram_visibility: str) -> list[str]:
    """Return in words what a circle's group finds."""
    if not circle.linked:
        return [_("No group is linked, so nobody finds anything by it. Its documents are kept.")]
    if circle.network is Network.TELEGRAM and telegram_visibility != "network":
        return [
            _("What is public."),
            _("Nothing else: on Telegram, only what is public is shown, as the administrator decided."),
        ]
    found = [_("What is public."), _("What is for this circle.")]
    if circle.vouched_at is not None:
        return [*found, _("What is for the network, because a moderator vouches for the group.")]
    return [*found, _("Not what is for the network: nobody vouches for the group.")]


class CircleAdministration:
    """Circles in the hub for one visitor, within the caller's transaction."""

    def __init__(self, session: AsyncSession, visitor: Visitor) -> None:
        self._session = session
        self._visitor = visitor
        self._repository = CircleRepository(session)
        self._service = CircleService(session)

    def covers(self, topics: Sequence[str]) -> bool:
        """Whether the visitor looks after circles with these topics."""
        return self._visitor.scope.covers(None, list(topics))

    async def list(self) -> Sequence[CircleStatus]:
        """Return the circles that the visitor looks after, by name."""
        return [circle for circle in await self._service.list() if self.covers(circle.topics)]

    async def get(self, circle_id: UUID) -> CircleStatus:
        """Return a circle. Raises CircleNotFound, also for one that the visitor does not look after."""
        circle = await self._service.by_id(circle_id)
        if circle is None or not self.covers(circle.topics):
            raise CircleNotFound(_("There is no such circle."))
        return circle

    async def documents(self, circle_id: UUID) -> Sequence[CircleDocument]:
        """Return the documents for a circle that the visitor looks after or may find."""
        viewer, scope = self._visitor.viewer, self._visitor.scope
        rows = await self._repository.documents(circle_id, MOST_DOCUMENTS)
        seen = [row for row in rows if scope.covers(row.organisation_id, row.topics) or viewer.may_find(row)]
        return [CircleDocument(row.id, row.title) for row in seen]

    async def unknown_topics(self, circle: CircleStatus) -> Sequence[str]:
        """Return the topics of a circle that no topic of the tree goes by: nothing finds the circle by them."""
        tree = await load_tree(self._session)
        return [topic for topic in circle.topics if tree.find(topic) is None]

    async def add(self, name: str, topics: str) -> tuple[CircleStatus, IssuedCode]:
        """Add a circle, with a code that links a group to it. Raises InvalidInput, CircleExists, TopicNeeded."""
        if not self.covers(read_topics(topics)):
            raise TopicNeeded
        circle = await self._service.add(name)
        await self._service.set_topics(circle.id, topics)
        await self._record("circles:add", circle.id)
        return circle, await InvitationService(self._session).circle_code(circle.id)

    async def change(self, circle_id: UUID, change: CircleChange, *, revision: str) -> CircleStatus:
        """Set how a circle is. Raises CircleNotFound, Stale, InvalidInput (DigestTimeInvalid)."""
        before = await self.get(circle_id)
        refuse_stale(revision, circle_revision(before))
        await self._service.set_topics(circle_id, change.topics)
        language = change.language if change.language in LANGUAGES else None
        await self._repository.change(circle_id, language=language)
        await self._service.set_digest(circle_id, change.digest_day, change.digest_hour)
        if before.linked and change.recognises != (before.recognises_since is not None):
            await self._service.recognise(circle_id, on=change.recognises)
        row = await self._repository.by_id(circle_id)
        if row is not None and row[1] is not None and row[1].paused != change.paused:
            await self._service.pause(row[1].id, on=change.paused)
        await self._record("circles:change", circle_id, recognises=change.recognises, paused=change.paused)
        after = await self._service.by_id(circle_id)
        return after or before

    async def code(self, circle_id: UUID) -> tuple[CircleStatus, IssuedCode]:
        """Make a code that links a group; the one before stops working. Raises CircleNotFound."""
        circle = await self.get(circle_id)
        await self._record("circles:code", circle_id)
        return circle, await InvitationService(self._session).circle_code(circle_id)

    async def vouch(self, circle_id: UUID, *, on: bool) -> None:
        """Vouch that all of a circle's group belong to the network, or no longer. Raises CircleNotFound, NoGroup."""
        circle = await self.get(circle_id)
        if on and not circle.linked:
            raise NoGroup
        if on:
            await self._service.vouch(circle_id, by=self._visitor.member_id)
        else:
            await self._service.withdraw_vouching(circle_id)
        await self._record("circles:vouch" if on else "circles:unvouch", circle_id)

    async def _record(self, action: str, circle_id: UUID, **details: object) -> None:
        await record(self._session, action, ("circle", circle_id), by=self._visitor.member_id, **details)
