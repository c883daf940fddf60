"""What adding words to groups of synonyms changes."""

from uuid import UUID

from knowledge.synonyms.book import SynonymBook
from knowledge.synonyms.schemas import Outcome
from knowledge.synonyms.terms import check_terms

FIRST, SECOND = UUID(int=1), UUID(int=2)


def group(*terms: str) -> dict[str, str]:
    return check_terms(terms)


class TestSynonymBook:
    def test_knows_what_it_has(self) -> None:
        book = SynonymBook({FIRST: group("Kita", "Kindergarten", "Krippe")})

        assert book.add(group("krippe", "KITA")) == (FIRST, Outcome.KNOWN)
        assert not book.changes.new_terms

    def test_lets_a_group_grow(self) -> None:
        book = SynonymBook({FIRST: group("Kita", "Kindergarten")})

        assert book.add(group("Krippe", "Kita", "Kindergarten")) == (FIRST, Outcome.EXTENDED)
        assert book.changes.new_terms == [(FIRST, 2, "krippe", "Krippe")]

    def test_keeps_groups_apart_that_share_a_word(self) -> None:
        book = SynonymBook({FIRST: group("Amt", "Behörde")})

        identifier, outcome = book.add(group("Amt", "Verwaltungsgemeinschaft"))

        assert (identifier != FIRST, outcome) == (True, Outcome.ADDED)
        assert book.groups[FIRST] == group("Amt", "Behörde")

    def test_drops_groups_that_a_grown_one_contains(self) -> None:
        book = SynonymBook({FIRST: group("a", "b"), SECOND: group("b", "c", "d")})

        assert book.add(group("a", "b", "c", "d")) == (SECOND, Outcome.EXTENDED)
        assert book.changes.removed_groups == [FIRST]
        assert list(book.groups) == [SECOND]

    def test_forgets_a_new_group_that_a_later_line_contains(self) -> None:
        book = SynonymBook({FIRST: group("b", "c", "d")})
        book.add(group("a", "b"))

        book.add(group("a", "b", "c", "d"))

        assert (book.changes.new_groups, book.changes.removed_groups) == ([], [])
        assert book.changes.new_terms == [(FIRST, 3, "a", "a")]
