"""The change log: which documents the words indexes of all hosts have to look at again."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.models.base import Base
from knowledge.models.document import Number


class IndexChange(Base):
    """One document changed; written in the transaction of the change and never changed, only forgotten.

    A row is forgotten once a later one names the same document, so that whoever reads on from any place still meets
    every document that changed after it. There is no foreign key: of a document that is gone, the indexes have to
    hear, too.
    """

    __tablename__ = "index_changes"

    number: Mapped[int] = mapped_column(Number, primary_key=True)
    document: Mapped[UUID]
    # The number of the writing transaction on PostgreSQL, by which readers know what they may yet have to see; 0 on
    # SQLite, where changes become visible in the order of their numbers.
    transaction_id: Mapped[int] = mapped_column(BigInteger, default=0, server_default=text("0"))
    moment: Mapped[datetime]

    __table_args__ = (
        Index("ix_index_changes_transaction_id_number", "transaction_id", "number"),
        Index("ix_index_changes_document", "document"),
        {"sqlite_autoincrement": True},
    )
