"""Names with typing errors in them, found among some ten thousand."""

from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from uuid import UUID

# Shorter words are too near to too many others.
SHORTEST = 4
# Share of common letter pairs (Dice coefficient) from which a closer look is worth its time …
ENOUGH_PAIRS = 0.4
# … and similarity from which a name is offered: one error in five letters, two in nine.
ENOUGH_LIKENESS = 0.77


def most_alike(query: str, names: Iterable[tuple[UUID, str]], limit: int) -> list[UUID]:
    """Return the identifiers of the names most like ``query``, best first; of equals, those that came first.

    Args:
        query: a folded name.
        names: identifiers with the spellings of each, folded, every one between two ``|``.
        limit: how many to return at most.
    """
    if len(query) < SHORTEST:
        return []
    pairs = _letter_pairs(query)
    matcher: SequenceMatcher[str] = SequenceMatcher(autojunk=False)
    matcher.set_seq2(query)
    scored: list[tuple[float, UUID]] = []
    for identifier, spellings in names:
        near = (form for form in _forms(spellings, query) if _is_near(_letter_pairs(form), pairs))
        score = max((_likeness(form, matcher) for form in near), default=0.0)
        if score >= ENOUGH_LIKENESS:
            scored.append((score, identifier))
    scored.sort(key=lambda entry: -entry[0])
    return [identifier for _, identifier in scored[:limit]]


def _forms(spellings: str, query: str) -> Iterator[str]:
    """Yield each spelling, and its first words, as many as the query has: people leave out „(Spreewald)"."""
    words = query.count(" ") + 1
    for spelling in spellings.strip("|").split("|"):
        yield spelling
        if spelling.count(" ") >= words:
            yield " ".join(spelling.split(" ")[:words])


def _letter_pairs(text: str) -> frozenset[tuple[str, str]]:
    return frozenset(zip(f" {text}", f"{text} ", strict=True))


def _is_near(pairs: frozenset[tuple[str, str]], others: frozenset[tuple[str, str]]) -> bool:
    return 2 * len(pairs & others) >= ENOUGH_PAIRS * (len(pairs) + len(others))


def _likeness(name: str, matcher: SequenceMatcher[str]) -> float:
    matcher.set_seq1(name)
    return matcher.ratio() if matcher.real_quick_ratio() >= ENOUGH_LIKENESS else 0.0
