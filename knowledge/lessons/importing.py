"""Lessons from a folder: what can be read is taken, and for the rest it is said what is wrong where."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from knowledge.kit.language import _
from knowledge.lessons.body import PICTURES
from knowledge.lessons.checking import find_problems
from knowledge.lessons.errors import LessonInvalid, LessonProblem
from knowledge.lessons.markdown import LessonSource, read_lesson
from knowledge.lessons.path_file import PathSource, read_paths
from knowledge.lessons.pictures import MOST_BYTES
from knowledge.lessons.self_check_file import SelfCheckSource, read_self_check
from knowledge.lessons.steps import pictures_of

PATHS = "paths.yaml"
_SELF_CHECK = ("self-check.", ".yaml")
MOST_FILES = 500
MOST_TEXT_BYTES = 300_000


@dataclass(frozen=True, slots=True)
class FolderProblem:
    """What is wrong with a file of a folder."""

    file: str
    problem: LessonProblem

    def __str__(self) -> str:
        place = f"{self.file}:{self.problem.line}" if self.problem.line else self.file
        return f"{place}: {self.problem.message}"


@dataclass(frozen=True, slots=True)
class FolderLesson:
    """A lesson of a folder with the files of its pictures, by name."""

    file: str
    source: LessonSource
    pictures: Mapping[str, bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class LessonFolder:
    """What a folder holds: each lesson and path that can be read, and the problems of the others."""

    lessons: tuple[FolderLesson, ...]
    paths: tuple[PathSource, ...]
    self_checks: tuple[SelfCheckSource, ...]
    problems: tuple[FolderProblem, ...]

    @property
    def keys(self) -> frozenset[str]:
        """The keys of its lessons."""
        return frozenset(lesson.source.key for lesson in self.lessons)


def read_folder(folder: Path) -> LessonFolder:
    """Return what lies in a folder (not below it). Raises OSError where it cannot be read."""
    files: dict[str, bytes] = {}
    problems: list[FolderProblem] = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or not path.is_file() or path.is_symlink():
            continue
        if len(files) >= MOST_FILES:
            problems.append(
                _said("", _("There are more than {count} files.").format(count=MOST_FILES), "too_many_files")
            )
            break
        if not _is_ours(path.name):
            continue
        if path.stat().st_size > _most_bytes(path.name):
            problems.append(_too_large(path.name))
            continue
        files[path.name] = path.read_bytes()
    return _with_problems(read_files(files), problems)


def _is_ours(name: str) -> bool:
    return name.casefold().endswith((".md", ".yaml", *PICTURES))


def _most_bytes(name: str) -> int:
    return MOST_BYTES if name.casefold().endswith(PICTURES) else MOST_TEXT_BYTES


def _too_large(name: str) -> FolderProblem:
    problem = _("This file is larger than {size} kB.").format(size=_most_bytes(name) // 1_000)
    return _said(name, problem, "file_too_large")


def _with_problems(read: LessonFolder, problems: Sequence[FolderProblem]) -> LessonFolder:
    return LessonFolder(read.lessons, read.paths, read.self_checks, (*problems, *read.problems))


def read_files(files: Mapping[str, bytes]) -> LessonFolder:
    """Return what files hold that lie in one folder, by their names (what is sent to the hub together).

    A file that is broken keeps nothing from the others. A lesson whose picture is missing is not taken at all.
    """
    problems: list[FolderProblem] = []
    lessons = _lessons(files, problems)
    paths, self_checks = [], []
    for name, content in sorted(files.items()):
        text = _decoded(name, content, problems) if name.casefold().endswith(".yaml") else None
        if text is None:
            continue
        try:
            if name == PATHS:
                paths += read_paths(text)
            elif name.startswith(_SELF_CHECK[0]):
                self_checks.append(read_self_check(text, name.removeprefix(_SELF_CHECK[0])[:2]))
        except LessonInvalid as invalid:
            problems += [FolderProblem(name, problem) for problem in invalid.problems]
    return LessonFolder(tuple(lessons), tuple(paths), tuple(self_checks), tuple(problems))


def _lessons(files: Mapping[str, bytes], problems: list[FolderProblem]) -> list[FolderLesson]:
    found: dict[str, FolderLesson] = {}
    for name, content in sorted(files.items()):
        if not name.casefold().endswith(".md"):
            continue
        lesson = _lesson(name, content, files, problems)
        if lesson is None:
            continue
        if lesson.source.key in found:
            other = found[lesson.source.key].file
            said = _("“{file}” has the same key “{key}”.").format(file=other, key=lesson.source.key)
            problems.append(_said(name, said, "key_twice"))
            continue
        found[lesson.source.key] = lesson
    return list(found.values())


def _lesson(
    name: str, content: bytes, files: Mapping[str, bytes], problems: list[FolderProblem]
) -> FolderLesson | None:
    text = _decoded(name, content, problems)
    if text is None:
        return None
    try:
        source = read_lesson(text)
    except LessonInvalid as invalid:
        problems += [FolderProblem(name, problem) for problem in invalid.problems]
        return None
    wanted = pictures_of(source.steps)
    wrong = find_problems(source)
    for picture in wanted:
        if picture not in files:
            said = _("The picture “{name}” is not in the folder.").format(name=picture)
            line = next(number for number, written in enumerate(text.split("\n"), 1) if picture in written)
            wrong.append(LessonProblem(line, said, "picture_missing"))
    problems += [FolderProblem(name, problem) for problem in wrong]
    return None if wrong else FolderLesson(name, source, {picture: files[picture] for picture in wanted})


def _decoded(name: str, content: bytes, problems: list[FolderProblem]) -> str | None:
    if len(content) > _most_bytes(name):
        problems.append(_too_large(name))
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        problems.append(_said(name, _("This file is not written in UTF-8."), "not_utf8"))
        return None


def _said(file: str, message: str, code: str) -> FolderProblem:
    return FolderProblem(file, LessonProblem(0, message, code))


def find_unknown(folder: LessonFolder, known: Iterable[str] = ()) -> list[FolderProblem]:
    """Return where a folder names lessons that are neither in it nor among ``known``."""
    keys = folder.keys | frozenset(known)
    named = [(lesson.file, key) for lesson in folder.lessons for key in lesson.source.needs]
    named += [(PATHS, key) for path in folder.paths for key in path.lessons]
    for check in folder.self_checks:
        file = f"{_SELF_CHECK[0]}{check.language}{_SELF_CHECK[1]}"
        named += [(file, key) for part in check.dimensions for keys_of in part.lessons.values() for key in keys_of]
    unknown = _("There is no lesson with the key “{key}”.")
    return [_said(file, unknown.format(key=key), "unknown_lesson") for file, key in named if key not in keys]
