"""What happens by itself: lists end when it begins, people are asked how it was once, names go after 30 days."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from knowledge.access.rights import Right, Visitor
from knowledge.access.visibility import anybody, network_member
from knowledge.kit.ids import new_id
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.members.directory.service import MemberDirectory
from knowledge.members.service import MemberService
from knowledge.models.chat import ChatIdentity, Network
from knowledge.models.member import Member, Role
from knowledge.models.training import (
    Registration,
    RegistrationState,
    Training,
    TrainingFeedback,
    TrainingInquiry,
)
from knowledge.privacy.service import PrivacyService
from knowledge.trainings.errors import TooManyInquiries, TrainingMovedOn, UnknownInquiry, UnknownTraining
from knowledge.trainings.registering import MOST_INQUIRIES
from knowledge.trainings.schemas import DateDraft, Publisher, QuestionDraft
from tests.knowledge.trainings.academy import MOMENT, STARTS, Academy, add_person

REGISTERED, WAITING, OFFERED = RegistrationState.REGISTERED, RegistrationState.WAITING, RegistrationState.OFFERED
LAPSED, CANCELLED = RegistrationState.LAPSED, RegistrationState.CANCELLED
ENDS = STARTS + timedelta(hours=2)
sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def until(academy: Academy, days: float) -> int:
    """Let it be some days after the training, and do what is due."""
    academy.set_clock(ENDS)
    return await academy.pass_by(days=days)


class TestBeginning:
    @sqlite_only
    async def test_the_list_ends_and_what_was_offered_is_given_up(self, academy: Academy) -> None:
        training = await academy.offer(capacity=1, offer_hours=14 * 24)
        mine = await academy.register(training, academy.anna)
        await academy.register(training, academy.ben)
        await academy.register(training, academy.cem)
        await academy.do("cancel", mine, academy.anna)
        academy.set_clock(STARTS)
        assert await academy.pass_by() == 2
        assert list((await academy.states(training)).values()) == [CANCELLED, LAPSED, LAPSED]
        assert await academy.taken(training) == 0
        # It is too late to say that anything lapsed.
        assert await academy.told("training.lapsed") == []

    @sqlite_only
    async def test_a_place_that_became_free_otherwise_is_found(self, academy: Academy) -> None:
        training = await academy.offer(capacity=1)
        mine, _waits = await academy.register(training, academy.anna), await academy.register(training, academy.ben)
        async with unit_of_work(academy.database) as unit:
            (await unit.session.get_one(Registration, mine.id)).state = CANCELLED
            (await unit.session.get_one(Training, training.id)).taken = 0
        assert await academy.pass_by() == 1
        assert (await academy.states(training))["Ben"] is OFFERED


class TestFollowingUp:
    async def test_who_took_part_is_asked_once(self, academy: Academy) -> None:
        training = await academy.offer(capacity=2)
        anna, ben = await academy.register(training, academy.anna), await academy.register(training, academy.ben)
        await academy.register(training, academy.cem)
        academy.set_clock(STARTS + timedelta(hours=1))
        async with academy.registrations() as registrations:
            await registrations.note_attendance(training.id, academy.by, {ben.id: False})
        for _twice in range(2):
            await until(academy, 0)
        assert await academy.told("training.followed_up") == [(academy.anna.id, {"registration": str(anna.id)})]

    @sqlite_only
    async def test_nobody_is_asked_long_after_an_outage(self, academy: Academy) -> None:
        training = await academy.offer()
        await academy.register(training, academy.anna)
        await until(academy, 15)
        assert await academy.told("training.followed_up") == []
        async with academy.trainings() as trainings:
            assert (await trainings.get_managed(training.id, academy.by)).followed_up_at is not None


class TestAttendance:
    @sqlite_only
    async def test_it_is_noted_once_it_began_for_those_with_a_place(self, academy: Academy) -> None:
        training = await academy.offer(capacity=1)
        mine, waits = await academy.register(training, academy.anna), await academy.register(training, academy.ben)
        present = {mine.id: True, waits.id: True}
        async with academy.registrations() as registrations:
            with pytest.raises(TrainingMovedOn, match="has begun"):
                await registrations.note_attendance(training.id, academy.by, present)
        academy.set_clock(STARTS)
        async with academy.registrations() as registrations:
            noted = await registrations.note_attendance(training.id, academy.by, present)
        assert [(one.name, one.attended) for one in noted] == [("Anna", True), ("Ben", None)]
        async with academy.registrations() as registrations:
            with pytest.raises(UnknownTraining):
                await registrations.note_attendance(training.id, Publisher(academy.anna.id), present)


class TestNames:
    async def test_thirty_days_later_nobody_is_named_and_the_sums_stay(self, academy: Academy) -> None:
        training = await academy.offer(questions=(QuestionDraft("Was noch?"),))
        mine = await academy.register(training, academy.anna, **{str(training.questions[0].id): "Kaffee"})
        async with academy.registrations() as registrations:
            await registrations.ask(training.id, academy.author(academy.ben), "Gibt es Kaffee?")
        academy.set_clock(ENDS)
        async with academy.registrations() as registrations:
            await registrations.note_attendance(training.id, academy.by, {mine.id: True})
        async with unit_of_work(academy.database) as unit:
            said = TrainingFeedback(id=new_id(), training_id=training.id, registration_id=mine.id, helped=True)
            unit.session.add(said)
        await until(academy, 29.9)
        async with academy.registrations() as registrations:
            assert [one.name for one in await registrations.participants(training.id, academy.by)] == ["Anna"]
        await academy.pass_by(days=0.1)
        async with academy.registrations() as registrations:
            (seen,) = await registrations.participants(training.id, academy.by)
            assert (seen.name, seen.member_id, seen.answers, seen.attended) == (None, None, {}, True)
            with pytest.raises(TrainingMovedOn, match="deleted already"):
                await registrations.note_attendance(training.id, academy.by, {mine.id: False})
        async with academy.trainings() as trainings:
            entry = await trainings.get_managed(training.id, academy.by)
        assert entry.sums is not None
        assert (entry.sums.registered, entry.sums.attended) == (1, 1)
        async with academy.database.session() as session:
            assert (await session.get_one(TrainingFeedback, said.id)).registration_id is None
            assert (await session.scalars(select(TrainingInquiry))).all() == []
        assert await academy.pass_by() == 0

    async def test_of_a_cancelled_one_they_go_thirty_days_after_that(self, academy: Academy) -> None:
        later = STARTS + timedelta(days=200)
        training = await academy.offer(dates=(DateDraft(later, later + timedelta(hours=2)),))
        await academy.register(training, academy.anna)
        async with academy.trainings() as trainings:
            await trainings.cancel(training.id, academy.by, "Niemand hat Zeit.")
        for days, name in ((29.9, "Anna"), (0.1, None)):
            await academy.pass_by(days=days)
            async with academy.registrations() as registrations:
                assert [one.name for one in await registrations.participants(training.id, academy.by)] == [name]


class TestLeaving:
    @sqlite_only
    async def test_who_is_suspended_frees_their_places(self, academy: Academy) -> None:
        trainings = [await academy.offer(capacity=1) for _number in range(2)]
        for training in trainings:
            await academy.register(training, academy.anna)
            await academy.register(training, academy.ben)
        async with unit_of_work(academy.database) as unit:
            chief = await add_person(unit, "Chefin", None, Role.ADMINISTRATOR)
            entry = await MemberService(unit.session).find_by_id(chief.id)
            visitor = Visitor(frozenset(Right), network_member(), entry, second_factor=True)
            await MemberDirectory(unit.session).suspend(academy.anna.id, by=visitor)
        for training in trainings:
            assert list((await academy.states(training)).values()) == [CANCELLED, OFFERED]
            assert await academy.taken(training) == 1

    @sqlite_only
    async def test_who_left_frees_their_place(self, academy: Academy) -> None:
        training = await academy.offer(capacity=1)
        await academy.register(training, academy.anna)
        await academy.register(training, academy.ben)
        async with unit_of_work(academy.database) as unit:
            await MemberService(unit.session).leave(academy.anna.id.hex)
        assert (await academy.states(training))["Ben"] is OFFERED

    async def test_who_is_erased_frees_their_place_and_is_named_nowhere(self, academy: Academy) -> None:
        past, training = await academy.offer(), await academy.offer(capacity=1, dates=(_later(),))
        for one in (past, training):
            await academy.register(one, academy.anna)
        await academy.register(training, academy.ben)
        async with academy.registrations() as registrations:
            await registrations.ask(training.id, academy.author(academy.anna), "Gibt es Kaffee?")
        academy.set_clock(ENDS)
        async with unit_of_work(academy.database) as unit:
            chat = ChatIdentity(id=new_id(), network=Network.MATRIX, address="@anna:haus", member_id=academy.anna.id)
            unit.session.add(chat)
        async with unit_of_work(academy.database) as unit:
            await PrivacyService(unit.session).erase(chat.id, everywhere=True)
        assert await academy.taken(training) == 1
        assert (await academy.states(training))["Ben"] is OFFERED
        async with academy.database.session() as session:
            assert await session.get(Member, academy.anna.id) is None
            rows = (await session.scalars(select(Registration).where(Registration.training_id == past.id))).all()
            assert [(row.member_id, row.state) for row in rows] == [(None, REGISTERED)]
            assert (await session.scalars(select(TrainingInquiry))).all() == []


class TestAsking:
    @sqlite_only
    async def test_a_question_is_answered_once_and_its_asker_is_told(self, academy: Academy) -> None:
        training = await academy.offer()
        async with academy.registrations() as registrations:
            asked = await registrations.ask(training.id, academy.author(academy.anna), " Gibt es Kaffee? ")
            again = await registrations.ask(training.id, academy.author(academy.anna), "Gibt es Kaffee?")
        assert again.id == asked.id
        told = {"inquiry": str(asked.id), "training": str(training.id)}
        assert await academy.told("training.asked") == [(academy.pia.id, told)]
        async with academy.registrations() as registrations:
            (seen,) = await registrations.inquiries(training.id, academy.by)
            assert (seen.member_name, seen.text, seen.answer) == ("Anna", "Gibt es Kaffee?", None)
            await registrations.answer(asked.id, academy.by, "Ja, und Tee.")
            with pytest.raises(TrainingMovedOn, match="answered this question already"):
                await registrations.answer(asked.id, academy.by, "Nein.")
            assert (await registrations.own_inquiry(asked.id, academy.anna.id)).answer == "Ja, und Tee."
        assert await academy.told("training.answered") == [(academy.anna.id, {"inquiry": str(asked.id)})]

    @sqlite_only
    async def test_it_is_for_those_who_run_it_and_whoever_asked(self, academy: Academy) -> None:
        training = await academy.offer()
        async with academy.registrations() as registrations:
            asked = await registrations.ask(training.id, academy.author(academy.anna), "Gibt es Kaffee?")
            with pytest.raises(UnknownInquiry):
                await registrations.inquiry(asked.id, Publisher(academy.ben.id, academy.lindenau.id))
            with pytest.raises(UnknownInquiry):
                await registrations.own_inquiry(asked.id, academy.ben.id)
            with pytest.raises(UnknownTraining):
                await registrations.inquiries(training.id, Publisher(academy.ben.id, academy.lindenau.id))

    @sqlite_only
    async def test_who_is_not_registered_any_more_asks_only_where_they_may_find_it(self, academy: Academy) -> None:
        training = await academy.offer()
        entry = await academy.register(training, academy.anna)
        async with academy.registrations() as registrations:
            await registrations.ask(training.id, academy.author(academy.anna), "Gibt es Tee?", viewer=anybody())
        await academy.do("cancel", entry, academy.anna)
        async with academy.registrations() as registrations:
            with pytest.raises(UnknownTraining):
                await registrations.ask(training.id, academy.author(academy.anna), "Und Kaffee?", viewer=anybody())
            await registrations.ask(training.id, academy.author(academy.anna), "Und Kaffee?")

    async def test_the_same_words_within_a_minute_are_one_question(self, academy: Academy) -> None:
        training = await academy.offer()

        async def ask() -> UUID:
            async with academy.registrations() as registrations:
                return (await registrations.ask(training.id, academy.author(academy.anna), "Gibt es Tee?")).id

        [asked] = {*await asyncio.gather(*(ask() for _press in range(3)))}
        async with academy.registrations() as registrations:
            await registrations.answer(asked, academy.by, "Ja.")
        assert await ask() == asked
        academy.set_clock(MOMENT + timedelta(minutes=2))
        assert await ask() != asked

    @sqlite_only
    async def test_nobody_asks_without_end(self, academy: Academy) -> None:
        training = await academy.offer()
        async with academy.registrations() as registrations:
            for number in range(MOST_INQUIRIES):
                await registrations.ask(training.id, academy.author(academy.anna), f"Frage {number}?")
            with pytest.raises(TooManyInquiries):
                await registrations.ask(training.id, academy.author(academy.anna), "Noch eine?")


def _later() -> DateDraft:
    return DateDraft(STARTS + timedelta(days=7), ENDS + timedelta(days=7))
