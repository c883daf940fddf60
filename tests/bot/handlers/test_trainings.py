"""``/schulungen``: what is coming, one training, and one's own."""

from datetime import timedelta

import pytest
import vobject

from bot.core.messages import Outgoing
from knowledge.models.document import Visibility
from tests.bot.handlers.contributing_world import ANNA, BEN, ROOM, TINA, Desk
from tests.bot.handlers.training_world import (
    AHEAD,
    LINK,
    PLACE,
    TITLE,
    morning,
    open_training,
    publish,
    publisher,
    register,
)

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def calendar_in(sent: list[Outgoing]) -> vobject.base.Component:
    """Return the calendar that was sent, as another library reads it."""
    [attached] = [message.attachment for message in sent if message.attachment is not None]
    assert attached.name.endswith(".ics")
    return vobject.readOne(attached.content.decode())


class TestList:
    async def test_it_says_when_where_and_whether_there_is_room(self, desk: Desk) -> None:
        await open_training(desk, capacity=3)
        said = await desk.write(ANNA, "/schulungen")
        assert f"1. {TITLE}" in said
        assert "from 9:00 to 12:00 · Lindenau · 3 places left" in said
        said = await desk.write(ANNA, "/schulungen hier")
        assert "I do not know where “here” is for you; !profile tells me" in said
        assert TITLE in said

    async def test_nothing_is_said_as_it_is(self, desk: Desk) -> None:
        assert "No training is announced" in await desk.write(ANNA, "/trainings")
        said = await desk.write(ANNA, "/trainings Raumfahrt")
        assert "no coming training for: “Raumfahrt”" in said
        assert "!trainings shows all" in said

    async def test_words_choose(self, desk: Desk) -> None:
        by = await publisher(desk)
        await publish(desk, by, visibility=Visibility.PUBLIC)
        elsewhere = {"online": True, "region": "", "state_key": None}
        await publish(desk, by, visibility=Visibility.PUBLIC, title="Die E-Akte", **elsewhere)
        online = await desk.write(ANNA, "/schulungen online")
        assert "Die E-Akte" in online
        assert TITLE not in online
        assert TITLE in await desk.write(ANNA, "/schulungen Bürgerbüro")
        assert TITLE not in await desk.write(ANNA, "/schulungen Saarland")

    async def test_a_long_list_goes_on_and_back(self, desk: Desk) -> None:
        by = await publisher(desk)
        for number in range(1, 6):
            dates = (morning(AHEAD + timedelta(days=number)),)
            await publish(desk, by, visibility=Visibility.PUBLIC, title=f"Schulung Nummer {number}", dates=dates)
        first = await desk.write(ANNA, "/schulungen in Brandenburg")
        second = await desk.press(ANNA, "More trainings")
        assert ("Nummer 4" in first, "Nummer 5" in first) == (True, False)
        assert ("Nummer 4" in second, "Nummer 5" in second, "Brandenburg" in second) == (False, True, True)
        assert "Nummer 1" in await desk.press(ANNA, "Back")


class TestOne:
    async def test_everything_but_the_place_is_for_everybody(self, desk: Desk) -> None:
        await open_training(desk, accessibility="Aufzug vorhanden", costs="keine")
        await desk.write(ANNA, "/schulungen")
        said = await desk.press(ANNA, "1. ")
        for part in ("Afterwards you can: Anfragen stellen", "Aufzug vorhanden", "Costs: keine", "Where: Lindenau"):
            assert part in said
        assert PLACE not in said
        assert LINK not in said

    async def test_the_calendar_file_has_the_place_once_one_is_registered(self, desk: Desk) -> None:
        entry = await open_training(desk)
        member = await desk.make_member(ANNA)
        await desk.write(ANNA, "/schulungen")
        await desk.press(ANNA, "1. ")
        before = len(desk.networks[ANNA.network].sent)
        await desk.press(ANNA, "Calendar file")
        await register(desk, entry, member)
        await desk.press(ANNA, "Calendar file")
        sent = desk.networks[ANNA.network].sent[before:]
        events = [calendar_in([message]).vevent for message in sent if message.attachment is not None]
        assert [event.location.value for event in events] == ["Lindenau", PLACE]
        assert events[0].uid.value == events[1].uid.value

    async def test_what_is_for_the_network_is_not_there_for_others(self, desk: Desk) -> None:
        await publish(desk, await publisher(desk))
        assert "No training is announced" in await desk.write(BEN, "/schulungen")
        await desk.make_member(ANNA)
        assert TITLE in await desk.write(ANNA, "/schulungen")


class TestAbroad:
    async def test_only_public_ones_are_shown_and_ones_own_are_counted(self, desk: Desk) -> None:
        entry = await publish(desk, await publisher(desk))
        await register(desk, entry, await desk.make_member(TINA))
        listed, own = await desk.write(TINA, "/schulungen"), await desk.write(TINA, "/schulungen meine")
        assert "only trainings that are public" in listed
        assert "1 more may not be shown here" in own
        assert TITLE not in listed + own


class TestOwn:
    async def test_lists_where_one_is_registered(self, desk: Desk) -> None:
        entry = await publish(desk, await publisher(desk))
        assert "belong to the network" in await desk.write(ANNA, "/schulungen meine")
        member = await desk.make_member(ANNA)
        assert "registered for no coming training" in await desk.write(ANNA, "/schulungen meine")
        await register(desk, entry, member)
        said = await desk.write(ANNA, "/schulungen meine")
        assert f"1. {TITLE}" in said
        assert "you are registered" in said
        assert PLACE in await desk.press(ANNA, "1. ")


class TestGroups:
    async def test_the_group_sees_what_the_group_may_see(self, desk: Desk) -> None:
        by = await publisher(desk)
        await publish(desk, by, title="Nur für das Netzwerk")
        await publish(desk, by, visibility=Visibility.PUBLIC)
        await desk.make_member(ANNA)
        said = await desk.write(ANNA, "/schulungen", ROOM)
        assert TITLE in said
        assert "Nur für das Netzwerk" not in said

    async def test_nobodys_own_registration_is_shown_there(self, desk: Desk) -> None:
        entry = await open_training(desk)
        await register(desk, entry, await desk.make_member(ANNA))
        assert "you are registered" not in await desk.write(ANNA, "/schulungen", ROOM)
        said = await desk.press(ANNA, "1. ", ROOM)
        assert TITLE in said
        assert PLACE not in said
        said = await desk.write(ANNA, "/schulungen meine", ROOM)
        assert "write to me alone" in said
        assert TITLE not in said
