"""What is said about the library is counted on both databases, and never below three."""

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.about.facts import library_facts
from knowledge.access.visibility import Viewer, anybody
from knowledge.kit.clock import now
from knowledge.models.document import Document, Kind, Rights, Status, Visibility


def document(number: int, kind: Kind, publisher: str | None, *, status: Status = Status.PUBLISHED) -> Document:
    """Return a public document."""
    return Document(
        source=f"{number}.md",
        kind=kind,
        title=f"Titel {number}",
        publisher=publisher,
        rights=Rights.FULL,
        visibility=Visibility.PUBLIC,
        access="public",
        status=status,
        added_by="test",
        created_at=now(),
        updated_at=now(),
    )


class TestLibraryFacts:
    async def test_kinds_and_origins_from_three_on(self, session: AsyncSession) -> None:
        session.add_all(document(number, Kind.LITERATURE, "Landkreistag") for number in range(3))
        session.add_all(document(number, Kind.OTHER, "Ein Verein") for number in range(10, 12))
        session.add_all(document(number, Kind.TRAINING, None, status=Status.WITHDRAWN) for number in range(20, 24))
        await session.flush()
        facts = await library_facts(session, anybody())
        assert facts.kinds == [(Kind.LITERATURE, 3), (Kind.OTHER, None)]
        assert facts.origins == [("Landkreistag", 3)]

    async def test_as_its_reader_may_find_it(self, session: AsyncSession) -> None:
        session.add_all(document(number, Kind.LITERATURE, "Landkreistag") for number in range(3))
        await session.flush()
        assert (await library_facts(session, Viewer(frozenset({"network"})))).kinds == []
        assert (await library_facts(session, Viewer(None))).kinds == [(Kind.LITERATURE, 3)]
