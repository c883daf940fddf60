"""Open questions: released to the network by their askers, answered by colleagues, followed by whoever has them too."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.kit.clock import now
from knowledge.models.base import Base, Identified
from knowledge.models.contribution import ReportReason
from knowledge.models.document import Visibility
from knowledge.models.enums import stored_by_value


class ReleasedAs(StrEnum):
    """As whom somebody asks or answers."""

    # With name and organisation.
    NAME = "name"
    ORGANISATION = "organisation"
    # Described so coarsely that at least five municipalities fit (``described_as``), or not at all.
    ANONYMOUS = "anonymous"


class OpenQuestionState(StrEnum):
    """Where an open question stands."""

    OPEN = "open"
    # The asker marked an answer as what helped.
    ANSWERED = "answered"
    # What answers it is in the library (``document_id``).
    PUBLISHED = "published"
    # The asker took it back; its words are erased.
    WITHDRAWN = "withdrawn"


class OpenQuestion(Identified):
    """A question that its asker released to the network; it stays when the asker goes, unless they take it back.

    ``text`` holds the words as released, which may differ from those that were asked (``question_id``).
    """

    __tablename__ = "open_questions"

    question_id: Mapped[UUID | None] = mapped_column(ForeignKey("questions.id", ondelete="SET NULL"), index=True)
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(2), default="de")
    state: Mapped[OpenQuestionState] = mapped_column(stored_by_value(OpenQuestionState), default=OpenQuestionState.OPEN)
    member_id: Mapped[UUID | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"), index=True)
    # The chat identity that released it: what happens to it is told there.
    identity_id: Mapped[UUID | None] = mapped_column(ForeignKey("chat_identities.id", ondelete="SET NULL"), index=True)
    # Whose question it is for the network, whoever may know that.
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    released_as: Mapped[ReleasedAs] = mapped_column(stored_by_value(ReleasedAs))
    described_as: Mapped[str | None] = mapped_column(Text)
    # „network": verified members where the house rules; „public": also members on a foreign network such as Telegram.
    visibility: Mapped[Visibility] = mapped_column(stored_by_value(Visibility), default=Visibility.NETWORK)
    # What answers it, where something in the library does.
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("documents.id", ondelete="SET NULL"), index=True)
    # The embedding of its words as 32-bit floats, and the model that made it: similar ones are found by it.
    vector: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    model: Mapped[str | None] = mapped_column(String(200))
    revision: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)
    # Only what is published from here on counts as news: set anew when the asker says that something was not it.
    news_since: Mapped[datetime] = mapped_column(default=now)
    # When it was last brought to people and circles, for those who came since.
    routed_at: Mapped[datetime | None]
    # When the competence centre was reminded, when it was put among the gaps, and when it stopped being open.
    reminded_at: Mapped[datetime | None]
    overdue_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_open_questions_state_created_at", "state", "created_at"),)


class OpenQuestionTopic(Base):
    """A topic of an open question: suggested from its words, chosen by its asker."""

    __tablename__ = "open_question_topics"

    open_question_id: Mapped[UUID] = mapped_column(
        ForeignKey("open_questions.id", ondelete="CASCADE"), primary_key=True
    )
    topic_id: Mapped[UUID] = mapped_column(ForeignKey("topics.id", ondelete="CASCADE"), primary_key=True, index=True)


class OpenQuestionFollower(Identified):
    """Somebody has the same question („betrifft uns auch")."""

    __tablename__ = "open_question_followers"

    open_question_id: Mapped[UUID] = mapped_column(ForeignKey("open_questions.id", ondelete="CASCADE"))
    member_id: Mapped[UUID] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), index=True)
    # Where they joined: they are told there.
    identity_id: Mapped[UUID | None] = mapped_column(ForeignKey("chat_identities.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (UniqueConstraint("open_question_id", "member_id"),)


class OpenQuestionTold(Base):
    """That somebody was told that a document answers an open question: each of them once."""

    __tablename__ = "open_question_told"

    open_question_id: Mapped[UUID] = mapped_column(
        ForeignKey("open_questions.id", ondelete="CASCADE"), primary_key=True
    )
    member_id: Mapped[UUID] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), primary_key=True, index=True)
    told_at: Mapped[datetime] = mapped_column(default=now)


class OpenQuestionRoute(Identified):
    """That an open question was brought to a circle, or to one person who offered help with its topic."""

    __tablename__ = "open_question_routes"

    open_question_id: Mapped[UUID] = mapped_column(ForeignKey("open_questions.id", ondelete="CASCADE"))
    circle_id: Mapped[UUID | None] = mapped_column(ForeignKey("circles.id", ondelete="CASCADE"))
    member_id: Mapped[UUID | None] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    # Why there: the topic that both share.
    topic_id: Mapped[UUID | None] = mapped_column(ForeignKey("topics.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    # The person said that they cannot help with this one.
    declined_at: Mapped[datetime | None]

    # The circle had enough posts that week: its digest brings the question instead.
    by_digest: Mapped[bool] = mapped_column(default=False, server_default=false())

    __table_args__ = (
        UniqueConstraint("open_question_id", "circle_id"),
        UniqueConstraint("open_question_id", "member_id"),
        Index("ix_open_question_routes_member_created_at", "member_id", "created_at"),
        Index("ix_open_question_routes_circle_created_at", "circle_id", "created_at"),
        Index("ix_open_question_routes_created_at", "created_at"),
    )


class OpenAnswer(Identified):
    """What a colleague answered to an open question, and what the two wrote to each other about it (messages)."""

    __tablename__ = "open_answers"

    open_question_id: Mapped[UUID] = mapped_column(ForeignKey("open_questions.id", ondelete="CASCADE"), index=True)
    member_id: Mapped[UUID | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"), index=True)
    identity_id: Mapped[UUID | None] = mapped_column(ForeignKey("chat_identities.id", ondelete="SET NULL"), index=True)
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"))
    answered_as: Mapped[ReleasedAs] = mapped_column(stored_by_value(ReleasedAs), default=ReleasedAs.ORGANISATION)
    described_as: Mapped[str | None] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    # Whether the asker says that it helped; unknown as long as they said nothing.
    helped: Mapped[bool | None]
    # When its author was told that it helped: once, however often the asker changes their mind.
    thanked_at: Mapped[datetime | None]
    # What it became with the answerer's yes.
    contribution_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("contributions.id", ondelete="SET NULL"), index=True
    )
    created_at: Mapped[datetime] = mapped_column(default=now)
    withdrawn_at: Mapped[datetime | None]


class OpenAnswerMessage(Identified):
    """A question back or a word more, between asker and answerer, through the bot."""

    __tablename__ = "open_answer_messages"

    open_answer_id: Mapped[UUID] = mapped_column(ForeignKey("open_answers.id", ondelete="CASCADE"), index=True)
    from_asker: Mapped[bool]
    member_id: Mapped[UUID | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"), index=True)
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=now)


class NetworkReport(Identified):
    """Somebody reported what was written to the network: a question, an answer, a message, or a contact request."""

    __tablename__ = "network_reports"

    open_question_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("open_questions.id", ondelete="CASCADE"), index=True
    )
    open_answer_id: Mapped[UUID | None] = mapped_column(ForeignKey("open_answers.id", ondelete="CASCADE"), index=True)
    message_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("open_answer_messages.id", ondelete="CASCADE"), index=True
    )
    contact_request_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("contact_requests.id", ondelete="CASCADE"), index=True
    )
    member_id: Mapped[UUID | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"), index=True)
    reason: Mapped[ReportReason] = mapped_column(stored_by_value(ReportReason))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=now)
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))

    __table_args__ = (Index("ix_network_reports_closed_at_created_at", "closed_at", "created_at"),)
