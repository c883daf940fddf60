"""What happened to a training is told at the right moment, once, and only to whoever may still see it."""

from datetime import timedelta

import pytest

from knowledge.kit.clock import now
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.document import Visibility
from knowledge.models.notice import Notice
from knowledge.notices.service import tell
from knowledge.trainings.registering import RegistrationService
from knowledge.trainings.reminding import remind
from knowledge.trainings.settling import settle_trainings
from tests.bot.handlers.contributing_world import ANNA, BEN, TINA, ZOE, Desk
from tests.bot.handlers.training_world import (
    LINK,
    PLACE,
    TITLE,
    cancel,
    change,
    morning,
    move_back,
    open_training,
    publish,
    publisher,
    register,
)

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class TestRegisteredInTheHub:
    async def test_place_and_waiting_list_are_told_in_the_chat(self, desk: Desk) -> None:
        entry = await open_training(desk, capacity=1)
        anna, ben = await desk.make_member(ANNA), await desk.make_member(BEN)
        await desk.write(ANNA, "/help")
        await desk.write(BEN, "/help")
        await register(desk, entry, anna)
        await register(desk, entry, ben)
        await desk.tell()
        assert f"You are registered: {TITLE}" in desk.said(ANNA)[-1]
        assert PLACE in desk.said(ANNA)[-1]
        assert "at number 1" in desk.said(BEN)[-1]
        assert PLACE not in desk.said(BEN)[-1]

    async def test_abroad_it_points_to_the_hub(self, desk: Desk) -> None:
        entry = await publish(desk, await publisher(desk))
        tina = await desk.make_member(TINA)
        await desk.write(TINA, "/help")
        await register(desk, entry, tina)
        await desk.tell()
        said = desk.said(TINA)[-1]
        assert "You are registered: a training of the network" in said
        assert not any(secret in said for secret in (TITLE, PLACE, LINK))


class TestOffered:
    async def test_who_does_not_answer_in_time_is_told_and_the_next_one_is_asked(self, desk: Desk) -> None:
        entry = await open_training(desk, capacity=1, offer_hours=1)
        people = {person: await desk.make_member(person) for person in (ANNA, BEN, TINA)}
        for person, member in people.items():
            await desk.write(person, "/help")
            registered = await register(desk, entry, member)
            if person is ANNA:
                first = registered
        async with unit_of_work(desk.database) as unit:
            await RegistrationService(unit).cancel(first, people[ANNA])
        await desk.tell()
        assert "A place has become free for you" in desk.said(BEN)[-1]
        await settle_trainings(desk.database, now() + timedelta(hours=2))
        await desk.tell()
        assert "not accepted in time" in desk.said(BEN)[-1]
        assert "A place has become free for you" in desk.said(TINA)[-1]

    async def test_abroad_a_place_is_taken_without_a_word_about_the_training(self, desk: Desk) -> None:
        entry = await publish(desk, await publisher(desk), capacity=1)
        ben, tina = await desk.make_member(BEN), await desk.make_member(TINA)
        await desk.write(TINA, "/help")
        first = await register(desk, entry, ben)
        await register(desk, entry, tina)
        async with unit_of_work(desk.database) as unit:
            await RegistrationService(unit).cancel(first, ben)
        await desk.tell()
        assert "A place has become free for you: a training of the network" in desk.said(TINA)[-1]
        assert "You have the place." in await desk.press(TINA, "I take the place")
        assert not any(secret in said for said in desk.said(TINA) for secret in (TITLE, PLACE, LINK))


class TestChanged:
    async def test_it_says_what_and_how_it_is_now(self, desk: Desk) -> None:
        by = await publisher(desk)
        entry = await publish(desk, by, visibility=Visibility.PUBLIC, capacity=1)
        anna, ben = await desk.make_member(ANNA), await desk.make_member(BEN)
        await desk.write(ANNA, "/help")
        await desk.write(BEN, "/help")
        await register(desk, entry, anna)
        await register(desk, entry, ben)
        await desk.tell()
        waits = desk.said(BEN)[-1]
        await change(desk, entry, by, place="Volkshochschule, Raum 12")
        await desk.tell()
        assert f"Something has changed: {TITLE}" in desk.said(ANNA)[-1]
        assert "Place: Volkshochschule, Raum 12" in desk.said(ANNA)[-1]
        assert desk.said(BEN)[-1] == waits  # the place is for those who have one

        await change(desk, entry, by, dates=(morning(timedelta(days=50)),), costs="20 Euro")
        await desk.tell()
        for person in (ANNA, BEN):
            assert "Dates: these hold now:" in desk.said(person)[-1]
            assert "from 9:00 to 12:00" in desk.said(person)[-1]
            assert "Costs: 20 Euro" in desk.said(person)[-1]

    async def test_who_cancelled_meanwhile_is_told_nothing(self, desk: Desk) -> None:
        by = await publisher(desk)
        entry = await publish(desk, by, visibility=Visibility.PUBLIC)
        await register(desk, entry, await desk.make_member(ANNA))
        await desk.write(ANNA, "/schulungen meine")
        await desk.press(ANNA, "1. ")
        await desk.press(ANNA, "Cancel my registration")
        await change(desk, entry, by, place="Anderswo")
        await desk.press(ANNA, "Yes, cancel it")
        before = len(desk.said(ANNA))
        await desk.tell()
        assert len(desk.said(ANNA)) == before


class TestCancelled:
    async def test_with_the_reason_in_the_organisers_words(self, desk: Desk) -> None:
        by = await publisher(desk)
        entry = await publish(desk, by, visibility=Visibility.PUBLIC)
        await register(desk, entry, await desk.make_member(ANNA))
        await desk.write(ANNA, "/help")
        await cancel(desk, entry, by, "Die Referentin ist krank.")
        await desk.tell()
        assert f"Does not take place: {TITLE}" in desk.said(ANNA)[-1]
        assert "Die Referentin ist krank." in desk.said(ANNA)[-1]
        assert "You are registered" not in desk.said(ANNA)[-1]


class TestAsking:
    async def test_question_and_answer_go_through(self, desk: Desk) -> None:
        await open_training(desk)
        await desk.make_member(ANNA)
        await desk.write(ANNA, "/schulungen")
        await desk.press(ANNA, "1. ")
        await desk.press(ANNA, "Ask the organiser")
        assert "Sent." in await desk.write(ANNA, "Gibt es einen Aufzug?")
        await desk.tell()
        asked = desk.said(ZOE)[-1]
        assert f"asks about “{TITLE}”" in asked
        assert "Gibt es einen Aufzug?" in asked

        message = desk.offering("Answer", desk.networks[ZOE.network].sent[-1].place)
        said = await desk.write(ZOE, "Ja, gleich links.", reply_to=desk.event_of(message), reply_to_bot=True)
        assert "Passed on" in said
        await desk.tell()
        assert "the organiser writes" in desk.said(ANNA)[-1]
        assert "Ja, gleich links." in desk.said(ANNA)[-1]

        assert "Gibt es einen Aufzug?" in await desk.press(ZOE, "Answer")
        assert "These are your words" in await desk.write(ZOE, "Nein, doch nicht.")  # it is answered already

    async def test_whoever_runs_it_no_more_is_told_nothing(self, desk: Desk) -> None:
        entry = await open_training(desk)
        anna = await desk.make_member(ANNA)
        await desk.write(ANNA, "/help")
        async with unit_of_work(desk.database) as unit:
            data = {"inquiry": str(entry.id), "training": str(entry.id)}
            await tell(unit.session, "training.asked", member_id=anna, data=data)
        before = len(desk.said(ANNA))
        await desk.tell()
        assert len(desk.said(ANNA)) == before


class TestReminder:
    async def test_the_day_before_and_the_hour_before(self, desk: Desk) -> None:
        entry = await open_training(desk)
        await register(desk, entry, await desk.make_member(ANNA))
        await desk.write(ANNA, "/help")
        starts = entry.dates[0].starts_at
        # It is a good hour before it begins: what should have come a day before comes late, and only once.
        await move_back(desk, entry, starts - now() - timedelta(hours=5))
        await remind(desk.database, now())
        await desk.tell()
        said = desk.said(ANNA)[-1]
        assert TITLE in said
        assert said.startswith(("Today:", "Tomorrow:"))
        assert PLACE in said
        assert LINK in said
        before = len(desk.said(ANNA))
        await remind(desk.database, now())
        await desk.tell()
        assert len(desk.said(ANNA)) == before

    async def test_who_cannot_come_says_so_with_a_tap(self, desk: Desk) -> None:
        entry = await open_training(desk)
        await register(desk, entry, await desk.make_member(ANNA))
        await desk.write(ANNA, "/help")
        await move_back(desk, entry, entry.dates[0].starts_at - now() - timedelta(minutes=58))
        await remind(desk.database, now())
        await desk.tell()
        assert "Begins in an hour" in desk.said(ANNA)[-1]
        assert "comes late" not in desk.said(ANNA)[-1]
        assert "Shall I cancel your registration?" in await desk.press(ANNA, "I cannot come")

    async def test_abroad_there_is_no_title_and_no_place(self, desk: Desk) -> None:
        entry = await publish(desk, await publisher(desk))
        await register(desk, entry, await desk.make_member(TINA))
        await desk.write(TINA, "/help")
        await move_back(desk, entry, entry.dates[0].starts_at - now() - timedelta(minutes=58))
        await remind(desk.database, now())
        await desk.tell()
        said = desk.said(TINA)[-1]
        assert "Begins in an hour: a training of the network" in said
        assert "Place and link stand in the hub" in said
        assert not any(secret in said for secret in (TITLE, PLACE, LINK))


class TestAfterwards:
    async def test_it_asks_how_it_was_and_offers_the_certificate(self, desk: Desk) -> None:
        entry = await open_training(desk)
        await register(desk, entry, await desk.make_member(ANNA))
        await desk.write(ANNA, "/help")
        await move_back(desk, entry, timedelta(days=41), attended=True)
        await settle_trainings(desk.database, now())
        await desk.tell()
        assert f"How was it? {TITLE}" in desk.said(ANNA)[-1]
        assert "Good to hear" in await desk.press(ANNA, "Helped")
        await desk.press(ANNA, "In my words")
        assert "Noted" in await desk.write(ANNA, "Mehr Übungen wären schön.")
        assert "Which name shall stand on it?" in await desk.press(ANNA, "Get the certificate")

    async def test_words_first_are_kept_with_the_tap(self, desk: Desk) -> None:
        entry = await open_training(desk)
        await register(desk, entry, await desk.make_member(ANNA))
        await desk.write(ANNA, "/help")
        await move_back(desk, entry, timedelta(days=41))
        await settle_trainings(desk.database, now())
        await desk.tell()
        assert "certificates gets your certificate, until " in desk.said(ANNA)[-1]
        message = desk.networks[ANNA.network].sent[-1]
        said = await desk.write(ANNA, "Sehr gut erklärt.", reply_to=desk.event_of(message), reply_to_bot=True)
        assert "did it help you?" in said
        assert "Noted" in await desk.press(ANNA, "Helped")


class TestAnything:
    async def test_a_notice_of_something_that_is_gone_is_told_to_nobody(self, desk: Desk) -> None:
        anna = await desk.make_member(ANNA)
        await desk.write(ANNA, "/help")
        kinds = [f"training.{kind}" for kind in ("registered", "waiting", "offered", "lapsed", "changed", "cancelled")]
        kinds += [f"training.{kind}" for kind in ("asked", "answered", "reminder", "followed_up")]
        nothing = "0" * 32
        async with unit_of_work(desk.database) as unit:
            for kind in kinds:
                data = {"registration": nothing, "training": nothing, "inquiry": nothing, "fields": ["title"]}
                await tell(unit.session, kind, member_id=anna, data=data)
        before = len(desk.said(ANNA))
        await desk.tell()
        assert len(desk.said(ANNA)) == before
        assert all(row.told_at is not None for row in await desk.rows(Notice))
