"""The networks that stories are played on: one inside the test, Telegram's stand-in, and a real homeserver."""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from typing import Any

import nio

from bot.core.adapter import Adapter
from bot.core.messages import EventKind, Outgoing, Person, Place
from bot.core.running import Bot
from knowledge.models.chat import Network
from tests.bot.core.world import ROOM, ChatNetwork, direct
from tests.bot.matrix.people import Account, person_on
from tests.bot.matrix.people import Person as MatrixPerson
from tests.bot.telegram.conftest import quick_adapter
from tests.journeys.chat.scenario import MOMENT, Shown
from tests.synapse import Synapse
from tests.telegram_server.server import TelegramServer
from tests.telegram_server.world import Chat, Message
from tests.telegram_server.world import Person as TelegramPerson

# Puts a bot together that has these networks.
MakeBot = Callable[[Sequence[Adapter]], Bot]


class _Stage:
    """A bot that can be started and ended."""

    def __init__(self, make_bot: MakeBot) -> None:
        self._make_bot = make_bot
        self._bot: Bot | None = None

    def _adapter(self) -> Adapter:
        raise NotImplementedError

    async def start(self) -> None:
        """Start the bot."""
        self._bot = self._make_bot([self._adapter()])
        await self._bot.__aenter__()
        await self._bot.connected()

    async def stop(self) -> None:
        """End the bot."""
        if self._bot is not None:
            await self._bot.close()
            self._bot = None

    async def wait(self, who: str | None) -> None:
        """Wait a moment."""
        await asyncio.sleep(MOMENT)


class InsideStage(_Stage):
    """A network inside the test."""

    features = frozenset({"deletions", "reactions", "writes_first", "home", "reaches"})

    def __init__(self, make_bot: MakeBot) -> None:
        super().__init__(make_bot)
        self._network = ChatNetwork()
        self._network.write(_person("anna"), ROOM, "", kind=EventKind.BOT_ADDED, language="en")
        self._written: dict[str, Place] = {}

    def _adapter(self) -> Adapter:
        return self._network.adapter()

    async def write(self, who: str, text: str, *, alone: bool, to_bot: bool, reply_to: str | None) -> str:
        """Write something."""
        person = _person(who)
        place = direct(person) if alone else ROOM
        known: dict[str, Any] = {"mentioned": to_bot, "reply_to": reply_to, "language": "en"}
        incoming = self._network.write(person, place, text, reply_to_bot=reply_to is not None, **known)
        self._written[incoming.event] = place
        return incoming.event

    async def choose(self, who: str, event: str, emoji: str, label: str) -> None:
        """React with an emoji."""
        place = next(message.place for message, events in self._pairs() if event in events)
        self._network.choose(_person(who), place, emoji, about=event, language="en")

    async def change(self, who: str, event: str, text: str) -> None:
        """Change what was written."""
        place, known = self._written[event], {"kind": EventKind.EDIT, "about": event, "language": "en"}
        self._network.write(_person(who), place, text, **known)

    async def take_back(self, who: str, event: str) -> None:
        """Delete what was written."""
        self._network.write(_person(who), self._written[event], "", kind=EventKind.REDACTION, about=event)

    async def shown(self, who: str | None) -> list[Shown]:
        """Return what stands there now."""
        chat = ROOM.chat if who is None else direct(_person(who)).chat
        standing: dict[str, str] = {}
        for message, events in self._pairs():
            if message.place.chat == chat and message.text is not None:
                standing.update(dict.fromkeys(events, message.text.plain))
            for event in message.deletes:
                standing.pop(event, None)
        return [Shown(event, text) for event, text in standing.items()]

    def _pairs(self) -> list[tuple[Outgoing, list[str]]]:
        return list(zip(self._network.sent, self._network.events, strict=True))


def _person(who: str) -> Person:
    return Person(Network.MATRIX, f"@{who}:ort")


class TelegramStage(_Stage):
    """The stand-in for Telegram, in a group in which the bot hears what is for it."""

    features = frozenset({"buttons", "abroad", "reaches"})

    def __init__(self, make_bot: MakeBot, telegram: TelegramServer) -> None:
        super().__init__(make_bot)
        self._telegram = telegram
        self._people: dict[str, TelegramPerson] = {}
        self._group: Chat = telegram.supergroup("Arbeitskreis", bot="left")
        self._messages: dict[str, Message] = {}
        self._who("anna").adds_bot(self._group)

    def _adapter(self) -> Adapter:
        return quick_adapter(self._telegram)

    def _who(self, name: str) -> TelegramPerson:
        if name not in self._people:
            person = self._people[name] = self._telegram.person(name, language="en")
            self._group.members[person.id] = person
        return self._people[name]

    async def write(self, who: str, text: str, *, alone: bool, to_bot: bool, reply_to: str | None) -> str:
        """Write something."""
        mention = f"@{self._telegram.world.bot_user['username']} " if to_bot else ""
        more: dict[str, Any] = {"reply_to": self._find(reply_to)} if reply_to is not None else {}
        message = self._who(who).writes(None if alone else self._group, mention + text, **more)
        self._messages[message.event] = message
        return message.event

    async def choose(self, who: str, event: str, emoji: str, label: str) -> None:
        """Press a button."""
        message = self._find(event)
        texts = [button["text"] for row in message.buttons for button in row]
        self._who(who).presses(message, next(text for text in texts if label in text))

    async def change(self, who: str, event: str, text: str) -> None:
        """Change what was written, the mention at its beginning stays."""
        message = self._find(event)
        mention = message.text.partition(" ")[0] + " " if message.text.startswith("@") else ""
        self._who(who).edits(message, mention + text)

    async def take_back(self, who: str, event: str) -> None:
        """Telegram tells bots of no deletion."""

    async def shown(self, who: str | None) -> list[Shown]:
        """Return what stands there now."""
        chat = self._group if who is None else self._who(who).direct
        return [Shown(message.event, message.text) for message in chat.shown()]

    def _find(self, event: str) -> Message:
        chats = [self._group, *(person.direct for person in self._people.values())]
        sent = {message.event: message for chat in chats for message in chat.shown()}
        return {**self._messages, **sent}[event]


# Seconds for which somebody waits for the bot's invitation before they make a direct chat themselves.
INVITED_WITHIN = 3.0
# Milliseconds for which the homeserver holds a question for news back while there are none.
HELD_BACK = 500
# Who brings the bot into the group; it invites those who come after it.
HOST = "anna"


class MatrixStage(_Stage):
    """A real homeserver, with a client for each person."""

    features = frozenset({"deletions", "reactions", "writes_first", "home", "reaches"})

    def __init__(self, make_bot: MakeBot, synapse: Synapse, account: Account) -> None:
        super().__init__(make_bot)
        self._synapse = synapse
        self._account = account
        self._people: dict[str, MatrixPerson] = {}
        self._rooms: dict[str | None, str] = {}
        self._stack = AsyncExitStack()
        self._places: dict[str, str] = {}
        # The bot's address, which is known for certain once it has signed in.
        self._address: Callable[[], str] = str

    def _adapter(self) -> Adapter:
        adapter = self._account.bot().adapter
        self._address = lambda: adapter.account
        return adapter

    async def start(self) -> None:
        """Start the bot and, the first time, make the group with it."""
        await super().start()
        if None not in self._rooms:
            host = await self._who(HOST)
            self._rooms[None] = await host.make_room(self._user, preset=nio.RoomPreset.public_chat)
            await host.wait_until_in(self._rooms[None], self._user)

    async def leave(self) -> None:
        """Let the people go."""
        await self._stack.aclose()

    @property
    def _user(self) -> str:
        return self._address()

    async def _who(self, name: str) -> MatrixPerson:
        if name not in self._people:
            person = self._people[name] = await self._stack.enter_async_context(person_on(self._synapse, name))
            if None in self._rooms:
                await person.client.join(self._rooms[None])
                await person.sync()
        return self._people[name]

    async def _invited(self, person: MatrixPerson) -> str | None:
        """Return the direct chat to which the bot invites whoever comes into the group; it takes a moment to make."""
        end = time.monotonic() + INVITED_WITHIN
        while time.monotonic() < end:
            for room, one in person.client.invited_rooms.items():
                if one.inviter == self._user:
                    return str(room)
            await person.sync(wait=HELD_BACK)
        return None

    async def _direct(self, who: str) -> str:
        person = await self._who(who)
        await person.sync()
        if who not in self._rooms:
            if who != HOST and (invited := await self._invited(person)):
                await person.client.join(invited)
                self._rooms[who] = invited
            else:
                self._rooms[who] = await person.make_room(self._user, direct=True)
                await person.wait_until_in(self._rooms[who], self._user)
        return self._rooms[who]

    async def write(self, who: str, text: str, *, alone: bool, to_bot: bool, reply_to: str | None) -> str:
        """Write something."""
        person, room = await self._who(who), await self._direct(who) if alone else self._rooms[None]
        more: dict[str, Any] = {"m.mentions": {"user_ids": [self._user]}} if to_bot else {}
        if reply_to is not None:
            more["m.relates_to"] = {"m.in_reply_to": {"event_id": reply_to}}
        event = await person.say(room, f"!{text[1:]}" if text.startswith("/") else text, **more)
        self._places[event] = room
        return event

    async def choose(self, who: str, event: str, emoji: str, label: str) -> None:
        """React with an emoji."""
        await (await self._who(who)).react(self._places[event], event, emoji)

    async def change(self, who: str, event: str, text: str) -> None:
        """Change what was written."""
        new = {"msgtype": "m.text", "body": text}
        relation = {"rel_type": "m.replace", "event_id": event}
        person = await self._who(who)
        await person.say(self._places[event], f"* {text}", **{"m.new_content": new, "m.relates_to": relation})

    async def take_back(self, who: str, event: str) -> None:
        """Delete what was written."""
        await (await self._who(who)).client.room_redact(self._places[event], event)

    async def shown(self, who: str | None) -> list[Shown]:
        """Return what stands there now, as somebody's client shows it."""
        person = await self._who(who or HOST)
        room = self._rooms[None] if who is None else await self._direct(who)
        await person.sync()
        standing: dict[str, str] = {}
        for event in person.events:
            if event["room_id"] == room:
                _apply(event, standing, self._user)
        self._places.update(dict.fromkeys(standing, room))
        return [Shown(event, text) for event, text in standing.items()]

    async def wait(self, who: str | None) -> None:
        """Wait until the homeserver has news, as clients do; asking again and again would keep it from its work."""
        person = await self._who(who or HOST)
        await person.sync(wait=HELD_BACK)


def _apply(event: dict[str, Any], standing: dict[str, str], bot: str) -> None:
    content = event["content"]
    if event["type"] == "m.room.redaction":
        standing.pop(event.get("redacts") or content.get("redacts", ""), None)
    elif event["sender"] == bot and event["type"] == "m.room.message":
        relation = content.get("m.relates_to", {})
        if relation.get("rel_type") == "m.replace":
            standing[relation["event_id"]] = content["m.new_content"]["body"]
        elif "body" in content:
            standing[event["event_id"]] = content["body"]
