"""Telegram numbers messages per chat; our events are unique within the network."""

from bot.core.messages import Place


def event_name(chat: int, message: int) -> str:
    """Return the event of a message."""
    return f"{chat}/{message}"


def message_number(event: str, chat: int) -> int | None:
    """Return the message's number where the event is a message of ``chat``, otherwise ``None``.

    A group that became a supergroup has new numbers, and the old ones mean other messages there.
    """
    name, _, number = event.partition("/")
    return int(number) if name == str(chat) and number.isdecimal() else None


def event_chat(event: str) -> int | None:
    """Return the chat that an event happened in."""
    return _number(event.partition("/")[0])


def chat_number(place: Place) -> int | None:
    """Return a place's chat; ``None`` for what is no Telegram chat."""
    return _number(place.chat)


def thread_number(place: Place) -> int | None:
    """Return a place's topic."""
    return _number(place.thread or "")


def _number(text: str) -> int | None:
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdecimal() else None
