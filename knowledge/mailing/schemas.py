"""What the rest of the system knows of somebody's e-mail."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from knowledge.mailing.kinds import CONFIRM, ON_REQUEST, MailWish, wish_of


@dataclass(frozen=True, slots=True)
class Wishes:
    """What somebody wants by e-mail; ``preferred``: also where they have a messenger."""

    answers: bool = True
    reminders: bool = True
    digests: bool = True
    preferred: bool = False

    def wants(self, wish: MailWish) -> bool:
        """Whether this is wanted."""
        return {
            MailWish.ANSWERS: self.answers,
            MailWish.REMINDERS: self.reminders,
            MailWish.DIGESTS: self.digests,
        }[wish]

    @property
    def nothing(self) -> bool:
        """Whether nothing at all is wanted."""
        return not any(self.wants(wish) for wish in MailWish)


@dataclass(frozen=True, slots=True)
class MailEntry:
    """An address with what is wanted there. ``bounced_at``: since when nothing is sent because mail came back."""

    identity_id: UUID
    member_id: UUID | None
    address: str
    language: str | None
    wishes: Wishes
    confirmed_at: datetime | None
    unsubscribed_at: datetime | None
    bounces: int
    last_bounce_at: datetime | None
    bounced_at: datetime | None
    created_at: datetime

    @property
    def is_confirmed(self) -> bool:
        """Whether its owner followed the link that was sent there."""
        return self.confirmed_at is not None

    def takes(self, kind: str) -> bool:
        """Whether a kind of message goes there; the database is asked the same in ``NoticeRepository.way_to``."""
        if kind == CONFIRM:
            return True
        if not self.is_confirmed or self.bounced_at is not None:
            return False
        if kind in ON_REQUEST:
            return True
        wish = wish_of(kind)
        return self.unsubscribed_at is None and (wish is None or self.wishes.wants(wish))
