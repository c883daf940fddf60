"""PPTX: slides with titles, points, tables and notes."""

from pathlib import Path

import pptx
import pytest

from knowledge.library.files.errors import TooManyPages
from knowledge.library.files.limits import ReadLimits
from knowledge.library.files.parse import parse_file
from tests.knowledge.library.files.conftest import Parse
from tests.knowledge.library.files.makers import make_pptx


class TestSlides:
    def test_know_their_number_and_title(self, tmp_path: Path, parse: Parse) -> None:
        parsed = parse(make_pptx(tmp_path / "a.pptx"))

        assert [(block.kind, block.number, block.label, block.text) for block in parsed.blocks] == [
            ("heading", 1, "Warum ein Chatbot?", "Warum ein Chatbot?"),
            ("list", 1, "Warum ein Chatbot?", "Weniger Anrufe\nAuskunft am Abend"),
            ("paragraph", 1, "Warum ein Chatbot?", "Hier vom Probelauf erzählen."),
            ("heading", 2, "Zahlen", "Zahlen"),
            ("table", 2, "Zahlen", "Monat: Mai; Fragen: 120"),
        ]
        assert {block.place for block in parsed.blocks} == {"slide"}
        assert parsed.title == "Warum ein Chatbot?"

    def test_hidden_ones_are_left_out(self, tmp_path: Path, parse: Parse) -> None:
        path = make_pptx(tmp_path / "a.pptx")
        show = pptx.Presentation(str(path))
        show.slides[0].element.set("show", "0")
        show.save(str(path))

        assert {block.number for block in parse(path).blocks} == {2}

    def test_have_a_limit(self, tmp_path: Path) -> None:
        path = make_pptx(tmp_path / "a.pptx")

        with pytest.raises(TooManyPages) as caught:
            parse_file(path, ReadLimits(pages=1))

        assert caught.value.facts == {"pages": 2, "limit": 1}
