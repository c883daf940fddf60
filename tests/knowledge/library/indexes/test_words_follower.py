"""A words index follows the log from where it stopped, and nothing between two lives of it is lost."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from knowledge.jobs.repository import JobRepository
from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.files.blocks import Block, ParsedFile
from knowledge.library.indexes.followed import FOLLOWED_FILE, Followed
from knowledge.library.indexes.jobs import WORDS_JOB
from knowledge.library.indexes.repository import ChangeRepository
from knowledge.library.indexes.schemas import IndexedPassage, Position
from knowledge.library.indexes.words import WordsIndex
from knowledge.library.indexes.words_follower import WordsFollower
from knowledge.library.schemas import Description
from knowledge.library.service import IncomingFile, LibraryService
from knowledge.models.job import Job

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Host:
    """A machine with a words index of its own."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.folder = folder
        self.words = WordsIndex.open(folder)
        self.follower = WordsFollower(database, self.words, folder)

    @classmethod
    async def start(cls, database: Database, folder: Path) -> "Host":
        """Open the index, and find its place in the log."""
        host = cls(database, folder)
        await host.follower.open()
        return host

    def found(self, word: str) -> int:
        """Count the passages with a word."""
        return len(self.words.search(word, limit=10))


async def publish(database: Database, source: str, text: str) -> UUID:
    """Bring a text in, or a new version of it."""
    parsed = ParsedFile((Block("paragraph", text),), source, {}, "text/plain")
    content = hashlib.sha256(text.encode()).hexdigest()
    async with unit_of_work(database) as unit:
        await LibraryService(unit).take_in(IncomingFile(source, content, len(text), parsed), Description())
        return (await LibraryService(unit).find_document(source)).id


async def withdraw(database: Database, source: str) -> None:
    """Take a text back."""
    async with unit_of_work(database) as unit:
        library = LibraryService(unit)
        await library.withdraw(await library.find_document(source))


class TestTwoIndexes:
    async def test_both_hold_what_is_published_and_neither_what_is_withdrawn(
        self, database: Database, tmp_path: Path
    ) -> None:
        north = await Host.start(database, tmp_path / "north")
        south = await Host.start(database, tmp_path / "south")
        await publish(database, "a.md", "Der Wasserturm steht am Fluss.")
        for host in (north, south):
            assert await host.follower.waiting() == 1
            await host.follower.catch_up()
            assert (host.found("Wasserturm"), await host.follower.waiting()) == (1, 0)
        await withdraw(database, "a.md")
        for host in (north, south):
            await host.follower.catch_up()
            assert host.found("Wasserturm") == 0

    @SQLITE
    async def test_only_those_asked_for_are_counted(self, database: Database, tmp_path: Path) -> None:
        host = await Host.start(database, tmp_path / "north")
        await host.follower.catch_up()
        one = await publish(database, "a.md", "Der Wasserturm steht am Fluss.")
        await publish(database, "b.md", "Eine Sparkasse liegt nebenan.")
        assert await host.follower.waiting([one.hex]) == 1
        assert await host.follower.waiting([uuid4().hex]) == 0


class TestComingBack:
    async def test_it_goes_on_where_it_stopped(self, database: Database, tmp_path: Path) -> None:
        first = await Host.start(database, tmp_path / "north")
        await publish(database, "a.md", "Der Wasserturm steht am Fluss.")
        await first.follower.catch_up()
        first.words.close()
        await publish(database, "b.md", "Eine Sparkasse liegt nebenan.")
        again = await Host.start(database, tmp_path / "north")
        assert not again.follower.is_filling
        assert await again.follower.waiting() == 1
        await again.follower.catch_up()
        assert (again.found("Wasserturm"), again.found("Sparkasse")) == (1, 1)

    async def test_a_log_that_was_shortened_meanwhile_is_enough(self, database: Database, tmp_path: Path) -> None:
        first = await Host.start(database, tmp_path / "north")
        await publish(database, "a.md", "Der Wasserturm steht am Fluss.")
        await first.follower.catch_up()
        first.words.close()
        await publish(database, "b.md", "Eine Sparkasse liegt nebenan.")
        await publish(database, "a.md", "Ein Bahnhof liegt am See.")
        async with unit_of_work(database) as unit:
            assert await ChangeRepository(unit.session).shorten() == 1
        again = await Host.start(database, tmp_path / "north")
        assert not again.follower.is_filling
        await again.follower.catch_up()
        assert [again.found(word) for word in ("Wasserturm", "Bahnhof", "Sparkasse")] == [0, 1, 1]

    @SQLITE
    async def test_a_kill_before_the_note_repeats_work_and_skips_none(self, database: Database, tmp_path: Path) -> None:
        first = await Host.start(database, tmp_path / "north")
        note = (tmp_path / "north" / FOLLOWED_FILE).read_bytes()
        await publish(database, "a.md", "Der Wasserturm steht am Fluss.")
        await first.follower.catch_up()
        first.words.close()
        (tmp_path / "north" / FOLLOWED_FILE).write_bytes(note)
        again = await Host.start(database, tmp_path / "north")
        assert await again.follower.waiting() == 1
        await again.follower.catch_up()
        assert (again.found("Wasserturm"), again.words.count()) == (1, 1)

    @SQLITE
    async def test_a_note_that_cannot_be_read_has_everything_gone_through(
        self, database: Database, tmp_path: Path
    ) -> None:
        first = await Host.start(database, tmp_path / "north")
        await publish(database, "a.md", "Der Wasserturm steht am Fluss.")
        await first.follower.catch_up()
        first.words.close()
        (tmp_path / "north" / FOLLOWED_FILE).write_text("{", encoding="utf-8")
        again = await Host.start(database, tmp_path / "north")
        assert (again.follower.is_filling, await again.follower.waiting()) == (True, 1)
        await again.follower.catch_up()
        assert (again.follower.is_filling, again.words.count()) == (False, 1)


class TestFilling:
    @SQLITE
    async def test_a_new_host_gets_what_was_there_and_what_changes_meanwhile(
        self, database: Database, tmp_path: Path
    ) -> None:
        for number in range(70):
            await publish(database, f"{number}.md", f"Der Wasserturm {number} steht am Fluss.")
        host = await Host.start(database, tmp_path / "north")
        assert await host.follower.waiting() == 70
        await host.follower.step()
        for number in range(70):
            if number % 10 == 0:
                await publish(database, f"{number}.md", "Ein Bahnhof liegt am See.")
        await host.follower.catch_up()
        assert (len(host.words.search("Bahnhof", limit=100)), len(host.words.search("Fluss", limit=100))) == (7, 63)

    @SQLITE
    async def test_killed_in_the_middle_it_goes_on_from_there(self, database: Database, tmp_path: Path) -> None:
        for number in range(70):
            await publish(database, f"{number}.md", f"Der Wasserturm {number} steht am Fluss.")
        first = await Host.start(database, tmp_path / "north")
        assert await first.follower.step() == 64
        first.words.close()
        again = await Host.start(database, tmp_path / "north")
        assert await again.follower.waiting() == 6
        await again.follower.catch_up()
        assert again.words.count() == 70

    @SQLITE
    async def test_what_the_database_does_not_have_any_more_goes(self, database: Database, tmp_path: Path) -> None:
        gone = IndexedPassage(10**9, uuid4().hex, "public", "Eine Sparkasse", "Sparkasse", ())
        with WordsIndex.open(tmp_path / "north") as words:
            words.add([gone])
            words.commit()
        await publish(database, "a.md", "Der Wasserturm steht am Fluss.")
        host = await Host.start(database, tmp_path / "north")
        assert host.found("Sparkasse") == 1
        await host.follower.catch_up()
        assert (host.found("Sparkasse"), host.found("Wasserturm")) == (0, 1)

    async def test_another_log_than_before_has_everything_gone_through(
        self, database: Database, tmp_path: Path
    ) -> None:
        Followed("elsewhere", Position(10**6, 7), uuid4()).write(_made(tmp_path / "north"))
        await publish(database, "a.md", "Der Wasserturm steht am Fluss.")
        host = await Host.start(database, tmp_path / "north")
        assert host.follower.is_filling
        await host.follower.catch_up()
        assert host.found("Wasserturm") == 1


class TestFromJobs:
    async def test_what_an_older_version_left_waiting_is_followed_by_all_hosts(
        self, database: Database, tmp_path: Path
    ) -> None:
        document = await publish(database, "a.md", "Der Wasserturm steht am Fluss.")
        async with unit_of_work(database) as unit:
            await JobRepository(unit.session).ask(WORDS_JOB, document.hex)
            await ChangeRepository(unit.session).forget_all()
        first = await Host.start(database, tmp_path / "north")
        async with unit_of_work(database, writes=False) as unit:
            assert (await unit.session.scalars(select(Job.id).where(Job.kind == WORDS_JOB))).all() == []
            [change] = await ChangeRepository(unit.session).after(Position())
        assert change.document == document
        await first.follower.catch_up()
        assert first.found("Wasserturm") == 1


class Stubborn(WordsIndex):
    """Cannot take in one of the texts."""

    def add(self, passages: Iterable[IndexedPassage]) -> int:
        """Refuse what speaks of a tower."""
        known = list(passages)
        if any("Wasserturm" in passage.text for passage in known):
            raise ValueError("a text that nobody can analyse")
        return super().add(known)


@SQLITE
class TestOneThatFails:
    async def test_the_others_are_found_and_it_is_tried_again_at_the_next_start(
        self, database: Database, tmp_path: Path
    ) -> None:
        folder = tmp_path / "north"
        words = Stubborn.open(folder)
        follower = WordsFollower(database, words, folder)
        await follower.open()
        await follower.catch_up()
        bad = await publish(database, "a.md", "Der Wasserturm steht am Fluss.")
        await publish(database, "b.md", "Eine Sparkasse liegt nebenan.")
        await follower.catch_up()
        assert (len(words.search("Sparkasse", limit=9)), follower.failed) == (1, frozenset({bad}))
        assert await follower.waiting() == 0, "nobody waits for it"
        words.close()
        again = await Host.start(database, folder)
        await again.follower.catch_up()
        assert (again.found("Wasserturm"), again.follower.failed) == (1, frozenset())


def _made(folder: Path) -> Path:
    """Make an empty index, and return its folder."""
    WordsIndex.create(folder).close()
    return folder
