"""Files come in one by one, each known by where it lies below what was given."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from knowledge.kit.database import Database
from knowledge.kit.settings import ImportSettings
from knowledge.library.files.reader import FileReader
from knowledge.library.importing import FoundFile, Importer, NothingThere, find_files, printable, read_limits
from knowledge.library.schemas import Description, ImportOutcome, ImportResult

LIMITS = read_limits(ImportSettings())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.md", "a.md", "unten/c.md", "unten/tiefer/d.md", ".versteckt.md", ".git/e.md"):
        file = tmp_path / "texte" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"# Text {name}\n\nHier steht etwas über {name}.\n", encoding="utf-8")
    (tmp_path / "texte" / "verweis.md").symlink_to(tmp_path / "texte" / "a.md")
    (tmp_path / "texte" / "kreis").symlink_to(tmp_path / "texte")
    return tmp_path / "texte"


def sources(files: list[FoundFile]) -> list[str]:
    return [file.source for file in files]


class TestFinding:
    def test_a_folder_is_walked_without_what_is_hidden_or_linked(self, folder: Path) -> None:
        assert sources(find_files([folder])) == ["a.md", "b.md", "unten/c.md", "unten/tiefer/d.md"]

    def test_a_file_is_known_by_its_name(self, folder: Path) -> None:
        assert sources(find_files([folder / "unten" / "c.md", folder / "a.md"])) == ["c.md", "a.md"]

    def test_our_own_data_is_passed_over(self, folder: Path) -> None:
        assert sources(find_files([folder], but=folder / "unten")) == ["a.md", "b.md"]
        assert sources(find_files([folder / "unten"], but=folder / "tiefer")) == ["c.md", "tiefer/d.md"]

    def test_nothing_begins_where_one_path_is_missing(self, folder: Path) -> None:
        with pytest.raises(NothingThere, match="nirgendwo"):
            find_files([folder, folder / "nirgendwo"])

    def test_a_name_that_is_no_text_can_be_shown(self) -> None:
        assert printable(Path(os.fsdecode(b"stra\xdfe.md"))) == "stra\ufffde.md"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestImporting:
    @pytest_asyncio.fixture
    async def importer(self, database: Database) -> AsyncIterator[Importer]:
        async with FileReader(LIMITS) as reader:
            yield Importer(database, reader, LIMITS)

    async def run(self, importer: Importer, files: list[FoundFile]) -> list[ImportOutcome]:
        return [outcome async for outcome in importer.run(files, Description())]

    async def test_new_unchanged_and_new_version(self, importer: Importer, folder: Path) -> None:
        files = find_files([folder])
        assert {outcome.result for outcome in await self.run(importer, files)} == {ImportResult.ADDED}
        (folder / "a.md").write_text("# Text a\n\nHier steht nun etwas anderes.\n", encoding="utf-8")
        again = {outcome.source: outcome for outcome in await self.run(importer, files)}
        assert (again["a.md"].result, again["a.md"].version) == (ImportResult.NEW_VERSION, 2)
        assert [again[name].result for name in ("b.md", "unten/c.md")] == [ImportResult.UNCHANGED] * 2

    async def test_a_bad_file_costs_no_other(self, importer: Importer, folder: Path) -> None:
        (folder / "b.md").write_bytes(b"")
        (folder / "bild.xyz").write_bytes(b"\x00\x01")
        results = {outcome.source: outcome for outcome in await self.run(importer, find_files([folder]))}
        assert results["b.md"].result is ImportResult.FAILED
        assert results["b.md"].message
        assert results["bild.xyz"].result is ImportResult.SKIPPED
        assert [results[name].result for name in ("a.md", "unten/c.md")] == [ImportResult.ADDED] * 2

    async def test_two_different_files_are_not_one_document(self, importer: Importer, folder: Path) -> None:
        (folder / "unten" / "a.md").write_text("# Anderes\n\nGanz etwas anderes.\n", encoding="utf-8")
        files = find_files([folder / "a.md", folder / "unten" / "a.md", folder / "a.md"])
        outcomes = await self.run(importer, files)
        assert [outcome.result for outcome in outcomes] == [
            ImportResult.ADDED,
            ImportResult.FAILED,
            ImportResult.UNCHANGED,
        ]
        assert str(folder / "a.md") in (outcomes[1].message or "")

    async def test_a_file_that_vanishes_meanwhile(self, importer: Importer, folder: Path) -> None:
        files = find_files([folder])
        (folder / "a.md").unlink()
        outcomes = await self.run(importer, files)
        assert outcomes[0].result is ImportResult.FAILED
        assert len(outcomes) == 4
