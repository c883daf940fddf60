"""Two texts side by side, word by word; and a text with marks where something looks like personal data."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from knowledge.personal_data.schemas import Finding

# Words together with the white space after them: white space alone would match everywhere.
_WORD = re.compile(r"\s+|\S+\s*")
# Beyond so many words a comparison by single words takes too long, and by lines it is easier to read.
MOST_WORDS = 4000


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a text; ``changed`` where the other text does not have it."""

    text: str
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Comparison:
    """An old and a new text, each in parts."""

    old: Sequence[Part]
    new: Sequence[Part]

    @property
    def differs(self) -> bool:
        """Whether anything changed."""
        return any(part.changed for part in (*self.old, *self.new))


@dataclass(frozen=True, slots=True)
class Marked:
    """A stretch of a text, with the finding that it is."""

    text: str
    finding: Finding | None = None


def compare(old: str, new: str) -> Comparison:
    """Return both texts with what differs; what differs in white space alone does not differ."""
    before, after = _pieces(old), _pieces(new)
    matcher = SequenceMatcher(None, [word.strip() for word in before], [word.strip() for word in after], autojunk=False)
    olds, news = list[Part](), list[Part]()
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        if start < end:
            olds.append(Part("".join(before[start:end]), tag != "equal"))
        if new_start < new_end:
            news.append(Part("".join(after[new_start:new_end]), tag != "equal"))
    return Comparison(olds, news)


def _pieces(text: str) -> list[str]:
    words: list[str] = _WORD.findall(text)
    return words if len(words) <= MOST_WORDS else text.splitlines(keepends=True)


def marked(text: str, findings: Sequence[Finding]) -> list[Marked]:
    """Return a text cut at its findings, which are in order and without overlaps."""
    parts, done = list[Marked](), 0
    for finding in findings:
        if finding.start > done:
            parts.append(Marked(text[done : finding.start]))
        parts.append(Marked(text[finding.start : finding.end], finding))
        done = finding.end
    if done < len(text):
        parts.append(Marked(text[done:]))
    return parts
