"""The measurements of the chat bot run and count what they should, in their short forms, with Telegram's stand-in.

No test looks at how long anything took: that is for a quiet machine.
"""

from pathlib import Path

import pytest

from bench.chat_kills import measure_telegram as measure_kills
from bench.chat_latency import measure_telegram as measure_latency
from bench.chat_load import measure_load
from bench.chat_memory import measure_serve
from bench.datasets import read_sample_questions
from bench.filling import WORDS_ALONE, fill
from bench.runs import Library
from knowledge.models.document import Visibility

QUESTIONS = [question.text for question in read_sample_questions()][:20]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """A library of 400 made-up passages that everybody may find, by words alone."""
    library = Library(tmp_path_factory.mktemp("chats") / "data", WORDS_ALONE)
    fill(library, 400, vectors=False, visibility=Visibility.PUBLIC)
    return library


class TestChats:
    def test_each_question_is_timed(self, library: Library) -> None:
        timings = measure_latency(library, QUESTIONS[:4], warm_up=1)
        assert len(timings.values) == 4
        assert all(value > 0 for value in timings.values)

    def test_many_at_once_are_all_answered_in_order(self, library: Library) -> None:
        load = measure_load(library, QUESTIONS, people=5, groups=4)
        assert (load.answered, load.in_order) == (len(QUESTIONS), True)
        assert load.slowest_command > 0

    def test_memory_is_looked_at_in_the_process_that_answers(self, library: Library) -> None:
        memory = measure_serve(library, QUESTIONS[:2])
        assert 50e6 < memory.now <= memory.peak

    def test_every_question_is_answered_whatever_was_killed(
        self, library: Library, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("bench.chat_kills.LONGEST_LIFE", 1.0)
        monkeypatch.setattr("bench.chat_kills.QUIET", 0.5)
        killed = measure_kills(library, QUESTIONS, kills=2)
        assert killed.asked > 0
        assert killed.unanswered == 0


class TestOwnCopies:
    def test_the_filled_library_stays_as_it_was(self, library: Library) -> None:
        assert not list(Path(library.folder).glob("bot-*.lock"))
