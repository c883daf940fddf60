"""Tokens for programs, and what was created with them lately, so that the same request creates nothing twice."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Date, ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.kit.clock import now
from knowledge.models.base import Base, Identified
from knowledge.models.enums import stored_by_value


class TokenKind(StrEnum):
    """Whose token it is."""

    # A member's own; acts as the member, within its scopes.
    PERSONAL = "personal"
    # Of another system; finds what an organisation's members find, or what is public, and changes nothing.
    SERVICE = "service"


class ApiToken(Identified):
    """A token for programs. The token itself is not kept, a digest is."""

    __tablename__ = "api_tokens"

    digest: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[TokenKind] = mapped_column(stored_by_value(TokenKind))
    # What its owner calls it ("Terminkalender").
    name: Mapped[str] = mapped_column(String(100))
    # Its first characters, to tell one from another.
    hint: Mapped[str] = mapped_column(String(20))
    # Values of ``TokenScope``.
    scopes: Mapped[list[str]] = mapped_column(JSON)
    # Whose it is; empty for services.
    member_id: Mapped[UUID | None] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), index=True)
    # Whose view a service has; empty: what is public.
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    # Who made a service's token, while that person is a member.
    made_by: Mapped[UUID | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"), index=True)
    # Whether a second factor was given when it was made: without it, only a member's rights.
    second_factor: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    # When it was used last, to the day.
    used_on: Mapped[date | None] = mapped_column(Date)
    revoked_at: Mapped[datetime | None]


class ApiRequest(Base):
    """A request that created something and was sent with a key: sent again, it gets the same answer."""

    __tablename__ = "api_requests"

    # A digest of the token, the operation and the caller's key.
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    token_id: Mapped[UUID] = mapped_column(ForeignKey("api_tokens.id", ondelete="CASCADE"), index=True)
    # A digest of what was sent.
    request: Mapped[str] = mapped_column(String(64))
    # The answer: its status, headers and content.
    status: Mapped[int]
    headers: Mapped[dict[str, str]] = mapped_column(JSON)
    body: Mapped[Any | None] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)
