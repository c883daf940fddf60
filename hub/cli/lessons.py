"""``allmende lessons``: micro-lessons come in from a folder, and are listed."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from hub.cli.options import AsJson
from hub.cli.output import put_json, put_json_line
from hub.cli.surroundings import opened, put, run_async, say
from knowledge.kit.language import _, ngettext
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.lessons.folder_service import ImportReport, import_folder
from knowledge.lessons.schemas import LessonEntry
from knowledge.lessons.service import LessonService
from knowledge.models.lesson import LessonState
from knowledge.organisations.service import OrganisationService

FAILED = 1

Folder = Annotated[
    Path,
    typer.Argument(exists=True, file_okay=False, help=_("The folder with lessons (.md), pictures and paths.yaml.")),
]
Publish = Annotated[bool, typer.Option("--publish", help=_("Publish them at once; otherwise they are drafts."))]
Organisation = Annotated[
    str | None, typer.Option("--organisation", metavar="KEY", help=_("The organisation that publishes them."))
]


def register(group: typer.Typer) -> None:
    """Put the commands into their group."""
    group.command("import", help=_("Bring the lessons of a folder in; exit code 1 when some were broken."))(bring)
    group.command("list", help=_("List the lessons."))(list_lessons)


def bring(folder: Folder, publish: Publish = False, organisation: Organisation = None, as_json: AsJson = False) -> int:
    """Bring the lessons of a folder in."""

    async def work() -> ImportReport:
        async with opened() as surroundings:
            owner = None
            if organisation is not None:
                async with unit_of_work(surroundings.database, writes=False) as unit:
                    owner = (await OrganisationService(unit.session).get_usable(organisation)).id
            return await import_folder(surroundings.database, folder, None, publish=publish, organisation_id=owner)

    report = run_async(work)
    for problem in report.problems:
        say(str(problem))
    if as_json:
        put_json({**asdict(report), "problems": [_problem(problem) for problem in asdict(report)["problems"]]})
    else:
        put(_sentence(report))
    return FAILED if report.problems else 0


def _problem(problem: dict[str, object]) -> dict[str, object]:
    said = problem["problem"]
    return {"file": problem["file"], **(said if isinstance(said, dict) else {})}


def _sentence(report: ImportReport) -> str:
    parts = [
        ngettext("{count} new lesson", "{count} new lessons", len(report.added)).format(count=len(report.added)),
        ngettext("{count} changed", "{count} changed", len(report.changed)).format(count=len(report.changed)),
        ngettext("{count} as before", "{count} as before", len(report.unchanged)).format(count=len(report.unchanged)),
        ngettext("{count} path", "{count} paths", len(report.paths)).format(count=len(report.paths)),
    ]
    return ", ".join(parts)


def list_lessons(as_json: AsJson = False) -> None:
    """List the lessons."""

    async def work() -> Sequence[LessonEntry]:
        async with opened() as surroundings, unit_of_work(surroundings.database, writes=False) as unit:
            return await LessonService(unit).managed(None)

    lessons = run_async(work)
    for lesson in lessons:
        if as_json:
            put_json_line(asdict(lesson))
        else:
            put(f"{lesson.key}: {lesson.title} ({', '.join(_notes(lesson))})")
    if not lessons:
        say(_("There are no lessons yet. “allmende lessons import FOLDER” brings some in."))


def _notes(lesson: LessonEntry) -> list[str]:
    states = {
        LessonState.DRAFT: _("draft"),
        LessonState.PUBLISHED: _("published"),
        LessonState.WITHDRAWN: _("withdrawn"),
    }
    minutes = ngettext("{count} minute", "{count} minutes", lesson.minutes).format(count=lesson.minutes)
    return [states[lesson.state], lesson.language, minutes]
