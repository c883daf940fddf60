"""What is done with updates: read, given into custody, and then answered where Telegram wants a sign at once."""

import asyncio
import warnings
from collections.abc import Coroutine, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from telegram import Update
from telegram.error import TelegramError
from telegram.warnings import PTBDeprecationWarning

from bot.core.messages import EventKind, Incoming
from bot.telegram.api import ApiBot, UnusableAnswer
from bot.telegram.intake import Intake
from bot.telegram.reading import Reader
from bot.telegram.server_clock import ServerClock
from knowledge.kit.logs import get_logger

# Forums whose general topic is known to be one; more than a bot is ever in.
_FORUMS = 10_000


@dataclass(slots=True)
class Desk:
    """Takes updates in, for polling and for the webhook alike."""

    bot: ApiBot
    reader: Reader
    intake: Intake
    clock: ServerClock
    # Insertion-ordered; forgets the oldest.
    _forums: dict[int, None] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def handle(self, raws: Sequence[Any]) -> None:
        """Give updates into custody; raises what taking them raises.

        An update that cannot be read is logged and passed over, so that it does not come again for ever.
        """
        updates = list(self._numbered(raws))
        if raws and not updates:
            raise UnusableAnswer(200)
        read = [(self._update(raw), raw) for _, raw in updates]
        incomings = [incoming for update, _ in read if update is not None for incoming in self._read(update)]
        counted = [await self._with_people(incoming) for incoming in incomings]
        await self.intake.hand_over(counted, max((number for number, _ in updates), default=None))
        for update, _ in read:
            if update is not None and update.callback_query is not None:
                self._begin(self._acknowledge(update.callback_query.id))

    def is_forum(self, chat: int) -> bool:
        """Whether a chat is known to have topics."""
        return chat in self._forums

    async def finish(self) -> None:
        """Wait for signs that are under way."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _numbered(self, raws: Sequence[Any]) -> Iterator[tuple[int, dict[str, Any]]]:
        for raw in raws:
            number = raw.get("update_id") if isinstance(raw, dict) else None
            if isinstance(number, int):
                yield number, raw
            else:
                get_logger().warning("telegram_update_without_number")

    def _update(self, raw: dict[str, Any]) -> Update | None:
        try:
            with warnings.catch_warnings():
                # The library warns of its own future whenever a voice message or a timer comes in.
                warnings.simplefilter("ignore", PTBDeprecationWarning)
                return Update.de_json(raw, self.bot)
        except Exception as error:  # noqa: BLE001 - the edge: one that cannot be read must not hold up all others
            get_logger().warning("telegram_update_unreadable", error=type(error).__name__)
            return None

    def _read(self, update: Update) -> list[Incoming]:
        try:
            incomings = self.reader.read(update)
        except Exception as error:  # noqa: BLE001 - the edge: one that cannot be read must not hold up all others
            get_logger().warning("telegram_update_unreadable", error=type(error).__name__)
            return []
        chat = update.effective_chat
        if chat is not None and chat.is_forum and incomings:
            self._forums[chat.id] = None
            if len(self._forums) > _FORUMS:
                del self._forums[next(iter(self._forums))]
        return [replace(incoming, sent_at=self.clock.ours(incoming.sent_at)) for incoming in incomings]

    async def _with_people(self, incoming: Incoming) -> Incoming:
        """Say how many people a group has that the bot was added to."""
        if incoming.kind is not EventKind.BOT_ADDED:
            return incoming
        try:
            return replace(incoming, people=await self.bot.get_chat_member_count(incoming.place.chat))
        except TelegramError as error:
            get_logger().info("telegram_group_not_counted", error=type(error).__name__)
            return incoming

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _acknowledge(self, query: str) -> None:
        """Let the button stop turning; too late is no harm."""
        try:
            await self.bot.answer_callback_query(query)
        except TelegramError as error:
            get_logger().info("telegram_press_not_answered", error=type(error).__name__)
