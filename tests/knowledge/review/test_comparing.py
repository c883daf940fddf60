"""Two texts side by side, and a text with marks."""

from knowledge.personal_data.schemas import Finding, FindingKind
from knowledge.review.comparing import MOST_WORDS, compare, marked


class TestComparing:
    def test_only_the_words_that_differ_are_changed(self) -> None:
        found = compare("Der Dienst kostete 5.900 Euro.", "Der Dienst kostete 6.200 Euro.")
        assert [part.text for part in found.old if part.changed] == ["5.900 "]
        assert [part.text for part in found.new if part.changed] == ["6.200 "]

    def test_nothing_is_lost(self) -> None:
        old, new = " Zwei  Zeilen\n\nund mehr. ", "Zwei andere Zeilen\nund weniger"
        found = compare(old, new)
        assert ("".join(part.text for part in found.old), "".join(part.text for part in found.new)) == (old, new)

    def test_white_space_alone_is_no_difference(self) -> None:
        assert not compare("ein  Wort\nmehr", "ein Wort mehr").differs

    def test_long_texts_are_compared_by_lines(self) -> None:
        lines = [f"Zeile {number} mit Text\n" for number in range(MOST_WORDS // 3)]
        found = compare("".join(lines), "".join([*lines[:-1], "Schluss\n"]))
        assert [part.text for part in found.new if part.changed] == ["Schluss\n"]


class TestMarking:
    def test_the_text_is_cut_at_its_findings(self) -> None:
        text = "Fragen Sie Petra Muster im Amt."
        finding = Finding(FindingKind.NAME, 11, 23, "Petra Muster")
        parts = marked(text, [finding])
        assert [(part.text, part.finding) for part in parts] == [
            ("Fragen Sie ", None),
            ("Petra Muster", finding),
            (" im Amt.", None),
        ]
