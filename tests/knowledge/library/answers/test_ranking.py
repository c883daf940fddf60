"""Bringing both sides into one order, and the second look."""

import pytest

from knowledge.library.answers.coverage import Question, read_question
from knowledge.library.answers.ranking import (
    DOCUMENT_WEIGHT,
    SENTENCE_WEIGHT,
    VECTOR_WEIGHT,
    PassageText,
    coverages,
    fuse,
    rerank,
)
from knowledge.library.indexes.schemas import Hit


def ids(hits: list[Hit]) -> list[int]:
    return [hit.id for hit in hits]


class TestFusing:
    def test_words_alone_keep_their_order(self) -> None:
        hits = fuse([Hit(1, 20.0), Hit(2, 10.0)], [])
        assert hits == [Hit(1, 1.0), Hit(2, 0.5)]

    def test_vectors_alone_keep_their_order(self) -> None:
        assert ids(fuse([], [Hit(5, 0.9), Hit(4, 0.2)])) == [5, 4]

    def test_nothing_gives_nothing(self) -> None:
        assert fuse([], []) == []

    def test_both_sides_add_up(self) -> None:
        hits = fuse([Hit(1, 20.0), Hit(2, 19.0)], [Hit(2, 0.9), Hit(1, 0.1)])
        assert ids(hits) == [2, 1]
        assert hits[0].score == pytest.approx(19 / 20 + VECTOR_WEIGHT * 0.9)

    def test_what_vectors_missed_gets_their_lowest_cosine(self) -> None:
        hits = {hit.id: hit.score for hit in fuse([Hit(1, 20.0)], [Hit(2, 0.9), Hit(3, 0.4)])}
        assert hits[1] == pytest.approx(1 + VECTOR_WEIGHT * 0.4)

    def test_negative_cosines_give_no_malus_to_what_vectors_missed(self) -> None:
        hits = {hit.id: hit.score for hit in fuse([Hit(1, 20.0)], [Hit(2, -0.5)])}
        assert hits[1] == pytest.approx(1.0)

    def test_ties_are_broken_by_key(self) -> None:
        assert ids(fuse([Hit(9, 1.0), Hit(3, 1.0)], [])) == [3, 9]

    def test_limit_is_kept(self) -> None:
        assert len(fuse([Hit(key, 1.0) for key in range(50)], [], limit=7)) == 7


@pytest.fixture
def question() -> Question:
    return read_question("Hundesteuer in Potsdam", {"hundesteu": 2, "potsdam": 2}, 100)


class TestSecondLook:
    def test_words_in_one_sentence_go_before_words_strewn_about(self, question: Question) -> None:
        strewn = PassageText(("Die Hundesteuer steigt.", "Auch in Potsdam regnet es."))
        together = PassageText(("Es regnet.", "In Potsdam steigt die Hundesteuer."))
        hits = [Hit(1, 10.1), Hit(2, 10.0)]
        ranked = rerank(question, fuse(hits, []), {1: strewn, 2: together}, lexical=hits)
        assert [entry.id for entry in ranked] == [2, 1]
        assert ranked[0].sentence == 1.0
        assert ranked[1].sentence == pytest.approx(0.5)
        assert ranked[1].passage == 1.0

    def test_the_score_says_where_it_comes_from(self, question: Question) -> None:
        lexical, vectors = [Hit(1, 10.0)], [Hit(1, 0.6)]
        fused = fuse(lexical, vectors)
        texts = {1: PassageText(("Hundesteuer in Potsdam.",))}
        (entry,) = rerank(question, fused, texts, lexical=lexical, vectors=vectors)
        assert (entry.lexical, entry.cosine) == (10.0, 0.6)
        assert entry.score == pytest.approx(fused[0].score + SENTENCE_WEIGHT + DOCUMENT_WEIGHT)

    def test_found_by_vectors_only(self, question: Question) -> None:
        vectors = [Hit(1, 0.6)]
        texts = {1: PassageText(("Ganz andere Worte.",))}
        (entry,) = rerank(question, fuse([], vectors), texts, lexical=[], vectors=vectors)
        assert entry.lexical == 0.0
        assert entry.cosine == 0.6

    def test_hits_without_text_come_last_in_their_old_order(self, question: Question) -> None:
        hits = [Hit(1, 3.0), Hit(2, 2.0), Hit(3, 1.0)]
        texts = {3: PassageText(("Nichts davon.",))}
        ranked = rerank(question, fuse(hits, []), texts, lexical=hits)
        assert [entry.id for entry in ranked] == [3, 1, 2]

    def test_titles_and_headings_count_for_every_sentence_though_not_quite_as_much(self, question: Question) -> None:
        sentence = "Die Hundesteuer beträgt 60 Euro."
        bare, titled, complete = (
            coverages(question, text)[0]
            for text in (
                PassageText((sentence,)),
                PassageText((sentence,), context="Satzungen der Stadt Potsdam"),
                PassageText((f"{sentence} Das gilt in Potsdam.", f"{sentence[:-1]} in Potsdam.")),
            )
        )
        assert bare < titled < complete == 1.0

    def test_passages_of_one_document_speak_for_each_other(self, question: Question) -> None:
        hits = [Hit(1, 2.0), Hit(2, 2.0), Hit(3, 2.0)]
        texts = {
            1: PassageText(("Die Hundesteuer beträgt 60 Euro.",), document="other"),
            2: PassageText(("Die Hundesteuer beträgt 60 Euro.",), document="same"),
            3: PassageText(("In Potsdam gilt das seit 2020.",), document="same"),
        }
        assert rerank(question, fuse(hits, []), texts, lexical=hits)[0].id == 2

    def test_an_empty_passage_covers_nothing(self, question: Question) -> None:
        assert coverages(question, PassageText(())) == (0.0, 0.0)
