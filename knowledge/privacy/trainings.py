"""What is kept of one person around trainings and lessons, and what is left of it when they are erased."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.models.training import Registration, TrainingFeedback
from knowledge.privacy.learned.repository import LearnedRepository
from knowledge.trainings.leaving import forget_member


@dataclass(frozen=True, slots=True)
class StoredRegistration:
    """A registration; ``answers`` holds question and answer, ``reminded`` when reminders were noted."""

    training: str
    state: str
    number: int
    answers: tuple[tuple[str, str], ...]
    offered_until: datetime | None
    attended: bool | None
    created_at: datetime
    changed_at: datetime
    reminded: tuple[datetime, ...]
    helped: bool | None
    comment: str | None


@dataclass(frozen=True, slots=True)
class StoredInquiry:
    """A question to whoever runs a training."""

    training: str
    text: str
    answer: str | None
    created_at: datetime
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredRun:
    """How far somebody is in a lesson; ``answers``: step, which answer they chose first, whether it was right."""

    lesson: str
    path: str | None
    step: int
    started_at: datetime
    updated_at: datetime
    done_at: datetime | None
    active: bool
    helpful: bool | None
    answers: tuple[tuple[int, int, bool], ...]


@dataclass(frozen=True, slots=True)
class StoredSelfCheck:
    """What somebody answered at „Wie weit sind wir?": by question, the number of the answer."""

    created_at: datetime
    answers: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class StoredCertificate:
    """A certificate."""

    kind: str
    name: str
    title: str
    learned: str
    publisher: str
    minutes: int
    language: str
    completed_on: date
    issued_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoredLearning:
    """Everything around trainings and lessons. ``made``: what they made for others, by kind, with name and moment."""

    registrations: tuple[StoredRegistration, ...]
    inquiries: tuple[StoredInquiry, ...]
    answered: tuple[tuple[datetime | None, str], ...]
    runs: tuple[StoredRun, ...]
    self_checks: tuple[StoredSelfCheck, ...]
    certificates: tuple[StoredCertificate, ...]
    calendar_since: datetime | None
    made: tuple[tuple[str, str, datetime], ...]

    def __bool__(self) -> bool:
        parts = (self.registrations, self.inquiries, self.answered, self.runs, self.self_checks, self.certificates)
        return any(parts) or self.calendar_since is not None or bool(self.made)


async def learning_of(session: AsyncSession, identities: Collection[UUID], member_id: UUID | None) -> StoredLearning:
    """Return what is kept of somebody around trainings and lessons; of people who are no members, lessons only."""
    repository = LearnedRepository(session)
    runs, checks = await _runs(repository, identities, member_id), await _checks(repository, identities, member_id)
    if member_id is None:
        return StoredLearning((), (), (), runs, checks, (), None, ())
    inquiries = await repository.inquiries(member_id)
    return StoredLearning(
        registrations=await _registrations(repository, member_id),
        inquiries=tuple(
            StoredInquiry(title, row.text, row.answer, row.created_at, row.answered_at) for row, title in inquiries
        ),
        answered=tuple((row.answered_at, row.answer or "") for row in await repository.answered(member_id)),
        runs=runs,
        self_checks=checks,
        certificates=await _certificates(repository, member_id),
        calendar_since=await repository.feed(member_id),
        made=tuple(await repository.made(member_id)),
    )


async def _registrations(repository: LearnedRepository, member_id: UUID) -> tuple[StoredRegistration, ...]:
    found = await repository.registrations(member_id)
    questions = await repository.questions({row.training_id for row, _title in found})
    keys = [row.id for row, _title in found]
    reminded, said = await repository.reminded(keys), await repository.feedback(keys)
    return tuple(
        _registration(row, title, questions, [at for key, at in reminded if key == row.id], said.get(row.id))
        for row, title in found
    )


def _registration(
    row: Registration,
    title: str,
    questions: dict[str, str],
    reminded: Sequence[datetime],
    said: TrainingFeedback | None,
) -> StoredRegistration:
    return StoredRegistration(
        training=title,
        state=row.state.value,
        number=row.number,
        answers=tuple((questions.get(key, key), str(answer)) for key, answer in row.answers.items()),
        offered_until=row.offered_until,
        attended=row.attended,
        created_at=row.created_at,
        changed_at=row.changed_at,
        reminded=tuple(reminded),
        helped=said.helped if said is not None else None,
        comment=said.comment if said is not None else None,
    )


async def _runs(
    repository: LearnedRepository, identities: Collection[UUID], member_id: UUID | None
) -> tuple[StoredRun, ...]:
    found = await repository.runs(identities, member_id)
    answers = await repository.answers([run.id for run, _lesson, _path in found])
    return tuple(
        StoredRun(
            lesson=lesson,
            path=path,
            step=run.step,
            started_at=run.started_at,
            updated_at=run.updated_at,
            done_at=run.done_at,
            active=run.active,
            helpful=run.helpful,
            answers=tuple((row.step, row.choice, row.correct) for row in answers if row.run_id == run.id),
        )
        for run, lesson, path in found
    )


async def _checks(
    repository: LearnedRepository, identities: Collection[UUID], member_id: UUID | None
) -> tuple[StoredSelfCheck, ...]:
    found = await repository.self_checks(identities, member_id)
    return tuple(StoredSelfCheck(row.created_at, tuple(row.answers.items())) for row in found)


async def _certificates(repository: LearnedRepository, member_id: UUID) -> tuple[StoredCertificate, ...]:
    return tuple(
        StoredCertificate(
            kind=row.kind.value,
            name=row.name,
            title=row.title,
            learned=row.learned,
            publisher=row.publisher,
            minutes=row.minutes,
            language=row.language,
            completed_on=row.completed_on,
            issued_at=row.issued_at,
            revoked_at=row.revoked_at,
        )
        for row in await repository.certificates(member_id)
    )


async def forget_learning(session: AsyncSession, member_id: UUID) -> None:
    """Take a member out of trainings, in the transaction that deletes them.

    Their places go to those who wait. What they wrote about trainings is erased, that one helped is not; certificates
    that they hold stay valid, without their name. Lessons, self-checks and the calendar go with the member's row.
    """
    repository = LearnedRepository(session)
    await repository.erase_comments(member_id)
    await repository.erase_names(member_id)
    await forget_member(session, member_id)
