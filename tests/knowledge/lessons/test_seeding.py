"""The lessons that come with the program: they fit, come once, and leave alone what people changed."""

import shutil
from pathlib import Path

import pytest

from knowledge.access.visibility import anybody
from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.lessons.importing import find_unknown, read_folder
from knowledge.lessons.learning import LearningService
from knowledge.lessons.paths import PathService
from knowledge.lessons.pictures import LARGEST_SIDE, SMALL_BYTES, take_as_is
from knowledge.lessons.preparing import prepare_lesson
from knowledge.lessons.schemas import Learner, LessonEntry
from knowledge.lessons.seeding import CONTENT, seed_lessons
from knowledge.lessons.service import LessonService
from knowledge.models.lesson import LessonState
from knowledge.topics.seeding import seed_topics
from tests.knowledge.lessons.writing import picture, written

PATHS = "- {key: weg, title: Weg, summary: s, outcomes: o, visibility: public, lessons: [eins, zwei]}\n"


async def seed(database: Database, content: Path) -> int:
    async with unit_of_work(database) as unit:
        return await seed_lessons(unit.session, content)


async def entries(database: Database) -> dict[str, LessonEntry]:
    async with unit_of_work(database, writes=False) as unit:
        return {entry.key: entry for entry in await LessonService(unit).managed(None)}


@pytest.fixture
def content(tmp_path: Path) -> Path:
    folder = tmp_path / "content"
    (folder / "de").mkdir(parents=True)
    (folder / "de" / "eins.md").write_text(written("eins", steps=["![Bild](a.png)"]), encoding="utf-8")
    (folder / "de" / "a.png").write_bytes(picture())
    (folder / "de" / "zwei.md").write_text(written("zwei"), encoding="utf-8")
    (folder / "de" / "paths.yaml").write_text(PATHS, encoding="utf-8")
    return folder


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestSeeding:
    async def test_it_comes_once_and_follows_the_program(self, database: Database, content: Path) -> None:
        assert [await seed(database, content) for _time in range(2)] == [3, 0]
        async with unit_of_work(database) as unit:
            (offered,) = await LearningService(unit).paths(Learner(None, None, anybody()))
        assert [lesson.lesson.key for lesson in offered.lessons] == ["eins", "zwei"]
        (content / "de" / "zwei.md").write_text(written("zwei", title="Neuer"), encoding="utf-8")
        (content / "de" / "paths.yaml").write_text(PATHS.replace("eins, zwei", "zwei, eins"), encoding="utf-8")
        assert await seed(database, content) == 2
        found = (await entries(database))["zwei"]
        assert (found.title, found.published_version, found.document_id) == ("Neuer", 2, None)

    async def test_what_people_changed_withdrew_or_made_stays(self, database: Database, content: Path) -> None:
        async with unit_of_work(database) as unit:
            own = await LessonService(unit).write(await prepare_lesson(written("zwei", title="Eigenes")), None)
        await seed(database, content)
        before = await entries(database)
        assert (before["zwei"].title, before["zwei"].state) == ("Eigenes", LessonState.DRAFT)
        async with unit_of_work(database) as unit:
            service = LessonService(unit)
            await service.withdraw(before["eins"].id, None)
            await service.publish(own.id, None)
            for path in await PathService(unit).managed(None):
                await PathService(unit).withdraw(path.id, None)
        shutil.rmtree(content / "de")
        (content / "de").mkdir()
        for key in ("eins", "zwei"):
            (content / "de" / f"{key}.md").write_text(written(key, title="Anders"), encoding="utf-8")
        assert await seed(database, content) == 0
        after = await entries(database)
        assert (after["eins"].state, after["zwei"].title) == (LessonState.WITHDRAWN, "Eigenes")

    async def test_all_that_is_shipped_comes(self, database: Database) -> None:
        async with unit_of_work(database) as unit:
            await seed_topics(unit.session)
            assert await seed_lessons(unit.session) >= 28
        found = await entries(database)
        assert {entry.state for entry in found.values()} == {LessonState.PUBLISHED}
        assert [entry.key for entry in found.values() if not entry.topics] == []
        async with unit_of_work(database) as unit:
            paths = {
                offered.path.key: len(offered.lessons)
                for offered in await LearningService(unit).paths(Learner(None, None, anybody()))
            }
        assert sorted(paths.values()) == [3, 3, 12, 12]


class TestContent:
    @pytest.mark.parametrize("language", ["de", "en"])
    def test_it_can_be_read_and_fits(self, language: str) -> None:
        read = read_folder(CONTENT / language)
        assert list(map(str, [*read.problems, *find_unknown(read)])) == []
        assert len(read.lessons) >= 13
        assert {lesson.source.language for lesson in read.lessons} == {language}
        assert [lesson.file for lesson in read.lessons if not lesson.source.references and "ki-" in lesson.file] == []
        for lesson in read.lessons:
            for name, file in lesson.pictures.items():
                shown = take_as_is(name, file)
                assert shown.content == file
                assert (max(shown.width, shown.height) <= LARGEST_SIDE, len(file) <= SMALL_BYTES) == (True, True)
