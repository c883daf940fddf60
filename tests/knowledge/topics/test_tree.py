"""The tree in memory: words in any spelling lead to topics, and topics know what lies above and below them."""

from uuid import UUID

import pytest

from knowledge.kit.ids import new_id
from knowledge.kit.language import choose_language
from knowledge.models.topic import TopicKind
from knowledge.topics.tree import TopicEntry, TopicTree
from knowledge.topics.words import TopicWordUnusable, check_word, check_words, fold_topic

IT, RECORDS, SCANNING, ROADS, OLD = (new_id() for _number in range(5))


def entry(key: UUID, name: str, parent: UUID | None = None, *, retired: bool = False) -> TopicEntry:
    return TopicEntry(key, key.hex, TopicKind.FIELD, parent, name, f"{name} (en)", retired)


TREE = TopicTree(
    [
        entry(SCANNING, "Scannen", RECORDS),
        entry(IT, "Digitalisierung und IT"),
        entry(OLD, "EDV", retired=True),
        entry(ROADS, "Straßen"),
        entry(RECORDS, "E-Akte", IT),
    ],
    {IT: ["EDV"], RECORDS: ["E-Akte", "Dokumentenmanagement", "DMS"], ROADS: ["Wege"]},
)


class TestWords:
    def test_any_spelling_of_names_and_other_words(self) -> None:
        for word in ("e-akte", "eAkte", " E Akte ", "dms", "E-Akte (en)"):
            found = TREE.find(word)
            assert found is not None
            assert found.id == RECORDS
        assert TREE.find("Digitalisierung & IT") == TREE.get(IT)
        assert TREE.find("STRASSEN") == TREE.get(ROADS)
        assert (TREE.find("Akte"), TREE.find("")) == (None, None)

    def test_several_at_once_without_those_that_mean_nothing(self) -> None:
        assert TREE.resolve(["Wege", "E-Akte", "dms", "Unsinn"]) == {ROADS, RECORDS}

    def test_what_is_offered_goes_before_what_is_not(self) -> None:
        assert TREE.find("EDV") == TREE.get(IT)
        assert OLD not in [topic.id for topic in TREE.offered]

    def test_names_are_no_other_words(self) -> None:
        assert TREE.words(RECORDS) == ("DMS", "Dokumentenmanagement")

    @pytest.mark.parametrize("word", ["", "  ", "?!", "a, b", "a;b", "x" * 121, "\0", "a\0b"])
    def test_what_is_no_word(self, word: str) -> None:
        with pytest.raises(TopicWordUnusable):
            check_word(word)

    def test_spellings_of_one_word_count_once(self) -> None:
        assert check_words(["E-Akte", "eAkte", "", " Wege "]) == {"eakte": "E-Akte", "wege": "Wege"}
        assert fold_topic("Bauen & Planen") == "bauenundplanen"


class TestPlaces:
    def test_each_is_followed_by_what_lies_below(self) -> None:
        assert [topic.id for topic in TREE.entries] == [IT, RECORDS, SCANNING, OLD, ROADS]

    def test_above_and_below(self) -> None:
        assert TREE.above(SCANNING) == (SCANNING, RECORDS, IT)
        assert TREE.below(IT) == {IT, RECORDS, SCANNING}
        assert (TREE.above(new_id()), TREE.below(new_id())) == ((), frozenset())

    def test_whoever_knows_a_field_is_asked_about_what_lies_below_it(self) -> None:
        assert TREE.matches(frozenset({SCANNING}), frozenset({IT, RECORDS})) == RECORDS
        assert TREE.matches(frozenset({SCANNING, ROADS}), frozenset({IT, ROADS})) == ROADS
        assert TREE.matches(frozenset({IT}), frozenset({RECORDS})) is None

    def test_names_are_in_the_language_that_is_spoken(self) -> None:
        choose_language("en")
        assert TREE.path(RECORDS) == "Digitalisierung und IT (en) › E-Akte (en)"
        choose_language("de")
        assert TREE.path(RECORDS) == "Digitalisierung und IT › E-Akte"
