"""Killed at any moment and started again: everything is there, once."""

import random
import subprocess
from contextlib import suppress
from pathlib import Path

from tests.hub.shell import Shell
from tests.journeys.processes import (
    Running,
    passage_count,
    search,
    sources,
    stored,
    vector_ids,
    words_count,
    write_reports,
)


def kill_import(shell: Shell, folder: str, *, outcomes: int, later: float) -> int:
    """Begin to import, and kill the command ``later`` seconds after it told of so many files."""
    with Running(shell, "add", folder) as adding:
        for _outcome in range(outcomes):
            adding.line()
        with suppress(subprocess.TimeoutExpired):
            adding.process.wait(later)
        adding.process.kill()
        return adding.process.wait()


def assert_everything_once(shell: Shell, files: int) -> None:
    assert stored(shell, "SELECT count(*), count(DISTINCT source), max(version) FROM documents") == [(files, files, 1)]
    assert stored(shell, "SELECT count(*) FROM document_versions") == [(files,)]
    assert stored(shell, "SELECT count(*) FROM jobs") == [(0,)]
    doubles = "SELECT count(*) FROM (SELECT 1 FROM passages GROUP BY document_id, position HAVING count(*) > 1)"
    assert stored(shell, doubles) == [(0,)]
    assert words_count(shell) == passage_count(shell) >= files


class TestKilledWhileImporting:
    def test_eight_times_in_a_row_at_random_moments(self, tmp_path: Path) -> None:
        shell = Shell(tmp_path)  # where the database is still to be made
        folder = str(write_reports(shell.folder / "texte", 60, paragraphs=3))
        moments = random.Random(20)
        killed = 0
        for kill in range(8):
            outcomes = min(kill * 8 + moments.randrange(8), 59)
            killed += kill_import(shell, folder, outcomes=outcomes, later=moments.random() * 0.3) != 0
        assert killed >= 7, "most of them were killed before they were done"
        shell.succeed("add", folder)
        assert_everything_once(shell, 60)
        for number, tree in ((0, "Ahorn"), (29, "Fichte"), (59, "Ulme")):
            reply = search(shell, [f"Gärtnerei {tree}{number}"])[0]
            assert sources(reply)[0] == f"bericht-{number:03}.md"

    def test_with_vectors(self, meaning: Shell) -> None:
        folder = str(write_reports(meaning.folder / "texte", 30, paragraphs=4))
        for outcomes, later in ((12, 0.3), (28, 0.0)):
            assert kill_import(meaning, folder, outcomes=outcomes, later=later) != 0
        meaning.succeed("add", folder)
        assert_everything_once(meaning, 30)
        assert vector_ids(meaning) == [key for (key,) in stored(meaning, "SELECT id FROM passages ORDER BY id")]
