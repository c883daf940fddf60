"""Telling that two texts are, in the main, the same text.

A document's fingerprint is a sketch of the runs of four words that it has: each run is hashed, and the smallest hashes
are kept (bottom-k sketch; Broder 1997, "On the resemblance and containment of documents"). The share of equal hashes
among the smallest of two documents estimates the share of runs that they have in common. The very smallest find the
candidates among many documents without comparing all of them.
"""

import re
import struct
import unicodedata
from functools import lru_cache
from itertools import pairwise
from zlib import crc32

RUN_LENGTH = 4
KEPT = 128
"""Hashes in a fingerprint, 32 bits each."""
BANDS = 16
"""Of the hashes, so many find candidates: two texts of half the same runs miss each other once in 10,000 times."""
NEAR_DUPLICATE = 0.5
"""Share of common runs from which two documents count as one text."""
SAME_TEXT = 0.6
"""Share of the shorter passage's pairs of words that the other has."""
SHORTEST = 6
"""A text of fewer pairs of words is the same only where all of them agree."""

_WORD = re.compile(r"[^\W_]+")
# The hyphen stands first so that the search can leap from one to the next.
_BROKEN = re.compile(r"-(?<=[^\W\d_]-)[ \t]*\n\s*(?=[^\W\d_])")
_FACTORS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93)
"""Odd numbers without a pattern (from the xxHash and splitmix constants); stored fingerprints depend on them."""


def fingerprint(text: str) -> bytes:
    """Return the fingerprint of a document, at most ``4 * KEPT`` bytes; empty where there are too few words."""
    import numpy as np

    spelled = _words(text)
    count = len(spelled) - RUN_LENGTH + 1
    if count < 1:
        return b""
    hashes = {word: crc32(word.encode()) for word in set(spelled)}  # most words of a text come often
    words = np.fromiter(map(hashes.__getitem__, spelled), dtype=np.uint64, count=len(spelled))
    runs = np.zeros(count, dtype=np.uint64)
    for place, factor in enumerate(_FACTORS):
        runs = (runs ^ (runs >> np.uint64(29))) + words[place : place + count] * np.uint64(factor)
    runs = (runs ^ (runs >> np.uint64(32))) * np.uint64(_FACTORS[0])
    return np.unique(runs >> np.uint64(32))[:KEPT].astype("<u4").tobytes()


def similarity(first: bytes, second: bytes) -> float:
    """Estimate which share of their runs of words two documents have in common, 0 to 1 (error about 0.04)."""
    one, other = _hashes(first), _hashes(second)
    union = sorted({*one, *other})[:KEPT]
    if not union:
        return 0.0
    common = set(one) & set(other)
    return sum(value in common for value in union) / len(union)


def is_near_duplicate(first: bytes, second: bytes) -> bool:
    """Tell from the fingerprints whether two documents are in the main the same text."""
    return similarity(first, second) >= NEAR_DUPLICATE


def bands(mark: bytes) -> list[int]:
    """Return the keys (32 bits, distinct) under which to keep a fingerprint; near-duplicates share at least one."""
    return list(_hashes(mark)[:BANDS])


def same_text(first: str, second: str) -> bool:
    """Tell whether two passages, or one and a part of the other, say the same in the same words."""
    return _same(_runs(first), _runs(second))


def _same(first: frozenset[tuple[str, str]], second: frozenset[tuple[str, str]]) -> bool:
    shorter = min(len(first), len(second))
    needed = shorter if shorter < SHORTEST else SAME_TEXT * shorter
    return shorter > 0 and len(first & second) >= needed


@lru_cache(maxsize=512)
def _runs(text: str) -> frozenset[tuple[str, str]]:
    """Return the pairs of neighbouring words; kept for a while, for one passage is compared with many."""
    words = _words(text)
    return frozenset(pairwise(words)) or frozenset((word, "") for word in words)


def _words(text: str) -> list[str]:
    """Return the words, those broken at line ends joined, so that raw and clean copies of a text agree."""
    return _WORD.findall(_BROKEN.sub("", unicodedata.normalize("NFKC", text)).casefold())


def _hashes(mark: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(mark) // 4}I", mark)
