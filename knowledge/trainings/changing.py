"""What a change of a training means: which fields people are told of, dates that calendars follow, places."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from knowledge.kit.clock import HOME, now
from knowledge.kit.ids import new_id
from knowledge.kit.language import _, date_text
from knowledge.models.training import Training, TrainingDate, TrainingQuestion, TrainingState
from knowledge.trainings.checking import check_ahead, check_deadline_ahead, check_ready_but_dates
from knowledge.trainings.errors import CapacityTooSmall, TrainingInvalid
from knowledge.trainings.places import ENDS_BEFORE, move_up
from knowledge.trainings.registrations.repository import RegistrationRepository
from knowledge.trainings.repository import Parts, TrainingRepository
from knowledge.trainings.schemas import DateDraft, QuestionDraft, TrainingDraft
from knowledge.trainings.times import moved

FIELDS = (
    "title",
    "summary",
    "outcomes",
    "audience",
    "level",
    "trainers",
    "online",
    "place",
    "link",
    "region",
    "state_key",
    "district_key",
    "capacity",
    "waiting_list",
    "offer_hours",
    "deadline",
    "costs",
    "accessibility",
    "language",
    "visibility",
)
# What matters to somebody who is registered; a better summary is no news to them.
TOLD = ("title", "outcomes", "level", "trainers", "online", "place", "link", "costs", "accessibility", "language")
# What calendars show beside the dates.
IN_CALENDARS = frozenset({"title", "place", "link", "online"})


class Changing:
    """Puts drafts into trainings, within the caller's transaction that holds the training's row."""

    def __init__(self, trainings: TrainingRepository, registrations: RegistrationRepository) -> None:
        self._trainings = trainings
        self._registrations = registrations

    async def check(self, row: Training, draft: TrainingDraft, moment: datetime) -> None:
        """Raise ``TrainingInvalid`` or ``CapacityTooSmall`` where a training cannot become this."""
        if draft.capacity is not None and draft.capacity < row.taken:
            raise CapacityTooSmall(row.taken)
        if row.state is TrainingState.DRAFT:
            return
        before = {entry.id: entry for entry in await self._dates(row)}
        new = _matched(before, draft.dates)
        _check_begun(before, new, moment)
        check_ready_but_dates(draft)
        for key, entry in new:
            if key is None or _differs(before[key], entry):
                check_ahead(entry, moment)
        if draft.deadline != row.deadline:
            check_deadline_ahead(draft, moment)

    async def _dates(self, row: Training) -> Sequence[TrainingDate]:
        parts = await self._trainings.parts([row.id])
        return [entry for entry in parts.dates[row.id] if entry.cancelled_at is None]

    async def changed_fields(self, row: Training, draft: TrainingDraft) -> tuple[str, ...]:
        """Return which fields change that matter to people who are registered, in a fixed order."""
        fields = [name for name in TOLD if getattr(row, name) != getattr(draft, name)]
        before = {entry.id: entry for entry in await self._dates(row)}
        new = _matched(before, draft.dates)
        kept = {key for key, entry in new if key is not None and not _differs(before[key], entry)}
        if kept != set(before) or len(new) != len(kept):
            fields.insert(0, "dates")
        return tuple(fields)

    def put_fields(self, row: Training, draft: TrainingDraft) -> None:
        """Put all but dates, topics and questions into a training."""
        for name in FIELDS:
            setattr(row, name, getattr(draft, name))

    async def put_parts(self, row: Training, draft: TrainingDraft, *, changed: Sequence[str] = ()) -> None:
        """Put dates and questions into a training; ``changed`` says which fields changed beside them."""
        await self._put_dates(row, draft.dates, raises=bool(IN_CALENDARS & set(changed)))
        await self._put_questions(row, draft.questions)

    async def _put_dates(self, row: Training, drafts: Sequence[DateDraft], *, raises: bool) -> None:
        """Put dates into a training.

        Calendars are told by a higher sequence; what is taken out after publication stays for them as cancelled.
        """
        moment, published = now(), row.state is TrainingState.PUBLISHED
        before = {entry.id: entry for entry in await self._dates(row)}
        new = _matched(before, drafts)
        moved_dates = [key for key, entry in new if key is not None and before[key].starts_at != entry.starts_at]
        for key, entry in new:
            if key is None:
                fresh = TrainingDate(id=new_id(), training_id=row.id, sequence=0, cancelled_at=None, changed_at=moment)
                fresh.starts_at, fresh.ends_at = entry.starts_at, entry.ends_at
                await self._trainings.add(fresh)
            elif _differs(before[key], entry) or (raises and before[key].ends_at > moment):
                old = before[key]
                old.starts_at, old.ends_at, old.changed_at = entry.starts_at, entry.ends_at, moment
                old.sequence += 1 if published else 0
        gone = [entry for key, entry in before.items() if key not in {kept for kept, _entry in new}]
        await self._take_out(gone, moment, published=published)
        await self._trainings.forget_reminders(moved_dates)
        row.starts_at = min((entry.starts_at for entry in drafts), default=None)
        row.ends_at = max((entry.ends_at for entry in drafts), default=None)
        await self._trainings.session.flush()

    async def _take_out(self, gone: Sequence[TrainingDate], moment: datetime, *, published: bool) -> None:
        if not published:
            await self._trainings.remove(*gone)
            return
        for entry in gone:
            entry.cancelled_at = entry.changed_at = moment
            entry.sequence += 1

    async def _put_questions(self, row: Training, drafts: Sequence[QuestionDraft]) -> None:
        before = {question.id: question for question in await self._trainings.questions(row.id)}
        for position, draft in enumerate(drafts):
            known = before.pop(draft.id, None) if draft.id is not None else None
            if known is None:
                known = TrainingQuestion(id=new_id(), training_id=row.id)
                self._trainings.session.add(known)
            known.position, known.text, known.required = position, draft.text, draft.required
        await self._trainings.remove(*before.values())

    async def raise_sequences(self, row: Training, moment: datetime) -> None:
        """Let calendars know that what is still to come does not take place."""
        for entry in await self._dates(row):
            if entry.ends_at > moment:
                entry.sequence += 1
                entry.changed_at = moment
        await self._trainings.session.flush()

    async def settle_places(self, row: Training, moment: datetime) -> None:
        """Let offers end in time for a new beginning, and people move up into new places."""
        await self._trainings.session.flush()
        if row.starts_at is not None:
            await self._registrations.cap_offers(row.id, max(moment, row.starts_at - ENDS_BEFORE))
        await move_up(self._registrations, row, moment)


def _matched(before: Mapping[UUID, TrainingDate], drafts: Sequence[DateDraft]) -> list[tuple[UUID | None, DateDraft]]:
    """Return each new date with the one that it was: by its id, or else one at the same time."""
    named = {draft.id for draft in drafts if draft.id in before}
    same_time = {(entry.starts_at, entry.ends_at): key for key, entry in before.items() if key not in named}
    taken: set[UUID] = set()
    found: list[tuple[UUID | None, DateDraft]] = []
    for draft in drafts:
        key = draft.id if draft.id in before else same_time.get((draft.starts_at, draft.ends_at))
        key = None if key in taken else key
        taken |= {key} if key is not None else set()
        found.append((key, draft))
    return found


def _differs(before: TrainingDate, after: DateDraft) -> bool:
    return (before.starts_at, before.ends_at) != (after.starts_at, after.ends_at)


def _check_begun(
    before: Mapping[UUID, TrainingDate], new: Sequence[tuple[UUID | None, DateDraft]], moment: datetime
) -> None:
    """Raise ``TrainingInvalid`` where a date that has begun is moved or taken out."""
    after = {key: entry for key, entry in new if key is not None}
    for key, entry in before.items():
        if entry.starts_at <= moment and (key not in after or _differs(entry, after[key])):
            problem = _("The date on {day} has already begun, so it cannot be changed or taken out.")
            day = date_text(entry.starts_at.astimezone(HOME).date())
            raise TrainingInvalid(problem.format(day=day), field="dates")


def draft_of(row: Training, parts: Parts) -> TrainingDraft:
    """Return a training as it can be entered again."""
    dates = [entry for entry in parts.dates.get(row.id, ()) if entry.cancelled_at is None]
    return TrainingDraft(
        **{name: getattr(row, name) for name in FIELDS},
        organisation_id=row.organisation_id,
        dates=tuple(DateDraft(entry.starts_at, entry.ends_at, entry.id) for entry in dates),
        topics=tuple(parts.topics.get(row.id, ())),
        questions=tuple(
            QuestionDraft(question.text, question.required, question.id) for question in parts.questions.get(row.id, ())
        ),
    )


def copied(draft: TrainingDraft, first: date | None) -> TrainingDraft:
    """Return the draft of a copy, with its first date on a day, or without dates.

    Raises ``TimeMissing``, ``TimeTwice``.
    """
    dates: tuple[DateDraft, ...] = ()
    if first is not None and draft.dates:
        days = (first - draft.dates[0].starts_at.astimezone(HOME).date()).days
        dates = tuple(moved(entry, days=days) for entry in draft.dates)
    questions = tuple(replace(question, id=None) for question in draft.questions)
    return replace(draft, dates=dates, questions=questions, deadline=None)
