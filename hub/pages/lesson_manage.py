"""What a publisher keeps of lessons and paths: where they stand, how they are learned, what calls for a new one."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, File, Request, Response, UploadFile
from fastapi.responses import HTMLResponse

from hub.dependencies import MayManageTrainings, Reading, Services
from hub.pages.lesson_parts import MANAGE, state_name
from hub.pages.sent_files import MEGABYTE, FileLimits, TooMuchSent, read_files_sent
from hub.pages.training_parts import publisher_of
from hub.rendering import render
from knowledge.access.rights import Right
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.lessons.folder_service import ImportReport, import_folder
from knowledge.lessons.gaps import TrainingGap, training_gaps
from knowledge.lessons.importing import read_files
from knowledge.lessons.paths import PathService
from knowledge.lessons.pictures import MOST_BYTES
from knowledge.lessons.schemas import LessonEntry, PathEntry
from knowledge.lessons.service import LessonService
from knowledge.lessons.sums import LessonSums, PathSums, lesson_sums, path_sums

router = APIRouter()
IMPORT = f"{MANAGE}/einspielen"
FOLDER = FileLimits(files=200, each=MOST_BYTES, together=100 * MEGABYTE)
Files = Annotated[list[UploadFile], File()]


@dataclass(frozen=True, slots=True)
class LessonLine:
    """A lesson in the table."""

    entry: LessonEntry
    state: str
    address: str
    sums: LessonSums


@dataclass(frozen=True, slots=True)
class PathLine:
    """A path in the table."""

    entry: PathEntry
    state: str
    address: str
    sums: PathSums


@dataclass(frozen=True, slots=True)
class ManagePage:
    """The lessons and paths that the visitor looks after, and the gaps that call for a training."""

    lessons: Sequence[LessonLine]
    paths: Sequence[PathLine]
    gaps: Sequence[TrainingGap]


@dataclass(frozen=True, slots=True)
class ImportPage:
    """The form, and what became of the files that were sent."""

    report: ImportReport | None
    problems: Sequence[str]


@router.get(MANAGE)
async def manage(request: Request, visitor: MayManageTrainings, session: Reading) -> HTMLResponse:
    """Show the lessons and paths."""
    unit, by = UnitOfWork(session), publisher_of(visitor)
    lessons, paths = await LessonService(unit).managed(by), await PathService(unit).managed(by)
    sums = await lesson_sums(session, [entry.id for entry in lessons])
    taken = await path_sums(session, [entry.id for entry in paths])
    page = ManagePage(
        [LessonLine(one, state_name(one.state), f"{MANAGE}/{one.id}", sums[one.id]) for one in lessons],
        [PathLine(one, state_name(one.state), f"{MANAGE}/pfad/{one.id}", taken[one.id]) for one in paths],
        await training_gaps(session) if visitor.may(Right.GAPS_READ) else [],
    )
    return await render(request, "lessons/managed.html", page)


@dataclass(frozen=True, slots=True)
class FolderSent:
    """The files of a folder by their names, or why they were not read."""

    files: Mapping[str, bytes]
    problem: str = ""


async def files_sent(request: Request, visitor: MayManageTrainings) -> FolderSent:  # noqa: ARG001 - only they
    """Read the files of a folder, before the transaction begins."""
    try:
        return FolderSent(await read_files_sent(await request.form(), FOLDER))
    except TooMuchSent as error:
        return FolderSent({}, error.message)


@router.get(IMPORT)
async def import_form(request: Request, visitor: MayManageTrainings) -> HTMLResponse:  # noqa: ARG001
    """Show the form for the files of a folder."""
    return await render(request, "lessons/import.html", ImportPage(None, ()))


@router.post(IMPORT)
async def bring(
    request: Request,
    visitor: MayManageTrainings,
    services: Services,
    sent: Annotated[FolderSent, Depends(files_sent)],
    files: Files = [],  # noqa: B006, ARG001 - says that files may come; ``files_sent`` reads them
) -> Response:
    """Take in lessons and paths as drafts, each in a transaction of its own."""
    if sent.problem:
        page = ImportPage(None, [sent.problem])
        return await render(request, "lessons/import.html", page, status=422)
    read = await asyncio.to_thread(read_files, sent.files)
    report = await import_folder(services.database, read, publisher_of(visitor))
    page = ImportPage(report, [str(problem) for problem in report.problems])
    return await render(request, "lessons/import.html", page, status=422 if report.problems else 200)
