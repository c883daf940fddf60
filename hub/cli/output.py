"""How results and progress are written: results to standard output, everything else to standard error."""

import json
import sys
from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from hub.cli.surroundings import STEERING, put, say


def _plain(value: Any) -> Any:
    if isinstance(value, UUID | date | datetime):
        return value.isoformat() if not isinstance(value, UUID) else str(value)
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no place in JSON")


def as_json(value: Any, *, indent: int | None = None) -> str:
    """Return ``value`` as JSON text, with escapes for what steers a terminal and for what no UTF-8 can hold."""
    text = json.dumps(value, ensure_ascii=False, default=_plain, indent=indent)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, default=_plain, indent=indent)
    return STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def put_json(value: Mapping[str, Any]) -> None:
    """Write one JSON document, readable."""
    put(as_json(value, indent=2))


def put_json_line(value: Mapping[str, Any]) -> None:
    """Write one line of JSON lines."""
    put(as_json(value))


class Progress:
    """A progress bar on standard error for whoever watches; for nobody, a line now and then says enough.

    Args:
        label: what is going on.
        total: how many steps there are, or ``None`` where that is not known.
    """

    def __init__(self, label: str, total: int | None = None) -> None:
        self._label = label
        self._total = total
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            # Rich takes a while to load and is of use to watchers only.
            from rich.console import Console
            from rich.progress import Progress as Bar

            self._bar = Bar(console=Console(stderr=True), transient=True)
            self._bar.start()
            self._task = self._bar.add_task(self._label, total=self._total)
        elif self._total is None or self._total > 1:
            say(self._label)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def step(self) -> None:
        """One step is done."""
        if self._bar is not None:
            self._bar.advance(self._task)

    def left(self, count: int) -> None:
        """So many steps are left; the first call decides how long the bar is where that was not known."""
        if self._bar is None:
            return
        if self._total is None:
            self._total = count
            self._bar.update(self._task, total=count)
        self._bar.update(self._task, completed=max(self._total - count, 0))
