"""What people want by e-mail; the address itself is a chat identity of the network „mail"."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, true
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.kit.clock import now
from knowledge.models.base import Base


class MailSubscription(Base):
    """What somebody wants by e-mail, each as they said, until they unsubscribe or their mail comes back."""

    __tablename__ = "mail_subscriptions"

    identity_id: Mapped[UUID] = mapped_column(ForeignKey("chat_identities.id", ondelete="CASCADE"), primary_key=True)
    # The person followed the link that was sent there; nothing else is sent before.
    confirmed_at: Mapped[datetime | None]
    # Also where there is a messenger.
    preferred: Mapped[bool] = mapped_column(default=False)
    # Answers to their questions and questions back; reminders; digests.
    answers: Mapped[bool] = mapped_column(default=True, server_default=true())
    reminders: Mapped[bool] = mapped_column(default=True, server_default=true())
    digests: Mapped[bool] = mapped_column(default=True, server_default=true())
    unsubscribed_at: Mapped[datetime | None]
    # On how many days mail came back without a long pause between them, when it did last, and since when nothing is
    # sent any more.
    bounces: Mapped[int] = mapped_column(default=0)
    last_bounce_at: Mapped[datetime | None]
    bounced_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
