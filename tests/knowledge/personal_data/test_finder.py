"""What looks like personal data is found in sentences of many kinds, and nothing in those that only look like it."""

import re
from pathlib import Path

import pytest

from knowledge.personal_data.finder import find_personal_data

_MARKED = re.compile(r"⟨(\w+):([^⟩]*)⟩")


def read_sentences() -> list[str]:
    lines = Path(__file__).with_name("sentences.txt").read_text(encoding="utf-8").splitlines()
    return [line.replace("\\n", "\n") for line in lines if not line.startswith("#")]


SENTENCES = read_sentences()


class TestFindPersonalData:
    def test_is_tried_on_many_sentences_half_of_them_clean(self) -> None:
        clean = [sentence for sentence in SENTENCES if not _MARKED.search(sentence)]

        assert len(SENTENCES) >= 120
        assert 0.35 < len(clean) / len(SENTENCES) < 0.65

    @pytest.mark.parametrize("marked", SENTENCES)
    def test_finds_what_is_marked_and_nothing_else(self, marked: str) -> None:
        text = _MARKED.sub(r"\2", marked)

        found = [(finding.kind.value, finding.text) for finding in find_personal_data(text)]

        assert found == _MARKED.findall(marked)
