"""The updates that wait for the bot, and who fetches them."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.telegram_server.checks import ApiError

# These are sent only to bots that name them.
ON_REQUEST = {"chat_member", "message_reaction", "message_reaction_count"}


@dataclass(slots=True)
class UpdateQueue:
    """Keeps updates until they are acknowledged, in order; safe to be filled from any thread."""

    lock: threading.RLock
    next_number: int = 700_000_000
    allowed: frozenset[str] = frozenset()
    waiting: list[dict[str, Any]] = field(default_factory=list)
    acknowledged: int = 0
    webhook: str = ""
    webhook_secret: str = ""
    _poll: int = 0
    _wake: Callable[[], None] = lambda: None
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Say which loop the fetchers run in."""

        def wake() -> None:
            loop.call_soon_threadsafe(self._changed.set)

        self._wake = wake

    def push(self, kind: str, content: dict[str, Any]) -> int | None:
        """Add an update, if the bot wants its kind; returns its number."""
        with self.lock:
            is_wanted = kind in self.allowed if self.allowed else kind not in ON_REQUEST
            if not is_wanted:
                return None
            number = self.next_number
            self.next_number += 1
            self.waiting.append({"update_id": number, kind: content})
        self._wake()
        return number

    def allow(self, kinds: list[Any] | None) -> None:
        """Remember which kinds are wanted from now on; ``None`` changes nothing."""
        if kinds is not None:
            self.allowed = frozenset(map(str, kinds))

    def acknowledge(self, before: int) -> None:
        """Forget all updates with smaller numbers."""
        with self.lock:
            kept = [update for update in self.waiting if update["update_id"] >= before]
            self.acknowledged += len(self.waiting) - len(kept)
            self.waiting = kept

    def set_webhook(self, address: str, secret: str) -> None:
        """Deliver to an address from now on; the empty one ends it."""
        with self.lock:
            self.webhook, self.webhook_secret = address, secret
        self._wake()

    async def fetch(self, offset: int, *, limit: int, seconds: float) -> list[dict[str, Any]]:
        """Return updates from ``offset`` on as soon as there are some; raises ``ApiError`` when somebody else asks."""
        with self.lock:
            if self.webhook:
                raise ApiError(
                    409,
                    "Conflict: can't use getUpdates method while webhook is active; "
                    "use deleteWebhook to delete the webhook first",
                )
            self._poll += 1
            mine = self._poll
            self.acknowledge(offset)
        self._changed.set()
        end = asyncio.get_running_loop().time() + seconds
        while True:
            with self.lock:
                if mine != self._poll:
                    raise ApiError(
                        409,
                        "Conflict: terminated by other getUpdates request; "
                        "make sure that only one bot instance is running",
                    )
                self._changed.clear()
                batch = self.waiting[:limit]
            if batch or not await self._change(end - asyncio.get_running_loop().time()):
                return batch

    async def next_delivery(self) -> dict[str, Any]:
        """Return the first update for the webhook as soon as there are both."""
        while True:
            with self.lock:
                if self.webhook:
                    self._changed.clear()
                    if self.waiting:
                        return self.waiting[0]
            # Without a webhook the event belongs to whoever polls.
            await (self._change(1.0) if self.webhook else asyncio.sleep(0.02))

    async def _change(self, seconds: float) -> bool:
        """Wait until something has changed, or the time is over."""
        if seconds <= 0:
            return False
        try:
            await asyncio.wait_for(self._changed.wait(), seconds)
        except TimeoutError:
            return False
        return True
