"""``python -m knowledge.lessons FOLDER``: say what is wrong with the lessons of a folder, and how long they are."""

import sys
from pathlib import Path

from knowledge.lessons.checking import message_lengths, reading_minutes
from knowledge.lessons.errors import PictureUnusable
from knowledge.lessons.importing import LessonFolder, find_unknown, read_folder
from knowledge.lessons.pictures import make_small


def check_folder(folder: Path) -> tuple[list[str], LessonFolder]:
    """Return what is wrong with a folder, a line each, and what it holds."""
    read = read_folder(folder)
    problems = [str(problem) for problem in (*read.problems, *find_unknown(read))]
    for lesson in read.lessons:
        for name, content in lesson.pictures.items():
            try:
                make_small(name, content)
            except PictureUnusable as unusable:
                problems.append(f"{lesson.file}: {unusable.message}")
    return problems, read


def main(arguments: list[str]) -> int:
    """Check folders, and the folders in them; returns how the program ends: 1 where something is wrong."""
    named = [Path(argument) for argument in arguments]
    folders = [one for folder in named for one in (folder, *sorted(p for p in folder.iterdir() if p.is_dir()))]
    wrong, keys = 0, set[str]()
    for folder in folders:
        problems, read = check_folder(folder)
        problems += [f"key twice: {key}" for key in sorted(keys & read.keys)]
        keys |= read.keys
        for problem in problems:
            sys.stdout.write(f"{folder}/{problem}\n")
        for lesson in read.lessons:
            lengths = message_lengths(lesson.source.steps)
            minutes = reading_minutes(lesson.source.steps)
            figures = f"{len(lengths) + 2} messages, longest {max(lengths)}, {minutes:.1f} minutes"
            sys.stdout.write(f"{folder}/{lesson.file}: {figures}\n")
        sys.stdout.write(f"{folder}: {len(read.lessons)} lessons, {len(read.paths)} paths\n")
        wrong += len(problems)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
