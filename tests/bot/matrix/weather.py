"""A small proxy before the homeserver that makes bad weather: away, slow, nonsense, errors."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web

from tests.synapse import Synapse

Fits = Callable[[web.Request], bool]


@dataclass(slots=True)
class Weather:
    """What happens to requests that ``fits`` picks: ``answer`` instead of the server's, after ``seconds``."""

    url: str = ""
    fits: Fits = lambda _request: True
    answer: Callable[[], web.Response] | None = None
    seconds: float = 0.0
    # Lets the server do what was asked, and then gives the other answer all the same.
    after_the_deed: bool = False
    struck: int = 0
    seen: list[str] = field(default_factory=list)

    def clear_up(self) -> None:
        """Let everything through again."""
        self.answer, self.seconds, self.after_the_deed, self.fits = None, 0.0, False, lambda _request: True


@asynccontextmanager
async def weather_before(synapse: Synapse) -> AsyncIterator[Weather]:
    """Run a proxy before the server."""
    weather = Weather()
    async with aiohttp.ClientSession(auto_decompress=False) as session:

        async def handle(request: web.Request) -> web.StreamResponse:
            weather.seen.append(request.path)
            is_struck = weather.fits(request)
            if is_struck and weather.seconds:
                await asyncio.sleep(weather.seconds)
            if is_struck and weather.answer is not None:
                weather.struck += 1
                if weather.after_the_deed:
                    await forward(request)
                return weather.answer()
            return await forward(request)

        async def forward(request: web.Request) -> web.Response:
            headers = {name: value for name, value in request.headers.items() if name not in ("Host", "Content-Length")}
            address = f"{synapse.url}{request.raw_path}"
            async with session.request(request.method, address, headers=headers, data=await request.read()) as answer:
                body = await answer.read()
                return web.Response(status=answer.status, body=body, content_type=answer.content_type)

        app = web.Application(client_max_size=2**26)
        app.router.add_route("*", "/{path:.*}", handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        weather.url = f"http://127.0.0.1:{port}"
        try:
            yield weather
        finally:
            await runner.cleanup()
