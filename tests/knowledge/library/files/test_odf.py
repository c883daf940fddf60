"""OpenDocument texts, slides and sheets."""

from pathlib import Path

import odfdo
import pytest

from knowledge.library.files.errors import DamagedFile
from tests.knowledge.library.files.conftest import Parse
from tests.knowledge.library.files.helpers import texts
from tests.knowledge.library.files.makers import make_odp, make_ods, make_odt


class TestText:
    def test_comes_in_order_with_its_footnote_behind_the_sentence(self, tmp_path: Path, parse: Parse) -> None:
        parsed = parse(make_odt(tmp_path / "a.odt"))

        assert [(block.kind, block.text, block.note) for block in parsed.blocks] == [
            ("heading", "Bericht zur Bücherei", None),
            ("paragraph", "Der Probelauf dauerte ein Jahr.", None),
            ("paragraph", "Von Mai 2023 an.", "footnote"),
            ("list", "Öffnungszeiten\nMahngebühren", None),
            ("table", "Monat: Mai; Fragen: 120", None),
        ]
        assert parsed.title == "Bericht zur Bücherei"
        assert parsed.media_type == "application/vnd.oasis.opendocument.text"

    def test_half_of_it_is_damaged(self, tmp_path: Path, parse: Parse) -> None:
        path = make_odt(tmp_path / "a.odt")
        path.write_bytes(path.read_bytes()[:3000])

        with pytest.raises(DamagedFile):
            parse(path)


class TestSlides:
    def test_know_their_number_and_title(self, tmp_path: Path, parse: Parse) -> None:
        parsed = parse(make_odp(tmp_path / "a.odp"))

        assert [(block.kind, block.place, block.number, block.label, block.text) for block in parsed.blocks] == [
            ("heading", "slide", 1, "Warum ein Chatbot?", "Warum ein Chatbot?"),
            ("paragraph", "slide", 1, "Warum ein Chatbot?", "Weniger Anrufe am Abend."),
        ]


class TestSheets:
    def test_rows_say_what_their_cells_are(self, tmp_path: Path, parse: Parse) -> None:
        parsed = parse(make_ods(tmp_path / "a.ods"))

        assert texts(parsed, "table") == ["Monat: Mai; Fragen: 120"]
        assert {block.label for block in parsed.blocks} == {"Zahlen"}

    def test_a_million_repeated_cells_are_not_written_out(self, tmp_path: Path, parse: Parse) -> None:
        path = make_ods(tmp_path / "a.ods")
        document = odfdo.Document(str(path))
        for cell in document.body.get_elements("//table:table-cell"):
            cell.set_attribute("table:number-columns-repeated", "1000000")
        for row in document.body.get_elements("//table:table-row"):
            row.set_attribute("table:number-rows-repeated", "1000000")
        document.save(str(path))

        whole = "\n".join(texts(parse(path)))
        assert "Mai" in whole
        assert len(whole) < 500_000
