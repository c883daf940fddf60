"""Are tables such that offices can work with them, and nothing in them can do harm?"""

import csv
from dataclasses import replace
from datetime import date
from io import StringIO

import pytest

from hub.plots.schemas import Column, Form, Plot, Row, Unit
from hub.plots.tables import csv_of, head_of, rows_of, safe_cell

ROWS = (Row("Jan 2026", "Jan 26", date(2026, 1, 1), date(2026, 1, 31)),)
SHARES = Plot(
    "beantwortet",
    "Beantwortet",
    "Anteil",
    Form.BARS,
    ROWS,
    (Column("Anteil", (67.0,), Unit.PERCENT), Column("Fragen", (1200,), drawn=False)),
    over="Zeitraum",
)
LANDS = Plot("laender", "Länder", "Wo", Form.CELLS, (Row("Thüringen"),), (Column("machen mit", (None,)),), over="Land")


def read(content: bytes) -> list[list[str]]:
    """Read a file as a spreadsheet in a German office does."""
    return list(csv.reader(StringIO(content.decode("utf-8-sig")), delimiter=";"))


class TestFile:
    def test_says_that_it_is_utf_8(self) -> None:
        assert csv_of(LANDS).startswith(b"\xef\xbb\xbf")
        assert read(csv_of(LANDS)) == [["Land", "machen mit"], ["Thüringen", ""]]

    def test_a_period_has_its_days_as_germans_write_them(self) -> None:
        head, row = read(csv_of(SHARES))
        assert row == ["01.01.2026", "31.01.2026", "67", "1200"]
        assert head[2:] == ["Anteil (%)", "Fragen"]

    @pytest.mark.parametrize("bad", ["=1+1", "+49", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
    def test_no_name_becomes_a_formula(self, bad: str) -> None:
        plot = replace(LANDS, rows=(Row(bad),), columns=(Column(bad, (3,)),), over=bad)
        cells = [cell for row in read(csv_of(plot)) for cell in row if cell != "3"]
        assert len(cells) == 3
        assert all(cell.startswith("'") for cell in cells)

    def test_what_is_harmless_stays(self) -> None:
        assert safe_cell("Straßen und Verkehr") == "Straßen und Verkehr"


class TestTable:
    def test_says_the_same_in_words(self) -> None:
        assert head_of(SHARES) == ("Zeitraum", "Anteil", "Fragen")
        assert rows_of(SHARES) == [("Jan 2026", "67\u00a0%", "1.200")]

    def test_what_is_not_told_is_a_dash(self) -> None:
        assert rows_of(LANDS) == [("Thüringen", "–")]
