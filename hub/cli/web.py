"""The hub's HTTP server, beside everything else in one process and one event loop."""

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from hub.cli.surroundings import Surroundings
from knowledge.kit.errors import Conflict
from knowledge.kit.language import _
from knowledge.kit.settings import Settings, WrongSetting
from knowledge.library.answers.service import AnswerService
from knowledge.library.files.reader import FileReader
from knowledge.library.importing import read_limits

if TYPE_CHECKING:  # a command without the hub loads none of it
    from starlette.types import ASGIApp


# How long requests that have begun may go on when the end comes.
FINISH_SECONDS = 5
WAITING_CONNECTIONS = 512
# Longer than browsers and proxies keep a connection: whoever closes it first must not be the one that is asked.
KEEP_ALIVE_SECONDS = 75


class PortTaken(Conflict):
    """Another program listens where the hub is to listen."""

    code = "hub.port_taken"

    def __init__(self, host: str, port: int) -> None:
        problem = _(
            "Another program listens on {host}, port {port}. Please end it, or choose another port for the hub with "
            "ALLMENDE_HUB_PORT."
        )
        super().__init__(problem.format(host=host, port=port))


@contextmanager
def listening(settings: Settings) -> Iterator[socket.socket]:
    """Take the hub's port before anything slow begins.

    Raises PortTaken, and WrongSetting for an address that is none of this machine's.
    """
    host, port = settings.hub.hub_host, settings.hub.hub_port
    try:
        bound = bound_to(host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(host, port) from error
        problem = _(
            "The hub cannot listen on {host}, port {port}: please check ALLMENDE_HUB_HOST and ALLMENDE_HUB_PORT."
        )
        raise WrongSetting(problem.format(host=host, port=port), detail=str(error)) from error
    with bound:
        yield bound


def bound_to(host: str, port: int) -> socket.socket:
    """Take a port and return its socket, which the caller closes. Raises ``OSError``."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio sends without delay only where it is: 40 ms a page otherwise.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        bound.listen(WAITING_CONNECTIONS)
    except OSError:
        bound.close()
        raise
    return bound


def on_port_of(surroundings: Surroundings, bound: socket.socket) -> Surroundings:
    """Return surroundings whose settings know the port that was taken; with port 0, any free one was."""
    hub = surroundings.settings.hub.model_copy(update={"hub_port": bound.getsockname()[1]})
    return Surroundings(replace(surroundings.settings, hub=hub), surroundings.database)


@asynccontextmanager
async def open_hub(
    surroundings: Surroundings,
    answers: AnswerService,
    bound: socket.socket,
    stop: asyncio.Event,
    *,
    ready: Callable[[], None],
) -> AsyncIterator[None]:
    """Serve the hub until ``stop`` is set; should it end by itself, ``stop`` is set and its error raised at the end.

    Args:
        surroundings: settings and database.
        answers: the library's answers; while its indexes are not open yet, pages that search say so.
        bound: the hub's port.
        stop: when to end.
        ready: called once pages are served.
    """
    from bot.handlers.lesson_preview import preview_lesson
    from bot.web.chat import browser_chat
    from hub.app import create_app
    from hub.services import HubServices
    from knowledge.access.keys import KeyUnusable, load_key

    settings = surroundings.settings
    # Made now and not when somebody first needs it: other hosts are to have a copy by then.
    with suppress(KeyUnusable):  # the pages that need it say so
        load_key(settings.hub_key_path)
    async with FileReader(read_limits(settings.imports), workers=settings.imports.import_workers) as reader:
        chat = browser_chat(settings, surroundings.database, answers)
        services = HubServices(
            surroundings.database, settings, answers, reader=reader, preview=preview_lesson, chat=chat
        )
        app = create_app(services)
        async with chat.running():
            serving = asyncio.create_task(serve_app(app, bound, stop, ready))
            serving.add_done_callback(lambda _task: stop.set())
            try:
                yield
            finally:
                stop.set()
                await serving


async def serve_app(app: "ASGIApp", bound: socket.socket, stop: asyncio.Event, ready: Callable[[], None]) -> None:
    """Serve an application on a port until ``stop`` is set; ``ready`` is called once it answers."""
    import uvicorn

    class Server(uvicorn.Server):
        """Leaves signals to the command and says when it is ready."""

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            ready()

    server = Server(
        uvicorn.Config(
            app,
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            # Whom to believe about the visitor's address is the application's to decide.
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=FINISH_SECONDS,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[bound]))
    told = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({serving, told}, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        await serving
    finally:
        told.cancel()
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await told
