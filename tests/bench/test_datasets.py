"""Sets are read as they lie there, and halved without giving an answer away."""

import json
from pathlib import Path

import pytest

from bench.datasets import (
    Passage,
    Question,
    QuestionSet,
    read_distractors,
    read_sample_questions,
    read_xquad,
    write_articles,
    write_passages,
)
from bench.quality import half_of_the_articles

CONTENT = {
    "passages": [
        {"id": "p1", "article": "Oder", "text": "Die Oder fließt in die Ostsee."},
        {"id": "p2", "article": "Oder", "text": "Sie ist 866 km lang."},
        {"id": "p3", "article": "Havel", "text": "Die Havel mündet in die Elbe."},
    ],
    "questions": [
        {"question": "Wie lang ist die Oder?", "passage": "p2", "answers": ["866 km"]},
        {"question": "Wohin fließt die Havel?", "passage": "p3", "answers": ["in die Elbe", "Elbe"]},
    ],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with both files, very small."""
    (tmp_path / "xquad-de-dev.json").write_text(json.dumps(CONTENT), encoding="utf-8")
    news = "Sport;'Der Verein gewann; das Tor fiel spät.'\nohne Trennzeichen\nWeb;'Ein neues Gerät.'\n"
    (tmp_path / "distractors.csv").write_text(news, encoding="utf-8")
    return tmp_path


class TestReading:
    def test_questions_know_their_passage_and_answers(self, folder: Path) -> None:
        whole = read_xquad(folder)
        assert whole.passages[1] == Passage("p2", "Oder", "Sie ist 866 km lang.")
        assert whole.questions[1] == Question("Wohin fließt die Havel?", "p3", ("in die Elbe", "Elbe"))
        assert whole.articles() == ["Havel", "Oder"]

    def test_articles_keep_their_semicolons_and_lose_their_quotation_marks(self, folder: Path) -> None:
        assert read_distractors(folder) == ["Der Verein gewann; das Tor fiel spät.", "Ein neues Gerät."]

    def test_the_sample_library_has_its_questions(self) -> None:
        questions = read_sample_questions()
        assert len(questions) >= 100
        assert any(question.target is None for question in questions)


class TestParts:
    def test_a_question_without_its_article_has_no_answer(self, folder: Path) -> None:
        part = read_xquad(folder).within(["Havel"])
        assert [passage.id for passage in part.passages] == ["p3"]
        assert [question.target for question in part.questions] == [None, "p3"]

    def test_halves_are_whole_articles_and_the_same_for_the_same_seed(self, folder: Path) -> None:
        half = half_of_the_articles(read_xquad(folder), seed=1)
        assert len(half.articles()) == 1
        assert half == half_of_the_articles(read_xquad(folder), seed=1)

    def test_a_sample_keeps_all_passages(self, folder: Path) -> None:
        whole: QuestionSet = read_xquad(folder)
        sample = whole.sample(1, seed=3)
        assert (len(sample.questions), sample.passages) == (1, whole.passages)
        assert len(whole.sample(99, seed=3).questions) == 2


class TestWriting:
    def test_each_text_is_a_file(self, folder: Path, tmp_path: Path) -> None:
        write_passages(read_xquad(folder).passages, tmp_path / "passages")
        write_articles(read_distractors(folder), tmp_path / "news")
        names = sorted(file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("*.md"))
        assert names == ["news/news-0000.md", "news/news-0001.md", "passages/p1.md", "passages/p2.md", "passages/p3.md"]
        assert (tmp_path / "passages" / "p2.md").read_text(encoding="utf-8") == "Sie ist 866 km lang.\n"
