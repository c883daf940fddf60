"""Lessons to test with, and short ways to keep them."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from uuid import UUID

from PIL import Image

from knowledge.access.visibility import Viewer, anybody, network_member
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work
from knowledge.lessons.paths import PathService
from knowledge.lessons.preparing import prepare_lesson
from knowledge.lessons.repository import LessonRepository
from knowledge.lessons.schemas import Learner, LessonEntry, PathDraft, PathEntry
from knowledge.lessons.service import LessonService
from knowledge.models.chat import ChatIdentity, Network
from knowledge.models.document import Visibility
from knowledge.models.member import Member, Role
from knowledge.models.organisation import Organisation, OrganisationKind
from knowledge.trainings.schemas import Publisher

QUESTION = """## ? Was ist ein Algorithmus?

- [ ] Ein Tier :: Nein, das ist keines.
- [x] Eine Rechenvorschrift :: Ja, Schritt für Schritt.
"""
STEPS = ("Erstens: Rechnen ist kein Denken.", QUESTION, "Drittens: Menschen entscheiden.")
NOTHING: Mapping[str, bytes] = {}


def written(key: str = "rechnen", *, steps: Sequence[str] = STEPS, **fields: str) -> str:
    """Return a lesson as somebody writes it."""
    said = {
        "key": key,
        "title": f"Lektion {key}",
        "summary": "Worum es geht.",
        "level": "beginner",
        "minutes": "3",
        "language": "de",
        "topics": "[]",
        "needs": "[]",
        "visibility": "public",
    }
    front = "\n".join(f"{name}: {value}" for name, value in {**said, **fields}.items())
    body = "\n---\n".join(steps)
    return f"---\n{front}\n---\n{body}"


def picture(width: int = 40, height: int = 30, kind: str = "PNG", **options: object) -> bytes:
    """Return the file of a picture."""
    file = BytesIO()
    Image.new("RGB", (width, height), "teal").save(file, kind, **options)
    return file.getvalue()


async def publish(
    database: Database,
    text: str,
    by: Publisher | None = None,
    *,
    files: Mapping[str, bytes] = NOTHING,
    lesson_id: UUID | None = None,
    shelved: bool = False,
) -> LessonEntry:
    """Write a lesson, or a new version of one, and publish it; into the library only where that matters."""
    draft = await prepare_lesson(text, files)
    async with unit_of_work(database) as unit:
        service = LessonService(unit)
        entry = await service.write(draft, by, lesson_id=lesson_id)
        if shelved:
            return await service.publish(entry.id, by)
        lesson = await LessonRepository(unit.session).locked(entry.id)
        assert lesson is not None
        await service.release(lesson)
        return (await service.draft(entry.id, by)).entry


async def publish_path(
    database: Database,
    lessons: Sequence[LessonEntry],
    key: str = "weg",
    *,
    visibility: Visibility = Visibility.PUBLIC,
) -> PathEntry:
    """Make a path of lessons, and publish it."""
    draft = PathDraft(key, f"Pfad {key}", tuple(lesson.id for lesson in lessons), visibility=visibility)
    async with unit_of_work(database) as unit:
        service = PathService(unit)
        return await service.publish((await service.write(draft, None)).id, None)


async def add_organisation(unit: UnitOfWork, name: str = "Kompetenzzentrum Heide") -> UUID:
    """Add an organisation."""
    key = new_id()
    row = Organisation(id=key, key=key.hex[:12], name=name, search_name=name.casefold(), kind=OrganisationKind.OTHER)
    unit.session.add(row)
    await unit.session.flush()
    return key


async def add_member(database: Database, name: str = "Kim", organisation_id: UUID | None = None) -> UUID:
    """Add a member."""
    key = new_id()
    async with unit_of_work(database) as unit:
        unit.session.add(
            Member(id=key, name=name, search_name=name.casefold(), role=Role.MEMBER, organisation_id=organisation_id)
        )
    return key


async def add_identity(database: Database, network: Network = Network.MATRIX) -> UUID:
    """Add a chat identity that is nobody's yet."""
    key = new_id()
    async with unit_of_work(database) as unit:
        unit.session.add(ChatIdentity(id=key, network=network, address=f"@{key.hex}:example.org"))
    return key


async def a_member(database: Database, viewer: Viewer | None = None) -> Learner:
    """Return a learner who is a member."""
    return Learner(await add_member(database), None, viewer or network_member())


async def a_stranger(database: Database) -> Learner:
    """Return a learner of whom a chat identity is known."""
    return Learner(None, await add_identity(database), anybody())
