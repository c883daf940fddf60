"""What is quoted as an answer: whole sentences, few, the likely ones first."""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from statistics import fmean, median
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from knowledge.library.answers.coverage import read_question
from knowledge.library.answers.quotation import DEFAULT, Candidate, Quotation, QuotationLimits, choose_quotations
from knowledge.library.answers.ranking import PassageText, fuse, rerank
from knowledge.library.files.blocks import Block, ParsedFile
from knowledge.library.indexes.queries import analyse_query
from knowledge.library.indexes.schemas import IndexedPassage
from knowledge.library.indexes.words import WordsIndex
from knowledge.library.text.passages import split_passages
from knowledge.library.text.sentences import sentence_texts, split_sentences

RISKS = (
    "Der AI-Act teilt Systeme in vier Risikoklassen ein. Die Risikoklasse 1 umfasst Systeme mit minimalem Risiko. "
    "Beispiele sind Filter gegen unerwünschte Post. Die Risikoklasse 2 umfasst Systeme mit geringem Risiko."
)
CHATBOTS = (
    "Nutzende könnten nicht wissen, dass sie mit einer Maschine sprechen. Ein Beispiel ist der Einsatz von Chatbots. "
    "In diesen Fällen besteht eine Transparenzpflicht. Ein hohes Risiko geht von Systemen in Krankenhäusern aus."
)
STAFF = (
    "Die Stadt Musterau hat eine Stelle für Digitales geschaffen. Sie wurde im Jahr 2021 mit zwei Personen besetzt. "
    "Der Rat stimmte einstimmig dafür. Über die Kosten wurde lange gestritten."
)
WEATHER = "Der Deutsche Wetterdienst warnt vor Sturm. An der Küste ist mit Hochwasser zu rechnen."
NO_MORE = replace(DEFAULT, short=0)


def ask(text: str, candidates: Sequence[Candidate | str], *, limits: QuotationLimits = DEFAULT) -> list[Quotation]:
    passages = [
        entry if isinstance(entry, Candidate) else Candidate(place, entry, 1 / place, document=str(place))
        for place, entry in enumerate(candidates, start=1)
    ]
    return choose_quotations(text, read_question(text, {}, 100), passages, limits=limits)


class TestOneAnswer:
    def test_the_sentence_that_covers_the_question_is_quoted(self) -> None:
        (quotation,) = ask("Wie stimmte der Rat ab?", [STAFF, WEATHER], limits=NO_MORE)

        assert quotation.text == "Der Rat stimmte einstimmig dafür."
        assert quotation.id == 1

    def test_spans_lead_back_to_the_sentences(self) -> None:
        (quotation,) = ask("Wie stimmte der Rat ab?", [STAFF], limits=NO_MORE)

        assert [STAFF[start:end] for start, end in quotation.spans] == [quotation.text]

    def test_asked_for_a_year_the_sentence_with_a_year_wins(self) -> None:
        text = "Die Stelle wurde besetzt. Die Stelle wurde 2021 besetzt. Die Stelle wurde gern besetzt."

        (quotation,) = ask("Wann wurde die Stelle besetzt?", [text], limits=replace(NO_MORE, sentences=1))

        assert quotation.text == "Die Stelle wurde 2021 besetzt."

    def test_a_number_of_the_question_is_not_its_answer(self) -> None:
        text = "Von 600 Maßnahmen war die Rede. Von den Maßnahmen erwähnen sechs die KI."

        (quotation,) = ask("Wie viele der 600 Maßnahmen erwähnen KI?", [text], limits=replace(NO_MORE, sentences=1))

        assert quotation.text == "Von den Maßnahmen erwähnen sechs die KI."

    def test_a_short_answer_goes_on_with_what_follows(self) -> None:
        (quotation,) = ask("Wie stimmte der Rat ab?", [STAFF])

        assert quotation.text == "Der Rat stimmte einstimmig dafür. Über die Kosten wurde lange gestritten."

    def test_a_sentence_that_refers_back_brings_the_one_before(self) -> None:
        (quotation,) = ask("Mit wie vielen Personen wurde besetzt?", [STAFF], limits=NO_MORE)

        assert quotation.text.startswith("Die Stadt Musterau hat eine Stelle für Digitales geschaffen. Sie wurde")

    def test_a_gap_is_marked(self) -> None:
        text = "Der Rat tagte zu Kosten. Es gab Kaffee und Kuchen für alle. Der Rat stritt über Kosten."

        (quotation,) = ask("Was tat der Rat zu den Kosten?", [text], limits=NO_MORE)

        assert quotation.text == "Der Rat tagte zu Kosten. … Der Rat stritt über Kosten."
        assert len(quotation.spans) == 2


class TestSeveralSources:
    def test_a_far_weaker_passage_is_not_quoted(self) -> None:
        weak = Candidate(2, "Auch der Rat von Neustadt stimmte ab.", 0.2, document="b")

        quotations = ask("Wie stimmte der Rat ab?", [Candidate(1, STAFF, 1.0, document="a"), weak])

        assert [quotation.id for quotation in quotations] == [1]

    def test_a_near_one_that_adds_something_is(self) -> None:
        near = Candidate(2, "Auch der Rat von Neustadt stimmte knapp dafür.", 0.95, document="b")

        quotations = ask("Wie stimmte der Rat ab?", [Candidate(1, STAFF, 1.0, document="a"), near])

        assert {quotation.id for quotation in quotations} == {1, 2}

    def test_the_same_text_is_quoted_once(self) -> None:
        copy = Candidate(2, STAFF.replace(" hat ", "\nhat "), 1.0, document="b")

        quotations = ask("Wie stimmte der Rat ab?", [Candidate(1, STAFF, 1.0, document="a"), copy])

        assert [quotation.id for quotation in quotations] == [1]

    def test_of_near_duplicate_documents_only_one_is_quoted(self) -> None:
        copies = [
            Candidate(1, "Der Rat stimmte einstimmig für den Plan.", 1.0, group="minutes", document="a"),
            Candidate(2, "Der Rat hat ohne Gegenstimme zugestimmt.", 1.0, group="minutes", document="b"),
        ]

        assert len(ask("Wie stimmte der Rat ab?", copies)) == 1

    def test_at_most_three_sources(self) -> None:
        passages = [
            Candidate(key, f"Der Rat von Ort{key} stimmte {word} ab.", 1.0, document=str(key))
            for key, word in enumerate(["einstimmig", "geheim", "offen", "knapp", "namentlich"], start=1)
        ]

        assert len(ask("Wie stimmte der Rat ab?", passages)) == DEFAULT.sources

    def test_two_things_asked_at_once_are_both_answered_in_reading_order(self) -> None:
        passages = [
            Candidate(7, RISKS, 1.0, document="a", position=4),
            Candidate(8, CHATBOTS, 0.6, document="a", position=5),
        ]

        quotations = ask(
            "In welche Risikoklasse des AI-Act fallen Chatbots, und welche Pflicht folgt daraus?", passages
        )

        shown = "\n".join(quotation.text for quotation in quotations)
        assert [quotation.id for quotation in quotations] == [7, 8]
        assert "Chatbots" in shown
        assert "Transparenzpflicht" in shown


class TestLists:
    LIST = "Der Mehrwert hat drei Wirkdimensionen:\n• Teilhabe\n• Effizienz\n• Entscheidungen\nDas war alles."

    def test_a_short_list_comes_whole_and_with_its_lead(self) -> None:
        (quotation,) = ask("Welche drei Wirkdimensionen hat der Mehrwert?", [self.LIST], limits=NO_MORE)

        assert quotation.text == "Der Mehrwert hat drei Wirkdimensionen:\n• Teilhabe\n• Effizienz\n• Entscheidungen"

    def test_an_item_of_a_long_list_brings_the_lead(self) -> None:
        items = [f"• Die Stelle {number} berät zu {word}." for number, word in enumerate(["Müll", "Wasser", "Strom"])]
        text = "\n".join(["Es gibt diese Stellen:", *items])

        (quotation,) = ask("Wer berät zu Wasser?", [text], limits=replace(NO_MORE, list_characters=40, sentences=1))

        assert quotation.text == "Es gibt diese Stellen: … Die Stelle 1 berät zu Wasser."

    def test_a_single_item_loses_its_bullet(self) -> None:
        (quotation,) = ask("Wer berät zu Müll?", ["• Die Stadt berät zu Müll."])

        assert quotation.text == "Die Stadt berät zu Müll."


class TestNothing:
    def test_without_passages_nothing_is_quoted(self) -> None:
        assert ask("Wer berät?", []) == []

    def test_what_must_not_be_quoted_is_not(self) -> None:
        assert ask("Wer berät?", [Candidate(1, STAFF, 1.0, quotable=False)]) == []

    def test_a_question_without_content_words_still_gets_whole_sentences(self) -> None:
        (quotation,) = ask("Was ist das?", [WEATHER])

        assert quotation.text in WEATHER


class TestRoom:
    @given(
        st.lists(
            st.lists(st.sampled_from(sentence_texts(f"{RISKS} {CHATBOTS} {STAFF} {WEATHER}")), min_size=1, max_size=9),
            max_size=6,
        ),
        st.sampled_from(["Wie viele Personen?", "Welche Risikoklasse, und welche Pflicht?", "Rat", ""]),
    )
    def test_answers_are_whole_sentences_that_fit_on_a_screen(self, passages: list[list[str]], text: str) -> None:
        texts = [" ".join(passage) for passage in passages]

        quotations = ask(text, texts)

        assert bool(quotations) == bool(texts)
        assert sum(len(quotation.text) for quotation in quotations) <= DEFAULT.characters + 40
        for quotation in quotations:
            whole = texts[quotation.id - 1]
            assert set(quotation.spans) <= set(split_sentences(whole))
            assert all(part.strip() in whole for part in quotation.text.split(" … "))

    def test_one_long_sentence_is_shown_whole(self) -> None:
        sentence = "Der Rat stimmte " + "nach langer Beratung " * 60 + "ab."

        assert [quotation.text for quotation in ask("Wie stimmte der Rat ab?", [sentence])] == [sentence]


class Library:
    """The passages of the question set in a words index, asked as the product asks them, without vectors."""

    def __init__(self, folder: Path, passages: Sequence[dict[str, str]]) -> None:
        blocks = [(entry["id"], (Block("paragraph", entry["text"]),)) for entry in passages]
        drafts = [
            (document, draft.text)
            for document, parts in blocks
            for draft in split_passages(ParsedFile(parts, None, {}, "text/markdown"))
        ]
        self._texts = dict(enumerate(drafts, start=1))
        self._index = WordsIndex.open(folder)
        self._index.add(
            IndexedPassage(key, f"{key:032x}", "public", text, "", ()) for key, (_document, text) in self._texts.items()
        )
        self._index.commit()

    def ask(self, text: str) -> list[str]:
        question = read_question(text, self._index.document_frequencies(analyse_query(text).stems), self._index.count())
        hits = self._index.search(text, limit=100)
        fused = fuse(hits, [])
        texts = {hit.id: PassageText(tuple(sentence_texts(self._texts[hit.id][1]))) for hit in fused[:20]}
        ranked = rerank(question, fused, texts, lexical=hits)[:8]
        candidates = [
            Candidate(entry.id, self._texts[entry.id][1], entry.score, document=self._texts[entry.id][0])
            for entry in ranked
        ]
        return [quotation.text for quotation in choose_quotations(text, question, candidates)]


def has_answer(shown: Sequence[str], answers: Sequence[str]) -> bool:
    texts = [" ".join(text.split()).lower() for text in shown]
    return any(" ".join(answer.split()).lower() in text for answer in answers for text in texts)


@cache
def question_set(file: Path) -> Any:
    return json.loads(file.read_text("utf-8"))


class TestFigures:
    """XQuAD-de (Artetxe, Ruder and Yogatama 2020, CC BY-SA 4.0) is not part of the project."""

    def test_quotations_are_short_and_hold_the_answer(self, shared_folder: Path) -> None:
        data = question_set(shared_folder / "data" / "xquad-de-dev.json")
        with tempfile.TemporaryDirectory() as folder:
            library = Library(Path(folder), data["passages"])
            shown = [library.ask(entry["question"]) for entry in data["questions"]]

        assert len(shown) == 612
        hits = [has_answer(texts, entry["answers"]) for texts, entry in zip(shown, data["questions"], strict=True)]
        assert fmean(hits) >= 0.85
        assert median(sum(map(len, texts)) for texts in shown) <= 350
