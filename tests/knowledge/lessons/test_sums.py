"""Publishers see sums from three people on; gaps that call for a training are listed for them."""

from datetime import timedelta
from uuid import UUID

import pytest

from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.lessons.gaps import training_gaps
from knowledge.lessons.learning import LearningService
from knowledge.lessons.schemas import LessonEntry
from knowledge.lessons.service import LessonService
from knowledge.lessons.steps import QuestionStep
from knowledge.lessons.sums import LessonSums, lesson_sums, path_sums
from knowledge.models.gap import Gap, GapState, GapTopic
from knowledge.models.training import Training, TrainingState, TrainingTopic
from knowledge.topics.service import TopicForm, TopicService
from tests.knowledge.lessons.writing import a_member, publish, publish_path, written

ONLY_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def learn(database: Database, lesson: LessonEntry, choice: int, path: UUID | None = None) -> None:
    """Somebody new takes a lesson to its end and finds it helpful where they were right."""
    learner = await a_member(database)
    async with unit_of_work(database) as unit:
        service = LearningService(unit)
        state = await service.begin(learner, lesson.id, path)
        while not state.finished:
            if isinstance(state.current, QuestionStep):
                await service.answer(learner, state.run_id, state.at, choice)
            state = await service.go_on(learner, state.run_id, state.at)
        await service.rate(learner, state.run_id, helpful=choice == 1)


async def sums(database: Database, lesson: LessonEntry) -> LessonSums:
    async with database.session(writes=False) as session:
        return (await lesson_sums(session, [lesson.id]))[lesson.id]


class TestSums:
    async def test_from_three_people_on(self, database: Database) -> None:
        lesson = await publish(database, written())
        path = await publish_path(database, [lesson])
        for number, choice in enumerate((0, 0, 1)):
            found = await sums(database, lesson)
            assert (found.begun, found.finished, found.helpful, found.questions) == (None, None, None, ()), number
            async with database.session(writes=False) as session:
                assert (await path_sums(session, [path.id]))[path.id].completed is None
            await learn(database, lesson, choice, path.id)
        found = await sums(database, lesson)
        # One of three found it helpful: that would tell of one, and of the other two.
        assert (found.begun, found.finished, found.helpful, found.rated) == (3, 3, None, 3)
        (asked,) = found.questions
        assert (asked.step, asked.text, asked.answered, asked.wrong_percent, asked.hard) == (
            1,
            "Was ist ein Algorithmus?",
            3,
            67,
            True,
        )
        async with database.session(writes=False) as session:
            path_found = (await path_sums(session, [path.id]))[path.id]
        assert (path_found.begun, path_found.completed) == (3, 3)

    async def test_of_several_paths_each_counts_its_own(self, database: Database) -> None:
        lessons = [await publish(database, written(key)) for key in ("eins", "zwei")]
        short = await publish_path(database, lessons[:1], "kurz")
        long = await publish_path(database, lessons, "lang")
        for _learner in range(3):
            await learn(database, lessons[0], 1, long.id)
        async with database.session(writes=False) as session:
            found = await path_sums(session, [short.id, long.id])
        assert (found[short.id].begun, found[short.id].completed) == (None, 3)
        assert (found[long.id].begun, found[long.id].completed) == (3, None)

    @ONLY_SQLITE
    async def test_who_is_in_the_middle_of_a_version_counts_from_three_on(self, database: Database) -> None:
        lesson = await publish(database, written())
        for count in (None, None, 3):
            learner = await a_member(database)
            async with unit_of_work(database) as unit:
                await LearningService(unit).begin(learner, lesson.id)
            async with unit_of_work(database) as unit:
                (version,) = await LessonService(unit).versions(lesson.id, None)
            assert version.learners == count


class TestGaps:
    async def test_what_several_asked_and_nobody_teaches(self, database: Database) -> None:
        async with unit_of_work(database) as unit:
            service = TopicService(unit)
            names = ("Friedhof", "Wasser", "Wald", "Straßen", "Schulen")
            topics = {name: (await service.add(TopicForm(name_de=name), by=None)).id for name in names}
            for name, askers, state in (
                ("Friedhof", 12, GapState.OPEN),
                ("Wasser", 2, GapState.OPEN),
                ("Wald", 5, GapState.OPEN),
                ("Straßen", 5, GapState.CLOSED),
                ("Schulen", 5, GapState.OPEN),
            ):
                gap = Gap(id=new_id(), state=state, askers=askers, opened_at=now(), salt=new_id().hex)
                unit.session.add(gap)
                await unit.session.flush()
                unit.session.add(GapTopic(gap_id=gap.id, topic_id=topics[name]))
            training = Training(
                id=new_id(),
                title="Wald",
                access="public",
                state=TrainingState.PUBLISHED,
                ends_at=now() + timedelta(days=3),
            )
            unit.session.add(training)
            await unit.session.flush()
            unit.session.add(TrainingTopic(training_id=training.id, topic_id=topics["Wald"]))
        await publish(database, written(topics="[Schulen]"))
        async with unit_of_work(database, writes=False) as unit:
            found = await training_gaps(unit.session)
        assert [([topic.name_de for topic in gap.topics], gap.at_least) for gap in found] == [(["Friedhof"], 10)]
