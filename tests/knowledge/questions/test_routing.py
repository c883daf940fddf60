"""Whom an open question is brought to, on both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete

from knowledge.kit.ids import new_id
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.chat import Chat, Circle, Network
from knowledge.models.document import Visibility
from knowledge.models.member import Findable
from knowledge.models.peer import Block
from knowledge.models.question import OpenQuestionRoute
from knowledge.questions.repository import QuestionRepository
from knowledge.questions.routing import MOST_ASKED, MOST_POSTS, route_again
from knowledge.questions.schemas import ReleaseWishes, Stage
from tests.knowledge.questions.network import NetworkOfTowns

RIS = "Ratsinformationssystem"
SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class TestCircles:
    async def test_it_goes_to_circles_with_its_topic_or_one_above(self, net: NetworkOfTowns) -> None:
        exact, above = await net.circle(RIS), await net.circle("Digitalisierung", "Klima")
        for other in ("Klima", "E-Akte", "Unbekanntes"):
            await net.circle(other)
        released = await net.release("Welches nutzt ihr?", RIS)
        assert set(await net.told("question.posted")) == {("question.posted", exact), ("question.posted", above)}
        assert released.status is not None
        assert (released.status.stage, released.status.circles) == (Stage.BROUGHT, 2)

    @SQLITE
    async def test_a_group_that_nobody_vouched_for_gets_only_what_is_public(self, net: NetworkOfTowns) -> None:
        circle = await net.circle(RIS, vouched=False)
        await net.release("Nur für das Netzwerk?", RIS)
        assert await net.told("question.posted") == []
        await net.release("Für alle?", RIS, wishes=ReleaseWishes(visibility=Visibility.PUBLIC))
        assert await net.told("question.posted") == [("question.posted", circle)]

    @SQLITE
    @pytest.mark.parametrize(("abroad", "posts"), [("public", 0), ("network", 1)])
    async def test_a_foreign_house_gets_the_network_only_where_that_is_set(
        self, net: NetworkOfTowns, abroad: str, posts: int
    ) -> None:
        await net.circle(RIS, network=Network.TELEGRAM)
        await net.release("Wer kennt sich aus?", RIS, abroad=abroad)
        assert len(await net.told("question.posted")) == posts

    @SQLITE
    async def test_after_enough_posts_in_a_week_the_digest_brings_them(self, net: NetworkOfTowns) -> None:
        circle = await net.circle(RIS)
        for number in range(MOST_POSTS + 2):
            asker = await net.person(f"Frage {number}", await net.town(f"1206400020{number:02}"))
            last = await net.release(f"Frage Nummer {number}?", RIS, by=asker)
        assert len(await net.told("question.posted")) == MOST_POSTS
        routes = await net.rows(OpenQuestionRoute, OpenQuestionRoute.open_question_id == last.id)
        assert [(row.circle_id, row.by_digest) for row in routes] == [(circle, True)]

    @SQLITE
    async def test_a_circle_deleted_in_between_takes_nothing_with_it(self, net: NetworkOfTowns) -> None:
        circle = await net.circle(RIS)
        released = await net.release("Wer weiß es?", RIS)
        async with unit_of_work(net.database) as unit:
            await unit.session.execute(delete(Circle).where(Circle.id == circle))
        seen = await net.see(released)
        assert (seen.status.circles if seen.status else None, seen.takes_answers) == (0, True)
        assert await net.told() == []


class TestHelpers:
    async def test_the_three_nearest_who_offered_help_are_asked(self, net: NetworkOfTowns) -> None:
        near = await net.town("120640001002", "Nachbarau", 5_200)
        far = await net.town("090010001001", "Fernstadt", 900_000)
        elsewhere = [await net.person(f"Fern {number}", far, RIS) for number in range(3)]
        neighbours = [await net.person(f"Nah {number}", near, "Digitalisierung") for number in range(2)]
        released = await net.release("Wer hilft?", RIS)
        asked = [who for _kind, who in await net.told("question.routed")]
        assert set(asked[:2]) == {person.id for person in neighbours}
        assert len(asked) == 3
        assert asked[2] in {person.id for person in elsewhere}
        assert released.status is not None
        assert (released.status.asked_people, released.status.people) == (True, 3)

    @pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
    async def test_whoever_was_asked_longest_ago_comes_first(self, net: NetworkOfTowns) -> None:
        near = await net.town("120640001002", "Nachbarau", 5_200)
        people = [await net.person(f"Nah {number}", near, RIS) for number in range(5)]
        await net.release("Erste Frage?", RIS)
        await net.release("Zweite Frage?", RIS)
        asked = [who for _kind, who in await net.told("question.routed")]
        assert len(asked) == 6
        assert set(asked[:5]) == {person.id for person in people}

    @SQLITE
    async def test_nobody_is_asked_more_than_three_times_a_week(self, net: NetworkOfTowns) -> None:
        helper = await net.person("Hilf", await net.town("120640001002"), RIS)
        for number in range(MOST_ASKED + 1):
            await net.release(f"Frage {number}?", RIS)
        assert await net.told("question.routed") == [("question.routed", helper.id)] * MOST_ASKED

    @SQLITE
    @pytest.mark.parametrize(
        "values",
        [
            {"findable": Findable.OFF},
            {"findable": Findable.PAUSED},
            {"active": False},
            {"suspended_at": datetime(2026, 1, 1, tzinfo=UTC)},
        ],
    )
    async def test_who_left_paused_or_is_suspended_is_not_asked(
        self, net: NetworkOfTowns, values: dict[str, object]
    ) -> None:
        helper = await net.person("Hilf", await net.town("120640001002"), RIS)
        await net.member(helper, **values)
        released = await net.release("Wer hilft?", RIS)
        assert await net.told() == []
        assert released.status is not None
        assert released.status.stage is Stage.WAITING

    @SQLITE
    @pytest.mark.parametrize("asker_blocks", [True, False])
    async def test_a_block_either_way_keeps_them_apart(self, net: NetworkOfTowns, *, asker_blocks: bool) -> None:
        helper = await net.person("Hilf", await net.town("120640001002"), RIS)
        one, other = (net.kim.id, helper.id) if asker_blocks else (helper.id, net.kim.id)
        async with unit_of_work(net.database) as unit:
            unit.session.add(Block(member_id=one, blocked_id=other))
        await net.release("Wer hilft?", RIS)
        assert await net.told() == []

    @SQLITE
    async def test_only_those_are_asked_whom_the_bot_can_write_to(self, net: NetworkOfTowns) -> None:
        house = await net.town("120640001002")
        await net.person("Ohne Adresse", house, RIS, network=None)
        abroad = await net.person("Auf Telegram", house, RIS, network=Network.TELEGRAM)
        async with unit_of_work(net.database) as unit:
            chat = Chat(
                id=new_id(), network=Network.TELEGRAM, address="7", kind="direct", identity_id=abroad.identity_id
            )
            unit.session.add(chat)
        await net.release("Nur im Netzwerk?", RIS)
        assert await net.told() == []
        await net.release("Für alle?", RIS, wishes=ReleaseWishes(visibility=Visibility.PUBLIC))
        assert await net.told() == [("question.routed", abroad.id)]

    @SQLITE
    async def test_the_own_house_is_asked_last(self, net: NetworkOfTowns) -> None:
        colleague = await net.person("Kollegin", net.musterau, RIS)
        others = [
            await net.person(f"Fern {number}", await net.town(f"09001000100{number}"), RIS) for number in range(3)
        ]
        await net.release("Wer hilft?", RIS)
        asked = {who for _kind, who in await net.told("question.routed")}
        assert asked == {person.id for person in others}
        assert colleague.id not in asked


class TestLater:
    async def test_who_comes_later_gets_what_is_still_open_once(self, net: NetworkOfTowns) -> None:
        released = await net.release("Wer hilft?", RIS)
        tomorrow = released.created_at + timedelta(days=1, minutes=1)
        late, circle = await net.person("Spät", await net.town("120640001002"), RIS), await net.circle(RIS)
        assert await route_again(net.database, released.created_at + timedelta(hours=1)) == 0
        assert await route_again(net.database, tomorrow) == 1
        assert await route_again(net.database, tomorrow + timedelta(days=2)) == 1
        assert sorted(await net.told()) == sorted([("question.routed", late.id), ("question.posted", circle)])

    @SQLITE
    async def test_who_cannot_help_is_followed_by_somebody_else(self, net: NetworkOfTowns) -> None:
        house = await net.town("120640001002")
        first = [await net.person(f"Hilf {number}", house, RIS) for number in range(3)]
        released = await net.release("Wer hilft?", RIS)
        late = await net.person("Spät", house, RIS)
        moment = released.created_at + timedelta(days=2)
        await route_again(net.database, moment)
        assert late.id not in {who for _kind, who in await net.told()}
        async with net.questions() as questions:
            assert await questions.decline(released.id, first[0].id)
            assert not await questions.decline(released.id, late.id)
        await route_again(net.database, moment + timedelta(minutes=1))
        assert (await net.told())[-1] == ("question.routed", late.id)

    @SQLITE
    async def test_other_topics_bring_it_to_others(self, net: NetworkOfTowns) -> None:
        circle = await net.circle("Klima")
        released = await net.release("Wer weiß es?", RIS)
        async with net.questions() as questions:
            changed = await questions.change_topics(released.id, net.kim.author, [net.topics["Klima"]])
        assert [topic.name for topic in changed.topics] == ["Klima"]
        assert await net.told() == [("question.posted", circle)]

    @SQLITE
    async def test_a_question_without_topics_waits_in_the_hub(self, net: NetworkOfTowns) -> None:
        await net.circle(RIS)
        released = await net.release("Wer weiß es?")
        assert await net.told() == []
        helper = await net.person("Hilf", await net.town("120640001002"))
        async with net.questions() as questions:
            assert [entry.id for entry in await questions.open_for(helper.reader)] == [released.id]
        async with net.database.session(writes=False) as session:
            assert await QuestionRepository(session).is_any_taking_answers()
