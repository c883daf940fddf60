"""What people put into the fields of a contribution: cleaned, and refused by name where it cannot be kept."""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from knowledge.contributions.errors import FieldInvalid
from knowledge.contributions.fields import BY_NAME, MOST_TOPICS, Field, field_label
from knowledge.kit.cleaning import clean_line, clean_text
from knowledge.kit.language import _

# What a correction of anything but an experience holds.
SUGGESTION, QUOTE = "suggestion", "quote"
LONGEST_SUGGESTION, LONGEST_QUOTE = 6000, 3000
LONGEST_MESSAGE = 4000
_APART = re.compile(r"[,;\n]")


def checked(given: Mapping[str, Any], *, suggestion: bool = False) -> dict[str, Any]:
    """Return the fields as they are kept; what is empty is ``None`` and takes a field away.

    Args:
        given: by name, texts, values of choices, and lists of words (or words parted by commas).
        suggestion: for a correction that is a suggestion: other fields.

    Raises ``FieldInvalid``.
    """
    if suggestion:
        return {name: _suggested(name, value) for name, value in given.items()}
    return {name: _field_value(name, value) for name, value in given.items()}


def _suggested(name: str, value: Any) -> str | None:
    longest = {SUGGESTION: LONGEST_SUGGESTION, QUOTE: LONGEST_QUOTE}.get(name)
    if longest is None:
        raise FieldInvalid(name, _("There is no such field."))
    return _short_enough(name, clean_text(_as_text(name, value)), longest) or None


def _field_value(name: str, value: Any) -> Any:
    field = BY_NAME.get(name)
    if field is None:
        raise FieldInvalid(name, _("There is no such field."))
    if value is None or value == "":
        return None
    if field.is_list:
        return _words(field, value) or None
    if field.values is not None:
        return _choice(field, field.values, value)
    clean = clean_line if field.longest <= 300 else clean_text
    return _short_enough(name, clean(_as_text(name, value)), field.longest) or None


def _as_text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise FieldInvalid(name, _("“{field}” takes a text.").format(field=label_of(name)))
    return value


def _short_enough(name: str, text: str, longest: int) -> str:
    if len(text) > longest:
        problem = _("“{field}” may have at most {most} characters; these are {count}.")
        raise FieldInvalid(name, problem.format(field=label_of(name), most=longest, count=len(text)))
    return text


def _choice(field: Field, values: type[StrEnum], value: Any) -> str:
    try:
        return values(value).value
    except ValueError as error:
        problem = _("Please choose one of what is offered for “{field}”.")
        raise FieldInvalid(field.name, problem.format(field=field_label(field.name))) from error


def _words(field: Field, value: Any) -> list[str]:
    parts: Iterable[Any] = _APART.split(value) if isinstance(value, str) else value
    if not isinstance(parts, list | tuple) or not all(isinstance(part, str) for part in parts):
        raise FieldInvalid(field.name, _("“{field}” takes words.").format(field=field_label(field.name)))
    words: dict[str, str] = {}
    for word in map(clean_line, parts):
        if word:
            words.setdefault(word.casefold(), _short_enough(field.name, word, field.longest))
    if len(words) > MOST_TOPICS:
        problem = _("Please give at most {count} words for “{field}”.")
        raise FieldInvalid(field.name, problem.format(count=MOST_TOPICS, field=field_label(field.name)))
    return list(words.values())


def label_of(name: str) -> str:
    """Return what a field is called, also one of a suggestion."""
    return {SUGGESTION: _("What should be different"), QUOTE: _("Passage")}.get(name) or field_label(name)


def checked_message(text: str) -> str:
    """Return what somebody writes to the other side. Raises ``FieldInvalid`` where it is empty or too long."""
    text = clean_text(text)
    if not text:
        raise FieldInvalid("text", _("Please write something."))
    if len(text) > LONGEST_MESSAGE:
        problem = _("Please write at most {most} characters; these are {count}.")
        raise FieldInvalid("text", problem.format(most=LONGEST_MESSAGE, count=len(text)))
    return text
