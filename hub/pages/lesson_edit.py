"""Writing a lesson: its text with a preview as each chat shows it, its pictures, its versions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, File, Request, Response, UploadFile
from fastapi.responses import HTMLResponse

from hub.dependencies import MayManageTrainings, Reading, Services, Writing
from hub.messages import redirect
from hub.pages.lesson_parts import MANAGE, StepView, lesson_path, state_name, step_view
from hub.pages.library_parts import read_number
from hub.pages.review_parts import typed_in, whole_or_nothing
from hub.pages.sent_files import MEGABYTE, FileLimits, TooMuchSent, read_files_sent
from hub.pages.training_parts import publisher_of
from hub.preview import PreviewedChat
from hub.rendering import render
from hub.services import HubServices, services_of
from knowledge.access.rights import Visitor
from knowledge.kit.language import _, current_language
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.lessons.errors import LessonChanged, LessonInvalid, LessonKeyTaken, LessonProblem, UnknownLesson
from knowledge.lessons.pictures import MOST_BYTES
from knowledge.lessons.preparing import prepare_lesson
from knowledge.lessons.schemas import LessonDraft, LessonEntry, LessonText, VersionEntry
from knowledge.lessons.service import LessonService
from knowledge.lessons.steps import PictureStep, Step
from knowledge.lessons.sums import LessonSums, lesson_sums

router = APIRouter()
NEW = f"{MANAGE}/neu"
ITEM = f"{MANAGE}/{{key:uuid}}"
LONGEST_TEXT = 30_000
PICTURES = FileLimits(files=20, each=MOST_BYTES, together=20 * MEGABYTE)
TEXT, ACTION, PREVIEW = "text", "tun", "vorschau"
Pictures = Annotated[list[UploadFile], File()]


@dataclass(frozen=True, slots=True)
class ProblemLine:
    """What is wrong with a text, and the line that it is about."""

    words: str
    line: str


@dataclass(frozen=True, slots=True)
class Preview:
    """A lesson as the hub and each chat show it."""

    title: str
    steps: Sequence[StepView]
    chats: Sequence[PreviewedChat]


@dataclass(frozen=True, slots=True)
class EditPage:
    """The form; ``lesson`` is what is there already, ``preview`` what comes of the text that was typed."""

    lesson: LessonEntry | None
    state: str
    action: str
    address: str
    text: str
    longest: int
    revision: int
    problems: Sequence[ProblemLine]
    preview: Preview | None
    versions: Sequence[VersionEntry]
    sums: LessonSums | None = None


@dataclass(frozen=True, slots=True)
class PreviewPage:
    """A version of a lesson as each chat shows it."""

    lesson: LessonEntry
    number: int
    preview: Preview


@dataclass(frozen=True, slots=True)
class Sent:
    """A text as it was sent, read before the transaction begins: ``draft``, or what is wrong with it."""

    text: str
    revision: int
    wants_preview: bool
    draft: LessonDraft | None
    problems: Sequence[LessonProblem]
    status: int = 422


async def sent(request: Request, visitor: MayManageTrainings) -> Sent:  # noqa: ARG001 - who may not is stopped here
    """Read a text and make its pictures small: that takes a while."""
    form = await request.form()
    typed = typed_in(form)
    text = typed.get(TEXT, "").replace("\r\n", "\n")
    said = (text, read_number(typed.get("revision")) or 0, typed.get(ACTION) == PREVIEW)
    if len(text) > LONGEST_TEXT:
        return Sent(*said, None, [_too_long(text)])
    try:
        return Sent(*said, await prepare_lesson(text, await read_files_sent(form, PICTURES)), ())
    except TooMuchSent as error:
        return Sent(*said, None, [LessonProblem(0, error.message, error.code)])
    except LessonInvalid as error:
        return Sent(*said, None, error.problems)


def _too_long(text: str) -> LessonProblem:
    problem = _("The text has {length} characters; at most {most} fit into a lesson. Please shorten it.")
    return LessonProblem(0, problem.format(length=len(text), most=LONGEST_TEXT), "lessons.text_too_long")


SentText = Annotated[Sent, Depends(sent)]


@router.get(NEW)
async def new(request: Request, visitor: MayManageTrainings) -> HTMLResponse:  # noqa: ARG001
    """Show the form for a new lesson, with an example in it."""
    page = _page(None, Sent(example(), 0, wants_preview=False, draft=None, problems=()), None)
    return await render(request, "lessons/edit.html", page)


@router.post(NEW)
async def add(
    request: Request,
    visitor: MayManageTrainings,
    text: SentText,
    pictures: Pictures = [],  # noqa: B006, ARG001 - says that files may come; ``sent`` reads them
    *,
    unit: Writing,
) -> Response:
    """Keep a new lesson as a draft, or only show it."""
    return await _keep(request, unit, visitor, text, None)


@router.get(ITEM)
async def edit(request: Request, key: UUID, visitor: MayManageTrainings, session: Reading) -> HTMLResponse:
    """Show the form for a lesson."""
    service, by = LessonService(UnitOfWork(session)), publisher_of(visitor)
    known = await service.draft(key, by)
    shown = Sent(known.source, known.entry.revision, wants_preview=False, draft=None, problems=())
    page = _page(known.entry, shown, None, await service.versions(key, by))
    page = replace(page, sums=(await lesson_sums(session, [key]))[key])
    return await render(request, "lessons/edit.html", page)


@router.post(ITEM)
async def change(  # noqa: PLR0913 - each parameter is something that the form needs
    request: Request,
    key: UUID,
    visitor: MayManageTrainings,
    text: SentText,
    pictures: Pictures = [],  # noqa: B006, ARG001 - as above
    *,
    unit: Writing,
) -> Response:
    """Keep a new version of a lesson as a draft, or only show it."""
    return await _keep(request, unit, visitor, text, key)


@router.get(f"{ITEM}/vorschau")
async def preview(
    request: Request, key: UUID, visitor: MayManageTrainings, services: Services, session: Reading
) -> HTMLResponse:
    """Show a version as each chat shows it."""
    number = read_number(request.query_params.get("version"))
    found = await LessonService(UnitOfWork(session)).draft(key, publisher_of(visitor), number=number)
    page = PreviewPage(found.entry, found.entry.number, _preview(found.entry.title, found.steps, services, key))
    return await render(request, "lessons/preview.html", page)


@router.post(f"{ITEM}/veroeffentlichen")
async def publish(key: UUID, visitor: MayManageTrainings, unit: Writing) -> Response:
    """Let everybody who may find it learn the newest version."""
    await LessonService(unit).publish(key, publisher_of(visitor))
    return redirect(f"{MANAGE}/{key}", said="lessons.published")


@router.post(f"{ITEM}/zurueckziehen")
async def withdraw(key: UUID, visitor: MayManageTrainings, unit: Writing) -> Response:
    """Take a lesson back."""
    await LessonService(unit).withdraw(key, publisher_of(visitor))
    return redirect(f"{MANAGE}/{key}", said="lessons.withdrawn")


@router.get(f"{ITEM}/bild/{{digest}}/{{name}}")
async def picture(key: UUID, digest: str, name: str, visitor: MayManageTrainings, session: Reading) -> Response:
    """Give out a picture of a lesson that the visitor looks after."""
    service = LessonService(UnitOfWork(session))
    await service.draft(key, publisher_of(visitor))
    return await picture_response(service, key, name, digest)


async def picture_response(service: LessonService, lesson_id: UUID, name: str, digest: str) -> Response:
    """Return a picture of a lesson as a file. Raises ``UnknownLesson`` where there is none."""
    found = await service.picture(lesson_id, name, digest)
    if found is None:
        raise UnknownLesson
    # Its address names its content, so it never changes.
    return Response(found.content, media_type=found.media_type, headers={"Cache-Control": "private, max-age=86400"})


async def _keep(request: Request, unit: UnitOfWork, visitor: Visitor, text: Sent, key: UUID | None) -> Response:
    service, by = LessonService(unit), publisher_of(visitor)
    known = await service.draft(key, by) if key is not None else None
    if text.draft is None or text.wants_preview:
        return await _shown(request, service, visitor, text, known)
    wanted = service.write(text.draft, by, lesson_id=key, revision=text.revision if key is not None else None)
    try:
        entry = await whole_or_nothing(unit, wanted)
    except LessonInvalid as error:
        failed = replace(text, draft=None, problems=error.problems)
        return await _shown(request, service, visitor, failed, known)
    except (LessonKeyTaken, LessonChanged) as error:
        failed = replace(text, draft=None, problems=[LessonProblem(0, error.message, error.code)], status=error.status)
        return await _shown(request, service, visitor, failed, known)
    return redirect(f"{MANAGE}/{entry.id}", said="lessons.saved")


async def _shown(
    request: Request, service: LessonService, visitor: Visitor, text: Sent, known: LessonText | None
) -> HTMLResponse:
    """Show the form again with what was typed: with a preview of it, or with what is wrong."""
    entry = known.entry if known else None
    shown = None
    if text.draft is not None:
        source = text.draft.source
        shown = _preview(source.title, source.steps, services_of(request), None)
    versions = await service.versions(entry.id, publisher_of(visitor)) if entry else []
    page = _page(entry, text, shown, versions)
    return await render(request, "lessons/edit.html", page, status=200 if shown else text.status)


def _page(
    lesson: LessonEntry | None, text: Sent, shown: Preview | None, versions: Sequence[VersionEntry] = ()
) -> EditPage:
    lines = text.text.split("\n")
    problems = [
        ProblemLine(str(problem), lines[problem.line - 1].strip() if 0 < problem.line <= len(lines) else "")
        for problem in text.problems
    ]
    return EditPage(
        lesson=lesson,
        state=state_name(lesson.state) if lesson else "",
        action=f"{MANAGE}/{lesson.id}" if lesson else NEW,
        address=lesson_path(lesson.key) if lesson else "",
        text=text.text,
        longest=LONGEST_TEXT,
        revision=text.revision,
        problems=problems,
        preview=shown,
        versions=versions,
    )


def _preview(title: str, steps: Sequence[Step], services: HubServices, key: UUID | None) -> Preview:
    """Return steps as pages and chats show them; without a key, pictures are named only."""
    views = [step_view(step, "", _picture_address(step, key)) for step in steps]
    return Preview(title, views, services.preview(steps) if services.preview else ())


def _picture_address(step: Step, key: UUID | None) -> str:
    if key is None or not isinstance(step, PictureStep):
        return ""
    return f"{MANAGE}/{key}/bild/{step.digest}/{step.picture}"


def example() -> str:
    """Return the text that a new lesson begins with, which shows how one is written."""
    return _EXAMPLES[current_language()]


_EXAMPLES = {
    "de": """---
key: mein-lernhaeppchen
title: Titel des Lernhäppchens
summary: Worum es geht, in einem Satz.
level: beginner
minutes: 3
language: de
topics: [Fortbildung]
needs: []
visibility: network
sources:
  - title: Woher die Fakten stammen
    publisher: Wer es herausgibt
    year: 2026
---

# Der erste Schritt

Ein kurzer Text mit **fetten** und *kursiven* Wörtern. Drei bis fünf Sätze genügen.

- Eine Aufzählung
- mit zwei Punkten

---

## ? Welche Antwort ist richtig?

- [ ] Diese nicht :: Hier steht, warum nicht.
- [x] Diese :: Hier steht, warum.

---

Zum Weiterlesen:

[Was die Bibliothek dazu weiß](bibliothek:Fortbildung Verwaltung)
""",
    "en": """---
key: my-lesson
title: Title of the lesson
summary: What it is about, in one sentence.
level: beginner
minutes: 3
language: en
topics: [Fortbildung]
needs: []
visibility: network
sources:
  - title: Where the facts are from
    publisher: Who published it
    year: 2026
---

# The first step

A short text with **bold** and *italic* words. Three to five sentences are enough.

- A list
- with two items

---

## ? Which answer is right?

- [ ] Not this one :: Here it says why not.
- [x] This one :: Here it says why.

---

To read on:

[What the library knows](bibliothek:Fortbildung Verwaltung)
""",
}
