"""Trainings for their publishers and readers: drafts, publication, changes, cancelling, copies, lists."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from knowledge.access.rights import RIGHTS, NotAllowed, Right
from knowledge.access.visibility import access_token
from knowledge.kit.clock import now
from knowledge.kit.ids import new_id
from knowledge.kit.language import _
from knowledge.kit.logs import get_logger
from knowledge.kit.revisions import Stale
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.models.document import Visibility
from knowledge.models.training import Training, TrainingState
from knowledge.topics.tree import load_tree
from knowledge.trainings.changing import Changing, copied, draft_of
from knowledge.trainings.checking import check_ready, checked_draft, checked_reason
from knowledge.trainings.errors import NoHouse, TrainingInvalid, TrainingMovedOn, UnknownTraining
from knowledge.trainings.places import tell_everybody
from knowledge.trainings.registrations.repository import RegistrationRepository
from knowledge.trainings.repository import Cursor, TrainingRepository
from knowledge.trainings.schemas import (
    Publisher,
    Standing,
    TrainingDraft,
    TrainingEntry,
    TrainingReader,
    TrainingWishes,
)
from knowledge.trainings.showing import Showing, may_read

MOST_LISTED = 50


class TrainingService:
    """Trainings, within the caller's unit of work."""

    def __init__(self, unit: UnitOfWork) -> None:
        self._unit = unit
        self._repository = TrainingRepository(unit.session)
        self._registrations = RegistrationRepository(unit.session)
        self._showing = Showing(self._repository, self._registrations)
        self._changing = Changing(self._repository, self._registrations)

    async def publisher(self, member_id: UUID) -> Publisher:
        """Return a member as somebody who manages trainings, by their role alone. Raises ``NotAllowed``.

        For chats; in the hub the session decides (``MayManageTrainings``).
        """
        member = await self._repository.member(member_id)
        if member is None or Right.TRAININGS_MANAGE not in RIGHTS[member.role]:
            raise NotAllowed
        everything = Right.ORGANISATIONS_MANAGE in RIGHTS[member.role]
        return Publisher(member.id, member.organisation_id, everything)

    # Writing

    async def create(self, draft: TrainingDraft, by: Publisher) -> TrainingEntry:
        """Keep a training as a draft, which only those who manage it see. Raises ``TrainingInvalid``."""
        kept = checked_draft(draft)
        organisation_id = await self._organisation(kept, by)
        row = Training(
            id=new_id(), state=TrainingState.DRAFT, created_by=by.member_id, created_at=now(), taken=0, last_number=0
        )
        self._put(row, kept, organisation_id)
        row.revision = 1
        await self._repository.add(row)
        await self._put_topics(row, kept)
        await self._changing.put_parts(row, kept)
        get_logger().info("training_created", training=str(row.id))
        return await self._managed_entry(row, by)

    async def _organisation(self, draft: TrainingDraft, by: Publisher) -> UUID | None:
        """Return whose training it is: an administrator says so, all others publish for their own."""
        wanted = draft.organisation_id if by.administrator and draft.organisation_id else by.organisation_id
        if wanted is not None and not await self._repository.organisation_exists(wanted):
            raise TrainingInvalid(_("There is no such organisation."), field="organisation_id")
        if draft.visibility is Visibility.HOUSE and wanted is None:
            raise NoHouse
        return wanted

    async def _organisation_after(self, row: Training, draft: TrainingDraft, by: Publisher) -> UUID | None:
        """Return whose training it is after a change: an administrator may say another one."""
        if by.administrator and draft.organisation_id is not None:
            return await self._organisation(draft, by)
        if draft.visibility is Visibility.HOUSE and row.organisation_id is None:
            raise NoHouse
        return row.organisation_id

    def _put(self, row: Training, draft: TrainingDraft, organisation_id: UUID | None) -> None:
        self._changing.put_fields(row, draft)
        row.organisation_id = organisation_id
        row.access = access_token(draft.visibility, organisation_id)

    async def _put_topics(self, row: Training, draft: TrainingDraft) -> None:
        tree = await load_tree(self._unit.session)
        await self._repository.set_topics(row.id, [topic for topic in draft.topics if tree.get(topic) is not None])

    async def change(self, training_id: UUID, draft: TrainingDraft, by: Publisher, revision: int) -> TrainingEntry:
        """Change a training. Once it is published, those who registered are told which fields changed.

        Args:
            training_id: which one.
            draft: all of it, as it is to be; a date or question without its ``id`` is a new one.
            by: who changes it.
            revision: of what was changed.

        Raises ``UnknownTraining``, ``TrainingInvalid``, ``CapacityTooSmall``; ``Stale`` where somebody else changed it
        meanwhile; ``TrainingMovedOn`` where it is cancelled or over.
        """
        row = await self._locked(training_id, by)
        if row.revision != revision:
            raise Stale
        moment = now()
        _check_changeable(row, moment)
        kept = checked_draft(draft)
        organisation_id = await self._organisation_after(row, kept, by)
        await self._changing.check(row, kept, moment)
        fields = await self._changing.changed_fields(row, kept)
        self._put(row, kept, organisation_id)
        row.revision += 1
        await self._put_topics(row, kept)
        await self._changing.put_parts(row, kept, changed=fields)
        await self._changing.settle_places(row, moment)
        if fields and row.state is TrainingState.PUBLISHED:
            await tell_everybody(self._registrations, "training.changed", row.id, fields=list(fields))
        get_logger().info("training_changed", training=str(row.id), fields=list(fields))
        return await self._managed_entry(row, by)

    async def publish(self, training_id: UUID, by: Publisher) -> TrainingEntry:
        """Publish a draft. Twice is once.

        Raises ``UnknownTraining``; ``TrainingInvalid`` where something is missing, or dates lie in the past;
        ``TrainingMovedOn`` where it was cancelled.
        """
        row = await self._locked(training_id, by)
        if row.state is TrainingState.CANCELLED:
            raise TrainingMovedOn(_("This training was cancelled. You can copy it and publish the copy."))
        if row.state is TrainingState.DRAFT:
            moment = now()
            check_ready(await self._draft(row), moment)
            row.state, row.published_at = TrainingState.PUBLISHED, moment
            row.revision += 1
            await self._unit.session.flush()
            get_logger().info("training_published", training=str(row.id))
        return await self._managed_entry(row, by)

    async def cancel(self, training_id: UUID, by: Publisher, reason: str) -> TrainingEntry:
        """Cancel a published training; everybody who has or hopes for a place is told, once. Twice is once.

        One that has begun can be cancelled, too, until its last date is over; dates that are over stay as they were.

        Raises ``UnknownTraining``; ``TrainingInvalid`` without a reason; ``TrainingMovedOn`` for drafts and the past.
        """
        row = await self._locked(training_id, by)
        if row.state is TrainingState.CANCELLED:
            return await self._managed_entry(row, by)
        words, moment = checked_reason(reason), now()
        if row.state is TrainingState.DRAFT:
            raise TrainingMovedOn(_("This is a draft that nobody has seen. You can simply delete it."))
        if row.ends_at is not None and row.ends_at <= moment:
            raise TrainingMovedOn(_("This training is over, so it cannot be cancelled any more."))
        row.state, row.cancelled_at, row.cancel_reason = TrainingState.CANCELLED, moment, words
        row.revision += 1
        await self._changing.raise_sequences(row, moment)
        told = await tell_everybody(self._registrations, "training.cancelled", row.id)
        get_logger().info("training_cancelled", training=str(row.id), told=told)
        return await self._managed_entry(row, by)

    async def discard(self, training_id: UUID, by: Publisher) -> None:
        """Delete a draft. Raises ``UnknownTraining``; ``TrainingMovedOn`` where it was published."""
        row = await self._locked(training_id, by)
        if row.state is not TrainingState.DRAFT:
            raise TrainingMovedOn(_("This training was published already. You can cancel it instead."))
        await self._repository.delete(row.id)
        get_logger().info("training_discarded", training=str(training_id))

    async def copy(self, training_id: UUID, by: Publisher, *, first: date | None = None) -> TrainingEntry:
        """Make a new draft of a training, also of one that is over or cancelled.

        Args:
            training_id: which one.
            by: who copies it; the copy is theirs.
            first: when the copy's first date is; the others follow at the same distance, at the same time on the clock.
                Without it, the copy has no dates.

        Raises ``UnknownTraining``; ``TimeMissing``, ``TimeTwice`` where a date falls on a change of the clocks.
        """
        row = await self._repository.get(training_id)
        if row is None or not _manages(row, by):
            raise UnknownTraining
        return await self.create(copied(await self._draft(row), first), by)

    async def draft(self, training_id: UUID, by: Publisher) -> TrainingDraft:
        """Return a training as it can be entered again, with ids of dates and questions. Raises ``UnknownTraining``."""
        row = await self._repository.get(training_id)
        if row is None or not _manages(row, by):
            raise UnknownTraining
        return await self._draft(row)

    async def _draft(self, row: Training) -> TrainingDraft:
        return draft_of(row, await self._repository.parts([row.id]))

    async def _locked(self, training_id: UUID, by: Publisher) -> Training:
        row = await self._repository.locked(training_id)
        if row is None or not _manages(row, by):
            raise UnknownTraining
        return row

    # Reading

    async def get(self, training_id: UUID, reader: TrainingReader) -> TrainingEntry:
        """Return a training that was published, also one that is cancelled or over. Raises ``UnknownTraining``."""
        row = await self._repository.get(training_id)
        if row is None:
            raise UnknownTraining
        mine = None
        if reader.member_id is not None:
            mine = await self._registrations.of_member_in(training_id, reader.member_id)
        if not may_read(reader, row, mine):
            raise UnknownTraining
        return (await self._showing.entries([row], reader.member_id))[0]

    async def get_managed(self, training_id: UUID, by: Publisher) -> TrainingEntry:
        """Return a training in any state for whoever manages it. Raises ``UnknownTraining``."""
        row = await self._repository.get(training_id)
        if row is None or not _manages(row, by):
            raise UnknownTraining
        return await self._managed_entry(row, by)

    async def _managed_entry(self, row: Training, by: Publisher) -> TrainingEntry:
        await self._unit.session.flush()
        await self._unit.session.refresh(row)
        return (await self._showing.managed([row], by))[0]

    async def coming(
        self,
        reader: TrainingReader,
        wishes: TrainingWishes | None = None,
        limit: int = MOST_LISTED,
        after: Cursor | None = None,
        *,
        offset: int = 0,
    ) -> list[TrainingEntry]:
        """Return what is coming and what still runs, in the order in which it begins.

        Args:
            reader: who reads.
            wishes: what they look for; everything without it.
            limit: how many at most.
            after: the ``cursor`` of the last one of the page before.
            offset: how many to leave out at the beginning.
        """
        wishes = await self._with_below(wishes or TrainingWishes())
        part = slice(offset, offset + limit)
        rows = await self._repository.coming(reader.viewer, wishes, now(), part=part, after=after)
        return await self._showing.entries(rows, reader.member_id)

    async def _with_below(self, wishes: TrainingWishes) -> TrainingWishes:
        if not wishes.topics:
            return wishes
        tree = await load_tree(self._unit.session)
        # A topic that is not there finds nothing, rather than everything.
        below = frozenset(key for topic in wishes.topics for key in tree.below(topic) | {topic})
        return TrainingWishes(below, wishes.state_key, wishes.district_key, wishes.online, wishes.since, wishes.until)

    async def managed(
        self, by: Publisher, *, limit: int = MOST_LISTED, before: UUID | None = None
    ) -> list[TrainingEntry]:
        """Return what somebody manages, in all states, the last made first; ``before``: the last of the page before."""
        rows = await self._repository.managed(by, limit=limit, before=before)
        return await self._showing.managed(rows, by)

    async def standing(
        self, by: Publisher, standing: Standing, *, limit: int = MOST_LISTED, offset: int = 0
    ) -> list[TrainingEntry]:
        """Return a part of what somebody manages and that stands so: what is nearest in time first."""
        rows = await self._repository.standing(by, standing, now(), limit=limit, offset=offset)
        return await self._showing.managed(rows, by)

    async def standings(self, by: Publisher) -> Mapping[Standing, int]:
        """Count what somebody manages, by how it stands."""
        counted = await self._repository.standings(by, now())
        return {one: counted.get(one.value, 0) for one in Standing}


def _manages(row: Training, by: Publisher) -> bool:
    return by.manages(row.organisation_id, row.created_by)


def _check_changeable(row: Training, moment: datetime) -> None:
    if row.state is TrainingState.CANCELLED:
        raise TrainingMovedOn(_("This training was cancelled. You can copy it and publish the copy."))
    if row.state is TrainingState.PUBLISHED and row.ends_at is not None and row.ends_at <= moment:
        raise TrainingMovedOn(_("This training is over, so it cannot be changed any more."))
