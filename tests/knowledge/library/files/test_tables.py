"""Tables as text."""

from knowledge.library.files.tables import table_text


class TestTableText:
    def test_headers_name_the_cells(self) -> None:
        assert (
            table_text([["Ort", "Preis:"], ["Rathaus", "3 €"], ["", "4 €"]]) == "Ort: Rathaus; Preis: 3 €\nPreis: 4 €"
        )

    def test_without_headers_cells_stand_side_by_side(self) -> None:
        assert table_text([["1", "2"], ["3", "4"]]) == "1 | 2\n3 | 4"

    def test_empty_rows_and_tables(self) -> None:
        assert table_text([]) == ""
        assert table_text([["", ""], ["a", "b"]]) == "a | b"

    def test_a_row_may_be_longer_than_its_headers(self) -> None:
        assert table_text([["a", "b"], ["1", "2", "3"]]) == "a: 1; b: 2; 3"
