"""What people are to be told by the bot because of something that happened elsewhere, such as in the hub."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.kit.clock import now
from knowledge.models.base import Identified


class Notice(Identified):
    """One thing to tell one person, written in the transaction of what happened and told once, after its commit.

    ``data`` holds identifiers and plain words for the text, which is made when it is told: only then it is known what
    the person may still see, and in which language they read. Either ``identity_id`` says where, ``member_id`` who,
    or ``circle_id`` in which group.
    """

    __tablename__ = "notices"

    kind: Mapped[str] = mapped_column(String(40))
    member_id: Mapped[UUID | None] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), index=True)
    identity_id: Mapped[UUID | None] = mapped_column(ForeignKey("chat_identities.id", ondelete="CASCADE"), index=True)
    # Or a circle: it is said in its group.
    circle_id: Mapped[UUID | None] = mapped_column(ForeignKey("circles.id", ondelete="CASCADE"), index=True)
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(default=now)
    # When it was handed to the chat, or dropped because there is no way to the person.
    told_at: Mapped[datetime | None] = mapped_column(index=True)
