"""What was said in conversations in the browser: kept so that every process of the hub can show them."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.kit.clock import now
from knowledge.models.base import Base
from knowledge.models.document import Number
from knowledge.models.enums import stored_by_value

# Identifiers of messages: a digest, or the key of an outgoing message.
MESSAGE_KEY = 64


class Direction(StrEnum):
    """Who said something: the person, or the bot."""

    IN = "in"
    OUT = "out"


class WebConversation(Base):
    """The conversation of somebody in the browser: with it goes all that was said there.

    ``spoken_at`` is when something was said last; a visitor's conversation is kept for a shorter time than a member's.
    """

    __tablename__ = "web_conversations"

    chat_id: Mapped[UUID] = mapped_column(ForeignKey("chats.id", ondelete="CASCADE"), primary_key=True)
    visitor: Mapped[bool]
    spoken_at: Mapped[datetime] = mapped_column(default=now, index=True)


class WebMessage(Base):
    """A message of a conversation in the browser.

    ``key`` is the message's identifier on the network: taking in, or sending, the same message twice leaves one.
    """

    __tablename__ = "web_messages"

    id: Mapped[int] = mapped_column(Number, primary_key=True)
    key: Mapped[str] = mapped_column(String(MESSAGE_KEY), unique=True)
    chat_id: Mapped[UUID] = mapped_column(ForeignKey("web_conversations.chat_id", ondelete="CASCADE"))
    direction: Mapped[Direction] = mapped_column(stored_by_value(Direction))
    # Blocks of spans: [[kind, [[text, style, link], …]], …].
    blocks: Mapped[list[Any]] = mapped_column(JSON, default=list)
    # What can be chosen below it, [[key, label, emoji, address], …], and what was.
    choices: Mapped[list[Any]] = mapped_column(JSON, default=list)
    pressed: Mapped[str | None] = mapped_column(String(40))
    # Put together by the machine from quotations.
    automatic: Mapped[bool] = mapped_column(default=False)
    # A file that came with it: name, media type, what a picture shows, its width and height.
    file: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (Index("ix_web_messages_chat", "chat_id", "id"), {"sqlite_autoincrement": True})


class WebFile(Base):
    """What is in a file of a message: pictures as long as the message, others for a shorter time."""

    __tablename__ = "web_files"

    message_id: Mapped[int] = mapped_column(ForeignKey("web_messages.id", ondelete="CASCADE"), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    picture: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)
