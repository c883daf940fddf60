"""What was asked for in trainings, said back in words, and packed into a choice's key so that a list can go on."""

import hashlib
from datetime import date, timedelta
from uuid import UUID

from bot.handlers.training_wishes import Wanted
from knowledge.kit.language import _, date_text
from knowledge.organisations.states import state_name
from knowledge.topics.tree import TopicTree

_EPOCH = date(2020, 1, 1)
_TOPIC_LETTERS = 6
_PARTS = 6
# Further than this nobody reads on.
_LAST_OFFSET = 96


def described(wanted: Wanted, tree: TopicTree) -> str:
    """Return what is looked for, as it was understood."""
    topics = (tree.get(key) for key in wanted.topics)
    parts = [topic.name for topic in topics if topic is not None]
    parts += [_("“{word}”").format(word=word) for word in wanted.words]
    if wanted.online is not None:
        parts.append(_("online") if wanted.online else _("on site"))
    if wanted.district_key is not None:
        parts.append(wanted.district_name or _("in your district"))
    parts += [state_name(wanted.state_key) or ""] if wanted.state_key else []
    parts.append(_span(wanted))
    return ", ".join(part for part in parts if part)


def _span(wanted: Wanted) -> str:
    if wanted.since is None:
        return ""
    if wanted.until is None:
        return _("from {day} on").format(day=date_text(wanted.since))
    if wanted.since == wanted.until:
        return date_text(wanted.since)
    return _("{first} to {last}").format(first=date_text(wanted.since), last=date_text(wanted.until))


def pack_wanted(wanted: Wanted, offset: int) -> str:
    """Return what is looked for in so few letters that a choice has room for them; without words."""
    place = wanted.district_key or wanted.state_key or ""
    online = {None: "", True: "o", False: "s"}[wanted.online]
    topics = "".join(_topic_mark(key) for key in wanted.topics[:2])
    return ".".join((str(offset), place, online, _packed(wanted.since), _packed(wanted.until), topics))


def unpack_wanted(packed: str, tree: TopicTree) -> tuple[Wanted, int] | None:
    """Return what ``pack_wanted`` packed, and where the list is to begin; ``None`` for anything else."""
    parts = packed.split(".")
    if len(parts) != _PARTS or not parts[0].isdecimal():
        return None
    offset, place, online, since, until, marks = parts
    topics = [entry.id for entry in tree.entries if marks and _topic_mark(entry.id) in _split(marks)]
    wanted = Wanted(
        tuple(topics),
        place if len(place) == 2 else None,
        place if len(place) == 5 else None,
        online={"o": True, "s": False}.get(online),
        since=_unpacked(since),
        until=_unpacked(until),
    )
    return wanted, min(int(offset), _LAST_OFFSET)


def _split(marks: str) -> set[str]:
    return {marks[start : start + _TOPIC_LETTERS] for start in range(0, len(marks), _TOPIC_LETTERS)}


def _topic_mark(key: UUID) -> str:
    return hashlib.sha256(key.bytes).hexdigest()[:_TOPIC_LETTERS]


def _packed(day: date | None) -> str:
    return f"{max(0, (day - _EPOCH).days):x}" if day is not None else ""


def _unpacked(packed: str) -> date | None:
    try:
        return _EPOCH + timedelta(days=int(packed, 16)) if packed else None
    except (ValueError, OverflowError):
        return None
