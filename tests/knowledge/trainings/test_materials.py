"""Materials of trainings: files become documents on their day, once, and what cannot be read is said to somebody."""

from collections.abc import AsyncIterator
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import func, select, update

from knowledge.access.visibility import anybody, network_member
from knowledge.kit.database import Database
from knowledge.kit.errors import Unavailable
from knowledge.kit.ids import new_id
from knowledge.kit.language import choose_language
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.files.errors import DamagedFile, FileTooLarge, UnknownFileType
from knowledge.library.files.limits import MEGABYTE, ReadLimits
from knowledge.library.files.reader import FileReader
from knowledge.library.indexes.repository import ChangeRepository
from knowledge.library.indexes.schemas import Position
from knowledge.library.service import IncomingFile
from knowledge.library.uploading import Uploads
from knowledge.models.document import Document, DocumentVersion, Kind, Rights, Status, Visibility
from knowledge.models.topic import Topic, TopicKind
from knowledge.models.training import Training, TrainingMaterial, TrainingState, TrainingTopic
from knowledge.trainings import materials
from knowledge.trainings.errors import UnknownTraining
from knowledge.trainings.handouts.repository import MaterialRepository
from knowledge.trainings.materials import (
    FAILED,
    MaterialDraft,
    MaterialEntry,
    MaterialInvalid,
    MaterialPublished,
    MaterialService,
    TooManyMaterials,
    UnknownMaterial,
    add_file,
    publish_due,
)
from knowledge.trainings.schemas import Publisher
from tests.knowledge.contributions.world import House, add_house
from tests.knowledge.trainings.ground import add_training, berlin, notices_of

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
DAY = berlin("2026-12-10 18:00")
DRAFT = MaterialDraft(title="Handzettel", publish_at=DAY)
TEXT = b"# Handzettel\n\nWer einer Maschine glaubt, fragt erst nach der Quelle.\n"
LIMITS = ReadLimits(size=MEGABYTE)


@pytest_asyncio.fixture
async def uploads() -> AsyncIterator[Uploads]:
    """What reads files that were sent."""
    async with FileReader(LIMITS, workers=1) as reader:
        yield Uploads(reader, LIMITS)


async def offered(database: Database, **values: Any) -> tuple[House, UUID, Publisher]:
    """Return a house, a training that it offers, and somebody who manages that."""
    async with unit_of_work(database) as unit:
        house = await add_house(unit.session)
        training = await add_training(unit.session, DAY, organisation_id=house.id, **values)
        return house, training.id, Publisher(house.member.id, house.id)


async def keep(
    database: Database, training: UUID, by: Publisher, content: bytes = TEXT, *, name: str = "zettel.md", **values: Any
) -> MaterialEntry:
    """Keep a file that is taken to be readable."""
    draft = MaterialDraft(**{"title": "Handzettel", "publish_at": DAY, **values})
    async with unit_of_work(database) as unit:
        return await MaterialService(unit).add_read(training, (name, content), draft=draft, by=by)


async def managed(database: Database, training: UUID, by: Publisher) -> list[MaterialEntry]:
    """Return the materials as their publisher sees them."""
    async with unit_of_work(database, writes=False) as unit:
        return await MaterialService(unit).managed(training, by)


async def documents(database: Database) -> list[Document]:
    """Return all documents of the library."""
    async with database.session(writes=False) as session:
        return list((await session.scalars(select(Document))).all())


class TestOnItsDay:
    async def test_a_file_becomes_a_document_once(self, database: Database, uploads: Uploads) -> None:
        house, training, by = await offered(database)
        async with unit_of_work(database) as unit:
            topic = Topic(id=new_id(), key="ki", kind=TopicKind.FIELD, name_de="KI", name_en="AI")
            unit.session.add(topic)
            await unit.session.flush()
            unit.session.add(TrainingTopic(training_id=training, topic_id=topic.id))
        file = ("../Zettel für alle.md", BytesIO(TEXT))
        sent = await add_file(database, uploads, file, training_id=training, draft=DRAFT, by=by)
        assert (sent.file_name, sent.size) == ("Zettel für alle.md", len(TEXT))
        assert await publish_due(database, uploads, DAY - timedelta(minutes=1)) == 0
        assert await publish_due(database, uploads, DAY) == 1
        assert await publish_due(database, uploads, DAY + timedelta(days=1)) == 0
        [document] = await documents(database)
        assert (document.title, document.kind, document.visibility) == ("Handzettel", Kind.TRAINING, Visibility.NETWORK)
        assert (document.organisation_id, document.publisher, document.topics) == (house.id, "Kranichhorst", ["KI"])
        [shown] = await managed(database, training, by)
        assert (shown.published_at, shown.document_id) == (DAY, document.id)
        async with database.session(writes=False) as session:
            assert await session.scalar(select(func.length(TrainingMaterial.content))) is None
            assert [change.document for change in await ChangeRepository(session).after(Position())] == [document.id]

    async def test_a_kill_leaves_it_waiting_or_done(
        self, database: Database, uploads: Uploads, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _house, training, by = await offered(database)
        await keep(database, training, by)

        class Killed(BaseException):
            """What ends the process in the middle."""

        async def killed(*_arguments: object) -> None:
            raise Killed

        with monkeypatch.context() as patch:
            patch.setattr(MaterialRepository, "topic_names", killed)
            with pytest.raises(Killed):
                await publish_due(database, uploads, DAY)
        assert await documents(database) == []
        # It became a document, and the process that had read it too comes afterwards.
        [waiting] = await managed(database, training, by)
        incoming = await uploads.read("zettel.md", BytesIO(TEXT))
        assert await publish_due(database, uploads, DAY) == 1
        async with unit_of_work(database) as unit:
            assert not await materials._take_in(unit, waiting.id, incoming, DAY)
        assert len(await documents(database)) == 1

    @only_sqlite
    async def test_only_of_trainings_that_take_place(self, database: Database, uploads: Uploads) -> None:
        for state in (TrainingState.DRAFT, TrainingState.CANCELLED):
            _house, training, by = await offered(database, state=state)
            await keep(database, training, by)
        assert await publish_due(database, uploads, DAY) == 0
        async with unit_of_work(database) as unit:
            await unit.session.execute(update(Training).values(state=TrainingState.PUBLISHED))
        assert await publish_due(database, uploads, DAY) == 2


@only_sqlite
class TestWaiting:
    async def test_what_cannot_be_read_at_the_moment_holds_up_nothing(
        self, database: Database, uploads: Uploads, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(materials, "TOGETHER", 1)
        _house, training, by = await offered(database)
        for number in range(3):
            day = DAY + timedelta(minutes=number)
            await keep(database, training, by, name=f"{number}.md", title=f"Zettel {number}", publish_at=day)
        read = uploads.read

        async def without_the_first(name: str, content: BytesIO) -> IncomingFile:
            if name == "0.md":
                raise Unavailable("Der Leser ist nicht da.")
            return await read(name, content)

        with monkeypatch.context() as patch:
            patch.setattr(uploads, "read", without_the_first)
            assert await publish_due(database, uploads, DAY + timedelta(days=1)) == 2
        assert sorted(document.title for document in await documents(database)) == ["Zettel 1", "Zettel 2"]
        assert await publish_due(database, uploads, DAY + timedelta(days=1)) == 1


@only_sqlite
class TestBroken:
    async def test_it_is_refused_when_it_is_sent(self, database: Database, uploads: Uploads) -> None:
        _house, training, by = await offered(database)
        broken = [
            ("kaputt.pdf", b"%PDF-1.7 und dann nichts mehr", DamagedFile),
            ("programm.exe", b"MZ\x90\x00" + bytes(200), UnknownFileType),
            ("viel.txt", b"x" * (MEGABYTE + 1), FileTooLarge),
        ]
        for name, content, error in broken:
            file = (name, BytesIO(content))
            with pytest.raises(error):
                await add_file(database, uploads, file, training_id=training, draft=DRAFT, by=by)
        assert await managed(database, training, by) == []

    async def test_its_publisher_is_told_once_and_the_others_come(self, database: Database, uploads: Uploads) -> None:
        choose_language("en")
        house, training, by = await offered(database)
        broken = await keep(database, training, by, b"%PDF-1.7 abgeschnitten", name="kaputt.pdf")
        await keep(database, training, by, b"x" * (MEGABYTE + 1), name="viel.txt")
        await keep(database, training, by, publish_at=DAY + timedelta(minutes=1))
        for _time in range(2):
            await publish_due(database, uploads, DAY + timedelta(minutes=1))
        assert [document.title for document in await documents(database)] == ["Handzettel"]
        errors = [entry.error for entry in await managed(database, training, by)]
        assert errors == [
            "The file is damaged or incomplete. Please fetch or save it again, then add it once more.",
            "The file is too large: 2 MB, and at most 1 MB are allowed. Please split it or save it with smaller "
            "pictures.",
            None,
        ]
        told = await notices_of(database, FAILED)
        assert {notice.member_id for notice in told} == {house.member.id}
        assert len(told) == 2
        async with unit_of_work(database) as unit:
            service = MaterialService(unit)
            assert (await service.change(broken.id, DRAFT, by)).error is None
            assert await service.failed(broken.id) is None


@only_sqlite
class TestDocuments:
    async def test_one_of_the_library_is_named(self, database: Database, uploads: Uploads) -> None:
        _house, training, by = await offered(database)
        async with unit_of_work(database) as unit:
            document = stored("Leitfaden", access="network")
            unit.session.add(document)
            await unit.session.flush()
            service = MaterialService(unit)
            draft = MaterialDraft(publish_at=DAY)
            with pytest.raises(UnknownMaterial):
                await service.add_document(training, document.id, draft=draft, by=by, viewer=anybody())
            named = await service.add_document(training, document.id, draft=draft, by=by, viewer=network_member())
            assert await service.shown(training, network_member()) == []
        assert (named.title, named.document_id) == ("Leitfaden", document.id)
        assert await publish_due(database, uploads, DAY) == 1
        assert len(await documents(database)) == 1
        async with unit_of_work(database) as unit:
            service = MaterialService(unit)
            assert [entry.title for entry in await service.shown(training, network_member())] == ["Leitfaden"]
            assert await service.shown(training, anybody()) == []
            (await unit.session.get_one(Document, document.id)).status = Status.WITHDRAWN
            await unit.session.flush()
            assert await service.shown(training, network_member()) == []


def stored(title: str, **values: Any) -> Document:
    """Return a document of the library."""
    key = new_id()
    fixed = {"kind": Kind.LITERATURE, "rights": Rights.FULL, "visibility": Visibility.NETWORK}
    more = {"status": Status.PUBLISHED, "added_by": "test", "created_at": DAY, "updated_at": DAY}
    return Document(id=key, source=key.hex, title=title, **fixed, **more, **values)


@only_sqlite
class TestManaging:
    async def test_only_by_whoever_manages_the_training(self, database: Database, uploads: Uploads) -> None:
        _house, training, by = await offered(database)
        material = await keep(database, training, by)
        stranger = Publisher(new_id(), new_id())
        with pytest.raises(UnknownTraining):
            await keep(database, training, stranger)
        file = ("zettel.md", BytesIO(TEXT))
        with pytest.raises(UnknownTraining):
            await add_file(database, uploads, file, training_id=training, draft=DRAFT, by=stranger)
        async with unit_of_work(database) as unit:
            service = MaterialService(unit)
            with pytest.raises(UnknownTraining):
                await service.managed(training, stranger)
            for act in (service.change(material.id, DRAFT, stranger), service.remove(material.id, stranger)):
                with pytest.raises(UnknownMaterial):
                    await act
        administrator = Publisher(new_id(), administrator=True)
        assert len(await managed(database, training, administrator)) == 1

    async def test_changed_and_removed_until_it_is_published(self, database: Database, uploads: Uploads) -> None:
        _house, training, by = await offered(database)
        material = await keep(database, training, by)
        gone = await keep(database, training, by, title="Überholt")
        later = MaterialDraft(title="Neu", visibility=Visibility.PUBLIC, publish_at=DAY + timedelta(days=1))
        async with unit_of_work(database) as unit:
            changed = await MaterialService(unit).change(material.id, later, by)
            await MaterialService(unit).remove(gone.id, by)
        assert (changed.title, changed.visibility) == ("Neu", Visibility.PUBLIC)
        assert await publish_due(database, uploads, DAY) == 0
        assert await publish_due(database, uploads, DAY + timedelta(days=1)) == 1
        [document] = await documents(database)
        assert (document.title, document.access) == ("Neu", "public")
        async with unit_of_work(database) as unit:
            with pytest.raises(MaterialPublished):
                await MaterialService(unit).change(material.id, DRAFT, by)
            await MaterialService(unit).remove(material.id, by)
        assert len(await documents(database)) == 1

    async def test_what_cannot_be(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        _house, training, by = await offered(database)
        for wrong in ({"title": "x" * 201}, {"visibility": Visibility.CIRCLE}):
            with pytest.raises(MaterialInvalid):
                await keep(database, training, by, **wrong)
        async with unit_of_work(database) as unit:
            homeless = await add_training(unit.session, DAY, created_by=by.member_id)
        with pytest.raises(MaterialInvalid):
            await keep(database, homeless.id, by, visibility=Visibility.HOUSE)
        monkeypatch.setattr(materials, "MOST_BYTES", len(TEXT) + 1)
        await keep(database, training, by, title="")
        with pytest.raises(TooManyMaterials):
            await keep(database, training, by)
        assert [entry.title for entry in await managed(database, training, by)] == ["zettel"]

    async def test_the_versions_of_a_document_are_none_of_its_business(
        self, database: Database, uploads: Uploads
    ) -> None:
        _house, training, by = await offered(database)
        for number in range(2):
            await keep(database, training, by, TEXT, name="zettel.md", title=f"Zettel {number}")
        assert await publish_due(database, uploads, DAY) == 2
        async with database.session(writes=False) as session:
            assert (await session.scalars(select(DocumentVersion.number))).all() == [1, 1]
