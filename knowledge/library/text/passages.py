"""From the blocks of a file to passages: what is searched, ranked and quoted.

A passage is a run of whole sentences below one heading. Short sections stay whole; longer ones are cut into pieces of
about the same length, rather between paragraphs than inside one. A list stays with the sentence that leads into it.
Rows of tables come with the names of their columns, so a table may be cut between any two of them.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from knowledge.library.files.blocks import Block, ParsedFile
from knowledge.library.text.sentences import Span, split_sentences


@dataclass(frozen=True, slots=True)
class PassageLimits:
    """Lengths in words, but ``longest_sentence`` in characters."""

    whole: int = 130
    """A section up to this length is one passage."""
    target: int = 90
    """Longer ones are cut into pieces of about this length."""
    small: int = 25
    """Anything shorter joins its neighbour, if it may."""
    longest_sentence: int = 1_500
    """Only a "sentence" longer than this is cut inside."""


DEFAULT = PassageLimits()
BULLET = "•"
"""Begins each item of a list that is not numbered."""


@dataclass(frozen=True, slots=True)
class PassageDraft:
    """A passage before it has a key. ``headings`` go from the outermost inwards and are not repeated in ``text``.

    ``place``, ``number`` and ``label`` are those of its first block, ``last_number`` is the last page it touches.
    What is not ``quotable`` (references, footnotes) may be searched but is never shown as an answer.
    """

    text: str
    headings: tuple[str, ...]
    place: str | None = None
    number: int | None = None
    label: str | None = None
    last_number: int | None = None
    quotable: bool = True


@dataclass(slots=True)
class _Section:
    """Blocks with the same headings on the same page; it becomes one or more passages."""

    headings: tuple[str, ...]
    place: str | None
    number: int | None
    label: str | None
    last_number: int | None
    quotable: bool
    bare: bool = False
    """Whether it is so far only a heading."""
    blocks: list[Block] = field(default_factory=list)
    words: int = 0

    def add(self, block: Block) -> None:
        block = _marked(block)
        self.blocks.append(block)
        self.words += _count(block.text)


@dataclass(frozen=True, slots=True)
class _Unit:
    """The smallest stretch that is never cut: a paragraph, a sentence, an item, a row."""

    text: str
    words: int
    separator: str
    """What stands before it: a blank between sentences, a line break between lines."""
    strength: float
    """How well a passage may begin here; 0 is never."""


@dataclass(slots=True)
class _Outline:
    """The headings above the present place. Numbers („4.1.") tell who stands below whom better than levels do."""

    entries: list[tuple[int, tuple[int, ...], str]] = field(default_factory=list)

    def enter(self, text: str, level: int) -> None:
        number = _number(text)
        self.entries = [entry for entry in self.entries if _is_above(entry, level, number)]
        self.entries.append((level, number, text))

    def path(self) -> tuple[str, ...]:
        return tuple(text for _level, _number, text in self.entries)


def _number(heading: str) -> tuple[int, ...]:
    found = _HEADING_NUMBER.match(heading)
    return tuple(int(part) for part in found[1].split(".")) if found else ()


def _is_above(entry: tuple[int, tuple[int, ...], str], level: int, number: tuple[int, ...]) -> bool:
    above = entry[1]
    if above and number:
        return len(above) < len(number) and number[: len(above)] == above
    return entry[0] < level


_HEADING_NUMBER = re.compile(r"(\d{1,3}(?:\.\d{1,3}){0,5})\.?\s+\S")
_ITEM = re.compile(r"(?:[•–-]|\(?(?:\d{1,3}|[a-z]|[ivx]{1,4})[.)])\s")
_OPEN_ENDED = re.compile(r"[^\W_]|[,-]")
_HYPHEN_WORDS = ("und ", "oder ", "bzw", "sowie ", "als ")
_LONG_PARAGRAPH = 5_000
"""Characters; a paragraph this long is not continued any further, lest a file of fragments becomes one paragraph."""
_HEADING_WORDS = 12
_PARAGRAPH, _LINE, _SENTENCE, _NEVER = 1.0, 0.8, 0.6, 0.0


def split_passages(parsed: ParsedFile, *, limits: PassageLimits = DEFAULT) -> list[PassageDraft]:
    """Cut a file into passages, in its order. Tables of contents are left out."""
    sections = _join_small(_join_broken(map(_stated, _sections(parsed.blocks))), limits)
    return [draft for section in sections for draft in _cut(section, limits)]


def _sections(blocks: Iterable[Block]) -> Iterator[_Section]:
    outline = _Outline()
    current: _Section | None = None
    for block in blocks:
        if block.note == "toc" or not block.text.strip():
            continue
        if block.kind == "heading":
            outline.enter(block.text, block.level)
            path = outline.path()
            if current is not None and not (current.bare and path[: len(current.headings)] == current.headings):
                yield current
            current = _begin(block, path, bare=True)
        elif current is None or not _belongs(block, current):
            if current is not None and not current.bare:
                yield current
            current = _begin(block, outline.path())
            current.add(block)
        else:
            current.add(block)
    if current is not None:
        yield current


def _marked(block: Block) -> Block:
    """Give the items of a list a bullet where they have no number, so that a reader can tell where it ends."""
    if block.kind != "list":
        return block
    items = [item if _ITEM.match(item) else f"{BULLET} {item}" for item in block.text.split("\n") if item.strip()]
    return replace(block, text="\n".join(items))


def _begin(block: Block, headings: tuple[str, ...], *, bare: bool = False) -> _Section:
    return _Section(headings, block.place, block.number, block.label, block.number, block.note is None, bare)


def _stated(section: _Section) -> _Section:
    """Let a heading that nothing stands below be its own text, so that it can be found all the same."""
    if section.bare:
        *above, heading = section.headings
        section.headings = tuple(above)
        section.add(Block("paragraph", heading))
    return section


def _belongs(block: Block, section: _Section) -> bool:
    return not section.bare and (block.place, block.number, block.label, block.note is None) == (
        section.place,
        section.number,
        section.label,
        section.quotable,
    )


def _join_broken(sections: Iterable[_Section]) -> Iterator[_Section]:
    """Bring together paragraphs that a page border cut in the middle of a sentence."""
    before: _Section | None = None
    for section in sections:
        _mend(section.blocks)
        if before is not None and _runs_on(before, section):
            first = section.blocks.pop(0)
            before.blocks[-1] = replace(before.blocks[-1], text=_joined(before.blocks[-1].text, first.text))
            moved = _count(first.text)
            before.words, before.last_number = before.words + moved, section.number
            section.words -= moved
            if not section.blocks:
                continue
        if before is not None:
            yield before
        before = section
    if before is not None:
        yield before


def _mend(blocks: list[Block]) -> None:
    mended: list[Block] = []
    for block in blocks:
        if mended and _is_continued(mended[-1], block):
            mended[-1] = replace(mended[-1], text=_joined(mended[-1].text, block.text))
        else:
            mended.append(block)
    blocks[:] = mended


def _runs_on(before: _Section, after: _Section) -> bool:
    return (
        before.place == after.place == "page"
        and before.headings == after.headings
        and before.quotable == after.quotable
        and after.number == (before.last_number or 0) + 1
        and _is_continued(before.blocks[-1], after.blocks[0])
    )


def _is_continued(block: Block, following: Block) -> bool:
    """Tell whether a paragraph ends in the middle of a sentence that the next one goes on with."""
    if not block.kind == following.kind == "paragraph" or len(block.text) > _LONG_PARAGRAPH:
        return False
    if not _OPEN_ENDED.match(block.text[-1:]):
        return False
    return following.text[:1].islower() or (block.text.endswith("-") and following.text[:1].isupper())


def _joined(text: str, following: str) -> str:
    if not text.endswith("-") or following.startswith(_HYPHEN_WORDS):
        return f"{text} {following}"
    return (text if following[:1].isupper() else text[:-1]) + following


def _join_small(sections: Iterable[_Section], limits: PassageLimits) -> Iterator[_Section]:
    """Put tiny sections together: of one heading across pages, or neighbours below a common heading."""
    before: _Section | None = None
    for section in sections:
        if before is not None and _may_join(before, section, limits):
            _absorb(before, section)
            continue
        if before is not None:
            yield before
        before = section
    if before is not None:
        yield before


def _may_join(before: _Section, after: _Section, limits: PassageLimits) -> bool:
    if before.quotable != after.quotable or before.place != after.place:
        return False
    if before.place != "page" and (before.number, before.label) != (after.number, after.label):
        return False
    if before.headings == after.headings:
        return min(before.words, after.words) < limits.small
    common = _common(before.headings, after.headings)
    return bool(common) and before.words < limits.small and after.words < limits.small


def _absorb(section: _Section, other: _Section) -> None:
    common = _common(section.headings, other.headings)
    for part in (section, other):
        below = part.headings[len(common) :]
        if below:
            part.blocks.insert(0, Block("heading", " – ".join(below)))
    section.headings = common
    section.blocks += other.blocks
    section.words += other.words
    section.last_number = other.last_number


def _common(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    length = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        length += 1
    return first[:length]


def _cut(section: _Section, limits: PassageLimits) -> list[PassageDraft]:
    if section.words <= limits.whole and all(len(block.text) <= limits.longest_sentence for block in section.blocks):
        return [_draft(section, "\n".join(block.text for block in section.blocks))]
    units = [unit for block in section.blocks for unit in _units(block, limits)]
    bound = _bind_leads(units)
    return [_draft(section, text) for text in _pieces(bound, limits)]


def _draft(section: _Section, text: str) -> PassageDraft:
    last = section.last_number if section.place == "page" else section.number
    return PassageDraft(text, section.headings, section.place, section.number, section.label, last, section.quotable)


def _units(block: Block, limits: PassageLimits) -> Iterator[_Unit]:
    if block.kind == "heading":
        yield _Unit(block.text, _count(block.text), "\n", _PARAGRAPH)
        return
    inner = _PARAGRAPH if block.kind == "paragraph" else _LINE
    strength = _PARAGRAPH
    for line in block.text.split("\n"):
        separator = "\n"
        spans = split_sentences(line) if block.kind != "table" else [Span(0, len(line))]
        for start, end in spans:
            for text in _slices(line[start:end], limits.longest_sentence):
                yield _Unit(text, _count(text), separator, strength)
                separator, strength = " ", _SENTENCE
        strength = inner


def _slices(text: str, longest: int) -> Iterator[str]:
    """Yield ``text``, in pieces cut at blanks where it is longer than any sentence."""
    while len(text) > longest:
        cut = max(text.rfind(" ", longest // 2, longest), text.rfind("; ", longest // 2, longest) + 1)
        cut = cut if cut > 0 else longest
        if text[:cut].strip():
            yield text[:cut].strip()
        text = text[cut:]
    if text.strip():
        yield text.strip()


def _bind_leads(units: list[_Unit]) -> list[_Unit]:
    """Forbid a cut after „Folgende Punkte:" and after what looks like a heading that was not marked as one."""
    return [
        replace(unit, strength=_NEVER) if index and _is_lead(units[index - 1], unit) else unit
        for index, unit in enumerate(units)
    ]


def _is_lead(unit: _Unit, following: _Unit) -> bool:
    if unit.text.endswith(":"):
        return True
    short = unit.strength == following.strength == _PARAGRAPH and unit.words < _HEADING_WORDS
    return short and unit.text[-1].isalpha()


def _pieces(units: list[_Unit], limits: PassageLimits) -> Iterator[str]:
    """Cut units into pieces of about equal length."""
    left = sum(unit.words for unit in units)
    start = 0
    while start < len(units):
        count = max(1, round(left / limits.target)) if left > limits.whole else 1
        end = _best_end(units, start, left / count) if count > 1 else len(units)
        yield _text(units[start:end])
        left -= sum(unit.words for unit in units[start:end])
        start = end


def _best_end(units: list[_Unit], start: int, size: float) -> int:
    """Return where the piece that begins at ``start`` had best end: near ``size`` words, rather before a paragraph."""
    length, best, least = 0, len(units), float("inf")
    for index in range(start, len(units)):
        if length > size * 1.5 and (best < len(units) or length > size * 3):
            return min(best, index)
        if index > start and length >= size / 2 and units[index].strength != _NEVER:
            cost = _cost(units[index], length, size)
            best, least = (index, cost) if cost < least else (best, least)
        length += units[index].words
    return best if length > size * 1.3 else len(units)


def _cost(unit: _Unit, length: int, size: float) -> float:
    return abs(length - size) / size + (_PARAGRAPH - unit.strength)


def _text(units: list[_Unit]) -> str:
    return units[0].text + "".join(unit.separator + unit.text for unit in units[1:])


def _count(text: str) -> int:
    """Return the number of words; letters count as well, so that a megabyte without a blank is not one word."""
    return max(text.count(" ") + text.count("\n") + 1, len(text) // 12)
