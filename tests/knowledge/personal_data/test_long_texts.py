"""Offsets hold in texts of any kind; how long those take is measured by ``python -m bench.personal_data --speed``."""

from itertools import pairwise

import pytest

from knowledge.personal_data.finder import find_personal_data

PIECES = [
    *("a", "A ", "Anna ", "1", "1 ", "01 ", ".", "a.", "a@", "a@a.", "(", "von ", "J. ", "Az. ", "Az. Abc abc abc "),
    *(
        "Az. 1/2, ",
        "geboren am ",
        "*",
        "Straße 1 ",
        "Am Anger 1, ",
        "Herr ",
        "-",
        "a-",
        "Anna-",
        "DE12 3704 ",
        "B-AB 12 ",
    ),
    *(
        "Tel. ist ",
        "0(",
        "\n",
        " ",
        "Tel. (1 ",
        "a(at)",
        "Fachbereich",
        "Sabine Koch und ",
        "1, 12345 Bad ",
        "Meier, Anna, ",
    ),
]
LENGTH = 3_000


class TestLongTexts:
    @pytest.mark.parametrize("piece", PIECES)
    def test_have_findings_in_order_and_apart(self, piece: str) -> None:
        text = piece * (LENGTH // len(piece)) + " Frau Wollschläger, Tel. 06131 123456"

        findings = find_personal_data(text)

        assert [text[finding.start : finding.end] for finding in findings] == [finding.text for finding in findings]
        assert all(one.end <= two.start for one, two in pairwise(findings))
        assert "Wollschläger" in {finding.text for finding in findings}
