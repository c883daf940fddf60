"""Digests: one message a week with what is new, for circles and for members, once, and only what may be told."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from knowledge.digests.keeping import plan_digests
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.chat import Chat, Circle
from knowledge.models.digest import DigestState
from knowledge.models.document import Document, Kind, Status, Visibility
from knowledge.models.member import Member, Role
from knowledge.models.question import OpenQuestion, OpenQuestionRoute, OpenQuestionState
from tests.bot.handlers.contributing_world import ANNA, BEN, FORUM, ROOM, TINA, Desk, direct
from tests.bot.handlers.digest_world import (
    AKTEN,
    FEUER,
    MONDAY,
    NEXT,
    SATURDAY,
    a_week,
    add_circle,
    add_document,
    add_question,
    add_topics,
    change_circle,
    declare,
    digests_in,
    send,
    states,
    until,
)

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
EMPTY, SENT, WAITING = DigestState.EMPTY, DigestState.SENT, DigestState.WAITING


class TestCircle:
    async def test_one_message_with_what_is_new_on_its_topics(self, desk: Desk) -> None:
        await add_topics(desk)
        circle = await add_circle(desk, ROOM, ANNA, "e-akte")
        for number in range(7):
            created = SATURDAY + timedelta(minutes=number)
            await add_document(desk, f"Akten {number}", AKTEN, created_at=created)
        await add_document(desk, "Löschen", FEUER)
        await add_document(desk, "Alte Akten", AKTEN, created_at=MONDAY - timedelta(days=8))
        await add_document(desk, "Akten lernen", AKTEN, kind=Kind.TRAINING)
        question = await add_question(desk, "Wer scannt Akten?", AKTEN)
        await add_question(desk, "Wer löscht?", FEUER)

        await a_week(desk)
        await send(desk)

        [said] = digests_in(desk, ROOM)
        assert f"News for the circle “Kreis {ROOM.chat}”" in said
        assert [f"Akten {number}" in said for number in range(7)] == [False, False, True, True, True, True, True]
        assert "and 2 more" in said
        assert "New training material\n\n· Akten lernen" in said
        assert "Wer scannt Akten?" in said
        assert all(word not in said for word in ("Löschen", "Wer löscht", "Alte Akten"))
        [message] = [message for message in desk.networks[ROOM.network].sent if message.about == "digest"]
        assert [choice.key for choice in message.choices] == [f"reply:{question.hex}"]
        assert await states(desk) == [SENT, WAITING]
        [route] = await desk.rows(OpenQuestionRoute)
        assert (route.circle_id, route.open_question_id, route.by_digest) == (circle, question, True)


@only_sqlite
class TestCircles:
    async def test_nothing_new_no_message(self, desk: Desk) -> None:
        await add_topics(desk)
        await add_circle(desk, ROOM, ANNA, AKTEN)
        await add_document(desk, "Löschen", FEUER)
        await until(desk, SATURDAY, MONDAY, NEXT)
        assert digests_in(desk, ROOM) == []
        assert await states(desk) == [EMPTY, EMPTY, WAITING]

    async def test_only_what_the_group_may_find_at_that_moment(self, desk: Desk) -> None:
        await add_topics(desk)
        await add_circle(desk, ROOM, ANNA, vouched_at=None)
        await add_circle(desk, FORUM, TINA)
        hidden = {"Zurückgezogen": {"status": Status.WITHDRAWN}, "Fürs Netzwerk": {}}
        for title, values in hidden.items():
            await add_document(desk, title, **values)
        await add_document(desk, "Für alle", visibility=Visibility.PUBLIC, access="public")
        await add_question(desk, "Eine Frage fürs Netzwerk?")
        await add_question(desk, "Eine Frage für alle?", visibility=Visibility.PUBLIC)
        await a_week(desk)
        for place in (ROOM, FORUM):
            [said] = digests_in(desk, place)
            assert "Für alle" in said
            assert "Eine Frage für alle?" in said
            assert not any(title in said for title in (*hidden, "Eine Frage fürs Netzwerk?"))

    async def test_a_question_comes_once_and_only_while_it_is_open(self, desk: Desk) -> None:
        await add_topics(desk)
        circle = await add_circle(desk, ROOM, ANNA, AKTEN)
        posted = await add_question(desk, "Stand schon da?", AKTEN)
        kept = await add_question(desk, "Kam mit zu vielen?", AKTEN)
        later = await add_question(desk, "Kam danach mit zu vielen?", AKTEN)
        await add_question(desk, "Ist beantwortet?", AKTEN, state=OpenQuestionState.ANSWERED)
        after = MONDAY + timedelta(minutes=1)
        async with unit_of_work(desk.database) as unit:
            for key, by_digest, moment in ((posted, False, SATURDAY), (kept, True, SATURDAY), (later, True, after)):
                row = {"open_question_id": key, "circle_id": circle, "by_digest": by_digest, "created_at": moment}
                unit.session.add(OpenQuestionRoute(**row))
        await a_week(desk)
        await add_document(desk, "Neues", AKTEN, created_at=MONDAY + timedelta(days=1))
        await until(desk, NEXT)
        first, second = digests_in(desk, ROOM)
        assert "Kam mit zu vielen?" in first
        assert not any(words in first for words in ("Stand schon da?", "Ist beantwortet?", "Kam danach"))
        assert "Neues" in second
        assert "Kam danach mit zu vielen?" in second
        assert not any(words in second for words in ("Stand schon da?", "Kam mit zu vielen?"))

    async def test_what_does_not_fit_comes_with_the_next_one(self, desk: Desk) -> None:
        await add_topics(desk)
        circle = await add_circle(desk, ROOM, ANNA, AKTEN)
        for number in range(5):
            key = await add_question(desk, f"Frage {number}?", AKTEN, created_at=SATURDAY + timedelta(minutes=number))
            async with unit_of_work(desk.database) as unit:
                row = {"open_question_id": key, "circle_id": circle, "by_digest": True, "created_at": SATURDAY}
                unit.session.add(OpenQuestionRoute(**row))
        await until(desk, SATURDAY, MONDAY, NEXT, NEXT + timedelta(days=7))
        first, second = digests_in(desk, ROOM)
        assert [f"Frage {number}?" in first for number in range(5)] == [False, False, True, True, True]
        assert [f"Frage {number}?" in second for number in range(5)] == [True, True, False, False, False]

    async def test_several_questions_are_chosen_by_number(self, desk: Desk) -> None:
        await add_topics(desk)
        await add_circle(desk, ROOM, ANNA, AKTEN)
        await desk.make_member(BEN)
        for number in range(4):
            await add_question(desk, f"Frage {number}?", AKTEN, created_at=SATURDAY + timedelta(minutes=number))
        await a_week(desk)
        [said] = digests_in(desk, ROOM)
        assert "· 1. Frage 3?" in said
        assert "Frage 0?" not in said
        await desk.press(BEN, "Answer question 2", ROOM)
        assert "Frage 2?" in desk.said(BEN)[-1]

    async def test_paused_unlinked_gone_or_switched_off_in_between(self, desk: Desk) -> None:
        await add_topics(desk)
        await add_document(desk, "Neues")
        places = [ROOM, FORUM]
        circles = [await add_circle(desk, place, person) for place, person in zip(places, (ANNA, TINA), strict=True)]
        await plan_digests(desk.database, SATURDAY)
        await plan_digests(desk.database, MONDAY)
        async with unit_of_work(desk.database) as unit:
            await unit.session.execute(update(Chat).where(Chat.address == ROOM.chat).values(paused=True))
            await unit.session.execute(delete(Circle).where(Circle.id == circles[1]))
        await send(desk)
        assert [digests_in(desk, place) for place in places] == [[], []]
        assert await states(desk) == [EMPTY]
        async with unit_of_work(desk.database) as unit:
            await unit.session.execute(update(Chat).values(paused=False))
        await until(desk, NEXT - timedelta(days=1))
        await change_circle(desk, circles[0], digest_day=None)
        await until(desk, NEXT)
        assert digests_in(desk, ROOM) == []

    async def test_titles_lead_into_the_hub(self, desk: Desk) -> None:
        await add_circle(desk, ROOM, ANNA)
        key = await add_document(desk, "Neues")
        await a_week(desk)
        [message] = [message for message in desk.networks[ROOM.network].sent if message.about == "digest"]
        assert message.text is not None
        links = [span.link for block in message.text.blocks for span in block.spans if span.link]
        hub = desk.services.settings.hub
        assert links == ([f"{hub.address}/dokument/{key}"] if hub.hub_url else [])


@only_sqlite
class TestOnceAndNotLost:
    async def test_after_an_outage_one_digest_tells_of_everything(self, desk: Desk) -> None:
        await add_circle(desk, ROOM, ANNA)
        await a_week(desk)
        for week in range(4):
            await add_document(desk, f"Woche {week}", created_at=MONDAY + timedelta(days=7 * week + 1))
        await until(desk, MONDAY + timedelta(days=7 * 3 + 2))
        [said] = digests_in(desk, ROOM)
        assert [f"Woche {week}" in said for week in range(4)] == [True, True, True, False]
        await until(desk, MONDAY + timedelta(days=7 * 4))
        assert "Woche 3" in digests_in(desk, ROOM)[1]
        assert "Woche 2" not in digests_in(desk, ROOM)[1]

    async def test_a_job_that_comes_twice_says_nothing_twice(self, desk: Desk) -> None:
        await add_circle(desk, ROOM, ANNA)
        await add_document(desk, "Neues")
        await plan_digests(desk.database, SATURDAY)
        for _time in range(3):
            await plan_digests(desk.database, MONDAY)
        await send(desk)
        await until(desk, MONDAY, MONDAY + timedelta(hours=5))
        assert len(digests_in(desk, ROOM)) == 1
        assert await states(desk) == [SENT, WAITING]

    async def test_another_day_counts_from_the_next_one_on(self, desk: Desk) -> None:
        circle = await add_circle(desk, ROOM, ANNA)
        await add_document(desk, "Neues")
        await a_week(desk)
        await change_circle(desk, circle, digest_day=4)
        wednesday, friday = MONDAY + timedelta(days=2), MONDAY + timedelta(days=4)
        await add_document(desk, "Vom Dienstag", created_at=MONDAY + timedelta(days=1))
        await until(desk, wednesday)
        assert len(digests_in(desk, ROOM)) == 1
        await until(desk, friday)
        assert "Vom Dienstag" in digests_in(desk, ROOM)[1]


@only_sqlite
class TestMembers:
    async def test_on_the_topics_that_they_declared(self, desk: Desk) -> None:
        await add_topics(desk)
        member = await desk.make_member(ANNA, digest_day=0)
        asker = await desk.make_member(BEN)
        await declare(desk, member, AKTEN)
        await add_document(desk, "Akten scannen", AKTEN)
        await add_document(desk, "Löschen", FEUER)
        await add_question(desk, "Wer scannt?", AKTEN, member_id=asker)
        await add_question(desk, "Meine eigene?", AKTEN, member_id=member)
        await a_week(desk)
        [said] = digests_in(desk, direct(ANNA))
        assert "Akten scannen" in said
        assert "Wer scannt?" in said
        assert "!digest" in said
        assert not any(words in said for words in ("Löschen", "Meine eigene?"))
        assert digests_in(desk, direct(BEN)) == []

    async def test_their_own_house_but_no_other(self, desk: Desk) -> None:
        member = await desk.make_member(ANNA, digest_day=0)
        async with desk.database.session(writes=False) as session:
            house = (await session.scalars(select(Member.organisation_id).where(Member.id == member))).one()
        assert house is not None
        for title, organisation in (("Fürs eigene Haus", house), ("Fürs andere Haus", member)):
            access = {"visibility": Visibility.HOUSE, "organisation_id": house, "access": f"house:{organisation.hex}"}
            await add_document(desk, title, **access)
        await a_week(desk)
        [said] = digests_in(desk, direct(ANNA))
        assert "Fürs eigene Haus" in said
        assert "Fürs andere Haus" not in said

    async def test_who_left_or_cannot_be_reached_gets_none(self, desk: Desk) -> None:
        await desk.make_member(TINA, digest_day=0)  # the bot cannot write first there
        left = await desk.make_member(ANNA, digest_day=0)
        await add_document(desk, "Neues")
        await plan_digests(desk.database, SATURDAY)
        await plan_digests(desk.database, MONDAY)
        async with unit_of_work(desk.database) as unit:
            await unit.session.execute(update(Member).where(Member.id == left).values(active=False))
        await send(desk)
        assert (digests_in(desk, direct(ANNA)), digests_in(desk, direct(TINA))) == ([], [])
        assert await states(desk) == [EMPTY, EMPTY]


@only_sqlite
class TestSetting:
    async def test_members_choose_their_own(self, desk: Desk) -> None:
        member = await desk.make_member(ANNA)
        shown = await desk.write(ANNA, "/rundbrief")
        chosen = await desk.press(ANNA, "Wednesday")
        typed = await desk.write(ANNA, "/digest Donnerstag um 14 Uhr")
        wrong = await desk.write(ANNA, "/digest irgendwann")
        async with desk.database.session(writes=False) as session:
            row = await session.get_one(Member, member)
        assert "Your digest does not come." in shown
        assert "each Wednesday at 8" in chosen
        assert "each Thursday at 14" in typed
        assert "day of the week" in wrong
        assert (row.digest_day, row.digest_hour) == (3, 14)
        assert "does not come" in await desk.write(ANNA, "/digest aus")

    async def test_moderators_set_the_circles(self, desk: Desk) -> None:
        circle = await add_circle(desk, ROOM, ANNA)
        await desk.make_member(ANNA, role=Role.MODERATOR)
        await desk.make_member(BEN)
        refused = await desk.write(BEN, "/digest off", ROOM)
        set_by = await desk.write(ANNA, "/digest Friday 7", ROOM)
        shown = await desk.write(BEN, "/digest", ROOM)
        async with desk.database.session(writes=False) as session:
            row = await session.get_one(Circle, circle)
        assert "Only moderators" in refused
        assert "each Friday at 7" in set_by
        assert "each Friday at 7" in shown
        assert (row.digest_day, row.digest_hour) == (4, 7)

    async def test_others_are_told_how_to_join(self, desk: Desk) -> None:
        assert "!join" in await desk.write(ANNA, "/digest Monday")
        assert "not linked to a circle" in await desk.write(ANNA, "/digest", ROOM)

    async def test_nobody_but_members_answers_in_a_group(self, desk: Desk) -> None:
        await add_circle(desk, ROOM, ANNA)
        await add_question(desk, "Eine?")
        await a_week(desk)
        said = await desk.press(BEN, "Answer", ROOM)
        async with desk.database.session(writes=False) as session:
            assert (await session.scalars(select(OpenQuestion.state))).one() is OpenQuestionState.OPEN
        assert said
        assert (await desk.rows(Document)) == []
