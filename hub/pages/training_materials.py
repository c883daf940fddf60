"""What goes with a training: files that come into the library on their day, and documents that are there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, File, Request, Response, UploadFile
from fastapi.responses import HTMLResponse

from hub.dependencies import MayManageTrainings, Reading, Services, Writing
from hub.messages import redirect
from hub.pages.library_parts import read_choice, read_id, read_text
from hub.pages.review_parts import typed_in, whole_or_nothing
from hub.pages.training_parts import MANAGED, Tab, TrainingView, managed_tabs, publisher_of, view_of
from hub.pages.training_words import moment_words, visibility_name
from hub.rendering import local_date, render
from hub.services import HubServices
from knowledge.access.rights import Visitor
from knowledge.kit.clock import HOME, now
from knowledge.kit.errors import AllmendeError, Conflict, InvalidInput, NotFound
from knowledge.kit.language import _
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work
from knowledge.library.addresses import document_path
from knowledge.library.browsing.schemas import Caretaker, ListedDocument, Wanted
from knowledge.library.browsing.service import Browsing
from knowledge.library.uploading import Uploads, clean_name
from knowledge.models.document import Status, Visibility
from knowledge.trainings.materials import (
    LONGEST_TITLE,
    VISIBILITIES,
    MaterialDraft,
    MaterialEntry,
    MaterialService,
)
from knowledge.trainings.service import TrainingService
from knowledge.trainings.times import local_moment, read_day

router = APIRouter()
MATERIALS = f"{MANAGED}/material"
FILE, TITLE, SEEN_BY, FROM, WORDS, DOCUMENT = "datei", "titel", "sichtbarkeit", "ab", "q", "dokument"
MOST_FOUND = 10

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class MaterialView:
    """One material: where it is, whether and when it is shown."""

    id: UUID
    title: str
    href: str
    state: str
    kind: str
    meta: str
    problem: str


@dataclass(frozen=True, slots=True)
class MaterialsPage:
    """The materials of a training, and what of the library has these words."""

    training: TrainingView
    tabs: Sequence[Tab]
    address: str
    materials: Sequence[MaterialView]
    visibilities: Sequence[tuple[str, str]]
    words: str
    found: Sequence[ListedDocument]
    values: Texts
    errors: Texts
    largest: int
    longest_title: int = LONGEST_TITLE


@dataclass(frozen=True, slots=True)
class _Upload:
    """A file that was sent and can be read, with how it is to be shown; or why not."""

    typed: Texts
    file: tuple[str, bytes] | None = None
    draft: MaterialDraft | None = None
    error: InvalidInput | None = None


@router.get(MATERIALS)
async def materials(
    request: Request, visitor: MayManageTrainings, session: Reading, services: Services, key: UUID
) -> HTMLResponse:
    """Show the materials of a training."""
    return await _show(request, UnitOfWork(session), services, visitor, key)


async def read_upload(
    request: Request,
    visitor: MayManageTrainings,
    services: Services,
    key: UUID,
    datei: Annotated[UploadFile | None, File()] = None,
) -> _Upload:
    """Look at what was sent, before any transaction that writes: reading takes long. Raises ``UnknownTraining``."""
    typed = typed_in(await request.form())
    async with unit_of_work(services.database, writes=False) as unit:
        await MaterialService(unit).managed(key, publisher_of(visitor))
    try:
        draft = _draft(typed)
        if datei is None or not datei.filename:
            raise InvalidInput(_("Please choose a file."))
        name = clean_name(datei.filename)
        async with Uploads.opened(services.settings.imports, services.reader) as uploads:
            await uploads.read(name, datei.file)
    except InvalidInput as error:
        return _Upload(typed, error=error)
    await datei.seek(0)
    return _Upload(typed, (name, await datei.read()), draft)


@router.post(MATERIALS)
async def upload(  # noqa: PLR0913, PLR0917 - what was sent is read before the transaction begins
    request: Request,
    visitor: MayManageTrainings,
    sent: Annotated[_Upload, Depends(read_upload)],
    unit: Writing,
    services: Services,
    key: UUID,
    datei: Annotated[UploadFile | None, File()] = None,  # noqa: ARG001 - says that a file may come
) -> Response:
    """Keep a file for its day."""
    try:
        if sent.error is not None:
            raise sent.error
        await whole_or_nothing(unit, _keep(unit, key, sent, visitor))
    except (InvalidInput, Conflict) as error:
        return await _show(request, unit, services, visitor, key, (sent.typed, _field_of(error), error))
    return redirect(request.url.path, said="trainings.material_added")


async def _keep(unit: UnitOfWork, key: UUID, sent: _Upload, visitor: Visitor) -> MaterialEntry:
    assert sent.file is not None and sent.draft is not None  # noqa: S101, PT018 - there is no error
    return await MaterialService(unit).add_read(key, sent.file, draft=sent.draft, by=publisher_of(visitor))


@router.post(f"{MATERIALS}/dokument")
async def add_document(
    request: Request, visitor: MayManageTrainings, unit: Writing, services: Services, key: UUID
) -> Response:
    """Name a document of the library."""
    typed = typed_in(await request.form())
    adding = MaterialService(unit).add_document(
        key,
        read_id(typed.get(DOCUMENT)) or UUID(int=0),
        draft=MaterialDraft(publish_at=now()),
        by=publisher_of(visitor),
        viewer=visitor.viewer,
    )
    try:
        await whole_or_nothing(unit, adding)
    except (InvalidInput, Conflict, NotFound) as error:
        return await _show(request, unit, services, visitor, key, (typed, "", error))
    return redirect(f"{request.url.path.rpartition('/')[0]}", said="trainings.material_added")


@router.post(f"{MATERIALS}/{{material:uuid}}/entfernen")
async def remove(visitor: MayManageTrainings, unit: Writing, key: UUID, material: UUID) -> Response:
    """Take a material away from its training."""
    await MaterialService(unit).remove(material, publisher_of(visitor))
    return redirect(MATERIALS.replace("{key:uuid}", str(key)), said="trainings.material_removed")


class DayWrong(InvalidInput):
    """The day from which on a material is to be shown cannot be read."""

    code = "trainings.material_day_wrong"


def _draft(typed: Texts) -> MaterialDraft:
    wanted = read_choice(Visibility, typed.get(SEEN_BY)) or Visibility.NETWORK
    return MaterialDraft(
        title=read_text(typed, TITLE, longest=LONGEST_TITLE + 1),
        visibility=wanted if wanted in VISIBILITIES else Visibility.NETWORK,
        publish_at=_moment(typed.get(FROM, "").strip()),
    )


def _moment(text: str) -> datetime:
    """Return when a day begins; now for none."""
    if not text:
        return now()
    try:
        return local_moment(read_day(text), time(0))
    except InvalidInput as error:
        raise DayWrong(error.message) from error


def _field_of(error: AllmendeError) -> str:
    return FROM if isinstance(error, DayWrong) else FILE


async def _show(  # noqa: PLR0913, PLR0917 - the request with all that it works with
    request: Request,
    unit: UnitOfWork,
    services: HubServices,
    visitor: Visitor,
    key: UUID,
    refused: tuple[Texts, str, AllmendeError] | None = None,
) -> HTMLResponse:
    by, words = publisher_of(visitor), read_text(request.query_params, WORDS)
    entry = await TrainingService(unit).get_managed(key, by)
    view = view_of(entry, manages=True)
    page = MaterialsPage(
        training=view,
        tabs=managed_tabs(entry),
        address=f"{view.manage_path}/material",
        materials=[_view(entry) for entry in await MaterialService(unit).managed(key, by)],
        visibilities=[(one.value, visibility_name(one)) for one in VISIBILITIES],
        words=words,
        found=await _named(unit, visitor, words) if words else (),
        values=refused[0] if refused else {SEEN_BY: Visibility.NETWORK.value},
        errors={refused[1]: refused[2].message} if refused else {},
        largest=services.settings.imports.import_max_mb,
    )
    return await render(request, "trainings/materials.html", page, status=refused[2].status if refused else 200)


async def _named(unit: UnitOfWork, visitor: Visitor, words: str) -> Sequence[ListedDocument]:
    """Return documents that somebody may find, whose title has these words."""
    wanted = Wanted(text=words, status=Status.PUBLISHED)
    listing = await Browsing(unit.session, Caretaker(visitor.viewer.access)).listing(wanted)
    return listing.documents[:MOST_FOUND]


def _view(entry: MaterialEntry) -> MaterialView:
    shown = entry.published_at is not None
    since = entry.publish_at.astimezone(HOME)
    day = local_date(entry.publish_at) if (since.hour, since.minute) == (0, 0) else moment_words(entry.publish_at)
    size = f"{max(1, entry.size // 1024)} kB" if entry.file_name else ""
    if entry.error:
        state, kind = _("could not be read"), "danger"
    elif shown:
        state, kind = _("in the library"), "success"
    else:
        state, kind = _("comes on {day}").format(day=day), "info"
    return MaterialView(
        id=entry.id,
        title=entry.title,
        href=document_path(entry.document_id) if shown and entry.document_id else "",
        state=state,
        kind=kind,
        meta=" · ".join(filter(None, [entry.file_name or "", size, visibility_name(entry.visibility)])),
        problem=entry.error or "",
    )
