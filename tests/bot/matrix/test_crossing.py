"""The bot's device is vouched for by its account, as a client that trusts nothing else would check it."""

import json
from pathlib import Path
from typing import Any

import httpx
import vodozemac
from pydantic import SecretStr

from bot.matrix.crossing import FILE, canonical_json
from bot.matrix.doctor import NEEDS_PASSWORD, matrix_findings
from bot.matrix.session import FILE as SESSION
from knowledge.kit.settings import MatrixSettings
from tests.bot.matrix.people import Account, Bot, Person, account_on
from tests.synapse import PASSWORD, Synapse


def is_signed(value: dict[str, Any], user: str, key: str, *, name: str | None = None) -> bool:
    """Whether ``user`` signed an object with the Ed25519 key ``key``."""
    signature = value.get("signatures", {}).get(user, {}).get(f"ed25519:{name or key}")
    if signature is None:
        return False
    bare = {part: inner for part, inner in value.items() if part not in ("signatures", "unsigned")}
    text = json.dumps(bare, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    try:
        public = vodozemac.Ed25519PublicKey.from_base64(key)
        public.verify_signature(text.encode(), vodozemac.Ed25519Signature.from_base64(signature))
    except vodozemac.SignatureException:
        return False
    return True


def the_key(value: dict[str, Any]) -> str:
    (key,) = value["keys"].values()
    return str(key)


async def published(person: Person, user: str, *, token: str | None = None) -> dict[str, Any]:
    """Return what the server tells somebody, or whose token it is, about an account's keys."""
    bearer = token or person.client.access_token
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {bearer}"}) as http:
        address = f"{person.client.homeserver}/_matrix/client/v3/keys/query"
        answer = await http.post(address, json={"device_keys": {user: []}})
    return dict(answer.json())


def vouched_for(keys: dict[str, Any], user: str) -> list[str]:
    """Return the devices that the whole chain holds for: master key, self-signing key, device, and its own."""
    master, own = keys["master_keys"][user], keys["self_signing_keys"][user]
    right = master["usage"] == ["master"] and own["usage"] == ["self_signing"]
    if not right or not is_signed(own, user, the_key(master)):
        return []
    return [
        name
        for name, device in keys["device_keys"][user].items()
        if (device["user_id"], device["device_id"]) == (user, name)
        and is_signed(device, user, the_key(own))
        and is_signed(device, user, device["keys"][f"ed25519:{name}"], name=name)
    ]


def stored_device(account: Account) -> str:
    return str(json.loads((account.folder / SESSION).read_text("utf-8"))["device"])


class TestChain:
    async def test_strict_client_trusts_the_device(self, account: Account, bot: Bot, anna: Person) -> None:
        keys = await published(anna, bot.user)
        assert vouched_for(keys, bot.user) == [stored_device(account)]
        assert bot.adapter.problems == []

    async def test_device_vouches_for_the_master_key(self, account: Account, bot: Bot, anna: Person) -> None:
        # Which device did so is told to the account's own devices only.
        token = json.loads((account.folder / SESSION).read_text("utf-8"))["token"]
        keys = await published(anna, bot.user, token=token)
        device = stored_device(account)
        own = keys["device_keys"][bot.user][device]["keys"][f"ed25519:{device}"]
        assert is_signed(keys["master_keys"][bot.user], bot.user, own, name=device)

    async def test_device_of_somebody_without_cross_signing_is_not_trusted(self, bot: Bot, anna: Person) -> None:
        keys = await published(anna, bot.user)
        keys["device_keys"][bot.user] = (await published(anna, anna.user))["device_keys"][anna.user]
        assert keys["device_keys"][bot.user]
        assert vouched_for(keys, bot.user) == []

    async def test_identity_survives_a_restart(self, account: Account, anna: Person) -> None:
        async with account.running() as bot:
            before = await published(anna, bot.user)
        async with account.running() as bot:
            after = await published(anna, bot.user)
        assert after["master_keys"] == before["master_keys"]
        assert after["device_keys"] == before["device_keys"]

    async def test_folder_that_was_lost_gives_a_new_identity(self, account: Account, anna: Person) -> None:
        async with account.running() as bot:
            before = await published(anna, bot.user)
        again = Account(account.settings, account.folder.with_name("again"))
        async with again.running() as bot:
            after = await published(anna, bot.user)
            assert bot.adapter.problems == []
        assert the_key(after["master_keys"][bot.user]) != the_key(before["master_keys"][bot.user])
        assert vouched_for(after, bot.user) == [stored_device(again)]


class TestRefusal:
    async def test_token_alone_cannot_replace_an_identity(self, synapse: Synapse, tmp_path: Path) -> None:
        first = account_on(synapse, tmp_path)
        async with first.running():
            token = json.loads((first.folder / SESSION).read_text("utf-8"))["token"]
        settings = MatrixSettings(matrix_homeserver=synapse.url, matrix_access_token=SecretStr(token))
        async with Account(settings, tmp_path / "other").running() as bot:
            assert NEEDS_PASSWORD in bot.adapter.problems
        found = [finding.check for finding in matrix_findings(settings, tmp_path / "other")]
        assert f"matrix.{NEEDS_PASSWORD}" in found

    async def test_token_alone_is_enough_for_the_first_identity(self, synapse: Synapse, tmp_path: Path) -> None:
        user = synapse.register("allmende")
        who = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": user}, "password": PASSWORD}
        async with httpx.AsyncClient() as http:
            answer = await http.post(f"{synapse.url}/_matrix/client/v3/login", json=who)
        token = SecretStr(answer.json()["access_token"])
        settings = MatrixSettings(matrix_homeserver=synapse.url, matrix_access_token=token)
        async with Account(settings, tmp_path / "matrix").running() as bot:
            assert bot.user == f"@{user}:localhost"
            assert bot.adapter.problems == []


class TestSecrets:
    async def test_keys_are_for_nobody_else_to_read(self, account: Account, bot: Bot) -> None:
        modes = {path.name: path.stat().st_mode & 0o777 for path in account.folder.iterdir()}
        assert account.folder.stat().st_mode & 0o777 == 0o700
        assert modes[FILE] == modes[SESSION] == 0o600

    def test_signed_form_is_canonical(self) -> None:
        value = {"b": "ü", "a": {"d": 1, "c": [True, None]}, "signatures": {}, "unsigned": {}}
        assert canonical_json(value) == '{"a":{"c":[true,null],"d":1},"b":"ü"}'.encode()
