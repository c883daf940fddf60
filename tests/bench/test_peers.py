"""Our side of the comparison with a peer runs on a small set, with the peer or without it."""

import asyncio
from pathlib import Path

import pytest

from bench.datasets import Passage, Question, QuestionSet
from bench.filling import WORDS_ALONE
from bench.peers import compare
from bench.quality import fill
from bench.runs import Library
from tests.hub.shell import WarmLibrary

RIVERS = QuestionSet(
    (
        Passage("oder", "Oder", "Die Oder entspringt in Tschechien und fließt in die Ostsee."),
        Passage("havel", "Havel", "Die Havel mündet bei Havelberg in die Elbe."),
    ),
    (Question("Wo entspringt die Oder?", "oder"), Question("In welchen Fluss mündet die Havel?", "havel")),
)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """A library of two passages, for words alone."""
    library = WarmLibrary(tmp_path / "data", WORDS_ALONE)
    fill(library, RIVERS)
    return library


class TestComparing:
    def test_both_sides_get_every_question(self, library: Library) -> None:
        asked: list[str] = []

        def peer(question: str) -> list[str]:
            asked.append(question)
            return ["havel", "oder"]

        theirs, alone, ours = asyncio.run(compare(library, RIVERS.questions, peer))
        # Once to warm up, once on the clock.
        assert asked == [question.text for question in RIVERS.questions] * 2
        assert [len(side.times) for side in (theirs, alone, ours)] == [2, 2, 2]
        assert ours.values == [1.0, 1.0]
        assert theirs.values == [pytest.approx(0.63, abs=0.01), 1.0]

    def test_without_the_peer_ours_is_measured_alone(self, library: Library) -> None:
        theirs, _alone, ours = asyncio.run(compare(library, RIVERS.questions, None))
        assert (theirs.times, len(ours.times)) == ([], 2)
