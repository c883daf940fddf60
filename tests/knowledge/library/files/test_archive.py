"""Zipped formats that would unpack to more than they should."""

import zipfile
from pathlib import Path

import pytest

from knowledge.library.files.archive import check_archive
from knowledge.library.files.errors import ZipBomb
from knowledge.library.files.limits import MEGABYTE, ReadLimits
from tests.knowledge.library.files.makers import make_docx, make_zip_bomb


class TestBombs:
    def test_too_dense(self, tmp_path: Path) -> None:
        with make_zip_bomb(tmp_path / "a.docx").open("rb") as file, pytest.raises(ZipBomb):
            check_archive(file, ReadLimits())

    def test_too_much_in_all(self, tmp_path: Path) -> None:
        path = make_docx(tmp_path / "a.docx")

        with path.open("rb") as file, pytest.raises(ZipBomb):
            check_archive(file, ReadLimits(unpacked=1000))

    def test_too_many_members(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(tmp_path / "a.docx", "w") as archive:
            for number in range(20_001):
                archive.writestr(f"{number}", b"")

        with (tmp_path / "a.docx").open("rb") as file, pytest.raises(ZipBomb):
            check_archive(file, ReadLimits())


class TestHonestFiles:
    def test_pass(self, tmp_path: Path) -> None:
        with make_docx(tmp_path / "a.docx").open("rb") as file:
            assert "word/document.xml" in check_archive(file, ReadLimits())

    def test_dense_but_small_ones_pass(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(tmp_path / "a.docx", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("word/document.xml", b" " * (10 * MEGABYTE))

        with (tmp_path / "a.docx").open("rb") as file:
            assert check_archive(file, ReadLimits())
