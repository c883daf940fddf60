"""Something in every table, written straight into them, with the values that are easiest to lose on the way."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.models import (
    Abbreviation,
    Answer,
    Base,
    Chat,
    ChatIdentity,
    Circle,
    Cursor,
    Dialogue,
    Document,
    DocumentBand,
    DocumentVersion,
    Erasure,
    Exchange,
    IncomingEvent,
    Invitation,
    Job,
    MailDomain,
    Member,
    Organisation,
    OutgoingMessage,
    Passage,
    Question,
    SentMessage,
    SynonymGroup,
    SynonymTerm,
    Vote,
    Watch,
)
from knowledge.models.chat import ChatKind, Network
from knowledge.models.document import Kind, Rights, Status, Visibility
from knowledge.models.invitation import Purpose
from knowledge.models.job import JobState
from knowledge.models.message import SendState
from knowledge.models.organisation import OrganisationKind

MOMENT = datetime(2026, 11, 21, 9, 30, 15, 123456, tzinfo=UTC)
FAR = datetime(2099, 1, 1, tzinfo=UTC)
BYTES = bytes(range(256))


async def fill_every_table(database: Database, *, passages: int = 3) -> Document:
    """Put rows into every table; returns the document that has the passages."""
    async with database.session() as session:
        organisation = Organisation(
            key="musterstadt",
            kind=OrganisationKind.OTHER,
            name="Musterstadt",
            search_name="|musterstadt|",
            population=2**40,
            register_date=date(2025, 12, 31),
            example=True,
        )
        session.add(organisation)
        await session.flush()
        document = make_document(organisation_id=organisation.id)
        session.add(document)
        await session.flush()
        await _fill_document(session, document, passages)
        await _fill_people(session, organisation)
        await _fill_chats(session, organisation)
        await session.commit()
    return document


def make_document(**overrides: Any) -> Document:
    """Return a document of one house with everything said about it."""
    values: dict[str, Any] = {
        "id": new_id(),
        "source": "Straßen & Wege/Übersicht „2026“.pdf",
        "kind": Kind.EXPERIENCE,
        "title": "Zeilen\numbruch, \t Tabulator, 🛣 und „Anführung“",
        "visibility": Visibility.HOUSE,
        "access": "house:0",
        "rights": Rights.QUOTE,
        "status": Status.PUBLISHED,
        "language": "de",
        "year": 2026,
        "valid_from": date(2026, 1, 1),
        "topics": ["Wege", "ö"],
        "details": {"status": "läuft", "tief": {"liste": [1, 2.5, None, True]}},
        "version": 1,
        "added_by": "command line",
        "created_at": MOMENT,
        "updated_at": MOMENT,
    }
    return Document(**values | overrides)


async def _fill_document(session: AsyncSession, document: Document, passages: int) -> None:
    session.add(
        DocumentVersion(
            document_id=document.id,
            number=1,
            content_hash="ab" * 32,
            media_type="application/pdf",
            size=2**40,
            blocks=BYTES,
            fingerprint=b"\x00\xff",
            added_by="command line",
            created_at=MOMENT,
        )
    )
    session.add_all(make_passage(document, position) for position in range(passages))
    session.add(DocumentBand(document_id=document.id, band=-(2**62)))
    session.add(
        Abbreviation(document_id=document.id, short="OZG", long="Gesetz", short_folded="ozg", long_folded="gesetz")
    )


def make_passage(document: Document, position: int) -> Passage:
    """Return a passage of a document."""
    return Passage(
        document_id=document.id,
        position=position,
        text=f"Die Straße {position} wurde 2026 mit KI erfasst.",
        headings=["Abschnitt 4.1", "Ökologie"],
        place="page",
        number=position,
        quotable=position % 2 == 0,
    )


async def _fill_people(session: AsyncSession, organisation: Organisation) -> None:
    session.add(Member(name="Ada Özdemir", search_name="ada özdemir", organisation_id=organisation.id))
    question, group = Question(text="Was ist das?", language="de", created_at=MOMENT), SynonymGroup(created_at=MOMENT)
    session.add_all([question, group])
    await session.flush()
    session.add(SynonymTerm(group_id=group.id, position=0, term="Kita", folded="kita"))
    session.add(
        Answer(question_id=question.id, answered=True, confidence=0.1 + 0.2, trace={"passages": [7]}, created_at=MOMENT)
    )
    session.add(make_job(kind="other.work", state=JobState.RUNNING, leased_by="somebody", leased_until=MOMENT))


async def _fill_chats(session: AsyncSession, organisation: Organisation) -> None:
    """Somebody has asked, voted, waits for news, and is in the middle of a dialogue; nothing is under way."""
    person = ChatIdentity(network=Network.MATRIX, address="@ada:ort.example", organisation_id=organisation.id)
    group = Chat(network=Network.MATRIX, address="!kreis:ort.example", kind=ChatKind.GROUP)
    question = Question(text="Was kostet das?", language="de", created_at=MOMENT)
    answer = Answer(answered=False, confidence=0.2, trace={}, created_at=MOMENT)
    session.add_all([person, group, question, answer])
    await session.flush()
    exchange = Exchange(
        chat_id=group.id,
        question_event="$frage",
        asker_id=person.id,
        question_id=question.id,
        answer_id=answer.id,
        vote_salt="ab" * 32,
        expires_at=FAR,
    )
    session.add(exchange)
    await session.flush()
    common = {"identity_id": person.id, "chat_id": group.id, "expires_at": FAR}
    session.add_all(
        [
            Circle(name="Straßen", search_name="strassen", chat_id=group.id, topics=["Wege", "Ä"]),
            SentMessage(
                network=Network.MATRIX,
                event="$antwort",
                chat_id=group.id,
                exchange_id=exchange.id,
                position=0,
                choices=[["vote:yes", "👍"]],
                expires_at=FAR,
            ),
            Vote(answer_id=answer.id, voter="cd" * 32, helpful=True),
            Watch(question_id=question.id, **common),
            Dialogue(name="join", step="name", data={"gesagt": "Straße 🛣"}, **common),
            Invitation(purpose=Purpose.CIRCLE, digest="ef" * 32, expires_at=FAR),
            MailDomain(domain="ort.example", organisation_id=organisation.id),
            IncomingEvent(network=Network.MATRIX, event="$frage", handled_at=MOMENT),
            OutgoingMessage(network=Network.MATRIX, chat="!kreis:ort.example", state=SendState.SENT, sent_at=MOMENT),
            Cursor(account="matrix:@bot:ort.example", value="s1"),
            Erasure(digest="12" * 32, key="34" * 16, erased_at=MOMENT),
        ]
    )


def make_job(**overrides: Any) -> Job:
    """Return a job that waits."""
    values: dict[str, Any] = {
        "kind": "library.index_words",
        "key": "0" * 32,
        "payload": {},
        "state": JobState.WAITING,
        "attempts": 0,
        "run_at": MOMENT,
        "created_at": MOMENT,
    }
    return Job(**values | overrides)


async def everything(database: Database, *, but: frozenset[str] = frozenset()) -> dict[str, list[dict[str, Any]]]:
    """Return all rows of all tables by the name of the table."""
    found = {}
    async with database.session(writes=False) as session:
        for table in Base.metadata.sorted_tables:
            if table.name not in but:
                statement = select(table).order_by(*table.primary_key.columns)
                found[table.name] = [dict(row) for row in (await session.execute(statement)).mappings()]
    return found


async def set_version(database: Database, version: str) -> None:
    """Let a database say that it has another version."""
    async with database.session() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
        await session.commit()
