"""How a training was: said by those who took part, told to its publisher as sums, without names."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from knowledge.kit.clock import now
from knowledge.kit.errors import InvalidInput, NotFound
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.models.training import Registration, RegistrationState, Training, TrainingFeedback, TrainingState
from knowledge.trainings.opinions.repository import FeedbackRepository

# Below this many people nothing is said of them together, and below this many comments none is shown.
FROM = 3
LONGEST_COMMENT = 1000


class FeedbackNotPossible(NotFound):
    """Somebody who did not take part, or whose name was cleared since, wants to say something of a training."""

    code = "trainings.feedback_not_possible"

    def __init__(self) -> None:
        super().__init__(_("You can say how it was once the training has begun, and up to 30 days after it."))


class FeedbackInvalid(InvalidInput):
    """A comment is too long, or it was not said whether the training helped."""

    code = "trainings.feedback_invalid"


@dataclass(frozen=True, slots=True)
class FeedbackEntry:
    """What somebody said; theirs alone. ``helped`` is empty as long as they said nothing."""

    registration_id: UUID
    training_id: UUID
    title: str
    helped: bool | None
    comment: str


@dataclass(frozen=True, slots=True)
class FeedbackSums:
    """What people said of a training together; ``comments`` are without names and in no order."""

    said: int
    helped: int
    comments: tuple[str, ...]


class FeedbackService:
    """Feedback, within one unit of work."""

    def __init__(self, unit: UnitOfWork) -> None:
        self._repository = FeedbackRepository(unit.session)

    async def of_registration(
        self, registration_id: UUID, member_id: UUID, moment: datetime | None = None
    ) -> FeedbackEntry:
        """Return what a member said, or may say now. Raises ``FeedbackNotPossible``."""
        training = await self._may_say(registration_id, member_id, moment or now())
        return _entry(registration_id, training, await self._repository.of_registration(registration_id))

    async def give(
        self,
        registration_id: UUID,
        member_id: UUID,
        *,
        helped: bool | None = None,
        comment: str | None = None,
        moment: datetime | None = None,
    ) -> FeedbackEntry:
        """Keep what a member says; what is ``None`` stays as it was said before.

        Raises ``FeedbackNotPossible``, and ``FeedbackInvalid`` for a comment that is too long or comes alone.
        """
        said = comment.strip() if comment is not None else None
        if said is not None and len(said) > LONGEST_COMMENT:
            problem = _("Please write at most {most} characters.").format(most=LONGEST_COMMENT)
            raise FeedbackInvalid(problem)
        training = await self._may_say(registration_id, member_id, moment or now(), locked=True)
        row = await self._repository.of_registration(registration_id)
        if row is None:
            row = await self._begin(registration_id, training, helped)
        row.helped = row.helped if helped is None else helped
        row.comment = row.comment if said is None else said
        return _entry(registration_id, training, row)

    async def _begin(self, registration_id: UUID, training: Training, helped: bool | None) -> TrainingFeedback:
        if helped is None:
            raise FeedbackInvalid(_("Please say first whether the training helped you."))
        row = TrainingFeedback(
            training_id=training.id, registration_id=registration_id, helped=helped, comment="", created_at=now()
        )
        await self._repository.add(row)
        return row

    async def sums(self, training_id: UUID) -> FeedbackSums | None:
        """Return what people said of a training; ``None`` where fewer than three did."""
        said, helped = await self._repository.counts(training_id)
        if said < FROM:
            return None
        comments = await self._repository.comments(training_id)
        shuffled = sorted(comments, key=lambda row: hashlib.sha256(row[0].bytes).digest())
        return FeedbackSums(said, helped, tuple(text for _key, text in shuffled) if len(comments) >= FROM else ())

    async def _may_say(
        self, registration_id: UUID, member_id: UUID, moment: datetime, *, locked: bool = False
    ) -> Training:
        found = await self._repository.registration(registration_id, locked=locked)
        if found is None or not _took_part(*found, member_id, moment):
            raise FeedbackNotPossible
        return found[1]


def _took_part(registration: Registration, training: Training, member_id: UUID, moment: datetime) -> bool:
    begun = training.starts_at is not None and training.starts_at <= moment
    was_there = registration.state is RegistrationState.REGISTERED and registration.attended is not False
    return registration.member_id == member_id and was_there and begun and training.state is TrainingState.PUBLISHED


def _entry(registration_id: UUID, training: Training, row: TrainingFeedback | None) -> FeedbackEntry:
    helped, comment = (row.helped, row.comment) if row is not None else (None, "")
    return FeedbackEntry(registration_id, training.id, training.title, helped, comment)
