"""Lessons are written, published in versions, found in the library, and withdrawn."""

import pytest
from sqlalchemy import select, update

from knowledge.access.visibility import anybody, network_member
from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.lessons.errors import (
    LessonChanged,
    LessonInvalid,
    LessonKeyTaken,
    NothingToPublish,
    UnknownLesson,
    UnknownPath,
)
from knowledge.lessons.paths import PathInvalid, PathService
from knowledge.lessons.pictures import digest_of
from knowledge.lessons.preparing import prepare_lesson
from knowledge.lessons.schemas import PathDraft
from knowledge.lessons.service import LessonService
from knowledge.lessons.shelving import shelve_missing
from knowledge.lessons.steps import PictureStep
from knowledge.library.service import LibraryService
from knowledge.models.audit import AuditEntry
from knowledge.models.document import Document, Kind, Passage, Status, Visibility
from knowledge.models.lesson import Lesson, LessonPicture, LessonState, LessonVersion
from knowledge.topics.service import TopicForm, TopicService
from knowledge.trainings.schemas import Publisher
from tests.knowledge.lessons.writing import add_member, add_organisation, picture, publish, publish_path, written

ONLY_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def document(database: Database, key: str = "rechnen") -> Document | None:
    async with database.session(writes=False) as session:
        return await session.scalar(select(Document).where(Document.source == f"lernen:{key}"))


async def words(database: Database, found: Document | None) -> str:
    assert found is not None
    async with database.session(writes=False) as session:
        texts = await session.scalars(select(Passage.text).where(Passage.document_id == found.id))
        return "\n".join(texts)


class TestPublishing:
    async def test_from_draft_to_the_library_and_out_of_it(self, database: Database) -> None:
        async with unit_of_work(database) as unit:
            organisation = await add_organisation(unit)
            topic = await TopicService(unit).add(TopicForm(name_de="Rechnen", words=("Arithmetik",)), by=None)
        by = Publisher(await add_member(database, organisation_id=organisation), organisation)
        draft = await prepare_lesson(written(topics="[Arithmetik]", visibility="network"))
        async with unit_of_work(database) as unit:
            entry = await LessonService(unit).write(draft, by)
        assert (entry.state, entry.publisher, entry.topics) == (
            LessonState.DRAFT,
            "Kompetenzzentrum Heide",
            (topic.id,),
        )
        assert await document(database) is None
        async with unit_of_work(database) as unit:
            assert list(await LessonService(unit).found(network_member())) == []
            entry = await LessonService(unit).publish(entry.id, by)
        found = await document(database)
        assert found is not None
        assert (entry.state, entry.document_id, entry.has_draft) == (LessonState.PUBLISHED, found.id, False)
        assert (found.kind, found.title, found.access, found.topics) == (
            Kind.TRAINING,
            "Lektion rechnen",
            "network",
            ["Rechnen"],
        )
        assert (found.organisation_id, found.publisher) == (organisation, "Kompetenzzentrum Heide")
        shown = await words(database, found)
        assert "Menschen entscheiden" in shown
        assert "Tier" not in shown  # a wrong answer is never quoted

        async with unit_of_work(database) as unit:
            withdrawn = await LessonService(unit).withdraw(entry.id, by)
            acts = (await unit.session.scalars(select(AuditEntry.action).order_by(AuditEntry.action))).all()
        assert withdrawn.state is LessonState.WITHDRAWN
        assert [act for act in acts if act.startswith("lessons:")] == ["lessons:publish", "lessons:withdraw"]
        gone = await document(database)
        assert gone is not None
        assert gone.status is Status.WITHDRAWN

        async with unit_of_work(database) as unit:
            await LessonService(unit).publish(entry.id, by)
        back = await document(database)
        assert back is not None
        assert (back.id, back.status) == (found.id, Status.PUBLISHED)

    @ONLY_SQLITE
    async def test_a_new_version_takes_the_place_of_the_one_before(self, database: Database) -> None:
        first = await publish(database, written(visibility="network"), shelved=True)
        draft = await prepare_lesson(written(steps=["Ganz anders."], visibility="public", title="Neu"))
        async with unit_of_work(database) as unit:
            second = await LessonService(unit).write(draft, None, lesson_id=first.id, revision=first.revision)
        assert (second.version, second.published_version, second.has_draft) == (2, 1, True)
        async with unit_of_work(database) as unit:
            service = LessonService(unit)
            # Nothing of it is seen before it is published.
            assert (await service.get(first.id, network_member())).entry.title == "Lektion rechnen"
            with pytest.raises(UnknownLesson):
                await service.get(first.id, anybody())
            await service.publish(first.id, None)
            assert (await service.get(first.id, anybody())).entry.title == "Neu"
            assert [(one.number, one.published) for one in await service.versions(first.id, None)] == [
                (2, True),
                (1, False),
            ]
            assert (await service.draft(first.id, None, number=1)).entry.title == "Lektion rechnen"
        found = await document(database)
        assert found is not None
        assert (found.title, found.access) == ("Neu", "public")
        assert "Ganz anders." in await words(database, found)
        assert "Menschen" not in await words(database, found)

    @ONLY_SQLITE
    async def test_the_same_text_makes_no_version(self, database: Database) -> None:
        first = await publish(database, written())
        again = await publish(database, written(), lesson_id=first.id)
        assert (again.version, again.published_version) == (1, 1)

    async def test_one_that_the_library_cannot_take_holds_up_none(self, database: Database) -> None:
        for key in ("eins", "zwei", "drei"):
            draft = await prepare_lesson(written(key))
            async with unit_of_work(database) as unit:
                service = LessonService(unit)
                lesson = await service.add(draft, None)
                await service.add_version(lesson, draft, None)
                await service.release(lesson)
                if key == "eins":
                    broken = lesson.id
        async with unit_of_work(database) as unit:
            damaged = update(LessonVersion).where(LessonVersion.lesson_id == broken)
            await unit.session.execute(damaged.values(steps=[{"kind": "unsinn"}]))
        assert [await shelve_missing(database) for _time in range(2)] == [2, 0]

    @ONLY_SQLITE
    async def test_what_the_library_lacks_is_put_into_it_later(self, database: Database) -> None:
        draft = await prepare_lesson(written())
        async with unit_of_work(database) as unit:
            service = LessonService(unit)
            lesson = await service.add(draft, None)
            with pytest.raises(NothingToPublish):
                await service.release(lesson)
            await service.add_version(lesson, draft, None)
            await service.release(lesson)
        assert await document(database) is None
        assert [await shelve_missing(database) for _time in range(2)] == [1, 0]
        found = await document(database)
        assert found is not None
        # A newer program brings a new version; what a moderator withdrew in the library stays withdrawn.
        async with unit_of_work(database) as unit:
            await LibraryService(unit).withdraw(await unit.session.get_one(Document, found.id))
            lesson = await unit.session.get_one(Lesson, lesson.id)
            await LessonService(unit).add_version(lesson, await prepare_lesson(written(title="Neu")), None)
            await LessonService(unit).release(lesson)
        assert await shelve_missing(database) == 1
        found = await document(database)
        assert found is not None
        assert (found.title, found.status) == ("Neu", Status.WITHDRAWN)


@ONLY_SQLITE
class TestKeeping:
    async def test_pictures_of_each_version_stay(self, database: Database) -> None:
        text, before, after = written(steps=["![Bild](a.png)"]), picture(40, 40), picture(50, 50)
        entry = await publish(database, text, files={"a.png": before})
        # Another text without the file: the picture that is known stays.
        await publish(database, written(steps=["![Bild](a.png)", "Mehr."]), lesson_id=entry.id)
        await publish(database, text, files={"a.png": after}, lesson_id=entry.id)
        async with unit_of_work(database) as unit:
            service = LessonService(unit)
            shown = [(await service.draft(entry.id, None, number=number)).steps[0] for number in (1, 2, 3)]
            kept = (await unit.session.scalars(select(LessonPicture.width).order_by(LessonPicture.width))).all()
            found = await service.picture(entry.id, "a.png", digest_of(after))
        digests = [step.digest for step in shown if isinstance(step, PictureStep)]
        assert digests == [digest_of(before), digest_of(before), digest_of(after)]
        assert list(kept) == [40, 50]
        assert found is not None
        assert found.content.startswith(b"\x89PNG")

    async def test_a_picture_that_is_missing_or_none(self, database: Database) -> None:
        draft = await prepare_lesson(written(steps=["Text.", "![Bild](a.png)"]))
        with pytest.raises(LessonInvalid) as refused:
            async with unit_of_work(database) as unit:
                await LessonService(unit).write(draft, None)
        assert [(problem.line, problem.code) for problem in refused.value.problems] == [(14, "picture_missing")]
        async with unit_of_work(database) as unit:
            assert list(await LessonService(unit).managed(None)) == []
        with pytest.raises(LessonInvalid) as unusable:
            await prepare_lesson(written(steps=["![Bild](a.png)"]), {"a.png": b"none"})
        assert unusable.value.problems[0].line == 12

    async def test_two_people_write_and_none_is_lost(self, database: Database) -> None:
        entry = await publish(database, written())
        mine = await prepare_lesson(written(steps=["Meins."]))
        async with unit_of_work(database) as unit:
            await LessonService(unit).write(mine, None, lesson_id=entry.id, revision=entry.revision)
        with pytest.raises(LessonChanged):
            async with unit_of_work(database) as unit:
                await LessonService(unit).write(mine, None, lesson_id=entry.id, revision=entry.revision)

    async def test_keys_stay_and_are_unique(self, database: Database) -> None:
        entry = await publish(database, written())
        with pytest.raises(LessonKeyTaken):
            await publish(database, written())
        with pytest.raises(LessonInvalid):
            await publish(database, written("anders"), lesson_id=entry.id)

    async def test_only_its_publisher_keeps_it(self, database: Database) -> None:
        async with unit_of_work(database) as unit:
            here, there = await add_organisation(unit), await add_organisation(unit, "Anderswo")
        author, colleague, other = [
            Publisher(await add_member(database, name, organisation_id=house), house)
            for name, house in (("Ada", here), ("Bea", here), ("Cem", there))
        ]
        entry = await publish(database, written(), author)
        async with unit_of_work(database) as unit:
            service = LessonService(unit)
            assert [one.id for one in await service.managed(colleague)] == [entry.id]
            assert list(await service.managed(other)) == []
            assert (await service.draft(entry.id, colleague)).entry.id == entry.id
            for refused in (service.draft(entry.id, other), service.withdraw(entry.id, other)):
                with pytest.raises(UnknownLesson):
                    await refused
            administrator = Publisher(other.member_id, there, administrator=True)
            assert (await service.withdraw(entry.id, administrator)).state is LessonState.WITHDRAWN


@ONLY_SQLITE
class TestPaths:
    async def test_a_path_is_kept_in_its_order(self, database: Database) -> None:
        lessons = [await publish(database, written(key)) for key in ("a", "b", "c")]
        path = await publish_path(database, [lessons[2], lessons[0]])
        assert ([lesson.key for lesson in path.lessons], path.minutes) == (["c", "a"], 6)
        draft = PathDraft("weg", "Neu", tuple(lesson.id for lesson in lessons), visibility=Visibility.NETWORK)
        async with unit_of_work(database) as unit:
            service = PathService(unit)
            changed = await service.write(draft, None, path_id=path.id, revision=path.revision)
            assert ([lesson.key for lesson in changed.lessons], changed.access) == (["a", "b", "c"], "network")
            with pytest.raises(LessonChanged):
                await service.write(draft, None, path_id=path.id, revision=path.revision)
            with pytest.raises(LessonKeyTaken):
                await service.write(draft, None)
            assert (await service.withdraw(path.id, None)).state is LessonState.WITHDRAWN

    async def test_a_path_needs_lessons_that_are_published_and_not_others_drafts(self, database: Database) -> None:
        by, other = Publisher(await add_member(database)), Publisher(await add_member(database, "Ada"))
        async with unit_of_work(database) as unit:
            entry = await LessonService(unit).write(await prepare_lesson(written()), by)
        draft = PathDraft("weg", "Weg", (entry.id,))
        async with unit_of_work(database) as unit:
            service = PathService(unit)
            with pytest.raises(UnknownLesson):
                await service.write(draft, other)
            path = await service.write(draft, by)
            with pytest.raises(NothingToPublish, match="Lektion rechnen"):
                await service.publish(path.id, by)
            with pytest.raises(UnknownPath):
                await service.draft(path.id, other)
            for wrong in (PathDraft("Ä", "Weg", (entry.id,)), PathDraft("x", "", (entry.id,)), PathDraft("x", "y", ())):
                with pytest.raises(PathInvalid):
                    await service.write(wrong, by)
