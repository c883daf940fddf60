"""What a monitoring system reads: the counters of this process, and what waits in the database it works with.

Nothing in it is about anybody: labels are routes, kinds, networks and versions, never identifiers or words.
"""

import hmac
import platform
import time
from collections.abc import Iterable, Iterator, Mapping

from prometheus_client import generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector, CollectorRegistry
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.security.methods import route_of
from knowledge.kit.database import Database
from knowledge.kit.measures import Measures, begin_measuring, note_request
from knowledge.kit.schema_version import SCHEMA_VERSION
from knowledge.kit.settings import Settings
from knowledge.operations.measuring.service import Load, LoadMeter, Waiting
from knowledge.operations.program import program_version

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
STATIC, UNKNOWN = "/static", "unknown"


def is_wanted(settings: Settings) -> bool:
    """Whether anything is to be measured."""
    return settings.metrics.metrics_token is not None or settings.metrics.metrics_port is not None


def may_read(settings: Settings, request: Request) -> bool:
    """Whether a request names the token."""
    wanted = settings.metrics.metrics_token
    scheme, _space, given = request.headers.get("authorization", "").partition(" ")
    if wanted is None or scheme.lower() != "bearer":
        return False
    return hmac.compare_digest(given.strip().encode(), wanted.get_secret_value().encode())


class Exposition:
    """Writes down what is measured, as monitoring systems read it.

    Args:
        database: where it is looked what waits.
    """

    def __init__(self, database: Database) -> None:
        self._meter = LoadMeter(database)
        self._measures: Measures = begin_measuring()

    async def write(self) -> bytes:
        """Return all numbers as they are now."""
        of_database = CollectorRegistry()
        of_database.register(_Loaded(await self._meter.read()))
        return generate_latest(self._measures.registry) + generate_latest(of_database)

    async def respond(self) -> Response:
        """Return them as an answer."""
        return Response(await self.write(), media_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"})


class _Loaded(Collector):
    """What waits in the database, and what this program is."""

    def __init__(self, load: Load | None) -> None:
        self._load = load

    def describe(self) -> Iterable[Metric]:
        """Return nothing: what there is is known once it is collected."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield all numbers; of a database that is away, only that it is."""
        labels = {"version": program_version(), "schema": SCHEMA_VERSION, "python": platform.python_version()}
        built = GaugeMetricFamily("allmende_build_info", "What runs here.", labels=list(labels))
        built.add_metric(list(labels.values()), 1)
        yield built
        yield GaugeMetricFamily("allmende_database_up", "Whether the database answers.", value=self._load is not None)
        if self._load is not None:
            yield from _families(self._load)


def _families(load: Load) -> Iterator[Metric]:
    ages = {kind: waiting.oldest for kind, waiting in load.jobs.items()}
    yield _labelled("allmende_jobs_waiting", "Jobs that wait.", "kind", _counts(load.jobs))
    yield _labelled("allmende_jobs_oldest_seconds", "For how long the oldest has waited.", "kind", ages)
    yield _labelled("allmende_jobs_running", "Jobs that are being done.", "kind", load.running)
    yield _labelled("allmende_jobs_failed", "Jobs that were given up.", "kind", load.failed)
    ages = {network: waiting.oldest for network, waiting in load.outbox.items()}
    yield _labelled("allmende_outbox_waiting", "Messages that wait to be sent.", "network", _counts(load.outbox))
    yield _labelled("allmende_outbox_oldest_seconds", "For how long the oldest has waited.", "network", ages)
    yield GaugeMetricFamily("allmende_inbox_waiting", "Events of chats that nobody has handled.", load.inbox.count)
    yield GaugeMetricFamily("allmende_inbox_oldest_seconds", "For how long the oldest has waited.", load.inbox.oldest)
    yield GaugeMetricFamily("allmende_passages", "Passages in the database that may be found.", load.passages)


def _counts(waiting: Mapping[str, Waiting]) -> dict[str, float]:
    return {name: each.count for name, each in waiting.items()}


def _labelled(name: str, text: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=[label])
    for value, number in sorted(values.items()):
        family.add_metric([value], number)
    return family


class RequestTimes:
    """Counts requests by route, method and status, and how long they took."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            method = scope["method"] if scope["method"] in METHODS else UNKNOWN
            note_request(method, route_name(scope), status, time.perf_counter() - began)


def route_name(scope: Scope) -> str:
    """Return the route of a request that was answered, as the program wrote it, never as it was called."""
    if scope["path"].startswith(f"{STATIC}/"):
        return STATIC
    reached: str = getattr(scope.get("route"), "path", "")
    if reached:
        return f"{scope.get('root_path', '')}{reached}"
    # Refused before it got there, or asked for with HEAD.
    path: str = getattr(route_of({**scope, "method": "GET", "root_path": ""}), "path", "")
    return path or UNKNOWN


class MetricsApp:
    """The one page of a process's own port for metrics.

    Args:
        settings: with the token, where one is needed.
        exposition: what it shows.
    """

    def __init__(self, settings: Settings, exposition: Exposition) -> None:
        self._settings = settings
        self._exposition = exposition

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        request = Request(scope, receive)
        response: Response = PlainTextResponse("Not found\n", 404)
        if scope["path"] == "/metrics" and scope["method"] in ("GET", "HEAD"):
            needs_token = self._settings.metrics.metrics_token is not None
            allowed = not needs_token or may_read(self._settings, request)
            response = await self._exposition.respond() if allowed else unauthorised()
        await response(scope, receive, send)


def unauthorised() -> Response:
    """Return what whoever names no token, or another one, is told."""
    return PlainTextResponse("Unauthorized\n", 401, headers={"WWW-Authenticate": "Bearer", "Cache-Control": "no-store"})
