"""How an event hangs together with others: threads, replies, edits, reactions."""

from dataclasses import dataclass
from typing import Any

from bot.matrix.wire import Json

# What the bot writes carries these: that a machine wrote it, and whether it was put together from the library.
BOT_MARK = "org.allmende.bot"
AUTOMATIC_MARK = "org.allmende.automatic"


@dataclass(frozen=True, slots=True)
class Relation:
    """What an event says about others. ``reply_to`` is what a person chose to reply to, not a fallback for threads."""

    kind: str | None = None
    event: str | None = None
    key: str | None = None
    reply_to: str | None = None

    @property
    def thread(self) -> str | None:
        """The root of the thread that the event is in."""
        return self.event if self.kind == "m.thread" else None


def relation_of(content: Json) -> Relation:
    """Read what a content says, as far as it is what it should be."""
    raw = content.get("m.relates_to")
    if not isinstance(raw, dict):
        return Relation()
    reply = raw.get("m.in_reply_to")
    reply_to = _text(reply.get("event_id")) if isinstance(reply, dict) else None
    kind = _text(raw.get("rel_type"))
    if kind == "m.thread" and raw.get("is_falling_back") is True:
        reply_to = None
    return Relation(kind, _text(raw.get("event_id")), _text(raw.get("key")), reply_to)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def thread_relation(root: str, reply_to: str | None) -> Json:
    """Return the relation of a message in a thread; clients without threads show it as a reply."""
    return {
        "rel_type": "m.thread",
        "event_id": root,
        "is_falling_back": True,
        "m.in_reply_to": {"event_id": reply_to or root},
    }


def reply_relation(event: str) -> Json:
    """Return the relation of a reply."""
    return {"m.in_reply_to": {"event_id": event}}


def replacement(content: Json, event: str) -> Json:
    """Return the content that replaces an event by another; older clients show the plain text behind a star."""
    bodies = {name: content[name] for name in ("msgtype", BOT_MARK, AUTOMATIC_MARK) if name in content}
    return {
        **bodies,
        "body": f"* {content['body']}",
        "m.new_content": content,
        "m.relates_to": {"rel_type": "m.replace", "event_id": event},
    }


def content_of(event: Json) -> Json:
    """Return an event's content, empty where it is none."""
    content = event.get("content")
    return content if isinstance(content, dict) else {}
