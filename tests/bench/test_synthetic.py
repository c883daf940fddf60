"""The texts that time is measured on are the same each time, and near enough to real ones."""

from pathlib import Path

import pytest

from bench.synthetic import TextMaker, Vocabulary, write_markdown, write_pdf
from knowledge.library.files.limits import ReadLimits
from knowledge.library.files.parse import parse_file
from knowledge.library.text.analysis import analyse
from knowledge.library.text.passages import split_passages


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    """The sample library's words with a short tail."""
    return Vocabulary.of_samples(seed=1, compounds=2000)


class TestWords:
    def test_frequent_words_come_often_and_rare_ones_now_and_then(self, vocabulary: Vocabulary) -> None:
        words = TextMaker(7, vocabulary).words(20_000)
        frequent, tail = set(vocabulary.words[:20]), set(vocabulary.words[-2000:])
        assert sum(word in frequent for word in words) > 3000
        assert 0.05 < sum(word in tail for word in words) / len(words) < 0.11

    def test_the_same_seed_makes_the_same_texts(self, vocabulary: Vocabulary) -> None:
        assert TextMaker(7, vocabulary).passage() == TextMaker(7, vocabulary).passage()
        assert TextMaker(7, vocabulary).passage() != TextMaker(8, vocabulary).passage()

    def test_passages_have_content(self, vocabulary: Vocabulary) -> None:
        maker = TextMaker(7, vocabulary)
        passages = [maker.passage() for _each in range(50)]
        assert all(60 <= len(passage.split()) <= 110 and passage.endswith(".") for passage in passages)
        assert all(len(analyse(passage).stems) > 15 for passage in passages)


class TestFiles:
    def test_each_section_of_a_markdown_file_is_one_passage(self, tmp_path: Path) -> None:
        write_markdown(tmp_path, files=2, passages=30, seed=3)
        files = sorted(tmp_path.iterdir())
        assert len(files) == 2
        assert [len(split_passages(parse_file(file, ReadLimits()))) for file in files] == [30, 30]

    def test_the_last_page_of_a_pdf_has_its_word(self, tmp_path: Path) -> None:
        file = tmp_path / "bericht.pdf"
        word = write_pdf(file, pages=4, seed=3)
        parsed = parse_file(file, ReadLimits())
        assert [block.number for block in parsed.blocks if word in block.text] == [4]
        assert not any("Seite 2" in block.text for block in parsed.blocks), "page numbers are no text"
