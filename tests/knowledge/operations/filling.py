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
    AnswerDocument,
    Audience,
    AudienceCircle,
    AuditEntry,
    Base,
    Chat,
    ChatIdentity,
    Circle,
    Contribution,
    ContributionMessage,
    Credential,
    Cursor,
    Dialogue,
    Document,
    DocumentBand,
    DocumentVersion,
    Erasure,
    Exchange,
    HubSession,
    IncomingEvent,
    Invitation,
    Job,
    KeepRequest,
    KeptForm,
    MailDomain,
    Member,
    ModeratorScope,
    Notice,
    Organisation,
    OutgoingMessage,
    Passage,
    Question,
    RecoveryCode,
    Report,
    SentMessage,
    SignInAttempts,
    SignInLink,
    SynonymGroup,
    SynonymTerm,
    UsedForm,
    Vote,
    Watch,
)
from knowledge.models.access import LinkPurpose
from knowledge.models.chat import ChatKind, Network
from knowledge.models.contribution import ContributionKind, ReportReason
from knowledge.models.document import Kind, Rights, Status, Visibility
from knowledge.models.invitation import Purpose
from knowledge.models.job import JobState
from knowledge.models.message import SendState
from knowledge.models.organisation import OrganisationKind
from tests.knowledge.operations.filling_learning import fill_learning
from tests.knowledge.operations.filling_network import fill_network
from tests.knowledge.operations.filling_rest import fill_rest

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
        group = await _fill_chats(session, organisation)
        member = await _fill_contributions(session, document, organisation, group)
        _fill_access(session, member)
        await fill_network(session, document, member, organisation)
        await fill_learning(session, document, member)
        await fill_rest(session)
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
    citing = Answer(answered=True, confidence=0.9, trace={}, created_at=MOMENT)
    session.add(citing)
    await session.flush()
    session.add(AnswerDocument(answer_id=citing.id, document_id=document.id))


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


async def _fill_chats(session: AsyncSession, organisation: Organisation) -> Chat:
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
    return group


async def _fill_contributions(
    session: AsyncSession, document: Document, organisation: Organisation, group: Chat
) -> Member:
    """Somebody contributed, was asked back, reported something and was told; returns who."""
    member = Member(name="Jörg Beispiel", search_name="jörg beispiel", organisation_id=organisation.id, releases=True)
    audience, circle = Audience(), Circle(name="Ämter", search_name="ämter", topics=[])
    session.add_all([member, audience, circle])
    await session.flush()
    contribution = Contribution(
        kind=ContributionKind.EXPERIENCE,
        member_id=member.id,
        organisation_id=organisation.id,
        fields={"title": "Wege 🛣", "topics": ["Ä", "ö"], "done": "Zeilen\numbruch"},
        circles=[circle.id.hex],
        corrects_id=document.id,
        submitted_at=MOMENT,
    )
    session.add(contribution)
    await session.flush()
    session.add_all(
        [
            AudienceCircle(audience_id=audience.id, circle_id=circle.id),
            ContributionMessage(
                contribution_id=contribution.id, from_author=True, member_id=member.id, text="„Ja“", created_at=MOMENT
            ),
            KeepRequest(chat_id=group.id, event="$merken", author="@ada:ort.example", expires_at=FAR),
            Report(document_id=document.id, member_id=member.id, reason=ReportReason.WRONG, text="Zahl 🔢 falsch"),
            Notice(kind="contribution.asked", member_id=member.id, data={"contribution": str(contribution.id)}),
        ]
    )
    return member


def _fill_access(session: AsyncSession, member: Member) -> None:
    """Somebody may sign in, did so, and looks after something; what they did is on record."""
    mine = {"member_id": member.id}
    session.add_all(
        [
            SignInLink(digest="a1" * 32, purpose=LinkPurpose.SIGN_IN, expires_at=FAR, used_at=MOMENT, **mine),
            Credential(login="jörg", password_hash="$argon2id$v=19$m=1,t=1,p=1$c2FsdA$aGFzaA", totp_step=2**30, **mine),
            RecoveryCode(digest="b2" * 32, **mine),
            HubSession(digest="c3" * 32, device="Firefox, Linux", second_factor=True, expires_at=FAR, **mine),
            SignInAttempts(key="d4" * 32, count=3, since=MOMENT),
            KeptForm(digest="e5" * 32, path="/beitraege/neu", data={"title": "Straße"}, expires_at=FAR, **mine),
            UsedForm(key="f6" * 32, location="/beitraege"),
            ModeratorScope(topic="Wege", **mine),
            AuditEntry(action="review:publish", object_kind="contribution", object_id="7", details={"ö": [1, None]}),
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
