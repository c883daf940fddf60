"""What the bot knows of a person, whom they work for, and the language it speaks."""

import pytest

from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.organisations.schemas import NewOrganisation
from knowledge.organisations.service import OrganisationService
from tests.bot.handlers.inviting import found_lindenau, invite
from tests.bot.handlers.stage import ANNA, GROUP, TELEGRAM_ANNA, Stage, texts

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def stage(database: Database) -> Stage:
    await found_lindenau(database)
    return Stage(database)


class TestShowing:
    async def test_a_stranger_sees_how_little_is_known(self, stage: Stage) -> None:
        (said,) = await stage.write(ANNA, "/profil")

        assert "Verified: no" in said.text
        assert "Organisation: not known" in said.text
        assert "!join" in said.text
        assert said.choices == ("profile:organisation", "language:de")

    async def test_a_member_sees_whom_to_ask_for_another_organisation(self, stage: Stage) -> None:
        stage = stage.with_settings("chats", operator="Landkreis", operator_contact="it@landkreis.test")
        await stage.write(ANNA, f"/join {await invite(stage.database, organisation='lindenau', name='Anna')}")

        (said,) = await stage.write(ANNA, "/profile")

        for word in (
            "Verified: yes",
            "Organisation: Lindenau",
            "Role: member",
            "Networks: Matrix",
            "it@landkreis.test",
        ):
            assert word in said.text
        assert said.choices == ("language:de", "mynet:helps", "mynet:seeks", "mynet:languages", "mynet:on")

    async def test_is_for_the_direct_chat(self, stage: Stage) -> None:
        await stage.write(ANNA, f"/join {await invite(stage.database, organisation='lindenau', name='Anna')}")

        assert "Lindenau" not in texts(await stage.write(ANNA, "/profil", GROUP))


class TestOrganisation:
    async def test_is_found_in_the_register_and_decides_the_land_alone(self, stage: Stage) -> None:
        (profile,) = await stage.write(ANNA, "/profil")
        (asked,) = await stage.choose(ANNA, "profile:organisation", profile)
        assert "is not checked" in asked.text

        (offered,) = await stage.write(ANNA, "lindnau")
        assert offered.labels[0].startswith("Lindenau (")
        said = await stage.write(ANNA, "1")

        assert "Noted: Lindenau" in texts(said)
        assert (await stage.person(ANNA)).state_key == "12"
        assert await stage.access(ANNA) == {"public"}
        assert "as you said; not checked" in texts(await stage.write(ANNA, "/profil"))

    async def test_may_be_named_at_once_and_forgotten(self, stage: Stage) -> None:
        await stage.write(ANNA, "/profil Lindenau")
        await stage.write(ANNA, "1")
        (profile,) = await stage.write(ANNA, "/profil")

        await stage.choose(ANNA, "profile:forget", profile)

        assert (await stage.person(ANNA)).organisation_id is None

    async def test_five_at_a_time_and_further_ones(self, stage: Stage) -> None:
        async with unit_of_work(stage.database) as unit:
            for number in range(12):
                name = f"Neustadt {chr(65 + number)}"
                await OrganisationService(unit.session).add(NewOrganisation(name=name))

        (first,) = await stage.write(ANNA, "/profil Neustadt")
        (second,) = await stage.write(ANNA, "6")
        (third,) = await stage.write(ANNA, "further ones")

        assert [len(page.labels) for page in (first, second, third)] == [7, 7, 3]
        assert len({label for page in (first, second, third) for label in page.labels}) == 12 + 2
        assert "Noted: Neustadt L" in texts(await stage.write(ANNA, "2"))

    async def test_another_name_may_be_typed_in_between(self, stage: Stage) -> None:
        await stage.write(ANNA, "/profil Nirgendwo")
        assert "No organisation" in texts(await stage.write(ANNA, "Auch nicht"))

        (offered,) = await stage.write(ANNA, "Lindenau")

        assert offered.labels[0].startswith("Lindenau (")
        assert "Whom do you work for?" in texts(await stage.write(ANNA, "2"))

    async def test_areas_without_people_are_not_offered(self, stage: Stage) -> None:
        async with unit_of_work(stage.database) as unit:
            area = await OrganisationService(unit.session).add(NewOrganisation(name="Sachsenwald"))
            area.unincorporated = True

        assert "No organisation" in texts(await stage.write(ANNA, "/profil Sachsenwald"))

    async def test_a_member_cannot_choose_one(self, stage: Stage) -> None:
        (before,) = await stage.write(ANNA, "/profil")
        await stage.write(ANNA, f"/join {await invite(stage.database, name='Anna')}")

        assert "came with your verification" in texts(await stage.choose(ANNA, "profile:organisation", before))
        await stage.write(ANNA, "/profil Lindenau")
        await stage.write(ANNA, "1")
        assert await stage.access(ANNA) == {"public", "network"}

    async def test_who_is_verified_in_the_middle_keeps_what_came_with_it(self, stage: Stage) -> None:
        await stage.write(ANNA, "/profil Lindenau")
        code = await invite(stage.database, name="Anna")
        await stage.write(ANNA, f"/join {code}")

        await stage.write(ANNA, "/profil Lindenau")
        await stage.write(ANNA, "1")

        assert (await stage.person(ANNA)).organisation_id is None
        assert await stage.access(ANNA) == {"public", "network"}


class TestForeignHouse:
    async def test_who_tells_of_their_house_on_telegram_is_warned_once(self, stage: Stage) -> None:
        said = await stage.write(TELEGRAM_ANNA, "/profil Lindenau")
        again = await stage.write(TELEGRAM_ANNA, "/profil Lindenau")

        assert ["foreign house" in one.text for one in said] == [True, False]
        assert ["foreign house" in one.text for one in again] == [False]
        assert (await stage.person(TELEGRAM_ANNA)).warned_at is not None

    async def test_matrix_is_at_home(self, stage: Stage) -> None:
        assert "foreign house" not in texts(await stage.write(ANNA, "/profil Lindenau"))


class TestLanguage:
    @pytest.mark.parametrize(("text", "language"), [("de", "de"), ("Englisch", "en"), ("GERMAN", "de")])
    async def test_a_person_chooses(self, stage: Stage, text: str, language: str) -> None:
        await stage.write(ANNA, f"/sprache {text}")

        assert (await stage.person(ANNA)).language == language

    async def test_without_one_both_are_offered(self, stage: Stage) -> None:
        (asked,) = await stage.write(ANNA, "/language Klingonisch")
        assert asked.labels == ("Deutsch", "English")

        await stage.choose(ANNA, "language:de", asked)

        assert (await stage.person(ANNA)).language == "de"
