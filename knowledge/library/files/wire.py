"""What a worker and its reader say to each other: plain JSON, so that nothing from a hostile file is ever executed.

A message is its length (8 bytes, big-endian) and a JSON document in ASCII. The highest bit of the length says that
this is a worker's last message.
"""

import json
from dataclasses import asdict
from typing import Any, get_args

from knowledge.library.files.blocks import Block, Kind, Note, ParsedFile, Place
from knowledge.library.files.errors import Fact, FileUnreadable, error_from_code
from knowledge.library.files.limits import ReadLimits

HEADER = 8
_LAST = 1 << 63
_KINDS = frozenset(get_args(Kind))
_PLACES = frozenset(get_args(Place)) | {None}
_NOTES = frozenset(get_args(Note)) | {None}


def frame(message: object, *, last: bool = False) -> bytes:
    """Return a message with its length before it."""
    body = json.dumps(message, ensure_ascii=True, separators=(",", ":")).encode("ascii")
    return (len(body) | (_LAST if last else 0)).to_bytes(HEADER, "big") + body


def unpack_header(header: bytes) -> tuple[int, bool]:
    """Return the length of the message that follows, and whether it is the last."""
    length = int.from_bytes(header, "big")
    return length & ~_LAST, bool(length & _LAST)


def pack_limits(limits: ReadLimits) -> str:
    """Return limits as one argument of a command line."""
    return json.dumps(asdict(limits))


def unpack_limits(text: str) -> ReadLimits:
    """Return the limits that ``pack_limits`` packed."""
    return ReadLimits(**json.loads(text))


def pack_file(parsed: ParsedFile) -> dict[str, object]:
    """Return a parsed file as plain data."""
    blocks = [(b.kind, b.text, b.level, b.place, b.number, b.label, b.note) for b in parsed.blocks]
    return {
        "blocks": blocks,
        "title": parsed.title,
        "properties": dict(parsed.properties),
        "media_type": parsed.media_type,
    }


def pack_error(error: FileUnreadable) -> dict[str, object]:
    """Return an error as plain data."""
    return {"error": error.code, "facts": error.facts, "detail": error.detail}


def unpack(body: bytes) -> ParsedFile:
    """Return the parsed file that a worker sent.

    Raises the FileUnreadable that it reported, or a general one where the message is not what it should be: a worker
    may have been taken over by what it read.
    """
    try:
        message = json.loads(body)
        if "error" in message:
            raise _unpack_error(message)
        blocks = tuple(_unpack_block(fields) for fields in message["blocks"])
        return ParsedFile(
            blocks, _text_or_none(message["title"]), _properties(message["properties"]), _text(message["media_type"])
        )
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise FileUnreadable(detail=f"malformed answer: {type(error).__name__}") from error


def _unpack_error(message: dict[str, Any]) -> FileUnreadable:
    facts: dict[str, Fact] = {
        str(name): fact for name, fact in dict(message["facts"]).items() if isinstance(fact, str | int)
    }
    facts.pop("detail", None)
    return error_from_code(_text(message["error"]), facts, detail=_text_or_none(message["detail"]))


def _unpack_block(fields: list[Any]) -> Block:
    kind, text, level, place, number, label, note = fields
    if kind not in _KINDS or place not in _PLACES or note not in _NOTES:
        raise ValueError("no such kind, place or note")
    return Block(
        kind, _text(text), int(level), place, None if number is None else int(number), _text_or_none(label), note
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _text_or_none(value: object) -> str | None:
    return None if value is None else _text(value)


def _properties(value: object) -> dict[str, str | list[str]]:
    if not isinstance(value, dict):
        raise TypeError("not a mapping")
    return {
        _text(name): [_text(one) for one in entry] if isinstance(entry, list) else _text(entry)
        for name, entry in value.items()
    }
