"""Who talks to the bot and where: identities on a chat network, chats, and the circles that groups are linked to."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.kit.clock import now
from knowledge.models.base import Identified
from knowledge.models.enums import stored_by_value

# Long enough for a Matrix identifier, which has at most 255 bytes.
ADDRESS = 255


class Network(StrEnum):
    """Where people chat."""

    MATRIX = "matrix"
    TELEGRAM = "telegram"
    TERMINAL = "terminal"
    # One way: what the bot says, for people without a messenger.
    MAIL = "mail"
    # The hub's own pages; each process of the hub answers what it is asked.
    WEB = "web"


class ChatKind(StrEnum):
    """Whether one person or several read along."""

    DIRECT = "direct"
    GROUP = "group"


class ChatIdentity(Identified):
    """Somebody on a chat network; a verified member may have several.

    ``address`` is the network's own identifier (a Matrix user id, a Telegram user id). Display names are not kept.
    """

    __tablename__ = "chat_identities"

    network: Mapped[Network] = mapped_column(stored_by_value(Network))
    address: Mapped[str] = mapped_column(String(ADDRESS))
    # Empty while the person is not verified: such people find what is public.
    member_id: Mapped[UUID | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"), index=True)
    # Said by the person and never checked: for the Land that answers are for, not for what may be found.
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id", ondelete="SET NULL"))
    language: Mapped[str | None] = mapped_column(String(2))
    # When the person was told what the bot is and keeps.
    introduced_at: Mapped[datetime | None]
    # When the person was warned that this network is a foreign house.
    warned_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    seen_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (Index("ix_chat_identities_network_address", "network", "address", unique=True),)


class Chat(Identified):
    """A direct chat or a group in which the bot is."""

    __tablename__ = "chats"

    network: Mapped[Network] = mapped_column(stored_by_value(Network))
    address: Mapped[str] = mapped_column(String(ADDRESS))
    kind: Mapped[ChatKind] = mapped_column(stored_by_value(ChatKind))
    # Whose direct chat it is; empty for groups.
    identity_id: Mapped[UUID | None] = mapped_column(ForeignKey("chat_identities.id", ondelete="CASCADE"), index=True)
    # When the bot told the group what it does and keeps, and the last day on which newcomers were told in the group.
    introduced_at: Mapped[datetime | None]
    newcomers_told_on: Mapped[date | None]
    # The day on which somebody was last told that what was asked during an outage is too old to be answered.
    outage_told_at: Mapped[datetime | None]
    paused: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (Index("ix_chats_network_address", "network", "address", unique=True),)


class Circle(Identified):
    """A working circle: a group with topics and settings of its own; its documents outlive the group's chat."""

    __tablename__ = "circles"

    name: Mapped[str] = mapped_column(String(200))
    # The name without case, for looking it up.
    search_name: Mapped[str] = mapped_column(String(400), unique=True)
    chat_id: Mapped[UUID | None] = mapped_column(ForeignKey("chats.id", ondelete="SET NULL"), unique=True)
    language: Mapped[str | None] = mapped_column(String(2))
    topics: Mapped[list[str]] = mapped_column(JSON, default=list)
    # Since when a moderator vouches that all of the group are members of the network, and who said so.
    vouched_at: Mapped[datetime | None]
    vouched_by: Mapped[UUID | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    # „Fragen erkennen": since when the bot may offer an answer to what is clearly a question.
    recognises_since: Mapped[datetime | None]
    # When the digest comes: the day of the week (0 is Monday; empty: never) and the hour, in the hub's time zone.
    digest_day: Mapped[int | None] = mapped_column(default=0, server_default="0")
    digest_hour: Mapped[int] = mapped_column(default=8, server_default="8")
    created_at: Mapped[datetime] = mapped_column(default=now)
