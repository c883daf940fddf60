"""A Telegram of our own: the Bot API over real HTTP, on a port of this machine, in a thread of its own.

with TelegramServer() as telegram:
    anna = telegram.person("Anna")
    anna.writes(None, "Was kostet ein Fahrradständer?")
    await telegram.until(lambda: anna.direct.said())
"""

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from tests.telegram_server.checks import ApiError
from tests.telegram_server.faults import Fault, Faults, Trouble
from tests.telegram_server.methods import Methods
from tests.telegram_server.world import Chat, Person, World

TOKEN = "4200:The-token_of-a-bot-that-is-for-tests"


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the bot, and how it was answered (status 0: not at all)."""

    method: str
    given: dict[str, Any]
    status: int
    description: str = ""
    at: float = 0.0


class TelegramServer:
    """The stand-in; everything here may be used from any thread."""

    def __init__(self, *, port: int = 0, privacy_mode: bool = True) -> None:
        self.world = World(privacy_mode=privacy_mode)
        self.methods = Methods(self.world)
        self.faults = Faults(self.world.lock)
        self.token = TOKEN
        self.port = port
        self.calls: list[Call] = []
        self.webhook_statuses: list[int] = []
        self._open: set[asyncio.BaseTransport] = set()
        # What went wrong in the stand-in itself, which is never the bot's fault.
        self.crashes: list[str] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = threading.Event()
        self._thread: threading.Thread | None = None
        self._over: asyncio.Event | None = None
        self.extra_routes: list[web.RouteDef] = []

    @property
    def url(self) -> str:
        """The address to put into ``ALLMENDE_TELEGRAM_API_URL``."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "TelegramServer":
        """Start to listen."""
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        assert self._ready.wait(10), "the stand-in did not start"
        return self

    def __exit__(self, *_exception: object) -> None:
        """Stop listening."""
        assert self._loop is not None
        assert self._over is not None
        assert self._thread is not None
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(10)

    def person(self, name: str, **more: Any) -> Person:
        """Make somebody; ``more``: ``language``, ``username``, ``is_bot``."""
        return self.world.person(name, **more)

    def group(self, title: str, *members: Person, bot: str = "member") -> Chat:
        """Make a group."""
        return self.world.group(title, *members, bot=bot)

    def supergroup(self, title: str, *members: Person, bot: str = "member", forum: bool = False) -> Chat:
        """Make a supergroup."""
        return self.world.supergroup(title, *members, bot=bot, forum=forum)

    def called(self, method: str) -> list[Call]:
        """Return the calls of one method."""
        return [call for call in self.calls if call.method == method]

    @property
    def refused(self) -> list[str]:
        """Which calls were refused, with the reasons: a bot that keeps the rules makes none."""
        return [f"{call.method}: {call.description}" for call in self.calls if call.status >= 400]

    async def until(self, condition: Callable[[], Any], *, seconds: float = 10.0) -> None:
        """Wait until something is so; raises ``AssertionError`` when it takes too long."""
        end = time.monotonic() + seconds
        while not condition():
            assert not self.crashes, self.crashes
            assert time.monotonic() < end, f"it did not happen; refused: {self.refused}"
            await asyncio.sleep(0.005)

    def cut_network(self) -> None:
        """Break all connections, and all new ones, until ``mend_network``."""
        self.faults.is_cut = True
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._break_open)

    def mend_network(self) -> None:
        """Let connections through again."""
        self.faults.is_cut = False

    def fail(self, method: str | None, status: int, description: str, *, times: int = 1, **more: Any) -> Fault:
        """Refuse calls; ``more`` are the answer's parameters (``retry_after``, ``migrate_to_chat_id``), or ``chat``."""
        chat = more.pop("chat", None)
        error = ApiError(status, description, **more)
        return self.faults.add(Fault(Trouble.REFUSED, method, times=times, error=error, chat=chat))

    def trouble(self, trouble: Trouble, method: str | None = None, *, times: int = 1, **more: Any) -> Fault:
        """Have something go wrong with calls; ``more``: ``body``, ``status`` of nonsense, ``seconds`` of slowness."""
        return self.faults.add(Fault(trouble, method, times=times, **more))

    def flood(self, chat: Chat, seconds: int, *, times: int = 1) -> Fault:
        """Say that too much was sent to a chat."""
        text = f"Too Many Requests: retry after {seconds}"
        return self.fail("sendMessage", 429, text, times=times, retry_after=seconds, chat=chat.id)

    def _break_open(self) -> None:
        for transport in list(self._open):
            if isinstance(transport, asyncio.Transport):
                transport.abort()

    async def _serve(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        self.world.queue.attach(self._loop)
        app = web.Application(client_max_size=2**27)
        files = web.get("/file/bot{token}/documents/{name}", self._hand_over)
        app.add_routes([web.route("*", "/bot{token}/{method}", self._answer), files, *self.extra_routes])
        runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.2)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", self.port)
        await site.start()
        self.port = runner.addresses[0][1]
        pusher = asyncio.create_task(self._push())
        self._ready.set()
        await self._over.wait()
        pusher.cancel()
        with suppress(asyncio.CancelledError):
            await pusher
        await runner.cleanup()

    async def _hand_over(self, request: web.Request) -> web.Response:
        """Give the content of a file to whoever has the bot's token."""
        content = self.world.files.get(request.match_info["name"])
        if request.match_info["token"] != self.token or content is None:
            return web.json_response(ApiError(404, "Not Found").answer, status=404)
        return web.Response(body=content)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        transport = request.transport
        assert transport is not None
        self._open.add(transport)
        try:
            name = self.methods.names.get(request.match_info["method"].lower(), request.match_info["method"])
            given = await _given(request)
            return await self._faulty(request, name, given)
        except Exception as error:
            self.crashes.append(repr(error))
            raise
        finally:
            self._open.discard(transport)

    async def _faulty(self, request: web.Request, name: str, given: dict[str, Any]) -> web.StreamResponse:
        """Answer a call, unless something goes wrong with it."""
        fault = self.faults.next(name, given)
        trouble = Trouble.CUT if self.faults.is_cut else fault.trouble if fault is not None else None
        if trouble is Trouble.CUT:
            self.calls.append(Call(name, given, 0, at=time.monotonic()))
            return _broken(request)
        if trouble is None or fault is None:
            return await self._regular(request, name, given)
        if trouble is Trouble.REFUSED and fault.error is not None:
            return self._refusal(name, given, fault.error)
        if trouble is Trouble.NONSENSE:
            self.calls.append(Call(name, given, fault.status, at=time.monotonic()))
            return web.Response(body=fault.body, status=fault.status)
        await asyncio.sleep(fault.seconds)
        response = await self._regular(request, name, given)
        return _broken(request) if trouble is Trouble.LOST_ANSWER else response

    async def _regular(self, request: web.Request, name: str, given: dict[str, Any]) -> web.Response:
        try:
            self._check_access(request.match_info["token"], name)
            result = await (self.methods.updates(given) if name == "getUpdates" else self._called(name, given))
        except ApiError as error:
            return self._refusal(name, given, error)
        self.calls.append(Call(name, given, 200, at=time.monotonic()))
        return web.json_response({"ok": True, "result": result})

    async def _called(self, name: str, given: dict[str, Any]) -> Any:
        return self.methods.call(name, given)

    def _check_access(self, token: str, name: str) -> None:
        if ":" not in token:
            raise ApiError(404, "Not Found")
        if token != self.token:
            raise ApiError(401, "Unauthorized")
        if name not in self.methods.names.values() or name in self.faults.missing:
            raise ApiError(404, "Not Found")

    def _refusal(self, name: str, given: dict[str, Any], error: ApiError) -> web.Response:
        self.calls.append(Call(name, given, error.status, error.description, at=time.monotonic()))
        return web.json_response(error.answer, status=error.status)

    async def _push(self) -> None:
        """Deliver to the webhook, one after the other, until it says that it has them."""
        async with ClientSession(timeout=ClientTimeout(10)) as session:
            while True:
                head = await self.world.queue.next_delivery()
                if not self.faults.is_cut and await self._pushed(session, head):
                    self.world.queue.acknowledge(head["update_id"] + 1)
                else:
                    await asyncio.sleep(0.05)

    async def _pushed(self, session: ClientSession, update: dict[str, Any]) -> bool:
        queue = self.world.queue
        headers = {"X-Telegram-Bot-Api-Secret-Token": queue.webhook_secret} if queue.webhook_secret else {}
        try:
            async with session.post(queue.webhook, json=update, headers=headers) as answer:
                self.webhook_statuses.append(answer.status)
                return answer.status == 200
        except (ClientError, TimeoutError):
            return False


def _broken(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _given(request: web.Request) -> dict[str, Any]:
    """Return a call's parameters, however they were written; files as name and content."""
    given: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        content: dict[str, Any] = await request.json()
        return given | content
    form = await request.post()
    for name, value in form.items():
        given[name] = (value.filename, value.file.read()) if isinstance(value, web.FileField) else value
    return given
