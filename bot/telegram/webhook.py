"""The webhook: Telegram calls us, and takes an update as delivered when the answer says that it is in custody."""

import asyncio
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from telegram.error import TelegramError

from bot.telegram.api import ApiBot, ApiRefusal
from bot.telegram.errors import TelegramRefused
from bot.telegram.pauses import Pauses
from bot.telegram.polling import Handle
from bot.telegram.reading import KINDS
from knowledge.kit.language import _
from knowledge.kit.logs import get_logger

if TYPE_CHECKING:
    from aiohttp import web

_SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name
_LARGEST_UPDATE = 2**20
# Telegram keeps the updates of one chat in order; several chats may come at the same time.
_CONNECTIONS = 10


@dataclass(frozen=True, slots=True)
class Webhook:
    """Listens on a port of its own for what Telegram sends to ``address``."""

    bot: ApiBot
    handle: Handle
    address: str
    port: int
    secret: str
    pauses: Pauses

    async def run(self, stop: asyncio.Event) -> None:
        """Listen and register the address until ``stop`` is set; updates being handled are finished.

        The registration stays when the bot stops: Telegram keeps what happens meanwhile and delivers it later.
        Raises ``TelegramRefused`` where the port is taken or Telegram does not take the address.
        """
        from aiohttp import web

        app = web.Application(client_max_size=_LARGEST_UPDATE)
        app.router.add_post("/{path:.*}", self._receive)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=10)
        await runner.setup()
        try:
            await self._listen(runner)
            await self._register(stop)
            await stop.wait()
        finally:
            await runner.cleanup()

    async def _listen(self, runner: "web.AppRunner") -> None:
        from aiohttp import web

        try:
            await web.TCPSite(runner, port=self.port).start()
        except OSError as error:
            get_logger().error("telegram_webhook_refused", reason="the port is taken", port=self.port)
            raise TelegramRefused(
                _("The port {port} for Telegram's webhook is taken. Set ALLMENDE_TELEGRAM_WEBHOOK_PORT.").format(
                    port=self.port
                ),
                detail=type(error).__name__,
            ) from error

    async def _register(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                await self.bot.set_webhook(
                    self.address, allowed_updates=KINDS, secret_token=self.secret, max_connections=_CONNECTIONS
                )
            except ApiRefusal as error:
                if error.status in (400, 404):
                    get_logger().error("telegram_webhook_refused", reason=error.description)
                    raise TelegramRefused(
                        _("Telegram does not take the webhook's address: {reason}").format(reason=error.description)
                    ) from error
                await self._wait(stop, error)
            except TelegramError as error:
                await self._wait(stop, error)
            else:
                return

    async def _wait(self, stop: asyncio.Event, error: TelegramError) -> None:
        get_logger().warning("telegram_webhook_not_set", error=type(error).__name__)
        await self.pauses.rest(stop)

    async def _receive(self, request: "web.Request") -> "web.Response":
        """Answer 200 only when the update is in custody; anything else makes Telegram deliver it again."""
        from aiohttp import web

        given = request.headers.get(_SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), self.secret.encode()):
            get_logger().warning("telegram_webhook_wrong_secret")
            return web.Response(status=403)
        try:
            update: Any = await request.json()
        except ValueError:
            return web.Response(status=400)
        try:
            await self.handle([update])
        except Exception as error:  # noqa: BLE001 - the edge: what is not taken comes again
            get_logger().error("telegram_updates_not_taken", error=type(error).__name__)
            return web.Response(status=500)
        return web.Response()
