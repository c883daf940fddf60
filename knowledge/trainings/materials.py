"""What goes with a training: files that become documents of the library on their day, and documents that are there."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from typing import BinaryIO
from uuid import UUID

from knowledge.access.visibility import Viewer
from knowledge.audit.service import record
from knowledge.kit.clock import HOME, now
from knowledge.kit.database import Database
from knowledge.kit.errors import AllmendeError, Conflict, InvalidInput, NotFound, Unavailable
from knowledge.kit.language import _
from knowledge.kit.logs import get_logger
from knowledge.kit.repeating import repeat
from knowledge.kit.settings import Settings
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work
from knowledge.library.files.errors import Fact, FileUnreadable, error_from_code
from knowledge.library.schemas import Description
from knowledge.library.service import IncomingFile, LibraryService
from knowledge.library.uploading import Uploads, clean_name
from knowledge.models.document import Kind, Visibility
from knowledge.models.training import Training, TrainingMaterial
from knowledge.notices.service import tell
from knowledge.trainings.errors import UnknownTraining
from knowledge.trainings.handouts.repository import MaterialRepository
from knowledge.trainings.schemas import Publisher

EVERY = timedelta(minutes=1)
# Notice {material}: a file could not be brought into the library.
FAILED = "training.material_failed"
MOST, LONGEST_TITLE, LONGEST_ERROR = 30, 200, 80
# What the files of one training that wait for their day may take together.
MOST_BYTES = 250 * 1024 * 1024
# Files that are brought in for one look at the table.
TOGETHER = 20
VISIBILITIES = (Visibility.PUBLIC, Visibility.NETWORK, Visibility.HOUSE)


class UnknownMaterial(NotFound):
    """There is no such material, or not for this person; or no such document."""

    code = "trainings.unknown_material"

    def __init__(self) -> None:
        super().__init__(_("There is no such material, or not any more."))


class MaterialInvalid(InvalidInput):
    """Something about a material cannot be as it was entered."""

    code = "trainings.material_invalid"


class MaterialPublished(Conflict):
    """A material is in the library already, where it is looked after from then on."""

    code = "trainings.material_published"

    def __init__(self) -> None:
        super().__init__(_("This material is in the library already. Please change it there."))


class TooManyMaterials(Conflict):
    """A training has as many materials as it may have, or too much waits to be published."""

    code = "trainings.too_many_materials"

    def __init__(self) -> None:
        super().__init__(_("This training has too many materials already. Please remove one first."))


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialDraft:
    """How a material is to be shown: ``publish_at`` is when it comes into the library; an empty title: the file's."""

    title: str = ""
    visibility: Visibility = Visibility.NETWORK
    publish_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialEntry:
    """A material; ``error`` is a sentence for its publisher where the file could not be read."""

    id: UUID
    training_id: UUID
    title: str
    file_name: str | None
    size: int
    visibility: Visibility
    publish_at: datetime
    published_at: datetime | None
    document_id: UUID | None
    error: str | None


class MaterialService:
    """Materials, within one unit of work; only whoever manages the training changes them."""

    def __init__(self, unit: UnitOfWork) -> None:
        self._session = unit.session
        self._repository = MaterialRepository(unit.session)

    async def add_document(
        self, training_id: UUID, document_id: UUID, *, draft: MaterialDraft, by: Publisher, viewer: Viewer
    ) -> MaterialEntry:
        """Name a document of the library; who may find it is decided there.

        Raises ``UnknownTraining``, ``UnknownMaterial`` for a document that the publisher does not find,
        ``TooManyMaterials`` and ``MaterialInvalid``.
        """
        training = await self._room(training_id, 0, by)
        document = await self._repository.document(document_id)
        if document is None or not viewer.may_find(document):
            raise UnknownMaterial
        named = draft.title.strip() or document.title[:LONGEST_TITLE]
        return await self._add(training, draft, named, by, document_id=document.id, visibility=document.visibility)

    async def add_read(
        self, training_id: UUID, file: tuple[str, bytes], *, draft: MaterialDraft, by: Publisher
    ) -> MaterialEntry:
        """Keep a file that can be read; see ``add_file``."""
        name, content = file
        training = await self._room(training_id, len(content), by)
        given = {"file_name": name, "content": content, "size": len(content)}
        return await self._add(training, draft, draft.title.strip() or _title_of(name), by, **given)

    async def _room(self, training_id: UUID, size: int, by: Publisher) -> Training:
        """Return a training that takes one more material of this size."""
        training = await self._repository.training(training_id, locked=True)
        if training is None or not by.manages(training.organisation_id, training.created_by):
            raise UnknownTraining
        count, waiting = await self._repository.size_of(training_id)
        if count >= MOST or waiting + size > MOST_BYTES:
            raise TooManyMaterials
        return training

    async def _add(
        self, training: Training, draft: MaterialDraft, title: str, by: Publisher, **given: object
    ) -> MaterialEntry:
        _check(draft, title, training)
        values = {"visibility": draft.visibility, **given}
        row = TrainingMaterial(
            training_id=training.id,
            title=title,
            publish_at=draft.publish_at,
            added_by=by.member_id,
            created_at=now(),
            **values,
        )
        await self._repository.add(row)
        await self._note("add", row.id, by)
        return _entry(row)

    async def change(self, material_id: UUID, draft: MaterialDraft, by: Publisher) -> MaterialEntry:
        """Change how a material is to be shown, as long as it is not published; one that failed is tried again.

        Raises ``UnknownMaterial``, ``MaterialPublished`` and ``MaterialInvalid``.
        """
        row, training = await self._own(material_id, by)
        if row.published_at is not None:
            raise MaterialPublished
        title = draft.title.strip() or row.title
        _check(draft, title, training)
        row.title, row.publish_at, row.error = title, draft.publish_at, None
        if row.document_id is None:
            row.visibility = draft.visibility
        await self._note("change", row.id, by)
        return _entry(row)

    async def remove(self, material_id: UUID, by: Publisher) -> None:
        """Take a material away from its training; what is in the library stays there. Raises ``UnknownMaterial``."""
        row, _training = await self._own(material_id, by)
        await self._repository.delete(row)
        await self._note("remove", material_id, by)

    async def managed(self, training_id: UUID, by: Publisher) -> list[MaterialEntry]:
        """Return all materials of a training for whoever manages it. Raises ``UnknownTraining``."""
        training = await self._repository.training(training_id)
        if training is None or not by.manages(training.organisation_id, training.created_by):
            raise UnknownTraining
        return [_entry(row) for row in await self._repository.of_training(training_id)]

    async def shown(self, training_id: UUID, viewer: Viewer) -> list[MaterialEntry]:
        """Return the materials of a training that are in the library and that somebody may find."""
        found = await self._repository.published(training_id)
        return [_entry(row) for row, document in found if viewer.may_find(document)]

    async def failed(self, material_id: UUID) -> tuple[MaterialEntry, str] | None:
        """Return a material that could not be read, and the title of its training; ``None`` where that is over."""
        found = await self._repository.get(material_id)
        if found is None or found[0].error is None:
            return None
        return _entry(found[0]), found[1].title

    async def _own(self, material_id: UUID, by: Publisher) -> tuple[TrainingMaterial, Training]:
        found = await self._repository.get(material_id, locked=True)
        if found is None or not by.manages(found[1].organisation_id, found[1].created_by):
            raise UnknownMaterial
        return found

    async def _note(self, act: str, material_id: UUID, by: Publisher) -> None:
        await record(self._session, f"trainings:{act}_material", ("material", material_id), by=by.member_id)


async def add_file(  # noqa: PLR0913 - what is sent, for what, how, and by whom
    database: Database,
    uploads: Uploads,
    file: tuple[str, BinaryIO],
    *,
    training_id: UUID,
    draft: MaterialDraft,
    by: Publisher,
) -> MaterialEntry:
    """Read a file to see that it can be read, and keep it for its day.

    Args:
        database: where it is kept.
        uploads: reads it, outside of any transaction.
        file: its name and content.
        training_id: of which training.
        draft: how it is to be shown.
        by: who sends it.

    Raises a ``FileUnreadable`` where it cannot be read, before anything is kept, and what ``add_document`` raises.
    """
    name, content = clean_name(file[0]), file[1]
    async with unit_of_work(database, writes=False) as unit:
        await MaterialService(unit).managed(training_id, by)
    await uploads.read(name, content)
    content.seek(0)
    kept = await asyncio.to_thread(content.read)
    async with unit_of_work(database) as unit:
        return await MaterialService(unit).add_read(training_id, (name, kept), draft=draft, by=by)


async def publish_due(database: Database, uploads: Uploads, moment: datetime) -> int:
    """Bring materials whose day has come into the library, each once; returns how many.

    What cannot be read is noted, and its publisher told. A kill at any point leaves a material either waiting or in the
    library, as all that makes it a document is one transaction.
    """
    published, last = 0, None
    while True:
        async with unit_of_work(database, writes=False) as unit:
            # What waits on, because something is away, keeps nothing back that comes after it.
            due = await MaterialRepository(unit.session).due(moment, TOGETHER, after=last)
        if not due:
            return published
        for last in due:
            published += await _publish(database, uploads, last[1], moment)


async def _publish(database: Database, uploads: Uploads, material_id: UUID, moment: datetime) -> bool:
    try:
        incoming = await _read(database, uploads, material_id)
        async with unit_of_work(database) as unit:
            return await _take_in(unit, material_id, incoming, moment)
    except Unavailable as error:
        # It has nothing to do with the file, and is tried again.
        get_logger().warning("material_waits", material=str(material_id), code=error.code)
        return False
    except AllmendeError as error:
        async with unit_of_work(database) as unit:
            await _note_failure(unit, material_id, error)
        return False


async def _read(database: Database, uploads: Uploads, material_id: UUID) -> IncomingFile | None:
    """Return a material's file as blocks; ``None`` where it names a document."""
    async with unit_of_work(database, writes=False) as unit:
        found = await MaterialRepository(unit.session).get(material_id, content=True)
    if found is None or found[0].content is None:
        return None
    return await uploads.read(found[0].file_name or "", BytesIO(found[0].content))


async def _take_in(unit: UnitOfWork, material_id: UUID, incoming: IncomingFile | None, moment: datetime) -> bool:
    """Make a document of a material in this transaction, unless somebody else did."""
    repository = MaterialRepository(unit.session)
    found = await repository.get(material_id, locked=True)
    if found is None or found[0].published_at is not None:
        return False
    row, training = found
    if row.document_id is None:
        if incoming is None:
            # The document that it named is gone.
            raise UnknownMaterial
        said = await _description(repository, row, training)
        owner = f"organisation:{training.organisation_id.hex}" if training.organisation_id else "hub"
        source = f"schulungen/{row.id.hex}/{incoming.source}"
        file = IncomingFile(source, incoming.content_hash, incoming.size, incoming.parsed)
        outcome = await LibraryService(unit).take_in(file, said, added_by=owner)
        await repository.change(row.id, document_id=UUID(outcome.document or ""), content=None)
    await repository.change(row.id, published_at=moment)
    get_logger().info("material_published", material=str(row.id), training=str(training.id))
    return True


async def _description(repository: MaterialRepository, row: TrainingMaterial, training: Training) -> Description:
    organisation = await repository.publisher(training)
    return Description(
        title=row.title,
        kind=Kind.TRAINING,
        publisher=organisation.name if organisation else None,
        organisation=organisation.key if organisation else None,
        year=row.publish_at.astimezone(HOME).year,
        language=training.language,
        visibility=row.visibility,
        topics=tuple(await repository.topic_names(training.id)),
    )


async def _note_failure(unit: UnitOfWork, material_id: UUID, error: AllmendeError) -> None:
    """Keep why a material did not come into the library, and have its publisher told, once."""
    repository = MaterialRepository(unit.session)
    if not await repository.note_error(material_id, _code_of(error)):
        return
    get_logger().warning("material_failed", material=str(material_id), code=error.code)
    found = await repository.get(material_id)
    if found is not None:
        whom = found[0].added_by or found[1].created_by
        await tell(unit.session, FAILED, member_id=whom, data={"material": str(material_id)})


def _check(draft: MaterialDraft, title: str, training: Training) -> None:
    if not title or len(title) > LONGEST_TITLE:
        raise MaterialInvalid(_("Please give a title of at most {most} characters.").format(most=LONGEST_TITLE))
    if draft.visibility not in VISIBILITIES:
        raise MaterialInvalid(
            _("Please choose who may see the material: everybody, the network, or your organisation.")
        )
    if draft.visibility is Visibility.HOUSE and training.organisation_id is None:
        raise MaterialInvalid(_("This training belongs to no organisation. Please choose the network or everybody."))


def _entry(row: TrainingMaterial) -> MaterialEntry:
    return MaterialEntry(
        id=row.id,
        training_id=row.training_id,
        title=row.title,
        file_name=row.file_name,
        size=row.size,
        visibility=row.visibility,
        publish_at=row.publish_at,
        published_at=row.published_at,
        document_id=row.document_id,
        error=_sentence(row.error) if row.error is not None else None,
    )


def _code_of(error: AllmendeError) -> str:
    """Return what is kept of an error: its code and, of a file's, the figures in its sentence."""
    facts: Sequence[str] = ()
    if isinstance(error, FileUnreadable):
        facts = [f"{name}={value}" for name, value in error.facts.items() if isinstance(value, int)]
    return " ".join([error.code, *facts])[:LONGEST_ERROR]


def _sentence(kept: str) -> str:
    """Return an error that was kept in words."""
    code, *rest = kept.split(" ")
    if not code.startswith("file."):
        return _("The material could not be brought into the library. Please remove it and add it again.")
    pairs = (fact.partition("=") for fact in rest)
    facts: dict[str, Fact] = {name: int(value) for name, _sign, value in pairs if value.isdigit()}
    return error_from_code(code, facts).message


def _title_of(name: str) -> str:
    return name.rpartition(".")[0].replace("_", " ").strip() or name


async def keep_materials(database: Database, settings: Settings, stop: asyncio.Event) -> None:
    """Look now and every minute until ``stop`` is set; what reads files is there only while there is a file to read."""

    async def look() -> None:
        moment = now()
        async with unit_of_work(database, writes=False) as unit:
            due = await MaterialRepository(unit.session).due(moment, 1)
        if due:
            async with Uploads.opened(settings.imports, None) as uploads:
                await publish_due(database, uploads, moment)

    await repeat(look, stop, every=EVERY, name="materials")
