"""„Bescheid geben": what had no answer is remembered, told once something fitting is published, and taken back."""

from pathlib import Path

from bot.core.messages import Outgoing
from bot.handlers.watching import watch_job
from knowledge.access.visibility import network_member
from knowledge.chats.service import ChatService
from knowledge.conversations.schemas import Anchor
from knowledge.conversations.service import ConversationService
from knowledge.jobs.worker import Worker
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.chat import ChatKind, Network
from knowledge.models.conversation import Watch
from knowledge.models.job import Job
from knowledge.watches.jobs import WATCH_JOB
from knowledge.watches.service import WatchService
from knowledge.webchat.service import WebChatService, talking
from tests.bot.handlers.asking_world import (
    ANNA,
    BEN,
    FORUM,
    ROOM,
    TINA,
    World,
    choice_of,
    direct,
    labels,
    make_member,
    plain,
    publish,
    rows,
)

PLAYGROUND = "Wie oft muss ein Spielplatz vom TÜV geprüft werden?"
NEWS = """# Prüfung von Spielplätzen

Ein Spielplatz muss einmal im Jahr vom TÜV geprüft werden. Der Bauhof schaut jede Woche nach.
"""


async def look(world: World) -> list[Outgoing]:
    """Do the job that waits, and return what the bot says."""
    before = {network: len(chat.sent) for network, chat in world.networks.items()}
    worker = Worker(world.database, {WATCH_JOB: watch_job(world.services, world.bot.post)}, name="test")
    await worker.work_once(WATCH_JOB)
    await world.bot.settle()
    return [message for network, chat in world.networks.items() for message in chat.sent[before[network] :]]


class TestRemembering:
    async def test_it_is_confirmed_with_its_end_and_can_be_taken_back(self, world: World) -> None:
        answer = await world.ask(ANNA, PLAYGROUND)
        [noted] = await world.choose(ANNA, answer, "Tell me later")
        [watch] = await rows(world, Watch)
        assert str(watch.expires_at.year) in plain(noted)
        assert (watch.expires_at - watch.created_at).days >= 89
        await world.choose(ANNA, noted, "No longer needed")
        assert await rows(world, Watch) == []

    async def test_in_a_group_only_the_person_reads_that(self, world: World) -> None:
        answer = await world.ask(ANNA, f"!frage {PLAYGROUND}", ROOM)
        [noted] = await world.choose(BEN, answer, "Tell me later")
        assert noted.place.chat == direct(BEN).chat

    async def test_taking_the_reaction_back_takes_it_back(self, world: World) -> None:
        answer = await world.ask(ANNA, f"!frage {PLAYGROUND}", ROOM)
        await world.choose(ANNA, answer, "Tell me later")
        await world.choose(ANNA, answer, "Tell me later", undo=True)
        assert await rows(world, Watch) == []

    async def test_the_list_shows_what_is_remembered_and_takes_off(self, world: World) -> None:
        answer = await world.ask(TINA, PLAYGROUND)
        await world.choose(TINA, answer, "Tell me later")
        listed = await world.ask(TINA, "/merkliste")
        assert PLAYGROUND in plain(listed)
        [changed] = await world.choose(TINA, listed, "Take off 1")
        assert changed.edits == (world.event_of(listed),)
        assert "empty" in plain(await world.ask(TINA, "/merkliste"))


class TestTelling:
    async def test_once_something_fitting_is_published(self, world: World, tmp_path: Path) -> None:
        answer = await world.ask(ANNA, PLAYGROUND)
        await world.choose(ANNA, answer, "Tell me later")
        assert await look(world) == []
        await publish(world, tmp_path / "news", "spielplatz.md", NEWS)
        [told] = await look(world)
        assert (told.place.chat, labels(told)) == (direct(ANNA).chat, ["Helped", "Did not help"])
        assert "einmal im Jahr" in plain(told)
        await publish(world, tmp_path / "news", "noch-ein-spielplatz.md", NEWS.replace("Jahr", "Halbjahr"))
        assert await look(world) == []

    async def test_nobody_hears_of_what_they_may_not_find(self, world: World, tmp_path: Path) -> None:
        for person in (ANNA, BEN):
            answer = await world.ask(person, PLAYGROUND)
            await world.choose(person, answer, "Tell me later")
        await make_member(world, BEN)
        await publish(world, tmp_path / "news", "spielplatz.md", NEWS, visibility="network")
        assert [told.place.chat for told in await look(world)] == [direct(BEN).chat]

    async def test_a_link_where_the_bot_cannot_write_first(self, world: World, tmp_path: Path) -> None:
        answer = await world.ask(TINA, f"/frage {PLAYGROUND}", FORUM)
        await world.choose(TINA, answer, "Tell me later")
        await publish(world, tmp_path / "news", "spielplatz.md", NEWS)
        [told] = await look(world)
        assert told.place.chat == FORUM.chat
        assert "einmal im Jahr" not in plain(told)
        word = (choice_of(told, "Read it").address or "").partition("start=")[2]
        assert "einmal im Jahr" in plain(await world.ask(TINA, f"/start {word}"))

    async def test_something_else_is_published(self, world: World, tmp_path: Path) -> None:
        answer = await world.ask(ANNA, PLAYGROUND)
        await world.choose(ANNA, answer, "Tell me later")
        await publish(world, tmp_path / "news", "kirche.md", "# Orgel\n\nDie Orgel der Stadtkirche hat 31 Register.\n")
        assert await look(world) == []
        assert [watch.told_at for watch in await rows(world, Watch)] == [None]


class TestTheJob:
    async def test_many_publications_ask_for_it_once(self, world: World, tmp_path: Path) -> None:
        answer = await world.ask(ANNA, PLAYGROUND)
        await world.choose(ANNA, answer, "Tell me later")
        for number in range(3):
            await publish(
                world, tmp_path / "news", f"{number}.md", f"# Text {number}\n\nEin Satz über Nummer {number}.\n"
            )
        assert [job.kind for job in await rows(world, Job)].count(WATCH_JOB) == 1

    async def test_nobody_waits_and_nothing_is_asked_for(self, world: World, tmp_path: Path) -> None:
        await publish(world, tmp_path / "news", "spielplatz.md", NEWS)
        assert [job.kind for job in await rows(world, Job)].count(WATCH_JOB) == 0


class TestInTheBrowser:
    async def test_a_member_who_asked_there_is_told_in_their_chat(self, world: World, tmp_path: Path) -> None:
        await world.ask(ANNA, "/help")
        await make_member(world, ANNA)
        async with unit_of_work(world.database) as unit:
            chats, conversations = ChatService(unit.session), ConversationService(unit.session)
            member = (await chats.look_up_person(ANNA.network, ANNA.address)).member_id
            assert member is not None
            talker = talking(member)
            await WebChatService(unit.session).say(talker, "asked", {"blocks": [], "choices": []})
            person = await chats.look_up_person(Network.WEB, talker.address)
            chat = await chats.look_up_chat(Network.WEB, talker.address, ChatKind.DIRECT)
            prepared = await world.services.answers.prepare(PLAYGROUND, network_member())
            anchor = Anchor(chat.id, None, "asked")
            exchange = await conversations.keep(prepared, anchor, asker_id=person.id, days=1)
            assert exchange.question_id is not None
            await WatchService(unit.session).remember(exchange.question_id, person.id, chat_id=chat.id, days=90)
        await publish(world, tmp_path / "news", "spielplatz.md", NEWS, visibility="network")
        [told] = await look(world)
        assert told.place.chat == direct(ANNA).chat
        assert "einmal im Jahr" in plain(told)
        assert await look(world) == []
