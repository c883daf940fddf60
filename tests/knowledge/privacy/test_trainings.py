"""What one person has around trainings and lessons: all of it is shown to them, and goes with them."""

import json
from dataclasses import asdict
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.handlers.data_file import machine_file, readable_file
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.kit.language import choose_language
from knowledge.kit.settings import ChatSettings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.certificate import Certificate, CertificateKind
from knowledge.models.lesson import Lesson, LessonAnswer, LessonRun, LessonVersion, SelfCheck
from knowledge.models.training import (
    Registration,
    RegistrationState,
    ReminderKind,
    Training,
    TrainingFeedback,
    TrainingInquiry,
    TrainingMaterial,
    TrainingQuestion,
    TrainingReminder,
)
from knowledge.privacy.disclosure import DisclosureService
from knowledge.privacy.service import PrivacyService
from knowledge.trainings.feeds import FeedService
from tests.knowledge.contributions.world import House, add_house, add_member
from tests.knowledge.privacy.people import Somebody, add_group, add_person, traces_of
from tests.knowledge.trainings.ground import add_training, dates_of, register

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ANSWER, COMMENT, ASKED, NAME = "vegetarisch bitte", "Der Raum war kalt.", "Gibt es Parkplätze?", "Adelheid Musterfrau"
REPLIED, OTHER_WORDS = "Ja, vor dem Haus.", "Zu schnell gesprochen."


async def add_lesson(session: AsyncSession, title: str, *, by: UUID | None = None) -> LessonVersion:
    """Keep a lesson with a version."""
    lesson = Lesson(id=new_id(), key=title.casefold(), access="public", created_by=by)
    session.add(lesson)
    await session.flush()
    version = LessonVersion(id=new_id(), lesson_id=lesson.id, number=1, title=title, source="", steps=[])
    session.add(version)
    await session.flush()
    return version


async def add_run(session: AsyncSession, version: LessonVersion, **whose: UUID) -> None:
    """Let somebody be in the middle of a lesson, and ask themselves how far they are."""
    run = LessonRun(id=new_id(), lesson_id=version.lesson_id, version_id=version.id, step=2, **whose)
    session.add_all([run, SelfCheck(answers={"ziel-1": 2}, **whose)])
    await session.flush()
    session.add(LessonAnswer(run_id=run.id, version_id=version.id, step=1, choice=0, correct=True))
    await session.flush()


async def taking_part(database: Database) -> tuple[Somebody, House, Training]:
    """Return somebody who is in all tables around trainings and lessons, beside others."""
    async with unit_of_work(database) as unit:
        session = unit.session
        house, other = await add_house(session), await add_house(session, "Unkenried")
        person = await add_person(session, "ada", group=await add_group(session), member=house.member.id)
        start = now() + timedelta(days=3)
        training = await add_training(session, start, capacity=1, taken=1, offer_hours=1)
        question = TrainingQuestion(training_id=training.id, position=0, text="Was essen Sie?")
        session.add(question)
        await session.flush()
        row = await register(
            session, training, house.member.id, identity_id=person.identity, answers={str(question.id): ANSWER}
        )
        await register(session, training, other.member.id, state=RegistrationState.WAITING)
        await add_traces(session, training, row, house.member.id)
        await FeedService(unit).open(house.member.id)
        version = await add_lesson(session, "Was ist KI", by=house.member.id)
        await add_run(session, version, member_id=house.member.id)
        await add_run(session, version, member_id=other.member.id)
    return person, house, training


async def add_traces(session: AsyncSession, training: Training, row: Registration, member: UUID) -> None:
    """Leave all that somebody leaves around one training."""
    first = (await dates_of(session, training))[0]
    session.add_all(
        [
            TrainingReminder(registration_id=row.id, date_id=first.id, kind=ReminderKind.DAY),
            TrainingFeedback(training_id=training.id, registration_id=row.id, helped=True, comment=COMMENT),
            TrainingFeedback(training_id=training.id, helped=False, comment=OTHER_WORDS),
            TrainingInquiry(training_id=training.id, member_id=member, text=ASKED, answer=REPLIED, answered_by=member),
            TrainingMaterial(training_id=training.id, title="Mein Zettel", publish_at=now(), added_by=member),
            Certificate(
                kind=CertificateKind.TRAINING,
                member_id=member,
                training_id=training.id,
                name=NAME,
                title="KI im Rathaus",
                learned="Fragen stellen",
                publisher="Kranichhorst",
                minutes=120,
                completed_on=date(2026, 11, 20),
                code_digest="0" * 64,
            ),
        ]
    )
    await session.flush()


class TestShown:
    async def test_all_of_it(self, database: Database) -> None:
        choose_language("en")
        person, _house, _training = await taking_part(database)
        async with unit_of_work(database, writes=False) as unit:
            data = await DisclosureService(unit.session).everything(person.identity)
        said = readable_file(data, ChatSettings()).content.decode()
        for words in (
            "Trainings that you registered for",
            f"Was essen Sie?: {ANSWER}",
            f"You wrote: {COMMENT}",
            ASKED,
            f"Answer of the organiser: {REPLIED}",
            "Micro-lesson: Was ist KI",
            "Your first answers: right",
            "ziel-1: 3",
            f"Made out to: {NAME}",
            "Your own calendar",
            "Material of a training: Mein Zettel",
        ):
            assert words in said
        assert OTHER_WORDS not in said
        kept = json.loads(machine_file(data, ChatSettings()).content)["learning"]
        assert [len(kept[part]) for part in ("registrations", "inquiries", "runs", "self_checks", "certificates")] == [
            1
        ] * 5
        assert kept["certificates"][0]["completed_on"] == "2026-11-20"
        assert kept["registrations"][0]["reminded"]

    @only_sqlite
    async def test_people_who_are_no_members_see_their_lessons(self, database: Database) -> None:
        async with unit_of_work(database) as unit:
            person = await add_person(unit.session, "gast", group=await add_group(unit.session))
            await add_run(unit.session, await add_lesson(unit.session, "Was ist KI"), identity_id=person.identity)
        async with unit_of_work(database, writes=False) as unit:
            data = await DisclosureService(unit.session).everything(person.identity)
        assert data.learning is not None
        assert [run.lesson for run in data.learning.runs] == ["Was ist KI"]
        assert len(data.learning.self_checks) == 1
        async with unit_of_work(database) as unit:
            await PrivacyService(unit.session).erase(person.identity, everywhere=True)
        assert await traces_of(database, person.identity) == []
        async with unit_of_work(database, writes=False) as unit:
            for table in (LessonRun, LessonAnswer, SelfCheck):
                assert (await unit.session.scalars(select(table))).all() == []

    @only_sqlite
    async def test_nothing_of_others_and_no_heading_for_nothing(self, database: Database) -> None:
        choose_language("en")
        _person, house, _training = await taking_part(database)
        async with unit_of_work(database) as unit:
            stranger = await add_member(unit.session, "Frieda Fremd", house.id)
            other = await add_person(unit.session, "b", group=await add_group(unit.session, "!b:b"), member=stranger.id)
        async with unit_of_work(database, writes=False) as unit:
            data = await DisclosureService(unit.session).everything(other.identity)
        assert not data.learning
        assert not any(words in str(asdict(data)) for words in (ANSWER, COMMENT, ASKED, NAME))
        assert "Micro-lesson" not in readable_file(data, ChatSettings()).content.decode()


class TestErased:
    async def test_the_place_goes_on_and_nobody_is_named(self, database: Database) -> None:
        person, house, training = await taking_part(database)
        assert await traces_of(database, ANSWER, COMMENT, ASKED, NAME)

        async with unit_of_work(database) as unit:
            assert (await PrivacyService(unit.session).erase(person.identity, everywhere=True)).membership

        assert await traces_of(database, house.member.id, person.identity) == []
        assert await traces_of(database, ANSWER, COMMENT, ASKED, REPLIED, NAME) == []
        async with unit_of_work(database, writes=False) as unit:
            rows = (await unit.session.scalars(select(Registration).order_by(Registration.number))).all()
            assert [row.state for row in rows] == [RegistrationState.CANCELLED, RegistrationState.OFFERED]
            assert (await unit.session.get_one(Training, training.id)).taken == 1
            said = (await unit.session.scalars(select(TrainingFeedback))).all()
            assert {(row.helped, row.comment) for row in said} == {(True, ""), (False, OTHER_WORDS)}
            paper = (await unit.session.scalars(select(Certificate))).one()
            assert (paper.name, paper.member_id, paper.revoked_at) == ("", None, None)
            assert len((await unit.session.scalars(select(LessonRun))).all()) == 1
