"""That somebody asked to be forgotten, kept without the person so that no old backup brings them back."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.kit.clock import now
from knowledge.models.base import Base


class Erasure(Base):
    """A digest of somebody who was erased: of a chat network's address, or of a member's identifier.

    ``digest`` is made with ``key`` (see ``knowledge/privacy/digests.py``); it can be compared with somebody who is
    there, and names nobody.
    """

    __tablename__ = "erasures"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(64))
    erased_at: Mapped[datetime] = mapped_column(default=now)
