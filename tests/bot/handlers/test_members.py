"""From a stranger to a member: codes, mail, two networks, and back."""

from datetime import UTC, datetime, timedelta

import pytest

from knowledge.kit.clock import use_clock
from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.members.invitations import InvitationService
from knowledge.members.service import MemberService
from knowledge.models.member import Role
from tests.bot.handlers.inviting import circle_code, found_lindenau, invite
from tests.bot.handlers.stage import ANNA, BEN, GROUP, TELEGRAM_ANNA, Stage, direct, texts

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
REFUSED = "This code does not work (any more)"


@pytest.fixture
def stage(database: Database) -> Stage:
    return Stage(database)


class TestInvitation:
    async def test_a_code_makes_a_member_who_finds_what_is_for_the_network(self, stage: Stage) -> None:
        await found_lindenau(stage.database)
        code = await invite(stage.database, organisation="lindenau", name="Anna Weber")
        assert await stage.access(ANNA) == {"public"}

        said = await stage.write(ANNA, f"/beitreten {code}")

        assert "Welcome, Anna Weber!" in texts(said)
        assert "member, Lindenau" in texts(said)
        assert await stage.access(ANNA) == {"public", "network", "house"}
        assert (await stage.person(ANNA)).state_key == "12"

    async def test_without_a_name_the_bot_asks_for_it(self, stage: Stage) -> None:
        await found_lindenau(stage.database)
        code = await invite(stage.database, role=Role.MODERATOR, organisation="lindenau")

        asked = await stage.write(ANNA, f"/start {code.lower().replace('-', '')}")
        refused = await stage.write(ANNA, "A" * 200)
        greeted = await stage.write(ANNA, "  Anna   Weber ")

        assert "you belong to Lindenau" in texts(asked)
        assert "name of 1 to 120 letters" in texts(refused)
        assert "Welcome, Anna Weber!" in texts(greeted)
        assert (await stage.person(ANNA)).moderates

    async def test_a_name_that_is_taken_is_asked_for_anew(self, stage: Stage) -> None:
        first, second = [await invite(stage.database), await invite(stage.database, name="Anna")]
        await stage.write(BEN, f"/join {first}")
        await stage.write(BEN, "Anna")

        asked = await stage.write(ANNA, f"/join {second}")
        refused = await stage.write(ANNA, "ANNA")
        greeted = await stage.write(ANNA, "Anna aus Ahornau")

        assert "something" in texts(asked)
        assert "There already is a member" in texts(refused)
        assert "Welcome, Anna aus Ahornau!" in texts(greeted)

    async def test_a_code_that_waits_for_a_name_is_nobody_elses(self, stage: Stage) -> None:
        code = await invite(stage.database)
        await stage.write(ANNA, f"/join {code}")

        assert REFUSED in texts(await stage.write(BEN, f"/join {code}"))
        assert "Welcome, Anna!" in texts(await stage.write(ANNA, "Anna"))

    async def test_the_dialogue_takes_the_code_alone(self, stage: Stage) -> None:
        code = await invite(stage.database, name="Anna")

        asked = await stage.write(ANNA, "/beitreten")
        assert "7K3M-Q2XV-9RTD" in texts(asked)  # no mail server: a code is the only way
        assert REFUSED in texts(await stage.write(ANNA, "Welcher Code?"))
        assert "Welcome, Anna!" in texts(await stage.write(ANNA, code))

    async def test_a_member_keeps_the_code_for_whom_it_is_meant(self, stage: Stage) -> None:
        await stage.write(ANNA, f"/join {await invite(stage.database, name='Anna')}")
        code = await invite(stage.database, name="Ben")

        assert "already" in texts(await stage.write(ANNA, f"/join {code}"))
        assert "Welcome, Ben!" in texts(await stage.write(BEN, f"/join {code}"))


class TestRefusing:
    async def test_used_expired_and_invented_codes_read_the_same(self, stage: Stage) -> None:
        use_clock(lambda: datetime(2026, 3, 1, tzinfo=UTC))
        used, expired = [await invite(stage.database, name=name) for name in ("Anna", "Ben")]
        await stage.write(ANNA, f"/join {used}")
        use_clock(lambda: datetime(2026, 3, 16, tzinfo=UTC))

        said = [texts(await stage.write(BEN, f"/join {code}")) for code in (used, expired, "7K3M-Q2XV-9RTD", "???")]

        assert said[0].startswith(REFUSED)
        assert set(said) == {said[0]}

    async def test_guessing_ends_after_five_and_goes_on_an_hour_later(self, stage: Stage) -> None:
        use_clock(lambda: datetime(2026, 3, 1, tzinfo=UTC))
        code = await invite(stage.database, name="Anna")
        for _try in range(5):
            assert REFUSED in texts(await stage.write(ANNA, "/join 0000-0000-0000"))

        assert "too many codes" in texts(await stage.write(ANNA, f"/join {code}"))
        assert REFUSED in texts(await stage.write(BEN, "/join 0000-0000-0000"))  # others are not held up
        use_clock(lambda: datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=61))
        assert "Welcome, Anna!" in texts(await stage.write(ANNA, f"/join {code}"))

    async def test_a_code_that_a_group_has_read_is_worth_nothing(self, stage: Stage) -> None:
        code = await invite(stage.database, name="Anna")

        in_group = await stage.write(ANNA, f"/beitreten {code}", GROUP)
        guessed = await stage.write(ANNA, "/beitreten 0000-0000-0000", GROUP)

        assert "direct chat only" in texts(in_group)
        assert texts(guessed) == texts(in_group)  # nobody learns whether it was one
        assert REFUSED in texts(await stage.write(ANNA, f"/beitreten {code}"))

    async def test_a_groups_code_belongs_into_the_group(self, stage: Stage) -> None:
        code = await circle_code(stage.database)

        assert "links a group" in texts(await stage.write(ANNA, f"/beitreten {code}"))
        assert "links a group" in texts(await stage.write(ANNA, f"/beitreten {code}", GROUP))
        assert "circle “Klima”" in texts(await stage.write(ANNA, f"/verbinden {code}", GROUP))

    async def test_a_group_is_sent_to_the_direct_chat(self, stage: Stage) -> None:
        assert "direct chat" in texts(await stage.write(ANNA, "/beitreten", GROUP))


class TestStart:
    async def test_without_a_word_it_welcomes(self, stage: Stage) -> None:
        said = texts(await stage.write(ANNA, "/start"))

        assert "a machine" in said
        assert "!mydata" in said
        assert "!join" in said
        assert (await stage.person(ANNA)).introduced_at is not None

    async def test_members_are_not_told_to_join(self, stage: Stage) -> None:
        await stage.write(ANNA, f"/join {await invite(stage.database, name='Anna')}")

        assert "!join" not in texts(await stage.write(ANNA, "/start"))

    async def test_a_word_of_a_link_leads_where_it_says(self, stage: Stage) -> None:
        (said,) = await stage.write(TELEGRAM_ANNA, "/start loeschen")

        assert [choice.partition(":")[0] for choice in said.choices] == ["erase"] * len(said.choices)
        assert said.choices

    async def test_a_word_that_means_nothing_welcomes_too(self, stage: Stage) -> None:
        for word in ("hello", "\u202e", "x" * 20_000):
            assert "a machine" in texts(await stage.write(ANNA, f"/start {word}"))


class TestTwoNetworks:
    async def test_a_member_joins_with_both(self, stage: Stage) -> None:
        await stage.write(ANNA, f"/join {await invite(stage.database, name='Anna')}")

        said = texts(await stage.write(ANNA, "/verknuepfen"))
        code = said.partition("15 minutes: ")[2][:14]
        linked = texts(await stage.write(TELEGRAM_ANNA, f"/start {code}"))

        assert f"Telegram: allmende_bot – /join {code}" in said
        assert "Welcome, Anna!" in linked
        assert (await stage.person(TELEGRAM_ANNA)).member_id == (await stage.person(ANNA)).member_id
        assert REFUSED in texts(await stage.write(BEN, f"/join {code}"))
        assert "Matrix, Telegram" in texts(await stage.write(ANNA, "/profil"))

    async def test_telegram_shows_no_more_for_that(self, stage: Stage) -> None:
        await stage.write(TELEGRAM_ANNA, f"/join {await invite(stage.database, name='Anna')}")

        assert await stage.access(TELEGRAM_ANNA) == {"public"}
        assert await stage.with_settings("telegram", telegram_visibility="network").access(TELEGRAM_ANNA) == {
            "public",
            "network",
        }

    async def test_the_code_lasts_fifteen_minutes_and_the_last_one_counts(self, stage: Stage) -> None:
        use_clock(lambda: datetime(2026, 3, 1, tzinfo=UTC))
        await stage.write(ANNA, f"/join {await invite(stage.database, name='Anna')}")
        codes = [texts(await stage.write(ANNA, "/link")).partition("15 minutes: ")[2][:14] for _time in range(2)]

        assert REFUSED in texts(await stage.write(TELEGRAM_ANNA, f"/join {codes[0]}"))
        use_clock(lambda: datetime(2026, 3, 1, 0, 16, tzinfo=UTC))
        assert REFUSED in texts(await stage.write(TELEGRAM_ANNA, f"/join {codes[1]}"))

    async def test_strangers_get_no_code(self, stage: Stage) -> None:
        assert "belong first" in texts(await stage.write(ANNA, "/verknuepfen"))

    async def test_what_a_stranger_said_of_their_house_ends_with_the_link(self, stage: Stage) -> None:
        """Otherwise, a member without an organisation would find the house that they once named."""
        await found_lindenau(stage.database)
        await stage.write(TELEGRAM_ANNA, "/profil Lindenau")
        await stage.write(TELEGRAM_ANNA, "1")
        assert (await stage.person(TELEGRAM_ANNA)).organisation_id is not None

        await stage.write(TELEGRAM_ANNA, f"/join {await invite(stage.database, name='Anna')}")

        assert (await stage.person(TELEGRAM_ANNA)).organisation_id is None

    async def test_somebody_who_was_added_by_hand_links_a_chat(self, stage: Stage) -> None:
        async with unit_of_work(stage.database) as unit:
            await MemberService(unit.session).add("Anna")
            issued = await InvitationService(unit.session).invite_known("Anna")

        assert "Welcome, Anna!" in texts(await stage.write(ANNA, f"/join {issued.code}"))


class TestParting:
    async def test_asks_first_then_parts(self, stage: Stage) -> None:
        await stage.write(ANNA, f"/join {await invite(stage.database, name='Anna')}")

        (asked,) = await stage.write(ANNA, "/trennen")
        kept = await stage.choose(ANNA, "unlink:no", asked)
        assert "stays as it is" in texts(kept)
        assert (await stage.person(ANNA)).verified

        await stage.choose(ANNA, "unlink:yes", asked)
        assert await stage.access(ANNA) == {"public"}
        assert "nothing to unlink" in texts(await stage.write(ANNA, "/trennen"))

    async def test_the_other_account_stays(self, stage: Stage) -> None:
        await stage.write(ANNA, f"/join {await invite(stage.database, name='Anna')}")
        code = texts(await stage.write(ANNA, "/link")).partition("15 minutes: ")[2][:14]
        await stage.write(TELEGRAM_ANNA, f"/join {code}")

        (asked,) = await stage.write(ANNA, "/trennen")
        await stage.choose(ANNA, "unlink:yes", asked)

        assert "your other chat account" in asked.text
        assert not (await stage.person(ANNA)).verified
        assert (await stage.person(TELEGRAM_ANNA)).verified

    async def test_is_for_the_direct_chat(self, stage: Stage) -> None:
        await stage.write(ANNA, f"/join {await invite(stage.database, name='Anna')}")

        await stage.write(ANNA, "/trennen", GROUP)

        assert (await stage.person(ANNA)).verified
        assert (await stage.chat(direct(ANNA))).kind == "direct"
