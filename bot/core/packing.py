"""Events and messages as JSON, for the time that they wait in the database.

What a newer version added is passed over, and what an older one did not know gets its default: a message that waits
while the program is brought up to date is neither lost nor in the way.
"""

from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from bot.core.messages import Attachment, Choice, EventKind, FileNote, Incoming, Outgoing, Person, Place
from bot.core.text import pack_text, unpack_text
from knowledge.models.chat import ChatKind, Network


def pack_incoming(incoming: Incoming) -> dict[str, Any]:
    """Return an event as JSON."""
    values = {field.name: getattr(incoming, field.name) for field in fields(incoming)}
    values["place"] = _pack_place(incoming.place)
    values["sender"] = _pack_person(incoming.sender)
    values["reply_author"] = None if incoming.reply_author is None else _pack_person(incoming.reply_author)
    values["sent_at"] = incoming.sent_at.isoformat()
    values["files"] = [{field.name: getattr(note, field.name) for field in fields(note)} for note in incoming.files]
    return values


def unpack_incoming(values: Mapping[str, Any]) -> Incoming:
    """Return the event that ``pack_incoming`` packed; raises ``ValueError``, ``KeyError`` or ``TypeError``."""
    readers: dict[str, Callable[[Any], Any]] = {
        "kind": EventKind,
        "place": _unpack_place,
        "sender": _unpack_person,
        "reply_author": lambda person: None if person is None else _unpack_person(person),
        "sent_at": datetime.fromisoformat,
        "files": lambda notes: tuple(FileNote(**_known(FileNote, note)) for note in notes),
    }
    return Incoming(**_read(Incoming, values, readers))


def pack_outgoing(message: Outgoing) -> dict[str, Any]:
    """Return a message as JSON."""
    values = {field.name: getattr(message, field.name) for field in fields(message)}
    attachment = message.attachment
    values["place"] = _pack_place(message.place)
    values["text"] = None if message.text is None else pack_text(message.text)
    values["choices"] = [[choice.key, choice.label, choice.emoji, choice.address] for choice in message.choices]
    values["edits"], values["deletes"] = list(message.edits), list(message.deletes)
    values["attachment"] = None if attachment is None else _pack_attachment(attachment)
    return values


def unpack_outgoing(values: Mapping[str, Any], *, chat: str | None = None) -> Outgoing:
    """Return the message that ``pack_outgoing`` packed, for another address where ``chat`` gives one.

    Raises ``ValueError``, ``KeyError`` or ``TypeError``.
    """
    readers: dict[str, Callable[[Any], Any]] = {
        "place": _unpack_place,
        "text": lambda text: None if text is None else unpack_text(text),
        "choices": lambda choices: tuple(Choice(*choice) for choice in choices),
        "edits": tuple,
        "deletes": tuple,
        "attachment": lambda packed: None if packed is None else _unpack_attachment(packed),
    }
    message = Outgoing(**_read(Outgoing, values, readers))
    return message if chat is None else replace(message, place=replace(message.place, chat=chat))


def _read(kind: Any, values: Mapping[str, Any], readers: Mapping[str, Callable[[Any], Any]]) -> dict[str, Any]:
    return {name: readers.get(name, _as_is)(value) for name, value in _known(kind, values).items()}


def _known(kind: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    names = {field.name for field in fields(kind)}
    return {name: value for name, value in values.items() if name in names}


def _as_is(value: Any) -> Any:
    return value


def _pack_place(place: Place) -> dict[str, Any]:
    return {"network": place.network, "chat": place.chat, "kind": place.kind, "thread": place.thread}


def _unpack_place(values: Mapping[str, Any]) -> Place:
    known = _known(Place, values)
    return Place(**{**known, "network": Network(known["network"]), "kind": ChatKind(known["kind"])})


def _pack_person(person: Person) -> dict[str, Any]:
    return {name: getattr(person, name) for name in ("network", "address", "is_bot", "anonymous")}


def _unpack_person(values: Mapping[str, Any]) -> Person:
    known = _known(Person, values)
    return Person(**{**known, "network": Network(known["network"])})


def _pack_attachment(attachment: Attachment) -> dict[str, Any]:
    values = {field.name: getattr(attachment, field.name) for field in fields(attachment)}
    return {**values, "content": b64encode(attachment.content).decode("ascii")}


def _unpack_attachment(values: Mapping[str, Any]) -> Attachment:
    return Attachment(**_read(Attachment, values, {"content": b64decode}))
