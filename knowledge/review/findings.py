"""What looks like personal data in the words of a contribution, field by field, and putting it out of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from knowledge.kit.language import choose_language, current_language
from knowledge.personal_data.finder import find_personal_data
from knowledge.personal_data.schemas import Finding, redact


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding is: the field, the number within a list (0 for a text), and the characters."""

    field: str
    number: int
    start: int
    end: int

    @classmethod
    def read(cls, text: str) -> "Place | None":
        """Return the place that ``written`` wrote; ``None`` for anything else."""
        field, *numbers = text.split(":")
        if len(numbers) != 3 or not all(number.isdecimal() and len(number) < 8 for number in numbers):
            return None
        return cls(field, *map(int, numbers))

    @property
    def written(self) -> str:
        """The place as a form carries it."""
        return f"{self.field}:{self.number}:{self.start}:{self.end}"


@dataclass(frozen=True, slots=True)
class Found:
    """A finding and where it is."""

    place: Place
    finding: Finding


def find_in_fields(fields: Mapping[str, Any]) -> list[Found]:
    """Return what looks like personal data in all fields, in their order."""
    return [
        Found(Place(name, number, finding.start, finding.end), finding)
        for name, number, text in _texts(fields)
        for finding in find_personal_data(text)
    ]


def redacted(fields: Mapping[str, Any], places: Sequence[Place] | None) -> tuple[dict[str, Any], int]:
    """Return the fields without the findings at some places, or without all; and how many that were.

    What stands in for them is German, as what is published is, whichever language the moderator reads.
    """
    chosen = [found for found in find_in_fields(fields) if places is None or found.place in places]
    spoken = current_language()
    choose_language("de")
    try:
        return _without(fields, chosen), len(chosen)
    finally:
        choose_language(spoken)


def _without(fields: Mapping[str, Any], chosen: Sequence[Found]) -> dict[str, Any]:
    new = dict(fields)
    # From behind, so that the places before stay where they are.
    for found in reversed(chosen):
        name, number = found.place.field, found.place.number
        if isinstance(new[name], list):
            items = list(new[name])
            items[number] = redact(items[number], found.finding)
            new[name] = items
        else:
            new[name] = redact(new[name], found.finding)
    return new


def _texts(fields: Mapping[str, Any]) -> Iterator[tuple[str, int, str]]:
    for name, value in fields.items():
        items = value if isinstance(value, list) else [value]
        yield from ((name, number, item) for number, item in enumerate(items) if isinstance(item, str))
