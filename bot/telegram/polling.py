"""Long polling: Telegram is asked for updates, and each next question acknowledges what was taken before."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from telegram.error import TelegramError

from bot.telegram.api import ApiBot, ApiRefusal, UnusableAnswer
from bot.telegram.intake import Intake
from bot.telegram.pauses import Pauses
from bot.telegram.reading import KINDS
from knowledge.kit.logs import get_logger

# Handles raw updates: reads them and hands them over; returns when they are in custody.
Handle = Callable[[list[Any]], Awaitable[None]]

_HINTS = {
    401: "the token was refused: make a new one with @BotFather, set ALLMENDE_TELEGRAM_TOKEN and start again",
    404: "the address knows no such bot: check ALLMENDE_TELEGRAM_TOKEN and ALLMENDE_TELEGRAM_API_URL",
    409: "another process fetches this bot's updates: stop it, one bot can run only once",
}
_EVENTS = {401: "telegram_token_refused", 404: "telegram_token_refused", 409: "telegram_other_process"}
# These do not pass by themselves within seconds; asking often would not help.
_STUBBORN = 5.0


@dataclass(slots=True)
class Poller:
    """Asks for updates until told to stop."""

    bot: ApiBot
    intake: Intake
    handle: Handle
    pauses: Pauses
    # How long Telegram may wait for something to happen before it answers with nothing.
    seconds: int = 25
    _trouble: str | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Fetch and hand over until ``stop`` is set; a question that is under way is given up then."""
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                updates = await self._ask(stopping, stop)
                if updates:
                    await self._hand_over(updates, stop)
        finally:
            stopping.cancel()

    async def _ask(self, stopping: asyncio.Task[Any], stop: asyncio.Event) -> list[Any]:
        asking = asyncio.create_task(
            self.bot.raw_updates(offset=self.intake.position.offset, seconds=self.seconds, kinds=KINDS)
        )
        try:
            await asyncio.wait((asking, stopping), return_when=asyncio.FIRST_COMPLETED)
            if not asking.done():
                return []
            updates = asking.result()
        except TelegramError as error:
            await self._wait_for(error, stop)
            return []
        finally:
            await _given_up(asking)
        self._worked()
        return updates

    async def _hand_over(self, updates: list[Any], stop: asyncio.Event) -> None:
        """Try until it worked: what is not taken is not acknowledged and comes again."""
        try:
            await self.handle(updates)
        except Exception as error:  # noqa: BLE001 - the edge: a database that is away is waited for
            get_logger().error("telegram_updates_not_taken", error=type(error).__name__)
            await self.pauses.rest(stop)

    async def _wait_for(self, error: TelegramError, stop: asyncio.Event) -> None:
        status = error.status if isinstance(error, ApiRefusal | UnusableAnswer) else None
        event = _EVENTS.get(status or 0, "telegram_away") if isinstance(error, ApiRefusal) else "telegram_away"
        # Said once for each kind of trouble, not with each try.
        if self._trouble != event:
            self._trouble = event
            fields = {"status": status, "error": type(error).__name__, "what_to_do": _HINTS.get(status or 0)}
            log = get_logger().warning if event == "telegram_away" else get_logger().error
            log(event, **{name: value for name, value in fields.items() if value is not None})
        asked = (error.retry_after or 0.0) if isinstance(error, ApiRefusal) else 0.0
        stubborn = min(_STUBBORN, self.pauses.longest) if event != "telegram_away" else 0.0
        await self.pauses.rest(stop, at_least=max(asked, stubborn))

    def _worked(self) -> None:
        self.pauses.over()
        if self._trouble is not None:
            get_logger().warning("telegram_back", after=self._trouble)
            self._trouble = None


async def _given_up(asking: asyncio.Task[Any]) -> None:
    if not asking.done():
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
