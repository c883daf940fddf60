"""What on a page is furniture."""

import pytest

from knowledge.library.files.lines import Line, drop_furniture, is_page_number


class TestPageNumbers:
    @pytest.mark.parametrize("text", ["12", "- 12 -", "Seite 3", "Seite 3 von 10", "3/10", "iv", "| 7 |"])
    def test_are_recognised(self, text: str) -> None:
        assert is_page_number(text)

    @pytest.mark.parametrize("text", ["12 Bürger", "§ 12", "3. Kapitel", "Seitenweise"])
    def test_other_lines_are_none(self, text: str) -> None:
        assert not is_page_number(text)


class TestFurniture:
    WORDS = ("Ahorn", "Birke", "Eiche", "Linde", "Ulme")

    def test_repeated_heads_go_and_repeated_sentences_stay(self) -> None:
        pages = [
            [Line(text) for text in (f"Kopf {number}", f"{word} oben", f"{word} da", "Immer gleich", f"{word} dort")]
            + [Line(f"{word} unten"), Line(f"Fuß {number}")]
            for number, word in enumerate(self.WORDS)
        ]

        kept = drop_furniture(pages)

        assert [line.text for line in kept[0]] == [
            "Ahorn oben",
            "Ahorn da",
            "Immer gleich",
            "Ahorn dort",
            "Ahorn unten",
        ]

    def test_the_head_of_a_short_chapter_goes(self) -> None:
        heads = [
            "Kapitel 1: Anlass 3",
            "Kapitel 1: Anlass 4",
            "Kapitel 2: Ziele 5",
            "Kapitel 2: Ziele 6",
            "Kapitel 3 9",
        ]
        pages = [[Line(head), Line(f"{word} ist ein Baum")] for head, word in zip(heads, self.WORDS, strict=True)]

        kept = [line.text for page in drop_furniture(pages) for line in page]

        assert [text for text in kept if "Kapitel" in text] == ["Kapitel 3 9"]

    def test_a_title_in_larger_type_is_not_a_running_head(self) -> None:
        pages = [[Line("Bericht", size=20 if number == 0 else 8), Line(f"{word} ist ein Baum")]
                 for number, word in enumerate(self.WORDS)]  # fmt: skip

        kept = drop_furniture(pages)

        assert [line.text for line in kept[0]] == ["Bericht", "Ahorn ist ein Baum"]
        assert [line.text for line in kept[1]] == ["Birke ist ein Baum"]
