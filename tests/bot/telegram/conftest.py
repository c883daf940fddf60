"""A Telegram of the test's own, and the adapter on it with somebody who keeps what it hands over."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from pydantic import SecretStr

from bot.core.messages import EventKind, Incoming, Outgoing, Place
from bot.core.text import RichText, rich
from bot.telegram.adapter import TelegramAdapter
from bot.telegram.pace import UNLIMITED, Pace
from bot.telegram.pauses import Pauses
from knowledge.kit.settings import TelegramSettings
from knowledge.models.chat import ChatKind, Network
from tests.telegram_server.server import TelegramServer
from tests.telegram_server.world import Chat

Start = Callable[..., Any]


@dataclass
class Custody:
    """Takes events as the engine does, in memory: each once, and none while it is ``away``."""

    kept: list[Incoming] = field(default_factory=list)
    cursors: list[str | None] = field(default_factory=list)
    away: bool = False
    tries: int = 0

    async def take(self, incomings: Sequence[Incoming], cursor: str | None) -> None:
        self.tries += 1
        if self.away:
            raise ConnectionError("the database is away")
        known = {incoming.event for incoming in self.kept}
        self.kept += [incoming for incoming in incomings if incoming.event not in known]
        self.cursors.append(cursor)

    def texts(self, kind: EventKind = EventKind.MESSAGE) -> list[str]:
        return [incoming.text for incoming in self.kept if incoming.kind is kind]

    def kinds(self) -> list[EventKind]:
        return [incoming.kind for incoming in self.kept]


@dataclass
class Running:
    """An adapter that receives."""

    adapter: TelegramAdapter
    custody: Custody
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def say(self, chat: Chat, text: RichText | str, **more: Any) -> list[str]:
        """Send something to a chat."""
        thread = more.pop("thread", None)
        key = more.pop("key", None) or str(uuid4())
        said = rich(text) if isinstance(text, str) else text
        return list(await self.adapter.send(Outgoing(place(chat, thread), said, **more), key))


def place(chat: Chat, thread: int | None = None) -> Place:
    kind = ChatKind.DIRECT if chat.kind == "private" else ChatKind.GROUP
    return Place(Network.TELEGRAM, chat.address, kind, None if thread is None else str(thread))


def settings_for(telegram: TelegramServer, **more: Any) -> TelegramSettings:
    values: dict[str, Any] = {"telegram_token": SecretStr(telegram.token), "telegram_api_url": telegram.url}
    return TelegramSettings(**(values | more))


def quick_adapter(
    telegram: TelegramServer, *, settings: TelegramSettings | None = None, **more: Any
) -> TelegramAdapter:
    """Return an adapter that does not keep a person waiting."""
    more.setdefault("pace", Pace(UNLIMITED))
    return TelegramAdapter(settings or settings_for(telegram), pauses=Pauses(0.01, 0.05), **more)


@asynccontextmanager
async def running(
    telegram: TelegramServer, *, custody: Custody | None = None, cursor: str | None = None, **more: Any
) -> AsyncIterator[Running]:
    """Have an adapter receive for the length of a block; it has to end in time."""
    bot = Running(quick_adapter(telegram, **more), custody or Custody())
    await bot.adapter.start(cursor)
    receiving = asyncio.create_task(bot.adapter.receive(bot.custody.take, bot.stop))
    try:
        ready = "setWebhook" if telegram_has_webhook(more) else "deleteWebhook"
        await telegram.until(lambda: receiving.done() or telegram.called(ready))
        yield bot
    finally:
        bot.stop.set()
        await asyncio.wait_for(receiving, 30)
        await bot.adapter.close()


def telegram_has_webhook(more: dict[str, Any]) -> bool:
    settings = more.get("settings")
    return settings is not None and settings.telegram_webhook_url is not None


@pytest.fixture
def telegram() -> Iterator[TelegramServer]:
    with TelegramServer() as server:
        yield server


@pytest.fixture
async def bot(telegram: TelegramServer) -> AsyncIterator[Running]:
    async with running(telegram) as started:
        yield started
