"""Organisations for tests, as a register would bring them, and the people and texts that they have."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.visibility import access_token
from knowledge.kit.ids import new_id
from knowledge.models.document import Document, Kind, Rights, Status, Visibility
from knowledge.models.member import Findable, Member
from knowledge.models.organisation import Organisation, OrganisationKind
from knowledge.models.topic import DocumentTopic, MemberTopic, Stance, Topic, TopicKind, TopicWord
from knowledge.topics.words import fold_topic

MOMENT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def town(key: str, name: str = "", population: int | None = None, **more: Any) -> Organisation:
    """Return an organisation whose place follows from its key: 2, 5, 9 or 12 digits."""
    kinds = {2: "state", 5: "district", 9: "association", 12: "municipality"}
    values: dict[str, Any] = {
        "id": new_id(),
        "key": key,
        "kind": OrganisationKind(kinds.get(len(key), "other")),
        "name": name or key,
        "search_name": f"|{(name or key).casefold()}|",
        "state_key": key[:2] if len(key) > 2 else None,
        "district_key": key[:5] if len(key) > 5 else None,
        "association_key": key[:9] if len(key) > 9 else None,
        "population": population,
        "unincorporated": False,
        "example": False,
        "release_first": False,
    }
    return Organisation(**{**values, **more})


async def add_topics(session: AsyncSession) -> dict[str, UUID]:
    """Put a small tree in the place of the one that comes with the program; returns the topics by name."""
    tree = {"Digitalisierung": None, "Ratsinformationssystem": "Digitalisierung", "E-Akte": "Digitalisierung"}
    found: dict[str, UUID] = {}
    for position, (name, parent) in enumerate({**tree, "Klima": None}.items()):
        row = Topic(
            id=new_id(),
            key=f"test-{position}",
            kind=TopicKind.FIELD,
            parent_id=found[parent] if parent else None,
            name_de=name,
            name_en=name,
            position=position,
        )
        session.add(row)
        await session.flush()
        session.add(TopicWord(id=new_id(), topic_id=row.id, word=name, folded=fold_topic(name)))
        found[name] = row.id
    await session.flush()
    return found


async def add_member(
    session: AsyncSession,
    organisation: Organisation | None,
    *topics: UUID,
    findable: Findable = Findable.ON,
    **more: Any,
) -> Member:
    """Add a member who offers help with topics."""
    key = new_id()
    values = {"name": f"Person {key.hex[:6]}", "search_name": f"person {key.hex[:6]}", "findable": findable, **more}
    member = Member(id=key, organisation_id=organisation.id if organisation else None, **values)
    session.add(member)
    await session.flush()
    session.add_all(MemberTopic(member_id=key, topic_id=topic, stance=Stance.HELPS) for topic in topics)
    await session.flush()
    return member


async def add_experience(
    session: AsyncSession, organisation: Organisation | None, title: str, *topics: UUID, **more: Any
) -> Document:
    """Add a published experience."""
    key, visibility = new_id(), more.pop("visibility", Visibility.NETWORK)
    document = Document(
        **{
            "id": key,
            "source": f"erfahrung/{key.hex}",
            "kind": Kind.EXPERIENCE,
            "title": title,
            "organisation_id": organisation.id if organisation else None,
            "rights": Rights.FULL,
            "visibility": visibility,
            "access": access_token(visibility, organisation.id if organisation else None),
            "status": Status.PUBLISHED,
            "added_by": "test",
            "created_at": MOMENT,
            "updated_at": MOMENT,
            **more,
        }
    )
    session.add(document)
    await session.flush()
    session.add_all(DocumentTopic(document_id=key, topic_id=topic) for topic in topics)
    await session.flush()
    return document
