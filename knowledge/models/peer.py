"""Contact by double yes: who asked whom, and who does not want to be asked."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.kit.clock import now
from knowledge.kit.ids import new_id
from knowledge.models.base import Base, Identified
from knowledge.models.enums import stored_by_value


class ContactState(StrEnum):
    """Where a contact request stands."""

    OPEN = "open"
    # Both said yes: names and addresses are exchanged.
    ACCEPTED = "accepted"
    # For the asker the same as expired: "not available".
    DECLINED = "declined"
    # The one who was asked named a colleague, who was asked in turn (``passed_to_id``).
    PASSED_ON = "passed_on"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    # Taken as if sent, and brought to nobody: the person does not want to be asked, by this one or at all now.
    UNDELIVERED = "undelivered"


class ContactRequest(Identified):
    """Somebody wants to talk to one person; neither knows the other's name before both said yes.

    ``text`` holds the asker's words and is erased when the request is over; what was reported, when moderators have
    looked at it.
    """

    __tablename__ = "contact_requests"

    state: Mapped[ContactState] = mapped_column(stored_by_value(ContactState), default=ContactState.OPEN)
    from_member_id: Mapped[UUID | None] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), index=True)
    from_identity_id: Mapped[UUID | None] = mapped_column(ForeignKey("chat_identities.id", ondelete="SET NULL"))
    to_member_id: Mapped[UUID | None] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), index=True)
    # Whose staff was asked, also when the person is gone.
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"))
    topic_id: Mapped[UUID | None] = mapped_column(ForeignKey("topics.id", ondelete="SET NULL"))
    text: Mapped[str] = mapped_column(Text)
    passed_to_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("contact_requests.id", ondelete="SET NULL"), index=True
    )
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    decided_at: Mapped[datetime | None]
    # When the asker hears, where it came to nothing: never just when it was decided, so that the time tells nothing.
    closes_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_contact_requests_state_created_at", "state", "created_at"),)


class Block(Base):
    """A member wants no requests from another one, who never learns of it."""

    __tablename__ = "blocks"

    member_id: Mapped[UUID] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), primary_key=True)
    blocked_id: Mapped[UUID] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), primary_key=True, index=True)
    # What stands for it where its member sees it: never who is blocked, whom they need not know.
    key: Mapped[UUID] = mapped_column(default=new_id, unique=True)
    # They were asked for contact, and so know whose house it was.
    by_contact: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(default=now)
