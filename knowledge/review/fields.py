"""The words of a contribution as a form holds them, and back."""

from collections.abc import Mapping
from typing import Any

from knowledge.contributions.checking import QUOTE, SUGGESTION, checked
from knowledge.contributions.errors import FieldInvalid
from knowledge.contributions.fields import BY_NAME, FIELDS
from knowledge.kit.language import _


def is_suggestion(fields: Mapping[str, Any]) -> bool:
    """Tell whether this is a suggestion in free words, not the fields of an experience."""
    return SUGGESTION in fields


def names_of(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """Return which fields a contribution can have, in the order in which they are read."""
    return (QUOTE, SUGGESTION) if is_suggestion(fields) else tuple(BY_NAME)


def needed_names(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """Return which fields must not be empty."""
    return (SUGGESTION,) if is_suggestion(fields) else tuple(field.name for field in FIELDS if field.needed)


def typed_text(value: Any) -> str:
    """Return the value of a field as a form shows it: lists parted by commas."""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def checked_fields(known: Mapping[str, Any], typed: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields with what was typed in the place of what was there; emptied ones are gone.

    Raises ``FieldInvalid``.
    """
    names = names_of(known)
    new = {**known, **checked({name: typed[name] for name in names if name in typed}, suggestion=is_suggestion(known))}
    for name in needed_names(known):
        if not new.get(name):
            raise FieldInvalid(name, _("Please do not leave this empty."))
    return {name: value for name, value in new.items() if value}
