"""Words that mean the same, and lists of them."""

from pathlib import Path

import pytest

from knowledge.synonyms.terms import (
    LARGEST_FILE,
    NumberedLine,
    SynonymFileUnreadable,
    TermUnusable,
    check_terms,
    fold_term,
    read_lines,
    split_line,
)


class TestTerms:
    def test_are_compared_without_capitals_and_spare_spaces(self) -> None:
        assert fold_term("  Große   STRAẞE ") == "grosse strasse"
        assert fold_term("A\u0308mter") == fold_term("ÄMTER")
        assert fold_term("Kinder\u00adgarten\x00\udcff") == "kindergarten"

    def test_keep_their_writing_and_lose_doubles(self) -> None:
        assert check_terms(["Kita", " KITA", "", "Kindertages\u00a0stätte"]) == {
            "kita": "Kita",
            "kindertages stätte": "Kindertages stätte",
        }

    @pytest.mark.parametrize(
        "terms",
        [[], ["Kita"], ["Kita", "kita"], ["Kita", "!?"], ["Kita", "a" * 101], ["Kita", "a\x00b"], list("abcdefgh") * 9],
    )
    def test_are_refused_if_they_make_no_group(self, terms: list[str]) -> None:
        if len(terms) == 72:
            terms = [f"{term}{number}" for number, term in enumerate(terms)]

        with pytest.raises(TermUnusable):
            check_terms(terms)


class TestLines:
    @pytest.mark.parametrize(
        ("line", "terms"),
        [
            ("Kita; Kindertagesstätte; Kindergarten", ["Kita", "Kindertagesstätte", "Kindergarten"]),
            ("Kita,Kindergarten", ["Kita", "Kindergarten"]),
            ("Kita\tKinder, kleine", ["Kita", "Kinder, kleine"]),
            ('Kita; "Kinder; kleine"', ["Kita", "Kinder; kleine"]),
            ("Kita", ["Kita"]),
        ],
    )
    def test_are_parted(self, line: str, terms: list[str]) -> None:
        assert [term.strip() for term in split_line(line)] == terms

    def test_with_open_quotation_marks_are_refused(self) -> None:
        with pytest.raises(TermUnusable):
            split_line('"Kita; Kindergarten')


class TestFiles:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
    def test_are_read_in_every_usual_encoding(self, tmp_path: Path, encoding: str) -> None:
        path = tmp_path / "words.txt"
        path.write_bytes("# Wörter\r\n\r\nÄmter; Behörden\r\n".encode(encoding))

        assert list(read_lines(path)) == [NumberedLine(3, "Ämter; Behörden")]

    @pytest.mark.parametrize("content", [b"\x81\x8d;b", b"a;b\x00\x00", b"\xff\xfe\x00"])
    def test_that_are_no_text_are_refused(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "words.txt"
        path.write_bytes(content)

        with pytest.raises(SynonymFileUnreadable):
            list(read_lines(path))

    def test_that_are_not_there_are_refused(self, tmp_path: Path) -> None:
        for path in (tmp_path / "nowhere.txt", tmp_path):
            with pytest.raises(SynonymFileUnreadable):
                list(read_lines(path))

    def test_that_are_far_too_large_are_refused_unread(self, tmp_path: Path) -> None:
        path = tmp_path / "words.txt"
        with path.open("wb") as file:
            file.truncate(LARGEST_FILE + 1)

        with pytest.raises(SynonymFileUnreadable):
            list(read_lines(path))
