"""XLSX: tables of what cells show, below the names of their sheets."""

from pathlib import Path

import openpyxl  # type: ignore[import-untyped]  # it ships no types
import pytest

from knowledge.library.files.errors import TooMuchText
from knowledge.library.files.limits import ReadLimits
from knowledge.library.files.parse import parse_file
from tests.knowledge.library.files.conftest import Parse
from tests.knowledge.library.files.helpers import texts
from tests.knowledge.library.files.makers import make_xlsx


class TestSheets:
    def test_rows_say_what_their_cells_are(self, tmp_path: Path, parse: Parse) -> None:
        parsed = parse(make_xlsx(tmp_path / "a.xlsx"))

        assert [(block.kind, block.text) for block in parsed.blocks] == [
            ("heading", "Kosten"),
            ("paragraph", "Kosten des Chatbots"),
            ("table", "Jahr: 2023; Betrag: 1200.5\nJahr: 2024; Betrag: 900"),
            ("table", "frei | 3"),
        ]
        assert {(block.place, block.number, block.label) for block in parsed.blocks} == {("sheet", 1, "Kosten")}

    def test_hidden_ones_stay_hidden(self, tmp_path: Path, parse: Parse) -> None:
        whole = "\n".join(texts(parse(make_xlsx(tmp_path / "a.xlsx"))))

        assert "Kosten" in whole
        assert "geheim" not in whole

    def test_dates_read_like_dates(self, tmp_path: Path, parse: Parse) -> None:
        from datetime import datetime

        book = openpyxl.Workbook()
        book.active.append(["Beschluss", datetime(2024, 3, 18)])  # noqa: DTZ001 - sheets know no time zones
        book.save(tmp_path / "a.xlsx")

        assert texts(parse(tmp_path / "a.xlsx")) == ["Beschluss | 2024-03-18"]

    def test_endless_ones_are_refused(self, tmp_path: Path) -> None:
        book = openpyxl.Workbook()
        for number in range(200):
            book.active.append(["Zeile", number])
        book.save(tmp_path / "a.xlsx")

        with pytest.raises(TooMuchText):
            parse_file(tmp_path / "a.xlsx", ReadLimits(characters=500))
