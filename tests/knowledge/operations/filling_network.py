"""Something in every table of the network: topics, open questions, gaps, peers, handovers, digests, mail."""

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.models import (
    Block,
    ChatIdentity,
    Circle,
    ContactRequest,
    Digest,
    Document,
    DocumentTopic,
    Gap,
    GapQuestion,
    GapTopic,
    Handover,
    MailSubscription,
    Member,
    MemberTopic,
    NetworkReport,
    OpenAnswer,
    OpenAnswerMessage,
    OpenQuestion,
    OpenQuestionFollower,
    OpenQuestionRoute,
    OpenQuestionTold,
    OpenQuestionTopic,
    Organisation,
    Topic,
    TopicWord,
)
from knowledge.models.chat import Network
from knowledge.models.contribution import ReportReason
from knowledge.models.gap import GapState
from knowledge.models.handover import HandoverReason, HandoverState
from knowledge.models.peer import ContactState
from knowledge.models.question import ReleasedAs
from knowledge.models.topic import Stance, TopicKind
from knowledge.topics.seeding import seed_topics

MOMENT = datetime(2026, 11, 21, 9, 30, 15, 123456, tzinfo=UTC)
FAR = datetime(2099, 1, 1, tzinfo=UTC)
FLOATS = bytes(range(16))


async def fill_network(session: AsyncSession, document: Document, member: Member, organisation: Organisation) -> None:
    """Put rows into the tables of the network, about a document and a member of an organisation."""
    # As every database that was migrated; a restored one gets what is missing.
    await seed_topics(session)
    topic = Topic(key="muster", kind=TopicKind.FIELD, name_de="Öfen", name_en="Ovens", retired_at=MOMENT)
    other = Member(name="Karl Beispiel", search_name="karl beispiel", organisation_id=organisation.id, languages=["sq"])
    circle = Circle(name="Öfen", search_name="öfen", topics=["Öfen"], digest_day=None, digest_hour=17)
    session.add_all([topic, other, circle])
    await session.flush()
    handover = Handover(
        state=HandoverState.OFFERED,
        reason=HandoverReason.LEAVING,
        member_id=member.id,
        organisation_id=organisation.id,
        successor_id=other.id,
    )
    session.add(handover)
    await session.flush()
    document.steward_id, document.handover_id, document.review_asked_at = member.id, handover.id, MOMENT
    session.add_all(
        [
            TopicWord(topic_id=topic.id, word="Backöfen", folded="backöfen"),
            MemberTopic(member_id=member.id, topic_id=topic.id, stance=Stance.HELPS),
            DocumentTopic(document_id=document.id, topic_id=topic.id),
            Digest(circle_id=circle.id, due_at=FAR, since=MOMENT),
            Block(member_id=member.id, blocked_id=other.id),
        ]
    )
    question = await _fill_question(session, topic, member, other)
    await _fill_answer(session, question, other)
    await _fill_gap(session, question, topic)
    await _fill_mail(session, member)


async def _fill_question(session: AsyncSession, topic: Topic, member: Member, other: Member) -> OpenQuestion:
    question = OpenQuestion(
        text="Wer heizt noch mit Öfen? 🔥",
        member_id=member.id,
        organisation_id=member.organisation_id,
        released_as=ReleasedAs.NAME,
        vector=FLOATS,
        model="muster",
        routed_at=MOMENT,
    )
    session.add(question)
    await session.flush()
    about = {"open_question_id": question.id}
    session.add_all(
        [
            OpenQuestionTopic(topic_id=topic.id, **about),
            OpenQuestionFollower(member_id=other.id, **about),
            OpenQuestionTold(member_id=other.id, **about),
            OpenQuestionRoute(member_id=other.id, topic_id=topic.id, declined_at=MOMENT, **about),
        ]
    )
    request = ContactRequest(
        state=ContactState.OPEN,
        from_member_id=member.id,
        to_member_id=other.id,
        topic_id=topic.id,
        text="Darf ich anrufen?",
        expires_at=FAR,
        closes_at=FAR,
    )
    session.add(request)
    return question


async def _fill_answer(session: AsyncSession, question: OpenQuestion, other: Member) -> None:
    answer = OpenAnswer(
        open_question_id=question.id,
        member_id=other.id,
        organisation_id=other.organisation_id,
        answered_as=ReleasedAs.ANONYMOUS,
        described_as="eine Gemeinde in „Brandenburg“",
        text="Wir nicht mehr.",
        helped=True,
    )
    session.add(answer)
    await session.flush()
    message = OpenAnswerMessage(open_answer_id=answer.id, from_asker=True, text="Seit wann?\nWarum?")
    session.add(message)
    await session.flush()
    session.add(
        NetworkReport(
            open_question_id=question.id,
            open_answer_id=answer.id,
            message_id=message.id,
            member_id=other.id,
            reason=ReportReason.OFFENSIVE,
            text="Unhöflich",
        )
    )


async def _fill_gap(session: AsyncSession, question: OpenQuestion, topic: Topic) -> None:
    gap = Gap(state=GapState.OPEN, salt="ab" * 32, askers=3)
    session.add(gap)
    await session.flush()
    session.add(GapQuestion(gap_id=gap.id, open_question_id=question.id, asker="cd" * 32, vector=FLOATS, model="m"))
    session.add(GapTopic(gap_id=gap.id, topic_id=topic.id))


async def _fill_mail(session: AsyncSession, member: Member) -> None:
    address = ChatIdentity(network=Network.MAIL, address="jörg@ort.example", member_id=member.id)
    session.add(address)
    await session.flush()
    session.add(MailSubscription(identity_id=address.id, confirmed_at=MOMENT, digests=False, bounces=2))
