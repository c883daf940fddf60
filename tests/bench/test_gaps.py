"""The measurement of gaps in its short form: what answers a gap closes it, other things do not."""

from pathlib import Path

import pytest

from bench.datasets import QuestionSet, read_xquad
from bench.gaps import by_article, choose, make_plan, measure_closing, measure_together, open_world, read_paraphrases
from knowledge.kit.settings import load_settings


@pytest.fixture
def words_alone(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    """Settings for a library in words alone, over the database of the test."""
    monkeypatch.setenv("ALLMENDE_EMBEDDING_MODEL", "none")
    monkeypatch.setenv("ALLMENDE_DATABASE_URL", database_url)


@pytest.mark.usefixtures("words_alone", "database")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestGaps:
    async def test_they_are_closed_by_what_answers_them(self, shared_folder: Path) -> None:
        everything = by_article(read_xquad(shared_folder / "data"))
        some = {passage.id for passage in everything.passages[:16]}
        whole = QuestionSet(
            everything.passages[:16], tuple(item for item in everything.questions if item.target in some)
        )
        asked = choose(whole, 12, seed=4)
        plan = make_plan(whole, asked, (), seed=4, rounds=1)
        assert plan.others[0].keys().isdisjoint(plan.right[0])
        async with open_world(load_settings()) as world:
            outcomes = await measure_closing(world, plan, asked, wanted=12)
        assert len(outcomes) == 12
        assert sum(item.was_open for item in outcomes) >= 11
        assert sum(item.is_right for item in outcomes) >= 9
        assert sum(item.is_wrong for item in outcomes) <= 1

    async def test_wordings_find_together(self) -> None:
        async with open_world(load_settings()) as world:
            together = await measure_together(world.answers, read_paraphrases(), seed=1)
        assert together.same == 120
        assert together.recall >= 0.55
        assert together.precision >= 0.75


def test_documents_that_answer_nothing_asked_come_first(shared_folder: Path) -> None:
    whole = by_article(read_xquad(shared_folder / "data"))
    asked = choose(whole, 200, seed=1)
    targets = {question.target for question in asked}
    plan = make_plan(whole, asked, ["eins", "zwei", "drei", "vier"], seed=1, rounds=3)
    assert targets.isdisjoint(plan.before)
    assert all(targets.isdisjoint(texts) for texts in plan.others)
    assert {name for texts in plan.right for name in texts} == targets
    assert len(plan.others) == len(plan.right) == 3
