"""RTF: text, umlauts, tables."""

from pathlib import Path

import pytest

from knowledge.library.files.errors import DamagedFile
from tests.knowledge.library.files.conftest import Parse
from tests.knowledge.library.files.makers import make_rtf


class TestRtf:
    def test_paragraphs_and_tables(self, tmp_path: Path, parse: Parse) -> None:
        parsed = parse(make_rtf(tmp_path / "a.rtf"))

        assert [(block.kind, block.text) for block in parsed.blocks] == [
            ("paragraph", "Die Bücherei hat einen Chatbot."),
            ("paragraph", "Er antwortet am Abend."),
            ("table", "Monat: Mai; Fragen: 120"),
        ]
        assert parsed.title == "Bericht zur Leihe"

    def test_half_of_it_is_damaged(self, tmp_path: Path, parse: Parse) -> None:
        path = make_rtf(tmp_path / "a.rtf")
        path.write_bytes(path.read_bytes()[:150])

        with pytest.raises(DamagedFile):
            parse(path)
