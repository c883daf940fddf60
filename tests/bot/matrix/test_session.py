"""Signing in: once, and again only where it must be, as the same device."""

import json

import httpx
import pytest
from pydantic import SecretStr

from bot.core.adapter import SendPostponed
from bot.matrix.doctor import SIGNED_OUT, matrix_findings
from bot.matrix.session import FILE, SignInRefused
from knowledge.kit.settings import MatrixSettings
from tests.bot.matrix.people import Account, Person, place, until
from tests.synapse import Synapse


def stored(account: Account) -> dict[str, str]:
    return dict(json.loads((account.folder / FILE).read_text("utf-8")))


async def sign_out(synapse: Synapse, token: str) -> None:
    """What an administrator does who ends all sessions."""
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as http:
        answer = await http.post(f"{synapse.url}/_matrix/client/v3/logout")
        assert answer.status_code == 200


class TestRestart:
    async def test_device_and_token_stay(self, account: Account) -> None:
        async with account.running():
            before = stored(account)
        async with account.running():
            assert stored(account) == before

    async def test_token_that_expired_meanwhile_is_renewed_for_the_same_device(
        self, synapse: Synapse, account: Account, anna: Person
    ) -> None:
        async with account.running() as bot:
            before = stored(account)
            room = await anna.make_room(bot.user, direct=True, encrypted=True)
            await anna.wait_until_in(room, bot.user)
        await sign_out(synapse, before["token"])
        async with account.running() as bot:
            after = stored(account)
            await anna.say(room, "Noch da?")
            await bot.core.wait_for_text("Noch da?")
        assert (after["device"], after["token"] != before["token"]) == (before["device"], True)


class TestExpiryWhileRunning:
    async def test_bot_signs_in_again_and_goes_on(self, synapse: Synapse, account: Account, anna: Person) -> None:
        async with account.running() as bot:
            room = await anna.make_room(bot.user, direct=True)
            await anna.wait_until_in(room, bot.user)
            await sign_out(synapse, stored(account)["token"])
            await anna.say(room, "Noch da?")
            heard = await bot.core.wait_for_text("Noch da?")
            await bot.say(heard.place, "Ja.", key="1")
            await anna.wait_for_text("Ja.")
            assert bot.adapter.problems == []

    async def test_bot_whose_token_is_all_it_has_says_that_it_is_signed_out(
        self, synapse: Synapse, account: Account, anna: Person
    ) -> None:
        async with account.running():
            token = stored(account)["token"]
        settings = MatrixSettings(matrix_homeserver=synapse.url, matrix_access_token=SecretStr(token))
        async with Account(settings, account.folder).running() as bot:
            room = await anna.make_room(bot.user, direct=True)
            await anna.wait_until_in(room, bot.user)
            await sign_out(synapse, token)
            await anna.say(room, "Noch da?")
            await until(lambda: bot.adapter.problems == [SIGNED_OUT])
            with pytest.raises(SendPostponed):
                await bot.say(place(room), "Ja.", key="1")
        (finding,) = matrix_findings(settings, account.folder)
        assert finding.check == f"matrix.{SIGNED_OUT}"


class TestRefusal:
    async def test_wrong_password_says_what_to_look_at(self, account: Account) -> None:
        settings = account.settings.model_copy(update={"matrix_password": SecretStr("wrong")})
        bot = Account(settings, account.folder).bot()
        with pytest.raises(SignInRefused, match="ALLMENDE_MATRIX_PASSWORD"):
            await bot.adapter.start(None)
        await bot.adapter.close()

    async def test_wrong_token_says_what_to_look_at(self, synapse: Synapse, account: Account) -> None:
        settings = MatrixSettings(matrix_homeserver=synapse.url, matrix_access_token=SecretStr("wrong"))
        bot = Account(settings, account.folder).bot()
        with pytest.raises(SignInRefused, match="ALLMENDE_MATRIX_ACCESS_TOKEN"):
            await bot.adapter.start(None)
        await bot.adapter.close()

    async def test_account_without_any_secret_says_what_is_missing(self, synapse: Synapse, account: Account) -> None:
        bot = Account(MatrixSettings(matrix_homeserver=synapse.url), account.folder).bot()
        with pytest.raises(SignInRefused, match="ALLMENDE_MATRIX_USER"):
            await bot.adapter.start(None)
        await bot.adapter.close()
