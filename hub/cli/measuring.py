"""A port of its own for each process's metrics: pages, bots and workers each count what they do themselves."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_address
from typing import TYPE_CHECKING

from hub.cli.surroundings import Surroundings, say
from hub.cli.web import bound_to, serve_app
from knowledge.kit.language import _
from knowledge.kit.settings import MetricsSettings, WrongSetting

if TYPE_CHECKING:
    from starlette.types import ASGIApp


@asynccontextmanager
async def metrics_served(surroundings: Surroundings) -> AsyncIterator[None]:
    """Serve this process's metrics on their port, where there is one.

    Raises ``WrongSetting`` for a port that is taken, and for an address that others reach without a token.
    """
    settings = surroundings.settings.metrics
    if settings.metrics_port is None:
        yield
        return
    refuse_openness(settings)
    with _listening(settings.metrics_host, settings.metrics_port) as bound:
        stop = asyncio.Event()
        where = f"http://{settings.metrics_host}:{bound.getsockname()[1]}/metrics"
        message = _("Metrics: {address}").format(address=where)
        serving = asyncio.create_task(serve_app(_app(surroundings), bound, stop, lambda: say(message)))
        try:
            yield
        finally:
            stop.set()
            await serving


def refuse_openness(settings: MetricsSettings) -> None:
    """Raise ``WrongSetting`` where everybody on the network could read the numbers."""
    if settings.metrics_token is None and not _is_own(settings.metrics_host):
        problem = _(
            "With ALLMENDE_METRICS_HOST={host}, others reach the metrics: please set ALLMENDE_METRICS_TOKEN, too."
        )
        raise WrongSetting(problem.format(host=settings.metrics_host))


def _listening(host: str, port: int) -> socket.socket:
    try:
        return bound_to(host, port)
    except OSError as error:
        problem = _(
            "The metrics cannot be served on {host}, port {port}. Each process needs a port of its own: please check "
            "ALLMENDE_METRICS_PORT and ALLMENDE_METRICS_HOST."
        )
        raise WrongSetting(problem.format(host=host, port=port), detail=type(error).__name__) from error


def _is_own(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _app(surroundings: Surroundings) -> "ASGIApp":
    # A library of its own, which no other command needs.
    from hub.metrics import Exposition, MetricsApp

    return MetricsApp(surroundings.settings, Exposition(surroundings.database))
