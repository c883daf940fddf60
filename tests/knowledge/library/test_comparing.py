"""Two versions of a text side by side."""

from knowledge.library.comparing import AROUND, MOST_LINES, Comparison, compare_texts


def marked(comparison: Comparison) -> list[str]:
    """Return the lines with what is gone in [] and what is new in {}, and how many are left out as a number."""
    signs = {"same": "{}", "gone": "[{}]", "new": "{{{}}}"}
    return [
        str(line.left_out) if line.left_out else "".join(signs[part.change].format(part.text) for part in line.parts)
        for line in comparison.lines
    ]


class TestComparing:
    def test_words_within_lines_and_whole_lines(self) -> None:
        before = ["Es kostet 10 Euro im Jahr.", "Bleibt.", "Geht.", "Ende."]
        after = ["Es kostet 12 Euro im Jahr.", "Bleibt.", "Ende.", "Kommt."]
        found = compare_texts(before, after)
        assert marked(found) == ["Es kostet [10]{12} Euro im Jahr.", "Bleibt.", "[Geht.]", "Ende.", "{Kommt.}"]
        assert (found.complete, found.is_same) == (True, False)

    def test_the_same_is_folded(self) -> None:
        before = [f"Zeile {number}" for number in range(100)]
        after = [*before[:50], "anders", *before[51:]]
        found = marked(compare_texts(before, after))
        assert found[0] == str(50 - AROUND)
        assert found[-1] == str(49 - AROUND)
        assert len(found) == 2 + 2 * AROUND + 1

    def test_nothing_changed(self) -> None:
        found = compare_texts(["a", "b"], ["a", "b"])
        assert (found.is_same, marked(found)) == (True, ["2"])
        assert compare_texts([], []).is_same

    def test_very_long_texts_are_compared_to_a_limit_and_it_is_said(self) -> None:
        before = [f"alt {number}" for number in range(3 * MOST_LINES)]
        after = [f"neu {number}" for number in range(3 * MOST_LINES)]
        found = compare_texts(before, after)
        assert not found.complete
        assert len(found.lines) == MOST_LINES

    def test_a_long_text_with_one_change_is_compared_to_its_end(self) -> None:
        before = ["gleich"] * (3 * MOST_LINES)
        found = compare_texts(before, [*before[:-1], "anders"])
        assert found.complete
        assert marked(found)[-1] == "[gleich]{anders}"
