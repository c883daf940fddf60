"""Reminders of trainings: once each, at the right local time, and never of what does not take place like that."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.chat import ChatIdentity
from knowledge.models.member import Member
from knowledge.models.notice import Notice
from knowledge.models.training import (
    Registration,
    RegistrationState,
    ReminderKind,
    Training,
    TrainingDate,
    TrainingReminder,
    TrainingState,
)
from knowledge.trainings.reminding import REMINDER, due_at, remind, reminder_to_tell
from tests.knowledge.contributions.world import add_house, add_member
from tests.knowledge.trainings.ground import add_identity, add_training, berlin, notices_of, register

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
START = berlin("2026-12-10 14:00")
DAY, HOUR = ReminderKind.DAY, ReminderKind.HOUR
MINUTE = timedelta(minutes=1)
Table = Registration | Training | TrainingDate | Member


async def with_people(database: Database, count: int = 1, *starts: datetime) -> tuple[UUID, list[UUID]]:
    """Publish a training and register people for it; returns its key and theirs."""
    async with unit_of_work(database) as unit:
        house = await add_house(unit.session)
        training = await add_training(unit.session, *(starts or (START,)))
        members = [(await add_member(unit.session, f"Person {number}", house.id)).id for number in range(count)]
        for member in members:
            await register(unit.session, training, member)
        return training.id, members


async def told(database: Database) -> list[tuple[str, bool]]:
    """Return kind and lateness of the reminders that were written."""
    return [(notice.data["kind"], notice.data["late"]) for notice in await notices_of(database, REMINDER)]


async def noted(database: Database) -> int:
    """Return how many reminders are noted, told or not."""
    async with database.session(writes=False) as session:
        return len((await session.scalars(select(TrainingReminder))).all())


async def tell_now(database: Database, notice: Notice, moment: datetime) -> str | None:
    """Return the title that a reminder says at a moment, if it says anything."""
    async with database.session(writes=False) as session:
        entry = await reminder_to_tell(session, notice.data, moment)
        return f"{entry.title}{' late' if entry.late else ''}" if entry else None


class TestTime:
    @pytest.mark.parametrize(
        ("start", "day"),
        [
            ("2026-12-10 14:00", "2026-12-09 14:00"),
            # The clocks go forward on 29 March, and back on 25 October.
            ("2026-03-29 10:00", "2026-03-28 10:00"),
            ("2026-03-30 09:30", "2026-03-29 09:30"),
            ("2026-10-25 10:00", "2026-10-24 10:00"),
            ("2026-10-26 00:15", "2026-10-25 00:15"),
            # There is no 02:30 the day before; where there are two, the first one counts.
            ("2026-03-30 02:30", "2026-03-29 03:30"),
            ("2026-10-26 02:30", "2026-10-25 02:30"),
            ("2028-03-01 08:00", "2028-02-29 08:00"),
        ],
    )
    def test_a_day_before_is_the_same_time_on_the_clock(self, start: str, day: str) -> None:
        assert due_at(berlin(start), DAY) == berlin(day)

    def test_an_hour_before_is_an_hour_before(self) -> None:
        assert due_at(berlin("2026-03-29 03:30"), HOUR) == berlin("2026-03-29 01:30")


class TestOnce:
    async def test_a_day_and_an_hour_before(self, database: Database) -> None:
        _training, members = await with_people(database, 2)
        assert await remind(database, START - timedelta(days=1) - MINUTE) == 0
        assert await remind(database, START - timedelta(days=1)) == 2
        assert await remind(database, START - timedelta(days=1) + MINUTE) == 0
        assert await remind(database, START - timedelta(hours=1) - MINUTE) == 0
        assert await remind(database, START - timedelta(hours=1)) == 2
        assert await remind(database, START + MINUTE) == 0
        assert await told(database) == [("day", False)] * 2 + [("hour", False)] * 2
        assert {notice.member_id for notice in await notices_of(database, REMINDER)} == set(members)

    async def test_across_the_change_of_the_clocks(self, database: Database) -> None:
        await with_people(database, 1, berlin("2026-10-25 10:00"))
        assert await remind(database, berlin("2026-10-24 10:00") - MINUTE) == 0
        assert await remind(database, berlin("2026-10-24 10:00")) == 1

    async def test_more_people_than_fit_into_one_transaction(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("knowledge.trainings.reminding.TOGETHER", 2)
        _training, members = await with_people(database, 5)
        # Two processes do it at the same time.
        told = await asyncio.gather(*(remind(database, START - timedelta(hours=24)) for _process in range(2)))
        assert sum(told) == len(await notices_of(database, REMINDER)) == 5
        assert {notice.member_id for notice in await notices_of(database, REMINDER)} == set(members)

    async def test_a_date_that_moved_is_reminded_of_anew(self, database: Database) -> None:
        training, _members = await with_people(database)
        await remind(database, START - timedelta(days=1))
        later = START + timedelta(days=3)
        await move(database, training, later)
        assert await remind(database, START - timedelta(hours=1)) == 0
        assert await remind(database, later - timedelta(days=1)) == 1
        assert await remind(database, later - timedelta(days=1) + MINUTE) == 0
        # An hour earlier: who was reminded of it hears an hour before, no more.
        await move(database, training, later - timedelta(hours=1))
        assert await remind(database, later - timedelta(days=1) + 2 * MINUTE) == 0


async def move(database: Database, training: UUID, start: datetime) -> None:
    """Let a training begin at another time."""
    async with unit_of_work(database) as unit:
        statement = select(TrainingDate).where(TrainingDate.training_id == training)
        date = (await unit.session.scalars(statement)).one()
        date.starts_at, date.ends_at = start, start + timedelta(hours=2)


@only_sqlite
class TestAfterAnOutage:
    async def test_late_ones_say_so(self, database: Database) -> None:
        await with_people(database)
        assert await remind(database, START - timedelta(hours=20)) == 1
        assert await remind(database, START - timedelta(minutes=30)) == 1
        assert await told(database) == [("day", True), ("hour", True)]

    async def test_the_last_hour_makes_the_day_useless(self, database: Database) -> None:
        await with_people(database)
        assert await remind(database, START - timedelta(minutes=50)) == 1
        assert await told(database) == [("hour", False)]
        assert await noted(database) == 2

    async def test_what_has_begun_is_noted_and_dropped(self, database: Database) -> None:
        await with_people(database, 2)
        assert await remind(database, START) == 0
        assert await told(database) == []
        assert await noted(database) == 4
        assert await remind(database, START + MINUTE) == 0

    async def test_a_reminder_that_waited_is_looked_at_again_when_it_is_told(self, database: Database) -> None:
        await with_people(database)
        await remind(database, START - timedelta(days=1))
        [day] = await notices_of(database, REMINDER)
        assert await tell_now(database, day, START - timedelta(days=1) + MINUTE) == "KI im Rathaus"
        assert await tell_now(database, day, START - timedelta(hours=20)) == "KI im Rathaus late"
        assert await tell_now(database, day, START - timedelta(minutes=59)) is None
        await remind(database, START - timedelta(hours=1))
        hour = (await notices_of(database, REMINDER))[1]
        assert await tell_now(database, hour, START - timedelta(minutes=59)) == "KI im Rathaus"
        assert await tell_now(database, hour, START) is None


@only_sqlite
class TestWhom:
    async def test_who_came_later_than_a_day_before_gets_the_last_hour_only(self, database: Database) -> None:
        _training, [member] = await with_people(database)
        await change(database, Registration, changed_at=START - timedelta(hours=5))
        assert await remind(database, START - timedelta(hours=4)) == 0
        assert await remind(database, START - timedelta(hours=1)) == 1
        assert [(notice.data["kind"], notice.member_id) for notice in await notices_of(database, REMINDER)] == [
            ("hour", member)
        ]

    async def test_who_was_told_of_a_change_when_it_was_time_already(self, database: Database) -> None:
        await with_people(database)
        await change(database, TrainingDate, changed_at=START - timedelta(hours=5))
        assert await remind(database, START - timedelta(hours=4)) == 0
        assert await remind(database, START - timedelta(hours=1)) == 1

    @pytest.mark.parametrize("state", [state for state in RegistrationState if state != RegistrationState.REGISTERED])
    async def test_nobody_without_a_place(self, database: Database, state: RegistrationState) -> None:
        await with_people(database)
        await change(database, Registration, state=state)
        assert await remind(database, START - timedelta(hours=1)) == 0
        assert await noted(database) == 0

    async def test_nobody_of_what_does_not_take_place(self, database: Database) -> None:
        await with_people(database, 1, START, START + timedelta(days=7))
        async with unit_of_work(database) as unit:
            statement = select(TrainingDate).where(TrainingDate.starts_at == START)
            (await unit.session.scalars(statement)).one().cancelled_at = START - timedelta(days=2)
        assert await remind(database, START - timedelta(hours=1)) == 0
        assert await remind(database, START + timedelta(days=6)) == 1
        await change(database, Training, state=TrainingState.CANCELLED)
        assert await remind(database, START + timedelta(days=7) - MINUTE) == 0

    async def test_what_was_called_off_meanwhile_is_not_told(self, database: Database) -> None:
        changes: list[tuple[type[Table], dict[str, object], dict[str, object]]] = [
            (Training, {"state": TrainingState.CANCELLED}, {"state": TrainingState.PUBLISHED}),
            (TrainingDate, {"cancelled_at": START}, {"cancelled_at": None}),
            (TrainingDate, {"starts_at": START + timedelta(days=1)}, {"starts_at": START}),
            (Registration, {"state": RegistrationState.CANCELLED}, {"state": RegistrationState.REGISTERED}),
            (Member, {"suspended_at": START}, {"suspended_at": None}),
        ]
        await with_people(database)
        await remind(database, START - timedelta(days=1))
        [notice] = await notices_of(database, REMINDER)
        soon = START - timedelta(days=1) + MINUTE
        for table, gone, back in changes:
            await change(database, table, **gone)
            assert await tell_now(database, notice, soon) is None
            await change(database, table, **back)
        assert await tell_now(database, notice, soon) == "KI im Rathaus"
        assert await tell_now(database, Notice(data={"kind": "week"}), soon) is None

    async def test_where_they_registered_as_long_as_that_is_theirs(self, database: Database) -> None:
        _training, members = await with_people(database, 2)
        async with unit_of_work(database) as unit:
            for number, member in enumerate(members):
                identity = await add_identity(unit.session, member, f"person{number}")
                statement = select(Registration).where(Registration.member_id == member)
                (await unit.session.scalars(statement)).one().identity_id = identity.id
            other = (await unit.session.scalars(select(ChatIdentity).where(ChatIdentity.member_id == members[1]))).one()
            other.member_id = None
        await remind(database, START - timedelta(hours=1))
        notices = await notices_of(database, REMINDER)
        assert sorted(notice.identity_id is not None for notice in notices) == [False, True]
        assert [notice.member_id for notice in notices if notice.identity_id is None] == [members[1]]


async def change(database: Database, table: type[Table], **values: object) -> None:
    """Set columns of all rows of a table."""
    async with unit_of_work(database) as unit:
        for row in (await unit.session.scalars(select(table))).all():
            for name, value in values.items():
                setattr(row, name, value)
