"""``allmende serve``, ``hub`` and ``bot``: what goes on by itself, together or in parts, until it is told to end."""

import asyncio
import gc
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    ExitStack,
    asynccontextmanager,
    contextmanager,
    suppress,
)
from dataclasses import replace
from enum import StrEnum
from functools import partial
from typing import Annotated

import typer
from filelock import FileLock, Timeout

from bot.core.adapter import Adapter, Features
from bot.core.running import Bot, Manner, make_services
from hub.cli.measuring import metrics_served
from hub.cli.surroundings import Surroundings, opened, run_async, say
from hub.cli.web import listening, on_port_of, open_hub
from knowledge.kit.away import database_is_away
from knowledge.kit.database import Database
from knowledge.kit.errors import AllmendeError, Conflict
from knowledge.kit.language import _
from knowledge.kit.logs import get_logger
from knowledge.kit.measures import note_connection
from knowledge.kit.settings import Settings, WrongSetting
from knowledge.library.answers.service import AnswerService
from knowledge.library.indexes.access import LibraryIndexes
from knowledge.mailing.kinds import mail_is_on
from knowledge.models.chat import Network

# Seconds until the indexes are opened again after the database was away.
TRY_AGAIN = 2.0
NAMES = {Network.MATRIX: "Matrix", Network.TELEGRAM: "Telegram", Network.MAIL: "E-Mail"}
CHATS = (Network.MATRIX, Network.TELEGRAM)

# What goes on once the indexes are open, until the event is set.
GoingOn = Callable[[Surroundings, AnswerService, asyncio.Event], Awaitable[None]]


class BotNetwork(StrEnum):
    """The networks that a bot can be run on alone."""

    MATRIX = "matrix"
    TELEGRAM = "telegram"
    MAIL = "mail"


class BotRuns(Conflict):
    """Another process of this data folder runs the bot on a network."""

    code = "bot.runs"

    def __init__(self, network: Network) -> None:
        message = _("Another Allmende process runs the bot on {network} with this data folder. Please end it first.")
        super().__init__(message.format(network=NAMES[network]))


def serve() -> None:
    """Run the hub, the bots that are configured and all work in the background until SIGTERM or Ctrl-C."""

    async def work() -> None:
        async with opened() as surroundings:
            wanted = configured(surroundings.settings)
            with listening(surroundings.settings) as bound, only_here(surroundings.settings, wanted):
                await _serve(on_port_of(surroundings, bound), partial(_run, wanted), bound)

    run_async(work, lasts=True)


def hub() -> None:
    """Run the pages alone until SIGTERM or Ctrl-C; any number of such processes may share a database."""

    async def work() -> None:
        async with opened() as surroundings:
            with listening(surroundings.settings) as bound:
                await _serve(on_port_of(surroundings, bound), _wait, bound)

    run_async(work, lasts=True)


def bot(network: Annotated[BotNetwork, typer.Argument(help=_("Where: matrix, telegram or mail."))]) -> None:
    """Run the bot on one network until SIGTERM or Ctrl-C."""

    async def work() -> None:
        async with opened() as surroundings:
            wanted = Network(network.value)
            if wanted not in configured(surroundings.settings):
                raise WrongSetting(what_to_set(wanted))
            with only_here(surroundings.settings, [wanted]):
                await _serve(surroundings, partial(_run, [wanted]))

    run_async(work, lasts=True)


def configured(settings: Settings) -> list[Network]:
    """Return the networks for which there are settings."""
    found = []
    if settings.matrix.matrix_homeserver is not None:
        found.append(Network.MATRIX)
    if settings.telegram.telegram_token is not None:
        found.append(Network.TELEGRAM)
    if mail_is_on(settings):
        found.append(Network.MAIL)
    return found


def nothing_configured() -> str:
    """Return what to set so that there is a bot, too."""
    parts = [_("No chat network is configured, so the hub runs alone. To have the bot as well:")]
    return "\n".join([*parts, *(what_to_set(network) for network in CHATS)])


def what_to_set(network: Network) -> str:
    """Return which settings a network needs."""
    if network is Network.MATRIX:
        return _(
            "Matrix: set ALLMENDE_MATRIX_HOMESERVER, ALLMENDE_MATRIX_USER and ALLMENDE_MATRIX_PASSWORD or "
            "ALLMENDE_MATRIX_ACCESS_TOKEN."
        )
    if network is Network.MAIL:
        return _("E-mail: set ALLMENDE_SMTP_HOST, ALLMENDE_MAIL_FROM and ALLMENDE_HUB_URL.")
    return _("Telegram: set ALLMENDE_TELEGRAM_TOKEN to the token that @BotFather gave you.")


def told_to_end() -> asyncio.Event:
    """Return an event that SIGTERM and Ctrl-C set."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


async def _serve(surroundings: Surroundings, going_on: GoingOn, bound: socket.socket | None = None) -> None:
    """Have something go on with the indexes open, and the hub where it has a port."""
    stop = told_to_end()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(metrics_served(surroundings))
        indexes = surroundings.indexes()
        settings = surroundings.settings
        answers = AnswerService(surroundings.database, indexes, settings.answers, hub=settings.hub.hub_url)
        if bound is not None:
            # Before the indexes, which may take long to be ready: signing in and reviewing do not wait for them.
            await stack.enter_async_context(_hub(surroundings, answers, bound, stop))
        if await stack.enter_async_context(opened_in_time(indexes, stop)):
            await going_on(surroundings, answers, stop)
    get_logger().info("serve_stopped")
    say(_("Allmende has stopped."))


def _hub(
    surroundings: Surroundings, answers: AnswerService, bound: socket.socket, stop: asyncio.Event
) -> AbstractAsyncContextManager[None]:
    where = _("The hub: {address}").format(address=surroundings.settings.hub.address)
    return open_hub(surroundings, answers, bound, stop, ready=lambda: say(where))


@contextmanager
def only_here(settings: Settings, wanted: Sequence[Network]) -> Iterator[None]:
    """Hold the right to run the bot on these networks; raises ``BotRuns`` where another process has one of them."""
    with ExitStack() as stack:
        for network in wanted:
            stack.enter_context(one_process(settings, network))
        yield


@contextmanager
def one_process(settings: Settings, network: Network) -> Iterator[None]:
    """Hold the right to run the bot on a network; raises ``BotRuns`` where another process has it."""
    lock = FileLock(settings.data_folder / f"bot-{network.value}.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise BotRuns(network) from error
    try:
        yield
    finally:
        lock.release()


@asynccontextmanager
async def opened_in_time(indexes: LibraryIndexes, stop: asyncio.Event, *, settled: bool = True) -> AsyncIterator[bool]:
    """Open the indexes and wait until words can be found; ``False`` where the end comes first.

    Args:
        indexes: closed again at the end.
        stop: the end.
        settled: ``False`` where nobody searches, so that nothing has to be waited for.
    """
    opening = asyncio.ensure_future(_open(indexes, settled=settled))
    told = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({opening, told}, return_when=asyncio.FIRST_COMPLETED)
        if opening.done():
            await opening
        yield opening.done()
    finally:
        for task in (opening, told):
            task.cancel()
        with suppress(asyncio.CancelledError):
            await opening
        await indexes.close()


async def _open(indexes: LibraryIndexes, *, settled: bool) -> None:
    while True:
        try:
            await indexes.__aenter__()
            if settled:
                await indexes.settle()
        except Exception as error:
            # It was there a moment ago, or nothing would have been opened: pages say so meanwhile, and it comes back.
            if not database_is_away(error):
                raise
            get_logger().warning("indexes_wait", error=type(error).__name__)
            await indexes.close()
            await asyncio.sleep(TRY_AGAIN)
        else:
            return


async def _wait(_surroundings: Surroundings, _answers: AnswerService, stop: asyncio.Event) -> None:
    await _run_until(stop)


async def _run_until(stop: asyncio.Event) -> None:
    say(_("Allmende is running. Ctrl-C or SIGTERM ends it."))
    # What is there by now stays there: the garbage collector need not go through it again and again.
    gc.collect()
    gc.freeze()
    await stop.wait()


async def _run(
    wanted: Sequence[Network], surroundings: Surroundings, answers: AnswerService, stop: asyncio.Event
) -> None:
    # The handlers bring libraries of their own, which no other command needs.
    from bot.handlers.registry import build_registry
    from hub.cli.background import by_the_clock, make_worker

    settings, database = surroundings.settings, surroundings.database
    adapters = [make_adapter(network, settings, database) for network in wanted]
    services = make_services(settings, database, answers, adapters)
    services = replace(services, features={**all_features(settings), **services.features})
    if not any(network in CHATS for network in wanted):
        say(nothing_configured())
    for network in wanted:
        say(_("{network}: connecting …").format(network=NAMES[network]))
    async with Bot(services, adapters, build_registry(), Manner(tell=_tell)) as bot, asyncio.TaskGroup() as tasks:
        tasks.create_task(make_worker(services, bot).run(stop))
        for keeping in by_the_clock(database, settings, stop):
            tasks.create_task(keeping)
        await _run_until(stop)


def all_features(settings: Settings) -> dict[Network, Features]:
    """Return what each configured network can do, wherever its bot runs: what is to be said there is written here."""
    return {network: features_of(network) for network in configured(settings)}


def features_of(network: Network) -> Features:
    """Return what a network can do; its library is loaded only where it is used."""
    if network is Network.MAIL:
        from bot.mail.adapter import MailAdapter

        return MailAdapter.features
    if network is Network.MATRIX:
        from bot.matrix.adapter import MatrixAdapter

        return MatrixAdapter.features
    from bot.telegram.adapter import TelegramAdapter

    return TelegramAdapter.features


def make_adapter(network: Network, settings: Settings, database: Database) -> Adapter:
    """Return the way to a network; its library is loaded only where it is used."""
    if network is Network.MAIL:
        from bot.mail.adapter import MailAdapter

        return MailAdapter(settings, database)
    if network is Network.MATRIX:
        from bot.matrix.adapter import MatrixAdapter

        return MatrixAdapter(settings.matrix, settings.data_folder / "matrix")
    from bot.telegram.adapter import TelegramAdapter

    return TelegramAdapter(settings.telegram)


def _tell(network: Network, error: Exception | None) -> None:
    note_connection(network.value, connected=error is None)
    if error is None:
        say(_("{network}: connected.").format(network=NAMES[network]))
        return
    problem = error.message if isinstance(error, AllmendeError) else type(error).__name__
    say(_("{network}: {problem} It is tried again and again.").format(network=NAMES[network], problem=problem))
