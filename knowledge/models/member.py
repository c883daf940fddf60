"""People who take part, with the organisation they work for and what they may do."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.kit.clock import now
from knowledge.models.base import Identified
from knowledge.models.enums import stored_by_value


class Role(StrEnum):
    """What a member may do; each role may also do what the ones before it may."""

    MEMBER = "member"
    MODERATOR = "moderator"
    PUBLISHER = "publisher"
    ADMINISTRATOR = "administrator"


class Findable(StrEnum):
    """Whether peers may find a member; said by themselves, never inferred."""

    OFF = "off"
    ON = "on"
    # Everything declared is kept, and nobody is brought to them.
    PAUSED = "paused"


class Member(Identified):
    """A person; names need not be unique, the identifier is."""

    __tablename__ = "members"

    name: Mapped[str] = mapped_column(String(200))
    # The name without case, as databases disagree on the case of umlauts.
    search_name: Mapped[str] = mapped_column(String(400), index=True)
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    role: Mapped[Role] = mapped_column(stored_by_value(Role), default=Role.MEMBER)
    active: Mapped[bool] = mapped_column(default=True)
    # May sign in nowhere and do nothing until an administrator lifts it.
    suspended_at: Mapped[datetime | None]
    # Whether this person releases the contributions of their own organisation, where it wants that.
    releases: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Whether peers may find this person by what they declared (knowledge/models/topic.py).
    findable: Mapped[Findable] = mapped_column(
        stored_by_value(Findable), default=Findable.OFF, server_default=Findable.OFF.value
    )
    # The languages that they said they speak, as codes of two letters, or three (Sorbian).
    languages: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    # When their own digest comes (empty: never): the day of the week (0 is Monday) and the hour.
    digest_day: Mapped[int | None]
    digest_hour: Mapped[int] = mapped_column(default=8, server_default="8")
    # When they were asked whether they still take part, after a year of silence.
    asked_unused_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
