"""Opening files of strangers."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # it ships no types
import pytest

from knowledge.library.files.errors import FileTooLarge, ForbiddenFile, MissingFile, NotRegularFile
from knowledge.library.files.limits import MEGABYTE, ReadLimits
from knowledge.library.files.source import check_file, open_source

NOBODY = 65534


@contextmanager
def as_nobody() -> Iterator[None]:
    """The administrator may read everything, so the tests give that up for a moment."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.txt"
    path.write_text("Text.", encoding="utf-8")
    return path


class TestOpening:
    def test_gives_the_bytes_and_the_extension(self, file: Path) -> None:
        with open_source(file.rename(file.with_suffix(".TXT")), ReadLimits()) as source:
            assert source.whole() == b"Text."
            assert source.suffix == ".txt"

    def test_needs_permission(self, file: Path) -> None:
        file.chmod(0)

        with as_nobody(), pytest.raises(ForbiddenFile) as caught:
            check_file(file, ReadLimits())

        assert caught.value.code == "file.forbidden"

    def test_size_is_checked_before_reading(self, file: Path) -> None:
        os.truncate(file, 3 * MEGABYTE + 1)

        with pytest.raises(FileTooLarge) as caught:
            check_file(file, ReadLimits(size=3 * MEGABYTE))

        assert caught.value.facts == {"size": 4, "limit": 3}

    def test_leaves_no_descriptor_behind_when_it_refuses(self, tmp_path: Path) -> None:
        process = psutil.Process()
        before = process.num_fds()
        for _ in range(20):
            with pytest.raises(NotRegularFile):
                check_file(tmp_path, ReadLimits())

        assert process.num_fds() == before

    @pytest.mark.parametrize("name", ["fehlt", "a.txt/darin", "null\0zeichen"])
    def test_nothing_there(self, file: Path, name: str) -> None:
        with pytest.raises(MissingFile):
            check_file(file.parent / name, ReadLimits())
