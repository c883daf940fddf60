"""Identifiers, from one place so that tests can make them predictable."""

from collections.abc import Callable
from contextvars import ContextVar
from uuid import UUID, uuid4

_source: ContextVar[Callable[[], UUID]] = ContextVar("id_source", default=uuid4)


def new_id() -> UUID:
    """Return a fresh random identifier."""
    return _source.get()()


def use_ids(source: Callable[[], UUID]) -> None:
    """Take identifiers from ``source`` from here on in this task (for tests)."""
    _source.set(source)
