"""A folder of lessons: what is broken keeps nothing from the others, and is told with file and line."""

from pathlib import Path

import pytest

from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.lessons.__main__ import main
from knowledge.lessons.folder_service import import_folder
from knowledge.lessons.importing import MOST_TEXT_BYTES, read_files, read_folder
from knowledge.lessons.paths import PathService
from knowledge.lessons.repository import LessonRepository
from knowledge.lessons.service import LessonService
from knowledge.models.lesson import LessonState
from knowledge.trainings.schemas import Publisher
from tests.knowledge.lessons.writing import add_member, picture, publish, written

PATH = """- key: weg
  title: Der Weg
  summary: Zwei Lektionen.
  outcomes: Rechnen.
  lessons: [{lessons}]
"""
ONLY_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def fill(folder: Path, **files: str | bytes) -> Path:
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        path = folder / name.replace("__", ".")
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


class TestReading:
    def test_what_is_broken_is_told_and_the_rest_is_there(self, tmp_path: Path) -> None:
        folder = fill(
            tmp_path / "lektionen",
            gut__md=written("gut"),
            bild__md=written("bild", steps=["![Bild](da.png)"]),
            da__png=picture(),
            ohne__md=written("ohne", steps=["Text.", "![Bild](weg.png)"]),
            html__md=written("html", steps=["<b>x</b>"]),
            doppelt__md=written("gut"),
            bytes__md=b"\xff\xfe\x00",
            gross__md=b"x" * (MOST_TEXT_BYTES + 1),
            liste__txt="egal",
        )
        (folder / "fern.md").symlink_to("/etc/hostname")
        read = read_folder(folder)
        assert read.keys == {"gut", "bild"}
        assert [(problem.file, problem.problem.line, problem.problem.code) for problem in read.problems] == [
            ("gross.md", 0, "file_too_large"),
            ("bytes.md", 0, "not_utf8"),
            ("gut.md", 0, "key_twice"),
            ("html.md", 12, "html"),
            ("ohne.md", 14, "picture_missing"),
        ]
        assert str(read.problems[3]).startswith("html.md:12: ")

    def test_paths_and_their_problems(self) -> None:
        good = read_files({"paths.yaml": PATH.format(lessons="gut").encode()})
        assert [(path.key, path.lessons) for path in good.paths] == [("weg", ("gut",))]
        bad = read_files({"paths.yaml": (PATH.format(lessons="") + "- {key: Ä}").encode()})
        assert not bad.paths
        assert {problem.problem.code for problem in bad.problems} == {"no_lessons", "key", "text_missing"}
        for text in ("x", "[1, 2]", "- &a [*a]"):
            assert read_files({"paths.yaml": text.encode()}).problems

    def test_the_command_prints_what_is_wrong(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        folder = fill(tmp_path / "a", gut__md=written("gut"), paths__yaml=PATH.format(lessons="fehlt"))
        assert main([str(folder)]) == 1
        printed = capsys.readouterr().out
        assert "gut.md: 6 messages" in printed
        assert "fehlt" in printed
        fill(folder, paths__yaml=PATH.format(lessons="gut"))
        assert main([str(folder)]) == 0


@ONLY_SQLITE
class TestBringing:
    async def test_each_lesson_comes_whole_or_not_at_all(self, database: Database, tmp_path: Path) -> None:
        folder = fill(
            tmp_path / "lektionen",
            eins__md=written("eins", steps=["![Bild](gut.png)"]),
            gut__png=picture(),
            zwei__md=written("zwei", steps=["![Bild](kaputt.png)"]),
            kaputt__png=b"no picture",
            drei__md=written("drei", needs="[fehlt]"),
            paths__yaml=PATH.format(lessons="eins, drei") + PATH.format(lessons="zwei").replace("key: weg", "key: zu"),
        )
        report = await import_folder(database, folder, None, publish=True)
        assert (report.added, report.changed, report.paths) == (("drei", "eins"), (), ("weg",))
        assert [(problem.file, problem.problem.code) for problem in report.problems] == [
            ("drei.md", "unknown_lesson"),
            ("zwei.md", "lessons.picture_unusable"),
            ("paths.yaml", "lessons.path_invalid"),
        ]
        async with unit_of_work(database) as unit:
            assert set(await LessonRepository(unit.session).keys()) == {"eins", "drei"}
            (path,) = await PathService(unit).managed(None)
            assert (path.state, [lesson.key for lesson in path.lessons]) == (LessonState.PUBLISHED, ["eins", "drei"])

        again = await import_folder(database, folder, None, publish=True)
        assert (again.added, again.changed, again.unchanged) == ((), (), ("drei", "eins"))
        fill(folder, eins__md=written("eins", steps=["Neu."]))
        assert (await import_folder(database, folder, None, publish=True)).changed == ("eins",)
        async with unit_of_work(database) as unit:
            entries = {entry.key: entry for entry in await LessonService(unit).managed(None)}
        assert (entries["eins"].published_version, entries["drei"].published_version) == (2, 1)

    async def test_others_lessons_are_not_written_over(self, database: Database, tmp_path: Path) -> None:
        theirs, mine = Publisher(await add_member(database)), Publisher(await add_member(database, "Ada"))
        await publish(database, written("eins"), theirs)
        folder = fill(tmp_path / "lektionen", eins__md=written("eins", steps=["Meins."]), zwei__md=written("zwei"))
        report = await import_folder(database, folder, mine)
        assert (report.added, [problem.problem.code for problem in report.problems]) == (
            ("zwei",),
            ["lessons.key_taken"],
        )
        async with unit_of_work(database) as unit:
            (entry,) = await LessonService(unit).managed(theirs)
            assert entry.version == 1
            (draft,) = await LessonService(unit).managed(mine)
            assert draft.state is LessonState.DRAFT
