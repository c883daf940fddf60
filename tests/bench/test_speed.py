"""The measurements of time and space run, count what they should, and look at a library that is really there.

No test looks at how long anything took: that is for a quiet machine, with ``python -m bench.speed``.
"""

from pathlib import Path

import pytest

from bench.cold_start import import_times, measure_cold_asks
from bench.datasets import read_sample_questions
from bench.filling import WORDS_ALONE, fill, read_settings
from bench.imports import measure_markdown, measure_pdf
from bench.memory import measure_memory
from bench.runs import Library
from bench.speed import measure_ask, measure_search, measure_space
from bench.timing import Timings
from tests.hub.shell import WarmLibrary

PASSAGES = 400
QUESTIONS = [question.text for question in read_sample_questions()][:8]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """A library of 400 made-up passages that are found by words alone."""
    library = WarmLibrary(tmp_path_factory.mktemp("speed") / "data", WORDS_ALONE)
    fill(library, PASSAGES, vectors=False)
    return library


@pytest.fixture
def empty(tmp_path: Path) -> Library:
    """An empty library for words alone."""
    return WarmLibrary(tmp_path / "data", WORDS_ALONE)


class TestTimings:
    def test_middle_and_slow_end(self) -> None:
        timings = Timings([float(number) for number in range(1, 101)])
        assert (timings.middle, timings.slow) == (50.5, 96.0)

    def test_settings_are_the_librarys_own(self, monkeypatch: pytest.MonkeyPatch, empty: Library) -> None:
        monkeypatch.setenv("ALLMENDE_JOB_ATTEMPTS", "3")
        settings = read_settings(empty)
        assert settings.data_folder == empty.folder
        assert (settings.embedding.embedding_model, settings.jobs.job_attempts) == ("none", 8)


class TestAtSpeed:
    def test_all_passages_are_found_in_the_filled_library(self, library: Library) -> None:
        replies = library.search(QUESTIONS, limit=5)
        assert all(len(reply["results"]) == 5 for reply in replies)

    def test_each_question_is_timed_in_each_round(self, library: Library) -> None:
        timings = measure_search(library, QUESTIONS, rounds=2)
        assert len(timings.values) == 2 * len(QUESTIONS)
        assert all(value > 0 for value in timings.values)

    def test_whole_answers_are_timed(self, library: Library) -> None:
        timings = measure_ask(library, QUESTIONS)
        assert len(timings.values) == len(QUESTIONS)
        # The warm-up asked each question once, too; all of them left a trace.
        assert library.run("doctor", "--json", check=False).stdout.count(f'"answers": {2 * len(QUESTIONS)}') == 1

    def test_bytes_are_counted(self, library: Library) -> None:
        space = measure_space(library)
        assert 200 < space.words / PASSAGES < 3000
        assert space.database / PASSAGES > 500
        assert space.vectors == 0

    def test_a_process_of_its_own_says_what_it_takes(self, library: Library) -> None:
        memory = measure_memory(library, QUESTIONS[:3])
        assert 30e6 < memory.now <= memory.peak < 4e9

    def test_each_cold_start_is_a_process(self, library: Library) -> None:
        assert len(measure_cold_asks(library, QUESTIONS[:2])) == 2


class TestImporting:
    def test_passages_of_markdown_are_counted(self, empty: Library) -> None:
        done = measure_markdown(empty, passages=100)
        assert done.passages == 100
        assert done.rate == pytest.approx(100 / done.seconds)

    def test_a_pdf_is_found_by_its_last_page(self, empty: Library) -> None:
        found = measure_pdf(empty, pages=3)
        assert found.locator is not None
        assert " 3" in found.locator.partition(",")[0]
        assert found.added.passages >= 10


class TestImportTimes:
    def test_own_times_add_up_by_package(self) -> None:
        lines = [
            "import time: self [us] | cumulative | imported package",
            "import time:      1000 |       1000 |     numpy.core",
            "import time:       500 |       1500 |   numpy",
            "a line of something else",
            "import time:      3000 |       4500 | typer",
        ]
        assert import_times(lines) == {"typer": 3.0, "numpy": 1.5}
