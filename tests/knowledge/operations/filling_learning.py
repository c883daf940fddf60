"""Something in every table of trainings, lessons and certificates."""

from datetime import UTC, date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.lessons.seeding import seed_lessons
from knowledge.models import (
    CalendarFeed,
    Certificate,
    Circle,
    CircleLesson,
    CirclePath,
    Document,
    LessonAnswer,
    LessonPath,
    LessonPathItem,
    LessonRun,
    LessonVersion,
    Member,
    Registration,
    SelfCheck,
    Topic,
    Training,
    TrainingDate,
    TrainingFeedback,
    TrainingInquiry,
    TrainingMaterial,
    TrainingQuestion,
    TrainingReminder,
    TrainingTopic,
)
from knowledge.models.certificate import CertificateKind
from knowledge.models.training import RegistrationState, ReminderKind, TrainingState

MOMENT = datetime(2026, 11, 21, 9, 30, 15, 123456, tzinfo=UTC)
FAR = datetime(2099, 1, 1, tzinfo=UTC)


async def fill_learning(session: AsyncSession, document: Document, member: Member) -> None:
    """Put rows into the tables of learning, about a document and a member; the network's tables are filled already."""
    # As every database that was migrated; a restored one gets what is missing.
    await seed_lessons(session)
    training = await _fill_training(session, document, member)
    path = (await session.scalars(select(LessonPath).order_by(LessonPath.key))).first()
    assert path is not None
    await _fill_lessons(session, path, member)
    session.add_all(
        [
            CalendarFeed(member_id=member.id, token_digest="ef" * 32),
            SelfCheck(member_id=member.id, answers={"ziel-1": 2}),
            Certificate(
                kind=CertificateKind.TRAINING,
                member_id=member.id,
                training_id=training.id,
                name="Jördis Übel",
                title="KI im Bürgerbüro",
                learned="Anfragen stellen",
                publisher="Kompetenzzentrum „Muster“",
                minutes=180,
                completed_on=date(2024, 2, 29),
                code_digest="01" * 32,
            ),
        ]
    )


async def _fill_training(session: AsyncSession, document: Document, member: Member) -> Training:
    training = Training(
        title="KI im Bürgerbüro",
        access="network",
        state=TrainingState.PUBLISHED,
        organisation_id=member.organisation_id,
        capacity=3,
        taken=1,
        last_number=1,
        created_by=member.id,
        published_at=MOMENT,
        starts_at=FAR,
        ends_at=FAR,
    )
    session.add(training)
    await session.flush()
    about = {"training_id": training.id}
    day = TrainingDate(starts_at=FAR, ends_at=FAR, sequence=2, **about)
    question = TrainingQuestion(position=1, text="Was möchten Sie wissen?", required=True, **about)
    topic = (await session.scalars(select(Topic).order_by(Topic.id))).first()
    assert topic is not None
    session.add_all([day, question, TrainingTopic(topic_id=topic.id, **about)])
    await session.flush()
    registration = Registration(
        member_id=member.id,
        state=RegistrationState.REGISTERED,
        number=1,
        answers={question.id.hex: "Alles über Öfen"},
        attended=True,
        **about,
    )
    session.add(registration)
    await session.flush()
    session.add_all(
        [
            TrainingReminder(registration_id=registration.id, date_id=day.id, kind=ReminderKind.DAY),
            TrainingFeedback(registration_id=registration.id, helped=True, comment="Gut.\nMehr davon!", **about),
            TrainingInquiry(member_id=member.id, text="Gibt es einen Aufzug?", answer="Ja.", **about),
            TrainingMaterial(title="Folien", content=bytes(range(256)), publish_at=FAR, **about),
            TrainingMaterial(title="Text", publish_at=MOMENT, document_id=document.id, published_at=MOMENT, **about),
        ]
    )
    return training


async def _fill_lessons(session: AsyncSession, path: LessonPath, member: Member) -> None:
    found = select(LessonPathItem.lesson_id).where(LessonPathItem.path_id == path.id).order_by(LessonPathItem.position)
    lesson = (await session.scalars(found)).first()
    assert lesson is not None
    version = (await session.scalars(select(LessonVersion.id).where(LessonVersion.lesson_id == lesson))).one()
    circle = (await session.scalars(select(Circle.id).order_by(Circle.id))).first()
    assert circle is not None
    run = LessonRun(
        member_id=member.id, lesson_id=lesson, version_id=version, path_id=path.id, step=3, done_at=MOMENT, helpful=True
    )
    together = CirclePath(circle_id=circle, path_id=path.id, day=3, hour=14, next_at=FAR, started_by=member.id)
    session.add_all([run, together])
    await session.flush()
    session.add(LessonAnswer(run_id=run.id, version_id=version, step=3, choice=1, correct=False))
    session.add(CircleLesson(circle_path_id=together.id, lesson_id=lesson, due_at=MOMENT))
