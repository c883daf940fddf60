"""Learning: at one's own pace, on the version that one began with; a button that is pressed twice skips nothing."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import event, select

from knowledge.access.visibility import anybody, network_member
from knowledge.chats.schemas import IdentityEntry
from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.lessons.errors import NoSuchChoice, StepPassed, UnknownLesson, UnknownPath
from knowledge.lessons.learning import LearningService
from knowledge.lessons.schemas import AnswerState, Learner, LessonEntry, RunState
from knowledge.lessons.service import LessonService
from knowledge.lessons.steps import QuestionStep
from knowledge.members.invitations import InvitationService
from knowledge.models.chat import Network
from knowledge.models.document import Visibility
from knowledge.models.lesson import LessonAnswer, LessonRun
from tests.knowledge.lessons.writing import a_member, a_stranger, add_identity, publish, publish_path, written

ONLY_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Pupil:
    """Somebody who learns, each act in a transaction of its own."""

    def __init__(self, database: Database, learner: Learner) -> None:
        self.database, self.learner = database, learner

    async def begin(self, lesson: LessonEntry, **options: object) -> RunState:
        path = options.get("path")
        async with unit_of_work(self.database) as unit:
            key = getattr(path, "id", None)
            return await LearningService(unit).begin(self.learner, lesson.id, key, anew=bool(options.get("anew")))

    async def go_on(self, state: RunState, step: int | None = None) -> RunState:
        async with unit_of_work(self.database) as unit:
            return await LearningService(unit).go_on(self.learner, state.run_id, state.at if step is None else step)

    async def answer(self, state: RunState, choice: int, step: int | None = None) -> AnswerState:
        async with unit_of_work(self.database) as unit:
            at = state.at if step is None else step
            return await LearningService(unit).answer(self.learner, state.run_id, at, choice)

    async def finish(self, lesson: LessonEntry, **options: object) -> RunState:
        """Take a whole lesson, always choosing the first answer."""
        state = await self.begin(lesson, **options)
        while not state.finished:
            if isinstance(state.current, QuestionStep):
                await self.answer(state, 0)
            state = await self.go_on(state)
        return state


class TestTaking:
    async def test_from_the_first_step_to_the_last(self, database: Database) -> None:
        lesson, pupil = await publish(database, written()), Pupil(database, await a_member(database))
        state = await pupil.begin(lesson)
        assert (state.at, len(state.steps), state.active, state.finished) == (0, 3, True, False)
        state = await pupil.go_on(state)
        assert isinstance(state.current, QuestionStep)
        waits = await pupil.go_on(state)
        assert (waits.at, waits.moved) == (1, False)
        answered = await pupil.answer(state, 0)
        assert (answered.correct, answered.chosen.explanation, answered.right.text) == (
            False,
            "Nein, das ist keines.",
            "Eine Rechenvorschrift",
        )
        assert answered.state.answered
        assert (answered.state.at, answered.counts) == (1, True)
        again = await pupil.answer(state, 1)
        assert (again.correct, again.counts) == (True, False)
        state = await pupil.go_on(state)
        state = await pupil.go_on(state)
        assert (state.finished, state.active, state.current, state.done_at is not None) == (True, False, None, True)
        async with database.session(writes=False) as session:
            (kept,) = (await session.scalars(select(LessonAnswer))).all()
        assert (kept.step, kept.choice, kept.correct) == (1, 0, False)

        async with unit_of_work(database) as unit:
            service = LearningService(unit)
            rated = await service.rate(pupil.learner, state.run_id, helpful=True)
            assert rated.helpful
            (learned,) = await service.of_learner(pupil.learner)
        assert (learned.key, learned.step, learned.steps, learned.done_at) == ("rechnen", 3, 3, state.done_at)

    async def test_a_button_that_is_pressed_twice_skips_nothing(self, database: Database) -> None:
        lesson, pupil = (
            await publish(database, written(steps=["a", "b", "c"])),
            Pupil(database, await a_member(database)),
        )
        state = await pupil.begin(lesson)
        first, second = await asyncio.gather(pupil.go_on(state), pupil.go_on(state))
        assert {first.at, second.at} == {1}
        assert sorted([first.moved, second.moved]) == [False, True]
        old = await pupil.go_on(state, step=0)
        assert (old.at, old.moved) == (1, False)
        assert (await pupil.go_on(state, step=2)).at == 1

    async def test_two_beginnings_at_the_same_moment_are_one(self, database: Database) -> None:
        lesson, pupil = await publish(database, written()), Pupil(database, await a_member(database))
        states = await asyncio.gather(*(pupil.begin(lesson) for _time in range(3)))
        assert len({state.run_id for state in states}) == 1

    @ONLY_SQLITE
    async def test_it_goes_on_on_another_network(self, database: Database) -> None:
        lesson, learner = await publish(database, written()), await a_member(database)
        matrix = Pupil(database, replace(learner, identity_id=await add_identity(database)))
        telegram = Pupil(database, replace(learner, viewer=anybody()))
        state = await matrix.go_on(await matrix.begin(lesson))
        async with unit_of_work(database) as unit:
            assert (await LearningService(unit).stop(matrix.learner, state.run_id)).active
        went_on = await telegram.begin(lesson)
        assert (went_on.run_id, went_on.at) == (state.run_id, 1)

    @ONLY_SQLITE
    async def test_once_more_and_from_the_beginning(self, database: Database) -> None:
        lesson, pupil = await publish(database, written()), Pupil(database, await a_member(database))
        done = await pupil.finish(lesson)
        again = await pupil.begin(lesson)
        assert (again.run_id, again.at, again.active, again.done_at) == (done.run_id, 0, True, done.done_at)
        assert (await pupil.begin(lesson, anew=True)).at == 0
        assert (await pupil.finish(lesson)).done_at == done.done_at
        async with unit_of_work(database) as unit:
            await LearningService(unit).forget(pupil.learner, done.run_id)
            assert list(await LearningService(unit).of_learner(pupil.learner)) == []
            assert (await unit.session.scalars(select(LessonAnswer))).all() == []

    @ONLY_SQLITE
    async def test_wrong_answers_of_all_sorts(self, database: Database) -> None:
        lesson, pupil = await publish(database, written()), Pupil(database, await a_member(database))
        state = await pupil.begin(lesson)
        for choice, step, error in ((0, 0, StepPassed), (0, 1, StepPassed), (0, 99, StepPassed), (0, -1, StepPassed)):
            with pytest.raises(error):
                await pupil.answer(state, choice, step)
        state = await pupil.go_on(state)
        for choice in (-1, 2):
            with pytest.raises(NoSuchChoice):
                await pupil.answer(state, choice)


@ONLY_SQLITE
class TestVersions:
    async def test_who_is_in_the_middle_stays_on_theirs(self, database: Database) -> None:
        lesson, pupil = await publish(database, written()), Pupil(database, await a_member(database))
        state = await pupil.go_on(await pupil.begin(lesson))
        await publish(database, written(steps=["Nur noch eins."]), lesson_id=lesson.id)
        same = await pupil.begin(lesson)
        assert (same.at, len(same.steps), same.lesson.number) == (1, 3, 1)
        other = Pupil(database, await a_stranger(database))
        assert len((await other.begin(lesson)).steps) == 1
        await pupil.answer(state, 1)
        await pupil.go_on(await pupil.go_on(state), step=2)
        assert len((await pupil.begin(lesson)).steps) == 1

    async def test_what_was_withdrawn_may_be_finished_and_not_begun(self, database: Database) -> None:
        lesson, pupil = await publish(database, written(steps=["a", "b"])), Pupil(database, await a_member(database))
        state = await pupil.begin(lesson)
        async with unit_of_work(database) as unit:
            await LessonService(unit).withdraw(lesson.id, None)
        assert (await pupil.begin(lesson)).run_id == state.run_id
        state = await pupil.go_on(await pupil.go_on(state))
        assert state.finished
        for one in (pupil, Pupil(database, await a_member(database))):
            with pytest.raises(UnknownLesson):
                await one.begin(lesson)


@ONLY_SQLITE
class TestFinding:
    async def test_what_is_for_the_network_is_not_for_strangers(self, database: Database) -> None:
        inside, public = (
            await publish(database, written("innen", visibility="network")),
            await publish(database, written()),
        )
        member, stranger = await a_member(database), await a_stranger(database)
        async with unit_of_work(database) as unit:
            service = LearningService(unit)
            assert {one.lesson.key for one in await service.offered(member)} == {"innen", "rechnen"}
            assert {one.lesson.key for one in await service.offered(stranger)} == {"rechnen"}
        run = await Pupil(database, member).begin(inside)
        # The same person where only what is public is shown.
        abroad = Pupil(database, replace(member, viewer=anybody()))
        for refused in (abroad.go_on(run), abroad.begin(inside), Pupil(database, stranger).begin(inside)):
            with pytest.raises(UnknownLesson):
                await refused
        assert (await abroad.begin(public)).at == 0

    async def test_nobody_sees_or_moves_anothers_run(self, database: Database) -> None:
        lesson, mine = await publish(database, written()), Pupil(database, await a_member(database))
        state, other = await mine.begin(lesson), Pupil(database, await a_member(database))
        with pytest.raises(UnknownLesson):
            await other.go_on(state)
        with pytest.raises(UnknownLesson):
            await Pupil(database, Learner(None, None, anybody())).begin(lesson)
        async with unit_of_work(database) as unit:
            service = LearningService(unit)
            with pytest.raises(UnknownLesson):
                await service.state(other.learner, state.run_id)
            assert list(await service.of_learner(other.learner)) == []

    async def test_what_should_come_before_is_named_and_holds_nobody_up(self, database: Database) -> None:
        first = await publish(database, written("erst"))
        second = await publish(database, written("dann", needs="[erst, unbekannt]"))
        pupil = Pupil(database, await a_member(database))
        assert (await pupil.begin(second)).missing == ("Lektion erst",)
        await pupil.finish(first)
        assert (await pupil.begin(second)).missing == ()


@ONLY_SQLITE
class TestPaths:
    async def test_lesson_by_lesson_to_the_end(self, database: Database) -> None:
        lessons = [await publish(database, written(key)) for key in ("eins", "zwei")]
        path, pupil = await publish_path(database, lessons), Pupil(database, await a_member(database))
        state = await pupil.finish(lessons[0], path=path)
        assert state.path is not None
        assert state.next_lesson is not None
        assert (state.path.done, state.path.completed, state.next_lesson.lesson.key) == (1, False, "zwei")
        state = await pupil.finish(lessons[1], path=path)
        assert state.path is not None
        assert (state.path.completed, state.next_lesson) == (True, None)
        async with unit_of_work(database) as unit:
            (offered,) = await LearningService(unit).paths(pupil.learner)
        assert [lesson.done for lesson in offered.lessons] == [True, True]

    async def test_many_paths_are_read_as_quickly_as_one(self, database: Database) -> None:
        lessons = [await publish(database, written("eins")), await publish(database, written("zwei", needs="[eins]"))]
        member = await a_member(database)
        asked: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
            asked.append(statement)

        event.listen(database.engine.sync_engine, "before_cursor_execute", note)
        counts = []
        for key in ("weg", "steg", "pfad"):
            await publish_path(database, lessons, key)
            asked.clear()
            async with unit_of_work(database) as unit:
                found = await LearningService(unit).paths(member)
            counts.append((len(found), len(asked)))
        assert [count for count, _statements in counts] == [1, 2, 3]
        assert len({statements for _count, statements in counts}) == 1
        assert all(path.lessons[1].missing == ("Lektion eins",) for path in found)

    async def test_a_run_is_found_by_its_lesson_where_it_may_be_shown(self, database: Database) -> None:
        lesson, member = await publish(database, written(visibility="network")), await a_member(database)
        async with unit_of_work(database) as unit:
            assert await LearningService(unit).run_of(member, lesson.key) is None
        begun = await Pupil(database, member).begin(lesson)
        async with unit_of_work(database) as unit:
            service = LearningService(unit)
            found = await service.run_of(member, lesson.key)
            assert found is not None
            assert (found.run_id, found.moved) == (begun.run_id, False)
            assert await service.run_of(replace(member, viewer=anybody()), lesson.key) is None
            assert await service.run_of(Learner(None, None, network_member()), lesson.key) is None

    async def test_a_path_that_one_may_not_find(self, database: Database) -> None:
        lesson, stranger = await publish(database, written()), await a_stranger(database)
        path = await publish_path(database, [lesson], visibility=Visibility.NETWORK)
        state = await Pupil(database, stranger).begin(lesson, path=path)
        assert state.path is None
        async with unit_of_work(database) as unit:
            assert list(await LearningService(unit).paths(stranger)) == []
            with pytest.raises(UnknownPath):
                await LearningService(unit).path_with_key("weg", stranger)


class TestAdopting:
    async def test_what_an_identity_learned_becomes_the_members(self, database: Database) -> None:
        lessons = [await publish(database, written(key)) for key in ("nur", "weiter", "weniger", "fertig")]
        member, stranger = await a_member(database), await a_stranger(database)
        before, after = Pupil(database, stranger), Pupil(database, member)
        await before.finish(lessons[0])
        theirs = await before.go_on(await before.begin(lessons[1]))
        await after.begin(lessons[1])
        await before.begin(lessons[2])
        mine = await after.go_on(await after.begin(lessons[2]))
        early = await before.finish(lessons[3])
        late = await after.finish(lessons[3])
        assert stranger.identity_id is not None
        assert member.member_id is not None
        async with unit_of_work(database) as unit:
            assert await LearningService(unit).adopt(stranger.identity_id, member.member_id) == 2
            assert await LearningService(unit).adopt(stranger.identity_id, member.member_id) == 0
        async with database.session(writes=False) as session:
            runs = {run.lesson_id: run for run in (await session.scalars(select(LessonRun))).all()}
        assert {run.member_id for run in runs.values()} == {member.member_id}
        assert {run.identity_id for run in runs.values()} == {None}
        assert runs[lessons[0].id].done_at is not None
        assert runs[lessons[1].id].id == theirs.run_id
        assert runs[lessons[2].id].id == mine.run_id
        assert (runs[lessons[3].id].id, runs[lessons[3].id].done_at) == (late.run_id, early.done_at)

    @ONLY_SQLITE
    async def test_joining_brings_it_along(self, database: Database) -> None:
        lesson, stranger = await publish(database, written()), await a_stranger(database)
        assert stranger.identity_id is not None
        state = await Pupil(database, stranger).go_on(await Pupil(database, stranger).begin(lesson))
        async with unit_of_work(database) as unit:
            service = InvitationService(unit.session)
            member = await service.members.add("Kim")
            code = (await service.link_code(member.id)).code
            identity = IdentityEntry(stranger.identity_id, Network.MATRIX, "@kim:example.org")
            await service.redeem(code, identity, database)
        joined = Pupil(database, Learner(member.id, stranger.identity_id, network_member()))
        went_on = await joined.begin(lesson)
        assert (went_on.run_id, went_on.at) == (state.run_id, 1)

    @ONLY_SQLITE
    async def test_what_may_not_be_shown_here_is_not_named(self, database: Database) -> None:
        lesson, member = await publish(database, written(visibility="network")), await a_member(database)
        after = await publish(database, written("dann", needs="[rechnen]"))
        await Pupil(database, member).begin(lesson)
        abroad = replace(member, viewer=anybody())
        async with unit_of_work(database) as unit:
            service = LearningService(unit)
            assert [one.key for one in await service.of_learner(member)] == ["rechnen"]
            assert list(await service.of_learner(abroad)) == []
        assert (await Pupil(database, member).begin(after)).missing == ("Lektion rechnen",)
        assert (await Pupil(database, abroad).begin(after)).missing == ()
