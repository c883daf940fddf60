"""Words that typesetting broke, put together again with what the rest of the text shows."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from itertools import pairwise

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_LAST = re.compile(r"[^\W_]+$")
_FIRST = re.compile(r"^[^\W\d_]+")
_LEFT_TOKEN = re.compile(r"\S*$")

# After a hanging hyphen, these continue the thought and not the word: „Ein- und Ausgabe“.
_LINK_WORDS = "und oder bzw beziehungsweise sowie als wie noch bis aber statt respektive or and to nor"
_LINKS = frozenset(_LINK_WORDS.split())
_ADJECTIVE = re.compile(r"(?:isch|lich|ig|al|iv|är|ell|sam|bar|haft|ar|o|orientiert|basiert)$")
_INFLECTED = re.compile(r"(?:e|en|er|es|em)$")
_GERMAN = re.compile(r"\b(?:der|die|das|und|ist|nicht|mit|für|von|den)\b")
_ENGLISH = re.compile(r"\b(?:the|and|of|is|not|with|for|to|that|are)\b")

_MOST_REPAIRS = 500  # a text with more broken words than this is beyond repair
_SPLIT_HYPHEN = re.compile(r" -(?=[^\W\d_]{2})")


def _is_acronym(word: str) -> bool:
    return word.isupper() or any(letter.isdigit() for letter in word) or sum(map(str.isupper, word)) > 1


class Vocabulary:
    """The words of one text, whole ones only, as evidence for joining broken ones."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = list(lines)

    @cached_property
    def counts(self) -> Counter[str]:
        """How often each word occurs, leaving out halves at line ends and starts."""
        counts = Counter(self._all)
        broken = False
        for line in self._lines:
            if broken or line.endswith("-"):
                words: list[str] = _WORD.findall(line)
                halves = (words[:1] if broken else []) + (words[-1:] if line.endswith("-") else [])
                counts.subtract(halves)
            broken = line.endswith("-")
        return +counts

    @cached_property
    def _all(self) -> list[str]:
        words: list[str] = _WORD.findall("\n".join(self._lines))
        return words

    @cached_property
    def is_english(self) -> bool:
        """Whether the text looks English rather than German."""
        sample = " ".join(self._lines[:2000])[:200_000]
        return len(_ENGLISH.findall(sample)) > len(_GERMAN.findall(sample))

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self.counts)

    def knows(self, word: str) -> bool:
        """Whether the word occurs, as it is or capitalised."""
        return word in self.counts or word.capitalize() in self.counts

    def knows_start(self, start: str) -> bool:
        """Whether some word begins like this."""
        at = bisect_left(self._sorted, start)
        return at < len(self._sorted) and self._sorted[at].startswith(start)

    def join(self, left: str, right: str) -> str:
        """Return two lines as one: „technologi-“ + „schen“, „Ein-“ + „und Ausgabe“, „KI-“ + „gestützten“."""
        left, right = left.rstrip(), right.lstrip()
        if not left or not right:
            return left + right
        if left.endswith(" -"):
            return self._join_loose(left[:-2].rstrip(), right)
        if not left.endswith("-"):
            return left + self._between(left, right) + right
        token = _LEFT_TOKEN.search(left)
        if token and ("://" in token[0] or token[0].startswith("www.")):
            return left + right
        return left[:-1] + self._glue(left[:-1], right) + right

    def _between(self, left: str, right: str) -> str:
        """An address that ran over the line end goes on without a space."""
        address = left.rsplit(None, 1)[-1]
        if "://" not in address or len(address) < 30 or address.endswith((")", "]", ">", ",", ";")):
            return " "
        first = right.split(None, 1)[0]
        return "" if re.search(r"[/_=%\d]|\.\w{2,4}\b", first) and not first[0].isupper() else " "

    def _glue(self, left: str, right: str) -> str:
        half, rest = _LAST.search(left), _FIRST.search(right)
        if half is None or rest is None:
            return "-" if half and right[0].isdigit() else "- "
        first, second = half[0], rest[0]
        if second[0].isupper():
            return "-"
        joined = first + second
        if second in _LINKS and not self.knows(joined):
            return "- "
        if _is_acronym(first) or len(first) == 1:
            return "-"
        return "-" if self._keeps_hyphen(first, second) else ""

    def _keeps_hyphen(self, first: str, second: str) -> bool:
        joined, hyphened = self.counts[first + second], self._hyphened(first, second)
        if joined or hyphened:
            return hyphened > joined
        if not (first in self.counts and second in self.counts):
            return False
        if self.is_english:
            return len(first) > 2
        return first.islower() and bool(_ADJECTIVE.search(first) and _INFLECTED.search(second))

    def _hyphened(self, first: str, second: str) -> int:
        """How often the two stand together with a hyphen, in whatever inflection."""
        start = f"{first}-{second}"
        return self.counts[start] or int(self.knows_start(start[:-2] if len(second) > 5 else start))

    def _join_loose(self, left: str, right: str) -> str:
        """A hyphen set off by a space is a dash, unless the text shows that a word was broken there."""
        half, rest = _LAST.search(left), _FIRST.search(right)
        if half and rest and rest[0][0].islower():
            joined = half[0] + rest[0]
            unknown = half[0] not in self.counts or self.counts[half[0]] == 1
            if self.knows(joined) or (unknown and self.knows_start(joined[: len(half[0]) + 3])):
                return left + right
            if _is_acronym(half[0]) and len(half[0]) > 1:
                return f"{left}-{right}"
        return f"{left} - {right}"

    def repair(self, text: str) -> str:
        """Close the gaps that text extraction left inside words („Automatis ierung“), where it is safe."""
        if " -" in text:
            text = _SPLIT_HYPHEN.sub(self._close_hyphen, text)
        return _without("-", self._hyphened_wrongly, _without(" ", self._split_wrongly, text))

    def _close_hyphen(self, match: re.Match[str]) -> str:
        before = _LAST.search(match.string[: match.start()][-60:])
        after = _FIRST.search(match.string[match.end() : match.end() + 60])
        if before is None or after is None or before[0] in _LINKS:
            return match[0]
        first, second = before[0], after[0]
        safe = (first.isupper() and first.isalpha() and len(first) > 1) or f"{first}-{second}" in self.counts
        return "-" if safe else match[0]

    @cached_property
    def _hyphened_wrongly(self) -> list[str]:
        """Words with a hyphen inside that stand more often without it: „Zusammen-hang“."""
        counts = self.counts
        wrong = []
        for word, times in counts.items():
            first, hyphen, second = word.partition("-")
            if hyphen and len(first) > 1 and second.islower() and counts[first + second] > times:
                wrong.append(word)
        return wrong[:_MOST_REPAIRS]

    @cached_property
    def _split_wrongly(self) -> list[str]:
        """Pairs that are one word: it stands whole elsewhere, and its halves stand nowhere else."""
        counts = self.counts
        together = Counter(pair for pair in pairwise(self._all) if pair[0] + pair[1] in counts)
        return [
            f"{first} {second}"
            for (first, second), times in together.items()
            if second.islower() and len(first + second) >= 6 and counts[first] <= times and counts[second] <= times
        ][:_MOST_REPAIRS]


def _without(gap: str, wrong: Iterable[str], text: str) -> str:
    """Drop the gap from the words listed, where they stand as whole words."""
    for word in wrong:
        if word in text:
            text = re.sub(rf"(?<![\w-]){word}(?![\w-])", word.replace(gap, ""), text)
    return text
