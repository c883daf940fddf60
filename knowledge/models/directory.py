"""Signing in with an organisation's own directory (OpenID Connect): providers, and links to members."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.kit.clock import now
from knowledge.models.base import Identified


class DirectoryProvider(Identified):
    """The directory of an organisation, as an administrator entered it. It vouches for people of this organisation."""

    __tablename__ = "directory_providers"

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    # What people read on the page for signing in.
    label: Mapped[str] = mapped_column(String(120))
    issuer: Mapped[str] = mapped_column(String(500))
    client_id: Mapped[str] = mapped_column(String(255))
    # Encrypted with a key that lies beside the database, never in it.
    client_secret: Mapped[str] = mapped_column(Text)
    # Whether people sign in with it now.
    enabled: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Whether somebody whom nobody knows yet becomes a member of the organisation, without a code.
    admits: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Who alone is admitted: addresses in these mail domains that the directory has checked (parted by commas) ...
    mail_domains: Mapped[str] = mapped_column(Text, default="", server_default="")
    # ... and people of whom this claim holds this value (``groups``: ``allmende``).
    claim: Mapped[str] = mapped_column(String(120), default="", server_default="")
    claim_value: Mapped[str] = mapped_column(String(200), default="", server_default="")
    # Whether what the directory says of a second factor counts here; ``acr`` values that mean one, parted by commas.
    counts_second_factor: Mapped[bool] = mapped_column(default=False, server_default=false())
    acr_values: Mapped[str] = mapped_column(Text, default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    changed_at: Mapped[datetime] = mapped_column(default=now)


class DirectoryLink(Identified):
    """A member's account in a directory: recognised by a digest, told to nobody."""

    __tablename__ = "directory_links"
    __table_args__ = (UniqueConstraint("provider_id", "digest"), UniqueConstraint("provider_id", "member_id"))

    provider_id: Mapped[UUID] = mapped_column(ForeignKey("directory_providers.id", ondelete="CASCADE"))
    # Of issuer and subject, made with a key that lies beside the database.
    digest: Mapped[str] = mapped_column(String(64))
    member_id: Mapped[UUID] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), index=True)
    linked_at: Mapped[datetime] = mapped_column(default=now)
    # To the day.
    last_used: Mapped[date | None]
