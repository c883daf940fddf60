"""A group and its bot: coming, being linked, settings, newcomers, moving, going."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.core.messages import EventKind, Person
from knowledge.circles.service import CircleService
from knowledge.kit.clock import use_clock
from knowledge.kit.database import Database
from knowledge.kit.language import current_language
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.chat import Network
from knowledge.models.member import Role
from tests.bot.handlers.inviting import circle_code, invite
from tests.bot.handlers.stage import (
    ANNA,
    BEN,
    CORA,
    GROUP,
    OTHER_GROUP,
    TELEGRAM_ANNA,
    TELEGRAM_GROUP,
    Heard,
    Stage,
    direct,
    texts,
)

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ONLY = "Only moderators"


@pytest.fixture
def stage(database: Database) -> Stage:
    return Stage(database)


@pytest.fixture
async def moderated(stage: Stage) -> Stage:
    """A group that Ben linked to the circle „Klima", with Anna as its moderator."""
    await stage.write(ANNA, f"/join {await invite(stage.database, role=Role.MODERATOR, name='Anna')}")
    await stage.write(BEN, f"/verbinden {await circle_code(stage.database)}", GROUP)
    return stage


class TestComing:
    async def test_the_bot_introduces_itself_once(self, stage: Stage) -> None:
        (said,) = await stage.happen(ANNA, GROUP, kind=EventKind.BOT_ADDED)
        again = await stage.happen(ANNA, GROUP, kind=EventKind.BOT_ADDED)

        for word in ("a machine", "!ask", "!mydata", "!delete", "only keep messages that are addressed to me"):
            assert word in said.text
        assert again == []

    async def test_it_says_who_runs_it(self, stage: Stage) -> None:
        stage = stage.with_settings("chats", operator="Landkreis Lindenau")

        assert "Landkreis Lindenau" in texts(await stage.happen(ANNA, GROUP, kind=EventKind.BOT_ADDED))

    async def test_in_a_direct_chat_it_welcomes(self, stage: Stage) -> None:
        assert "Simply write" in texts(await stage.happen(ANNA, direct(ANNA), kind=EventKind.BOT_ADDED))


class TestNewcomers:
    async def test_are_told_alone_and_once_where_the_bot_can_write_first(self, stage: Stage) -> None:
        (said,) = await stage.happen(BEN, GROUP, kind=EventKind.JOINED)
        elsewhere = await stage.happen(BEN, OTHER_GROUP, kind=EventKind.JOINED)

        assert said.private
        assert "a machine" in said.text
        assert "!mydata" in said.text
        assert elsewhere == []

    async def test_are_told_in_the_group_once_a_day_where_it_cannot(self, stage: Stage) -> None:
        use_clock(lambda: datetime(2026, 3, 1, 12, tzinfo=UTC))
        newcomers = [Person(Network.TELEGRAM, str(number)) for number in range(3)]
        first = await stage.happen(newcomers[0], TELEGRAM_GROUP, kind=EventKind.JOINED)
        second = await stage.happen(newcomers[1], TELEGRAM_GROUP, kind=EventKind.JOINED)
        use_clock(lambda: datetime(2026, 3, 2, 12, tzinfo=UTC))
        third = await stage.happen(newcomers[2], TELEGRAM_GROUP, kind=EventKind.JOINED)

        assert [len(said) for said in (first, second, third)] == [1, 0, 1]
        assert not first[0].private
        assert "all who are new" in first[0].text
        assert (await stage.person(newcomers[0])).is_new  # nothing is stored of somebody who only came in

    async def test_who_has_a_direct_chat_on_telegram_is_told_there(self, stage: Stage) -> None:
        await stage.write(TELEGRAM_ANNA, "/profil")

        (said,) = await stage.happen(TELEGRAM_ANNA, TELEGRAM_GROUP, kind=EventKind.JOINED)

        assert said.private

    async def test_who_knows_the_bot_is_not_told(self, stage: Stage) -> None:
        await stage.write(ANNA, "/start")

        assert await stage.happen(ANNA, GROUP, kind=EventKind.JOINED) == []

    async def test_a_large_room_is_not_written_to_one_by_one(self, stage: Stage) -> None:
        said: list[Heard] = []
        for number in range(20):
            newcomer = Person(Network.MATRIX, f"@{number}:ort")
            said += await stage.happen(newcomer, GROUP, kind=EventKind.JOINED, people=20_000)

        assert [one.private for one in said] == [False]

    async def test_other_bots_and_paused_groups_are_left_alone(self, stage: Stage) -> None:
        other = replace(BEN, is_bot=True)
        assert await stage.happen(other, GROUP, kind=EventKind.JOINED) == []
        await stage.write(TELEGRAM_ANNA, "/pause", TELEGRAM_GROUP)

        assert await stage.happen(Person(Network.TELEGRAM, "7"), TELEGRAM_GROUP, kind=EventKind.JOINED) == []


class TestLinking:
    async def test_whoever_has_the_code_links_the_group(self, stage: Stage) -> None:
        before = await stage.access(BEN, GROUP)
        said = await stage.write(BEN, f"/verbinden {await circle_code(stage.database)}", GROUP)

        assert before == {"public"}
        assert "circle “Klima”" in texts(said)
        assert await stage.access(BEN, GROUP) == {"public", "circle"}

    async def test_a_code_works_once(self, stage: Stage) -> None:
        code = await circle_code(stage.database)
        await stage.write(BEN, f"/verbinden {code}", GROUP)

        assert "does not work" in texts(await stage.write(BEN, f"/verbinden {code}", OTHER_GROUP))
        assert await stage.access(BEN, OTHER_GROUP) == {"public"}

    async def test_a_members_code_links_nothing_and_stays_good(self, stage: Stage) -> None:
        code = await invite(stage.database, name="Ben")

        assert "does not work" in texts(await stage.write(BEN, f"/verbinden {code}", GROUP))
        assert "Welcome, Ben!" in texts(await stage.write(BEN, f"/join {code}"))

    async def test_another_group_must_be_vouched_for_anew(self, moderated: Stage) -> None:
        await moderated.write(ANNA, "/buergen an", GROUP)
        await moderated.write(ANNA, "/fragenerkennen an", GROUP)

        said = await moderated.write(BEN, f"/verbinden {await circle_code(moderated.database)}", OTHER_GROUP)

        assert "group that the circle had before" in texts(said)
        assert await moderated.access(BEN, GROUP) == {"public"}
        assert await moderated.access(BEN, OTHER_GROUP) == {"public", "circle"}
        circle = (await moderated.chat(OTHER_GROUP)).circle
        assert circle is not None
        assert not circle.recognises

    async def test_a_group_may_change_its_circle(self, moderated: Stage) -> None:
        said = await moderated.write(BEN, f"/verbinden {await circle_code(moderated.database, 'Wärme')}", GROUP)

        assert "no longer the circle “Klima”" in texts(said)
        circle = (await moderated.chat(GROUP)).circle
        assert circle is not None
        assert circle.name == "Wärme"

    async def test_linking_again_with_a_new_code_changes_nothing(self, moderated: Stage) -> None:
        await moderated.write(ANNA, "/buergen an", GROUP)
        await moderated.write(BEN, f"/verbinden {await circle_code(moderated.database)}", GROUP)

        assert await moderated.access(BEN, GROUP) == {"public", "circle", "network"}


class TestSettings:
    async def test_all_may_see_them_and_moderators_change_them(self, moderated: Stage) -> None:
        (for_all,) = await moderated.write(CORA, "/arbeitskreis", GROUP)
        (for_moderators,) = await moderated.write(ANNA, "/arbeitskreis", GROUP)

        assert "Klima" in for_all.text
        assert for_all.choices == ()
        assert for_moderators.choices == ("circle:vouch", "circle:recognise", "circle:pause")

    async def test_what_moderators_decide_is_theirs_alone(self, moderated: Stage) -> None:
        (settings,) = await moderated.write(ANNA, "/arbeitskreis", GROUP)
        tries = ("/buergen an", "/fragenerkennen an", "/themen Wärme", "/sprache de")
        said = [texts(await moderated.write(CORA, text, GROUP)) for text in tries]
        said += [texts(await moderated.choose(CORA, key, settings, GROUP)) for key in settings.choices]

        assert [ONLY in text for text in said] == [True] * 7
        chat = await moderated.chat(GROUP)
        assert chat.circle is not None
        assert (chat.circle.vouched, chat.circle.recognises, chat.circle.topics, chat.circle.language) == (
            False,
            False,
            (),
            None,
        )
        assert not chat.paused

    async def test_vouching_opens_the_network_and_can_be_taken_back(self, moderated: Stage) -> None:
        (settings,) = await moderated.write(ANNA, "/arbeitskreis", GROUP)
        await moderated.choose(ANNA, "circle:vouch", settings, GROUP)
        assert await moderated.access(CORA, GROUP) == {"public", "circle", "network"}

        (settings,) = await moderated.write(ANNA, "/arbeitskreis", GROUP)
        await moderated.choose(ANNA, "circle:unvouch", settings, GROUP)
        assert await moderated.access(CORA, GROUP) == {"public", "circle"}

    async def test_topics_are_a_flat_list(self, moderated: Stage) -> None:
        said = await moderated.write(ANNA, "/themen Wärme,  Klima ; wärme\nFörder\u200bmittel,,", GROUP)

        assert "Wärme, Klima, Fördermittel" in texts(said)
        assert "at most" in texts(await moderated.write(ANNA, f"/themen {'x' * 20_000}", GROUP))
        circle = (await moderated.chat(GROUP)).circle
        assert circle is not None
        assert circle.topics == ("Wärme", "Klima", "Fördermittel")

    async def test_a_language_for_the_group(self, moderated: Stage) -> None:
        await moderated.write(ANNA, "/sprache Deutsch", GROUP)
        await moderated.write(CORA, "/sprache en")

        await moderated.write(CORA, "/arbeitskreis", GROUP)
        assert current_language() == "de"  # all of the group read it
        await moderated.write(CORA, "/profil")
        assert current_language() == "en"

    async def test_recognising_begins_with_a_notice_to_all(self, moderated: Stage) -> None:
        said = await moderated.write(ANNA, "/fragenerkennen an", GROUP)

        assert "notice to all" in texts(said)
        assert "BotFather" not in texts(said)
        assert "Recognising questions: yes" in texts(await moderated.write(CORA, "/arbeitskreis", GROUP))
        await moderated.write(ANNA, "/fragenerkennen aus", GROUP)
        assert "Recognising questions: no" in texts(await moderated.write(CORA, "/arbeitskreis", GROUP))

    async def test_on_telegram_it_explains_the_privacy_mode_and_what_stays_public(self, stage: Stage) -> None:
        await stage.write(TELEGRAM_ANNA, f"/join {await invite(stage.database, role=Role.ADMINISTRATOR, name='Anna')}")
        await stage.write(TELEGRAM_ANNA, f"/verbinden {await circle_code(stage.database)}", TELEGRAM_GROUP)

        assert "BotFather" in texts(await stage.write(TELEGRAM_ANNA, "/fragenerkennen an", TELEGRAM_GROUP))
        assert "still finds only what is public" in texts(
            await stage.write(TELEGRAM_ANNA, "/buergen an", TELEGRAM_GROUP)
        )
        assert await stage.access(TELEGRAM_ANNA, TELEGRAM_GROUP) == {"public"}

    async def test_who_speaks_as_the_group_is_nobody_in_particular(self, moderated: Stage) -> None:
        nobody = Person(Network.MATRIX, ANNA.address, anonymous=True)

        assert ONLY in texts(await moderated.write(nobody, "/buergen an", GROUP))

    async def test_a_group_without_a_circle_has_nothing_to_set(self, stage: Stage) -> None:
        await stage.write(ANNA, f"/join {await invite(stage.database, role=Role.MODERATOR, name='Anna')}")

        for text in ("/buergen an", "/fragenerkennen an", "/themen Wärme", "/arbeitskreis", "/sprache en"):
            assert "not linked" in texts(await stage.write(ANNA, text, GROUP))


class TestPause:
    async def test_moderators_and_who_linked_the_group_decide(self, moderated: Stage) -> None:
        assert ONLY in texts(await moderated.write(CORA, "/pause", GROUP))
        for person in (ANNA, BEN):
            await moderated.write(person, "/pause", GROUP)
            assert (await moderated.chat(GROUP)).paused
            assert await moderated.write(person, "/arbeitskreis", GROUP) == []
            await moderated.write(person, "/weiter", GROUP)
            assert not (await moderated.chat(GROUP)).paused

    async def test_in_a_group_without_a_circle_anybody_does(self, stage: Stage) -> None:
        await stage.write(CORA, "/pause", GROUP)
        assert (await stage.chat(GROUP)).paused
        await stage.write(BEN, "/resume", GROUP)
        assert not (await stage.chat(GROUP)).paused


class TestGoing:
    async def test_a_removed_bot_forgets_the_group_and_the_circle_stays(self, moderated: Stage) -> None:
        await moderated.write(ANNA, "/buergen an", GROUP)

        assert await moderated.happen(BEN, GROUP, kind=EventKind.BOT_REMOVED) == []

        assert (await moderated.chat(GROUP)).is_new
        async with unit_of_work(moderated.database, writes=False) as unit:
            (circle,) = await CircleService(unit.session).list()
        assert (circle.name, circle.linked, circle.vouched_at) == ("Klima", False, None)

    async def test_coming_back_it_introduces_itself_anew(self, stage: Stage) -> None:
        await stage.happen(ANNA, GROUP, kind=EventKind.BOT_ADDED)
        await stage.happen(ANNA, GROUP, kind=EventKind.BOT_REMOVED)

        assert await stage.happen(ANNA, GROUP, kind=EventKind.BOT_ADDED) != []

    async def test_being_removed_from_an_unknown_chat_does_nothing(self, stage: Stage) -> None:
        assert await stage.happen(ANNA, GROUP, kind=EventKind.BOT_REMOVED) == []


class TestMoving:
    async def test_the_circle_moves_along(self, moderated: Stage) -> None:
        await moderated.write(ANNA, "/buergen an", GROUP)

        await moderated.happen(ANNA, GROUP, kind=EventKind.MOVED, moved_to=OTHER_GROUP.chat)

        assert await moderated.access(CORA, OTHER_GROUP) == {"public", "circle", "network"}
        assert (await moderated.chat(GROUP)).is_new

    async def test_into_a_chat_that_the_bot_came_to_first(self, moderated: Stage) -> None:
        await moderated.happen(ANNA, GROUP, kind=EventKind.BOT_ADDED)
        await moderated.write(CORA, "/arbeitskreis", OTHER_GROUP)

        await moderated.happen(ANNA, GROUP, kind=EventKind.MOVED, moved_to=OTHER_GROUP.chat)

        assert await moderated.access(CORA, OTHER_GROUP) == {"public", "circle"}
        assert await moderated.happen(ANNA, OTHER_GROUP, kind=EventKind.BOT_ADDED) == []
        assert (await moderated.chat(GROUP)).is_new
