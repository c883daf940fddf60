"""What a conversation needs to go on: exchanges, the messages sent, votes, watches, dialogues.

A question's words and its answer's trace (see ``answer.py``) know no person. The only links between the two and a
person are in these tables, and each has an expiry that a worker carries out.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.kit.clock import now
from knowledge.models.base import Base, Identified
from knowledge.models.chat import ADDRESS, Network
from knowledge.models.enums import stored_by_value


class Exchange(Identified):
    """A question and what the bot answered to it, in a place where the person may come back to it."""

    __tablename__ = "exchanges"

    chat_id: Mapped[UUID] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"))
    # The network's identifier of the thread or topic; empty where there is none.
    thread: Mapped[str | None] = mapped_column(String(ADDRESS))
    # The network's identifier of the message that asked.
    question_event: Mapped[str] = mapped_column(String(ADDRESS))
    # Who asked; emptied when the link expires.
    asker_id: Mapped[UUID | None] = mapped_column(ForeignKey("chat_identities.id", ondelete="SET NULL"), index=True)
    question_id: Mapped[UUID | None] = mapped_column(ForeignKey("questions.id", ondelete="SET NULL"), index=True)
    answer_id: Mapped[UUID | None] = mapped_column(ForeignKey("answers.id", ondelete="SET NULL"), index=True)
    # The exchange that this one is a follow-up of, or the same question asked elsewhere („Nur für mich").
    follows_id: Mapped[UUID | None] = mapped_column(ForeignKey("exchanges.id", ondelete="SET NULL"))
    # Makes the voters of this exchange unrecognisable, and is erased with the link to the asker.
    vote_salt: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime] = mapped_column(index=True)

    __table_args__ = (
        Index("ix_exchanges_chat_thread", "chat_id", "thread", "created_at"),
        Index("ix_exchanges_chat_question_event", "chat_id", "question_event"),
    )


class SentMessage(Base):
    """A message of the bot that somebody may come back to: reply to it, press its choices, have it corrected."""

    __tablename__ = "sent_messages"

    network: Mapped[Network] = mapped_column(stored_by_value(Network), primary_key=True)
    # On networks that number messages per chat, the chat is part of the identifier ("<chat>/<number>").
    event: Mapped[str] = mapped_column(String(ADDRESS + 64), primary_key=True)
    chat_id: Mapped[UUID] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"))
    exchange_id: Mapped[UUID | None] = mapped_column(ForeignKey("exchanges.id", ondelete="CASCADE"), index=True)
    # Which part of a text that was split, from 0 on.
    position: Mapped[int]
    # What can be chosen below it: [[key, emoji], …].
    choices: Mapped[list[Any]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Vote(Identified):
    """Whether an answer helped; who said so is not kept.

    ``voter`` is a digest of the person with the exchange's salt: it lets somebody change their mind as long as the
    exchange lives, and says nothing once the salt is gone.
    """

    __tablename__ = "votes"

    answer_id: Mapped[UUID] = mapped_column(ForeignKey("answers.id", ondelete="CASCADE"))
    voter: Mapped[str | None] = mapped_column(String(64))
    helpful: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (UniqueConstraint("answer_id", "voter"),)


class Watch(Identified):
    """Somebody wants to hear when something that fits an unanswered question is published („Bescheid geben")."""

    __tablename__ = "watches"

    question_id: Mapped[UUID] = mapped_column(ForeignKey("questions.id", ondelete="CASCADE"))
    identity_id: Mapped[UUID] = mapped_column(ForeignKey("chat_identities.id", ondelete="CASCADE"))
    # Where the question was asked: they are told there if it was a direct chat, and in their direct chat otherwise.
    chat_id: Mapped[UUID | None] = mapped_column(ForeignKey("chats.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    told_at: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("question_id", "identity_id"),)


class Dialogue(Identified):
    """A guided dialogue that somebody is in, or has left with its draft kept."""

    __tablename__ = "dialogues"

    identity_id: Mapped[UUID] = mapped_column(ForeignKey("chat_identities.id", ondelete="CASCADE"))
    chat_id: Mapped[UUID] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(40))
    step: Mapped[str] = mapped_column(String(40))
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    # Whether the person's next message belongs to it.
    active: Mapped[bool] = mapped_column(default=True)
    updated_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime] = mapped_column(index=True)

    __table_args__ = (UniqueConstraint("identity_id", "chat_id", "name"),)
