"""``allmende worker``: the indexes, the jobs and what comes by the clock, without pages and without a chat."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Annotated

import typer

from bot.core.running import Bot, make_services
from bot.core.turn import Services
from hub.cli.measuring import metrics_served
from hub.cli.serving import all_features, opened_in_time, told_to_end
from hub.cli.surroundings import Surroundings, opened, run_async, say
from knowledge.kit.language import _
from knowledge.kit.logs import get_logger
from knowledge.library.answers.service import AnswerService
from knowledge.library.indexes.access import LibraryIndexes
from knowledge.privacy.retention import keep_retention

# What a worker does with the indexes open, until the event is set.
Work = Callable[[Surroundings, LibraryIndexes, asyncio.Event], Awaitable[None]]
# How often a worker that stands by looks whether the indexes are free, in seconds.
STAND_BY = 1.0


def worker(
    indexes: Annotated[
        bool,
        typer.Option("--indexes", help=_("Hold the indexes alone; others do the jobs and what comes by the clock.")),
    ] = False,
) -> None:
    """Hold the indexes and work jobs off until SIGTERM or Ctrl-C; what was begun is finished."""
    run_async(partial(_work_until_told, _hold_alone if indexes else _work), lasts=True)


async def _work_until_told(work: Work) -> None:
    stop = told_to_end()
    async with opened() as surroundings, metrics_served(surroundings):
        indexes = surroundings.indexes()
        async with opened_in_time(indexes, stop, settled=False) as are_open:
            if are_open:
                await work(surroundings, indexes, stop)
    get_logger().info("worker_stopped")
    say(_("The worker has stopped."))


async def _hold_alone(surroundings: Surroundings, indexes: LibraryIndexes, stop: asyncio.Event) -> None:
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(keep_retention(surroundings.database, surroundings.settings, stop))
        tasks.create_task(_hold_indexes(indexes, stop))
        await stop.wait()


async def _work(surroundings: Surroundings, indexes: LibraryIndexes, stop: asyncio.Event) -> None:
    # The handlers bring libraries of their own, which no other command needs.
    from bot.handlers.registry import build_registry
    from hub.cli.background import by_the_clock, make_worker

    settings, database = surroundings.settings, surroundings.database
    services = _services(surroundings, indexes)
    # A bot on no network: it keeps what is to be said, and the bots of other processes send it.
    async with Bot(services, [], build_registry()) as bot, asyncio.TaskGroup() as tasks:
        tasks.create_task(make_worker(services, bot, beside="worker").run(stop))
        for keeping in by_the_clock(database, settings, stop):
            tasks.create_task(keeping)
        tasks.create_task(_hold_indexes(indexes, stop))
        await stop.wait()


def _services(surroundings: Surroundings, indexes: LibraryIndexes) -> Services:
    """Return what jobs work with; it knows how each network writes, and has none."""
    settings, database = surroundings.settings, surroundings.database
    answers = AnswerService(database, indexes, settings.answers, hub=settings.hub.hub_url)
    services = make_services(settings, database, answers, [])
    return replace(services, features=all_features(settings))


async def _hold_indexes(indexes: LibraryIndexes, stop: asyncio.Event) -> None:
    """Hold the indexes; where another process does, stand by until it has ended."""
    if not indexes.is_owner:
        say(_("Another process holds the indexes; this one stands by and takes over when it ends."))
        get_logger().info("worker_standing_by")
    while not await indexes.hold():
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), STAND_BY)
        if stop.is_set():
            return
    get_logger().info("worker_ready")
    say(_("The worker is ready and keeps the indexes up to date. Ctrl-C or SIGTERM ends it."))
