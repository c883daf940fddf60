"""The Bot API as the library speaks it, with errors that can be told apart and nothing secret in any log."""

import json
import logging
from collections.abc import Sequence
from typing import Any

from telegram import Bot
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

from bot.telegram.server_clock import ServerClock

# These write addresses with the token, or whole messages, into their logs.
_TALKATIVE = ("httpx", "httpcore", "telegram")
_MOMENT = 10.0
# A message that Telegram takes slowly must not be sent twice for impatience.
_PATIENCE = 30.0
_CONNECTIONS = 32
# What addresses of files have before the token; such answers are no JSON.
_FILES = "/file/bot"


class ApiRefusal(TelegramError):
    """Telegram says no: with the status, its own words, and what it adds for programs."""

    def __init__(
        self,
        status: int,
        description: str,
        *,
        retry_after: float | None = None,
        migrated_to: int | None = None,
    ) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.retry_after = retry_after
        self.migrated_to = migrated_to

    def says(self, *parts: str) -> bool:
        """Whether one of some words is in Telegram's answer."""
        lowered = self.description.lower()
        return any(part in lowered for part in parts)


class UnusableAnswer(TelegramError):
    """Something answered, but not the Bot API: a proxy, or nonsense."""

    def __init__(self, status: int) -> None:
        super().__init__(f"unusable answer with status {status}")
        self.status = status


class ApiRequest(HTTPXRequest):
    """The library's way to Telegram; refusals keep their status, and answers never reach a log."""

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """Send a request; raises ``ApiRefusal`` or ``UnusableAnswer`` where it did not succeed."""
        status, payload = await super().do_request(*args, **kwargs)
        if 200 <= status < 300 and _FILES in str(kwargs.get("url", args[0] if args else "")):
            return status, payload
        answer = _answer(payload)
        if 200 <= status < 300 and answer is not None and answer.get("ok") is True and "result" in answer:
            return status, payload
        if answer is None or answer.get("ok") is not False:
            raise UnusableAnswer(status)
        raise _refusal(status, answer)


def _answer(payload: bytes) -> dict[str, Any] | None:
    try:
        answer = json.loads(payload)
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None


def _refusal(status: int, answer: dict[str, Any]) -> ApiRefusal:
    code = answer.get("error_code")
    parameters = answer.get("parameters")
    more = parameters if isinstance(parameters, dict) else {}
    seconds, chat = more.get("retry_after"), more.get("migrate_to_chat_id")
    return ApiRefusal(
        code if isinstance(code, int) else status,
        str(answer.get("description") or ""),
        retry_after=float(seconds) if isinstance(seconds, int | float) else None,
        migrated_to=chat if isinstance(chat, int) else None,
    )


class ApiBot(Bot):
    """The library's bot; updates can be had as they came, so that a strange one among them spoils no other."""

    async def raw_updates(
        self, *, offset: int | None, seconds: int, kinds: Sequence[str], patience: float = _MOMENT
    ) -> list[Any]:
        """Wait for updates for some seconds; what comes before ``offset`` is acknowledged by asking."""
        wishes: dict[str, Any] = {"timeout": seconds, "limit": 100, "allowed_updates": list(kinds)}
        if offset is not None:
            wishes["offset"] = offset
        result = await self._post("getUpdates", wishes, read_timeout=seconds + patience)
        if not isinstance(result, list):
            raise UnusableAnswer(200)
        return result


def open_bot(token: str, address: str, clock: ServerClock) -> ApiBot:
    """Return a bot that talks to the Bot API server at ``address``, whose clock is noted; nothing is connected yet."""
    for name in _TALKATIVE:
        logger = logging.getLogger(name)
        if logger.getEffectiveLevel() < logging.ERROR:
            logger.setLevel(logging.ERROR)
    base = address.rstrip("/")
    return ApiBot(
        token,
        base_url=f"{base}/bot",
        base_file_url=f"{base}/file/bot",
        request=_request(_CONNECTIONS, clock),
        get_updates_request=_request(1, clock),
    )


def _request(connections: int, clock: ServerClock) -> ApiRequest:
    return ApiRequest(
        connection_pool_size=connections,
        connect_timeout=_MOMENT,
        read_timeout=_PATIENCE,
        write_timeout=_PATIENCE,
        pool_timeout=_PATIENCE,
        httpx_kwargs={"event_hooks": {"response": [clock.note]}},
    )
