"""What is different between two versions of a text: line by line, and in changed lines word by word."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

# What is compared at most, so that it never takes long; what lies beyond is said not to be compared.
MOST_LINES, MOST_WORDS = 2_000, 300
# Unchanged lines that are shown before and after a change.
AROUND = 2

Change = Literal["same", "gone", "new"]
_WORD = re.compile(r"\s+|\w+|[^\w\s]+")


@dataclass(frozen=True, slots=True)
class Part:
    """Words of a line, and whether they are the same in both texts, gone, or new."""

    change: Change
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the comparison; ``left_out`` counts unchanged lines that are not shown in its place."""

    change: Change | Literal["changed"]
    parts: tuple[Part, ...] = ()
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """All lines, and whether both texts were compared to their ends."""

    lines: Sequence[Line]
    complete: bool

    @property
    def is_same(self) -> bool:
        """Whether there is no difference."""
        return all(line.change == "same" for line in self.lines)


def compare_texts(before: Sequence[str], after: Sequence[str]) -> Comparison:
    """Compare two texts, given as lines."""
    start = _common_start(before, after)
    end = _common_start(before[start:][::-1], after[start:][::-1])
    old, new = before[start : len(before) - end], after[start : len(after) - end]
    complete = len(old) <= MOST_LINES and len(new) <= MOST_LINES
    lines = [
        *(_same(line) for line in before[:start]),
        *_changes(old[:MOST_LINES], new[:MOST_LINES]),
        *(_same(line) for line in (before[len(before) - end :] if end else ())),
    ]
    return Comparison(list(_folded(lines)), complete)


def _common_start(one: Sequence[str], other: Sequence[str]) -> int:
    count = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        count += 1
    return count


def _same(text: str) -> Line:
    return Line("same", (Part("same", text),))


def _changes(old: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
    for tag, first, last, begin, finish in SequenceMatcher(None, old, new).get_opcodes():
        if tag == "equal":
            yield from map(_same, old[first:last])
            continue
        paired = min(last - first, finish - begin)
        for place in range(paired):
            yield _by_words(old[first + place], new[begin + place])
        yield from (Line("gone", (Part("gone", text),)) for text in old[first + paired : last])
        yield from (Line("new", (Part("new", text),)) for text in new[begin + paired : finish])


def _by_words(old: str, new: str) -> Line:
    before, after = _WORD.findall(old), _WORD.findall(new)
    if len(before) > MOST_WORDS or len(after) > MOST_WORDS:
        return Line("changed", (Part("gone", old), Part("new", new)))
    parts: list[Part] = []
    for tag, first, last, begin, finish in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            parts.append(Part("same", "".join(before[first:last])))
            continue
        if last > first:
            parts.append(Part("gone", "".join(before[first:last])))
        if finish > begin:
            parts.append(Part("new", "".join(after[begin:finish])))
    return Line("changed", tuple(parts))


def _folded(lines: Sequence[Line]) -> Iterator[Line]:
    """Give the lines, with long runs of unchanged ones cut to what lies around a change."""
    changed = [place for place, line in enumerate(lines) if line.change != "same"]
    near = {place + step for place in changed for step in range(-AROUND, AROUND + 1)}
    left_out = 0
    for place, line in enumerate(lines):
        if place in near:
            if left_out:
                yield Line("same", left_out=left_out)
            left_out = 0
            yield line
        else:
            left_out += 1
    if left_out:
        yield Line("same", left_out=left_out)
