"""Reading in worker processes: what a hostile file can do, and what survives it."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # it ships no types
import pytest
import pytest_asyncio

from knowledge.library.files.errors import (
    DamagedFile,
    EmptyFile,
    FileTooLarge,
    FileUnreadable,
    MissingFile,
    NotRegularFile,
    ReaderBroke,
    ReadingTooSlow,
    TooMuchMemory,
    ZipBomb,
)
from knowledge.library.files.limits import MEGABYTE
from knowledge.library.files.reader import FileReader, ReadLimits
from tests.knowledge.library.files.makers import make_zip_bomb

ROOT = Path(__file__).resolve().parents[4]


@pytest_asyncio.fixture
async def reader() -> AsyncIterator[FileReader]:
    async with FileReader(ReadLimits()) as one:
        yield one


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "gut.md"
    path.write_text("# Bücherei\n\nDer Chatbot antwortet am Abend.\n", encoding="utf-8")
    return path


@pytest.fixture
def slow(tmp_path: Path) -> Path:
    """A page that takes its parser many seconds."""
    path = tmp_path / "langsam.html"
    path.write_text("<p>" + "<b>".join(f"<i>{number}" for number in range(600_000)), encoding="utf-8")
    return path


def computing_time() -> float:
    """Seconds of processor time that this process and its workers took."""
    spent = [process.cpu_times() for process in (psutil.Process(), *worker_processes())]
    return sum(float(times.user + times.system) for times in spent)


def rename(path: Path, name: bytes) -> Path:
    """Give a file a name of any bytes."""
    return path.rename(Path(os.fsdecode(os.fsencode(path.parent) + b"/" + name)))


def worker_processes() -> list[psutil.Process]:
    """The workers that this process started."""
    children = psutil.Process().children(recursive=True)
    return [child for child in children if "knowledge.library.files.worker" in " ".join(child.cmdline())]


class TestReading:
    async def test_blocks_come_back_from_another_process(self, reader: FileReader, good: Path) -> None:
        parsed = await reader.read(good)

        assert [(block.kind, block.text) for block in parsed.blocks] == [
            ("heading", "Bücherei"),
            ("paragraph", "Der Chatbot antwortet am Abend."),
        ]
        assert parsed.title == "Bücherei"
        assert parsed.media_type == "text/markdown"

    async def test_no_process_starts_before_there_is_something_to_read(self, reader: FileReader, good: Path) -> None:
        before = worker_processes()
        await reader.read(good)

        assert before == []
        assert len(worker_processes()) == 1

    async def test_one_process_reads_many_files(self, reader: FileReader, good: Path) -> None:
        await reader.read(good)
        first = worker_processes()[0].pid
        for _ in range(20):
            await reader.read(good)

        assert [process.pid for process in worker_processes()] == [first]

    async def test_several_workers_read_side_by_side(self, good: Path) -> None:
        async with FileReader(ReadLimits(), workers=2) as reader:
            parsed = await asyncio.gather(*(reader.read(good) for _ in range(6)))
            assert len(worker_processes()) == 2

        assert len({file.title for file in parsed}) == 1

    async def test_a_path_counts_from_the_folder_of_the_caller(
        self, reader: FileReader, good: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(good.parent)

        assert (await reader.read(Path("gut.md"))).title == "Bücherei"

    async def test_a_name_that_is_no_text_can_be_read(self, reader: FileReader, good: Path) -> None:
        odd = rename(good, b"B\xfccherei\xff.md")

        assert (await reader.read(odd)).title == "Bücherei"

    async def test_modules_in_the_folder_of_the_files_are_not_imported(
        self, reader: FileReader, good: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (good.parent / "yaml.py").write_text("raise SystemExit(1)", encoding="utf-8")
        monkeypatch.chdir(good.parent)

        assert (await reader.read(good)).title == "Bücherei"

    async def test_a_worker_knows_no_secrets_of_its_parent(
        self, reader: FileReader, good: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ALLMENDE_SECRET_KEY", "geheim")
        await reader.read(good)

        assert "ALLMENDE_SECRET_KEY" not in worker_processes()[0].environ()

    async def test_a_small_file_costs_little_computing(self, reader: FileReader, good: Path) -> None:
        await reader.read(good)
        begun = computing_time()
        for _ in range(200):
            await reader.read(good)

        assert (computing_time() - begun) / 200 < 0.004  # measured: 0.0014 s, on both sides together


class TestFilesRefusedBeforeReading:
    async def test_300_megabytes(self, reader: FileReader, tmp_path: Path) -> None:
        path = tmp_path / "riesig.pdf"
        with path.open("wb") as file:
            file.truncate(300 * MEGABYTE)

        begun = time.perf_counter()
        with pytest.raises(FileTooLarge) as caught:
            await reader.read(path)

        assert caught.value.facts == {"size": 300, "limit": 100}
        assert "300 MB" in caught.value.message
        assert time.perf_counter() - begun < 1
        assert worker_processes() == []

    async def test_a_fifo_does_not_make_it_wait(self, reader: FileReader, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "rohr.txt")

        with pytest.raises(NotRegularFile):
            await asyncio.wait_for(reader.read(tmp_path / "rohr.txt"), timeout=5)

    @pytest.mark.parametrize("name", ["/dev/zero", "/tmp"])
    async def test_devices_and_folders(self, reader: FileReader, name: str) -> None:
        with pytest.raises(NotRegularFile):
            await reader.read(Path(name))

    async def test_a_link_is_not_followed(self, reader: FileReader, good: Path) -> None:
        link = good.with_name("verweis.md")
        link.symlink_to(good)

        with pytest.raises(NotRegularFile):
            await reader.read(link)

    async def test_nothing_there(self, reader: FileReader, tmp_path: Path) -> None:
        with pytest.raises(MissingFile):
            await reader.read(tmp_path / "fehlt.pdf")

    async def test_an_empty_file(self, reader: FileReader, tmp_path: Path) -> None:
        (tmp_path / "leer.pdf").touch()

        with pytest.raises(EmptyFile):
            await reader.read(tmp_path / "leer.pdf")


class TestFilesThatCostTooMuch:
    async def test_a_parser_that_hangs_is_stopped_and_the_next_file_is_read(self, slow: Path, good: Path) -> None:
        async with FileReader(ReadLimits(seconds=0.5)) as reader:
            begun = time.perf_counter()
            with pytest.raises(ReadingTooSlow) as caught:
                await reader.read(slow)

            assert time.perf_counter() - begun < 5
            assert "0.5" in caught.value.message
            assert worker_processes() == []
            assert (await reader.read(good)).title == "Bücherei"

    async def test_a_page_nested_100_000_deep_harms_nobody(
        self, reader: FileReader, tmp_path: Path, good: Path
    ) -> None:
        path = tmp_path / "tief.html"
        path.write_text("<div>" * 100_000 + "Grund" + "</div>" * 100_000, encoding="utf-8")

        with suppress(FileUnreadable):
            await reader.read(path)

        assert (await reader.read(good)).title == "Bücherei"

    async def test_a_zip_bomb_is_not_unpacked(self, reader: FileReader, tmp_path: Path) -> None:
        path = make_zip_bomb(tmp_path / "bombe.docx")
        assert path.stat().st_size < MEGABYTE

        with pytest.raises(ZipBomb):
            await reader.read(path)

    async def test_memory_has_a_limit(self, slow: Path, good: Path) -> None:
        async with FileReader(ReadLimits(memory=150 * MEGABYTE)) as reader:
            with pytest.raises((TooMuchMemory, ReaderBroke)):
                await reader.read(slow)

            assert (await reader.read(good)).title == "Bücherei"


class TestWorkersThatDie:
    async def test_a_crash_costs_one_file_only(self, reader: FileReader, slow: Path, good: Path) -> None:
        await reader.read(good)
        reading = asyncio.create_task(reader.read(slow))
        await asyncio.sleep(0.3)
        worker_processes()[0].send_signal(signal.SIGSEGV)

        with pytest.raises(ReaderBroke):
            await reading
        assert (await reader.read(good)).title == "Bücherei"

    async def test_a_worker_that_died_at_rest_is_replaced_unnoticed(self, reader: FileReader, good: Path) -> None:
        await reader.read(good)
        process = worker_processes()[0]
        process.kill()
        await asyncio.sleep(0.2)

        assert (await reader.read(good)).title == "Bücherei"

    async def test_cancelling_stops_the_process_that_reads(self, reader: FileReader, slow: Path, good: Path) -> None:
        reading = asyncio.create_task(reader.read(slow))
        await asyncio.sleep(0.5)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading

        assert worker_processes() == []
        assert (await reader.read(good)).title == "Bücherei"

    async def test_leaving_the_reader_ends_its_processes(self, good: Path) -> None:
        async with FileReader(ReadLimits(), workers=2) as reader:
            await asyncio.gather(*(reader.read(good) for _ in range(4)))
            assert worker_processes()

        assert worker_processes() == []

    @pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
    def test_no_orphans_when_the_parent_goes(self, slow: Path, end: signal.Signals) -> None:
        script = (
            "import asyncio, pathlib, sys\n"
            "from knowledge.library.files.reader import FileReader, ReadLimits\n"
            "async def main():\n"
            "    async with FileReader(ReadLimits()) as reader:\n"
            "        await reader.read(pathlib.Path(sys.argv[1]))\n"
            "asyncio.run(main())\n"
        )
        parent = subprocess.Popen([sys.executable, "-c", script, str(slow)], cwd=ROOT, stderr=subprocess.DEVNULL)
        watched = psutil.Process(parent.pid)
        worker = _wait_for_child(watched)
        parent.send_signal(end)
        parent.wait(timeout=10)

        _, alive = psutil.wait_procs([worker], timeout=5)
        assert alive == []


def _wait_for_child(parent: psutil.Process) -> psutil.Process:
    for _ in range(200):
        children = [one for one in parent.children() if "files.worker" in " ".join(one.cmdline())]
        if children:
            time.sleep(0.5)  # until it reads
            return children[0]
        time.sleep(0.05)
    raise AssertionError("no worker was started")


class TestOneBadFileAmongMany:
    async def test_the_rest_is_read(self, reader: FileReader, good: Path, tmp_path: Path) -> None:
        bad = tmp_path / "schlecht.docx"
        bad.write_bytes(b"PK\x03\x04" + os.urandom(5000))

        results = []
        for path in (good, bad, good):
            try:
                results.append((await reader.read(path)).title)
            except DamagedFile as error:
                results.append(error.code)

        assert results == ["Bücherei", "file.damaged", "Bücherei"]
