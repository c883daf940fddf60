"""How people and groups come to belong: one-time codes, and the mail domains of organisations."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.kit.clock import now
from knowledge.models.base import Base, Identified
from knowledge.models.enums import stored_by_value
from knowledge.models.member import Role


class Purpose(StrEnum):
    """What a one-time code is for."""

    # A new member with a role and an organisation.
    MEMBER = "member"
    # Another chat identity of a member who is known.
    LINK = "link"
    # A new member whose address in an organisation's mail domain is being checked.
    MAIL = "mail"
    # A group becomes a circle's.
    CIRCLE = "circle"


class Invitation(Identified):
    """A one-time code. The code itself is not kept, a digest is."""

    __tablename__ = "invitations"

    purpose: Mapped[Purpose] = mapped_column(stored_by_value(Purpose))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[Role | None] = mapped_column(stored_by_value(Role))
    # The new member's name, where whoever invited gave one.
    name: Mapped[str | None] = mapped_column(String(200))
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"))
    member_id: Mapped[UUID | None] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    circle_id: Mapped[UUID | None] = mapped_column(ForeignKey("circles.id", ondelete="CASCADE"))
    # Who alone may use it: the person that asked for a code by mail.
    identity_id: Mapped[UUID | None] = mapped_column(ForeignKey("chat_identities.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class MailDomain(Base):
    """A mail domain that an administrator registered: whoever receives mail there works for the organisation."""

    __tablename__ = "mail_domains"

    # Lower case, in its ASCII form.
    domain: Mapped[str] = mapped_column(String(253), primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(default=now)
