"""Feedback on trainings: of those who took part, as long as they are named; told as sums from three people on."""

from datetime import timedelta
from uuid import UUID

import pytest

from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.training import Registration, RegistrationState, Training, TrainingState
from knowledge.trainings.feedback import FeedbackInvalid, FeedbackNotPossible, FeedbackService, FeedbackSums
from tests.knowledge.contributions.world import add_house, add_member
from tests.knowledge.trainings.ground import add_training, berlin, register

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
START = berlin("2026-12-10 14:00")
AFTER = START + timedelta(hours=3)


async def took_part(database: Database, count: int = 1) -> tuple[UUID, list[tuple[UUID, UUID]]]:
    """Return a training, and the registrations for it with their members."""
    async with unit_of_work(database) as unit:
        house = await add_house(unit.session)
        training = await add_training(unit.session, START)
        people = []
        for number in range(count):
            member = (await add_member(unit.session, f"Person {number}", house.id)).id
            people.append(((await register(unit.session, training, member)).id, member))
        return training.id, people


async def say(database: Database, whom: tuple[UUID, UUID], helped: bool | None, comment: str | None = None) -> None:
    """Let somebody say how it was."""
    async with unit_of_work(database) as unit:
        await FeedbackService(unit).give(*whom, helped=helped, comment=comment, moment=AFTER)


async def sums(database: Database, training: UUID) -> FeedbackSums | None:
    """Return what its publisher is told."""
    async with unit_of_work(database, writes=False) as unit:
        return await FeedbackService(unit).sums(training)


class TestSaid:
    async def test_it_can_be_changed(self, database: Database) -> None:
        _training, [person] = await took_part(database)
        await say(database, person, True)
        await say(database, person, None, "  Sehr anschaulich.  ")
        await say(database, person, False)
        async with unit_of_work(database, writes=False) as unit:
            entry = await FeedbackService(unit).of_registration(*person, AFTER)
        assert (entry.title, entry.helped, entry.comment) == ("KI im Rathaus", False, "Sehr anschaulich.")

    async def test_nothing_said_yet(self, database: Database) -> None:
        _training, [person] = await took_part(database)
        async with unit_of_work(database, writes=False) as unit:
            entry = await FeedbackService(unit).of_registration(*person, AFTER)
        assert (entry.helped, entry.comment) == (None, "")


@only_sqlite
class TestRefused:
    async def test_a_comment_alone_or_too_long(self, database: Database) -> None:
        _training, [person] = await took_part(database)
        for helped, comment in ((None, "Schön."), (True, "x" * 1001)):
            with pytest.raises(FeedbackInvalid):
                await say(database, person, helped, comment)

    async def test_of_others_and_of_nobody(self, database: Database) -> None:
        _training, [person, other] = await took_part(database, 2)
        for whom in ((person[0], other[1]), (new_id(), person[1])):
            with pytest.raises(FeedbackNotPossible):
                await say(database, whom, True)

    async def test_before_it_began(self, database: Database) -> None:
        _training, [person] = await took_part(database)
        async with unit_of_work(database) as unit:
            with pytest.raises(FeedbackNotPossible):
                await FeedbackService(unit).give(*person, helped=True, moment=START - timedelta(minutes=1))

    @pytest.mark.parametrize(
        "change", [{"state": RegistrationState.CANCELLED}, {"attended": False}, {"member_id": None}]
    )
    async def test_without_having_been_there_or_being_named(
        self, database: Database, change: dict[str, object]
    ) -> None:
        _training, [person] = await took_part(database)
        await say(database, person, True)
        async with unit_of_work(database) as unit:
            row = await unit.session.get_one(Registration, person[0])
            for name, value in change.items():
                setattr(row, name, value)
        with pytest.raises(FeedbackNotPossible):
            await say(database, person, False)

    async def test_of_what_was_cancelled(self, database: Database) -> None:
        training, [person] = await took_part(database)
        async with unit_of_work(database) as unit:
            (await unit.session.get_one(Training, training)).state = TrainingState.CANCELLED
        with pytest.raises(FeedbackNotPossible):
            await say(database, person, True)


class TestSums:
    async def test_from_three_people_on(self, database: Database) -> None:
        training, people = await took_part(database, 4)
        for number in range(2):
            await say(database, people[number], True, f"Wort {number}")
        assert await sums(database, training) is None
        await say(database, people[2], False)
        # Two comments would show who of the three wrote nothing.
        assert await sums(database, training) == FeedbackSums(3, 2, ())
        await say(database, people[3], True, "Wort 3")
        told = await sums(database, training)
        assert told is not None
        assert (told.said, told.helped, set(told.comments)) == (4, 3, {"Wort 0", "Wort 1", "Wort 3"})

    async def test_comments_come_in_no_order_that_says_who_was_first(self, database: Database) -> None:
        training, people = await took_part(database, 12)
        words = [f"Wort {number:02}" for number in range(12)]
        for person, word in zip(people, words, strict=True):
            await say(database, person, True, word)
        told = await sums(database, training)
        assert told is not None
        assert sorted(told.comments) == words
        assert list(told.comments) != words
        assert told == await sums(database, training)
