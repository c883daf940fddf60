"""Everything about somebody gone, through the running bot: the answer still arrives, and nothing comes back."""

import json

import pytest
from sqlalchemy import select

from bot.handlers.registry import build_registry
from knowledge.models import ChatIdentity
from knowledge.privacy.erasure_log import ErasureLog
from tests.bot.handlers.asking_world import ANNA, BEN, ROOM, World, direct, plain
from tests.knowledge.privacy.people import traces_of

QUESTION = "Wie lange dauert ein Bauantrag, wenn man auf digital umstellt?"


@pytest.fixture(autouse=True)
def all_handlers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.bot.handlers.asking_world.REGISTRY", build_registry())


async def identity_of(world: World, address: str) -> ChatIdentity:
    async with world.database.session(writes=False) as session:
        return (await session.scalars(select(ChatIdentity).where(ChatIdentity.address == address))).one()


class TestRunning:
    async def test_asked_judged_erased_and_back_again(self, world: World) -> None:
        mine = await world.ask(ANNA, QUESTION)
        await world.choose(ANNA, await world.ask(ANNA, QUESTION, ROOM), "Helped")
        others = await world.ask(BEN, QUESTION, ROOM)
        await world.choose(ANNA, others, "Helped")
        anna, ben = await identity_of(world, ANNA.address), await identity_of(world, BEN.address)
        [question] = await world.happen(ANNA, direct(ANNA), "/delete")
        [farewell] = await world.choose(ANNA, question, "Yes")
        assert "Everything about you is erased." in plain(farewell)
        assert await traces_of(world.database, anna.id) == []
        # That the farewell was sent is noted for a week.
        assert await traces_of(world.database, ANNA.address) == ["outgoing_messages.chat"]
        assert await traces_of(world.database, ben.id)
        assert ErasureLog(world.services.settings.data_folder).exists()
        [_readable, again] = await world.happen(ANNA, direct(ANNA), "/mydata")
        assert again.attachment is not None
        data = json.loads(again.attachment.content)
        assert data["exchanges"] == []
        assert data["identities"][0]["id"] != str(anna.id)
        await world.choose(ANNA, mine, "Helped")
        assert await traces_of(world.database, anna.id) == []

    async def test_from_a_group_it_goes_on_in_private(self, world: World) -> None:
        await world.ask(ANNA, QUESTION, ROOM)
        [hint, question] = await world.happen(ANNA, ROOM, "/delete")
        assert hint.place.chat == ROOM.chat
        assert question.place.chat == direct(ANNA).chat
        [farewell] = await world.choose(ANNA, question, "Yes")
        assert farewell.place.chat == direct(ANNA).chat
        assert "Everything about you is erased." in plain(farewell)
