"""What this process counts about its own work, for a monitoring system; nothing is counted unless that is wanted.

Labels are names from the program itself (routes, kinds, networks), so there is a bounded number of them, and none says
anything about anybody.
"""

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # loading it takes a while, and most processes measure nothing
    from prometheus_client import CollectorRegistry

PAGES = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
ANSWERS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Measures:
    """The counters of one process, with the registry that holds them."""

    def __init__(self, registry: "CollectorRegistry") -> None:
        from prometheus_client import Counter, Gauge, Histogram

        self.registry = registry
        self.requests = Counter(
            "allmende_http_requests", "Requests that were answered.", ("method", "route", "status"), registry=registry
        )
        self.request_seconds = Histogram(
            "allmende_http_request_duration_seconds",
            "How long answering them took.",
            ("method", "route"),
            buckets=PAGES,
            registry=registry,
        )
        self.answers = Counter(
            "allmende_answers", "Questions that were answered, or abstained from.", ("outcome",), registry=registry
        )
        self.answer_seconds = Histogram(
            "allmende_answer_duration_seconds", "How long making them took.", buckets=ANSWERS, registry=registry
        )
        self.connected = Gauge(
            "allmende_chat_connected",
            "Whether this process is connected to a network.",
            ("network",),
            registry=registry,
        )
        self.worker_seen = Gauge(
            "allmende_worker_seen_timestamp_seconds", "When this process last looked for jobs.", registry=registry
        )
        self.index_passages = Gauge(
            "allmende_index_passages", "Passages in the index, when this process last asked it.", registry=registry
        )


class _Holder:
    """Holds the counters of this process once they are wanted."""

    measures: Measures | None = None


def begin_measuring() -> Measures:
    """Count from now on; a second time, what is counted already is returned."""
    if _Holder.measures is None:
        from prometheus_client import CollectorRegistry, ProcessCollector

        registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        _Holder.measures = Measures(registry)
    return _Holder.measures


def note_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count a request that was answered."""
    if (measures := _Holder.measures) is not None:
        measures.requests.labels(method, route, str(status)).inc()
        measures.request_seconds.labels(method, route).observe(seconds)


def note_answer(seconds: float, *, answered: bool, indexed: int) -> None:
    """Count an answer, with how many passages the index had."""
    if (measures := _Holder.measures) is not None:
        measures.answers.labels("answered" if answered else "abstained").inc()
        measures.answer_seconds.observe(seconds)
        measures.index_passages.set(indexed)


def note_connection(network: str, *, connected: bool) -> None:
    """Note whether a network is connected."""
    if (measures := _Holder.measures) is not None:
        measures.connected.labels(network).set(connected)


def note_worker() -> None:
    """Note that this process looks for jobs."""
    if (measures := _Holder.measures) is not None:
        measures.worker_seen.set(time.time())
