"""The statements about certificates, and about what they are made for."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, false, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.visibility import PUBLIC
from knowledge.models.certificate import Certificate
from knowledge.models.lesson import Lesson, LessonPath, LessonPathItem, LessonRun, LessonState, LessonVersion
from knowledge.models.member import Member
from knowledge.models.organisation import Organisation
from knowledge.models.training import Registration, RegistrationState, Training, TrainingDate, TrainingState


@dataclass(frozen=True, slots=True)
class DoneLesson:
    """A lesson of a path, and when the learner did it (``None``: not yet)."""

    title: str
    minutes: int
    done_at: datetime | None


class CertificateRepository:
    """Certificates over one session; whoever opened it commits."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, certificate_id: UUID, member_id: UUID) -> Certificate | None:
        """Return a member's own certificate that holds."""
        statement = select(Certificate).where(Certificate.id == certificate_id, *_valid_of(member_id))
        return await self._session.scalar(statement)

    async def of_member(self, member_id: UUID) -> Sequence[Certificate]:
        """Return a member's certificates that hold, the latest first."""
        latest_first = Certificate.completed_on.desc(), Certificate.issued_at.desc(), Certificate.id
        found = await self._session.scalars(select(Certificate).where(*_valid_of(member_id)).order_by(*latest_first))
        return found.all()

    async def made_for(self, member_id: UUID, subject_id: UUID) -> Certificate | None:
        """Return what a member already has for a training or path."""
        about = or_(Certificate.training_id == subject_id, Certificate.path_id == subject_id)
        statement = select(Certificate).where(about, *_valid_of(member_id)).execution_options(populate_existing=True)
        return await self._session.scalar(statement)

    async def add(self, row: dict[str, object]) -> None:
        """Take in a certificate, in place of one that was revoked; where another one came first, that one stays."""
        same = Certificate.training_id == row["training_id"], Certificate.path_id == row["path_id"]
        about = or_(*same) if row["training_id"] and row["path_id"] else same[0] if row["training_id"] else same[1]
        mine = Certificate.member_id == row["member_id"]
        await self._session.execute(delete(Certificate).where(mine, about, Certificate.revoked_at.is_not(None)))
        on_postgres = self._session.get_bind().dialect.name == "postgresql"
        insert = postgresql.insert(Certificate) if on_postgres else sqlite.insert(Certificate)
        await self._session.execute(insert.values(**row).on_conflict_do_nothing())

    async def revoke(self, certificate_id: UUID, member_id: UUID, moment: datetime) -> bool:
        """Take a certificate back; whether there was one that held."""
        mine = Certificate.id == certificate_id, *_valid_of(member_id)
        revoked = update(Certificate).where(*mine).values(revoked_at=moment).returning(Certificate.id)
        return (await self._session.scalar(revoked)) is not None

    async def holds(self, digest: str) -> bool:
        """Whether a certificate with this digest of its code holds."""
        statement = select(exists().where(Certificate.code_digest == digest, Certificate.revoked_at.is_(None)))
        return bool(await self._session.scalar(statement))

    async def attended(self, member_id: UUID, moment: datetime) -> Sequence[Training]:
        """Return the trainings that a member attended, as their publishers noted, and that are over."""
        there = Registration.member_id == member_id, Registration.attended.is_(True)
        kept = Registration.state == RegistrationState.REGISTERED, Training.state == TrainingState.PUBLISHED
        statement = select(Training).join(Registration, Registration.training_id == Training.id)
        found = await self._session.scalars(
            statement.where(*there, *kept, Training.ends_at <= moment).order_by(Training.ends_at.desc(), Training.id)
        )
        return found.all()

    async def dates(self, training_id: UUID) -> Sequence[TrainingDate]:
        """Return the dates of a training that took place, in order."""
        statement = select(TrainingDate).where(TrainingDate.training_id == training_id)
        found = await self._session.scalars(
            statement.where(TrainingDate.cancelled_at.is_(None)).order_by(TrainingDate.starts_at)
        )
        return found.all()

    async def begun_paths(self, member_id: UUID) -> Sequence[LessonPath]:
        """Return the paths that a member may find and of which they did a lesson."""
        organisation = await self._session.scalar(select(Member.organisation_id).where(Member.id == member_id))
        tokens = _tokens_of(organisation)
        did = (
            select(LessonPathItem.path_id)
            .join(LessonRun, LessonRun.lesson_id == LessonPathItem.lesson_id)
            .where(LessonRun.member_id == member_id, LessonRun.done_at.is_not(None))
        )
        statement = select(LessonPath).where(
            LessonPath.id.in_(did), LessonPath.access.in_(tokens), LessonPath.state != LessonState.DRAFT
        )
        return (await self._session.scalars(statement.order_by(LessonPath.title, LessonPath.id))).all()

    async def lessons_of_path(self, path_id: UUID, member_id: UUID) -> list[DoneLesson]:
        """Return the lessons of a path in their order, and when a member did each.

        A lesson that was withdrawn counts for whoever did it, and is not asked of anybody else.
        """
        mine = (LessonRun.lesson_id == LessonPathItem.lesson_id) & (LessonRun.member_id == member_id)
        taken = or_(
            LessonVersion.id == LessonRun.version_id,
            LessonRun.id.is_(None)
            & (LessonVersion.lesson_id == Lesson.id)
            & (LessonVersion.number == Lesson.published_version),
        )
        statement = (
            select(LessonVersion.title, LessonVersion.minutes, LessonRun.done_at)
            .select_from(LessonPathItem)
            .join(Lesson, Lesson.id == LessonPathItem.lesson_id)
            .outerjoin(LessonRun, mine)
            .join(LessonVersion, taken)
            .where(
                LessonPathItem.path_id == path_id,
                or_(Lesson.state == LessonState.PUBLISHED, LessonRun.done_at.is_not(None)),
            )
            .order_by(LessonPathItem.position)
        )
        return [DoneLesson(*row) for row in await self._session.execute(statement)]

    async def public(self, subjects: Collection[UUID]) -> set[UUID]:
        """Return which of these trainings and paths everybody may know of."""
        if not subjects:
            return set()
        trainings = select(Training.id).where(Training.id.in_(subjects), Training.access == PUBLIC)
        paths = select(LessonPath.id).where(LessonPath.id.in_(subjects), LessonPath.access == PUBLIC)
        return {*await self._session.scalars(trainings), *await self._session.scalars(paths)}

    async def people_of_house(self, organisation_id: UUID, *, least: int) -> list[tuple[str, int]]:
        """Count the people of an organisation with a certificate that holds, by what it is for, the most first.

        Left out is what fewer than ``least`` people have, and what not all of the organisation may know of.
        """
        people = func.count(Certificate.member_id.distinct())
        title = func.coalesce(Training.title, LessonPath.title)
        statement = (
            select(title, people)
            .select_from(Certificate)
            .join(Member, Member.id == Certificate.member_id)
            .outerjoin(Training, Training.id == Certificate.training_id)
            .outerjoin(LessonPath, LessonPath.id == Certificate.path_id)
            .where(Member.organisation_id == organisation_id, Certificate.revoked_at.is_(None))
            .where(func.coalesce(Training.access, LessonPath.access).in_(_tokens_of(organisation_id)))
            .group_by(title)
            .having(people >= least)
            .order_by(people.desc(), title)
        )
        return [(row[0], row[1]) for row in await self._session.execute(statement)]

    async def publisher_name(self, organisation_id: UUID | None) -> str | None:
        """Return what an organisation is called."""
        return await self._session.scalar(select(Organisation.name).where(Organisation.id == organisation_id))


def _tokens_of(organisation_id: UUID | None) -> set[str]:
    """Return the access tokens that a member of an organisation holds wherever they are."""
    return {"public", "network"} | ({f"house:{organisation_id.hex}"} if organisation_id else set())


def _valid_of(member_id: UUID | None) -> tuple[ColumnElement[bool], ...]:
    if member_id is None:
        return (false(),)
    return Certificate.member_id == member_id, Certificate.revoked_at.is_(None)
