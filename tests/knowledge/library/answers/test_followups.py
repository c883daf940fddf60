"""Going on: the signs of a question, and what becomes of follow-ups and of new questions on the sample library."""

from pathlib import Path
from uuid import uuid4

import pytest

from bench import fields
from bench.datasets import SAMPLES
from bench.follow_ups import Outcome, Pair, measure, read_pairs
from knowledge.library.answers.followups import Before, Signs, asked_state, aspect_words, earlier_words, read_signs
from tests.hub.shell import WarmLibrary

LEANS = [
    ("Und was hat das gekostet?", Signs(begins=True, points_back=True, content_words=1)),
    ("Gilt das auch in Brandenburg?", Signs(begins=False, points_back=True, content_words=1)),
    ("Und mit welchem Amt haben die angefangen?", Signs(begins=True, points_back=True, content_words=2)),
    ("Und bis wann?", Signs(begins=True, points_back=False, content_words=0)),
    ("And how long did it take?", Signs(begins=True, points_back=True, content_words=1)),
]
STANDS_ALONE = [
    "Und wie viel Strom spart man mit LED-Straßenlampen?",
    "Kann man sich einen Informationssicherheitsbeauftragten mit anderen Gemeinden teilen?",
    "Ab welchem Alter gibt es einen Anspruch auf einen Betreuungsplatz?",
    "Was kostet das neue Programm für die Gräberkartei der Friedhöfe?",
]


class TestSigns:
    @pytest.mark.parametrize(("text", "signs"), LEANS)
    def test_it_leans_on_what_came_before(self, text: str, signs: Signs) -> None:
        assert read_signs(text) == signs
        assert signs.needs_before

    @pytest.mark.parametrize("text", STANDS_ALONE)
    def test_it_names_its_own_subject(self, text: str) -> None:
        assert read_signs(text).has_own_subject

    def test_few_words_may_be_either(self) -> None:
        signs = read_signs("Was hat die Einführung gekostet?")
        assert (signs.has_own_subject, signs.needs_before) == (False, False)


class TestWords:
    def test_earlier_words_come_at_less_weight_and_not_twice(self) -> None:
        before = Before(("Und was kostet der Koffer?", "Wie beantragt man Ausweise im Koffer?"), frozenset({uuid4()}))
        words = earlier_words(before, "Wer beantragt Ausweise?")
        assert words is not None
        assert words.terms == ("kostet", "Koffer")
        assert words.weight < 0.5

    def test_nothing_is_left_to_add(self) -> None:
        assert earlier_words(Before(("Koffer?",)), "Wer trägt den Koffer?") is None

    def test_costs_are_looked_for_as_euro(self) -> None:
        [aspect] = aspect_words("Und was hat das gekostet?")
        assert (aspect.stands_for, aspect.terms) == ("gekostet", ("Euro", "Kosten"))

    def test_a_named_land_is_heard(self) -> None:
        assert asked_state("Gilt das auch in Brandenburg?") == "12"
        assert asked_state("Gilt das auch in Rheinland-Pfalz?") == "07"
        assert asked_state("Gilt das auch bei uns?") is None


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample library, by words alone."""
    filled = WarmLibrary(tmp_path_factory.mktemp("follow-ups") / "data", {"ALLMENDE_EMBEDDING_MODEL": "none"})
    filled.add(SAMPLES / "library")
    return filled.folder


class TestOnTheSampleLibrary:
    async def test_follow_ups_are_understood_and_new_questions_left_alone(
        self, library: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ALLMENDE_DATA_DIR", str(library))
        monkeypatch.setenv("ALLMENDE_EMBEDDING_MODEL", "none")
        pairs = read_pairs()
        assert [len(part) for part in parts(pairs)] == [60, 29, 12]
        follow_ups, new, open_ended = parts_of(await measure(pairs[::2]))
        assert share(follow_ups) >= 0.66
        assert sum(bool(item.second) and item.pair.document not in item.second for item in follow_ups) <= 1
        assert [item.pair.follow_up for item in new if item.is_bent] == []
        assert share(new) >= 0.8
        assert share(open_ended) >= 0.5

    async def test_a_question_about_a_field_reaches_that_field(
        self, library: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ALLMENDE_DATA_DIR", str(library))
        monkeypatch.setenv("ALLMENDE_EMBEDDING_MODEL", "none")
        outcomes = await fields.measure([*fields.cases()][::4])
        assert len(outcomes) == 60
        assert sum(item.quoted for item in outcomes) >= 0.8 * len(outcomes)


def parts(pairs: list[Pair]) -> tuple[list[Pair], list[Pair], list[Pair]]:
    """Part follow-ups, new questions, and follow-ups that have no answer."""
    follow_ups = [pair for pair in pairs if pair.contains]
    new = [pair for pair in pairs if pair.independent]
    return follow_ups, new, [pair for pair in pairs if not pair.contains and not pair.independent]


def parts_of(outcomes: list[Outcome]) -> list[list[Outcome]]:
    """Part what became of them in the same way."""
    return [[item for item in outcomes if item.pair in part] for part in parts([item.pair for item in outcomes])]


def share(outcomes: list[Outcome]) -> float:
    """Return which share came out right."""
    return sum(item.is_right for item in outcomes) / len(outcomes)
