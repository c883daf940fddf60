"""What kind of file it is: content first, then name."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge.library.files.detect import KNOWN_SUFFIXES
from knowledge.library.files.errors import DamagedFile, EncryptedFile, FileUnreadable, UndecodableText, UnknownFileType
from tests.knowledge.library.files.conftest import Parse, ParseText
from tests.knowledge.library.files.makers import (
    Page,
    make_docx,
    make_odp,
    make_ods,
    make_odt,
    make_pdf,
    make_pptx,
    make_rtf,
    make_xlsx,
)

MAKERS: list[tuple[Callable[[Path], Path], str]] = [
    (make_docx, "wordprocessingml.document"),
    (make_pptx, "presentationml.presentation"),
    (make_xlsx, "spreadsheetml.sheet"),
    (make_odt, "opendocument.text"),
    (make_odp, "opendocument.presentation"),
    (make_ods, "opendocument.spreadsheet"),
    (make_rtf, "application/rtf"),
    (lambda path: make_pdf(path, [Page(["Ein Satz auf einer Seite."])]), "application/pdf"),
]


class TestContentCountsMoreThanTheName:
    @pytest.mark.parametrize(("make", "media_type"), MAKERS, ids=[kind for _, kind in MAKERS])
    @pytest.mark.parametrize("suffix", [".docx", ".pdf", ".txt", ".xyz", ""])
    def test_whatever_it_is_called(
        self, tmp_path: Path, parse: Parse, make: Callable[[Path], Path], media_type: str, suffix: str
    ) -> None:
        made = make(tmp_path / "made")

        assert parse(made.rename(tmp_path / f"datei{suffix}")).media_type.endswith(media_type)

    def test_a_page_saved_as_pdf_is_a_page(self, parse_text: ParseText) -> None:
        assert parse_text("<!DOCTYPE html><html><body><p>Ja.</p></body></html>", "a.pdf").media_type == "text/html"

    def test_a_page_saved_as_text_is_a_page(self, parse_text: ParseText) -> None:
        assert parse_text("<!DOCTYPE html><html><body><p>Ja.</p></body></html>", "a.txt").media_type == "text/html"

    def test_a_text_that_speaks_of_pdf_is_a_text(self, parse_text: ParseText) -> None:
        assert parse_text("Dateien beginnen mit %PDF-1.7 am Anfang.", "a.md").media_type == "text/markdown"


class TestUnknownKinds:
    @pytest.mark.parametrize(
        ("name", "data"),
        [
            ("bild.png", b"\x89PNG\r\n\x1a\n" + bytes(100)),
            ("daten.csv", b"a;b\n1;2\n"),
            ("programm.py", b"print(1)\n"),
            ("alt.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000)),
        ],
    )
    def test_are_named_as_such(self, parse_text: ParseText, name: str, data: bytes) -> None:
        with pytest.raises(UnknownFileType) as caught:
            parse_text(data, name)

        assert "PDF" in caught.value.message

    def test_an_archive_of_anything_else(self, tmp_path: Path, parse: Parse) -> None:
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            archive.writestr("a.txt", "Text")

        with pytest.raises(UnknownFileType):
            parse(tmp_path / "a.zip")

    def test_a_readable_file_without_extension_is_text(self, parse_text: ParseText) -> None:
        assert parse_text("Ein Satz.", "LIESMICH").media_type == "text/plain"


class TestNamesThatPromiseTooMuch:
    @pytest.mark.parametrize(
        ("name", "error"),
        [("a.pdf", DamagedFile), ("a.docx", DamagedFile), ("a.txt", UndecodableText), ("a.md", UndecodableText)],
    )
    def test_noise(self, parse_text: ParseText, name: str, error: type[FileUnreadable]) -> None:
        with pytest.raises(error):
            parse_text(bytes(range(256)) * 20, name)

    def test_an_office_file_with_a_password(self, parse_text: ParseText) -> None:
        head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)

        with pytest.raises(EncryptedFile):
            parse_text(head + "EncryptedPackage".encode("utf-16-le") + bytes(500), "a.docx")


class TestKnownSuffixes:
    def test_hold_every_promised_format(self) -> None:
        promised = {
            "." + name
            for name in ("pdf", "docx", "pptx", "xlsx", "odt", "odp", "ods", "rtf", "html", "htm", "md", "txt")
        }

        assert promised <= KNOWN_SUFFIXES
