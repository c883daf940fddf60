"""How people get into the hub: one-time links, passwords with a second factor, sessions; and what protects them."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.kit.clock import now
from knowledge.models.base import Base, Identified
from knowledge.models.enums import stored_by_value


class LinkPurpose(StrEnum):
    """What a one-time link is for."""

    SIGN_IN = "sign_in"
    # Printed by a command for whoever runs the server: may also set a new password and second factor.
    RECOVERY = "recovery"


class SignInLink(Identified):
    """A one-time link into the hub. What is in the link is not kept, a digest is."""

    __tablename__ = "sign_in_links"

    digest: Mapped[str] = mapped_column(String(64), unique=True)
    purpose: Mapped[LinkPurpose] = mapped_column(stored_by_value(LinkPurpose))
    member_id: Mapped[UUID] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class Credential(Base):
    """A member's password and second factor; ``totp_secret`` counts once ``totp_confirmed_at`` is set."""

    __tablename__ = "credentials"

    member_id: Mapped[UUID] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), primary_key=True)
    # What the member signs in with, folded; chosen by the member.
    login: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    # Encrypted with a key that lies beside the database, never in it.
    totp_secret: Mapped[str | None] = mapped_column(String(300))
    totp_confirmed_at: Mapped[datetime | None]
    # The last time step whose code was used: a code works once.
    totp_step: Mapped[int | None]
    changed_at: Mapped[datetime] = mapped_column(default=now)


class RecoveryCode(Identified):
    """A code that stands in for the second factor once; only a digest is kept."""

    __tablename__ = "recovery_codes"

    member_id: Mapped[UUID] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), index=True)
    digest: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None]


class HubSession(Identified):
    """Somebody is signed in somewhere. The cookie is not kept, a digest is."""

    __tablename__ = "hub_sessions"

    digest: Mapped[str] = mapped_column(String(64), unique=True)
    member_id: Mapped[UUID] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), index=True)
    # The kind of browser and system in two words, for its owner to recognise ("Firefox, Linux").
    device: Mapped[str] = mapped_column(String(80), default="")
    # Whether a second factor was given: without it, only a member's rights.
    second_factor: Mapped[bool] = mapped_column(default=False)
    # Whether it began with a recovery link: for a while, password and second factor may be set without the old ones.
    recovery: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(default=now)
    # To a few minutes is enough.
    seen_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class SignInAttempts(Base):
    """How often something was tried in vain lately; ``key`` is a digest of what was tried from where."""

    __tablename__ = "sign_in_attempts"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int]
    since: Mapped[datetime] = mapped_column(index=True)


class KeptForm(Identified):
    """What somebody had typed when their session was over; it comes back after they signed in again."""

    __tablename__ = "kept_forms"

    # A digest of what the browser was given; only with it, and as the same member, the form is had again.
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    member_id: Mapped[UUID | None] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), index=True)
    path: Mapped[str] = mapped_column(Text)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class UsedForm(Base):
    """A form that was sent: sent once more, it leads to where the first one led and does nothing."""

    __tablename__ = "used_forms"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    location: Mapped[str] = mapped_column(Text)
    used_at: Mapped[datetime] = mapped_column(default=now, index=True)


class ModeratorScope(Identified):
    """What a moderator looks after, where it is not everything: contributions of an organisation, or with a topic."""

    __tablename__ = "moderator_scopes"

    member_id: Mapped[UUID] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), index=True)
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"))
    topic: Mapped[str | None] = mapped_column(String(200))
