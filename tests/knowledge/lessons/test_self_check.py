"""„Wie weit sind wir?": what it says, that it stays with the person, and that it can be taken back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import func, select

from knowledge.access.visibility import anybody
from knowledge.kit.clock import use_clock
from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.lessons.adopting import adopt_learned
from knowledge.lessons.errors import LessonInvalid
from knowledge.lessons.schemas import Learner
from knowledge.lessons.self_check import (
    KEPT,
    CheckAnswersInvalid,
    CheckResult,
    Degree,
    SelfCheckService,
    UnknownCheck,
    load_self_check,
)
from knowledge.lessons.self_check_file import read_self_check
from knowledge.models.lesson import SelfCheck
from knowledge.topics.service import TopicForm, TopicService
from tests.knowledge.lessons.writing import a_member, a_stranger, publish, written

TEXT = """title: Wie weit?
dimensions:
  - key: ziel
    title: Ziel
    topic: Strategie
    lessons: {low: [anfang, innen], high: [weiter]}
    questions:
      - key: wozu
        text: Wissen Sie, wozu?
        answers: [{text: Nein, points: 0}, {text: Ungefähr, points: 1}, {text: Ja, points: 2}]
  - key: daten
    title: Daten
    questions:
      - key: da
        text: Sind sie da?
        answers: [{text: Nein, points: 0}, {text: Ja, points: 3}]
      - key: gut
        text: Sind sie gut?
        answers: [{text: Nein, points: 0}, {text: Ja, points: 1}]
"""
SOURCE = read_self_check(TEXT, "de")
ALL_LOW, ALL_HIGH = {"wozu": 0, "da": 0, "gut": 0}, {"wozu": 2, "da": 1, "gut": 1}


async def keep(database: Database, learner: Learner, answers: dict[str, int]) -> CheckResult:
    async with unit_of_work(database) as unit:
        return await SelfCheckService(unit.session, SOURCE).keep(learner, answers)


async def kept(database: Database) -> int:
    async with database.session(writes=False) as session:
        return (await session.scalar(select(func.count()).select_from(SelfCheck))) or 0


class TestResult:
    async def test_how_far_one_is_and_what_helps(self, database: Database) -> None:
        async with unit_of_work(database) as unit:
            topic = await TopicService(unit).add(TopicForm(name_de="Strategie"), by=None)
        await publish(database, written("anfang"))
        await publish(database, written("innen", visibility="network"))
        learner = await a_stranger(database)
        first = await keep(database, learner, {"wozu": 0, "da": 1, "gut": 0})
        goal, data = first.dimensions
        assert (goal.degree, goal.share, [offer.key for offer in goal.lessons]) == (Degree.LOW, 0, ["anfang"])
        assert goal.topic is not None
        assert (goal.topic.id, goal.before) == (topic.id, None)
        assert (data.degree, data.lessons, data.topic) == (Degree.HIGH, (), None)
        assert [one.key for one in first.weakest] == ["ziel", "daten"]

        second = await keep(database, learner, {"wozu": 1, "da": 0, "gut": 1})
        assert [(one.degree, one.before) for one in second.dimensions] == [
            (Degree.MIDDLE, Degree.LOW),
            (Degree.LOW, Degree.HIGH),
        ]
        async with unit_of_work(database) as unit:
            service = SelfCheckService(unit.session, SOURCE)
            assert await service.last(learner) == second
            assert [result.id for result in await service.all_of(learner)] == [second.id, first.id]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestKeeping:
    async def test_it_is_theirs_alone_and_can_be_deleted(self, database: Database) -> None:
        mine, other = await a_stranger(database), await a_stranger(database)
        first = await keep(database, mine, ALL_LOW)
        await keep(database, mine, ALL_HIGH)
        async with unit_of_work(database) as unit:
            service = SelfCheckService(unit.session, SOURCE)
            assert await service.last(other) is None
            with pytest.raises(UnknownCheck):
                await service.delete(other, first.id)
            assert await service.delete(mine, first.id) == 1
            assert await service.delete(mine) == 1
            assert await service.delete(mine) == 0
        assert await kept(database) == 0

    async def test_nothing_is_kept_of_somebody_who_is_not_known(self, database: Database) -> None:
        result = await keep(database, Learner(None, None, anybody()), ALL_HIGH)
        assert [one.degree for one in result.dimensions] == [Degree.HIGH, Degree.HIGH]
        assert await kept(database) == 0

    async def test_it_comes_along_when_somebody_joins(self, database: Database) -> None:
        member, stranger = await a_member(database), await a_stranger(database)
        await keep(database, stranger, ALL_LOW)
        assert stranger.identity_id is not None
        assert member.member_id is not None
        async with unit_of_work(database) as unit:
            await adopt_learned(unit.session, stranger.identity_id, member.member_id)
            joined = replace(stranger, member_id=member.member_id)
            assert await SelfCheckService(unit.session, SOURCE).last(joined) is not None

    async def test_only_the_last_ones_are_kept(self, database: Database) -> None:
        learner, begin = await a_stranger(database), datetime(2026, 11, 1, tzinfo=UTC)
        for day in range(KEPT + 3):
            use_clock(partial(begin.__add__, timedelta(days=day)))
            last = await keep(database, learner, ALL_LOW)
        assert await kept(database) == KEPT
        async with unit_of_work(database) as unit:
            assert await SelfCheckService(unit.session, SOURCE).last(learner) == last

    @pytest.mark.parametrize("answers", [{}, {"wozu": 0, "da": 0}, {**ALL_LOW, "gut": 2}, {**ALL_LOW, "gut": -1}])
    async def test_answers_that_there_are_not(self, database: Database, answers: dict[str, int]) -> None:
        with pytest.raises(CheckAnswersInvalid):
            await keep(database, await a_stranger(database), answers)


class TestFile:
    def test_both_languages_ask_the_same(self) -> None:
        german, english = load_self_check("de"), load_self_check("en")
        assert [one.key for one in german.questions] == [one.key for one in english.questions]
        points = [[answer.points for answer in one.answers] for one in german.questions]
        assert points == [[answer.points for answer in one.answers] for one in english.questions]
        assert len(german.dimensions) >= 6

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("dimensions: []", "no_dimensions"),
            (TEXT.replace("key: gut", "key: da"), "key_twice"),
            (TEXT.replace("points: 3", "points: 99"), "number"),
            (TEXT.replace("[{text: Nein, points: 0}, {text: Ja, points: 1}]", "[{text: Nein, points: 0}]"), "choices"),
            (TEXT.replace("low:", "niedrig:"), "unknown_field"),
        ],
    )
    def test_problems_are_told(self, text: str, code: str) -> None:
        with pytest.raises(LessonInvalid) as refused:
            read_self_check(text, "de")
        assert code in {problem.code for problem in refused.value.problems}
