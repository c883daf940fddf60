"""Structured logs on standard error: constant event names and internal ids, never texts, names, chat ids or tokens."""

import logging
import sys
from typing import cast

import structlog

# Libraries that write addresses with secrets, or simply too much, at their usual level.
TALKATIVE = ("httpx", "httpcore", "chromadb", "urllib3", "sqlalchemy", "asyncio")


def configure_logs(*, level: str = "warning", style: str = "text") -> None:
    """Set up the logs of this process.

    Args:
        level: ``debug``, ``info``, ``warning`` or ``error``.
        style: ``text`` for people, ``json`` for machines.
    """
    number = logging.getLevelNamesMapping()[level.upper()]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if style == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, force=True)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.ERROR)


def get_logger() -> structlog.typing.FilteringBoundLogger:
    """Return the logger; call it with an event name and fields."""
    return cast(structlog.typing.FilteringBoundLogger, structlog.get_logger())
