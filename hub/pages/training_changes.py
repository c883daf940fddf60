"""What is different between a training as it is and as it is to be, in words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from hub.pages.training_words import language_name, level_name, moment_words, span_words, visibility_name
from knowledge.kit.language import _
from knowledge.organisations.states import state_name
from knowledge.topics.tree import TopicTree
from knowledge.trainings.checking import field_label
from knowledge.trainings.schemas import TrainingDraft

# In the order of the form; the Land stands for the district, too.
FIELDS = (
    *("title", "summary", "outcomes", "audience", "level", "trainers", "language", "topics", "dates", "online"),
    *("place", "link", "region", "state_key", "district_key", "accessibility", "capacity", "waiting_list"),
    *("offer_hours", "deadline", "costs", "questions", "visibility"),
)


@dataclass(frozen=True, slots=True)
class Change:
    """A field, what people call it, and what it said before and says afterwards."""

    field: str
    name: str
    before: str
    after: str


def changes_between(before: TrainingDraft, after: TrainingDraft, tree: TopicTree) -> list[Change]:
    """Return what is different, in the order of the form."""
    found = list[Change]()
    for name in FIELDS:
        old, new = (words_of(name, getattr(draft, name), tree) for draft in (before, after))
        if old != new:
            found.append(Change(name, name_of(name), old, new))
    return found


def name_of(field: str) -> str:
    """Return what people call a field."""
    names = {"district_key": _("District"), "waiting_list": _("Waiting list")}
    return names.get(field) or field_label(field)


def words_of(field: str, value: Any, tree: TopicTree) -> str:
    """Return what a field says, as it is read."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _yes_or_no(field, value)
    words: dict[str, Callable[[Any], str]] = {
        "level": level_name,
        "language": language_name,
        "visibility": visibility_name,
        "deadline": moment_words,
        "state_key": lambda key: state_name(key) or key,
        "topics": lambda keys: _topics(keys, tree),
        "dates": lambda dates: "\n".join(span_words(date.starts_at, date.ends_at) for date in dates),
        "questions": _questions,
    }
    return words[field](value) if field in words else str(value)


def _yes_or_no(field: str, value: bool) -> str:
    if field == "online":
        return _("online") if value else _("on site")
    return _("yes") if value else _("no")


def _topics(keys: Sequence[UUID], tree: TopicTree) -> str:
    return ", ".join(sorted(found.name for key in keys if (found := tree.get(key)) is not None))


def _questions(questions: Sequence[Any]) -> str:
    needed = _("needed")
    return "\n".join(f"{one.text} ({needed})" if one.required else one.text for one in questions)
