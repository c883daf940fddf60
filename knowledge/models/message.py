"""Messages on their way: what came in and is not handled yet, and what goes out."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.kit.clock import now
from knowledge.kit.ids import new_id
from knowledge.models.base import Base
from knowledge.models.chat import ADDRESS, Network
from knowledge.models.document import Number
from knowledge.models.enums import stored_by_value


class IncomingEvent(Base):
    """An event of a network that is for the bot: in our custody from before it is acknowledged until it is handled.

    The row outlives its handling for some days, without content, so that an event that is delivered again does
    nothing.
    """

    __tablename__ = "incoming_events"

    id: Mapped[int] = mapped_column(Number, primary_key=True)
    network: Mapped[Network] = mapped_column(stored_by_value(Network))
    # The network's identifier of the event.
    event: Mapped[str] = mapped_column(String(ADDRESS))
    # Emptied when it was handled.
    payload: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    attempts: Mapped[int] = mapped_column(default=0)
    received_at: Mapped[datetime] = mapped_column(default=now)
    handled_at: Mapped[datetime | None] = mapped_column(index=True)

    __table_args__ = (
        Index("ix_incoming_events_network_event", "network", "event", unique=True),
        {"sqlite_autoincrement": True},
    )


class Cursor(Base):
    """How far a network's events were taken into custody (Matrix: sync token; Telegram: offset)."""

    __tablename__ = "chat_cursors"

    # The network and the bot's own account there.
    account: Mapped[str] = mapped_column(String(ADDRESS + 20), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[datetime] = mapped_column(default=now)


class SendState(StrEnum):
    """Where an outgoing message stands."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class OutgoingMessage(Base):
    """What the bot says, written in the transaction that decided it and sent after its commit.

    ``key`` stays the same however often sending is tried: on Matrix it is the transaction id, which makes sending
    happen exactly once. The content is erased when it was sent.
    """

    __tablename__ = "outgoing_messages"

    id: Mapped[int] = mapped_column(Number, primary_key=True)
    key: Mapped[UUID] = mapped_column(default=new_id, unique=True)
    network: Mapped[Network] = mapped_column(stored_by_value(Network))
    # The network's address of the chat; messages to one chat go out in the order of their ids.
    chat: Mapped[str] = mapped_column(String(ADDRESS))
    payload: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    state: Mapped[SendState] = mapped_column(stored_by_value(SendState), default=SendState.WAITING)
    exchange_id: Mapped[UUID | None] = mapped_column(ForeignKey("exchanges.id", ondelete="SET NULL"), index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    run_at: Mapped[datetime] = mapped_column(default=now)
    # The name of the error, never its text.
    error: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(default=now)
    sent_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_outgoing_messages_state_network_chat", "state", "network", "chat", "id"),
        {"sqlite_autoincrement": True},
    )
