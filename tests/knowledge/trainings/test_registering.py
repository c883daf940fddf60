"""Registering: places exact, the list in order, offers with time to accept, clear words where it is too late."""

from datetime import timedelta
from uuid import UUID

import pytest

from knowledge.access.visibility import anybody
from knowledge.kit.ids import new_id
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.chat import ChatIdentity, Network
from knowledge.models.document import Visibility
from knowledge.models.member import Member
from knowledge.models.training import RegistrationState
from knowledge.trainings.errors import (
    AnswersInvalid,
    NothingOffered,
    RegistrationClosed,
    TooLateToCancel,
    TrainingFull,
    UnknownRegistration,
    UnknownTraining,
)
from knowledge.trainings.schemas import DateDraft, QuestionDraft
from tests.knowledge.trainings.academy import STARTS, Academy

REGISTERED, WAITING, OFFERED = RegistrationState.REGISTERED, RegistrationState.WAITING, RegistrationState.OFFERED
LAPSED, CANCELLED = RegistrationState.LAPSED, RegistrationState.CANCELLED
sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def add_chat(academy: Academy, member: Member) -> UUID:
    """Give somebody a chat account."""
    async with unit_of_work(academy.database) as unit:
        identity = ChatIdentity(
            id=new_id(), network=Network.MATRIX, address=f"@{member.name}:haus", member_id=member.id
        )
        unit.session.add(identity)
        return identity.id


class TestPlaces:
    async def test_who_comes_first_gets_the_places_and_the_rest_wait_in_order(self, academy: Academy) -> None:
        training = await academy.offer(capacity=1)
        first, second, third = [
            await academy.register(training, member) for member in (academy.anna, academy.ben, academy.cem)
        ]
        assert [entry.state for entry in (first, second, third)] == [REGISTERED, WAITING, WAITING]
        assert [entry.number for entry in (first, second, third)] == [1, 2, 3]
        assert [entry.position for entry in (first, second, third)] == [None, 1, 2]
        assert await academy.taken(training) == 1

    @sqlite_only
    async def test_without_a_limit_everybody_has_a_place(self, academy: Academy) -> None:
        training = await academy.offer(capacity=None)
        for member in (academy.anna, academy.ben, academy.cem):
            assert (await academy.register(training, member)).state is REGISTERED
        assert await academy.taken(training) == 3

    @sqlite_only
    async def test_registering_twice_is_once(self, academy: Academy) -> None:
        training = await academy.offer(capacity=1)
        first = await academy.register(training, academy.anna)
        assert await academy.register(training, academy.anna) == first
        waits = await academy.register(training, academy.ben)
        assert (await academy.register(training, academy.ben)).number == waits.number
        assert await academy.taken(training) == 1
        assert await academy.whom("training.registered") == {academy.anna.id}

    async def test_whoever_cancelled_may_come_back_at_the_end_of_the_list(self, academy: Academy) -> None:
        training = await academy.offer(capacity=1)
        mine = await academy.register(training, academy.anna)
        await academy.register(training, academy.ben)
        await academy.register(training, academy.cem)
        await academy.do("cancel", mine, academy.anna)
        again = await academy.register(training, academy.anna)
        assert (again.id, again.state, again.number, again.position) == (mine.id, WAITING, 4, 2)
        assert list((await academy.states(training)).values()) == [OFFERED, WAITING, WAITING]

    @sqlite_only
    async def test_a_full_training_without_a_list_says_so(self, academy: Academy) -> None:
        training = await academy.offer(capacity=1, waiting_list=False)
        await academy.register(training, academy.anna)
        with pytest.raises(TrainingFull):
            await academy.register(training, academy.ben)
        assert list(await academy.states(training)) == ["Anna"]


class TestAnswers:
    @sqlite_only
    async def test_what_is_required_must_be_answered_and_nothing_else(self, academy: Academy) -> None:
        questions = (QuestionDraft("Was möchten Sie mitnehmen?", required=True), QuestionDraft("Brauchen Sie Hilfe?"))
        training = await academy.offer(questions=questions)
        wanted, help_wanted = training.questions
        with pytest.raises(AnswersInvalid, match="mitnehmen") as refused:
            await academy.register(training, academy.anna, **{str(help_wanted.id): "Nein"})
        assert refused.value.questions == (str(wanted.id),)
        assert await academy.taken(training) == 0
        entry = await academy.register(training, academy.anna, **{wanted.id.hex: "Mut", "unknown": "?"})
        assert entry.answers == {str(wanted.id): "Mut"}

    @sqlite_only
    async def test_an_answer_without_end_is_refused(self, academy: Academy) -> None:
        training = await academy.offer(questions=(QuestionDraft("Was noch?"),))
        with pytest.raises(AnswersInvalid, match="1000"):
            await academy.register(training, academy.anna, **{str(training.questions[0].id): "x" * 1001})

    @sqlite_only
    async def test_whoever_runs_it_sees_names_and_answers(self, academy: Academy) -> None:
        training = await academy.offer(questions=(QuestionDraft("Was noch?"),))
        await academy.register(training, academy.anna, **{str(training.questions[0].id): "Kaffee"})
        async with academy.registrations() as registrations:
            (seen,) = await registrations.participants(training.id, academy.by)
        told = {training.questions[0].id: "Kaffee"}
        assert (seen.name, seen.organisation_name, seen.answers) == ("Anna", "Lindenau", told)


class TestTooLate:
    @sqlite_only
    async def test_after_the_deadline(self, academy: Academy) -> None:
        training = await academy.offer(deadline=STARTS - timedelta(days=3))
        academy.set_clock(STARTS - timedelta(days=2))
        with pytest.raises(RegistrationClosed, match="deadline"):
            await academy.register(training, academy.anna)

    @sqlite_only
    async def test_once_it_began(self, academy: Academy) -> None:
        training = await academy.offer()
        academy.set_clock(STARTS)
        with pytest.raises(RegistrationClosed, match="begun"):
            await academy.register(training, academy.anna)

    @sqlite_only
    async def test_once_it_was_cancelled(self, academy: Academy) -> None:
        training = await academy.offer()
        async with academy.trainings() as trainings:
            await trainings.cancel(training.id, academy.by, "Krank")
        with pytest.raises(RegistrationClosed, match="cancelled"):
            await academy.register(training, academy.anna)

    @sqlite_only
    async def test_what_just_started_cannot_be_cancelled_by_who_takes_part(self, academy: Academy) -> None:
        training = await academy.offer()
        mine = await academy.register(training, academy.anna)
        academy.set_clock(STARTS)
        with pytest.raises(TooLateToCancel):
            await academy.do("cancel", mine, academy.anna)
        assert await academy.taken(training) == 1

    @sqlite_only
    async def test_what_one_may_not_find_does_not_exist(self, academy: Academy) -> None:
        training, draft = await academy.offer(visibility=Visibility.HOUSE), await academy.draft()
        for hidden in (training, draft):
            with pytest.raises(UnknownTraining):
                await academy.register(hidden, academy.anna)
        network = await academy.offer()
        async with academy.registrations() as registrations:
            with pytest.raises(UnknownTraining):
                await registrations.register(network.id, academy.author(academy.anna), viewer=anybody())

    @sqlite_only
    async def test_somebody_elses_registration_is_not_there(self, academy: Academy) -> None:
        mine = await academy.register(await academy.offer(), academy.anna)
        for deed in ("cancel", "accept_offer", "decline_offer", "get"):
            with pytest.raises(UnknownRegistration):
                await academy.do(deed, mine, academy.ben)


class TestWaitingList:
    async def test_a_place_that_is_free_is_offered_with_time_to_accept(self, academy: Academy) -> None:
        training = await academy.offer(capacity=1)
        mine = await academy.register(training, academy.anna)
        waits = await academy.register(training, academy.ben)
        await academy.do("cancel", mine, academy.anna)
        offered = await academy.do("get", waits, academy.ben)
        assert (offered.state, offered.offered_until) == (OFFERED, academy.moment + timedelta(hours=24))
        assert await academy.told("training.offered") == [(academy.ben.id, {"registration": str(waits.id)})]
        # The place is kept meanwhile.
        assert (await academy.register(training, academy.cem)).state is WAITING
        assert (await academy.do("accept_offer", waits, academy.ben)).state is REGISTERED
        assert (await academy.do("accept_offer", waits, academy.ben)).state is REGISTERED
        assert await academy.taken(training) == 1

    async def test_an_offer_that_is_not_accepted_goes_to_the_next_one(self, academy: Academy) -> None:
        training = await academy.offer(capacity=1)
        mine = await academy.register(training, academy.anna)
        ben, cem = await academy.register(training, academy.ben), await academy.register(training, academy.cem)
        await academy.do("cancel", mine, academy.anna)
        await academy.pass_by(hours=23)
        assert (await academy.do("get", ben, academy.ben)).state is OFFERED
        await academy.pass_by(hours=1)
        assert (await academy.do("get", ben, academy.ben)).state is LAPSED
        assert (await academy.do("get", cem, academy.cem)).state is OFFERED
        assert await academy.pass_by() == 0
        assert await academy.whom("training.lapsed") == {academy.ben.id}
        with pytest.raises(NothingOffered):
            await academy.do("accept_offer", ben, academy.ben)
        assert await academy.taken(training) == 1

    @sqlite_only
    async def test_an_offer_that_is_declined_goes_to_the_next_one(self, academy: Academy) -> None:
        training = await academy.offer(capacity=1)
        mine = await academy.register(training, academy.anna)
        ben, cem = await academy.register(training, academy.ben), await academy.register(training, academy.cem)
        await academy.do("cancel", mine, academy.anna)
        for _twice in range(2):
            assert (await academy.do("decline_offer", ben, academy.ben)).state is CANCELLED
        assert (await academy.do("get", cem, academy.cem)).state is OFFERED
        with pytest.raises(NothingOffered):
            await academy.do("decline_offer", await academy.do("accept_offer", cem, academy.cem), academy.cem)

    @sqlite_only
    async def test_registering_again_accepts_what_is_offered(self, academy: Academy) -> None:
        training = await academy.offer(capacity=1)
        mine, _waits = await academy.register(training, academy.anna), await academy.register(training, academy.ben)
        await academy.do("cancel", mine, academy.anna)
        assert (await academy.register(training, academy.ben)).state is REGISTERED

    @sqlite_only
    async def test_offers_end_in_time_before_it_begins(self, academy: Academy) -> None:
        training = await academy.offer(capacity=1)
        mine, waits = await academy.register(training, academy.anna), await academy.register(training, academy.ben)
        academy.set_clock(STARTS - timedelta(hours=5))
        await academy.do("cancel", mine, academy.anna)
        assert (await academy.do("get", waits, academy.ben)).offered_until == STARTS - timedelta(hours=2)

    @sqlite_only
    async def test_shortly_before_it_begins_a_free_place_is_whose_comes_first(self, academy: Academy) -> None:
        training = await academy.offer(capacity=1)
        mine, waits = await academy.register(training, academy.anna), await academy.register(training, academy.ben)
        academy.set_clock(STARTS - timedelta(hours=1))
        await academy.do("cancel", mine, academy.anna)
        assert (await academy.do("get", waits, academy.ben)).state is WAITING
        assert (await academy.register(training, academy.ben)).state is REGISTERED
        assert (await academy.register(training, academy.cem)).state is WAITING
        assert await academy.taken(training) == 1

    async def test_more_places_let_people_move_up(self, academy: Academy) -> None:
        training = await academy.offer(capacity=1)
        for member in (academy.anna, academy.ben, academy.cem):
            await academy.register(training, member)
        await academy.change(training, capacity=2)
        assert list((await academy.states(training)).values()) == [REGISTERED, OFFERED, WAITING]
        await academy.change(training, capacity=None)
        assert list((await academy.states(training)).values()) == [REGISTERED, OFFERED, OFFERED]
        assert await academy.taken(training) == 3

    @sqlite_only
    async def test_a_training_that_begins_earlier_ends_offers_earlier(self, academy: Academy) -> None:
        training = await academy.offer(capacity=1, offer_hours=14 * 24)
        mine, waits = await academy.register(training, academy.anna), await academy.register(training, academy.ben)
        await academy.do("cancel", mine, academy.anna)
        (date,) = training.dates
        earlier = DateDraft(STARTS - timedelta(days=7), STARTS - timedelta(days=7, hours=-2), date.id)
        await academy.change(training, dates=(earlier,))
        assert (await academy.do("get", waits, academy.ben)).offered_until == earlier.starts_at - timedelta(hours=2)


class TestTelling:
    @sqlite_only
    async def test_who_registers_in_the_hub_is_told_in_their_chat(self, academy: Academy) -> None:
        training = await academy.offer(capacity=1)
        mine, waits = await academy.register(training, academy.anna), await academy.register(training, academy.ben)
        assert await academy.told("training.registered") == [(academy.anna.id, {"registration": str(mine.id)})]
        assert await academy.told("training.waiting") == [(academy.ben.id, {"registration": str(waits.id)})]

    @sqlite_only
    async def test_who_registers_in_a_chat_is_answered_there_and_offered_a_place_there(self, academy: Academy) -> None:
        chat = await add_chat(academy, academy.ben)
        training = await academy.offer(capacity=1)
        mine = await academy.register(training, academy.anna)
        async with academy.registrations() as registrations:
            await registrations.register(training.id, academy.author(academy.ben, chat))
        assert await academy.told("training.waiting") == []
        await academy.do("cancel", mine, academy.anna)
        assert await academy.whom("training.offered") == {chat}


class TestOwn:
    @sqlite_only
    async def test_a_member_sees_what_they_registered_for_with_its_place(self, academy: Academy) -> None:
        training = await academy.offer(capacity=1)
        await academy.register(training, academy.anna)
        await academy.register(training, academy.ben)
        async with academy.registrations() as registrations:
            (mine,) = await registrations.of_member(academy.anna.id)
            (waits,) = await registrations.of_member(academy.ben.id)
            assert await registrations.of_member(academy.cem.id) == []
            assert await registrations.of_member(academy.anna.id, viewer=anybody()) == []
        assert (mine.id, mine.place) == (training.id, "Kreishaus Lindenau, Saal 2")
        assert (waits.place, waits.shows_place) == ("", False)
        assert waits.registration is not None
        assert waits.registration.position == 1
