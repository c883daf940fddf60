"""What can go wrong between a bot and Telegram, switched on by tests."""

import threading
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tests.telegram_server.checks import ApiError


class Trouble(StrEnum):
    """What goes wrong with a call."""

    # The connection breaks before anything is done, or after it was done.
    CUT = "cut"
    LOST_ANSWER = "lost answer"
    # It is done, but late.
    SLOW = "slow"
    # Something answers that is not Telegram; Telegram refuses.
    NONSENSE = "nonsense"
    REFUSED = "refused"


@dataclass(slots=True)
class Fault:
    """Something that goes wrong some times: with one method, or with all; in one chat, or everywhere."""

    trouble: Trouble
    method: str | None = None
    times: int = 1
    chat: int | None = None
    error: ApiError | None = None
    body: bytes = b"<html>Bad gateway</html>"
    status: int = 200
    seconds: float = 0.0

    def meets(self, method: str, given: dict[str, Any]) -> bool:
        """Whether a call is one that goes wrong."""
        is_here = self.chat is None or str(given.get("chat_id")) == str(self.chat)
        return self.times > 0 and self.method in (None, method) and is_here


@dataclass(slots=True)
class Faults:
    """All that is to go wrong; safe to be changed from any thread."""

    lock: threading.RLock
    waiting: list[Fault] = field(default_factory=list)
    missing: set[str] = field(default_factory=set)
    is_cut: bool = False

    def add(self, fault: Fault) -> Fault:
        """Have something go wrong from now on."""
        with self.lock:
            self.waiting.append(fault)
        return fault

    def next(self, method: str, given: dict[str, Any]) -> Fault | None:
        """Return what goes wrong with a call, counting it."""
        with self.lock:
            found = next((fault for fault in self.waiting if fault.meets(method, given)), None)
            if found is not None:
                found.times -= 1
            return found
