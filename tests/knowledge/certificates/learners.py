"""A publisher, learners, a training that is over and a path of two lessons, as tests of certificates need them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from knowledge.access.keys import AccessKey
from knowledge.certificates.service import CertificateService
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work
from knowledge.models.document import Visibility
from knowledge.models.lesson import Lesson, LessonPath, LessonPathItem, LessonRun, LessonState, LessonVersion
from knowledge.models.member import Member
from knowledge.models.organisation import Organisation, OrganisationKind
from knowledge.models.training import Registration, RegistrationState, Training, TrainingDate, TrainingState

KEY = AccessKey(b"k" * 32)
LAST_DAY = datetime(2026, 3, 10, 13, tzinfo=UTC)
DONE = datetime(2026, 3, 20, 22, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Learners:
    """Anna and Ben, the training and the path; ``lessons`` are the path's."""

    database: Database
    anna: UUID
    ben: UUID
    training: UUID
    path: UUID
    lessons: tuple[UUID, UUID]

    @asynccontextmanager
    async def certificates(self) -> AsyncIterator[CertificateService]:
        """Open the service in a transaction of its own."""
        async with unit_of_work(self.database) as unit:
            yield CertificateService(unit, KEY)

    async def attend(self, member: UUID, *, attended: bool | None = True) -> None:
        """Have somebody take part, and the publisher note whether they were there."""
        async with unit_of_work(self.database) as unit:
            state = RegistrationState.REGISTERED
            number = 1 if member == self.anna else 2
            unit.session.add(
                Registration(training_id=self.training, member_id=member, state=state, number=number, attended=attended)
            )

    async def learn(self, member: UUID, lesson: int, *, done_at: datetime | None = DONE) -> None:
        """Have somebody do a lesson of the path, or only begin it."""
        async with unit_of_work(self.database) as unit:
            version = await unit.session.get(LessonVersion, self.lessons[lesson])
            assert version is not None
            unit.session.add(
                LessonRun(member_id=member, lesson_id=version.lesson_id, version_id=version.id, done_at=done_at)
            )

    async def change(self, table: type[Training | LessonPath | Member], row_id: UUID, **values: object) -> None:
        """Change a row as its publisher might."""
        async with unit_of_work(self.database) as unit:
            row = await unit.session.get(table, row_id)
            assert row is not None
            for name, value in values.items():
                setattr(row, name, value)

    async def colleague(self, name: str) -> UUID:
        """Return somebody else."""
        async with unit_of_work(self.database) as unit:
            return await _member(unit, name)

    async def house(self) -> UUID:
        """Return an organisation, the one that publishes here."""
        async with unit_of_work(self.database, writes=False) as unit:
            path = await unit.session.get_one(LessonPath, self.path)
            assert path.organisation_id is not None
            return path.organisation_id

    async def withdraw(self, lesson: int) -> None:
        """Take a lesson of the path back."""
        async with unit_of_work(self.database) as unit:
            version = await unit.session.get(LessonVersion, self.lessons[lesson])
            assert version is not None
            row = await unit.session.get(Lesson, version.lesson_id)
            assert row is not None
            row.state = LessonState.WITHDRAWN


async def gather_learners(database: Database, people: tuple[UUID, UUID] | None = None) -> Learners:
    """Put them into a database; ``people`` are Anna and Ben, where there are members to play them."""
    async with unit_of_work(database) as unit:
        centre = Organisation(
            key="zentrum", kind=OrganisationKind.OTHER, name="Lernwerkstatt Nord", search_name="lernwerkstatt nord"
        )
        unit.session.add(centre)
        anna, ben = people or [await _member(unit, name) for name in ("Anna Wald", "Ben Ufer")]
        await unit.session.flush()
        training = _training(centre.id)
        path = LessonPath(
            key="ki-grundlagen",
            title="KI in der Kommune",
            outcomes="KI erklären\nDaten schützen",
            visibility=Visibility.NETWORK,
            access="network",
            state=LessonState.PUBLISHED,
            organisation_id=centre.id,
        )
        unit.session.add_all([training, path])
        await unit.session.flush()
        unit.session.add_all(_dates(training.id))
        lessons = [_lesson(f"lektion-{number}", number) for number in (1, 2)]
        unit.session.add_all(lesson for lesson, _version in lessons)
        await unit.session.flush()
        for position, (lesson, version) in enumerate(lessons):
            version.lesson_id = lesson.id
            unit.session.add_all([version, LessonPathItem(path_id=path.id, lesson_id=lesson.id, position=position)])
        await unit.session.flush()
        first, second = (version.id for _lesson, version in lessons)
        return Learners(database, anna, ben, training.id, path.id, (first, second))


async def _member(unit: UnitOfWork, name: str) -> UUID:
    member = Member(name=name, search_name=name.casefold())
    unit.session.add(member)
    await unit.session.flush()
    return member.id


def _training(organisation_id: UUID) -> Training:
    return Training(
        title="Anfragen an eine KI",
        outcomes="- gute Anfragen stellen\n- personenbezogene Daten heraushalten",
        organisation_id=organisation_id,
        access="network",
        state=TrainingState.PUBLISHED,
        starts_at=LAST_DAY - timedelta(days=7),
        ends_at=LAST_DAY,
        published_at=now(),
    )


def _dates(training_id: UUID) -> list[TrainingDate]:
    """Return two dates of two hours and a half each, and one that was taken out."""
    length = timedelta(minutes=150)
    last, first = LAST_DAY - length, LAST_DAY - timedelta(days=7) - length
    dates = [TrainingDate(training_id=training_id, starts_at=start, ends_at=start + length) for start in (first, last)]
    never = LAST_DAY + timedelta(days=7)
    return [
        *dates,
        TrainingDate(training_id=training_id, starts_at=never, ends_at=never + length, cancelled_at=LAST_DAY),
    ]


def _lesson(key: str, number: int) -> tuple[Lesson, LessonVersion]:
    lesson = Lesson(
        key=key,
        access="public",
        visibility=Visibility.PUBLIC,
        state=LessonState.PUBLISHED,
        published_version=1,
        version=1,
    )
    return lesson, LessonVersion(number=1, title=f"Lektion {number}", minutes=2 + number, source="", steps=[])
